"""What the ledger keeps of the texts that the program sends."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec.structs import replace

from callcentre.statistics.export import NODE, PERSON, Column, Export, as_moment, plain
from callcentre.statistics.lines import Count, FactLine
from callcentre.statistics.overview import Rows, Story
from callcentre.statistics.parts import Definition, LedgerPart
from callcentre.statistics.questions import Counted, Figure, Group, Selection
from callcentre.statistics.records import OpenRecords, Record, RecordTable, Row

TEXT_STATES: Final = ("queued", "accepted", "delivered", "failed", "refused")
_HANDED_OVER: Final = ("accepted", "delivered", "failed")


class TextRecord(Row, frozen=True, kw_only=True):
    """A text of ours: `state` is queued, accepted, delivered, failed or refused, the latest that is known."""

    message: str
    at: int
    kind: str
    parts: int
    state: str
    service: str | None
    queue: str | None
    call: str | None
    agent: str | None
    agent_name: str | None
    number: str | None
    caller: str | None
    reason: str | None = None
    changed: int | None = None


class TextLine(FactLine, frozen=True):
    """The fields of facts about texts."""

    kind: str | None = None
    parts: Count | None = None


def _changed(records: OpenRecords, fact: TextLine) -> Iterable[Record]:
    state = fact.event.removeprefix("sms.")
    is_open = state in ("queued", "accepted")
    text = records.of(TextRecord).get(fact.message or "")
    if text is None:
        yield TextRecord(
            key=fact.id, open=is_open, message=fact.message or "", at=fact.time, kind=fact.kind or "unknown",
            parts=fact.parts or 0, state=state, service=fact.service, queue=fact.queue, call=fact.call,
            agent=fact.agent, agent_name=fact.agent_name, number=fact.number, caller=fact.caller,
            reason=fact.reason, changed=fact.time,
        )  # fmt: skip
    else:
        yield replace(text, open=is_open, state=state, reason=fact.reason, changed=fact.time)


# --- figures -------------------------------------------------------------------------------------


def _figures(selection: Selection) -> Counted:
    found = Counter(selection.of(TextRecord, "kind", "state", "parts"))
    kinds = sorted({kind for _, kind, _, _ in found})
    rows: dict[Group, list[tuple[str, str, int, int]]] = defaultdict(list)
    for (group, kind, state, parts), count in found.items():
        rows[group].append((kind, state, parts, count))
    return Counted({group: _figures_of(kinds, row) for group, row in rows.items()}, _figures_of((), ()))


def _figures_of(kinds: Iterable[str], rows: Iterable[tuple[str, str, int, int]]) -> dict[str, Figure]:
    """`sms_…` of all texts and `sms_<kind>_…` of each kind; the parts are those that were handed to the gateway."""
    counted: Counter[str] = Counter()
    for kind, state, parts, count in rows:
        handed_over = state in _HANDED_OVER
        for name in ("sms", f"sms_{kind}"):
            counted[name] += count
            counted[f"{name}_{state}"] += count
            counted[f"{name}_parts"] += parts * count if handed_over else 0
        counted["welcome_sent"] += count if handed_over and kind == "welcome" else 0
    names = ["welcome_sent"]
    for name in ("sms", *(f"sms_{kind}" for kind in kinds)):
        names += [name, *(f"{name}_{state}" for state in TEXT_STATES), f"{name}_parts"]
    return {name: counted[name] for name in names}


def _stories(rows: Rows) -> Iterator[Story]:
    """A table for each kind of text."""
    kinds = sorted({_kind(name) for row in rows for name in row if name.startswith("sms_") and name.endswith("_parts")})
    for kind in filter(None, kinds):
        name = f"sms_{kind}"
        columns = {"wanted": name, **{state: f"{name}_{state}" for state in TEXT_STATES}, "parts": f"{name}_parts"}
        yield Story(f"Texts: {kind.replace('_', ' ')}", columns, needs=name)


def _kind(name: str) -> str:
    return name.removeprefix("sms_").removesuffix("parts").rstrip("_")


_DEFINITIONS: Final = (
    Definition(
        ("sms", "sms_<state>", "sms_<kind>", "sms_<kind>_<state>"),
        "texts, by kind and by latest state: `queued`, `accepted`, `delivered`, `failed`, `refused`",
    ),
    Definition(("sms_parts", "sms_<kind>_parts"), "parts of the texts that were handed to the gateway"),
    Definition(("welcome_sent",), "welcome texts that were handed to the gateway"),
)
TEXTS: Final = RecordTable(record=TextRecord, name="text_records", found_by="message", counts_at="at", kind="messages")
_MESSAGES: Final = Export(
    name="messages",
    place=4,
    table=TEXTS,
    time="at",
    columns=(
        Column("at", "at", as_moment),
        *plain("service", "queue", "call", "message", "number", "caller", "kind", "parts", "state", "reason"),
        Column("changed", "changed", as_moment),
        *plain("node"),
    ),
    meanings={
        "at": "when it was ordered",
        **PERSON,
        "call": "the call that it belongs to",
        "message": "the text's id",
        "kind": "the kind of text",
        "parts": "the messages that it takes",
        "state": "queued, accepted, delivered, failed, refused",
        "reason": "why it failed or was refused",
        "changed": "when the state was reached",
        **NODE,
    },
)

LEDGER_PARTS = (
    LedgerPart(
        place=3,
        tables=(TEXTS,),
        line=TextLine,
        updates={f"sms.{state}": _changed for state in TEXT_STATES},
        figures=_figures,
        definitions=_DEFINITIONS,
        more_stories=_stories,
        exports=(_MESSAGES,),
    ),
)
