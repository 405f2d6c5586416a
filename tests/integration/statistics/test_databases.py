"""The same facts have the same figures on SQLite, on PostgreSQL and from the log, also those of several nodes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from callcentre.app import ledger_shape
from callcentre.statistics.export import exported
from callcentre.statistics.figures import figures
from callcentre.statistics.ledger import Ledger
from callcentre.statistics.periods import Span, milliseconds
from callcentre.statistics.questions import By, Figure, Question
from callcentre.statistics.records import RecordTable
from callcentre.statistics.sources import ledger_of_log
from callcentre.statistics.statements import Changes, put
from callcentre.statistics.tables import ledger_table
from tests.cast import ANNA
from tests.testbed.postgresql import Server, fresh
from tests.unit.rehearsal import NOON
from tests.unit.statistics.lines import FACTS, answered, joined

SHAPE = ledger_shape()
HELSINKI = ZoneInfo("Europe/Helsinki")
EXPORTS = [each for each in SHAPE.exports.values() if isinstance(each.table, RecordTable)]
"""Those of the ledger."""
NODES = ("north", "south")
SECONDS = st.sampled_from([0, 1, 30, 3_600, 50_000, 200_000])
"""After noon. Many facts have the same time."""
FACTS_OF_NODES = st.lists(st.tuples(st.sampled_from(NODES), SECONDS, FACTS), max_size=40)
LIMITS = st.none() | SECONDS.map(lambda seconds: milliseconds(NOON + timedelta(seconds=seconds)))


@pytest.fixture(scope="module")
def databases(postgresql: Server) -> Iterator[list[sa.Connection]]:
    """A connection to SQLite and one to PostgreSQL, with the tables of the ledger."""
    with ExitStack() as opened:
        connections = []
        for url in ("sqlite://", fresh(postgresql)):
            engine = sa.create_engine(url)
            opened.callback(engine.dispose)
            connection = opened.enter_context(engine.connect())
            for kept in SHAPE.tables:
                ledger_table(kept).create(connection)
            connection.commit()
            connections.append(connection)
        yield connections


def lines_of(facts: Sequence[tuple[str, int, dict[str, Any]]]) -> list[bytes]:
    """The lines of the log."""
    numbers = {node: count(1) for node in NODES}
    return [
        msgspec.json.encode({"at": NOON + timedelta(seconds=at), "id": next(numbers[node]), "node": node, **fact})
        for node, at, fact in facts
    ]


def store(ledger: sa.Connection, lines: Sequence[bytes], *nodes: str) -> None:
    """Write the records of these facts as the daemon of each node does, in another order than that of lists."""
    for node in nodes or reversed(NODES):
        added_up, changes = Ledger(SHAPE), Changes(SHAPE)
        for fact in map(SHAPE.read, lines):
            if fact.node == node:
                changes.take(added_up.feed(fact))
        put(ledger, node, changes.rows())


def reported(ledger: sa.Connection, question: Question) -> list[Any]:
    """The figures, and the rows of all exports."""
    zone, span, service = question.zone, question.span, question.service
    found = [exported(ledger, each, zone, span=span, service=service) for each in EXPORTS]
    return [figures(SHAPE, ledger, question), *((each.known, each.columns, list(each.rows)) for each in found)]


@given(FACTS_OF_NODES, st.sampled_from(get_args(By)), LIMITS, LIMITS, st.sampled_from([None, "a", "c"]))
@settings(max_examples=40)
def test_the_same_facts_have_the_same_figures_in_each_database_and_from_the_log(
    databases: list[sa.Connection],
    tmp_path_factory: pytest.TempPathFactory,
    facts: list[tuple[str, int, dict[str, Any]]],
    by: By,
    start: int | None,
    stop: int | None,
    service: str | None,
) -> None:
    question = Question(by=by, zone=HELSINKI, span=Span(start, stop), service=service)
    lines = lines_of(facts)
    log = tmp_path_factory.mktemp("log") / "facts.jsonl"
    log.write_bytes(b"".join(b"%b\n" % line for line in lines))
    with ledger_of_log(SHAPE, [log]) as (ledger, reading):
        of_log = reported(ledger, question)
    assert reading.facts == len(facts)
    for database in databases:
        store(database, lines)
        of_database = reported(database, question)
        database.rollback()
        assert of_database == of_log


@pytest.mark.parametrize(
    ("by", "counted"),
    [
        ("hour", {"2026-10-25T03:00+03:00": 2, "2026-10-25T03:00+02:00": 1, "2026-10-25T04:00+02:00": 1}),
        ("day", {"2026-10-25": 4}),
        ("week", {"2026-W43": 4}),
    ],
)
def test_a_call_counts_in_the_period_that_it_begins_in_and_within_the_span(
    databases: list[sa.Connection], by: By, counted: dict[str, int]
) -> None:
    # The clock is put back from four to three at one o'clock UTC.
    first, last = datetime(2026, 10, 25, 0, tzinfo=UTC), datetime(2026, 10, 25, 2, 30, tzinfo=UTC)
    hour = timedelta(hours=1)
    times = [first - hour, first, first + hour - timedelta(milliseconds=1), first + hour, first + 2 * hour, last]
    lines = [msgspec.json.encode({**joined(f"{key}"), "at": at, "id": key}) for key, at in enumerate(times, 1)]
    question = Question(by=by, zone=HELSINKI, span=Span(milliseconds(first), milliseconds(last)))
    for ledger in databases:
        store(ledger, lines, "main")
        assert {row[by]: row["offered"] for row in figures(SHAPE, ledger, question)} == counted
        ledger.rollback()


NORTH: list[tuple[str, int, dict[str, Any]]] = [
    ("north", 0, joined("1", service="support")),
    ("north", 10, answered("1", wait=10, agent=ANNA, agent_name="Anna")),
    ("north", 70, {"event": "call.ended", "call": "1", "talk": 60}),
    # Promised at the second place. One other call is answered before the customer is connected: the place is kept.
    ("north", 80, {"event": "callback.accepted", "callback": "cb", "queue": "support", "position": 2}),
    ("north", 90, joined("2")),
    ("north", 91, answered("2")),
    ("north", 100, answered("3")),
    ("north", 100, {"event": "callback.connected", "callback": "cb", "queue": "support", "wait": 0}),
]
SOUTH: list[tuple[str, int, dict[str, Any]]] = [
    # Of another Asterisk: the calls, and the numbers of the facts, are the same by chance.
    ("south", 0, joined("1")),
    *(("south", 85 + number, answered(f"o{number}")) for number in range(5)),
    ("south", 95, {"event": "queue.left", "call": "1", "queue": "support", "reason": "abandoned", "wait": 95}),
]


@pytest.mark.parametrize("turn", [1, -1])
def test_facts_of_several_nodes_add_up_and_none_is_taken_for_one_of_another(
    databases: list[sa.Connection], tmp_path: Path, turn: int
) -> None:
    lines = lines_of(sorted(NORTH + SOUTH, key=lambda fact: fact[1]))
    log = tmp_path / "facts.jsonl"
    log.write_bytes(b"\n".join(lines[::turn]))

    def asked(ledger: sa.Connection, by: By) -> list[dict[str, Figure]]:
        return figures(SHAPE, ledger, Question(by=by, zone=HELSINKI))

    with ledger_of_log(SHAPE, [log]) as (of_log, _):
        for ledger in (*databases, of_log):
            if ledger is not of_log:
                store(ledger, lines)
            north, south = asked(ledger, "node")
            assert (north["node"], north["offered"], north["answered"], north["places_kept"]) == ("north", 3, 3, 1)
            assert (south["node"], south["offered"], south["answered"], south["abandoned"]) == ("south", 6, 5, 1)
            assert (north["handle_time"], south["handle_time"]) == (60.0, None)
            (both,) = asked(ledger, "queue")
            assert (both["offered"], both["answered"], both["abandoned"], both["places_kept"]) == (9, 8, 1, 1)
            assert both["longest_wait"] == 95.0
            calls = exported(ledger, SHAPE.exports["calls"], HELSINKI, span=Span())
            assert [row[-1] for row in calls.rows][:2] == ["north", "south"]
            ledger.rollback()
