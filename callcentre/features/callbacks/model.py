"""Callbacks: people who hung up and keep their place in the queue, and the state of each callback.

No channel waits for them. Their place follows from their priority and joining time (`order.py`) among the live callers
and the other callbacks of the queue. It is computed, never stored, so it changes by itself as those ahead leave.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Final, assert_never

import msgspec

from callcentre.kernel.command import Command
from callcentre.kernel.database import MAIN
from callcentre.kernel.decision import Record
from callcentre.kernel.effect import Crash
from callcentre.messaging.model import DeliveryPolicy, Lane, MessageKind
from callcentre.telephony.dialling.reservations import in_queue
from callcentre.telephony.queue_view.order import Rank, rank


class Counted(StrEnum):
    """What is counted for each person and day."""

    OFFERS_TAKEN = "offers_taken"
    """Offers of a callback that a caller accepted."""
    OTHER_NUMBERS = "other_numbers"
    """Other numbers that a caller keyed in."""
    BY_OTHERS = "by_others"
    """Callbacks that others keyed in for a number, or moved to it."""


class Phase(StrEnum):
    """The public names of the states of an open callback. Its ends are facts; the callback itself is then deleted."""

    WAITING = "waiting"
    RESERVING = "reserving"
    DIALLING = "dialling"
    ASKING = "asking"
    ACCEPTED = "accepted"
    CONNECTED = "connected"
    RETURNED = "returned"


IN_FLIGHT = frozenset({Phase.RESERVING, Phase.DIALLING, Phase.ASKING, Phase.ACCEPTED})
"""The customer is dialled, or is about to be, and the attempt has neither succeeded nor ended."""


UNTIL_A_TIME_OF_DAY = frozenset({"per_number", "call_hours", "staff"})
"""Reasons to wait until a time of day. For all other reasons a callback waits for a length of time."""

_UNTIL = frozenset({"until"})
_NO_WALL_TIMES: frozenset[str] = frozenset()


class _State(msgspec.Struct, frozen=True, kw_only=True, tag_field="state"):
    """Base of the states. A state holds what is known in that state only."""

    phase: ClassVar[Phase]


class Waiting(_State, frozen=True, kw_only=True, tag="waiting"):
    """The callback is queued: it has a place, counts as one that waits before others, and is dialled at its turn."""

    phase = Phase.WAITING


class Postponed(_State, frozen=True, kw_only=True, tag="postponed"):
    """The callback is not dialled before `until`, and does not count for others. It is queued again then.

    `why`: busy, no_answer, failed, customer, caller_returned, per_number, call_hours or staff.
    """

    phase = Phase.WAITING

    until: datetime
    why: str

    @property
    def wall_times(self) -> frozenset[str]:
        """A pause after an attempt is an elapsed time; midnight and the next morning are times of the wall clock."""
        return _UNTIL if self.why in UNTIL_A_TIME_OF_DAY else _NO_WALL_TIMES


class Reserving(_State, frozen=True, kw_only=True, tag="reserving"):
    """The turn of the callback has come, and an agent is rung first (`agent_first`), through the queue."""

    phase = Phase.RESERVING

    agent_call: str


class Dialling(_State, frozen=True, kw_only=True, tag="dialling"):
    """The customer's phone rings, or is about to: the attempt is committed."""

    phase = Phase.DIALLING

    call: str
    dialled_at: datetime
    agent_call: str | None = None


class Asking(_State, frozen=True, kw_only=True, tag="asking"):
    """The customer has answered and hears who calls."""

    phase = Phase.ASKING

    call: str
    dialled_at: datetime
    agent_call: str | None = None


class Accepted(_State, frozen=True, kw_only=True, tag="accepted"):
    """The customer has pressed 1, and waits on the line, or is being put through."""

    phase = Phase.ACCEPTED

    call: str
    agent_call: str | None = None


class Bridge(msgspec.Struct, frozen=True, kw_only=True):
    """The customer and the reserved agent have been in one bridge of ours since then, on Asterisk's clock."""

    agent_call: str
    since: datetime


class Connected(_State, frozen=True, kw_only=True, tag="connected"):
    """The customer talks with an agent. `bridge` is set when the agent was reserved, and not found by the queue."""

    phase = Phase.CONNECTED

    call: str
    agent: str | None = None
    agent_name: str | None = None
    bridge: Bridge | None = None

    @property
    def agent_call(self) -> str | None:
        """The channel of the reserved agent."""
        return None if self.bridge is None else self.bridge.agent_call


class Returned(_State, frozen=True, kw_only=True, tag="returned"):
    """The customer has called again, and waits on the line at the place of the callback.

    `agreed`: the time until which the callback was postponed before. It applies if the customer leaves again.
    `on_node`: the customer called another daemon of the database, and `call` is a channel there; None for our own.
    """

    phase = Phase.RETURNED

    call: str
    agreed: Postponed | None = None
    on_node: str | None = None


State = Waiting | Postponed | Reserving | Dialling | Asking | Accepted | Connected | Returned

_QUEUED: Final = Waiting()


_OF_CALL: Final = "cb-"
_MORE: Final = "~"


def callback_of(call: str, node: str = MAIN, again_at: datetime | None = None) -> str:
    """The id of a callback that is accepted on a call: one at a time.

    Two Asterisk servers may give two calls the same id, and daemons of one database read each other's callbacks: so the
    id has the daemon's name. `again_at`: one may have been accepted on the call before, and be over: before a restart,
    or because the call stayed in the queue. So this one has an id of its own.
    """
    more = ("" if node == MAIN else node, "" if again_at is None else str(int(again_at.timestamp())))
    return _MORE.join((f"{_OF_CALL}{call}", *(each for each in more if each)))


def promised_on(callback: str) -> str:
    """The call on which a callback was accepted, by its id; any other text for one that no caller accepted."""
    return callback.removeprefix(_OF_CALL).partition(_MORE)[0]


class Callback(Record, frozen=True, kw_only=True):
    """An open callback: the customer, and its present `state`.

    `number` is E.164, `joined_at` when the customer first joined, on our clock. `attempts` counts the calls to the
    customer. `priority` is the customer's in the queue (QUEUE_PRIO), `name_prefix` what the PBX had put before
    `caller_name`, which still has it. `withheld`: a caller with a withheld number accepted it, or keyed in its number.
    """

    callback: str
    service: str
    queue: str
    number: str
    caller_name: str
    language: str
    joined_at: datetime
    taken_at: datetime
    state: State = _QUEUED
    attempts: int = 0
    priority: int = 0
    name_prefix: str = ""
    withheld: bool = False

    @property
    def key(self) -> str:
        return self.callback

    @property
    def phase(self) -> Phase:
        """The public name of its state."""
        return self.state.phase

    @property
    def is_queued(self) -> bool:
        """Whether it has a place and counts for others: not in flight, postponed or awaiting a retry."""
        return isinstance(self.state, Waiting)

    @property
    def is_in_flight(self) -> bool:
        """Whether the customer is dialled, or about to be, and the attempt has neither succeeded nor ended."""
        return self.state.phase in IN_FLIGHT

    @property
    def call(self) -> str | None:
        """The customer's channel here: our call to the customer, or the call of a customer who called again."""
        match self.state:
            case Dialling(call=call) | Asking(call=call) | Accepted(call=call) | Connected(call=call):
                return call
            case Returned(call=call, on_node=on_node):
                return call if on_node is None else None
            case Waiting() | Postponed() | Reserving():
                return None
            case _:
                assert_never(self.state)

    @property
    def agent_call(self) -> str | None:
        """The channel through which an agent is reserved for the customer, rung or on the line."""
        match self.state:
            case Reserving() | Dialling() | Asking() | Accepted() | Connected():
                return self.state.agent_call
            case Waiting() | Postponed() | Returned():
                return None
            case _:
                assert_never(self.state)

    @property
    def calls(self) -> tuple[str, ...]:
        """Every channel that is about it now."""
        call, agent_call = self.call, self.agent_call
        reserved = () if agent_call is None else (agent_call, in_queue(agent_call))
        return reserved if call is None else (call, *reserved)

    @property
    def order(self) -> Rank:
        """Its rank in the order of the queue."""
        return rank(self.joined_at, self.priority, self.callback)

    @property
    def rank(self) -> Rank:
        """The same rank, for comparing with live callers."""
        return rank(self.joined_at, self.priority)


CONFIRMATION: Final = MessageKind(
    name="callback_confirmation",
    policy=DeliveryPolicy(crash=Crash.AT_LEAST_ONCE, fresh=timedelta(hours=12), lane=Lane.PROMISED),
)
"""The text that confirms a callback."""

GIVEN_UP: Final = MessageKind(
    name="callback_given_up",
    policy=DeliveryPolicy(crash=Crash.AT_LEAST_ONCE, fresh=timedelta(hours=24), lane=Lane.PROMISED),
)
"""The text to a customer who was not reached."""


WITHDRAWN: Final = MessageKind(
    name="callback_withdrawn",
    policy=DeliveryPolicy(crash=Crash.AT_LEAST_ONCE, fresh=timedelta(hours=12), lane=Lane.PROMISED),
)
"""The text to a customer whose callback staff has cancelled."""


class DialTime(Record, frozen=True, kw_only=True):
    """The latest times from dialling to a pressed key in seconds, the newest last."""

    of_program: ClassVar[bool] = True

    seconds: tuple[float, ...]

    @property
    def key(self) -> str:
        return "dial_time"


class Request(Record, frozen=True, kw_only=True):
    """The result of a request from staff or another system, so that the same request gets the same answer.

    `callback` is the callback that was accepted, or that was already open (`existing`). `refusal` says why there is
    none.
    """

    of_program: ClassVar[bool] = True

    request: str
    at: datetime
    fingerprint: str
    callback: str | None = None
    existing: bool = False
    refusal: str | None = None

    @property
    def key(self) -> str:
        return self.request


class WhyNot(StrEnum):
    """Why something cannot be done with a callback."""

    OVER = "over"
    """It is not open any more, or never was."""
    ON_A_CALL = "on_a_call"
    """The customer is being called, is on the line, or talks."""
    PASSED = "passed"
    """The time has passed, or is too far away."""
    SERVICE = "service"
    """There is no such service that calls people back, or the callback has it."""
    EXISTING = "existing"
    """The customer has a callback for that service."""


class CancelCallback(Command, frozen=True, kw_only=True):
    """The customer no longer wants an open callback, and said so by `by`: sms or auto_agent."""

    callback: str
    by: str


class MoveCallback(Command, frozen=True, kw_only=True):
    """The customer wants to be called back at another number: E.164, and allowed.

    That number may have a callback for the service already. Then it gets two, one after the other. A customer who moves
    a callback cannot prove that the number is theirs, and must not learn whether it has a callback.
    """

    callback: str
    number: str
