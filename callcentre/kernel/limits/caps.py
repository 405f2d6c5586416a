"""Caps of organisations: how often something may happen on a day for all services of one.

The count of an organisation is a row of the limits, beside those of persons, with the organisation in their place. It
is put in the same commit as what it counts, and all daemons of a database count in the same row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from callcentre.config.scalars import PermanentSection
from callcentre.config.settings import Settings
from callcentre.kernel.decision import Take
from callcentre.kernel.event import Event
from callcentre.kernel.limits.model import Bounds
from callcentre.kernel.limits.settings import CapsSettings
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.values.days import day_of

P = TypeVar("P", bound=PermanentSection)


def caps_of(settings: Settings, service: str | None, kind: type[P]) -> P | None:
    """The caps of the organisation of a service; None where the file sets none."""
    organisation = settings.organisation(settings.organisation_of(service))
    return None if organisation is None else organisation.section(CapsSettings).section(kind)


@dataclass(frozen=True, slots=True)
class Caps:
    """The counts of organisations today. `most` is the cap; None: there is none, and nothing is counted."""

    rules: SettingsInForce
    bounds: Bounds

    def reached(self, kind: str, service: str | None, most: int | None, at: datetime) -> bool:
        """Whether the organisation of a service has used up its cap."""
        organisation = self._organisation(service)
        if most is None or organisation is None:
            return False
        return self.bounds.used(kind, organisation, self._day(at)) >= most

    def take(
        self, kind: str, service: str | None, most: int | None, at: datetime, lost: Event | None = None
    ) -> tuple[Take, ...]:
        """The change that adds one, if there is a cap. `lost` is as in `Bounds.take`. It must not be reached."""
        organisation = self._organisation(service)
        if most is None or organisation is None:
            return ()
        taken = self.bounds.take(kind, organisation, self._day(at), most, lost)
        return () if taken is None else (taken,)

    def give_back(self, kind: str, service: str | None, at: datetime) -> tuple[Take, ...]:
        """The change that takes one off again, if one is counted."""
        organisation = self._organisation(service)
        given = None if organisation is None else self.bounds.give_back(kind, organisation, self._day(at))
        return () if given is None else (given,)

    def _organisation(self, service: str | None) -> str | None:
        return self.rules.settings.organisation_of(service)

    def _day(self, at: datetime) -> str:
        return day_of(at, self.rules.settings.timezone)
