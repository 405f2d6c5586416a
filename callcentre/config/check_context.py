"""What a feature's part of the file may be checked against."""

from dataclasses import dataclass
from datetime import timedelta

from callcentre.config.findings import Path
from callcentre.config.sections import Sms


@dataclass(frozen=True, slots=True)
class CheckContext:
    """The place of a feature's part, and the settings around it.

    `shortest_opening` is the shortest opening of a weekday or exception, None when the service is always open or never;
    `handle_time` is what a call takes an agent, until enough calls have been seen.
    """

    path: Path
    sms: Sms
    shortest_opening: timedelta | None
    handle_time: timedelta

    @property
    def service_path(self) -> Path:
        """The path of the service the part belongs to."""
        return self.path[:-1]
