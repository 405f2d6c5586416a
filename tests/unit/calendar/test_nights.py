"""The nights in which the clocks change, midnight and the leap day: whatever goes by the wall clock, as a table.

In spring the hour from `HOUR[zone]` on is skipped, in autumn it comes twice; both at 01:00 UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from callcentre.config.cron import next_time
from callcentre.features.reports.outside.scheduled import days
from callcentre.features.surveys.policy import quarantined, send_at
from callcentre.messaging.effects import SendText
from callcentre.messaging.outbound import quiet_until
from callcentre.values.call_hours import next_call
from callcentre.values.days import day_of, midnight_after
from callcentre.values.hours import DailyWindow, OpeningHours, parse_intervals
from tests.cast import AINO, LIISA, MATTI
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import Asterisk

HELSINKI, STOCKHOLM = ZoneInfo("Europe/Helsinki"), ZoneInfo("Europe/Stockholm")
HOUR: Mapping[ZoneInfo, int] = {HELSINKI: 3, STOCKHOLM: 2}
PHONE: Mapping[ZoneInfo, str] = {HELSINKI: MATTI, STOCKHOLM: "+46701234567"}
SPRING, AUTUMN = date(2027, 3, 28), date(2027, 10, 31)
LENGTH: Mapping[date, timedelta] = {SPRING: timedelta(hours=23), AUTUMN: timedelta(hours=25)}

nights = pytest.mark.parametrize(
    ("zone", "day"),
    [
        pytest.param(HELSINKI, SPRING, marks=pytest.mark.fault("Time: spring night in Helsinki")),
        pytest.param(HELSINKI, AUTUMN, marks=pytest.mark.fault("Time: autumn night in Helsinki")),
        pytest.param(STOCKHOLM, SPRING, marks=pytest.mark.fault("Time: spring night in Stockholm")),
        pytest.param(STOCKHOLM, AUTUMN, marks=pytest.mark.fault("Time: autumn night in Stockholm")),
    ],
)


def wall(day: date, hour: int, minute: int, zone: ZoneInfo) -> datetime:
    """A time of the wall clock, the first of two."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).astimezone(UTC)


def through(day: date, zone: ZoneInfo, minutes: int = 5) -> Iterator[datetime]:
    """Moments from the noon before a day to its noon."""
    at, end = wall(day - timedelta(days=1), 12, 0, zone), wall(day, 12, 0, zone)
    while at < end:
        yield at
        at += timedelta(minutes=minutes)


@nights
def test_a_service_that_is_open_over_the_night_closes_once_and_by_the_wall_clock(zone: ZoneInfo, day: date) -> None:
    hour = HOUR[zone]
    hours = OpeningHours(zone, (parse_intervals("00:00-06:00"),) * 7)
    opens, closes = wall(day, 0, 0, zone), wall(day, 6, 0, zone)
    assert closes - opens == LENGTH[day] - timedelta(hours=18)
    for at in through(day, zone):
        assert hours.is_open(at) is (opens <= at < closes)
        if hours.is_open(at):
            assert hours.closes_at(at) == closes
    # It closes within the hour that is skipped, or that comes twice: as if the clock had not been set.
    short = OpeningHours(zone, (parse_intervals(f"00:00-0{hour}:30"),) * 7)
    assert short.closes_at(opens) == opens + timedelta(hours=hour, minutes=30)
    assert [at for at in through(day, zone) if short.is_open(at)][-1] == opens + timedelta(hours=hour, minutes=25)


@nights
@pytest.mark.parametrize(
    "window", ["21:00-07:00", "22:00-03:30", "22:00-02:30", "00:00-04:00", "03:15-03:45", "02:15-02:45", "01:00-24:00"]
)
def test_quiet_hours_end_once_in_the_night_and_hold_nothing_for_a_day(zone: ZoneInfo, day: date, window: str) -> None:
    quiet = DailyWindow.parse(window)
    longest = timedelta(minutes=(quiet.end - quiet.start) % (24 * 60) or 24 * 60) + timedelta(hours=1)
    before, changes = quiet.contains(next(through(day, zone)), zone), 0
    for at in through(day, zone):
        inside = quiet.contains(at, zone)
        changes += inside is not before
        before = inside
        until = quiet_until(quiet, at, zone)
        assert (until > at) is inside
        assert until - at <= longest
        assert not quiet.contains(until, zone)
        assert quiet.contains(quiet.next_start(at, zone), zone)
    assert changes <= 2


@nights
def test_no_phone_rings_before_the_call_hours_and_every_phone_may_ring_when_they_begin(
    zone: ZoneInfo, day: date
) -> None:
    hours = DailyWindow.parse("08:00-21:00")
    begins = wall(day, 8, 0, zone)
    evening = wall(day - timedelta(days=1), 21, 0, zone)
    assert begins - evening == timedelta(hours=11) + LENGTH[day] - timedelta(days=1)
    for at in through(day, zone):
        inside = at < evening or at >= begins
        assert next_call(hours, PHONE[zone], at, zone) == (at if inside else begins)


@nights
def test_a_question_of_the_evening_goes_out_in_the_morning(zone: ZoneInfo, day: date) -> None:
    between, quiet = DailyWindow.parse("09:00-19:00"), DailyWindow.parse("21:00-09:30")
    evening = wall(day - timedelta(days=1), 22, 0, zone)
    for also, minute in ((None, 0), (quiet, 30)):
        found = send_at(between, also, evening, zone=zone, quiet_zone=zone, before=evening + timedelta(days=2))
        assert found == wall(day, 9, minute, zone)


@nights
def test_the_day_of_caps_and_counts_begins_at_midnight_alone(zone: ZoneInfo, day: date) -> None:
    begins, ends = wall(day, 0, 0, zone), midnight_after(wall(day, 12, 0, zone), zone)
    assert ends - begins == LENGTH[day]
    latest, changes = None, []
    for at in through(day, zone, minutes=15):
        today = day_of(at, zone)
        if latest != today:
            changes.append(at)
        latest = today
        assert at < midnight_after(at, zone) <= at + timedelta(hours=25)
    assert changes[1:] == [begins]


@nights
def test_a_report_of_a_fixed_hour_is_made_once_in_the_night_and_one_of_every_hour_each_hour(
    zone: ZoneInfo, day: date
) -> None:
    def times(cron: str) -> list[datetime]:
        found, at = [], wall(day, 0, 0, zone) - timedelta(minutes=1)
        while (at := next_time(cron, zone, at) or datetime.max.replace(tzinfo=UTC)) < midnight_after(
            wall(day, 12, 0, zone), zone
        ):
            found.append(at)
        return found

    assert times("0 7 * * *") == [wall(day, 7, 0, zone)]
    assert times(f"30 {HOUR[zone]} * * *") == [wall(day, 0, 0, zone) + timedelta(hours=HOUR[zone], minutes=30)]
    assert len(times("0 * * * *")) == LENGTH[day] // timedelta(hours=1)


def awake(at: datetime, zone: ZoneInfo, **changes: Any) -> tuple[Rehearsal, Asterisk]:
    """The rules at a moment, with a service that is always open."""
    support = {"hours": None, "notify": None, "survey": None, "callback": {"confirm_by_sms": None}}
    support |= changes.pop("support", {})
    rehearsal = Rehearsal({"timezone": str(zone), "services": {"support": support}, **changes})
    rehearsal.at = at
    asterisk = Asterisk(rehearsal)
    asterisk.connect()
    return rehearsal, asterisk


WELCOME = {"welcome": {"min_waiting": "1", "cooldown": "0s", "text": "Hei"}}


@nights
def test_a_pause_over_the_change_is_as_long_as_any(zone: ZoneInfo, day: date) -> None:
    rehearsal, asterisk = awake(wall(day, 0, 59, zone), zone, support={**WELCOME, "callback": None})
    change = datetime(day.year, day.month, day.day, 1, tzinfo=UTC)
    rehearsal.at = change - timedelta(seconds=30)
    call = asterisk.calls_in()
    rehearsal.later(60)
    asterisk.hangs_up(call)
    (ended,) = [fact for fact in rehearsal.facts if fact.name == "call.ended"]
    assert 60 <= ended.wait < 62
    assert len(rehearsal.take(SendText)) == 1


@pytest.mark.fault("Time: midnight")
@pytest.mark.parametrize("zone", [HELSINKI, STOCKHOLM])
@pytest.mark.parametrize("day", [SPRING, AUTUMN, date(2028, 2, 29), date(2028, 1, 1)])
def test_at_midnight_the_texts_of_a_new_day_go_out_and_not_a_second_before(zone: ZoneInfo, day: date) -> None:
    midnight = wall(day, 0, 0, zone)
    rehearsal, asterisk = awake(
        midnight - timedelta(minutes=1), zone, support={**WELCOME, "callback": None}, sms={"per_day": "1"}
    )
    asterisk.calls_in(MATTI)
    assert len(rehearsal.take(SendText)) == 1
    rehearsal.at = midnight - timedelta(seconds=1)
    asterisk.calls_in(LIISA)
    assert rehearsal.take(SendText) == []
    assert [fact.reason for fact in rehearsal.facts if fact.name == "alarm.raised"] == ["sms_budget"]
    rehearsal.at = midnight
    asterisk.calls_in(AINO)
    rehearsal.later(1)
    assert [text.number for text in rehearsal.take(SendText)] == [AINO]
    assert [fact.reason for fact in rehearsal.facts if fact.name == "alarm.cleared"] == ["sms_budget"]


LEAP_DAY = date(2028, 2, 29)


@pytest.mark.fault("Time: leap day")
def test_the_leap_day_has_hours_exceptions_and_reports_as_any_day() -> None:
    tuesdays = OpeningHours(
        HELSINKI, (*[parse_intervals("08:00-16:00")] * 7,), exceptions={LEAP_DAY: parse_intervals("10:00-12:00")}
    )
    noon = wall(LEAP_DAY, 11, 0, HELSINKI)
    assert tuesdays.closes_at(noon) == wall(LEAP_DAY, 12, 0, HELSINKI)
    assert tuesdays.next_opening(wall(LEAP_DAY, 13, 0, HELSINKI)) == wall(date(2028, 3, 1), 8, 0, HELSINKI)
    assert midnight_after(wall(date(2028, 2, 28), 12, 0, HELSINKI), HELSINKI) == wall(LEAP_DAY, 0, 0, HELSINKI)
    assert day_of(noon, HELSINKI) == "2028-02-29"
    last = next_time("0 7 29 2 *", HELSINKI, wall(date(2027, 3, 1), 0, 0, HELSINKI))
    assert last == wall(LEAP_DAY, 7, 0, HELSINKI)
    assert next_time("0 7 29 2 *", HELSINKI, last) == wall(date(2032, 2, 29), 7, 0, HELSINKI)
    assert days("last_month", date(2028, 3, 1)) == (date(2028, 2, 1), LEAP_DAY)
    assert days("yesterday", date(2028, 3, 1)) == (LEAP_DAY, LEAP_DAY)
    assert days("this_month", LEAP_DAY) == (date(2028, 2, 1), LEAP_DAY)


@pytest.mark.fault("Time: leap day")
def test_a_quarantine_over_the_leap_day_has_as_many_days_as_any() -> None:
    asked = wall(date(2028, 2, 20), 12, 0, HELSINKI)
    for day, quarantine in ((date(2028, 3, 4), True), (date(2028, 3, 5), True), (date(2028, 3, 6), False)):
        at = wall(day, 11, 59, HELSINKI)
        assert quarantined(timedelta(days=14), last_asked=asked, open_already=False, at=at) is quarantine
