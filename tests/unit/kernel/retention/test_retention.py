"""What has expired is deleted once a second, the oldest first, and nothing else is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa

from callcentre.kernel.clock_steps import component as clock_steps
from callcentre.kernel.collection import Collection
from callcentre.kernel.component import Component, build
from callcentre.kernel.decision import Change, Delete, Put, Record
from callcentre.kernel.dispatch import Dispatcher
from callcentre.kernel.event import Tick
from callcentre.kernel.records import Records, Unreadable
from callcentre.kernel.retention import component
from callcentre.kernel.retention.model import FOR_EVER, Retention
from callcentre.kernel.retention.purging import Noted
from callcentre.kernel.retention.rules import MOST
from callcentre.kernel.schema import metadata
from callcentre.kernel.settings_in_force.model import HeldSettings
from tests.unit.rehearsal import settings

AT = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


class Welcomed(Record, frozen=True):
    """A person at a time."""

    wall_times: ClassVar[frozenset[str]] = frozenset({"at"})

    person: str
    at: datetime

    @property
    def key(self) -> str:
        return self.person


@pytest.fixture
def kept() -> Iterator[Collection[Welcomed]]:
    collection = Collection(Welcomed, table="welcomed_of_a_test", key="person")
    assert collection.table is not None
    yield collection
    metadata.remove(collection.table)


class Row(Welcomed, frozen=True):
    """The same as a row."""


@pytest.fixture
def rows() -> Iterator[Records[Row]]:
    records = Records(Row, table="welcomed_rows_of_a_test", key="person", indexes=("at",))
    yield records
    metadata.remove(records.table)


def welcomed(person: str, ago: timedelta) -> Welcomed:
    return Welcomed(person, AT - ago)


def ticked(*declared: Any, at: datetime = AT) -> list[Change]:
    """What one tick changes, with these declarations of a component beside the retention."""
    one = Component(name="one", build=lambda _building: declared)
    built = build((clock_steps.COMPONENT, component.COMPONENT, one), HeldSettings(settings()))
    changes = [change for decision in Dispatcher(built).decide(Tick(at=at)) for change in decision.changes]
    return [change for change in changes if not isinstance(change.record, Noted)]


def declared(of: Collection[Welcomed] | Records[Row], *, keeps: timedelta | str = DAY, **options: Any) -> Retention:
    return Retention(of, holds="People", keeps=keeps, why="a test", **options)


def test_a_record_is_deleted_once_it_is_older_than_it_is_kept(kept: Collection[Welcomed]) -> None:
    retention = declared(kept)
    for person, ago in (("matti", DAY), ("liisa", DAY + timedelta(microseconds=1)), ("aino", timedelta(0))):
        kept.put(welcomed(person, ago))
    assert ticked(kept, retention) == [Delete(welcomed("liisa", DAY + timedelta(microseconds=1)))]
    assert set(kept) == {"matti", "aino"}
    assert ticked(kept, retention) == []


def test_rows_of_the_database_are_deleted_by_the_same_declaration(rows: Records[Row]) -> None:
    old = Row("liisa", AT - 2 * DAY)
    rows.put(Row("matti", AT))
    rows.put(old)
    assert ticked(rows, declared(rows)) == [Delete(old)]
    assert "liisa" not in rows


def test_a_tick_deletes_some_and_the_next_ticks_the_rest_the_oldest_first(kept: Collection[Welcomed]) -> None:
    retention = declared(kept)
    for number in range(2 * MOST + 1):
        kept.put(welcomed(str(number), 2 * DAY - timedelta(seconds=number)))
    first = ticked(kept, retention)
    assert [change.record.key for change in first] == [str(number) for number in range(MOST)]
    assert [len(ticked(kept, retention)) for _ in range(3)] == [MOST, 1, 0]


def test_a_record_that_is_needed_is_kept_as_long_again(kept: Collection[Welcomed]) -> None:
    retention = declared(kept, needed=lambda one: one.person == "matti")
    for person in ("matti", "liisa"):
        kept.put(welcomed(person, 2 * DAY))
    assert ticked(kept, retention) == [Delete(welcomed("liisa", 2 * DAY)), Put(Welcomed("matti", AT))]
    assert ticked(kept, retention, at=AT + DAY) == []
    later = AT + DAY + timedelta(seconds=1)
    assert ticked(kept, retention, at=later) == [Put(Welcomed("matti", later))]


def test_the_time_may_depend_on_settings_and_may_be_unknown(kept: Collection[Welcomed]) -> None:
    cooldowns: list[timedelta] = []

    def below(at: datetime) -> datetime | None:
        return at - max(cooldowns) if cooldowns else None

    retention = declared(kept, keeps="until the longest cooldown is over", below=below)
    kept.put(welcomed("matti", 2 * DAY))
    assert ticked(kept, retention) == []
    cooldowns.append(3 * DAY)
    assert ticked(kept, retention) == []
    cooldowns[0] = DAY
    assert len(ticked(kept, retention)) == 1


def test_words_alone_delete_nothing(kept: Collection[Welcomed]) -> None:
    retention = declared(kept, keeps=FOR_EVER)
    kept.put(welcomed("matti", 1000 * DAY))
    assert ticked(kept, retention) == []


class Away:
    """A database that cannot be read."""

    def rows(self, _column: sa.Column[Any], _value: Any) -> list[Any]:
        raise Unreadable("locked")

    def below(self, _column: sa.Column[Any], _value: Any, _most: int) -> list[Any]:
        raise Unreadable("locked")


def test_a_database_that_cannot_be_read_keeps_no_tick_waiting(rows: Records[Row], kept: Collection[Welcomed]) -> None:
    rows.read_from(Away())
    both = (declared(rows), declared(kept))
    kept.put(welcomed("matti", 2 * DAY))
    assert ticked(rows, kept, *both) == [Delete(welcomed("matti", 2 * DAY))]


def test_what_has_no_table_has_no_retention() -> None:
    with pytest.raises(ValueError, match="People: has no table"):
        declared(Collection(Welcomed))
