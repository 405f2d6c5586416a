"""What every feature may look at when it decides: the rules in force and the state that all share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from callcentre.domain.calls import Call, Calls
from callcentre.domain.estimate import estimated_wait, handle_time
from callcentre.domain.numbers import NumberPolicy, caller_hash, mask, normalise
from callcentre.domain.texts import Suppressions, Texts

if TYPE_CHECKING:
    from callcentre.config.settings import Service, Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesInForce:
    """The administrator's rules, as they were last read without a mistake."""

    settings: Settings

    @property
    def key(self) -> str:
        return "rules"


@lru_cache(maxsize=4096)
def _who(number: str, region: str, key: bytes) -> Mapping[str, str]:
    if not any(character.isdecimal() for character in number):
        return {}
    known = normalise(number, region) or number
    return {"number": mask(known), "caller": caller_hash(key, known)}


@dataclass(slots=True)
class World:
    """One for the daemon's life. `key` is the secret that numbers are hashed with."""

    settings: Settings
    key: bytes
    calls: Calls = field(default_factory=Calls)
    texts: Texts = field(default_factory=Texts)
    suppressions: Suppressions = field(default_factory=Suppressions)

    def put(self, record: RulesInForce) -> None:
        """From now on these rules hold."""
        self.settings = record.settings

    def delete(self, _record: RulesInForce) -> None:
        """Rules are replaced, never taken away."""

    # --- who -------------------------------------------------------------------------------------

    @property
    def numbers(self) -> NumberPolicy:
        """Whom we may dial or text."""
        return self.settings.number_policy

    def who(self, number: str | None) -> dict[str, str]:
        """How a fact names a person: the number masked, and a keyed hash to tell people apart.

        Nothing for a withheld number: those who withhold it cannot be told apart.
        """
        return dict(_who(number or "", self.settings.region, self.key))

    # --- which service ---------------------------------------------------------------------------

    def services_of(self, queue: str) -> Mapping[str, Service]:
        """The services behind a queue, in the order of the configuration."""
        return {name: service for name, service in self.settings.services.items() if service.queue == queue}

    def service_of(self, queue: str, entered_as: str, dialled: str) -> str | None:
        """The service a call in this queue belongs to: the one its entry or dialled number names, else the first.

        None when no service has this queue.
        """
        candidates = self.services_of(queue)
        if entered_as in candidates:
            return entered_as
        if len(candidates) > 1 and (number := normalise(dialled, self.settings.region)):
            for name, service in candidates.items():
                if any(normalise(own, self.settings.region) == number for own in service.numbers):
                    return name
        return next(iter(candidates), None)

    # --- how long --------------------------------------------------------------------------------

    def estimated_wait(self, call: Call, place: int) -> float | None:
        """Seconds this caller will wait at `place`; None with nobody on duty, or for a service that is no more."""
        service = self.settings.services.get(call.service)
        if service is None:
            return None
        configured = service.wait_estimate.handle_time.total_seconds()
        seconds = handle_time(self.calls.handling.get(call.service), configured)
        return estimated_wait(place, self.calls.duty.get(call.queue), seconds)
