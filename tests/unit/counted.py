"""Two agents and six calls, and what somebody counts who has watched them with pencil and paper."""

from __future__ import annotations

from typing import Any

from tests.cast import ANNA, BO
from tests.unit.recorded import Recorded
from tests.unit.telephone import Asterisk

SIX_CALLS: dict[str, Any] = {
    "offered": 6,
    "answered": 3,
    "abandoned": 2,
    "short_abandoned": 1,
    "timed_out": 1,
    "left_otherwise": 0,
    "waiting": 0,
    # Answered within 20 s: two. Abandoned after 20 s: one.
    "service_level": round(2 / 4, 4),
    "abandon_rate": round(2 / 6, 4),
    "asa": round((4 + 30 + 12 + 8) / 3, 3),
    "longest_wait": 40.0,
    "handle_time": round((60 + 120 + 30) / 3, 3),
}
"""Of the service: what both agents and nobody did."""

BY_AGENT: dict[str | None, dict[str, Any]] = {
    ANNA: {"offered": 2, "answered": 2, "asa": 12.0, "longest_wait": 20.0, "handle_time": 45.0, "service_level": 1.0},
    BO: {"offered": 1, "answered": 1, "asa": 30.0, "longest_wait": 30.0, "handle_time": 120.0, "service_level": 0.0},
    None: {"offered": 3, "answered": 0, "abandoned": 2, "timed_out": 1, "asa": None, "handle_time": None},
}


def six_calls(changes: dict[str, object] | None = None) -> Recorded:
    """The calls, one after the other, on a Wednesday from noon on."""
    rehearsal = Recorded(changes)
    asterisk = Asterisk(rehearsal)
    asterisk.connect()
    asterisk.on_duty("NOT_INUSE", "NOT_INUSE")

    def conversation(call: str, agent: str, name: str, seconds: float) -> None:
        asterisk.answered(call, agent, name=name)
        rehearsal.later(seconds)
        asterisk.hangs_up(call)

    def waits(number: str, seconds: float) -> str:
        call = asterisk.calls_in(number)
        rehearsal.later(seconds)
        return call

    conversation(waits("+358401110001", 4), ANNA, "Anna", 60)
    conversation(waits("+358401110002", 30), BO, "Bo", 120)
    asterisk.hangs_up(waits("+358401110003", 3))
    asterisk.hangs_up(waits("+358401110004", 40))
    late = waits("+358401110005", 25)
    asterisk.gives_up(late, "TIMEOUT")
    asterisk.destroyed(late)
    back = waits("+358401110006", 12)
    asterisk.presses(back)
    rehearsal.later(5)
    asterisk.joins(back)
    rehearsal.later(8)
    conversation(back, ANNA, "Anna", 30)
    return rehearsal
