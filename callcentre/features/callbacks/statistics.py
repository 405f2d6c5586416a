"""What the ledger keeps of callbacks: the calls that were offered one, and what became of the promised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from msgspec.structs import replace

from callcentre.statistics.export import AGENT, NODE, PERSON, Column, Export, as_moment, as_seconds, plain
from callcentre.statistics.lines import Count, FactLine, Seconds, milliseconds
from callcentre.statistics.overview import Story, headed
from callcentre.statistics.parts import Definition, LedgerPart
from callcentre.statistics.questions import Counted, Figure, Group, Selection, ratio
from callcentre.statistics.records import OpenRecords, Record, RecordTable, Row
from callcentre.telephony.queue_view.statistics import answered_calls

_DAY: Final = 24 * 60 * 60 * 1000
"""In milliseconds. No call lasts longer, so the caller of an earlier offer is not on the line any more."""

# --- records -------------------------------------------------------------------------------------


class Offer(Row, frozen=True, kw_only=True):
    """A call that was offered a callback, once or more often."""

    call: str
    at: int
    service: str | None
    queue: str | None


class CallbackRecord(Row, frozen=True, kw_only=True):
    """A promised callback.

    `state` is open, completed, cancelled, failed or expired. `served` is how many calls the queue had answered when the
    callback was promised at place `position`; `kept` whether no more than those before it were answered before the
    customer was connected. `notice` is the latest that is known of the notice: sent, delivered, failed or answered.
    """

    callback: str
    at: int
    service: str | None
    queue: str | None
    number: str | None
    caller: str | None
    taken_by: str | None
    position: int | None
    served: int
    attempts: int = 0
    state: str = "open"
    ended: int | None = None
    ended_by: str | None = None
    reason: str | None = None
    connected: int | None = None
    wait: int | None = None
    agent: str | None = None
    agent_name: str | None = None
    kept: bool | None = None
    notice: str | None = None
    notice_by: str | None = None


# --- updates -------------------------------------------------------------------------------------


class CallbackLine(FactLine, frozen=True):
    """The fields of facts about callbacks."""

    position: Count | None = None
    wait: Seconds | None = None


def _offered(records: OpenRecords, fact: FactLine) -> Iterable[Record]:
    offers = records.of(Offer)
    for offer in tuple(offers.values()):
        if fact.time - offer.at < _DAY:
            break
        yield replace(offer, open=False)
    if fact.call is not None and fact.call not in offers:
        yield Offer(key=fact.id, call=fact.call, at=fact.time, service=fact.service, queue=fact.queue)


def _offer_over(records: OpenRecords, fact: FactLine) -> Iterable[Record]:
    offer = records.of(Offer).get(fact.call or "")
    if offer is not None:
        yield replace(offer, open=False)


def _declined(records: OpenRecords, fact: FactLine) -> Iterable[Record]:
    if fact.reason == "hung_up":
        yield from _offer_over(records, fact)


def _accepted(records: OpenRecords, fact: CallbackLine) -> Iterable[Record]:
    yield CallbackRecord(
        key=fact.id, callback=fact.callback or "", at=fact.time, service=fact.service, queue=fact.queue,
        number=fact.number, caller=fact.caller, taken_by=fact.by, position=fact.position,
        served=answered_calls(records, fact.queue),
    )  # fmt: skip
    yield from _offer_over(records, fact)


def _dialled(records: OpenRecords, fact: FactLine) -> Iterable[Record]:
    callback = records.of(CallbackRecord).get(fact.callback or "")
    if callback is not None:
        yield replace(callback, attempts=callback.attempts + 1)


def _not_dialled(records: OpenRecords, fact: FactLine) -> Iterable[Record]:
    callback = records.of(CallbackRecord).get(fact.callback or "")
    if callback is not None:
        yield replace(callback, attempts=max(0, callback.attempts - 1))


def _connected(records: OpenRecords, fact: CallbackLine) -> Iterable[Record]:
    callback = records.of(CallbackRecord).get(fact.callback or "")
    if callback is None:
        return
    # The customer's own call is among those that the queue has answered.
    others = answered_calls(records, callback.queue) - callback.served - 1
    yield replace(
        callback, connected=fact.time, wait=milliseconds(fact.wait), agent=fact.agent, agent_name=fact.agent_name,
        kept=None if callback.position is None else others < callback.position,
    )  # fmt: skip


def _reassigned(records: OpenRecords, fact: FactLine) -> Iterable[Record]:
    callback = records.of(CallbackRecord).get(fact.callback or "")
    if callback is not None:
        yield replace(callback, service=fact.service, queue=fact.queue)


def _over(records: OpenRecords, fact: FactLine) -> Iterable[Record]:
    callback = records.of(CallbackRecord).get(fact.callback or "")
    if callback is not None:
        state = fact.event.removeprefix("callback.")
        yield replace(callback, open=False, state=state, ended=fact.time, ended_by=fact.by, reason=fact.reason)


def _noticed(records: OpenRecords, fact: FactLine) -> Iterable[Record]:
    callback = records.of(CallbackRecord).get(fact.callback or "")
    if callback is not None and callback.notice != "answered":
        yield replace(callback, notice=fact.event.removeprefix("notice."), notice_by=fact.by or callback.notice_by)


# --- figures -------------------------------------------------------------------------------------

END_STATES: Final = ("completed", "cancelled", "failed", "expired")
CLOSED_BY: Final = ("sms", "auto_agent", "customer", "caller_returned", "staff", "api")


def _figures(selection: Selection) -> Counted:
    offered = Counter(group for (group,) in selection.of(Offer))
    rows: dict[Group, list[tuple[Any, ...]]] = {group: [] for group in offered}
    found = selection.of(CallbackRecord, "state", "ended_by", "attempts", "kept", "notice")
    for (group, *row), count in Counter(found).items():
        rows.setdefault(group, []).append((*row, count))
    return _counted(offered, rows)


def _counted(offered: Mapping[Group, int], rows: Mapping[Group, list[tuple[Any, ...]]]) -> Counted:
    def merged(larger: Callable[[Group], Group]) -> Counted:
        more: Counter[Group] = Counter()
        found: dict[Group, list[tuple[Any, ...]]] = {}
        for group, those in rows.items():
            more[larger(group)] += offered.get(group, 0)
            found.setdefault(larger(group), []).extend(those)
        return _counted(more, found)

    groups = {group: _figures_of(offered.get(group, 0), found) for group, found in rows.items()}
    return Counted(groups, _figures_of(0, []), merged)


def _figures_of(offered: int, rows: Iterable[tuple[Any, ...]]) -> dict[str, Figure]:
    states: Counter[str] = Counter()
    closed: Counter[str] = Counter()
    attempts = kept = lost = noticed = answers = 0
    for state, ended_by, tried, is_kept, notice, count in rows:
        states[state] += count
        attempts += tried * count
        kept += count if is_kept is True else 0
        lost += count if is_kept is False else 0
        noticed += count if notice is not None else 0
        answers += count if notice == "answered" else 0
        if state == "cancelled" and ended_by is not None:
            closed[ended_by] += count
    return {
        "callbacks_offered": offered,
        "callbacks_accepted": states.total(),
        "callbacks_open": states["open"],
        **{f"callbacks_{state}": states[state] for state in END_STATES},
        **{f"callbacks_closed_by_{who}": closed[who] for who in CLOSED_BY},
        "callback_attempts": attempts,
        "attempts_per_success": ratio(attempts, states["completed"]),
        "places_kept": kept,
        "places_not_kept": lost,
        "callbacks_noticed": noticed,
        "notices_answered": answers,
    }


_DEFINITIONS: Final = (
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
)
_STORIES: Final = (
    Story("Callbacks", headed("offered", "accepted", "open", *END_STATES, prefix="callbacks_")),
    Story("Callbacks closed by", headed(*CLOSED_BY, prefix="callbacks_closed_by_")),
    Story(
        "Callbacks kept",
        headed("callback_attempts", "attempts_per_success", "places_kept", "places_not_kept"),
        needs="callbacks_accepted",
    ),
)

# --- the export ----------------------------------------------------------------------------------

_RECORDS: Final = RecordTable(
    record=CallbackRecord, name="callback_records", found_by="callback", counts_at="at", kind="calls",
    of_earlier=frozenset({"served", "kept"}),
)  # fmt: skip
_CALLBACKS: Final = Export(
    name="callbacks",
    place=3,
    table=_RECORDS,
    time="at",
    columns=(
        Column("at", "at", as_moment),
        *plain("service", "queue", "callback", "number", "caller"),
        Column("by", "taken_by"),
        *plain("position", "state"),
        Column("ended", "ended", as_moment),
        *plain("ended_by", "reason", "attempts"),
        Column("connected", "connected", as_moment),
        Column("wait", "wait", as_seconds),
        *plain("agent", "agent_name"),
        Column("place_kept", "kept"),
        *plain("notice", "notice_by"),
        *plain("node"),
    ),
    meanings={
        "at": "when it was promised",
        **PERSON,
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
        **AGENT,
        "place_kept": "whether the queue answered no more calls than were before it",
        "notice": "how far the notice came",
        "notice_by": "sms or voice",
        **NODE,
    },
)

LEDGER_PARTS = (
    LedgerPart(
        place=2,
        tables=(
            RecordTable(record=Offer, name="offers", found_by="call", counts_at="at", kind="calls"),
            _RECORDS,
        ),
        line=CallbackLine,
        updates={
            "call.ended": _offer_over,
            "callback.offered": _offered,
            "callback.declined": _declined,
            "callback.accepted": _accepted,
            "callback.reassigned": _reassigned,
            "callback.dialled": _dialled,
            "callback.not_dialled": _not_dialled,
            "callback.connected": _connected,
            **{f"callback.{state}": _over for state in END_STATES},
            # The record has a column for what the customer knows beforehand, whichever feature reported it.
            **{f"notice.{state}": _noticed for state in ("sent", "delivered", "failed", "answered")},
        },
        figures=_figures,
        definitions=_DEFINITIONS,
        stories=_STORIES,
        exports=(_CALLBACKS,),
    ),
)
