"""Levels of figures: worse at once, better after some seconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from callcentre.features.live.levels import HOLD, Held, Level, held, level_of

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("figure", "low_is_bad", "level"),
    [
        (None, False, Level.OK),
        (4, False, Level.OK),
        (5, False, Level.WARNING),
        (9, False, Level.WARNING),
        (10, False, Level.CRITICAL),
    ],
)
def test_a_figure_that_reaches_a_threshold_has_its_level(figure: float | None, low_is_bad: bool, level: Level) -> None:
    assert level_of(figure, 5, 10, low_is_bad=low_is_bad) is level


@pytest.mark.parametrize(
    ("figure", "level"),
    [(None, Level.OK), (80, Level.OK), (79.9, Level.WARNING), (60, Level.WARNING), (59.9, Level.CRITICAL)],
)
def test_a_service_level_below_a_threshold_has_its_level(figure: float | None, level: Level) -> None:
    assert level_of(figure, 80, 60, low_is_bad=True) is level


def test_a_level_becomes_worse_at_once() -> None:
    assert held(Held(Level.OK), Level.CRITICAL, AT).level is Level.CRITICAL


def test_a_level_becomes_better_when_the_figure_has_been_better_for_ten_seconds() -> None:
    shown = Held(Level.CRITICAL)
    for seconds in range(10):
        shown = held(shown, Level.OK, AT + timedelta(seconds=seconds))
        assert shown.level is Level.CRITICAL
    assert held(shown, Level.OK, AT + HOLD).level is Level.OK


def test_a_relapse_begins_the_ten_seconds_anew() -> None:
    shown = held(Held(Level.WARNING), Level.OK, AT)
    shown = held(shown, Level.WARNING, AT + timedelta(seconds=9))
    shown = held(shown, Level.OK, AT + timedelta(seconds=10))
    assert held(shown, Level.OK, AT + timedelta(seconds=19)).level is Level.WARNING
    assert held(shown, Level.OK, AT + timedelta(seconds=20)).level is Level.OK
