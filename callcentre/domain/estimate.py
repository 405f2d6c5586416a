"""How long a caller will wait, and on what that rests."""

from __future__ import annotations

from collections.abc import Sequence

from callcentre.domain.calls import Duty, Handling
from callcentre.domain.events import Member

ENOUGH_CALLS = 10
"""So many calls must have been seen before their average replaces the configured handle time."""

REMEMBERED_CALLS = 50
"""The handle time is the mean of so many latest calls: an hour or two of a small desk, not last month."""

# A member is of no use while its device is one of these: the phone is not registered, or does not exist.
_USELESS = frozenset({"UNAVAILABLE", "INVALID"})


def duty_of(queue: str, members: Sequence[Member]) -> Duty:
    """Count who could take calls: on duty = not paused and reachable, ready = those of them who are idle.

    app_queue's own counts do not say this (`count` holds paused members, `free` leaves out who talks).
    """
    on_duty = [member for member in members if not member.paused and member.state not in _USELESS]
    return Duty(
        queue=queue, on_duty=len(on_duty), ready=sum(member.state == "NOT_INUSE" for member in on_duty)
    )


def handle_time(handling: Handling | None, configured: float) -> float:
    """Seconds that a call takes an agent: the mean of recent calls, or what is configured until there are enough."""
    if handling is None or len(handling.talks) < ENOUGH_CALLS:
        return configured
    return sum(handling.talks) / len(handling.talks)


def estimated_wait(place: int, duty: Duty | None, seconds_per_call: float) -> float | None:
    """Seconds until the caller at `place` is answered; None when nobody can tell.

    0 when ready agents ≥ place, else place × handle time ÷ agents on duty; unknown with none on duty.
    """
    if duty is None or duty.on_duty == 0:
        return None
    if duty.ready >= place:
        return 0.0
    return place * seconds_per_call / duty.on_duty
