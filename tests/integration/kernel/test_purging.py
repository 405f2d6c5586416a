"""Old rows leave a real database at night. Figures, exports and the numbers of facts go on as if they were there."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest

from callcentre.app import ledger_shape
from callcentre.kernel.database import Database
from callcentre.kernel.event import Event, Tick
from callcentre.statistics.export import exported
from callcentre.statistics.figures import figures
from callcentre.statistics.periods import Span
from callcentre.statistics.questions import By, Question
from callcentre.statistics.sources import ledger_of_database
from tests.integration.kept import keep, kept
from tests.testbed.databases import the_server
from tests.testbed.postgresql import fresh
from tests.unit.counted import six_calls
from tests.unit.rehearsal import NOON

SHAPE = ledger_shape()
HELSINKI = ZoneInfo("Europe/Helsinki")
LATER = NOON.replace(hour=0) + timedelta(days=900)
"""Three o'clock at night in Helsinki, when everything is too old."""


def a_day_and_a_night(until: datetime = LATER) -> list[Event]:
    """Ticks of a day, so that the clock is trusted, and then some at night."""
    day = [Tick(at=until - timedelta(days=1) + timedelta(minutes=30 * half)) for half in range(48)]
    return [*day, *(Tick(at=until + timedelta(seconds=second)) for second in range(5))]


def figures_of(database: Path) -> list[Any]:
    with ledger_of_database(SHAPE, Database.of_file(database)) as ledger:
        questions = [Question(by=by, zone=HELSINKI) for by in get_args(By)]
        return [figures(SHAPE, ledger, question) for question in questions]


def exports_of(database: Path) -> dict[str, int]:
    with ledger_of_database(SHAPE, Database.of_file(database)) as ledger:
        return {
            name: len(list(exported(ledger, export, HELSINKI, span=Span()).rows))
            for name, export in SHAPE.exports.items()
        }


def rows(database: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture
async def database(tmp_path: Path) -> Path:
    found, _ = await kept(tmp_path, six_calls().events)
    return found


async def test_figures_and_exports_are_the_same_without_the_people(database: Path) -> None:
    before = figures_of(database), exports_of(database)
    assert rows(database, "SELECT count(*) > 10 FROM journal WHERE caller IS NOT NULL") == [(1,)]
    await kept(database.parent, a_day_and_a_night())
    assert rows(database, "SELECT count(*) FROM journal WHERE caller IS NOT NULL") == [(0,)]
    people = "caller IS NOT NULL OR number IS NOT NULL OR call != ''"
    assert rows(database, f"SELECT count(*) FROM visits WHERE {people}") == [(0,)]
    assert (figures_of(database), exports_of(database)) == before
    assert exports_of(database)["calls"] == 6


async def test_a_fact_gets_no_number_twice_although_all_before_it_are_deleted(database: Path) -> None:
    log = database.parent / "facts.jsonl"
    await kept(database.parent, a_day_and_a_night())
    rows(database, "SELECT 1")
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("DELETE FROM journal")
        connection.commit()
    last = json.loads(log.read_text().splitlines()[-1])["id"]
    await kept(database.parent, six_calls().events)
    numbers = [json.loads(line)["id"] for line in log.read_text().splitlines()]
    assert numbers == sorted(set(numbers)), "no number twice"
    assert numbers[-1] > last


async def test_younger_rows_stay_as_they_are(database: Path) -> None:
    before = rows(database, "SELECT * FROM visits"), rows(database, "SELECT * FROM journal")
    await kept(database.parent, a_day_and_a_night(NOON.replace(hour=0) + timedelta(days=700)))
    assert rows(database, "SELECT * FROM visits") == before[0]
    assert set(before[1]) <= set(rows(database, "SELECT * FROM journal"))


async def test_old_rows_leave_a_server_too(tmp_path: Path) -> None:
    url = fresh(the_server())
    database = Database(url)
    await keep(database, tmp_path / "facts.jsonl", six_calls().events)
    await keep(database, tmp_path / "facts.jsonl", a_day_and_a_night())
    with the_server().connect(url.rpartition("@/")[2].partition("?")[0]) as connection:
        facts = connection.execute("SELECT count(*) FROM journal WHERE caller IS NOT NULL").fetchall()
        visits = connection.execute("SELECT count(*), count(caller), max(call) FROM visits").fetchall()
    assert (facts, visits) == ([(0,)], [(6, 0, "")])
