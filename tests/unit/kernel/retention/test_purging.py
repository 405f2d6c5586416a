"""What is older than `retention` allows leaves at night, and only while the clock is trusted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from callcentre.app import ledger_shape
from callcentre.kernel import schema
from callcentre.kernel.decision import Decision
from callcentre.kernel.event import Tick
from callcentre.kernel.journal import CURSOR
from callcentre.kernel.records import StoredRows, Unreadable
from callcentre.kernel.retention.model import Retention
from callcentre.kernel.retention.person import IDS, Erased, Person
from callcentre.kernel.retention.purging import DOUBT, MOST, Noted, Purging
from callcentre.kernel.schema import metadata
from callcentre.kernel.settings_in_force.model import HeldSettings
from callcentre.statistics.tables import ledger_table
from tests.unit.rehearsal import settings

NIGHT = datetime(2026, 6, 3, 0, 0, tzinfo=UTC)
"""Three o'clock in Helsinki."""
NOON = NIGHT + timedelta(hours=9)
DAY = timedelta(days=1)

VISITS = next(ledger_table(kept) for kept in ledger_shape().tables if kept.name == "visits")
JOURNAL = Retention(
    schema.journal, holds="facts", kind="journal", why="x", purged=Erased.DELETED,
    person=Person(erased=Erased.EMPTIED, caller=("caller",), masks=("number",), ids=IDS),
)  # fmt: skip
CALLS = Retention(
    VISITS, holds="visits", kind="calls", why="x", since="joined",
    person=Person(erased=Erased.EMPTIED, caller=("caller",), masks=("number",), ids=("call",)),
)  # fmt: skip


@dataclass
class Stored:
    """Rows of tables, as a reader has them."""

    rows: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    readable: bool = True
    read: list[int] = field(default_factory=list)

    def span(self, column: sa.Column[Any], low: Any, high: Any, most: int) -> Iterable[Mapping[str, Any]]:
        if not self.readable:
            raise Unreadable("locked")
        found = [row for row in self.rows.get(column.table.name, ()) if low <= row[column.name] <= high]
        found = sorted(found, key=lambda row: row[column.name])[:most]
        self.read.append(len(found))
        return found

    def of_others(self, column: sa.Column[Any], value: Any) -> Iterable[Mapping[str, Any]]:
        raise NotImplementedError


@dataclass
class Nightly:
    """The purge, driven by one tick after the other. What it decides is applied to the rows."""

    stored: Stored = field(default_factory=Stored)
    purging: Purging = field(init=False)

    def __post_init__(self) -> None:
        rows = StoredRows()
        rows.read_from(self.stored)
        self.purging = Purging((JOURNAL, CALLS), HeldSettings(settings()), rows)

    def tick(self, at: datetime) -> Decision:
        decision = self.purging.tick(Tick(at=at), at)
        for change in decision.changes:
            assert isinstance(change.record, Noted)
            self.purging.noted.put(change.record)
        for rewrite in decision.rewrites:
            rows = self.stored.rows[rewrite.table]
            key = "id" if rewrite.table == "journal" else "key"
            kept = [row for row in rows if row[key] != rewrite.key]
            (old,) = [row for row in rows if row[key] == rewrite.key]
            self.stored.rows[rewrite.table] = (
                kept if rewrite.values is None else [*kept, dict(old) | dict(rewrite.values)]
            )
        return decision

    def trusted(self) -> None:
        """Run for a day."""
        at = NIGHT - DAY
        while at < NIGHT:
            self.tick(at)
            at += timedelta(minutes=30)


def fact(number: int, at: datetime) -> dict[str, Any]:
    return {"id": number, "at": at, "event": "queue.joined", "caller": "c" * 16, "number": "+35840•••22", "call": "1.1"}


def visit(number: int, joined: datetime, *, is_open: bool = False) -> dict[str, Any]:
    return {
        "key": number, "open": is_open, "joined": round(joined.timestamp() * 1000), "caller": "c" * 16,
        "number": "+35840•••22", "call": f"{number}.1", "outcome": "answered", "wait": 1000,
    }  # fmt: skip


@pytest.fixture
def nightly() -> Nightly:
    nightly = Nightly()
    nightly.stored.rows = {
        "journal": [fact(1, NIGHT - 731 * DAY), fact(2, NIGHT - 731 * DAY), fact(3, NIGHT - 729 * DAY)],
        "visits": [visit(1, NIGHT - 731 * DAY), visit(2, NIGHT - 729 * DAY)],
        "meta": [{"key": CURSOR, "value": "3"}],
    }
    return nightly


def test_old_facts_are_deleted_and_old_records_are_emptied_at_night(nightly: Nightly) -> None:
    nightly.trusted()
    decision = nightly.tick(NIGHT)
    assert [(each.table, each.key, each.values) for each in decision.rewrites] == [
        ("journal", 1, None),
        ("journal", 2, None),
        ("visits", 1, {"caller": None, "number": None, "call": ""}),
    ]
    assert nightly.stored.rows["visits"][0]["call"] == "2.1", "the younger one stays as it is"
    assert nightly.tick(NIGHT + timedelta(seconds=1)).rewrites == ()


def test_nothing_leaves_during_the_day(nightly: Nightly) -> None:
    nightly.trusted()
    for hour in range(9, 20):
        assert nightly.tick(NIGHT.replace(hour=hour)).rewrites == ()


def test_a_fact_that_is_not_in_the_log_yet_stays(nightly: Nightly) -> None:
    nightly.stored.rows["meta"] = [{"key": CURSOR, "value": "1"}]
    nightly.trusted()
    assert [each.key for each in nightly.tick(NIGHT).rewrites if each.table == "journal"] == [1]


def test_a_record_that_is_still_open_keeps_the_id_by_which_facts_find_it(nightly: Nightly) -> None:
    nightly.stored.rows["visits"] = [visit(1, NIGHT - 731 * DAY, is_open=True)]
    nightly.trusted()
    (rewrite,) = [each for each in nightly.tick(NIGHT).rewrites if each.table == "visits"]
    assert rewrite.values == {"caller": None, "number": None}


def test_many_rows_leave_a_few_in_each_second(nightly: Nightly) -> None:
    many = 2 * MOST + 50
    nightly.stored.rows["journal"] = [fact(number, NIGHT - 800 * DAY) for number in range(1, many + 1)]
    nightly.stored.rows["meta"] = [{"key": CURSOR, "value": str(many)}]
    # All of one moment, which is more than one second takes.
    nightly.stored.rows["visits"] = [visit(number, NIGHT - 800 * DAY) for number in range(MOST)]
    nightly.stored.rows["visits"] += [visit(number, NIGHT - 799 * DAY) for number in range(MOST, many)]
    nightly.trusted()
    counts: list[tuple[int, int]] = []
    for second in range(6):
        rewrites = nightly.tick(NIGHT + timedelta(seconds=second)).rewrites
        counts.append(tuple(sum(each.table == name for each in rewrites) for name in ("journal", "visits")))  # type: ignore[arg-type]
    assert max(max(count) for count in counts) == MOST
    assert [sum(column) for column in zip(*counts, strict=True)] == [many, many]
    assert all(row["caller"] is None for row in nightly.stored.rows["visits"])


def test_null_keeps_a_kind(nightly: Nightly) -> None:
    nightly.purging.rules = HeldSettings(settings({"retention": {"journal": None, "calls": None}}))
    nightly.trusted()
    assert nightly.tick(NIGHT).rewrites == ()


def test_a_database_that_cannot_be_read_waits_for_another_second(nightly: Nightly) -> None:
    nightly.trusted()
    nightly.stored.readable = False
    assert nightly.tick(NIGHT).rewrites == ()
    nightly.stored.readable = True
    assert nightly.tick(NIGHT + timedelta(seconds=1)).rewrites


# --- the clock -----------------------------------------------------------------------------------


def test_a_clock_that_was_set_forward_by_weeks_deletes_nothing_for_a_day(nightly: Nightly) -> None:
    nightly.trusted()
    wrong = NIGHT + 300 * DAY
    assert nightly.tick(wrong).rewrites == ()
    assert nightly.tick(wrong + timedelta(hours=1)).rewrites == ()
    # It is right again, and is trusted a day later.
    assert nightly.tick(NIGHT + timedelta(minutes=1)).rewrites == ()
    at = NIGHT + timedelta(minutes=2)
    while at < NIGHT + DAY:
        assert nightly.tick(at).rewrites == ()
        at += timedelta(minutes=10)
    assert [each.key for each in nightly.tick(NIGHT + DAY + timedelta(minutes=2)).rewrites] == [1, 2, 3, 1, 2]


def test_a_restart_costs_no_night_and_a_longer_time_off_costs_one(nightly: Nightly) -> None:
    nightly.trusted()
    restarted = Nightly(nightly.stored)
    for noted in nightly.purging.noted.values():
        restarted.purging.noted.put(noted)
    assert len(restarted.tick(NIGHT + timedelta(minutes=5)).rewrites) == 3
    off = NIGHT + 2 * DAY
    assert restarted.tick(off).rewrites == ()


@given(steps=st.lists(st.integers(min_value=-90 * 24, max_value=90 * 24), max_size=40))
def test_nothing_leaves_within_a_day_of_running_after_a_step_of_more_than_a_day(steps: list[int]) -> None:
    """Each step is in hours. Between two there is one tick, so no time of running passes."""
    nightly = Nightly()
    nightly.stored.rows = {
        "journal": [fact(1, NIGHT - 900 * DAY)], "visits": [visit(1, NIGHT - 900 * DAY)],
        "meta": [{"key": CURSOR, "value": "1"}],
    }  # fmt: skip
    at = NIGHT
    for hours in steps:
        before, at = at, at + timedelta(hours=hours)
        decision = nightly.tick(at)
        if at - before > DOUBT:
            assert decision.rewrites == ()


def test_a_row_says_when_it_was_purged_last() -> None:
    nightly = Nightly()
    nightly.trusted()
    nightly.tick(NIGHT)
    assert nightly.purging.noted["visits"].at == NIGHT - 730 * DAY
    table = nightly.purging.noted.table
    assert table is not None
    assert table in metadata.tables.values()
