"""What figures of `callcentre stats` and columns of `callcentre export` mean, and where formulas are from.

A name may hold `<kind>` (a kind of text), `<state>` (the state of a text) or `<who>` (who cancelled a callback).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from callcentre.statistics.export import ExportKind


@dataclass(frozen=True, slots=True)
class Definition:
    """One or more figures that are explained together. `source` is where the formula comes from."""

    names: tuple[str, ...]
    meaning: str
    source: str = ""


FIGURES: Final = (
    Definition(("offered",), "visits to the queue; back from the exit key is the same visit"),
    Definition(
        ("answered", "abandoned", "timed_out", "left_otherwise"),
        "visits by the reason of `queue.left`. Answered is a caller who was bridged with an agent: one whose agent "
        "hung up in the Gosub before that left otherwise (`agent_gone`)",
    ),
    Definition(("short_abandoned",), "of `abandoned`, those who waited less than `--short-abandon` (5 s)"),
    Definition(("waiting",), "callers who wait still"),
    Definition(
        ("service_level",),
        "answered within T ÷ (answered + abandoned after T); T is `--service-level` (20 s)",
        "usual in call centres; callers who hang up within T count neither way",
    ),
    Definition(("abandon_rate",), "abandoned ÷ offered"),
    Definition(
        ("asa",),
        "mean wait of answered calls (average speed of answer): until `app_queue` lets the caller go, after "
        "`memberdelay` and the announcement to the agent",
    ),
    Definition(("longest_wait",), "the longest of all waits"),
    Definition(
        ("handle_time",),
        "mean talk of answered calls, from the bridge with the agent until the caller's channel is gone or a transfer "
        "brings the caller into another queue; no after-call work",
    ),
    Definition(
        ("estimate_error_p50", "estimate_error_p90", "estimates"),
        "the difference between the wait estimated at joining and the wait until the answer, without its sign: what 50 "
        "% and 90 % do not exceed (nearest rank), over `estimates` answered calls",
    ),
    Definition(("callbacks_offered",), "calls that were offered a callback, however often"),
    Definition(("callbacks_accepted",), "callbacks that were promised"),
    Definition(
        (
            "callbacks_open",
            "callbacks_completed",
            "callbacks_cancelled",
            "callbacks_failed",
            "callbacks_expired",
        ),
        "what became of the promised",
    ),
    Definition(
        ("callbacks_closed_by_<who>",),
        "of the cancelled, who did it: `sms`, `auto_agent`, `customer`, `caller_returned`, `staff`, `api`",
    ),
    Definition(("callback_attempts", "attempts_per_success"), "calls to customers; these ÷ completed"),
    Definition(
        ("places_kept", "places_not_kept"),
        "of the connected: whether the queue answered no more calls between promise and connection than were before "
        "the callback at the promise",
    ),
    Definition(
        ("callbacks_noticed", "notices_answered"),
        "callbacks that a notice announced, and those whose notice was answered",
    ),
    Definition(
        ("sms", "sms_<state>", "sms_<kind>", "sms_<kind>_<state>"),
        "texts, by kind and by latest state: `queued`, `accepted`, `delivered`, `failed`, `refused`",
    ),
    Definition(("sms_parts", "sms_<kind>_parts"), "parts of the texts that were handed to the gateway"),
    Definition(("welcome_sent",), "welcome texts that were handed to the gateway"),
    Definition(
        ("surveys_sent", "surveys_answered", "response_rate"),
        "people asked; of these who gave a valid answer; their share",
    ),
    Definition(
        ("csat", "csat_answers"), "answers of 4 and 5 ÷ answers (`csat_answers`)", "top two boxes of a scale of five"
    ),
    Definition(
        ("nps", "nps_answers"),
        "% of 9 and 10 − % of 0 to 6, from −100 to 100, over `nps_answers`",
        'F. Reichheld, "The One Number You Need to Grow", Harvard Business Review, December 2003',
    ),
    Definition(
        ("ces", "ces_answers"),
        "mean, on a scale of seven, over `ces_answers`",
        'M. Dixon, K. Freeman, N. Toman, "Stop Trying to Delight Your Customers", Harvard Business Review, July 2010',
    ),
    Definition(
        ("response_rate_low", "response_rate_high", "csat_low", "csat_high"),
        "95 % score interval",
        "E. B. Wilson, Journal of the American Statistical Association 22 (1927), 209-212",
    ),
    Definition(
        ("nps_low", "nps_high", "ces_low", "ces_high"),
        "95 % interval of a mean: mean ± t × s ÷ √n; for NPS the mean of 100, 0 and −100",
        "Student, Biometrika 6 (1908), 1-25",
    ),
)

_PERSON: Final = {
    "service": "the key of the service",
    "queue": "the queue",
    "number": "the person's number, masked",
    "caller": "a keyed hash that distinguishes people",
}
_AGENT: Final = {"agent": "the agent's device", "agent_name": "the agent's name, where the queue knows it"}

COLUMNS: Final[Mapping[ExportKind, Mapping[str, str]]] = {
    "calls": {
        "at": "when the caller joined the queue",
        **_PERSON,
        "call": "Asterisk's unique id of the caller's channel",
        "position": "the place at joining",
        "waiting": "the callers who waited then, this one included",
        "estimated_wait": "the wait that was estimated then, in seconds",
        "left": "when the caller waited no more",
        "outcome": "the reason of `queue.left`; empty while the caller waits",
        "wait": "seconds in the queue",
        "talk": "seconds of talk with the agent",
        **_AGENT,
    },
    "callbacks": {
        "at": "when it was promised",
        **_PERSON,
        "callback": "the callback's id",
        "by": "who took it: customer, api, staff",
        "position": "the place at the promise",
        "state": "open, completed, cancelled, failed, expired",
        "ended": "when it was over",
        "ended_by": "of a cancelled one, who did it",
        "reason": "why it ended or was postponed",
        "attempts": "calls to the customer",
        "connected": "when an agent talked with the customer",
        "wait": "seconds that the customer waited on the line",
        **_AGENT,
        "place_kept": "whether the queue answered no more calls than were before it",
        "notice": "how far the notice came",
        "notice_by": "sms or voice",
    },
    "messages": {
        "at": "when it was ordered",
        **_PERSON,
        "call": "the call that it belongs to",
        "message": "the text's id",
        "kind": "the kind of text",
        "parts": "the messages that it takes",
        "state": "queued, accepted, delivered, failed, refused",
        "reason": "why it failed or was refused",
        "changed": "when the state was reached",
    },
    "surveys": {
        "at": "when the answer came",
        "service": "the key of the service",
        "queue": "the queue",
        **_AGENT,
        "call": "the call that was asked about",
        "survey": "the survey's id",
        "question": "the question's id",
        "answer": "the words that the person wrote",
        "value": "what the answer counts as",
        "metric": "csat, nps, ces or none",
        "caller": "a keyed hash that distinguishes people",
        "wait": "seconds that the person had waited in the queue",
        "talk": "seconds of the conversation",
    },
}
