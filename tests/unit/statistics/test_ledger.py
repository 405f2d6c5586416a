"""What facts add up to: callbacks, notices, texts and surveys, fact by fact; and lines that are no facts."""
# ruff: noqa: E501, a table is read by its rows

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcentre.statistics.ledger import Ledger
from callcentre.statistics.lines import NoFact, Told, read
from callcentre.statistics.records import CallbackRecord, Offer, Record, Score, SurveyRecord, TextRecord, Visit

ABOUT = {"service": "support", "queue": "support"}
CALLBACK = {**ABOUT, "callback": "cb-1", "call": "1.1"}
SURVEY = {**ABOUT, "survey": "s1", "call": "1.1", "agent": "PJSIP/agent1", "agent_name": "Anna"}


def facts(*told: dict[str, Any]) -> list[Told]:
    """Facts a second apart, as their lines are read."""
    return [
        read(msgspec.json.encode({"at": f"2026-06-03T09:00:{number:02}.000Z", "id": number, **fact}))
        for number, fact in enumerate(told, 1)
    ]


def added_up(told: Iterable[Told], ledger: Ledger | None = None) -> list[Record]:
    """The records as they are in the end."""
    book = ledger or Ledger()
    rows: dict[tuple[type[Record], int | str], Record] = {}
    for fact in told:
        for row in book.feed(fact):
            rows[type(row), row.key] = row
    return list(rows.values())


def only(kind: type[Record], rows: Iterable[Record]) -> Any:
    [row] = [row for row in rows if isinstance(row, kind)]
    return row


OFFERED = {"event": "callback.offered", "position": 3, **ABOUT, "call": "1.1"}
ACCEPTED = {"event": "callback.accepted", "position": 2, "by": "customer", **CALLBACK}
DIALLED = {"event": "callback.dialled", "attempt": 1, **CALLBACK}
CONNECTED = {"event": "callback.connected", "wait": 2.5, "agent": "PJSIP/agent1", **CALLBACK}
COMPLETED = {"event": "callback.completed", **CALLBACK}


def answered(call: str) -> dict[str, Any]:
    return {"event": "queue.left", "reason": "answered", "wait": 1, **ABOUT, "call": call}


def test_a_call_that_found_no_way_out_is_no_attempt() -> None:
    not_dialled = {"event": "callback.not_dialled", "attempt": 1, "reason": "no_route", **CALLBACK}
    assert only(CallbackRecord, added_up(facts(ACCEPTED, DIALLED, not_dialled))).attempts == 0
    told = facts(ACCEPTED, DIALLED, not_dialled, DIALLED, CONNECTED, COMPLETED)
    assert only(CallbackRecord, added_up(told)).attempts == 1
    # The log may begin in the middle.
    assert only(CallbackRecord, added_up(facts(ACCEPTED, not_dialled))).attempts == 0


def test_who_is_transferred_into_another_queue_has_talked_until_then() -> None:
    joined = {"event": "queue.joined", "position": 1, "waiting": 1, **ABOUT, "call": "1.1"}
    elsewhere = {"queue": "sales", "service": "sales"}
    told = facts(
        joined, answered("1.1"), joined | elsewhere, answered("1.1") | elsewhere,
        {"event": "call.ended", "talk": 7.5, **ABOUT, **elsewhere, "call": "1.1"},
    )  # fmt: skip
    visits = [row for row in added_up(told) if isinstance(row, Visit)]
    assert [(visit.queue, visit.talk, visit.open) for visit in visits] == [
        ("support", 1000, False), ("sales", 7500, False),
    ]  # fmt: skip


@pytest.mark.parametrize(("hour", "seconds"), [(8, -3600), (10, 3600)])
def test_a_talk_is_as_long_as_it_was_whatever_the_clock_is_set_to(hour: int, seconds: int) -> None:
    joined = {"event": "queue.joined", "position": 1, "waiting": 1, **ABOUT, "call": "1.1"}
    told = facts(
        joined, answered("1.1"),
        {"event": "clock.stepped", "seconds": seconds, "at": f"2026-06-03T{hour:02}:00:03.000Z"},
        {**joined, "queue": "sales", "service": "sales", "at": f"2026-06-03T{hour:02}:00:12.000Z"},
    )  # fmt: skip
    visits = {visit.queue: visit for visit in added_up(told) if isinstance(visit, Visit)}
    assert visits["support"].talk == 10_000


def cancelled(by: str) -> dict[str, Any]:
    return {"event": "callback.cancelled", "by": by, **CALLBACK}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([ACCEPTED], {"state": "open", "attempts": 0, "open": True, "kept": None}),
        ([ACCEPTED, DIALLED, DIALLED], {"state": "open", "attempts": 2}),
        ([ACCEPTED, DIALLED, CONNECTED, COMPLETED], {"state": "completed", "attempts": 1, "wait": 2500, "open": False}),
        ([ACCEPTED, cancelled("sms")], {"state": "cancelled", "ended_by": "sms"}),
        ([ACCEPTED, cancelled("auto_agent")], {"state": "cancelled", "ended_by": "auto_agent"}),
        ([ACCEPTED, {"event": "callback.failed", "reason": "busy", **CALLBACK}], {"state": "failed", "reason": "busy"}),
        ([ACCEPTED, {"event": "callback.expired", "reason": "closed", **CALLBACK}], {"state": "expired"}),
        # One caller stood before: one may be answered first, and the call of the customer is an answered one too.
        ([ACCEPTED, answered("2"), answered("1.1"), CONNECTED], {"kept": True}),
        ([ACCEPTED, answered("2"), answered("3"), answered("1.1"), CONNECTED], {"kept": False}),
        ([answered("2"), answered("3"), answered("4"), ACCEPTED, answered("1.1"), CONNECTED], {"kept": True}),
    ],
)  # fmt: skip
def test_a_callback_is_what_its_facts_say(told: list[dict[str, Any]], expected: dict[str, Any]) -> None:
    row = only(CallbackRecord, added_up(facts(*told)))
    assert {name: getattr(row, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("states", "notice"),
    [
        (("sent",), "sent"),
        (("sent", "delivered"), "delivered"),
        (("sent", "failed", "sent"), "sent"),
        (("sent", "answered", "delivered"), "answered"),
    ],
)
def test_a_notice_is_the_latest_that_is_known_of_it(states: tuple[str, ...], notice: str) -> None:
    told = [{"event": f"notice.{state}", "by": "sms", **CALLBACK} for state in states]
    row = only(CallbackRecord, added_up(facts(ACCEPTED, *told)))
    assert (row.notice, row.notice_by) == (notice, "sms")


def test_a_call_that_is_offered_a_callback_twice_counts_once() -> None:
    declined = {"event": "callback.declined", "reason": "no_key", **ABOUT, "call": "1.1"}
    assert only(Offer, added_up(facts(OFFERED, declined, OFFERED))).call == "1.1"


def test_a_caller_who_comes_back_from_the_exit_key_goes_on_with_the_same_visit() -> None:
    joined = {"event": "queue.joined", "position": 2, "waiting": 2, **ABOUT, "call": "1.1"}
    key = {"event": "queue.left", "reason": "key", "wait": 10, **ABOUT, "call": "1.1"}
    gone = {"event": "queue.left", "reason": "abandoned", "wait": 5.25, **ABOUT, "call": "1.1"}
    row = only(Visit, added_up(facts(joined, key, joined, gone)))
    assert (row.outcome, row.wait) == ("abandoned", 15_250)


@pytest.mark.parametrize("state", ["accepted", "delivered", "failed", "refused"])
def test_a_text_is_counted_once_in_its_latest_state(state: str) -> None:
    text = {"kind": "survey", "parts": 2, "message": "m1", **ABOUT}
    row = only(TextRecord, added_up(facts({"event": "sms.queued", **text}, {"event": f"sms.{state}", **text})))
    assert (row.state, row.parts, row.open) == (state, 2, state == "accepted")


def test_a_survey_counts_its_answers_and_each_says_whom_it_is_about() -> None:
    asked = {"event": "survey.asked", "question": "satisfaction", "metric": "csat", **SURVEY}
    invalid = {"event": "survey.invalid", **SURVEY}
    five = {**asked, "event": "survey.answered", "value": 5, "wait": 4, "talk": 60.5}
    ten = {"event": "survey.answered", "question": "recommend", "metric": "nps", "value": 10}
    done = {"event": "survey.completed", **SURVEY}
    rows = added_up(facts(asked, invalid, five, asked, {**ten, **SURVEY}, done))
    survey = only(SurveyRecord, rows)
    assert (survey.answers, survey.invalid, survey.state, survey.open) == (2, 1, "completed", False)
    first, second = (row for row in rows if isinstance(row, Score))
    assert (first.value, first.metric, first.agent, first.agent_name, first.talk) == (
        5,
        "csat",
        "PJSIP/agent1",
        "Anna",
        60_500,
    )
    assert (second.value, second.metric, second.asked) == (10, "nps", survey.at)


EVENTS = (
    "queue.joined", "queue.left", "call.ended", "callback.offered", "callback.declined", "callback.accepted",
    "callback.dialled", "callback.connected", "callback.completed", "callback.cancelled", "notice.sent",
    "notice.answered", "sms.queued", "sms.delivered", "survey.asked", "survey.answered", "survey.invalid",
    "survey.expired", "alarm.raised",
)  # fmt: skip
NAMES = st.none() | st.sampled_from(["a", "b"])
FACTS = st.fixed_dictionaries(
    {
        "event": st.sampled_from(EVENTS), "call": NAMES, "queue": NAMES, "callback": NAMES, "message": NAMES,
        "survey": NAMES, "reason": st.none() | st.sampled_from(["answered", "key", "hung_up"]),
        "position": st.none() | st.integers(1, 5), "wait": st.none() | st.floats(0, 100), "value": st.none() | st.integers(0, 10),
    }
)  # fmt: skip


@given(st.lists(FACTS, max_size=30), st.integers(0, 30))
def test_a_ledger_that_goes_on_where_another_stopped_adds_up_to_the_same(
    told: list[dict[str, Any]], place: int
) -> None:
    every = facts(*told)
    whole = {(type(row), row.key): row for row in added_up(every)}
    before = {(type(row), row.key): row for row in added_up(every[:place])}
    remembered = [row for row in before.values() if getattr(row, "open", True)]
    after = {(type(row), row.key): row for row in added_up(every[place:], Ledger(remembered))}
    assert before | after == whole


@given(st.binary(max_size=80) | st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.dictionaries(
    st.sampled_from(["event", "at", "id", "wait", "call"]), inner)).map(msgspec.json.encode))  # fmt: skip
def test_reading_a_line_raises_nothing_but_its_own_error(line: bytes) -> None:
    with suppress(NoFact):
        assert isinstance(read(line), Told)


@pytest.mark.parametrize(
    "line",
    [
        "", "[]", "null", "{}", '{"event":"x","at":"2026-06-03T09:00:00Z"}', '{"event":"x","at":"2026-06-03","id":1}',
        '{"event":"x","at":"2026-06-03T09:00:00","id":1}', '{"event":"x","at":"2026-06-03T09:00:00Z","id":0}',
        '{"event":"x","at":"2026-06-03T09:00:00Z","id":99999999999999999999}', "[" * 100_000,
        '{"event":"x","at":"2026-06-03T09:00:00Z","id":1,"wait":-1}',
    ],
)  # fmt: skip
def test_a_line_that_is_no_fact_is_told_apart(line: str) -> None:
    with pytest.raises(NoFact):
        read(line)
