"""The settings that hold now."""

from __future__ import annotations

from dataclasses import dataclass

from callcentre.config.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesInForce:
    """The administrator's rules, as they were last read without a mistake."""

    settings: Settings

    @property
    def key(self) -> str:
        return "rules"
