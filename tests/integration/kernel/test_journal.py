"""The journal is shown as it was logged, and adds up to the same, whichever version wrote its rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from callcentre.app import ledger_shape
from callcentre.features.callbacks.facts import CallbackAccepted, CallbackOffered, CallbackRefused
from callcentre.features.callbacks.outside.story import story_of
from callcentre.kernel import migrations
from callcentre.kernel.database import Database
from callcentre.kernel.errors import StoreError
from callcentre.kernel.fact import Fact
from callcentre.kernel.journal import Entry, stamp
from callcentre.kernel.store import Store, Writes
from callcentre.statistics.timeline import timeline_of
from tests.integration.kernel.running import served_in
from tests.integration.kernel.test_migrations import database_at
from tests.testbed.databases import of_a_file
from tests.unit.counted import six_calls

pytestmark = of_a_file

AT = datetime(2026, 6, 3, 9, 0, 0, 123_000, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def entries() -> Iterator[Entry]:
    """Six calls, one of which got a callback."""
    facts = six_calls({"services": {"support": {"welcome": None}}}).facts
    call = facts[-1].call
    about: dict[str, Any] = {"service": "support", "queue": "support", "call": call, "caller": "0123456789abcdef"}
    more: list[Fact] = [
        CallbackOffered(position=1, **about),
        CallbackAccepted(callback="cb-1", position=1, number="+35840•••33", by="customer", **about),
        CallbackRefused(callback="cb-2", reason="full", **about),
    ]
    for number, fact in enumerate((*facts, *more), 1):
        yield stamp(fact, number, AT + timedelta(seconds=number))


async def stored_now(database: Path, facts: Sequence[Entry]) -> None:
    store = Store(Database.of_file(database))
    await store.open()
    await store.commit(Writes(journal=list(facts)))
    await store.close()


async def stored_before_0020(database: Path, facts: Sequence[Entry]) -> None:
    database_at(database, "0019")
    with closing(sqlite3.connect(database)) as connection, connection:
        for entry, fact in zip(facts, ledger_lines(facts), strict=True):
            connection.execute(
                "INSERT INTO journal (id, at, event, call, callback, line) VALUES (?, ?, ?, ?, ?, ?)",
                (
                    entry.id,
                    (fact.at - EPOCH) // timedelta(microseconds=1),
                    fact.event,
                    fact.call,
                    fact.callback,
                    entry.line.replace(b',"node":"main"', b"").decode(),
                ),
            )


async def stored_by_both(database: Path, facts: Sequence[Entry]) -> None:
    await stored_before_0020(database, facts[:7])
    await stored_now(database, facts[7:])


def ledger_lines(facts: Sequence[Entry]) -> list[Any]:
    return [ledger_shape().read(entry.line) for entry in facts]


def ledger(database: Path) -> dict[str, list[tuple[Any, ...]]]:
    with closing(sqlite3.connect(database)) as connection:
        names = [table.name for table in ledger_shape().tables]
        return {name: connection.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall() for name in names}


@pytest.mark.parametrize("stored", [stored_now, stored_before_0020, stored_by_both])
async def test_facts_of_any_version_are_shown_logged_and_added_up_alike(tmp_path: Path, stored: Any) -> None:
    facts = list(entries())
    expected = tmp_path / "expected"
    expected.mkdir()
    await stored_now(expected / "callcentre.db", facts)
    async with served_in(expected):
        pass
    await stored(tmp_path / "callcentre.db", facts)
    async with served_in(tmp_path):
        pass
    logged = (tmp_path / "facts.jsonl").read_bytes().splitlines()
    assert logged[: len(facts)] == [entry.line for entry in facts]
    found = ledger(tmp_path / "callcentre.db")
    assert found == ledger(expected / "callcentre.db")
    assert len(found["visits"]) == 6
    assert len(found["callback_records"]) == 1
    for fact in ledger_lines(facts):
        shown = await timeline_of(fact.call or "", Database.of_file(tmp_path / "callcentre.db"))
        assert shown == await timeline_of(fact.call or "", Database.of_file(expected / "callcentre.db"))
        assert not fact.call or fact.id in [one["id"] for one in shown]
    story = await story_of("cb-1", Database.of_file(tmp_path / "callcentre.db"))
    assert [one["event"] for one in story][-2:] == ["callback.offered", "callback.accepted"]


async def test_a_database_that_was_not_brought_up_to_date_yet_says_so(tmp_path: Path) -> None:
    await stored_before_0020(tmp_path / "callcentre.db", list(entries()))
    for facts in (
        timeline_of("x", Database.of_file(tmp_path / "callcentre.db")),
        story_of("cb-1", Database.of_file(tmp_path / "callcentre.db")),
    ):
        with pytest.raises(StoreError, match="is of an older version; start the daemon once"):
            await facts


def test_facts_of_a_call_and_of_a_callback_are_found_by_indexes(tmp_path: Path) -> None:
    migrations.upgrade(Database.of_file(tmp_path / "callcentre.db"))
    with closing(sqlite3.connect(tmp_path / "callcentre.db")) as connection:
        for column in ("call", "callback"):
            plan = connection.execute(f"EXPLAIN QUERY PLAN SELECT * FROM journal WHERE {column} = ?", ("x",))
            assert [row[3] for row in plan] == [f"SEARCH journal USING INDEX ix_journal_{column} ({column}=?)"]
