"""Reads what is stored of calls, callbacks, texts and people: for each visitor only what is theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from callcentre.features.search.outside import statements
from callcentre.features.search.outside.statements import Part, Reading, WhichTexts
from callcentre.kernel.journal import line_of
from callcentre.kernel.ownership import Reach
from callcentre.kernel.page_reads.reads import Reads
from callcentre.kernel.schema import LEAD_TO_CALLER, journal

Row = Mapping[str, Any]
Facts = list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfPerson:
    """A part of what happened about a person.

    facts: in no order. number: masked, the latest that is known. further: where the next part begins; None: there is
    none.
    """

    facts: Facts
    number: str
    further: datetime | None


@dataclass(frozen=True, slots=True)
class ListedText:
    """A text in a list, from us or to us. `number` is masked; `id` is the number of its first fact."""

    node: str
    id: int
    at: datetime
    state: str
    kind: str | None
    message: str | None
    service: str | None
    number: str | None
    caller: str | None
    reason: str | None

    @property
    def cursor(self) -> tuple[int, int]:
        """Where the page after it begins."""
        return round(self.at.timestamp() * 1000), self.id


@dataclass(frozen=True, slots=True)
class Stored:
    """What is stored. `node` is the name of this daemon. Every method raises `StoreError`."""

    reads: Reads
    node: str

    async def of_call(self, reach: Reach, call: str) -> Facts:
        """The facts of a call, of one node."""
        return _of_one_node(await self._facts(reach, statements.of_call(call)), self.node)

    async def of_callback(self, reach: Reach, callback: str) -> Facts:
        """The facts of a callback and of its calls."""
        return _of_one_node(await self._facts(reach, statements.of_callback(callback)), self.node)

    async def of_message(self, reach: Reach, message: str) -> Facts:
        """The facts of a text."""
        return _of_one_node(await self._facts(reach, statements.of_message(message)), self.node)

    async def about(self, reach: Reach, value: str) -> str | None:
        """What a text is the id of: `call`, `callback` or `message`; None: of nothing that the visitor sees."""
        columns = (journal.c.callback, journal.c.message, journal.c.call)
        found = await self.reads.all(reach, [statements.names_it(column, value) for column in columns])
        return next((str(column.name) for column, rows in zip(columns, found, strict=True) if rows), None)

    async def of_person(self, reach: Reach, caller: str, part: Part) -> OfPerson:
        """A part of what happened about a person: whole calls, callbacks and texts."""
        (read,) = await self.reads.all(reach, [statements.contacts(caller, part)])
        rows, further = _cut(read, part)
        found = await self.reads.all(reach, statements.of_contacts(rows))
        facts = [_fact(row) for some in found for row in some]
        theirs = [fact for fact in facts if fact.get("caller", caller) == caller]
        number = next((str(row["number"]) for row in rows if row["number"]), "")
        return OfPerson(facts=_without_shown(theirs, part), number=number, further=further)

    async def texts(self, reach: Reach, which: WhichTexts) -> tuple[list[ListedText], bool]:
        """Texts, the newest first, and whether there are any before this time at all."""
        received = not which.states or statements.RECEIVED in which.states
        sent = not which.states or set(which.states) - {statements.RECEIVED}
        asked: list[Reading] = [statements.any_text_before(which.begin)]
        asked += [statements.sent_texts(which)] if sent else []
        asked += [statements.received_texts(which)] if received else []
        (earlier, *lists) = await self.reads.all(reach, asked)
        rows = [_text(row) for some in lists for row in some]
        rows.sort(key=lambda text: text.cursor, reverse=True)
        return rows[: which.most], bool(earlier)

    async def _facts(self, reach: Reach, statement: Reading) -> Facts:
        (rows,) = await self.reads.all(reach, [statement])
        return [_fact(row) for row in rows]


def _fact(row: Row) -> dict[str, Any]:
    fact: dict[str, Any] = msgspec.json.decode(line_of(row))
    return fact


def _of_one_node(facts: Facts, ours: str) -> Facts:
    """Two Asterisk servers may give two calls the same id: of our node, else of the first that is known."""
    if not facts:
        return []
    nodes = {str(fact["node"]) for fact in facts}
    node = ours if ours in nodes else min(nodes)
    return [fact for fact in facts if fact["node"] == node]


def _cut(rows: Sequence[Row], part: Part) -> tuple[Sequence[Row], datetime | None]:
    """The rows that a part shows, and where the next one begins. Rows of one time are in one part."""
    if len(rows) < part.most:
        return rows, None
    last: datetime = rows[-1]["at"]
    before = [row for row in rows if row["at"] != last]
    if before:
        return before, last
    beyond = timedelta(microseconds=1)
    return rows, last - beyond if part.newest_first else last + beyond


def _contact(fact: Mapping[str, Any]) -> str:
    return str(fact.get("callback") or fact.get("call") or f"{fact['node']} {fact['id']}")


def _without_shown(facts: Facts, part: Part) -> Facts:
    """Without the calls and callbacks that the part before this one has shown: one of their facts leads there."""
    if part.since is None:
        return facts
    shown = {
        _contact(fact)
        for fact in facts
        if fact["event"] in LEAD_TO_CALLER and not _is_after(datetime.fromisoformat(fact["at"]), part)
    }
    return [fact for fact in facts if _contact(fact) not in shown]


def _is_after(at: datetime, part: Part) -> bool:
    assert part.since is not None  # noqa: S101 - see `_without_shown`
    return at <= part.since if part.newest_first else at >= part.since


def _text(row: Row) -> ListedText:
    at = row["at"]
    return ListedText(
        node=row["node"], id=row["id"], at=at if isinstance(at, datetime) else statements.moment(at),
        state=row.get("state", statements.RECEIVED), kind=row.get("kind"), message=row.get("message"),
        service=row["service"], number=row["number"], caller=row["caller"], reason=row.get("reason"),
    )  # fmt: skip
