"""How facts name a person: the number masked, and a keyed hash that tells people apart."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from callcentre.kernel.people import People
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.values.numbers import caller_hash, is_withheld, mask, normalise


@lru_cache(maxsize=4096)
def _who(number: str, region: str, key: bytes) -> Mapping[str, str]:
    if is_withheld(number) or not any(character.isdecimal() for character in number):
        return {}
    known = normalise(number, region) or number
    return {"number": mask(known), "caller": caller_hash(key, known)}


class HashedPeople(People):
    """`key` is the secret that numbers are hashed with, one for a database."""

    def __init__(self, settings: SettingsInForce, key: bytes) -> None:
        self._settings = settings
        self._key = key

    @property
    def key(self) -> bytes:
        """The secret that numbers are hashed with."""
        return self._key

    def who(self, number: str | None) -> dict[str, str]:
        """The fields of a fact about a person.

        Nothing for a withheld number: those who withhold it cannot be told apart.
        """
        return dict(_who(number or "", self._settings.settings.region, self._key))

    def caller(self, e164: str) -> str:
        """The keyed hash of a number in E.164."""
        return caller_hash(self._key, e164)
