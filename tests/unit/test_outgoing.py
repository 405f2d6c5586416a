"""How often may be dialled: in a day, and one number."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcentre.config.sections import Dialling
from callcentre.telephony.dialling.outgoing import Denied, Dialled, Granted, alarm_over, permission, spent
from callcentre.values.days import midnight_after
from callcentre.values.hours import DailyWindow
from callcentre.values.numbers import NumberPolicy, caller_hash

HELSINKI = ZoneInfo("Europe/Helsinki")
NOON = datetime(2026, 6, 3, 9, tzinfo=UTC)
DAY, BEFORE = "2026-06-03", "2026-06-02"
KEY = b"k" * 32
MATTI, MAIJA = "+358401112222", "+358403334444"
NUMBERS = NumberPolicy(
    region="FI", regions=frozenset({"FI"}), dial=frozenset({"mobile"}), text=frozenset(), blocked=frozenset()
)
DIALLING = Dialling.model_validate(
    {"endpoint": "PJSIP/{number}@trunk", "caller_id": MATTI, "per_number_per_day": "2", "per_day": "10"}
)


def asked(dialled: Dialled | None, number: str = MATTI, day: str = DAY) -> Granted | Denied:
    return permission(dialled, number, DIALLING, NUMBERS, key=KEY, day=day, at=NOON, zone=HELSINKI)


def counted(total: int, numbers: dict[str, int], day: str = DAY) -> Dialled:
    return Dialled(day=day, total=total, numbers={caller_hash(KEY, one): times for one, times in numbers.items()})


@pytest.mark.parametrize(
    ("dialled", "reason"),
    [
        (None, None),
        (counted(9, {MATTI: 1}), None),
        (counted(10, {}), "per_day"),
        (counted(2, {MATTI: 2}), "per_number"),
        (counted(2, {MAIJA: 2}), None),
        (counted(10, {MATTI: 2}), "per_day"),
        (counted(10, {MATTI: 2}, BEFORE), None),
    ],
)
def test_a_number_and_all_together_are_dialled_so_often_a_day(dialled: Dialled | None, reason: str | None) -> None:
    said = asked(dialled)
    assert (said.reason if isinstance(said, Denied) else None) == reason


@pytest.mark.parametrize(("so_far", "spare", "granted"), [(0, 1, True), (1, 0, True), (1, 1, False), (0, 2, False)])
def test_calls_that_matter_less_leave_some_to_a_number(so_far: int, spare: int, granted: bool) -> None:
    dialled = counted(so_far, {MATTI: so_far})
    said = permission(dialled, MATTI, DIALLING, NUMBERS, key=KEY, day=DAY, at=NOON, zone=HELSINKI, spare=spare)
    assert isinstance(said, Granted) is granted


def test_what_the_number_policy_refuses_is_not_dialled_and_not_counted() -> None:
    assert asked(None, "+358912345678") == Denied("landline")


def test_outside_call_hours_nobody_is_dialled_and_nothing_counted() -> None:
    numbers = replace(NUMBERS, call_hours=DailyWindow.parse("13:00-21:00"))

    def said(hour: int) -> Granted | Denied:
        at = NOON.replace(hour=hour)
        return permission(None, MATTI, DIALLING, numbers, key=KEY, day=DAY, at=at, zone=ZoneInfo("Asia/Tokyo"))

    assert said(9) == Denied("call_hours")
    assert isinstance(said(10), Granted)
    assert said(18) == Denied("call_hours")


@given(st.lists(st.tuples(st.sampled_from([BEFORE, DAY]), st.sampled_from([MATTI, MAIJA])), max_size=12))
def test_what_is_granted_in_a_day_is_counted_and_never_more_than_the_caps(calls: list[tuple[str, ...]]) -> None:
    dialled, granted = None, []
    for day, number in sorted(calls, key=lambda call: call[0]):
        said = asked(dialled, number, day)
        if isinstance(said, Granted):
            assert said.number == number
            dialled = said.dialled
            granted.append((day, number))
    if dialled is not None:
        today = [number for day, number in granted if day == dialled.day]
        assert dialled == counted(len(today), {one: today.count(one) for one in today}, dialled.day)
        assert all(today.count(one) <= 2 for one in today)


def test_the_first_call_past_the_cap_raises_the_alarm_and_the_next_does_not() -> None:
    full = counted(10, {})
    first = asked(full)
    assert isinstance(first, Denied)
    assert [(fact.name, fact.reason) for fact in first.decision.facts] == [("alarm.raised", "dialling_per_day")]
    (change,) = first.decision.changes
    assert asked(change.record) == Denied("per_day")


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
    over = alarm_over(Dialled(day=day, total=total, numbers={}, alarmed=alarmed), day=DAY, per_day=10)
    assert [fact.name for fact in over.facts] == ["alarm.cleared"] * cleared
    assert [change.record.alarmed for change in over.changes] == [False] * cleared


def test_an_alarm_is_carried_into_the_new_day_until_it_is_cleared() -> None:
    said = asked(Dialled(day=BEFORE, total=10, numbers={}, alarmed=True))
    assert isinstance(said, Granted)
    assert said.dialled.alarmed
    assert not spent(said.dialled, day=DAY, per_day=10)


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
