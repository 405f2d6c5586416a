"""What happened outside, in the order in which the daemon learned of it.

Every event carries `at`, the daemon's clock at receipt, always aware. Where Asterisk reports a time of its own, the
event carries it as `when`, translated to the daemon's clock (`ari/clock.py`). Lengths of waits and talks are
differences of `when`, so that neither a slow network nor a wrong clock lengthens a wait. Names of channels, variables
and states are those of Asterisk.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from callcentre.kernel.event import Event

PROBE = "callcentre-probe"
"""The ids of channels that exist only for asking Asterisk begin with this. There is no person on them."""


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """A channel as Asterisk describes it in every event and in `GET /channels`.

    `app` and `app_data` are the dialplan application that runs now; `context`, `exten` and `priority` its position.
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


class ChannelCreated(Event, frozen=True, kw_only=True):
    """A channel was created; its `exten` is then still the dialled number."""

    channel: Channel
    when: datetime


class DialplanStep(Event, frozen=True, kw_only=True):
    """A channel is about to run a dialplan application (ARI `ChannelDialplan`)."""

    channel: Channel
    when: datetime


class ChannelSeen(Event, frozen=True, kw_only=True):
    """The answer to a `LookAt`: the channel as it is now. There is no answer for a channel that is gone."""

    channel: Channel


class AgentAnswered(Event, frozen=True, kw_only=True):
    """A phone that was rung for `call` was answered (ARI `Dial` with `ANSWER`).

    It may be gone again before the two are bridged: app_queue delays, announces and runs a Gosub first.
    """

    call: str
    agent_channel: str
    when: datetime


class AgentDialled(Event, frozen=True, kw_only=True):
    """A phone is dialled for `call` (ARI `Dial` without a status), or it `rings` (`RINGING`).

    `peer` is the id of its channel. A Local channel is dialled even where its dialplan then hangs up, and some phones
    never report that they ring.
    """

    call: str
    peer: str
    rings: bool


class DialProgress(Event, frozen=True, kw_only=True):
    """The progress of dialling for an outgoing call (ARI `Dial`).

    `status` is Asterisk's dialstatus: "" when it begins, then RINGING, PROGRESS, ANSWER, BUSY, CANCEL, … It is that
    of our own channel, or of `leg`, the id of a channel that the dialplan behind our Local channel dials for it.
    """

    call: str
    status: str
    leg: str | None = None


class VariableSet(Event, frozen=True, kw_only=True):
    """One of the channel variables of app_queue and our dialplan."""

    call: str
    name: str
    value: str
    when: datetime


class BridgeEntered(Event, frozen=True, kw_only=True):
    """A channel entered a bridge: from now on the people in it can talk.

    `channels` are the ids of all channels in the bridge then, this one too. `number` and `caller_name` are those of
    this channel's caller.
    """

    call: str
    bridge: str
    when: datetime
    channels: tuple[str, ...] = ()
    number: str = ""
    caller_name: str = ""


class BridgeLeft(Event, frozen=True, kw_only=True):
    """A channel left its bridge."""

    call: str
    bridge: str
    when: datetime


class KeyPressed(Event, frozen=True, kw_only=True):
    """A key was pressed and released (ARI `ChannelDtmfReceived`)."""

    call: str
    key: str


class HangupRequested(Event, frozen=True, kw_only=True):
    """A channel is about to end. Several may come; the channel exists until `ChannelDestroyed`.

    `soft`: Asterisk or an administrator ends it, and not the person at its phone. `cause` is the Q.850 number.
    """

    call: str
    soft: bool = False
    cause: int = 0


class ChannelDestroyed(Event, frozen=True, kw_only=True):
    """The channel is gone for good. `cause` is the Q.850 number."""

    call: str
    cause: int
    when: datetime


class StasisStarted(Event, frozen=True, kw_only=True):
    """A channel entered Stasis by `Stasis(app,*arguments)`, or was found there after a restart.

    The first argument is the purpose: it says which component owns the call.
    """

    channel: Channel
    arguments: tuple[str, ...]

    @property
    def address(self) -> str:
        """The purpose, "" where there is none."""
        return self.arguments[0] if self.arguments else ""


class StasisEnded(Event, frozen=True, kw_only=True):
    """A channel left Stasis; it may continue in the dialplan."""

    call: str


class PlaybackFinished(Event, frozen=True, kw_only=True):
    """A playback of ours is over, or failed."""

    playback: str


class OriginateFailed(Event, frozen=True, kw_only=True):
    """Asterisk did not even begin to dial; `reason` is its explanation."""

    call: str
    reason: str


class Member(msgspec.Struct, frozen=True):
    """One member of a queue, from `QUEUE_MEMBER(queue,paused,interface)` and `DEVICE_STATE(interface)`.

    `paused` is None when the interface has characters that cannot be in an expression, so that app_queue cannot be
    asked. `state` is Asterisk's device state (NOT_INUSE, INUSE, RINGING, UNAVAILABLE, INVALID, …), or "" when it was
    not read. It is that of the interface or of its hint. app_queue uses the state interface, which no function
    reports.
    """

    interface: str
    paused: bool | None
    state: str = ""


class Agents(msgspec.Struct, frozen=True):
    """app_queue's counts of a queue's members, by the state interface of each: `QUEUE_MEMBER(queue,…)`.

    `ready`: not in use, not paused, not in wrap-up time. `logged`: reachable, paused ones included. `count`: all.
    `members` are read only when these counts leave open how many are on duty, and their states only when the pause
    flags leave it open as well; None: not read.
    """

    ready: int
    logged: int
    count: int
    members: tuple[Member, ...] | None = None


class QueueReading(msgspec.Struct, frozen=True):
    """app_queue's answer about one queue.

    `waiting` is the number of waiting callers; `places` names the channels at the places read, 1 being the head: all of
    them when `complete`, else the last few. `agents` is None when only the places were requested.
    """

    queue: str
    waiting: int
    places: Mapping[int, str]
    complete: bool
    agents: Agents | None = None


class QueueRead(Event, frozen=True, kw_only=True):
    """The answer to a `ReadQueue`; `asked` is the time of the question, on our clock.

    `presentations` has CALLERID(num-pres) of the calls that were on their way into the queue and had to be asked; None
    where this was not read.
    """

    reading: QueueReading
    asked: datetime
    presentations: Mapping[str, str] | None = None


class QueuesRead(Event, frozen=True, kw_only=True):
    """The answer to a `ReadQueues`: all queues at one moment; `asked` and `presentations` are as in `QueueRead`."""

    readings: tuple[QueueReading, ...]
    asked: datetime
    presentations: Mapping[str, str] | None = None


class QueueNotRead(Event, frozen=True, kw_only=True):
    """A `ReadQueue` failed, or was not answered in time: rules that wait for it continue with what is known."""

    queue: str


class Synchronised(Event, frozen=True, kw_only=True):
    """All of Asterisk at one moment, read after a connect: what is not in it is gone.

    `variables` has, for each channel in Queue(), the variables that say what became of it.
    `talking` maps a bridged channel to the name of the channel it talks with, `bridges` a bridge to the channels in it.
    """

    channels: tuple[Channel, ...]
    readings: tuple[QueueReading, ...]
    variables: Mapping[str, Mapping[str, str]]
    talking: Mapping[str, str]
    asked: datetime
    bridges: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)


class EventsLate(Event, frozen=True, kw_only=True):
    """Asterisk's events have come late for more than a second, and do so still: the machine cannot follow its calls.

    seconds: from the moment at which Asterisk made an event until a rule sees it.
    """

    seconds: float


class AsteriskLost(Event, frozen=True, kw_only=True):
    """The connection to Asterisk ended, or all is read again over it; until `Synchronised` the view is not certain."""

    reason: str
