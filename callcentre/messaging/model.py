"""Texts of ours on their way to a phone, and the people who want none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Final

from callcentre.kernel.command import Command, Signal
from callcentre.kernel.effect import Crash


class Kind(StrEnum):
    """What a text is for; each kind has its `DeliveryPolicy`."""

    WELCOME = "welcome"
    CALLBACK_CONFIRMATION = "callback_confirmation"
    CALLBACK_GIVEN_UP = "callback_given_up"
    CALLBACK_NOTICE = "callback_notice"
    CALLBACK_CANCELLED = "callback_cancelled"
    CALLBACK_MOVED = "callback_moved"
    NOTICE_REFUSED = "notice_refused"
    """What somebody wished in answer to a notice cannot be done."""
    NOTICE_HELP = "notice_help"
    """How a notice can be answered."""
    NOTICE_LATE = "notice_late"
    """An answer came too late."""
    SURVEY = "survey"


@dataclass(frozen=True, slots=True)
class DeliveryPolicy:
    """How a kind of text is sent.

    `crash` rules what a crash in the middle and a time-out of the gateway mean: `once` is not sent again when it may
    have arrived, `retry` is, until `MOST_UNCLEAR` tries may have arrived. `fresh` is how long after it was wanted it
    may still go out. `while_waiting`: only while its call waits in a queue. `announces`: only while its callback has
    not been dialled, nobody has been told otherwise, and the service is open.
    """

    crash: Crash
    fresh: timedelta
    while_waiting: bool = False
    announces: bool = False


DELIVERY_POLICIES: dict[Kind, DeliveryPolicy] = {
    Kind.WELCOME: DeliveryPolicy(crash=Crash.AT_MOST_ONCE, fresh=timedelta(minutes=30), while_waiting=True),
    Kind.CALLBACK_CONFIRMATION: DeliveryPolicy(crash=Crash.AT_LEAST_ONCE, fresh=timedelta(hours=12)),
    Kind.CALLBACK_GIVEN_UP: DeliveryPolicy(crash=Crash.AT_LEAST_ONCE, fresh=timedelta(hours=24)),
    Kind.CALLBACK_NOTICE: DeliveryPolicy(crash=Crash.AT_LEAST_ONCE, fresh=timedelta(hours=12), announces=True),
    Kind.CALLBACK_CANCELLED: DeliveryPolicy(crash=Crash.AT_LEAST_ONCE, fresh=timedelta(hours=12)),
    Kind.CALLBACK_MOVED: DeliveryPolicy(crash=Crash.AT_LEAST_ONCE, fresh=timedelta(hours=12)),
    Kind.NOTICE_REFUSED: DeliveryPolicy(crash=Crash.AT_LEAST_ONCE, fresh=timedelta(hours=12)),
    Kind.NOTICE_HELP: DeliveryPolicy(crash=Crash.AT_MOST_ONCE, fresh=timedelta(hours=1)),
    Kind.NOTICE_LATE: DeliveryPolicy(crash=Crash.AT_LEAST_ONCE, fresh=timedelta(hours=12)),
    Kind.SURVEY: DeliveryPolicy(crash=Crash.AT_MOST_ONCE, fresh=timedelta(hours=12)),
}


MOST_UNCLEAR: Final = 3
"""Most tries of one text that may have arrived. After them a person may have read the text three times, or never."""


class State(StrEnum):
    """Where a text is on its way. Its ends (delivered, failed, refused) are facts; the text itself is then gone."""

    QUEUED = "queued"
    SENDING = "sending"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text that has not come to an end yet. `number` is E.164, `attempts` the hand-overs begun.

    `unclear` counts the hand-overs that may have arrived. `answers`: it answers a text from this number.
    """

    message: str
    kind: Kind
    number: str
    sender: str
    body: str
    parts: int
    state: State
    wanted_at: datetime
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

    @property
    def stale_at(self) -> datetime:
        """From when on it is too late to send it."""
        return self.wanted_at + DELIVERY_POLICIES[self.kind].fresh


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """From when on the gateway may be given the next text."""

    free_at: datetime

    @property
    def key(self) -> str:
        return "pace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Texts wanted on a day (ISO date in the configured timezone), and whether its end was announced."""

    day: str
    used: int
    exhausted: bool = False

    @property
    def key(self) -> str:
        return "budget"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Texts given up with an unclear outcome since the gateway last accepted one, and whether that was announced."""

    texts: int
    raised: bool = False

    @property
    def key(self) -> str:
        return "doubt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A text from a phone that we have already dealt with: gateways tell twice."""

    source: str
    at: datetime

    @property
    def key(self) -> str:
        return self.source


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """Somebody who wants no texts, by keyed hash: it outlives the number.

    `by` says how we know: `sms`, a text of theirs; `gateway`, the gateway refuses texts to them.
    """

    wall_times: ClassVar[frozenset[str]] = frozenset({"at"})
    """When it was said is told to people, and nothing is reckoned from it."""

    caller: str
    at: datetime
    by: str = "sms"

    @property
    def key(self) -> str:
        return self.caller


@dataclass(frozen=True, slots=True, kw_only=True)
class TextWanted(Command):
    """A feature wishes to send a text. `message` is the same when the wish is the same.

    `answers`: it answers a text from this number.
    """

    message: str
    kind: Kind
    number: str
    sender: str
    body: str
    answers: bool = False
    service: str | None = None
    queue: str | None = None
    call: str | None = None
    callback: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerReceived(Signal):
    """A text from a phone that is neither told twice nor about texts themselves (stop, start).

    `number` is the sender in E.164, `recipient` our number that it went to: E.164 too, or a short code as it is.
    """

    number: str
    recipient: str
    body: str


class Texts:
    """The texts under way, and what limits them."""

    def __init__(self) -> None:
        self.open: dict[str, Text] = {}
        self.by_call: dict[str, set[str]] = {}
        self.received: dict[str, Received] = {}
        self.pace: Pace | None = None
        self.budget: Budget | None = None
        self.doubt: Doubt | None = None

    def put(self, record: Text | Pace | Budget | Doubt | Received) -> None:
        """Take a record in place of the one with its key."""
        match record:
            case Text():
                self.open[record.message] = record
                if record.call is not None:
                    self.by_call.setdefault(record.call, set()).add(record.message)
            case Pace():
                self.pace = record
            case Budget():
                self.budget = record
            case Doubt():
                self.doubt = record
            case Received():
                self.received[record.source] = record

    def delete(self, record: Text | Pace | Budget | Doubt | Received) -> None:
        """Forget a record."""
        match record:
            case Text():
                self.open.pop(record.message, None)
                if record.call is not None and record.call in self.by_call:
                    self.by_call[record.call].discard(record.message)
                    if not self.by_call[record.call]:
                        del self.by_call[record.call]
            case Pace():
                self.pace = None
            case Budget():
                self.budget = None
            case Doubt():
                self.doubt = None
            case Received():
                self.received.pop(record.source, None)


class Suppressions:
    """Who wants no texts."""

    def __init__(self) -> None:
        self._by_caller: dict[str, Suppression] = {}

    def __contains__(self, caller: str) -> bool:
        return caller in self._by_caller

    def get(self, caller: str) -> Suppression | None:
        """The wish of this person, if there is one."""
        return self._by_caller.get(caller)

    def put(self, record: Suppression) -> None:
        """Remember a wish."""
        self._by_caller[record.caller] = record

    def delete(self, record: Suppression) -> None:
        """Forget a wish."""
        self._by_caller.pop(record.caller, None)
