"""Durations as the file writes them."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcentre.config.times import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0s", 0),
        ("90s", 90),
        ("5m", 300),
        ("2h", 7200),
        ("14d", 1209600),
        ("1h30m", 5400),
        ("1d 2h 3m 4s", 93784),
        ("1.5s", 1.5),
        ("0.000001s", 0.000001),
    ],
)
def test_a_duration_is_read(text: str, seconds: float) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "s", "5", "5 m", "5min", "30m1h", "-5m", "1.5h", "５m", "1e3s", "5m5m", "1_0s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a duration|has no unit"):
        parse_duration(text)


@settings(deadline=None)
@given(st.timedeltas(timedelta(0), timedelta(days=99_999)))
def test_a_duration_that_is_written_and_read_is_the_same(duration: timedelta) -> None:
    assert parse_duration(format_duration(duration)) == duration


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(0), "0s"),
        (timedelta(minutes=90), "1h30m"),
        (timedelta(days=14), "14d"),
        (timedelta(seconds=1.5), "1.5s"),
    ],
)
def test_a_duration_is_written_from_large_to_small(duration: timedelta, text: str) -> None:
    assert format_duration(duration) == text
