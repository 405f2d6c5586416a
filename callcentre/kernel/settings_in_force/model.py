"""The settings that apply now."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from callcentre.config.settings import Closures, Settings
from callcentre.kernel.collection import Collection
from callcentre.kernel.decision import Record
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.values.numbers import NumberPolicy


class RulesInForce(Record, frozen=True, kw_only=True):
    """The administrator's rules, as last read without a mistake."""

    settings: Settings

    @property
    def key(self) -> str:
        return "rules"


class HeldSettings(Collection[RulesInForce], SettingsInForce):
    """The settings that rules use; a change applies from the next event on."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(RulesInForce)
        self._file = settings
        self._closures: Mapping[str, Closures] = {}
        self._settings = settings
        self.followers: list[Callable[[Settings], None]] = []

    @property
    def settings(self) -> Settings:
        """All settings. The opening hours of a service that is closed for now say so."""
        return self._settings

    @property
    def numbers(self) -> NumberPolicy:
        """Which numbers may be dialled or texted, and when."""
        return self._settings.number_policy

    def put(self, record: RulesInForce) -> None:
        """Use these settings from now on."""
        super().put(record)
        self._file = record.settings
        self._use()

    def close(self, closures: Mapping[str, Closures]) -> None:
        """From now on these services are closed at these times, and no others."""
        self._closures = closures
        self._use()

    def _use(self) -> None:
        self._settings = self._file.closed(self._closures) if self._closures else self._file
        for follower in self.followers:
            follower(self._settings)
