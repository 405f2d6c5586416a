"""What pages may read about services that are closed for now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from callcentre.kernel.closures.events import CloseService, OpenService
from callcentre.kernel.closures.model import Closure, Closures

__all__ = ["CloseService", "ClosedServices", "Closure", "OpenService"]


@dataclass(frozen=True, slots=True)
class ClosedServices:
    """The services that staff has closed for now."""

    closures: Closures

    def of(self, service: str) -> Closure | None:
        """Until when a service is closed, and why; None for one that follows its opening hours."""
        return self.closures.get(service)

    def all(self) -> Iterable[Closure]:
        """All that are closed for now."""
        return tuple(self.closures.values())
