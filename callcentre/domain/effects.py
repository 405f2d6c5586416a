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
    RETRY = "retry"
    """Must happen: done again, perhaps a second time."""
    ONCE = "once"
    """Must not happen twice: not done again."""


class Effect(msgspec.Struct, frozen=True, tag_field="effect", kw_only=True):
    """Base of all effects.

    Effects with the same `lane` go out in order, different lanes side by side. A `merges` effect that
    equals one still waiting in its lane is the same wish, and is done once.
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


class ContinueCall(Effect, frozen=True, tag="continue_call"):
    """Let a call that we hold go on in the dialplan after `Stasis()`."""

    call: str

    @property
    def lane(self) -> str:
        return self.call


class ReadQueue(Effect, frozen=True, tag="read_queue"):
    """Ask app_queue who waits where; `complete` for every place, else the last few.

    `members`: also who is on duty.
    """

    merges: ClassVar[bool] = True
    queue: str
    complete: bool = False
    members: bool = False

    @property
    def lane(self) -> str:
        return f"queue {self.queue}"


class Synchronise(Effect, frozen=True, tag="synchronise"):
    """Read all of Asterisk anew: our view and its queues differ."""

    merges: ClassVar[bool] = True

    @property
    def lane(self) -> str:
        return "synchronise"


class RenewLease(Effect, frozen=True, tag="renew_lease"):
    """Tell the dialplan that we are alive and can store, until this epoch second."""

    merges: ClassVar[bool] = True
    until: int

    @property
    def lane(self) -> str:
        return "lease"


class SendText(Effect, frozen=True, tag="send_text"):
    """Hand a text to the gateway. `number` is E.164 as we formatted it ourselves."""

    message: str
    number: str
    sender: str
    body: str
    crash: Crash

    @property
    def lane(self) -> str:
        return self.number

    @property
    def on_crash(self) -> Crash:
        return self.crash


AnyEffect = ContinueCall | ReadQueue | Synchronise | RenewLease | SendText
