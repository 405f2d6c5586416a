"""Figures of larger groups that are made of smaller ones are those of a question of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from callcentre.app import ledger_shape
from callcentre.kernel.ownership import Reach
from callcentre.kernel.page_reads.narrowing import narrowed
from callcentre.statistics.figures import figures, figures_of_all
from callcentre.statistics.ledger import Ledger
from callcentre.statistics.questions import By, Question
from callcentre.statistics.statements import Changes, put
from callcentre.statistics.tables import ledger_table
from tests.unit.rehearsal import NOON
from tests.unit.statistics.lines import FACTS, answered, joined

SHAPE = ledger_shape()
HELSINKI = ZoneInfo("Europe/Helsinki")
SECONDS = st.sampled_from([0, 1, 30, 3_600, 50_000, 200_000])


@pytest.fixture(scope="module")
def ledger() -> Iterator[sa.Connection]:
    """The tables of the ledger, empty."""
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        for kept in SHAPE.tables:
            ledger_table(kept).create(connection)
        connection.commit()
        yield connection
    engine.dispose()


def store(ledger: sa.Connection, facts: Sequence[tuple[int, dict[str, Any]]]) -> None:
    added_up, changes = Ledger(SHAPE), Changes(SHAPE)
    for number, (seconds, fact) in enumerate(facts, 1):
        line = msgspec.json.encode({"at": NOON + timedelta(seconds=seconds), "id": number, **fact})
        changes.take(added_up.feed(SHAPE.read(line)))
    put(ledger, "main", changes.rows())


def asked(by: By | None, *, each_service: bool = False) -> Question:
    return Question(by=by, zone=HELSINKI, each_service=each_service)


@given(st.lists(st.tuples(SECONDS, FACTS), max_size=40), st.sampled_from(["minute", "quarter_hour", "hour", "day"]))
@settings(max_examples=60)
def test_they_are_those_of_a_question_of_their_own(
    ledger: sa.Connection, facts: list[tuple[int, dict[str, Any]]], by: By
) -> None:
    store(ledger, facts)
    questions = [asked(by, each_service=True), asked(by), asked("service"), asked(None), asked("queue")]
    found = list(figures_of_all(SHAPE, ledger, questions))
    assert found == [figures(SHAPE, ledger, question) for question in questions]
    # The whole of any groups.
    assert list(figures_of_all(SHAPE, ledger, [asked("queue"), asked(None)]))[1] == found[3]
    ledger.rollback()


def test_nothing_is_lost_of_many_calls(ledger: sa.Connection) -> None:
    facts: list[tuple[int, dict[str, Any]]] = []
    for number in range(60):
        about = {"call": str(number), "service": "ab"[number % 2], "queue": "support"}
        wait, at = number * 7 % 50, number * 600
        facts += [
            (at, {"event": "queue.joined", "position": 1, "waiting": 1, "estimated_wait": number, **about}),
            (at + wait, {"event": "queue.left", "reason": "answered", "wait": wait, **about}),
            (at + 60, {"event": "call.ended", "talk": 60 + number, **about}),
            (at + 61, {"event": "survey.asked", "survey": f"s{number}", **about}),
            (at + 62, {"event": "survey.answered", "survey": f"s{number}", "metric": "csat", "value": 4, **about}),
            (at + 63, {"event": "callback.accepted", "callback": f"cb{number}", "position": 1, **about}),
        ]  # fmt: skip
    store(ledger, sorted(facts, key=lambda each: each[0]))
    questions = [asked("hour", each_service=True), asked("hour"), asked("service"), asked(None)]
    found = list(figures_of_all(SHAPE, ledger, questions))
    assert found == [figures(SHAPE, ledger, question) for question in questions]
    assert (found[3][0]["offered"], found[3][0]["csat_answers"], found[3][0]["callbacks_open"]) == (60, 60, 60)
    ledger.rollback()


def test_a_service_has_groups_of_its_own(ledger: sa.Connection) -> None:
    facts = [(0, joined("1", service="b")), (0, joined("2", service="a")), (90_000, joined("3", service="b"))]
    store(ledger, [*facts, (5, answered("1", service="b")), (9, joined("4", service=None))])
    rows = figures(SHAPE, ledger, asked("day", each_service=True))
    assert [(row["service"], row["day"], row["offered"], row["answered"]) for row in rows] == [
        ("a", "2026-06-03", 1, 0), ("b", "2026-06-03", 1, 1), ("b", "2026-06-04", 1, 0), (None, "2026-06-03", 1, 0),
    ]  # fmt: skip
    ledger.rollback()


def test_only_what_is_within_the_reach_counts(ledger: sa.Connection) -> None:
    store(ledger, [(0, joined("1", service="a")), (0, joined("2", service="b")), (0, joined("3", service=None))])

    def offered(reach: Reach, service: str | None = None) -> int:
        question = Question(by=None, zone=HELSINKI, service=service)
        with narrowed(ledger, reach):
            return sum(int(row["offered"] or 0) for row in figures(SHAPE, ledger, question))

    assert offered(Reach("main", frozenset({"a"}))) == 1
    assert offered(Reach("main", frozenset({"a"})), "b") == 0
    assert offered(Reach("main", frozenset())) == 0
    assert offered(Reach(None, frozenset())) == 3
    ledger.rollback()
