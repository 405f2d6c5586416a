"""Notices: customers who were told that their callback is near, by a text or by the Auto Agent, and their answers.

A notice is kept for a day after its callback has ended, so that a late answer is told from an answer to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from callcentre.features.notices.meaning import Meaning


class State(StrEnum):
    """How far a notice has come."""

    TEXTED = "texted"
    """A text is on its way to the customer."""
    DELIVERED = "delivered"
    """The customer's phone has the text."""
    CALL_DUE = "call_due"
    """The Auto Agent calls the customer as soon as it may."""
    RINGING = "ringing"
    """The Auto Agent's call to the customer is committed."""
    TALKING = "talking"
    """The customer listens to the Auto Agent."""
    TOLD = "told"
    """The customer heard the notice on the phone."""
    FAILED = "failed"
    """Neither a text nor a call reached the customer, and nothing more is tried."""
    SKIPPED = "skipped"
    """The callback was dialled before the notice could be given."""


CALLED: Final = frozenset({State.RINGING, State.TALKING})
"""The states in which the Auto Agent has a call with the customer's phone."""

BY_TEXT: Final = frozenset({State.TEXTED, State.DELIVERED})
"""The states in which the customer's phone has the text, or is about to get it."""


class Ended(StrEnum):
    """What became of the callback. After that an answer changes nothing."""

    DIALLED = "dialled"
    CANCELLED = "cancelled"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """The notice of one callback.

    `number` is the customer's in E.164 when the notice was given, `caller` its keyed hash. `answer_to` is our number
    that the text was sent from and that the customer may answer; None when there is nothing to answer. `call` is the
    Auto Agent's channel, `attempts` counts its calls. `promised_on` is the call on which the callback was accepted; the
    Auto Agent does not ring before that call has ended. `answer` is the last clear answer. `helped` and `late` say
    that the text of this name was sent, `late` for this `ended`. `replies` counts all texts sent in return.
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
    call: str | None = None
    attempts: int = 0
    not_before: datetime | None = None
    promised_on: str | None = None
    answer: Meaning | None = None
    opted_out: bool = False
    ended: Ended | None = None
    helped: bool = False
    late: bool = False
    replies: int = 0

    @property
    def key(self) -> str:
        return self.callback

    @property
    def message(self) -> str:
        """The id of the notice's text."""
        return f"notice-{self.callback}"


class Notices:
    """All notices that may still matter. Rules read them; only the engine changes them."""

    def __init__(self) -> None:
        self.by_callback: dict[str, Notice] = {}
        self._by_caller: dict[str, set[str]] = {}
        self._by_call: dict[str, str] = {}
        self._due: dict[str, None] = {}
        self._called: dict[str, None] = {}

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
        return [self.by_callback[name] for name in self._called]

    def in_flight(self) -> int:
        """The number of calls of the Auto Agent that ring or are answered."""
        return len(self._called)

    def ringing(self) -> int:
        """The number of calls of the Auto Agent that ring."""
        return sum(notice.state is State.RINGING for notice in self.called())

    def has_phone(self, number: str) -> bool:
        """Whether the Auto Agent has a call with this number (E.164). Nothing else may call it meanwhile."""
        return any(notice.number == number for notice in self.called())

    # --- changes, by the engine ------------------------------------------------------------------

    def put(self, record: Notice) -> None:
        """Take a notice in place of the one for its callback."""
        before = self.by_callback.get(record.callback)
        if before is not None and before.call != record.call:
            self._by_call.pop(before.call or "", None)
        self.by_callback[record.callback] = record
        self._by_caller.setdefault(record.caller, set()).add(record.callback)
        if record.call is not None:
            self._by_call[record.call] = record.callback
        _in_or_out(self._due, record.callback, record.state is State.CALL_DUE)
        _in_or_out(self._called, record.callback, record.state in CALLED)

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
        self._called.pop(before.callback, None)


def _in_or_out(members: dict[str, None], name: str, belongs: bool) -> None:
    if belongs:
        members.setdefault(name)
    else:
        members.pop(name, None)
