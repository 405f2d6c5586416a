"""Records: rows that are read through a bounded cache that our own changes keep correct."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa

from callcentre.kernel.component import Component, build, on
from callcentre.kernel.decision import Decision, Delete, Put, Record
from callcentre.kernel.dispatch import Dispatcher
from callcentre.kernel.event import Tick
from callcentre.kernel.records import Records, Unreadable
from callcentre.kernel.schema import metadata

AT = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)


class Requested(Record, frozen=True):
    """A record with an index."""

    wall_times: ClassVar[frozenset[str]] = frozenset({"at"})

    person: str
    day: str
    at: datetime = AT

    @property
    def key(self) -> str:
        return self.person


@dataclass
class Database:
    """Rows that are read by index, counted; what it holds is what was committed."""

    held: dict[str, Requested] = field(default_factory=dict)
    reads: int = 0
    away: bool = False

    def rows(self, column: sa.Column[Any], value: Any) -> list[dict[str, Any]]:
        self.reads += 1
        if self.away:
            raise Unreadable("locked")
        rows = [{"person": one.person, "day": one.day, "at": one.at} for one in self.held.values()]
        return [row for row in rows if row[column.name] == value]

    def below(self, column: sa.Column[Any], value: Any, most: int) -> list[dict[str, Any]]:
        self.reads += 1
        held = sorted(self.held.values(), key=lambda one: str(getattr(one, column.name)))
        rows = [{"person": one.person, "day": one.day, "at": one.at} for one in held]
        return [row for row in rows if row[column.name] < value][:most]


@pytest.fixture
def requests() -> Iterator[Records[Requested]]:
    records = Records(Requested, table="requests_of_a_test", key="person", indexes=("day",), cached=3)
    yield records
    metadata.remove(records.table)


@pytest.fixture
def database(requests: Records[Requested]) -> Database:
    """What `requests` reads, with a row of Matti's."""
    found = Database({"matti": Requested("matti", "06-03")})
    requests.read_from(found)
    return found


def stored(requests: Records[Requested]) -> None:
    """A batch goes to the writer and is committed."""
    requests.closed()
    requests.committed()


def people(found: list[Requested]) -> list[str]:
    return sorted(requested.person for requested in found)


def test_a_row_is_read_once_whether_it_is_there_or_not(requests: Records[Requested], database: Database) -> None:
    for _ in range(3):
        assert requests.get("matti") == Requested("matti", "06-03")
        assert "liisa" not in requests
    assert database.reads == 2


def test_rows_that_were_not_asked_for_lately_are_forgotten_and_read_again(
    requests: Records[Requested], database: Database
) -> None:
    for person in ("matti", "a", "b", "matti", "c"):
        requests.get(person)
    assert database.reads == 4
    requests.get("matti")
    assert database.reads == 4, "it was asked for lately"
    requests.get("a")
    assert database.reads == 5, "only three are kept"


def test_a_change_holds_at_once_and_after_its_commit_without_a_read(
    requests: Records[Requested], database: Database
) -> None:
    requests.put(Requested("liisa", "06-03"))
    requests.delete(Requested("matti", "06-03"))
    for committed in (False, True):
        assert (requests.get("liisa"), requests.get("matti")) == (Requested("liisa", "06-03"), None), committed
        stored(requests)
    assert database.reads == 0


def test_changes_that_are_not_committed_are_never_dropped_for_others(
    requests: Records[Requested], database: Database
) -> None:
    for number in range(10):
        requests.put(Requested(str(number), "06-03"))
    assert all(str(number) in requests for number in range(10))
    stored(requests)
    assert "0" not in requests, "its row would be read again, were there one"
    assert database.reads == 1


def test_what_is_with_the_writer_holds_and_newer_changes_hold_before_it(
    requests: Records[Requested], database: Database
) -> None:
    requests.put(Requested("liisa", "06-03"))
    requests.put(Requested("anna", "06-03"))
    requests.closed()
    assert (requests.get("anna"), database.reads) == (Requested("anna", "06-03"), 0)
    requests.put(Requested("liisa", "06-04"))
    requests.delete(Requested("anna", "06-03"))
    assert (requests.get("liisa"), requests.get("anna")) == (Requested("liisa", "06-04"), None)
    assert people(requests.find("day", "06-03")) == ["matti"]
    requests.committed()
    assert (requests.get("liisa"), requests.get("anna")) == (Requested("liisa", "06-04"), None)
    stored(requests)
    assert (requests.get("liisa"), requests.get("anna")) == (Requested("liisa", "06-04"), None)
    assert database.reads == 1, "for the rows of a day"


def test_rows_that_are_with_the_writer_are_not_found_below_a_value(
    requests: Records[Requested], database: Database
) -> None:
    database.held["bo"] = Requested("bo", "06-02")
    requests.delete(Requested("bo", "06-02"))
    requests.closed()
    assert people(requests.below("day", "06-04", 3)) == ["matti"]


def test_rows_are_found_by_an_index_with_the_changes_that_are_not_committed(
    requests: Records[Requested], database: Database
) -> None:
    database.held["anna"] = Requested("anna", "06-03")
    database.held["bo"] = Requested("bo", "06-02")
    requests.put(Requested("liisa", "06-03"))
    requests.put(Requested("anna", "06-04"))
    assert people(requests.find("day", "06-03")) == ["liisa", "matti"]
    assert people(requests.find("day", "06-02")) == ["bo"]
    requests.delete(Requested("matti", "06-03"))
    assert people(requests.find("day", "06-03")) == ["liisa"]
    with pytest.raises(ValueError, match="Requested has no index for at"):
        requests.find("at", AT)


def test_what_cannot_be_read_is_asked_again(requests: Records[Requested], database: Database) -> None:
    database.away = True
    with pytest.raises(Unreadable):
        requests.get("matti")
    database.away = False
    assert requests.get("matti") is not None


def test_without_a_database_all_records_are_in_memory(requests: Records[Requested]) -> None:
    for number in range(10):
        requests.put(Requested(str(number), "06-03"))
        stored(requests)
    assert len(requests.find("day", "06-03")) == 10
    assert len(requests.below("day", "06-04", 4)) == 4
    assert requests.below("day", "06-03", 4) == []


def test_times_of_records_must_mean_the_wall() -> None:
    class Elapsed(Record, frozen=True):
        key: str
        until: datetime | None

    with pytest.raises(TypeError, match=r"Elapsed\.until: times of records mean the wall clock"):
        Records(Elapsed, table="elapsed_of_a_test")
    assert "elapsed_of_a_test" not in metadata.tables


# --- in decisions --------------------------------------------------------------------------------


def decided(requests: Records[Requested], *changes: Any, fails: bool = False) -> list[Decision]:
    def rule(_event: Tick, _at: datetime) -> Decision:
        return Decision(changes=changes)

    def broken(_event: Tick, _at: datetime) -> Decision:
        raise ZeroDivisionError

    rules = on(Tick, rule, *([broken] if fails else []))
    component = Component(name="one", build=lambda _building: (requests, rules))
    dispatcher = Dispatcher(build((component,)), failed=lambda _item, _name, _mistake: None)
    return dispatcher.decide(Tick(at=AT))


@pytest.mark.usefixtures("database")
def test_a_rule_that_fails_leaves_the_rows_as_they_were(requests: Records[Requested]) -> None:
    changes = (Put(Requested("matti", "06-05")), Put(Requested("liisa", "06-05")), Delete(Requested("matti", "06-05")))
    decided(requests, *changes, fails=True)
    for _ in range(2):
        assert (requests.get("matti"), requests.get("liisa")) == (Requested("matti", "06-03"), None)
        stored(requests)


def test_rows_below_a_value_are_found_without_those_that_were_changed(
    requests: Records[Requested], database: Database
) -> None:
    for person, day in (("anna", "06-01"), ("bo", "06-02"), ("liisa", "06-02")):
        database.held[person] = Requested(person, day)
    assert people(requests.below("day", "06-03", 2)) == ["anna", "bo"]
    requests.put(Requested("anna", "06-03"))
    requests.delete(Requested("bo", "06-02"))
    assert people(requests.below("day", "06-03", 3)) == ["liisa"]
    with pytest.raises(ValueError, match="Requested has no index for at"):
        requests.below("at", AT, 1)
