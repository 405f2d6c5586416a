"""The context in which a component's part of the file is checked."""

from dataclasses import dataclass
from datetime import timedelta

from callcentre.config.findings import Path
from callcentre.config.settings import Service, Settings
from callcentre.values.hours import Interval


@dataclass(frozen=True, slots=True)
class CheckContext:
    """The place of a component's part, and the settings around it."""

    path: Path
    settings: Settings

    @property
    def service_path(self) -> Path:
        """The path of the service that the part belongs to."""
        return self.path[:2]

    @property
    def service(self) -> Service:
        """The service that the part belongs to."""
        return self.settings.services[str(self.path[1])]

    @property
    def openings(self) -> list[Interval]:
        """The openings of all weekdays and exceptions of the service."""
        hours = self.service.opening_hours
        return [interval for day in (*hours.weekdays, *hours.exceptions.values()) for interval in day]

    @property
    def shortest_opening(self) -> timedelta | None:
        """The shortest opening of a weekday or exception; None when the service is always open, or never."""
        if self.service.hours is None:
            return None
        return min((timedelta(minutes=each.end - each.start) for each in self.openings), default=None)
