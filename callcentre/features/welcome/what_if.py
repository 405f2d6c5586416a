"""Which callers would have been welcomed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from callcentre.features.welcome import rules
from callcentre.features.welcome.settings import WelcomeSettings
from callcentre.values.numbers import Refused
from callcentre.what_if.past import Latest, Past, Quiet, Verdict
from callcentre.what_if.replay import Arrival

if TYPE_CHECKING:
    from callcentre.config.settings import Service, Settings


class PastWelcome(Quiet):
    """The rule of the welcome."""

    name = "welcome"
    says_yes = "welcomed"
    column = 1

    def __init__(self, past: Past) -> None:
        super().__init__(past)
        configured = (one.section(WelcomeSettings) for one in past.settings.services.values())
        cooldowns = (welcome.cooldown for welcome in configured if welcome is not None)
        self._welcomed = Latest(max(cooldowns, default=timedelta(0)))

    def is_configured(self, service: Service, _settings: Settings) -> bool:
        """Whether callers of a service are welcomed."""
        return service.section(WelcomeSettings) is not None

    def arrived(self, arrival: Arrival, name: str, service: Service) -> Iterable[Verdict]:
        """Whether the caller would have been welcomed."""
        reason = self._why_not(arrival, name, service)
        if reason is None:
            self._welcomed.put((name, self.past.person(arrival.number)), arrival.at)
        yield Verdict(arrival.at, name, self.name, reason)

    def _why_not(self, arrival: Arrival, name: str, service: Service) -> str | None:
        welcome = service.section(WelcomeSettings)
        verdict = self.past.numbers.may_text(arrival.number)
        if isinstance(verdict, Refused):
            return verdict.reason.value
        if welcome is None:
            return None
        welcomed_at = self._welcomed.at.get((name, verdict.e164))
        return rules.skip(welcome, waiting=arrival.ahead + 1, welcomed_at=welcomed_at, at=arrival.at)


PAST_RULES = (PastWelcome,)
