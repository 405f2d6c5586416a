"""The settings that apply now."""

from __future__ import annotations

from collections.abc import Callable

from callcentre.config.settings import Settings
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
        self._settings = settings
        self.followers: list[Callable[[Settings], None]] = []

    @property
    def settings(self) -> Settings:
        """All settings."""
        return self._settings

    @property
    def numbers(self) -> NumberPolicy:
        """Which numbers may be dialled or texted, and when."""
        return self._settings.number_policy

    def put(self, record: RulesInForce) -> None:
        """Use these settings from now on."""
        super().put(record)
        self._settings = record.settings
        for follower in self.followers:
            follower(record.settings)
