"""Texts on their way to a phone, the kinds of texts, and the people who want none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import ClassVar, Final

from callcentre.kernel.collection import Collection
from callcentre.kernel.command import Command
from callcentre.kernel.decision import Record
from callcentre.kernel.effect import Crash
from callcentre.kernel.records import Records
from callcentre.kernel.timer import Timer

MOST_UNCLEAR: Final = 3
"""Most tries of one text that may have arrived. After them the person may have the text three times, or not at all."""


# --- kinds of texts ------------------------------------------------------------------------------


class Lane(IntEnum):
    """What goes first when more texts wait than the gateway may get: the lower lane."""

    PROMISED = 1
    """A person relies on the text, or waits for it: a confirmation, a notice, an answer."""
    OFFERED = 2
    """Nobody was promised the text: a welcome, a survey."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPolicy:
    """How texts of a kind are delivered.

    `crash` says what a crash during the hand-over and a time-out of the gateway mean. With `AT_MOST_ONCE` a text is not
    sent again when it may have arrived. With `AT_LEAST_ONCE` it is, until `MOST_UNCLEAR` tries may have arrived.
    `fresh` is how long after its request a text may still be sent, `lane` which texts it waits behind.
    """

    crash: Crash
    fresh: timedelta
    lane: Lane


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageKind:
    """A kind of text, declared by the component that sends it.

    `still_wanted` returns the reason why a text must not be sent now, None while it may be. It is called when the text
    is queued, when its turn has come, and once more before the gateway gets it.
    """

    name: str
    policy: DeliveryPolicy
    still_wanted: Callable[[Text, datetime], str | None] | None = None


class Kinds:
    """The kinds of texts that components declare, by name."""

    def __init__(self, declared: Sequence[MessageKind]) -> None:
        self._declared = declared
        self._by_name: dict[str, MessageKind] = {}
        self._read = 0

    def of(self, text: Text) -> MessageKind:
        """The kind of a text. A kind that no component declares any more is never fresh."""
        if self._read < len(self._declared):
            self._by_name = {kind.name: kind for kind in self._declared}
            self._read = len(self._declared)
        kind = self._by_name.get(text.kind)
        return kind if kind is not None else MessageKind(name=text.kind, policy=_GONE)

    def lane_of(self, text: Text) -> Lane:
        """The lane of a text. An answer to a received text is promised, whatever its kind: a person waits for it."""
        return Lane.PROMISED if text.answers else self.of(text).policy.lane

    def stale_at(self, text: Text) -> datetime:
        """The time after which it is too late to send a text."""
        return text.wanted_at + self.of(text).policy.fresh


_GONE: Final = DeliveryPolicy(crash=Crash.AT_MOST_ONCE, fresh=timedelta(0), lane=Lane.OFFERED)


# --- records -------------------------------------------------------------------------------------


class State(StrEnum):
    """The state of a text. Its ends (delivered, failed, refused) are facts, and the text itself is then deleted."""

    QUEUED = "queued"
    SENDING = "sending"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"


class Text(Record, frozen=True, kw_only=True):
    """A text that is still open. `number` is E.164, `attempts` the hand-overs begun.

    `unclear` counts the hand-overs that may have arrived. `answers`: it answers a text from this number. `in_line`: it
    is queued and waits for its turn only, not for the end of quiet hours or of a pause.
    """

    message: str
    kind: str
    number: str
    sender: str
    body: str
    parts: int
    state: State
    wanted_at: datetime
    in_line: bool = False
    attempts: int = 0
    unclear: int = 0
    answers: bool = False
    service: str | None = None
    queue: str | None = None
    call: str | None = None
    callback: str | None = None

    @property
    def key(self) -> str:
        return self.message


class FailedText(Record, frozen=True, kw_only=True):
    """A text that did not arrive as far as is known. It is kept for some time, so that staff can send it again.

    The fields are those of `Text`; `at` is when it was requested.
    """

    wall_times: ClassVar[frozenset[str]] = frozenset({"at"})
    """Only the deletion of old ones goes by it."""

    message: str
    number: str
    sender: str
    body: str
    at: datetime
    service: str | None = None
    queue: str | None = None
    call: str | None = None
    callback: str | None = None

    @property
    def key(self) -> str:
        return self.message


class Pace(Record, frozen=True, kw_only=True):
    """The time from which on the gateway may get the next text.

    `turn_at` is the time for which the timer of the next turn is set. `overtaken` counts the texts in a row that were
    handed over before an older one of a later lane.
    """

    free_at: datetime
    turn_at: datetime | None = None
    overtaken: int = 0

    @property
    def key(self) -> str:
        return "pace"


class Budget(Record, frozen=True, kw_only=True):
    """Texts requested on a day (ISO date in the configured timezone), of all daemons that share the database."""

    of_program: ClassVar[bool] = True

    day: str
    used: int

    @property
    def key(self) -> str:
        return self.day


class Exhausted(Record, frozen=True, kw_only=True):
    """The alarm is raised because the texts of this day are used up."""

    of_program: ClassVar[bool] = True

    day: str

    @property
    def key(self) -> str:
        return "budget"


class Doubt(Record, frozen=True, kw_only=True):
    """Texts given up with an unclear outcome since the gateway last accepted one, and whether the alarm was raised."""

    of_program: ClassVar[bool] = True

    texts: int
    raised: bool = False

    @property
    def key(self) -> str:
        return "doubt"


class Received(Record, frozen=True, kw_only=True):
    """A text from a phone that was already handled. Gateways deliver some texts twice."""

    of_program: ClassVar[bool] = True
    wall_times: ClassVar[frozenset[str]] = frozenset({"at"})
    """Only the deletion of old ones goes by it."""

    source: str
    at: datetime

    @property
    def key(self) -> str:
        return self.source


class Suppression(Record, frozen=True, kw_only=True):
    """A person who has opted out of texts, by keyed hash.

    `by` says how that is known: `sms`, by a text of the person; `gateway`, because the gateway refuses to text them;
    `staff`, because the person said so to somebody.
    """

    of_program: ClassVar[bool] = True
    wall_times: ClassVar[frozenset[str]] = frozenset({"at"})
    """For people who read it. Nothing is computed from it."""

    caller: str
    at: datetime
    by: str = "sms"

    @property
    def key(self) -> str:
        return self.caller


class OpenTexts:
    """The open texts, and what limits them."""

    def __init__(self) -> None:
        self.open = Collection(Text, table="messages", key="message")
        self.line = self.open.ordered(
            lambda text: (text.kind, text.answers) if text.in_line else None, lambda text: text.wanted_at
        )
        """The texts that wait for their turn, each kind in its order. Those that answer a text are apart."""
        self.by_state = self.open.index(lambda text: text.state)
        self.sending = self.open.index(lambda text: (text.kind, text.answers) if text.state is State.SENDING else None)
        """Hand-overs that have not ended, by the same as `line`."""
        self.unclear = self.open.index(lambda text: text.service if text.state is State.UNKNOWN else None)
        self.again = self.open.index(
            lambda text: text.service if text.state is State.QUEUED and text.attempts else None
        )
        self.failed = Collection(FailedText, table="failed_messages", key="message")
        self.failed_to = self.failed.index(lambda text: text.number)
        """The same by number."""
        self.pace = Collection(Pace)
        self.budget = Records(Budget, table="sms_days", key="day")
        self.exhausted = Collection(Exhausted, table="sms_budget")
        self.doubt = Collection(Doubt, table="sms_doubt")
        self.received = Records(Received, table="received", key="source", indexes=("at",))
        """They are read from the database one by one: there may be some hundred thousand."""

    def number_of(self, field: str, value: str) -> str | None:
        """The number (E.164) of an open text, or of one that failed, by the field `message` of a fact."""
        text = (self.open.get(value) or self.failed.get(value)) if field == "message" else None
        return None if text is None else text.number


# --- timers --------------------------------------------------------------------------------------


class TextTurn(Timer, frozen=True, tag="text_turn"):
    """The gateway may get the next text."""


class TextDue(Timer, frozen=True, tag="text_due"):
    """Quiet hours or a pause have ended, or a delivery report did not come."""

    message: str


# --- commands ------------------------------------------------------------------------------------


class NextText(Command, frozen=True, kw_only=True):
    """Hand over the next text in line, if the gateway may get one now."""


class TextWanted(Command, frozen=True, kw_only=True):
    """Send a text. `message` identifies the request: a second one with the same `message` changes nothing.

    `kind` is the name of a `MessageKind`. `answers`: it answers a text from this number.
    """

    message: str
    kind: str
    number: str
    sender: str
    body: str
    answers: bool = False
    service: str | None = None
    queue: str | None = None
    call: str | None = None
    callback: str | None = None


class WithdrawText(Command, frozen=True, kw_only=True):
    """Refuse a text that is queued, for this reason. A text that was handed to the gateway stays."""

    message: str
    reason: str
