"""How often may be dialled: in a day, and one number."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from callcentre.kernel.decision import Change, Delete
from callcentre.telephony.dialling.outgoing import (
    CallsToNumber,
    CapReached,
    Denied,
    Dialled,
    Granted,
    Outgoing,
    alarm_over,
    permission,
    spent,
)
from callcentre.telephony.dialling.settings import DiallingSettings
from callcentre.values.days import midnight_after
from callcentre.values.hours import DailyWindow
from callcentre.values.numbers import NumberPolicy, caller_hash
from tests.cast import LIISA, MATTI

HELSINKI = ZoneInfo("Europe/Helsinki")
NOON = datetime(2026, 6, 3, 9, tzinfo=UTC)
DAY, BEFORE = "2026-06-03", "2026-06-02"
KEY = b"k" * 32
NUMBERS = NumberPolicy(
    region="FI", regions=frozenset({"FI"}), dial=frozenset({"mobile"}), text=frozenset(), blocked=frozenset()
)
DIALLING = DiallingSettings.model_validate(
    {"endpoint": "PJSIP/{number}@trunk", "caller_id": MATTI, "per_number_per_day": "2", "per_day": "10"}
)


def asked(outgoing: Outgoing, number: str = MATTI, day: str = DAY, spare: int = 0) -> Granted | Denied:
    return permission(outgoing, number, DIALLING, NUMBERS, key=KEY, day=day, at=NOON, zone=HELSINKI, spare=spare)


def counted(total: int, numbers: dict[str, int], day: str = DAY, *, alarmed: bool = False) -> Outgoing:
    """What was dialled that day: so many calls in all, and so many to each number."""
    outgoing = Outgoing()
    outgoing.put(Dialled(day=day, total=total))
    if alarmed:
        outgoing.put(CapReached(day=day))
    for number, calls in numbers.items():
        outgoing.put(CallsToNumber(day=day, caller=caller_hash(KEY, number), calls=calls))
    return outgoing


def commit(outgoing: Outgoing, changes: tuple[Change, ...]) -> None:
    for change in changes:
        if not isinstance(change, Delete):
            outgoing.put(change.record)


@pytest.mark.parametrize(
    ("outgoing", "reason"),
    [
        (Outgoing(), None),
        (counted(9, {MATTI: 1}), None),
        (counted(10, {}), "per_day"),
        (counted(2, {MATTI: 2}), "per_number"),
        (counted(2, {LIISA: 2}), None),
        (counted(10, {MATTI: 2}), "per_day"),
        (counted(10, {MATTI: 2}, BEFORE), None),
    ],
)
def test_a_number_and_all_together_are_dialled_so_often_a_day(outgoing: Outgoing, reason: str | None) -> None:
    said = asked(outgoing)
    assert (said.reason if isinstance(said, Denied) else None) == reason


@pytest.mark.parametrize(("so_far", "spare", "granted"), [(0, 1, True), (1, 0, True), (1, 1, False), (0, 2, False)])
def test_calls_that_matter_less_leave_some_to_a_number(so_far: int, spare: int, granted: bool) -> None:
    assert isinstance(asked(counted(so_far, {MATTI: so_far}), spare=spare), Granted) is granted


def test_what_the_number_policy_refuses_is_not_dialled_and_not_counted() -> None:
    assert asked(Outgoing(), "+358912345678") == Denied("landline")


def test_outside_call_hours_nobody_is_dialled_and_nothing_counted() -> None:
    numbers = replace(NUMBERS, call_hours=DailyWindow.parse("13:00-21:00"))

    def said(hour: int) -> Granted | Denied:
        at = NOON.replace(hour=hour)
        return permission(Outgoing(), MATTI, DIALLING, numbers, key=KEY, day=DAY, at=at, zone=ZoneInfo("Asia/Tokyo"))

    assert said(9) == Denied("call_hours")
    assert isinstance(said(10), Granted)
    assert said(18) == Denied("call_hours")


@given(st.lists(st.tuples(st.sampled_from([BEFORE, DAY]), st.sampled_from([MATTI, LIISA])), max_size=12))
def test_what_is_granted_in_a_day_is_counted_and_never_more_than_the_caps(calls: list[tuple[str, ...]]) -> None:
    outgoing, granted = Outgoing(), []
    for day, number in sorted(calls, key=lambda call: call[0]):
        said = asked(outgoing, number, day)
        if isinstance(said, Granted):
            assert said.number == number
            commit(outgoing, said.counted("c", NOON))
            granted.append((day, number))
    for each in (BEFORE, DAY):
        that_day = [number for day, number in granted if day == each]
        assert outgoing.total(each) == len(that_day)
        for one in (MATTI, LIISA):
            assert outgoing.calls_to(caller_hash(KEY, one), each) == that_day.count(one) <= 2


def test_the_first_call_past_the_cap_raises_the_alarm_and_the_next_does_not() -> None:
    full = counted(10, {})
    first = asked(full)
    assert isinstance(first, Denied)
    assert [(fact.name, fact.reason) for fact in first.decision.facts] == [("alarm.raised", "dialling_per_day")]
    commit(full, first.decision.changes)
    assert asked(full) == Denied("per_day")


@pytest.mark.parametrize(
    ("day", "total", "alarmed", "cleared"),
    [
        (BEFORE, 10, True, True),
        (DAY, 10, True, False),
        (DAY, 9, True, True),
        (BEFORE, 10, False, False),
    ],
)
def test_the_alarm_is_over_with_the_day_or_when_the_cap_is_raised(
    day: str, total: int, alarmed: bool, cleared: bool
) -> None:
    over = alarm_over(counted(total, {}, day, alarmed=alarmed), day=DAY, per_day=10)
    assert [fact.name for fact in over.facts] == ["alarm.cleared"] * cleared
    assert over.changes == (Delete(CapReached(day=day)),) * cleared


def test_an_alarm_is_carried_into_the_new_day_until_it_is_cleared() -> None:
    outgoing = counted(10, {MATTI: 2}, BEFORE, alarmed=True)
    said = asked(outgoing)
    assert isinstance(said, Granted)
    commit(outgoing, said.counted("c", NOON))
    assert outgoing.cap.only is not None
    assert not spent(outgoing, day=DAY, per_day=10)


@pytest.mark.parametrize(
    ("at", "midnight"),
    [
        (datetime(2026, 6, 3, 12, tzinfo=UTC), datetime(2026, 6, 3, 21, tzinfo=UTC)),
        (datetime(2026, 6, 3, 22, tzinfo=UTC), datetime(2026, 6, 4, 21, tzinfo=UTC)),
        (datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 22, tzinfo=UTC)),
    ],
)
def test_the_day_ends_at_midnight_in_the_configured_timezone(at: datetime, midnight: datetime) -> None:
    assert midnight_after(at, ZoneInfo("Europe/Helsinki")) == midnight


class Rows:
    """A database with the calls of a day, which counts what is read of it."""

    def __init__(self, callers: int) -> None:
        self.held = {f"{DAY} caller-{number}": number for number in range(callers)}
        self.read = 0

    def rows(self, column: sa.Column[Any], value: str) -> list[dict[str, Any]]:
        self.read += 1
        if column.name == "day":
            return [{"day": DAY, "total": 1}]
        assert column.name == "key"
        calls = self.held.get(value)
        return [] if calls is None else [{"key": value, "day": DAY, "caller": value.split()[1], "calls": calls}]

    def below(self, column: sa.Column[Any], value: str, most: int) -> list[dict[str, Any]]:
        raise NotImplementedError


def test_dialling_reads_and_writes_as_much_however_many_numbers_were_dialled_that_day() -> None:
    costs = []
    for callers in (100, 100_000):
        outgoing, rows = Outgoing(), Rows(callers)
        outgoing.days.read_from(rows)
        outgoing.numbers.read_from(rows)
        said = asked(outgoing)
        assert isinstance(said, Granted)
        written = [msgspec.json.encode(change.record) for change in said.takes]
        costs.append((rows.read, len(said.takes), sum(map(len, written))))
    assert costs[0] == costs[1]
    assert costs[0][:2] == (2, 2)
