"""Carries an erasure out: finds the rows, has them erased in small transactions, and cleans log and database."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import structlog

from callcentre.kernel import schema
from callcentre.kernel.erasure.effects import CleanDatabase, EraseRows
from callcentre.kernel.erasure.events import Erasure, ErasureBegun, RowsErased, RowsFound
from callcentre.kernel.erasure.rules import line_without, renaming
from callcentre.kernel.errors import StoreError
from callcentre.kernel.log_files import LogReport
from callcentre.kernel.people import People
from callcentre.kernel.program import Program
from callcentre.kernel.reading import read_only
from callcentre.kernel.retention.finding import Found, Sought, found
from callcentre.kernel.retention.model import Retention
from callcentre.kernel.retention.person import Erased
from callcentre.kernel.settings_in_force.interface import SettingsInForce

diagnostics = structlog.get_logger(__name__)

AT_ONCE: Final = 200
"""Rows of a person that are erased in one transaction."""

_MOST_PASSES: Final = 4
"""Something about the person may be stored while the rows are looked for. Then they are looked for again."""

_UNDER_WAY: Final = 30
"""Seconds that a text or a call with the number, which was already given out, may take to end."""
_LOOK_AGAIN: Final = 0.2

_ITSELF: Final = f'{{"effect":"{EraseRows.__struct_config__.tag}"'
"""How the stored effect of an erasure begins."""


@dataclass(frozen=True, slots=True)
class NotNow:
    """A component's reason why a person (the number in E.164) cannot be erased now: a call, which needs the number."""

    reason: Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Report:
    """What an erasure did.

    rows: erased rows by table. kept: rows that stay, by table, with a keyed hash only. left: rows that should be gone.
    lines: changed lines by file of the log. failed: what was not done, and what to do about it. notes: what is not ours
    to erase.
    """

    rows: Mapping[str, int]
    kept: Mapping[str, int]
    left: Mapping[str, int]
    lines: Mapping[str, int]
    failed: Sequence[str]
    notes: Sequence[str]

    @property
    def complete(self) -> bool:
        """Whether all is gone that should be."""
        return not self.failed and not self.left


@dataclass(slots=True)
class Erasures:
    """Carries erasures out, and tells those who wait what came of them."""

    program: Program
    people: People
    rules: SettingsInForce
    declared: Sequence[Retention]
    not_now: Sequence[NotNow]
    _waiting: dict[str, asyncio.Future[Report]] = field(default_factory=dict)

    def why_not_now(self, number: str) -> str | None:
        """Why the person with this number (E.164) cannot be erased now; None when it is possible."""
        return next((why for each in self.not_now if (why := each.reason(number)) is not None), None)

    async def erase(self, number: str, by: str) -> Report:
        """Erase the person with this number (E.164). Returns when all is done."""
        erasure = Erasure(
            number=number, caller=self.people.caller(number), region=self.rules.settings.region,
            secret=secrets.token_hex(16), by=by,
        )  # fmt: skip
        report = self._awaited(erasure)
        await self.program.settle(ErasureBegun(at=self.program.clock(), erasure=erasure))
        return await report

    def _awaited(self, erasure: Erasure) -> asyncio.Future[Report]:
        # Before the erasure begins: it may be done before its beginning has returned.
        future: asyncio.Future[Report] = asyncio.get_running_loop().create_future()
        self._waiting[erasure.secret] = future
        future.add_done_callback(lambda _future: self._waiting.pop(erasure.secret, None))
        return future

    # --- rows and log ----------------------------------------------------------------------------

    async def erase_rows(self, effect: EraseRows) -> RowsErased:
        """Erase the rows of a person, and then the lines of the log."""
        erasure = effect.erasure
        rows: Counter[str] = Counter()
        log = LogReport()
        failed: list[str] = []
        try:
            ids: frozenset[str] = frozenset()
            for _ in range(_MOST_PASSES):
                these = await self._found(erasure, ids)
                ids = these.ids
                # The log first: its lines are found by ids of rows that still name the person.
                log = log + await self.program.rewrite_log(erasure.caller, ids, _of_log(erasure, ids))
                pieces = list(_pieces(these, self.declared, alone=self.program.alone))
                if not pieces:
                    break
                for piece in pieces:
                    await self.program.settle(RowsFound(at=self.program.clock(), erasure=erasure, rows=piece, ids=ids))
                    rows.update(table for table, _ in piece)
        except (StoreError, OSError) as error:
            diagnostics.error("erasure.incomplete", error=str(error))
            failed.append(f"not complete: {error}; run the same command again")
        return RowsErased(
            at=self.program.clock(), erasure=erasure, rows=dict(rows), lines=log.lines,
            failed=(*failed, *log.failed), notes=log.notes,
        )  # fmt: skip

    async def _found(self, erasure: Erasure, ids: frozenset[str] = frozenset(), *, of_all: bool = False) -> Found:
        sought = Sought(erasure.number, erasure.caller, erasure.region)
        return await asyncio.to_thread(self._read, sought, ids, None if of_all else self.program.database.node)

    def _read(self, sought: Sought, ids: frozenset[str], node: str | None) -> Found:
        with read_only(self.program.database) as connection:
            return found(connection, self.declared, sought, ids=ids, node=node)

    # --- what deletion leaves --------------------------------------------------------------------

    async def clean_database(self, effect: CleanDatabase) -> None:
        """Overwrite what was deleted, once nothing with the number is under way any more."""
        erasure = effect.erasure
        failed = list(effect.failed)
        these = Found()
        try:
            these = await self._over(erasure)
            failed += await self.program.clean_database(_traces(erasure, kept=bool(self._of(these, Erased.KEPT))))
            failed += _of_others(await self._found(erasure, of_all=True), self.program.database.node)
        except (StoreError, OSError) as error:
            diagnostics.error("erasure.not_cleaned", error=str(error))
            failed.append(f"the database was not cleaned: {error}; run the same command again")
        kept = self._of(these, Erased.KEPT)
        left = {table: count for table, count in these.counted().items() if table not in kept}
        report = Report(effect.rows, kept, left, effect.lines, failed, effect.notes)
        diagnostics.info("person.erased", rows=sum(effect.rows.values()), left=sum(left.values()), failed=failed)
        waiting = self._waiting.get(erasure.secret)
        if waiting is not None and not waiting.done():
            waiting.set_result(report)

    async def _over(self, erasure: Erasure) -> Found:
        """What is still stored of the person, once nothing is under way, or for as long as it is waited for."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _UNDER_WAY
        while True:
            these = await self._found(erasure)
            if not self._of(these, Erased.ENDED) or loop.time() > until:
                return these
            await asyncio.sleep(_LOOK_AGAIN)

    def _of(self, these: Found, erased: Erased) -> dict[str, int]:
        tables = {each.table.name for each in self.declared if each.person is not None and each.person.erased is erased}
        return {table: count for table, count in these.counted().items() if table in tables}


def _of_log(erasure: Erasure, ids: frozenset[str]) -> Any:
    return partial(line_without, caller=erasure.caller, rename=renaming(erasure, ids))


def _pieces(
    these: Found, declared: Sequence[Retention], *, alone: bool
) -> Iterator[tuple[tuple[str, Mapping[str, Any]], ...]]:
    """What is to be erased, a few rows at a time. Rows that name the person come last: the others are found by them.

    `alone`: nothing is under way, and effects that an earlier run of the daemon left are erased too.
    """
    by_name: dict[bool, list[tuple[str, Mapping[str, Any]]]] = {False: [], True: []}
    for each in declared:
        person = each.person
        left = alone and each.table is schema.outbox
        if person is not None and (left or person.erased in (Erased.EMPTIED, Erased.DELETED)):
            for row in these.rows.get(each.table.name, ()):
                if left and row["effect"].startswith(_ITSELF):
                    continue
                by_name[any(row[name] for name in person.caller)].append((each.table.name, row))
    rows = by_name[False] + by_name[True]
    return (tuple(rows[first : first + AT_ONCE]) for first in range(0, len(rows), AT_ONCE))


def _of_others(these: Found, node: str) -> Iterator[str]:
    """The other daemons that share the database and have rows of the person."""
    rows = Counter(row["node"] for rows in these.rows.values() for row in rows if row.get("node", node) != node)
    for other, count in sorted(rows.items()):
        yield f"{other} (node) has {count} rows of its own; run the same command with the configuration of that daemon"


def _traces(erasure: Erasure, *, kept: bool) -> tuple[bytes, ...]:
    """What a database must not hold any more, as bytes. The hash in words stays where an opt-out has it."""
    number = erasure.number.encode()
    digest = () if kept else (erasure.caller.encode(),)
    return (number, bytes.fromhex(erasure.caller), *digest)
