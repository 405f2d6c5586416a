"""Notices: customers who were told that their callback is near, by a text or by the Auto Agent, and their answers.

A notice is kept for a day after its callback has ended, so that a late answer is told from an answer to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import msgspec

from callcentre.features.notices.meaning import Meaning


class Stage(StrEnum):
    """The names of the states of a notice."""

    TEXTED = "texted"
    DELIVERED = "delivered"
    CALL_DUE = "call_due"
    RINGING = "ringing"
    TALKING = "talking"
    TOLD = "told"
    FAILED = "failed"
    SKIPPED = "skipped"


class _State(msgspec.Struct, frozen=True, kw_only=True, tag_field="state"):
    """Base of the states. A state holds what is known in that state only."""

    stage: ClassVar[Stage]


class Texted(_State, frozen=True, kw_only=True, tag="texted"):
    """A text is on its way to the customer."""

    stage = Stage.TEXTED


class Delivered(_State, frozen=True, kw_only=True, tag="delivered"):
    """The customer's phone has the text."""

    stage = Stage.DELIVERED


class CallDue(_State, frozen=True, kw_only=True, tag="call_due"):
    """The Auto Agent calls the customer as soon as it may, and not before `not_before`."""

    stage = Stage.CALL_DUE

    not_before: datetime | None = None


class Ringing(_State, frozen=True, kw_only=True, tag="ringing"):
    """The Auto Agent's call to the customer is committed. `call` is its channel."""

    stage = Stage.RINGING

    call: str


class Talking(_State, frozen=True, kw_only=True, tag="talking"):
    """The customer listens to the Auto Agent. `call` is its channel."""

    stage = Stage.TALKING

    call: str


class Told(_State, frozen=True, kw_only=True, tag="told"):
    """The customer heard the notice on the phone."""

    stage = Stage.TOLD


class Failed(_State, frozen=True, kw_only=True, tag="failed"):
    """Neither a text nor a call reached the customer, and nothing more is tried."""

    stage = Stage.FAILED


class Skipped(_State, frozen=True, kw_only=True, tag="skipped"):
    """The callback was dialled or has ended before the notice could be given. `due` is the call that was due."""

    stage = Stage.SKIPPED

    due: CallDue | None = None


State = Texted | Delivered | CallDue | Ringing | Talking | Told | Failed | Skipped


class How(StrEnum):
    """How a callback came to a point from which on an answer changes nothing."""

    DIALLED = "dialled"
    CANCELLED = "cancelled"
    OVER = "over"


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """The callback is dialled or over. `answered_late`: the customer got the text that says so after an answer."""

    how: How
    answered_late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """The notice of one callback.

    `number` is the customer's in E.164 when the notice was given, `caller` its keyed hash. `answer_to` is our number
    that the text was sent from and that the customer may answer; None when there is nothing to answer. `attempts`
    counts the Auto Agent's calls. `promised_on` is the call on which the callback was accepted, when the notice was
    given at once: the Auto Agent does not ring before that call has ended. `answer` is the last clear answer. `ended`
    is None while the callback is open. `helped`: the text with help was sent. `replies` counts all texts in return.
    """

    callback: str
    service: str
    queue: str
    number: str
    caller: str
    language: str
    position: int
    state: State
    told_at: datetime
    answer_to: str | None = None
    attempts: int = 0
    promised_on: str | None = None
    answer: Meaning | None = None
    opted_out: bool = False
    ended: Ended | None = None
    helped: bool = False
    replies: int = 0

    @property
    def key(self) -> str:
        return self.callback

    @property
    def message(self) -> str:
        """The id of the notice's text."""
        return f"notice-{self.callback}"

    @property
    def stage(self) -> Stage:
        """The name of its state."""
        return self.state.stage

    @property
    def call(self) -> str | None:
        """The Auto Agent's channel to the customer, while there is one."""
        return self.state.call if isinstance(self.state, Ringing | Talking) else None

    @property
    def is_by_text(self) -> bool:
        """Whether the customer's phone has the text, or is about to get it."""
        return isinstance(self.state, Texted | Delivered)


class Notices:
    """All notices that may still matter. Rules read them; only the engine changes them."""

    def __init__(self) -> None:
        self.by_callback: dict[str, Notice] = {}
        self._by_caller: dict[str, set[str]] = {}
        self._by_call: dict[str, str] = {}
        self._due: dict[str, None] = {}

    # --- questions -------------------------------------------------------------------------------

    def of_caller(self, caller: str) -> list[Notice]:
        """The notices to a person, by the keyed hash of the number."""
        return [self.by_callback[name] for name in sorted(self._by_caller.get(caller, ()))]

    def of_call(self, call: str) -> Notice | None:
        """The notice that a call of the Auto Agent is about."""
        name = self._by_call.get(call)
        return None if name is None else self.by_callback[name]

    def due(self) -> list[Notice]:
        """The notices that the Auto Agent is to give, in the order in which that was decided."""
        return [self.by_callback[name] for name in self._due]

    def called(self) -> list[Notice]:
        """The notices with a call of the Auto Agent."""
        return [self.by_callback[name] for name in self._by_call.values()]

    def in_flight(self) -> int:
        """The number of calls of the Auto Agent that ring or are answered."""
        return len(self._by_call)

    def ringing(self) -> int:
        """The number of calls of the Auto Agent that ring."""
        return sum(notice.stage is Stage.RINGING for notice in self.called())

    def has_phone(self, number: str) -> bool:
        """Whether the Auto Agent has a call with this number (E.164). Nothing else may call it meanwhile."""
        return any(notice.number == number for notice in self.called())

    # --- changes, by the engine ------------------------------------------------------------------

    def put(self, record: Notice) -> None:
        """Take a notice in place of the one for its callback."""
        before = self.by_callback.get(record.callback)
        if before is not None and before.call is not None and before.call != record.call:
            self._by_call.pop(before.call, None)
        self.by_callback[record.callback] = record
        self._by_caller.setdefault(record.caller, set()).add(record.callback)
        if record.call is not None:
            self._by_call[record.call] = record.callback
        if record.stage is Stage.CALL_DUE:
            self._due.setdefault(record.callback)
        else:
            self._due.pop(record.callback, None)

    def delete(self, record: Notice) -> None:
        """Forget a notice."""
        before = self.by_callback.pop(record.callback, None)
        if before is None:
            return
        of_caller = self._by_caller[before.caller]
        of_caller.discard(before.callback)
        if not of_caller:
            del self._by_caller[before.caller]
        self._by_call.pop(before.call or "", None)
        self._due.pop(before.callback, None)
