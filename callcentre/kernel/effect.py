"""Actions outside the program, carried out once the decision is on disk.

An effect is never exactly-once: each class says what a crash between its commit and its outcome means.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

import msgspec


class Crash(StrEnum):
    """What to do at the next start with an effect whose outcome is not known."""

    DROP = "drop"
    """Meaningless after a restart: not even stored."""
    VERIFY = "verify"
    """Look whether it was carried out. If not, it counts as carried out and over."""
    AT_LEAST_ONCE = "at_least_once"
    """Must happen: carried out again, perhaps a second time."""
    AT_MOST_ONCE = "at_most_once"
    """Must not happen twice: not carried out again."""


class Effect(msgspec.Struct, frozen=True, tag_field="effect", kw_only=True):
    """Base of all effects.

    Effects with the same `lane` go out in order, different lanes side by side. A `merges` effect that
    equals one still waiting in its lane is carried out once.
    """

    merges: ClassVar[bool] = False
    inside: ClassVar[bool] = False
    """It only concerns our own database and log, so a command may carry it out while the daemon does not run."""

    @property
    def lane(self) -> str:
        """What the order of effects is kept for: a call, a queue, a number."""
        raise NotImplementedError

    @property
    def on_crash(self) -> Crash:
        """What a crash before the outcome means."""
        return Crash.DROP

    @property
    def promises_nothing(self) -> bool:
        """Whether it may go out before the decision behind it is on disk: a crash then costs nobody anything.

        Only for effects that are not stored (`Crash.DROP`).
        """
        return False
