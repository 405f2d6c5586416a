"""Typed timers: their keys, and reading them back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from callcentre.kernel.timer import Timer, TimerReader, UnknownTimer

DUE = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)


class Turn(Timer, frozen=True, tag="turn"):
    """A timer with a field."""

    message: str


class Report(Timer, frozen=True, tag="report"):
    """A timer that is told when it was due."""

    report: str
    due: datetime | None = None


class Midnight(Timer, frozen=True, tag="midnight"):
    """A timer that is one only."""


@pytest.mark.parametrize("timer", [Turn(message='with "quotes" and ä'), Report(report="daily"), Midnight()])
def test_a_timer_is_read_back_from_its_key(timer: Timer) -> None:
    read = TimerReader((Turn, Report, Midnight)).read(timer.key, DUE)
    assert TimerReader((Turn, Report, Midnight)).knows(timer.key)
    assert read == (Report(report="daily", due=DUE) if isinstance(timer, Report) else timer)


def test_the_key_names_the_purpose_and_the_fields() -> None:
    assert Turn(message="m1").key == '{"timer":"turn","message":"m1"}'
    assert Turn(message="m1").key == Turn(message="m1").key != Turn(message="m2").key


def test_the_time_that_a_timer_is_due_is_no_part_of_its_key() -> None:
    reader = TimerReader((Report,))
    assert '"due"' not in Report(report="daily").key
    assert reader.read(Report(report="daily").key, DUE) == Report(report="daily", due=DUE)


@pytest.mark.parametrize("key", ['{"timer":"other"}', '{"timer":"turn"}', "turn m1", "{", ""])
def test_a_key_that_no_component_has_is_unknown(key: str) -> None:
    reader = TimerReader((Turn, Midnight))
    assert not reader.knows(key)
    with pytest.raises(UnknownTimer):
        reader.read(key, DUE)
    assert not TimerReader(()).knows(key)
    with pytest.raises(UnknownTimer):
        TimerReader(()).read(key, DUE)
