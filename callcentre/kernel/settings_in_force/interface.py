"""The administrator's current settings, for all components."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from callcentre.config.settings import Settings
    from callcentre.values.numbers import NumberPolicy


class SettingsInForce(Protocol):
    """The settings that apply now. They change when the administrator's file is read again."""

    @property
    def settings(self) -> Settings:
        """All settings."""
        ...

    @property
    def numbers(self) -> NumberPolicy:
        """Which numbers may be dialled or texted, and when."""
        ...
