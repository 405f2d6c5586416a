"""A fact of the daemon's log in plain words."""

from __future__ import annotations

from typing import Any

from callcentre.config.settings import Service
from callcentre.config.times import format_duration
from callcentre.features.welcome.settings import WelcomeSettings

Fact = dict[str, Any]


def in_words(fact: Fact, who: str, service: Service) -> str | None:
    """What the fact says of `who`; None when the fact beside it says as much."""
    match fact:
        case {"event": "queue.joined", "position": position, "waiting": waiting}:
            return f"sees {who} in the queue: place {position} of {waiting}"
        case {"event": "queue.answered", "agent_name": agent, "wait": wait}:
            return f"sees {agent} answer {who}, who waited {wait:.1f} s"
        case {"event": "sms.accepted" | "callback.declined" | "callback.queued" | "callback.connected"}:
            return None
        case {"event": "queue.left", "reason": "answered"}:
            return None
        case {"event": "queue.left", "reason": "abandoned", "wait": wait}:
            return f"sees {who} give up after {wait:.1f} s"
        case {"event": "queue.left", "reason": "unknown", "wait": wait}:
            return f'finds {who} gone; it saw {wait:.1f} s of the wait and not how it ended, and says so: "unknown"'
        case {"event": "call.ended", "wait": wait, "talk": talk}:
            return f"sees {who}'s call end: {wait:.1f} s of waiting, {talk:.1f} s of talk"
        case {"event": "welcome.skipped", "reason": reason}:
            welcome = service.section(WelcomeSettings)
            why = reason if welcome is None else why_no_welcome(reason, welcome)
            return f"sends {who} no welcome text: {why}"
        case {"event": str(event)} if event.startswith("survey."):
            return of_a_survey(fact, who)
        case {"event": str(event)} if event.startswith("notice."):
            return of_a_notice(fact, who)
        case {"event": str(event)} if event.startswith("callback."):
            return of_a_callback(fact, who)
        case {"event": "sms.queued", "kind": "callback_confirmation" | "callback_cancelled"}:
            return f"stores a text that confirms it to {who}"
        case {"event": "sms.queued", "kind": "callback_notice" | "survey"}:
            return None
        case {"event": "sms.queued"}:
            return f"decides to greet {who} and stores that; only then is anything sent"
        case {"event": "sms.delivered"}:
            return f"hears from the gateway that the text reached {who}"
        case {"event": "sms.received"}:
            return f"receives a text from {who}"
        case {"event": "number.opted_out"}:
            return f"notes that {who} wants no texts any more, of whatever kind"
        case _:
            return as_it_is(fact)


def as_it_is(fact: Fact) -> str:
    """The fact's own names and values."""
    said = ", ".join(f"{key} {value}" for key, value in fact.items() if key not in {"event", "at", "id"})
    return f"{fact['event']}: {said}"


def of_a_callback(fact: Fact, who: str) -> str:
    """What a fact says of a callback."""
    match fact:
        case {"event": "callback.offered", "position": position}:
            return f"offers {who} a callback at place {position}"
        case {"event": "callback.accepted", "position": position}:
            return f"promises {who} a callback at place {position}; that is on disk before it is spoken"
        case {"event": "callback.dialled", "attempt": attempt}:
            return f"calls {who}, whose turn has come; attempt {attempt} is on disk before the phone rings"
        case {"event": "callback.confirmed"}:
            return f"hears {who} press 1: a person, and no answering machine"
        case {"event": "callback.cancelled", "by": "sms" | "auto_agent" as by}:
            return f"takes {who}'s callback out of the queue (by: {by})"
        case {"event": "callback.completed"}:
            return f"closes {who}'s callback: the promise is kept"
        case _:
            return as_it_is(fact)


def of_a_notice(fact: Fact, who: str) -> str | None:
    """What a fact says of a notice; None when the fact beside it says as much."""
    match fact:
        case {"event": "notice.sent", "by": "sms", "position": position}:
            return f"stores a text that tells {who} of place {position}"
        case {"event": "notice.sent", "by": "voice", "position": position}:
            return f"calls {who}, whom no text can reach, to tell of place {position}"
        case {"event": "notice.answered", "reason": "cancel"}:
            return f"understands that {who} does not need the call any more"
        case {"event": "notice.delivered"}:
            return None
        case _:
            return as_it_is(fact)


def of_a_survey(fact: Fact, who: str) -> str | None:
    """What a fact says of a survey; None when the fact beside it says as much."""
    match fact:
        case {"event": "survey.asked", "agent_name": agent, "talk": talk}:
            return f"has asked {who} about the {talk:.1f} s with {agent}"
        case {"event": "survey.answered", "value": value, "metric": metric, "agent_name": agent}:
            return f"counts {who}'s answer as {value} ({metric}) for {agent}"
        case {"event": "survey.invalid"}:
            return f"finds no answer in {who}'s text, and says so once"
        case {"event": "survey.completed"}:
            return None
        case {"event": "survey.skipped", "reason": "min_talk", "talk": talk}:
            return f"will not ask {who} how it went: {talk:.1f} s of talk are too few (min_talk)"
        case {"event": "survey.skipped", "reason": "landline"}:
            return f"will not ask {who} how it went: a landline"
        case _:
            return as_it_is(fact)


def why_no_welcome(reason: str, welcome: WelcomeSettings) -> str:
    """A `welcome.skipped` reason, with the setting behind it."""
    match reason:
        case "few_waiting":
            return f"fewer than {welcome.min_waiting} are waiting (min_waiting: {welcome.min_waiting})"
        case "cooldown":
            cooldown = format_duration(welcome.cooldown)
            return f"greeted less than {cooldown} ago (cooldown: {cooldown})"
        case "landline":
            return "a landline, and texts go to mobiles only (numbers.text: [mobile])"
        case "withheld":
            return "the number is withheld, so there is nothing to text to"
        case "opted_out":
            return "asked for no more"
        case "callback":
            return "it is we who called"
        case _:
            return reason
