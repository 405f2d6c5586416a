"""How facts name people: by the masked number and by its keyed hash, which distinguishes them."""

from __future__ import annotations

from typing import Protocol


class People(Protocol):
    """Names people by their numbers."""

    @property
    def key(self) -> bytes:
        """The secret for hashing numbers, created once for each database."""
        ...

    def who(self, number: str | None) -> dict[str, str]:
        """How a fact names a person: `number` is masked, `caller` is the keyed hash.

        Empty for a withheld number: people with a withheld number cannot be distinguished.
        """
        ...

    def caller(self, e164: str) -> str:
        """The keyed hash of a number in E.164."""
        ...
