"""When a service is open: wall-clock hours, absolute lengths of time."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from callcentre.values.hours import (
    ALL_DAY,
    ALL_WEEK,
    DailyWindow,
    Interval,
    OpeningHours,
    Timetable,
    in_order,
    is_holiday_place,
    parse_intervals,
    public_holidays,
)

HELSINKI = ZoneInfo("Europe/Helsinki")
OFFICE = parse_intervals("08:00-16:00")
WEEK = (OFFICE, OFFICE, OFFICE, OFFICE, parse_intervals("08:00-15:00"), (), ())
SERVICE = OpeningHours(
    HELSINKI, WEEK, "FI", {date(2026, 12, 23): parse_intervals("08:00-12:00"), date(2026, 12, 24): ()}
)
EVERY_NIGHT = OpeningHours(HELSINKI, (parse_intervals("02:00-05:00"),) * 7)


def at(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HELSINKI, fold=fold)


def local(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(HELSINKI).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("08:00-16:00", "08:00-16:00"),
        ("8:00 – 16:00", "08:00-16:00"),
        ("13:00-16:00, 08:00-12:00", "08:00-12:00, 13:00-16:00"),
        ("08:00-12:00,12:00-16:00", "08:00-16:00"),
        ("00:00-24:00", "00:00-24:00"),
        ("closed", ""),
    ],
)
def test_the_hours_of_a_day_are_read_and_put_in_order(text: str, expected: str) -> None:
    assert ", ".join(map(str, parse_intervals(text))) == expected


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("16:00-08:00", "must begin before it ends"),
        ("08:00-08:00", "must begin before it ends"),
        ("24:00-24:00", "must begin before it ends"),
        ("08:00-12:00, 11:00-13:00", "overlap"),
        ("08:00-24:30", "24:30 is not a time of day"),
        ("08:60-09:00", "08:60 is not a time of day"),
        ("08:00", "is not a time span"),
        ("", "is not a time span"),
        ("08:00-12:00,", "is not a time span"),
        ("٠٨:٠٠-١٦:٠٠", "is not a time span"),
    ],
)
def test_hours_that_cannot_be_are_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        parse_intervals(text)


@pytest.mark.parametrize(
    ("moment", "is_open", "closes", "opens"),
    [
        ("2026-11-30 07:59", False, None, "2026-11-30 08:00"),
        ("2026-11-30 08:00", True, "2026-11-30 16:00", "2026-11-30 08:00"),
        ("2026-11-30 15:59", True, "2026-11-30 16:00", "2026-11-30 15:59"),
        ("2026-11-30 16:00", False, None, "2026-12-01 08:00"),
        ("2026-12-04 15:00", False, None, "2026-12-07 08:00"),
        ("2026-12-23 11:00", True, "2026-12-23 12:00", "2026-12-23 11:00"),
        ("2026-12-23 12:00", False, None, "2026-12-28 08:00"),
        ("2026-05-01 10:00", False, None, "2026-05-04 08:00"),
    ],
)
def test_a_service_opens_and_closes_by_weekday_holiday_and_exception(
    moment: str, is_open: bool, closes: str | None, opens: str
) -> None:
    assert SERVICE.is_open(at(moment)) is is_open
    assert local(SERVICE.closes_at(at(moment))) == closes
    assert local(SERVICE.next_opening(at(moment))) == opens


@pytest.mark.parametrize(
    ("moment", "minutes", "expected"),
    [
        ("2026-11-30 15:29", 30, False),
        ("2026-11-30 15:30", 30, True),
        ("2026-11-30 08:00", 480, True),
        ("2026-11-30 08:00", 479, False),
        ("2026-11-30 07:00", 30, True),
        ("2026-11-30 18:00", 0, True),
    ],
)
def test_closing_is_near_to_the_minute_and_a_closed_service_counts_as_closing(
    moment: str, minutes: int, expected: bool
) -> None:
    assert SERVICE.closes_within(at(moment), timedelta(minutes=minutes)) is expected


def test_hours_that_touch_at_midnight_are_one() -> None:
    late = OpeningHours(HELSINKI, (*(parse_intervals("08:00-24:00"),) * 4, parse_intervals("00:00-02:00"), (), ()))
    assert local(late.closes_at(at("2026-12-03 20:00"))) == "2026-12-04 02:00"
    assert local(late.closes_at(at("2026-12-02 20:00"))) == "2026-12-03 00:00"
    assert not late.closes_within(at("2026-12-03 23:50"), timedelta(hours=2))


def test_a_service_that_is_always_open_never_closes() -> None:
    always = OpeningHours(HELSINKI)
    assert always.weekdays == ALL_WEEK
    assert always.is_open(at("2026-12-25 03:00"))
    assert always.closes_at(at("2026-12-25 03:00")) is None
    assert not always.closes_within(at("2026-12-25 03:00"), timedelta(days=3000))


def test_a_service_open_day_and_night_closes_for_a_holiday_or_an_exception() -> None:
    assert local(OpeningHours(HELSINKI, holidays="FI").closes_at(at("2026-12-07 12:00"))) == "2026-12-24 00:00"
    moving = OpeningHours(HELSINKI, exceptions={date(2026, 12, 9): ()})
    assert local(moving.closes_at(at("2026-12-07 12:00"))) == "2026-12-09 00:00"
    assert moving.closes_at(at("2026-12-10 12:00")) is None


def test_a_service_that_never_opens_says_so() -> None:
    closed = OpeningHours(HELSINKI, ((),) * 7)
    assert closed.next_opening(at("2026-12-07 12:00")) is None
    assert closed.closes_within(at("2026-12-07 12:00"), timedelta(0))


def test_an_exception_may_open_a_holiday() -> None:
    christmas = OpeningHours(HELSINKI, WEEK, "FI", {date(2026, 12, 25): ALL_DAY})
    assert christmas.is_open(at("2026-12-25 03:00"))


@pytest.mark.parametrize(
    ("night", "length"),
    [("2026-03-29", timedelta(hours=2)), ("2026-10-25", timedelta(hours=4)), ("2026-06-01", timedelta(hours=3))],
)
def test_a_night_when_clocks_change_is_open_shorter_or_longer_by_an_hour(night: str, length: timedelta) -> None:
    opens, closes = at(f"{night} 02:00"), EVERY_NIGHT.closes_at(at(f"{night} 02:00"))
    assert closes is not None
    assert closes - opens == length
    assert local(closes) == f"{night} 05:00"


def test_the_hour_that_comes_twice_is_open_twice_inside_opening_hours() -> None:
    assert EVERY_NIGHT.is_open(at("2026-10-25 03:30", fold=0))
    assert EVERY_NIGHT.is_open(at("2026-10-25 03:30", fold=1))
    assert EVERY_NIGHT.closes_within(at("2026-10-25 04:10"), timedelta(minutes=50))
    assert not EVERY_NIGHT.closes_within(at("2026-10-25 03:30", fold=0), timedelta(hours=2))


def test_a_time_that_comes_twice_means_its_first_coming() -> None:
    short = OpeningHours(HELSINKI, (parse_intervals("03:15-03:45"),) * 7)
    assert short.is_open(at("2026-10-25 03:30", fold=0))
    assert not short.is_open(at("2026-10-25 03:30", fold=1))


def test_a_time_that_is_skipped_counts_from_before_the_change() -> None:
    skipped = OpeningHours(HELSINKI, (parse_intervals("03:30-06:00"),) * 7)
    assert local(skipped.next_opening(at("2026-03-29 01:00"))) == "2026-03-29 04:30"


def test_an_exception_that_opens_late_in_the_year_is_found_from_far_away() -> None:
    once = OpeningHours(HELSINKI, ((),) * 7, None, {date(2026, 12, 1): OFFICE})
    assert local(once.next_opening(at("2026-01-01 00:00"))) == "2026-12-01 08:00"


@pytest.mark.parametrize(
    ("place", "known"),
    [("FI", True), ("SE", True), ("DE-BY", True), ("DE-XX", False), ("XX", False), ("", False), ("FI-", False)],
)
def test_a_country_or_its_subdivision_is_known_or_not(place: str, known: bool) -> None:
    assert is_holiday_place(place) is known


def test_a_subdivision_has_holidays_of_its_own() -> None:
    assert date(2026, 1, 6) in public_holidays("DE-BY", 2026)
    assert date(2026, 1, 6) not in public_holidays("DE-BE", 2026)


def test_every_country_has_the_holidays_of_the_package() -> None:
    for country in holidays.list_supported_countries():
        assert is_holiday_place(country)
        assert public_holidays(country, 2026) == frozenset(holidays.country_holidays(country, years=2026)), country


@pytest.mark.parametrize(
    ("window", "moment", "inside", "starts", "ends"),
    [
        ("21:00-07:00", "2026-12-01 20:59", False, "2026-12-01 21:00", "2026-12-02 07:00"),
        ("21:00-07:00", "2026-12-01 21:00", True, "2026-12-02 21:00", "2026-12-02 07:00"),
        ("21:00-07:00", "2026-12-02 06:59", True, "2026-12-02 21:00", "2026-12-02 07:00"),
        ("21:00-07:00", "2026-12-02 07:00", False, "2026-12-02 21:00", "2026-12-03 07:00"),
        ("09:00-19:00", "2026-12-02 12:00", True, "2026-12-03 09:00", "2026-12-02 19:00"),
        ("00:00-24:00", "2026-12-02 12:00", None, None, None),
        ("19:00-24:00", "2026-12-02 23:59", True, "2026-12-03 19:00", "2026-12-03 00:00"),
    ],
)
def test_a_daily_window_comes_back_every_day_and_may_run_over_midnight(
    window: str, moment: str, inside: bool | None, starts: str | None, ends: str | None
) -> None:
    if inside is None:
        with pytest.raises(ValueError, match="begins when it ends"):
            DailyWindow.parse(window)
        return
    daily = DailyWindow.parse(window)
    assert daily.contains(at(moment), HELSINKI) is inside
    assert local(daily.next_start(at(moment), HELSINKI)) == starts
    assert local(daily.next_end(at(moment), HELSINKI)) == ends


MINUTES = st.integers(0, 1440)
DAYS = st.lists(st.tuples(MINUTES, MINUTES), max_size=3)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ZONES = st.sampled_from([HELSINKI, ZoneInfo("UTC"), ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")])


def _day(pairs: list[tuple[int, int]]) -> tuple[Interval, ...]:
    day: list[Interval] = []
    for first, second in pairs:
        start, end = sorted((first, second))
        if start < end and all(end < other.start or start > other.end for other in day):
            day.append(Interval(start, end))
    return in_order(tuple(day))


HOURS = st.builds(
    lambda zone, days, country: OpeningHours(zone, tuple(map(_day, days)), country),
    ZONES,
    st.lists(DAYS, min_size=7, max_size=7),
    st.sampled_from([None, "FI"]),
)


@settings(deadline=None)
@given(HOURS, MOMENTS)
def test_at_the_next_opening_it_is_open_and_a_moment_before_it_was_not(hours: OpeningHours, moment: datetime) -> None:
    opening = hours.next_opening(moment)
    assume(opening is not None)
    assert opening is not None
    assert hours.is_open(opening)
    assert opening >= moment
    if opening > moment:
        assert not hours.is_open(opening - timedelta(microseconds=1))
        assert not hours.is_open(moment)


@settings(deadline=None)
@given(HOURS, MOMENTS)
def test_at_the_closing_it_is_closed_and_open_all_the_time_before(hours: OpeningHours, moment: datetime) -> None:
    # From a moment at which it is open, if it ever is: most moments are not.
    moment = hours.next_opening(moment) or moment
    closing = hours.closes_at(moment)
    assume(closing is not None)
    assert closing is not None
    assert hours.is_open(moment)
    assert not hours.is_open(closing)
    assert all(hours.is_open(moment + (closing - moment) * share / 7) for share in range(7))
    assert hours.closes_within(moment, closing - moment)
    assert not hours.closes_within(moment, closing - moment - timedelta(microseconds=1))


@settings(deadline=None)
@given(HOURS, MOMENTS)
def test_a_service_is_open_just_when_the_wall_clock_says_so_outside_nights_of_change(
    hours: OpeningHours, moment: datetime
) -> None:
    there = moment.astimezone(hours.zone)
    around = {(there + timedelta(hours=shift)).utcoffset() for shift in (-30, 0, 30)}
    assume(len(around) == 1)
    minute = there.hour * 60 + there.minute
    assert hours.is_open(moment) is any(each.start <= minute < each.end for each in hours.on(there.date()))


@settings(deadline=None)
@given(HOURS, MOMENTS)
def test_whether_a_service_is_open_stays_as_it_is_until_the_time_that_is_named(
    hours: OpeningHours, moment: datetime
) -> None:
    until = hours.stays_until(moment)
    assert until > moment
    assert {hours.is_open(moment + (until - moment) * share / 7) for share in range(7)} == {hours.is_open(moment)}
    assert hours.is_open(until - timedelta(microseconds=1)) is hours.is_open(moment)


@settings(deadline=None)
@given(st.lists(HOURS, max_size=3), MOMENTS, st.lists(st.integers(-4000, 4000), min_size=1, max_size=10))
def test_a_timetable_says_the_same_as_each_service_whatever_it_was_asked_before(
    several: list[OpeningHours], moment: datetime, minutes: list[int]
) -> None:
    hours = {str(number): one for number, one in enumerate(several)}
    timetable = Timetable(hours)
    for asked in (moment + timedelta(minutes=each) for each in minutes):
        assert timetable.open_at(asked) == {name for name, one in hours.items() if one.is_open(asked)}


@pytest.mark.parametrize(
    ("window", "day", "meets"),
    [
        ("08:00-21:00", "07:00-08:00", False),
        ("08:00-21:00", "07:00-08:01", True),
        ("08:00-21:00", "21:00-24:00", False),
        ("21:00-07:00", "07:00-21:00", False),
        ("21:00-07:00", "06:59-12:00", True),
        ("21:00-07:00", "20:00-21:01", True),
    ],
)
def test_a_window_meets_a_part_of_a_day_where_they_have_a_minute_in_common(window: str, day: str, meets: bool) -> None:
    assert DailyWindow.parse(window).meets(Interval.parse(day)) is meets
