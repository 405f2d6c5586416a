"""How facts name a person: by the masked number, and by a keyed hash that distinguishes people."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from callcentre.kernel.people import People
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.values.call_hours import CACHED_NUMBERS
from callcentre.values.numbers import caller_hash, is_withheld, mask, normalise


@lru_cache(maxsize=CACHED_NUMBERS)
def _who(number: str, region: str, key: bytes) -> Mapping[str, str]:
    if is_withheld(number) or not any(character.isdecimal() for character in number):
        return {}
    known = normalise(number, region) or number
    return {"number": mask(known), "caller": caller_hash(key, known)}


class HashedPeople(People):
    """`key` is the secret for hashing numbers, one for each database."""

    def __init__(self, settings: SettingsInForce, key: bytes) -> None:
        self._settings = settings
        self._key = key

    @property
    def key(self) -> bytes:
        """The secret for hashing numbers."""
        return self._key

    def who(self, number: str | None) -> dict[str, str]:
        """The fields of a fact about a person.

        Empty for a withheld number: people with a withheld number cannot be distinguished.
        """
        return dict(_who(number or "", self._settings.settings.region, self._key))

    def caller(self, e164: str) -> str:
        """The keyed hash of a number in E.164."""
        return caller_hash(self._key, e164)
