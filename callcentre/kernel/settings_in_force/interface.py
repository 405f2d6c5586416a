"""The administrator's current settings, for all components."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from callcentre.config.settings import Settings
    from callcentre.values.numbers import NumberPolicy


T = TypeVar("T")


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


class FromSettings(Generic[T]):
    """A value that follows from the settings. It is computed again when they have changed, and not each second."""

    def __init__(self, rules: SettingsInForce, compute: Callable[[Settings], T]) -> None:
        self._rules = rules
        self._compute = compute
        self._known: tuple[Settings, T] | None = None

    @property
    def value(self) -> T:
        """The value for the settings that apply now."""
        settings = self._rules.settings
        if self._known is None or self._known[0] is not settings:
            self._known = (settings, self._compute(settings))
        return self._known[1]
