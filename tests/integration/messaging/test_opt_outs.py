"""Opt-outs in the database: none is loaded at the start, and a check costs one indexed read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from callcentre.kernel.collection import Collection
from callcentre.kernel.dispatch import Dispatcher
from callcentre.kernel.store import Store, Writes
from callcentre.messaging.model import Suppression
from callcentre.messaging.opt_out import OptOuts
from tests.testbed.databases import database_in, of_a_file
from tests.unit.rehearsal import settings
from tests.unit.world import World, components

AT = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)
PEOPLE = 20_000


@dataclass
class Counted:
    """Reads rows, and remembers with which statements."""

    store: Store
    reads: list[str] = field(default_factory=list)

    def rows(self, column: sa.Column[Any], value: Any) -> Iterable[Mapping[str, Any]]:
        self.reads.append(value)
        return self.store.reader.rows(column, value)

    def below(self, column: sa.Column[Any], value: Any, most: int) -> Iterable[Mapping[str, Any]]:
        raise NotImplementedError


def caller(number: int) -> str:
    return f"{number:016x}"


@pytest.fixture
async def opened(tmp_path: Path) -> Any:
    """A database in which many people have opted out."""
    store = Store(database_in(tmp_path))
    await store.open()
    suppressions = (Suppression(caller=caller(number), at=AT) for number in range(PEOPLE))
    table = OptOuts().table
    await store.commit(Writes(records={(table, one.caller): one for one in suppressions}))
    yield store
    await store.close()


async def test_the_engine_loads_none_at_the_start_and_finds_them_all_the_same(opened: Store) -> None:
    world = World(settings=settings(), key=b"k" * 32)
    counted, built = Counted(opened), components(world)
    loaded = {one.table.name for one in built.of(Collection) if one.table is not None}
    assert "messages" in loaded
    assert "suppressions" not in loaded
    Dispatcher(built).read_from(counted)
    assert counted.reads == []
    assert world.suppressions.is_opted_out(caller(PEOPLE - 1))


async def test_a_check_costs_one_read_and_the_next_of_that_person_none(opened: Store) -> None:
    counted, opt_outs = Counted(opened), OptOuts()
    opt_outs.read_from(counted)
    assert [opt_outs.is_opted_out(caller(number)) for number in (1, 1, PEOPLE, PEOPLE)] == [True, True, False, False]
    assert counted.reads == [caller(1), caller(PEOPLE)]


@of_a_file
async def test_the_read_goes_by_the_index(opened: Store) -> None:
    with closing(sqlite3.connect(str(opened.database))) as database:
        (plan,) = database.execute("EXPLAIN QUERY PLAN SELECT * FROM suppressions WHERE caller = 'x'")
    assert "SEARCH suppressions" in plan[-1]
