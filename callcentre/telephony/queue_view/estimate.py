"""Estimates a caller's wait from handle times and agents on duty."""

from __future__ import annotations

from callcentre.telephony.events import Agents
from callcentre.telephony.queue_view.model import Duty, Handling

ENOUGH_CALLS = 10
"""The number of calls after which their average replaces the configured handle time."""

REMEMBERED_CALLS = 50
"""The handle time is the mean of this many latest calls: an hour or two of a small desk, not last month."""

# A member with one of these device states cannot take calls: the phone is not registered, or does not exist.
_USELESS = frozenset({"UNAVAILABLE", "INVALID"})


def duty_of(queue: str, agents: Agents) -> Duty:
    """Count the agents: ready as app_queue reports it; on duty = reachable and not paused, which it does not report.

    `logged` includes paused members. In most cases the number of reachable paused members is known: with nobody paused,
    with all reachable members ready, and whenever the bounds meet. Otherwise the members' own device states say how
    many are on duty, within the bounds.
    """
    ready, logged = agents.ready, agents.logged
    if logged == ready or agents.members is None:
        return Duty(queue=queue, on_duty=logged, ready=ready)
    paused = sum(member.paused is True for member in agents.members)
    unknown = sum(member.paused is None for member in agents.members)
    least, most = on_duty_bounds(agents, paused=paused, unknown=unknown)
    workable = sum(member.paused is not True and member.state not in _USELESS for member in agents.members)
    return Duty(queue=queue, on_duty=max(least, min(workable, most)), ready=ready)


def on_duty_bounds(agents: Agents, *, paused: int, unknown: int = 0) -> tuple[int, int]:
    """The fewest and the most members on duty, with this many paused and this many with an unknown state."""
    least = max(agents.ready, agents.logged - paused - unknown)
    # The numbers were not read at exactly the same moment.
    return least, max(least, min(agents.logged, agents.count - paused))


def handle_time(handling: Handling | None, configured: float) -> float:
    """Seconds that a call takes an agent: the mean of recent calls, or the configured time until there are enough."""
    if handling is None or len(handling.talks) < ENOUGH_CALLS:
        return configured
    return sum(handling.talks) / len(handling.talks)


def estimated_wait(place: int, duty: Duty | None, seconds_per_call: float) -> float | None:
    """Seconds until the caller at `place` is answered; None when it is unknown.

    0 when ready agents ≥ place, else place × handle time ÷ agents on duty; unknown with none on duty.
    """
    if duty is None or duty.on_duty == 0:
        return None
    if duty.ready >= place:
        return 0.0
    return place * seconds_per_call / duty.on_duty
