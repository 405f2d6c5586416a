"""How long a caller waits, from who is on duty and how long calls take."""

from __future__ import annotations

import pytest

from callcentre.domain.calls import Duty, Handling
from callcentre.domain.estimate import duty_of, estimated_wait, handle_time
from callcentre.domain.events import Member


@pytest.mark.parametrize(
    ("place", "on_duty", "ready", "expected"),
    [
        (1, 0, 0, None),
        (1, 1, 1, 0.0),
        (2, 2, 2, 0.0),
        (2, 2, 1, 240.0),
        (1, 1, 0, 240.0),
        (3, 2, 0, 360.0),
        (10, 4, 0, 600.0),
    ],
)
def test_the_wait_is_place_times_handle_time_over_agents(place, on_duty, ready, expected):
    assert estimated_wait(place, Duty(queue="q", on_duty=on_duty, ready=ready), 240.0) == expected


def test_without_a_reading_of_the_agents_nobody_can_tell():
    assert estimated_wait(1, None, 240.0) is None


@pytest.mark.parametrize(
    ("talks", "expected"),
    [((), 240.0), ((60.0,) * 9, 240.0), ((60.0,) * 10, 60.0), ((30.0,) * 5 + (90.0,) * 5, 60.0)],
)
def test_the_configured_handle_time_holds_until_enough_calls_were_seen(talks, expected):
    assert handle_time(Handling(service="s", talks=talks), 240.0) == expected


def test_a_service_without_calls_has_the_configured_handle_time():
    assert handle_time(None, 240.0) == 240.0


@pytest.mark.parametrize(
    ("paused", "state", "on_duty", "ready"),
    [
        (False, "NOT_INUSE", 1, 1),
        (False, "INUSE", 1, 0),
        (False, "RINGING", 1, 0),
        (False, "BUSY", 1, 0),
        (True, "NOT_INUSE", 0, 0),
        (False, "UNAVAILABLE", 0, 0),
        (False, "INVALID", 0, 0),
    ],
)
def test_on_duty_is_who_could_take_calls_and_ready_who_is_idle(paused, state, on_duty, ready):
    assert duty_of("q", [Member("PJSIP/a", paused, state)]) == Duty(queue="q", on_duty=on_duty, ready=ready)
