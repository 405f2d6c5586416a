"""What must hold after every day, however often the daemon was killed: one function for each promise.

Each returns what contradicts it, as sentences for people; nothing when it holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from callcentre.kernel.effect import Crash
from callcentre.messaging.model import MOST_UNCLEAR
from scripts.kills.day import End
from scripts.kills.evidence import Evidence, Row

Invariant = Callable[[Evidence], Iterable[str]]

_OVER: Final = frozenset({"callback.completed", "callback.cancelled", "callback.failed", "callback.expired"})
_TEXTS_END: Final = frozenset({"sms.delivered", "sms.failed", "sms.refused"})

POLICIES: Final[Mapping[str, Crash]] = {
    "welcome": Crash.AT_MOST_ONCE,
    "survey": Crash.AT_MOST_ONCE,
    "callback_confirmation": Crash.AT_LEAST_ONCE,
    "callback_given_up": Crash.AT_LEAST_ONCE,
    "callback_notice": Crash.AT_LEAST_ONCE,
    "callback_cancelled": Crash.AT_LEAST_ONCE,
    "callback_moved": Crash.AT_LEAST_ONCE,
    "callback_withdrawn": Crash.AT_LEAST_ONCE,
    "notice_refused": Crash.AT_LEAST_ONCE,
    "notice_help": Crash.AT_MOST_ONCE,
    "notice_late": Crash.AT_LEAST_ONCE,
    "staff": Crash.AT_MOST_ONCE,
}
"""What a crash during the hand-over of a text means, as it is promised in docs/concepts/texts.md.

It is written out, so that a wrong policy in the code contradicts it.
"""


def no_caller_lost(evidence: Evidence) -> Iterator[str]:
    """Every caller talked with an agent, hung up, or heard that we call back; the queue view saw each visit's end."""
    for call, end in evidence.visits.items():
        if end is None:
            yield f"call {call} has not ended"
        elif end is End.LOST:
            yield f"call {call} ended although the caller waited"
    joined = {fact["call"] for fact in evidence.facts if fact["event"] == "queue.joined"}
    ended = Counter(fact["call"] for fact in evidence.facts if fact["event"] == "call.ended")
    for call in sorted(joined):
        if ended[call] != 1:
            yield f"call {call} joined a queue and has {ended[call]} facts call.ended"


def every_promise_stored(evidence: Evidence) -> Iterator[str]:
    """A caller who heard that we call back has a callback in the journal, of this call or of an earlier one."""
    accepted = {fact.get("call") for fact in evidence.facts if fact["event"] == "callback.accepted"}
    for call, of_person in evidence.promises.items():
        if not of_person & accepted:
            yield f"the caller of {call} was promised a callback that is not stored"


def every_callback_in_one_state(evidence: Evidence) -> Iterator[str]:
    """An accepted callback is open, or has come to exactly one end; nothing happens to it after that."""
    accepted = Counter(fact["callback"] for fact in evidence.facts if fact["event"] == "callback.accepted")
    open_now = Counter(row["callback"] for row in evidence.tables["callbacks"])
    ends: Counter[str] = Counter()
    for fact in evidence.facts:
        if not fact["event"].startswith("callback.") or fact.get("callback") is None:
            continue
        callback = fact["callback"]
        if not accepted[callback]:
            yield f"{fact['event']} of callback {callback}, which was never accepted"
        elif ends[callback]:
            yield f"{fact['event']} of callback {callback} after its end"
        ends[callback] += fact["event"] in _OVER
    for callback, times in accepted.items():
        if times != 1:
            yield f"callback {callback} was accepted {times} times"
        if ends[callback] + open_now[callback] != 1:
            yield f"callback {callback} has {ends[callback]} ends and {open_now[callback]} rows"
    for callback in open_now.keys() - accepted.keys():
        yield f"callback {callback} is open and was never accepted"


def one_call_per_attempt(evidence: Evidence) -> Iterator[str]:
    """A telephone rings at most as often as an attempt was committed; an agent is reserved once by each id."""
    committed: Counter[str] = Counter()
    for fact in evidence.facts:
        if fact["event"] == "callback.dialled":
            committed[f"{fact['callback']}-{fact['attempt']}"] += 1
        elif fact["event"] == "notice.sent" and fact.get("by") == "voice":
            committed[f"{fact['callback']}-notice-{fact['attempt']}"] += 1
    for call, times in evidence.originated.items():
        allowed = 1 if call.startswith("callcentre-agent") else committed[call]
        if times > allowed:
            yield f"channel {call} was made {times} times for {allowed} attempts"


def _kinds(evidence: Evidence) -> dict[str, str]:
    return {fact["message"]: fact["kind"] for fact in evidence.facts if fact["event"] == "sms.queued"}


def no_text_twice(evidence: Evidence) -> Iterator[str]:
    """A text that must not come twice was handed over once, and nobody got two of its kind; others have few tries."""
    kinds = _kinds(evidence)
    tries = Counter(text.message for text in evidence.handed_over)
    people: Counter[tuple[str, str]] = Counter()
    for text in evidence.handed_over:
        kind = kinds.get(text.message)
        if kind is None:
            yield f"text {text.message} was handed over and is not in the journal"
        elif POLICIES[kind] is Crash.AT_MOST_ONCE:
            people[text.number, text.body] += 1
    for message, times in tries.items():
        once = POLICIES.get(kinds.get(message, "")) is Crash.AT_MOST_ONCE
        most = 1 if once else MOST_UNCLEAR
        if times > most:
            yield f"text {message} ({kinds.get(message)}) was handed over {times} times, at most {most} may be"
    for (number, body), times in people.items():
        if times > 1:
            yield f"{number} got {times} times: {body}"


def every_text_handed_over(evidence: Evidence) -> Iterator[str]:
    """A text that must arrive was handed over, or refused for a reason; one that was accepted came to an end."""
    kinds = _kinds(evidence)
    sent = {text.message for text in evidence.handed_over}
    refused = {fact["message"] for fact in evidence.facts if fact["event"] == "sms.refused"}
    ends = Counter(fact["message"] for fact in evidence.facts if fact["event"] in _TEXTS_END)
    open_now = {row["message"] for row in evidence.tables["messages"]}
    for message, kind in kinds.items():
        if POLICIES[kind] is Crash.AT_LEAST_ONCE and message not in sent | refused:
            yield f"text {message} ({kind}) was never handed over"
        if ends[message] + (message in open_now) != 1:
            yield f"text {message} ({kind}) has {ends[message]} ends" + (" and is open" if message in open_now else "")


def received_texts_have_one_row(evidence: Evidence) -> Iterator[str]:
    """A text from a phone that was answered with 200 has one row and one fact, however often it was brought."""
    rows = Counter(row["source"].partition(" ")[2] for row in evidence.tables["received"])
    for source, times in evidence.taken.items():
        if times and rows[source] != 1:
            yield f"text {source} was taken and has {rows[source]} rows"
    for source in rows.keys() - evidence.taken.keys():
        yield f"there is a row of text {source}, which nobody sent"
    facts = sum(fact["event"] == "sms.received" for fact in evidence.facts)
    if facts != len(rows):
        yield f"{len(rows)} texts were received, and there are {facts} facts sms.received"


def nothing_left_over(evidence: Evidence) -> Iterator[str]:
    """No channel, bridge, descriptor, task or effect is left at the end."""
    yield from evidence.left
    for row in evidence.tables["outbox"]:
        yield f"effect {row['id']} is left: {row['effect']}"


def ledger_equals_journal(evidence: Evidence) -> Iterator[str]:
    """The figures in the database are those of the journal added up anew."""

    def unordered(rows: Iterable[Row]) -> Counter[str]:
        return Counter(repr(sorted(row.items())) for row in rows)

    for table, rows in evidence.added_up.items():
        expected, found = unordered(rows), unordered(evidence.ledger[table])
        for row in expected - found:
            yield f"{table} lacks {row}"
        for row in found - expected:
            yield f"{table} has {row}, which the journal does not say"


def journal_is_whole(evidence: Evidence) -> Iterator[str]:
    """The facts have the numbers from 1 on, and each is in the log, as it is in the journal."""
    numbers = [fact["id"] for fact in evidence.facts]
    if numbers != list(range(1, len(numbers) + 1)):
        yield "the numbers of the journal have gaps"
    logged: dict[int, dict[str, Any]] = {}
    for fact in evidence.logged:
        if logged.setdefault(fact["id"], fact) != fact:
            yield f"fact {fact['id']} is in the log in two forms"
    for fact in evidence.facts:
        if logged.get(fact["id"]) != fact:
            yield f"fact {fact['id']} is not in the log as it is in the journal"


def day_comes_to_its_end(evidence: Evidence) -> Iterator[str]:
    """Nobody waits for ever, the daemon ends by no mistake of its own, and stops in order at the end."""
    yield from evidence.waiting
    yield from evidence.mistakes


INVARIANTS: Final[tuple[Invariant, ...]] = (
    no_caller_lost,
    every_promise_stored,
    every_callback_in_one_state,
    one_call_per_attempt,
    no_text_twice,
    every_text_handed_over,
    received_texts_have_one_row,
    nothing_left_over,
    ledger_equals_journal,
    journal_is_whole,
    day_comes_to_its_end,
)
"""All of them, in the order of the table."""


def name_of(invariant: Invariant) -> str:
    """The name of an invariant for people."""
    return invariant.__name__.replace("_", " ")


def violations(evidence: Evidence) -> dict[str, list[str]]:
    """What contradicts each invariant, by its name; empty lists where it holds."""
    return {name_of(invariant): list(invariant(evidence)) for invariant in INVARIANTS}
