"""What became true in the queues, in the past tense."""

from __future__ import annotations

from callcentre.kernel.fact import Fact


class QueueJoined(Fact, frozen=True, tag="queue.joined"):
    """A caller has a place in a queue.

    position: the caller's place in the queue, from 1.
    waiting: the callers who wait in the queue, this one included.
    estimated_wait: the wait in seconds that the daemon estimated then; left out when it was unknown.
    """

    position: int
    waiting: int
    estimated_wait: float | None = None


class QueueLeft(Fact, frozen=True, tag="queue.left"):
    """A caller no longer waits.

    wait: seconds in the queue.
    position: the caller's last known place.
    reason: answered abandoned timeout key full join_empty leave_empty join_unavailable leave_unavailable continue
        withdrawn agent_gone transferred unknown.
    """

    wait: float
    position: int | None = None


class QueueAnswered(Fact, frozen=True, tag="queue.answered"):
    """An agent took the call.

    wait: seconds in the queue.
    position: the caller's last known place.
    """

    wait: float
    position: int | None = None


class OverloadEnded(Fact, frozen=True, tag="overload.ended"):
    """Asterisk's events come in time again.

    seconds: how long they were late.
    readings: callers whose place was not read when they came, but later, or never.
    offers: callers who came while no callback was offered, to services that offer them.
    """

    seconds: float
    readings: int
    offers: int


class CallEnded(Fact, frozen=True, tag="call.ended"):
    """The caller's last channel is gone.

    wait: seconds of waiting, of all visits to a queue together.
    talk: seconds of talk with an agent, of the last visit.
    """

    wait: float
    talk: float
