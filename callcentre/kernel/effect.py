"""What is to be done outside, once the decision is on disk.

An effect is never exactly-once: each says what a crash between its commit and its outcome means.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

import msgspec


class Crash(StrEnum):
    """What to do at the next start with an effect whose outcome is not known."""

    DROP = "drop"
    """Meaningless once we are gone: not even stored."""
    VERIFY = "verify"
    """Look whether it lives; if it does not, it counts as made."""
    AT_LEAST_ONCE = "at_least_once"
    """Must happen: done again, perhaps a second time."""
    AT_MOST_ONCE = "at_most_once"
    """Must not happen twice: not done again."""


class Effect(msgspec.Struct, frozen=True, tag_field="effect", kw_only=True):
    """Base of all effects.

    Effects with the same `lane` go out in order, different lanes side by side. A `merges` effect that
    equals one still waiting in its lane is carried out once.
    """

    merges: ClassVar[bool] = False

    @property
    def lane(self) -> str:
        """Whose turn this takes: a call, a queue, a number."""
        raise NotImplementedError

    @property
    def on_crash(self) -> Crash:
        """What a crash before its outcome means."""
        return Crash.DROP
