"""What became true of services, in the past tense."""

from __future__ import annotations

from callcentre.kernel.fact import Fact


class ServiceWasClosed(Fact, frozen=True, tag="service.closed"):
    """Staff has closed a service for now: it counts as outside its opening hours.

    until: when it opens again by itself, ISO 8601 in UTC; left out: not before somebody opens it.
    """

    until: str | None = None


class ServiceWasOpened(Fact, frozen=True, tag="service.opened"):
    """A service that was closed for now follows its opening hours again.

    by: staff, or timer.
    """
