"""Notices: customers who were told that their callback is near, by a text or by the Auto Agent, and their answers.

A notice is kept for a day after its callback has ended, so that a late answer differs from an answer to nothing.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import msgspec

from callcentre.features.notices.meaning import Meaning
from callcentre.kernel.collection import Collection
from callcentre.kernel.decision import Record
from callcentre.telephony.dialling.interface import CallOfOurs


class Stage(StrEnum):
    """The names of the states of a notice."""

    TEXTED = "texted"
    DELIVERED = "delivered"
    CALL_DUE = "call_due"
    RINGING = "ringing"
    TALKING = "talking"
    HEARD = "told"
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


class Heard(_State, frozen=True, kw_only=True, tag="told"):
    """The customer heard the notice on the phone."""

    stage = Stage.HEARD


class Failed(_State, frozen=True, kw_only=True, tag="failed"):
    """Neither a text nor a call reached the customer, and nothing more is tried."""

    stage = Stage.FAILED


class Skipped(_State, frozen=True, kw_only=True, tag="skipped"):
    """The callback was dialled or has ended before the notice could be given. `due` is the call that was due."""

    stage = Stage.SKIPPED

    due: CallDue | None = None


State = Texted | Delivered | CallDue | Ringing | Talking | Heard | Failed | Skipped


class How(StrEnum):
    """How a callback reached the point after which an answer changes nothing."""

    DIALLED = "dialled"
    CANCELLED = "cancelled"
    OVER = "over"


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """The callback is dialled or over. `answered_late`: the customer got the text that says so after an answer."""

    how: How
    answered_late: bool = False


class Notice(Record, frozen=True, kw_only=True):
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


class Notices(Collection[Notice]):
    """All notices that may still matter, by their callbacks."""

    def __init__(self) -> None:
        super().__init__(Notice, table="notices", key="callback")
        self._by_caller = self.index(lambda notice: notice.caller)
        self._by_call = self.index(lambda notice: notice.call)
        self._by_stage = self.index(lambda notice: notice.stage)
        self._on_the_phone = self.index(lambda notice: notice.number if notice.call is not None else None)

    def of_caller(self, caller: str | None) -> list[Notice]:
        """The notices to a person, by the keyed hash of the number."""
        return [] if caller is None else self._by_caller.all(caller)

    def of_call(self, call: str) -> Notice | None:
        """The notice that a call of the Auto Agent is about."""
        return self._by_call.get(call)

    def due(self) -> list[Notice]:
        """The notices that the Auto Agent is to give, in the order in which that was decided."""
        return self._by_stage.all(Stage.CALL_DUE)

    def called(self) -> list[Notice]:
        """The notices with a call of the Auto Agent."""
        return self._by_stage.all(Stage.RINGING) + self._by_stage.all(Stage.TALKING)

    def in_flight(self) -> int:
        """The number of calls of the Auto Agent that ring or are answered."""
        return self._by_stage.count(Stage.RINGING) + self._by_stage.count(Stage.TALKING)

    def ringing(self) -> int:
        """The number of calls of the Auto Agent that ring."""
        return self._by_stage.count(Stage.RINGING)

    def about(self, call: str) -> CallOfOurs | None:
        """The customer whom a call of the Auto Agent rings; None for any other call."""
        notice = self._by_call.get(call)
        if notice is None or notice.stage is not Stage.RINGING:
            return None
        return CallOfOurs(callback=notice.callback, number=notice.number)

    def has_phone(self, number: str) -> bool:
        """Whether the Auto Agent has a call with this number (E.164). Nothing else may call it meanwhile."""
        return number in self._on_the_phone
