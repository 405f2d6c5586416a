"""What happened outside, in the order in which we heard of it.

Every event carries `at`, our clock at receipt, always aware. Where Asterisk has a time of its own it is carried beside
it as `when`, translated to our clock (`ari/clock.py`): lengths of waits and talks are differences of those, so that
neither a slow wire nor another clock lengthens anybody's wait. Names of channels, variables and states are Asterisk's
own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from callcentre.kernel.event import Event

PROBE = "callcentre-probe"
"""How the ids of channels begin that we make only to ask Asterisk through. Nobody is on them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel as Asterisk describes it in every event and in `GET /channels`.

    `app` and `app_data` are the dialplan application that runs now; `context`, `exten` and `priority` its place there.
    """

    id: str
    name: str
    number: str = ""
    caller_name: str = ""
    language: str = ""
    context: str = ""
    exten: str = ""
    priority: int = 0
    app: str = ""
    app_data: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelCreated(Event):
    """A channel came to be; its `exten` is then still the number that was dialled."""

    channel: Channel
    when: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DialplanStep(Event):
    """A channel is about to run a dialplan application (ARI `ChannelDialplan`)."""

    channel: Channel
    when: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSeen(Event):
    """The answer to a `LookAt`: the channel as it is now. Nothing comes for a channel that is gone."""

    channel: Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentAnswered(Event):
    """A phone that was rung for `call` answered (ARI `Dial` with `ANSWER`).

    Whoever answered may be gone again before they are bridged: app_queue delays, announces and runs a Gosub first.
    """

    call: str
    agent_channel: str
    when: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDialled(Event):
    """A phone is dialled for `call` (ARI `Dial` without a status), or it `rings` (`RINGING`).

    `peer` is the id of its channel. A Local channel is dialled even where its dialplan then hangs up, and some phones
    never say that they ring.
    """

    call: str
    peer: str
    rings: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DialProgress(Event):
    """How far the dialling of a call of ours has come (ARI `Dial`).

    `status` is Asterisk's dialstatus: "" when it begins, then RINGING, PROGRESS, ANSWER, BUSY, CANCEL, … It is that
    of our own channel, or of `leg`, the id of a channel that the dialplan behind our Local channel dials for it.
    """

    call: str
    status: str
    leg: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableSet(Event):
    """One of the channel variables that app_queue and our dialplan speak through."""

    call: str
    name: str
    value: str
    when: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeEntered(Event):
    """A channel was joined with others: from now on its people can talk.

    `channels` are the ids of all who are in the bridge then, this one too. `number` and `caller_name` are those of
    this channel's caller.
    """

    call: str
    bridge: str
    when: datetime
    channels: tuple[str, ...] = ()
    number: str = ""
    caller_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeLeft(Event):
    """A channel left its bridge."""

    call: str
    bridge: str
    when: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPressed(Event):
    """A key on the phone, at its end (ARI `ChannelDtmfReceived`)."""

    call: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HangupRequested(Event):
    """A channel is to end; several may come, the channel lives on until `ChannelDestroyed`.

    `soft`: Asterisk or an administrator ends it, and nobody at its phone. `cause` is the Q.850 number.
    """

    call: str
    soft: bool = False
    cause: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelDestroyed(Event):
    """The channel is gone, finally. `cause` is the Q.850 number."""

    call: str
    cause: int
    when: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StasisStarted(Event):
    """A channel was handed to us by `Stasis(app,*arguments)`, or found in our hands after a restart.

    The first argument is the purpose: it says whose call it is.
    """

    channel: Channel
    arguments: tuple[str, ...]

    @property
    def address(self) -> str:
        """The purpose, "" where there is none."""
        return self.arguments[0] if self.arguments else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StasisEnded(Event):
    """A channel left our hands; it may well live on in the dialplan."""

    call: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackFinished(Event):
    """What we said is over, or could not be said."""

    playback: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginateFailed(Event):
    """Asterisk did not even begin to dial; `reason` in its words."""

    call: str
    reason: str


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a queue, as `QUEUE_MEMBER(queue,paused,interface)` and `DEVICE_STATE(interface)` tell.

    `paused` is None when the interface has characters that cannot be in an expression, so that app_queue cannot be
    asked. `state` is Asterisk's device state (NOT_INUSE, INUSE, RINGING, UNAVAILABLE, INVALID, …), or "" when it was
    not asked for. It is that of the interface or of its hint. app_queue goes by the state interface, which no function
    tells.
    """

    interface: str
    paused: bool | None
    state: str = ""


@dataclass(frozen=True, slots=True)
class Agents:
    """What app_queue counts of a queue's members, by the state interface of each: `QUEUE_MEMBER(queue,…)`.

    `ready`: not in use, not paused, not in wrap-up time. `logged`: reachable, paused ones included. `count`: all.
    `members` are asked for only when these numbers leave open how many are on duty, and their states only when the
    pause flags leave it open as well; None: not asked.
    """

    ready: int
    logged: int
    count: int
    members: tuple[Member, ...] | None = None


@dataclass(frozen=True, slots=True)
class QueueReading:
    """What app_queue answered when asked about one queue.

    `waiting` is how many wait; `places` names the channels at the places read, 1 being the head: all of
    them when `complete`, else the last few. `agents` is None when only the places were asked for.
    """

    queue: str
    waiting: int
    places: Mapping[int, str]
    complete: bool
    agents: Agents | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRead(Event):
    """The answer to a `ReadQueue`; `asked` is when it was asked, on our clock.

    `presentations` has CALLERID(num-pres) of the calls that were on their way into the queue and had to be asked; it is
    None where nobody asked.
    """

    reading: QueueReading
    asked: datetime
    presentations: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuesRead(Event):
    """The answer to a `ReadQueues`: all queues of one moment; `asked` and `presentations` are as in `QueueRead`."""

    readings: tuple[QueueReading, ...]
    asked: datetime
    presentations: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueNotRead(Event):
    """A `ReadQueue` failed, or was not answered in time: whoever waits for it goes on with what is known."""

    queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Synchronised(Event):
    """All of Asterisk at one moment, read after a connect: what is not in here is gone.

    `variables` holds, per channel in Queue(), the variables that tell what became of it.
    `talking` maps a bridged channel to the name of the channel it talks with, `bridges` a bridge to the channels in it.
    """

    channels: tuple[Channel, ...]
    readings: tuple[QueueReading, ...]
    variables: Mapping[str, Mapping[str, str]]
    talking: Mapping[str, str]
    asked: datetime
    bridges: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AsteriskLost(Event):
    """The connection to Asterisk ended; events are missed until `Synchronised`."""

    reason: str
