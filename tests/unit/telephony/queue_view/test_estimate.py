"""How long a caller waits, from who is on duty and how long calls take."""

from __future__ import annotations

import pytest

from callcentre.telephony.events import Agents, Member
from callcentre.telephony.queue_view.estimate import duty_of, estimated_wait, handle_time
from callcentre.telephony.queue_view.model import Duty, Handling


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
def test_the_wait_is_place_times_handle_time_over_agents(
    place: int, on_duty: int, ready: int, expected: float | None
) -> None:
    assert estimated_wait(place, Duty(queue="q", on_duty=on_duty, ready=ready), 240.0) == expected


def test_without_a_reading_of_the_agents_nobody_can_tell() -> None:
    assert estimated_wait(1, None, 240.0) is None


@pytest.mark.parametrize(
    ("talks", "expected"),
    [((), 240.0), ((60.0,) * 9, 240.0), ((60.0,) * 10, 60.0), ((30.0,) * 5 + (90.0,) * 5, 60.0)],
)
def test_the_configured_handle_time_holds_until_enough_calls_were_seen(
    talks: tuple[float, ...], expected: float
) -> None:
    assert handle_time(Handling(service="s", talks=talks), 240.0) == expected


def test_a_service_without_calls_has_the_configured_handle_time() -> None:
    assert handle_time(None, 240.0) == 240.0


def members(*reported: tuple[bool | None, str]) -> tuple[Member, ...]:
    return tuple(Member(f"PJSIP/agent{number}", paused, state) for number, (paused, state) in enumerate(reported, 1))


ALL_WORK = members((False, ""), (False, ""), (False, ""))


@pytest.mark.parametrize(
    ("counts", "listed", "on_duty"),
    [
        pytest.param((0, 0, 0), None, 0, id="a queue without members, or none that Asterisk knows"),
        pytest.param((2, 2, 2), None, 2, id="everybody is ready"),
        pytest.param((2, 2, 5), None, 2, id="everybody who can be reached is ready: nobody of them is paused"),
        pytest.param((0, 0, 1), None, 0, id="a state interface that is unavailable"),
        pytest.param((1, 2, 3), ALL_WORK, 2, id="nobody is paused, one talks"),
        pytest.param((0, 2, 3), ALL_WORK, 2, id="wrap-up time, do not disturb or an ordinary call: on duty, not ready"),
        pytest.param((0, 1, 1), members((True, "")), 0, id="the only one is paused"),
        pytest.param((1, 2, 2), members((True, ""), (False, "")), 1, id="one of two is paused"),
        pytest.param((1, 3, 3), members((True, ""), (False, ""), (False, "")), 2, id="all can be reached"),
        pytest.param((0, 0, 2), members((True, ""), (False, "")), 0, id="nobody can be reached"),
        pytest.param(
            (0, 1, 2), members((True, ""), (False, "UNAVAILABLE")), 0, id="open: the other one cannot be reached"
        ),
        pytest.param((0, 1, 2), members((True, ""), (False, "INUSE")), 1, id="open: the other one talks"),
        pytest.param(
            (0, 1, 3),
            members((True, ""), (False, "NOT_INUSE"), (False, "NOT_INUSE")),
            1,
            id="never more than app_queue can reach, whatever their devices say",
        ),
        pytest.param(
            (1, 3, 4),
            members((True, ""), *((False, "INVALID"),) * 3),
            2,
            id="never fewer than app_queue can reach but for the paused, whatever their devices say",
        ),
        pytest.param(
            (1, 2, 2), members((None, ""), (False, "INUSE")), 2, id="one whose pause flag cannot be asked for counts"
        ),
        pytest.param((1, 2, 3), members((None, ""), (True, ""), (False, "INUSE")), 2, id="within the bounds"),
        pytest.param((1, 2, 3), None, 2, id="members that were not listed count as not paused"),
        pytest.param((3, 2, 2), members((True, "")), 3, id="numbers that are not of one moment"),
    ],
)
def test_ready_is_what_app_queue_says_and_on_duty_is_reachable_and_not_paused(
    counts: tuple[int, ...], listed: tuple[Member, ...] | None, on_duty: int
) -> None:
    ready, logged, count = counts
    agents = Agents(ready=ready, logged=logged, count=count, members=listed)
    assert duty_of("q", agents) == Duty(queue="q", on_duty=on_duty, ready=ready)
