"""What the ledger keeps of calls: the visits to queues, and how many calls each queue has answered."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Final

import msgspec
from msgspec.structs import replace

from callcentre.statistics.estimation import percentile
from callcentre.statistics.export import AGENT, NODE, PERSON, Column, Export, as_moment, as_seconds, plain
from callcentre.statistics.lines import Count, FactLine, Seconds, milliseconds
from callcentre.statistics.overview import Story, headed
from callcentre.statistics.parts import Definition, LedgerPart
from callcentre.statistics.questions import Counted, Figure, Group, Question, Selection, ratio, seconds
from callcentre.statistics.records import OpenRecords, Record, RecordTable, Row

# --- records -------------------------------------------------------------------------------------


class Visit(Row, frozen=True, kw_only=True):
    """A caller in a queue, from joining to leaving; whoever comes back from the exit key goes on with the same visit.

    `outcome` is None while they wait, else the reason of `queue.left`. `wait` is what they waited until the outcome,
    `estimated` what was estimated when they joined. `talk` is known once the call has ended.
    """

    call: str
    service: str | None
    queue: str | None
    number: str | None
    caller: str | None
    joined: int
    position: int | None = None
    waiting: int | None = None
    estimated: int | None = None
    outcome: str | None = None
    left_at: int | None = None
    wait: int = 0
    agent: str | None = None
    agent_name: str | None = None
    talk: int | None = None


class Served(Record, frozen=True, kw_only=True):
    """How many calls a queue has answered since the first fact."""

    of_program: ClassVar[bool] = True

    queue: str
    answered: int

    @property
    def key(self) -> str:
        return self.queue


def answered_calls(records: OpenRecords, queue: str | None) -> int:
    """How many calls a queue has answered since the first fact: what updates of other components may read."""
    served = records.of(Served).get(queue or "")
    return 0 if served is None else served.answered


# --- updates -------------------------------------------------------------------------------------


class QueueLine(FactLine, frozen=True):
    """The fields of facts about calls. `seconds` is by how much a clock was set."""

    position: Count | None = None
    waiting: Count | None = None
    estimated_wait: Seconds | None = None
    wait: Seconds | None = None
    talk: Seconds | None = None
    seconds: Annotated[float, msgspec.Meta(ge=-1e12, le=1e12)] | None = None


def _joined(records: OpenRecords, fact: QueueLine) -> Iterable[Record]:
    before = records.of(Visit).get(fact.call or "")
    if before is not None and before.queue == fact.queue and before.outcome in (None, "key"):
        yield replace(before, outcome=None, left_at=None)
        return
    if before is not None:
        # Transferred into another queue: the conversation is over, and the end of the call has only the last talk.
        talk = max(0, fact.time - (before.left_at or fact.time)) if before.outcome == "answered" else before.talk
        yield replace(before, open=False, talk=talk)
    yield Visit(
        key=fact.id, call=fact.call or "", service=fact.service, queue=fact.queue, number=fact.number,
        caller=fact.caller, joined=fact.time, position=fact.position, waiting=fact.waiting,
        estimated=None if fact.estimated_wait is None else milliseconds(fact.estimated_wait),
    )  # fmt: skip


def _left(records: OpenRecords, fact: QueueLine) -> Iterable[Record]:
    wait = milliseconds(fact.wait)
    visit = records.of(Visit).get(fact.call or "")
    if visit is None or visit.queue != fact.queue or visit.outcome is not None:
        # The queue did not take the caller in: joining and leaving are one fact, and no end of the call follows.
        yield Visit(
            key=fact.id, open=False, call=fact.call or "", service=fact.service, queue=fact.queue,
            number=fact.number, caller=fact.caller, joined=fact.time - wait, outcome=fact.reason or "unknown",
            left_at=fact.time, wait=wait, agent=fact.agent, agent_name=fact.agent_name,
        )  # fmt: skip
    else:
        yield replace(
            visit, outcome=fact.reason or "unknown", left_at=fact.time, wait=visit.wait + wait,
            service=fact.service or visit.service, agent=fact.agent, agent_name=fact.agent_name,
        )  # fmt: skip
    if fact.reason == "answered" and fact.queue is not None:
        yield Served(queue=fact.queue, answered=answered_calls(records, fact.queue) + 1)


def _ended(records: OpenRecords, fact: QueueLine) -> Iterable[Record]:
    visit = records.of(Visit).get(fact.call or "")
    if visit is not None:
        talk = milliseconds(fact.talk) if visit.outcome == "answered" else None
        yield replace(visit, open=False, talk=talk)


def _clock_set(records: OpenRecords, fact: QueueLine) -> Iterable[Record]:
    """A conversation is as long as before: the time at which it began becomes one of the new clock."""
    for visit in records.of(Visit).values():
        if visit.outcome == "answered" and visit.left_at is not None:
            yield replace(visit, left_at=visit.left_at + milliseconds(fact.seconds))


# --- figures -------------------------------------------------------------------------------------


def _lengths() -> array[int]:
    return array("q")


@dataclass(slots=True)
class _Outcome:
    """Lengths in milliseconds of the visits with one outcome: exact, and eight bytes each."""

    waits: array[int] = field(default_factory=_lengths)
    errors: array[int] = field(default_factory=_lengths)
    estimates: array[int] = field(default_factory=_lengths)
    estimated_waits: array[int] = field(default_factory=_lengths)

    @property
    def lengths(self) -> tuple[array[int], ...]:
        """All of them, in this order."""
        return self.waits, self.errors, self.talks, self.estimates, self.estimated_waits

    talks: array[int] = field(default_factory=_lengths)


_NOBODY: Final = _Outcome()


@dataclass(slots=True)
class _Visits:
    """The visits of one group by outcome."""

    outcomes: dict[str | None, _Outcome] = field(default_factory=dict)

    def take(self, others: _Visits) -> None:
        """Add those of another group."""
        for name, found in others.outcomes.items():
            ours = self.outcomes.setdefault(name, _Outcome())
            for lengths, more in zip(ours.lengths, found.lengths, strict=True):
                lengths.extend(more)

    def figures(self, question: Question) -> dict[str, Figure]:
        """What they add up to."""
        offered = sum(len(each.waits) for each in self.outcomes.values())
        answered, abandoned = (self.outcomes.get(name, _NOBODY) for name in ("answered", "abandoned"))
        waits, lost = sorted(answered.waits), sorted(abandoned.waits)
        errors = sorted(answered.errors)
        timed_out = len(self.outcomes.get("timeout", _NOBODY).waits)
        waiting = len(self.outcomes.get(None, _NOBODY).waits)
        in_time = bisect_right(waits, question.within)
        lost_later = len(lost) - bisect_right(lost, question.within)
        return {
            "offered": offered,
            "answered": len(waits),
            "abandoned": len(lost),
            "short_abandoned": bisect_left(lost, question.short),
            "timed_out": timed_out,
            "left_otherwise": offered - len(waits) - len(lost) - timed_out - waiting,
            "waiting": waiting,
            "service_level": ratio(in_time, len(waits) + lost_later),
            "abandon_rate": ratio(len(lost), offered),
            "asa": seconds(ratio(sum(waits), len(waits), digits=None)),
            "longest_wait": seconds(max((max(each.waits) for each in self.outcomes.values()), default=None)),
            "handle_time": seconds(ratio(sum(answered.talks), len(answered.talks), digits=None)),
            "estimates": len(errors),
            "estimated_wait": seconds(ratio(sum(answered.estimates), len(errors), digits=None)),
            "estimated_wait_actual": seconds(ratio(sum(answered.estimated_waits), len(errors), digits=None)),
            "estimate_error_p50": seconds(percentile(errors, 0.5) if errors else None),
            "estimate_error_p90": seconds(percentile(errors, 0.9) if errors else None),
        }


def _figures(selection: Selection) -> Counted:
    groups: dict[Group, _Visits] = {}
    known: dict[tuple[Group, str | None], _Outcome] = {}
    # A million rows come through here: nothing is looked up or called that need not be.
    for group, outcome, wait, estimated, talk in selection.of(Visit, "outcome", "wait", "estimated", "talk"):
        try:
            lengths = known[group, outcome]
        except KeyError:
            lengths = known[group, outcome] = _Outcome()
            groups.setdefault(group, _Visits()).outcomes[outcome] = lengths
        lengths.waits.append(wait)
        if estimated is not None:
            lengths.errors.append(abs(estimated - wait))
            lengths.estimates.append(estimated)
            lengths.estimated_waits.append(wait)
        if talk is not None:
            lengths.talks.append(talk)
    return _counted(groups, selection.question)


def _counted(groups: Mapping[Group, _Visits], question: Question) -> Counted:
    def merged(larger: Callable[[Group], Group]) -> Counted:
        found: dict[Group, _Visits] = {}
        for group, visits in groups.items():
            found.setdefault(larger(group), _Visits()).take(visits)
        return _counted(found, question)

    return Counted(
        {group: found.figures(question) for group, found in groups.items()}, _Visits().figures(question), merged
    )  # fmt: skip


_DEFINITIONS: Final = (
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
        ("estimated_wait", "estimated_wait_actual"),
        "mean of the waits estimated at joining, and mean of what these callers waited until the answer, over "
        "`estimates` answered calls",
    ),
    Definition(
        ("estimate_error_p50", "estimate_error_p90", "estimates"),
        "the difference between the wait estimated at joining and the wait until the answer, without its sign: what 50 "
        "% and 90 % do not exceed (nearest rank), over `estimates` answered calls",
    ),
)
_STORIES: Final = (
    Story(
        "Calls",
        {
            **headed("offered", "answered", "abandoned"),
            "short": "short_abandoned",
            **headed("timed_out"),
            "other": "left_otherwise",
            **headed("waiting"),
        },
    ),
    Story(
        "Waiting and talking, in seconds",
        headed("service_level", "abandon_rate", "asa", "longest_wait", "handle_time"),
        needs="offered",
        shares=frozenset({"service_level", "abandon_rate"}),
    ),
    Story(
        "Estimated against actual wait, error in seconds",
        headed("estimates", "estimated_wait", "estimated_wait_actual", "estimate_error_p50", "estimate_error_p90"),
    ),
)

# --- the export ----------------------------------------------------------------------------------

_VISITS: Final = RecordTable(
    record=Visit, name="visits", found_by="call", counts_at="joined", names_agents=True, kind="calls"
)
_CALLS: Final = Export(
    name="calls",
    place=2,
    table=_VISITS,
    time="joined",
    columns=(
        Column("at", "joined", as_moment),
        *plain("service", "queue", "call", "number", "caller", "position", "waiting"),
        Column("estimated_wait", "estimated", as_seconds),
        Column("left", "left_at", as_moment),
        *plain("outcome"),
        Column("wait", "wait", as_seconds),
        Column("talk", "talk", as_seconds),
        *plain("agent", "agent_name"),
        *plain("node"),
    ),
    meanings={
        "at": "when the caller joined the queue",
        **PERSON,
        "call": "Asterisk's unique id of the caller's channel",
        "position": "the place at joining",
        "waiting": "the callers who waited then, this one included",
        "estimated_wait": "the wait that was estimated then, in seconds",
        "left": "when the caller waited no more",
        "outcome": "the reason of `queue.left`; empty while the caller waits",
        "wait": "seconds in the queue",
        "talk": "seconds of talk with the agent",
        **AGENT,
        **NODE,
    },
)

LEDGER_PARTS = (
    LedgerPart(
        place=1,
        tables=(
            _VISITS,
            RecordTable(record=Served, name="served", found_by="queue"),
        ),
        line=QueueLine,
        updates={"queue.joined": _joined, "queue.left": _left, "call.ended": _ended, "clock.stepped": _clock_set},
        figures=_figures,
        definitions=_DEFINITIONS,
        stories=_STORIES,
        exports=(_CALLS,),
    ),
)
