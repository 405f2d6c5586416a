"""The records and commands of the queue view: who has waited in which queue since when, and who talks with whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from callcentre.kernel.command import Signal
from callcentre.kernel.decision import Record
from callcentre.telephony.events import Channel
from callcentre.telephony.queue_view.order import Rank, rank


class Stage(StrEnum):
    """The stage of a call on its way through a queue."""

    WAITING = "waiting"
    LEAVING = "leaving"
    """app_queue released the caller.

    What follows says why: a bridge with the agent, a status, a step of the dialplan.
    """
    TALKING = "talking"
    LEFT = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The arguments of a `Queue()` in the PBX's own dialplan, as they are written there, and where the call goes on.

    `after` is `context,extension,priority`; `since` is when it began, on our clock.
    """

    arguments: str
    after: str
    since: datetime


class Live(Record, frozen=True, kw_only=True):
    """A channel that Asterisk has now, queued or not, and what is known of its way in.

    `dialled` is the extension it came in at, `did` the dialled number as the PBX reports it (FROM_DID), and `dnid` as
    the trunk reports it; `service` is the argument of `callcentre-queue`, and `joined_at` the time of that.
    `withheld`: the caller's number is withheld, whatever the channel shows. `name_prefix` was put before the caller's
    name (RGPREFIX), `priority` is what `Queue()` will use (QUEUE_PRIO), `began` is the language of the new channel, and
    `language` the one that was set for it (CALLCENTRE_LANGUAGE). A text is "" when it is unknown.
    `held`: it is in Stasis, where a question waits until our prompts have ended. `by_us` is the queue that our dialplan
    brought it into; `given` are the arguments of another `Queue()`. `number` and `caller_name` are its caller's as last
    seen, `bridge` is the id of its bridge, `transferer` the name of the channel that made it to consult somebody
    (TRANSFERERNAME). `runs_script`: its dialplan runs an AGI script, which may start a queue. `hung_up`: it is about to
    end; a known call has that among its signs. Not stored: it is read from Asterisk again.
    """

    call: str
    name: str
    dialled: str = ""
    did: str = ""
    dnid: str = ""
    service: str = ""
    withheld: bool = False
    name_prefix: str = ""
    priority: int = 0
    began: str = ""
    language: str = ""
    arrived: datetime | None = None
    joined_at: datetime | None = None
    held: bool = False
    by_us: str = ""
    given: Given | None = None
    number: str = ""
    caller_name: str = ""
    bridge: str = ""
    transferer: str = ""
    runs_script: bool = False
    hung_up: bool = False

    @property
    def key(self) -> str:
        return self.call

    @property
    def numbers(self) -> tuple[str, ...]:
        """The numbers that may say which service was called, the most reliable first."""
        return (self.did, self.dialled, self.dnid)


class Entering(Record, frozen=True, kw_only=True):
    """A call that began `Queue()` and has not been seen at a place yet: the queue may still refuse it.

    `call` is its channel. `queue` is "" while it is unknown: no event shows a `Queue()` that a script starts, and
    Asterisk is asked for it. `asked` counts how often app_queue was asked for the call. `priority` is what `Queue()`
    began with. `person` is the call that continues on this channel after a transfer, "" for a new one; `consultation`
    is as in `Call`.
    """

    call: str
    channel: str
    queue: str
    number: str
    caller_name: str
    language: str
    at: datetime
    when: datetime
    asked: int = 1
    priority: int = 0
    name_prefix: str = ""
    person: str = ""
    consultation: bool = False

    @property
    def key(self) -> str:
        return self.call


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A caller's past conversation with an agent; `wait` and `talk` are seconds."""

    service: str
    queue: str
    agent: str | None
    agent_name: str | None
    wait: float
    talk: float


class Call(Record, frozen=True, kw_only=True):
    """A call that joined a queue. It is stored, so that no caller is greeted or counted twice after a restart.

    One person is one call. Its id `call` is the channel that it began with; `carrier` is the channel that it continues
    on ("" while that is the same), and `channel` the name of that one. A Local channel that optimises away, and a
    transfer, replace the first channel by another: then `followed` is true.

    `joined_at` is our clock at the caller's first joining, `entered` Asterisk's at the latest `Queue()`, `answered`
    Asterisk's when caller and agent were bridged. `waited` and `talked` are seconds of earlier visits and
    conversations; `conversations` are those that ended with a transfer. `priority` is that of the latest visit
    (QUEUE_PRIO). `name_prefix` is what the PBX put before `caller_name`, which still has it. `bridge` is the bridge of
    the latest conversation, and `beside` the agent's channel in it; `behind` is the caller's own channel where a Local
    channel is queued for it.
    `consultation`: an agent calls this queue to consult before transferring a caller. It takes a place, and there are
    no facts about it unless it becomes the caller's.
    """

    call: str
    channel: str
    queue: str
    service: str
    number: str
    caller_name: str
    language: str
    stage: Stage
    joined_at: datetime
    entered: datetime
    position: int
    agent: str | None = None
    agent_name: str | None = None
    answered: datetime | None = None
    waited: float = 0.0
    talked: float = 0.0
    priority: int = 0
    name_prefix: str = ""
    carrier: str = ""
    followed: bool = False
    consultation: bool = False
    bridge: str = ""
    beside: str = ""
    behind: str = ""
    conversations: tuple[Conversation, ...] = ()

    @property
    def key(self) -> str:
        return self.call

    @property
    def rank(self) -> Rank:
        """Its rank in the order of the queue."""
        return rank(self.joined_at, self.priority, self.call)

    @property
    def on(self) -> str:
        """The id of the channel that carries it now."""
        return self.carrier or self.call


class Signs(Record, frozen=True, kw_only=True):
    """Signs of a queued call that alone are not conclusive. Not stored: they are read from Asterisk again.

    `left_at` is Asterisk's time of QUEUEPOSITION, which app_queue sets whenever a caller leaves, for whatever reason.
    `answered_by` is the channel of the agent who answered last: it may be gone again before the bridge. `successor` is
    the channel that replaced this one in its bridge. `status` (QUEUESTATUS) and `bridged`, the bridge with `bridge` and
    `beside`, are kept for a call whose queue is still unknown.
    """

    call: str
    answered_by: str | None = None
    member: str | None = None
    member_name: str | None = None
    hung_up: bool = False
    key_pressed: bool = False
    left_at: datetime | None = None
    left_position: int | None = None
    bridge_left: datetime | None = None
    successor: str = ""
    status: str = ""
    bridged: datetime | None = None
    bridge: str = ""
    beside: str = ""

    @property
    def key(self) -> str:
        return self.call


class Duty(Record, frozen=True, kw_only=True):
    """Agents of a queue: on duty (reachable and not paused), and of those ready (idle, and not in wrap-up time).

    Read while it is needed, and forgotten some seconds later: see `polling.py`.
    """

    queue: str
    on_duty: int
    ready: int

    @property
    def key(self) -> str:
        return self.queue


class DutyRead(Record, frozen=True, kw_only=True):
    """When app_queue was last asked for the agents on duty in a queue, on our clock."""

    queue: str
    at: datetime

    @property
    def key(self) -> str:
        return self.queue


class DutyKnown(Signal, frozen=True, kw_only=True):
    """The agents on duty in a queue are known from now on. Before, nothing had needed them for some seconds."""

    queue: str


class DutyChanged(Signal, frozen=True, kw_only=True):
    """The agents on duty in a queue are others than at the last reading, or others of them are ready."""

    queue: str


class AtReception(Record, frozen=True, kw_only=True):
    """A call in Stasis that waits while app_queue is asked for the agents on duty. Rules decide about it after that.

    `arguments` are those of `Stasis()`. Not stored: after a restart the call enters Stasis again.
    """

    channel: Channel
    arguments: tuple[str, ...]
    queue: str
    since: datetime

    @property
    def key(self) -> str:
        return self.channel.id


class CallArrived(Signal, frozen=True, kw_only=True):
    """A call entered Stasis on its way into a queue, or out of it by the exit key, and the agents are known.

    `arguments` are those of `Stasis()`: `enter,<service>,<joined>` or `exit,<queue>,<service>,<joined>`.
    """

    channel: Channel
    arguments: tuple[str, ...]


class Handling(Record, frozen=True, kw_only=True):
    """The latest talk times of a service in seconds, the newest last."""

    service: str
    talks: tuple[float, ...]

    @property
    def key(self) -> str:
        return self.service


class Link(Record, frozen=True, kw_only=True):
    """Whether we are connected to Asterisk. `since`: when everything was read again."""

    up: bool
    since: datetime | None = None

    @property
    def key(self) -> str:
        return "asterisk"

    def tells_places(self, at: datetime) -> bool:
        """Whether all people with a place are known.

        Calls in Stasis are reported only just after the rest was read again.
        """
        return self.up and self.since != at


class Overload(Record, frozen=True, kw_only=True):
    """Asterisk's events are late. Counts what was left out: readings for a caller, and offers of a callback."""

    since: datetime
    readings: int = 0
    offers: int = 0

    @property
    def key(self) -> str:
        return "overload"


class LastSeen(Record, frozen=True, kw_only=True):
    """The last tick on disk while we were connected to Asterisk: no event was missed before it."""

    of_program: ClassVar[bool] = True

    at: datetime

    @property
    def key(self) -> str:
        return "pulse"


class Difference(Record, frozen=True, kw_only=True):
    """Since when app_queue's count of callers differs from ours; `read`: the whole queue has been read since."""

    queue: str
    since: datetime
    read: bool = False

    @property
    def key(self) -> str:
        return self.queue


class Order(Record, frozen=True, kw_only=True):
    """The calls waiting in a queue, the head first, in the order in which app_queue listed all of them."""

    queue: str
    calls: tuple[str, ...]

    @property
    def key(self) -> str:
        return self.queue


class CallOver(Signal, frozen=True, kw_only=True):
    """A call has ended, at `at` by Asterisk's clock. Has the person's data for components that contact callers later.

    `call` is its last state, `wait` are all its seconds of waiting, `talk` those of the last conversation, and
    `conversations` are all of them in order. Sent beside the fact `call.ended`, which does not have the number.
    """

    call: Call
    wait: float
    talk: float
    conversations: tuple[Conversation, ...] = ()


class ReservationAnswered(Signal, frozen=True, kw_only=True):
    """An agent is bridged with `call`, the channel that is queued for a customer (`dialling/reservations.py`).

    `at` is Asterisk's time. Sent instead of `queue.answered`: there is no customer on the line yet.
    """

    call: str
    agent: str | None
    agent_name: str | None
    wait: float


class ReservationLeft(Signal, frozen=True, kw_only=True):
    """The channel that is queued for a customer left the queue without an agent; `reason` is as in `queue.left`."""

    call: str
    reason: str
