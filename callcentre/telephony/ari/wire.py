"""Decodes Asterisk's JSON into our events. Most events of Asterisk are of no interest and are dropped undecoded.

Decoding has two steps: the type (and variable) first, the rest only when a rule needs it. Unknown types and fields,
and events without a channel, are normal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

import msgspec

from callcentre.kernel.event import Event
from callcentre.telephony.ari import model
from callcentre.telephony.ari.clock import is_plausible
from callcentre.telephony.dialling.outcome import near_half
from callcentre.telephony.events import (
    AgentAnswered,
    AgentDialled,
    BridgeEntered,
    BridgeLeft,
    Channel,
    ChannelCreated,
    ChannelDestroyed,
    DialplanStep,
    DialProgress,
    HangupRequested,
    KeyPressed,
    PlaybackFinished,
    StasisEnded,
    StasisStarted,
    VariableSet,
)
from callcentre.telephony.queue_view.callers import CALLER_VARIABLES

_INHERITED = ("CALLCENTRE_SERVICE", *CALLER_VARIABLES)
_INHERITANCE = ("", "_", "__")

VARIABLES = frozenset(
    {"QUEUEPOSITION", "QUEUESTATUS", "MEMBERINTERFACE", "MEMBERNAME", "CALLCENTRE_IN", "TRANSFERERNAME"}
    | {"QUEUEWAIT", "QEHOLDTIME"}
    | {f"{mark}{name}" for mark in _INHERITANCE for name in _INHERITED}
)
"""The channel variables of interest; a queue call sets about 60.

The event has the name as it was set: `_NAME` is inherited by a channel made from this one, where it is `NAME`, and
`__NAME` also by all channels made from those.
"""


class _Wire(msgspec.Struct, gc=False):
    """Base of decoded structures: trees that exist for a moment, which the garbage collector need not track."""


class _Head(_Wire):
    type: str = ""
    variable: str = ""


class _Timed(_Wire):
    timestamp: str


class _Named(_Wire):
    """The id of a channel or a bridge; most events need no more."""

    id: str
    name: str = ""


class _Channel(_Named):
    caller: model.CallerID = model.CallerID()
    dialplan: model.DialplanCEP = model.DialplanCEP()
    language: str = ""


class _ChannelEvent(_Timed):
    channel: _Named


class _WholeChannelEvent(_Timed):
    channel: _Channel


class _Dialplan(_WholeChannelEvent):
    dialplan_app: str = ""
    dialplan_app_data: str = ""


class _Varset(_ChannelEvent):
    variable: str
    value: str = ""


class _Dial(_Timed):
    peer: _Named
    caller: _Named | None = None
    dialstatus: str = ""


class _Bridge(_Named):
    channels: tuple[str, ...] = ()


class _BridgeEvent(_ChannelEvent):
    bridge: _Bridge


class _Caller(_Named):
    caller: model.CallerID = model.CallerID()


class _BridgeEntered(_Timed):
    channel: _Caller
    bridge: _Bridge


class _HangupRequest(_ChannelEvent):
    soft: bool = False
    cause: int = 0


class _Dtmf(_ChannelEvent):
    digit: str = ""


class _Destroyed(_ChannelEvent):
    cause: int = 0


class _Stasis(_WholeChannelEvent):
    args: tuple[str, ...] = ()


class _Playback(_Timed):
    playback: _Named


W = TypeVar("W", bound=_Timed)
_Translate = Callable[[datetime, datetime], datetime]
_Reader = Callable[[bytes, datetime, _Translate | None], Event | None]


def _clean(text: str) -> str:
    """Text from a telephone network, without NUL and control characters."""
    return text if text.isprintable() else "".join(c for c in text if c.isprintable())


def channel_of(raw: model.Channel | _Channel, app: str | None = None, app_data: str | None = None) -> Channel:
    """A channel in the form of our events; `app` overrides the application that the channel reports."""
    place = raw.dialplan
    return Channel(
        id=raw.id,
        name=raw.name,
        number=_clean(raw.caller.number),
        caller_name=_clean(raw.caller.name),
        language=raw.language,
        context=place.context,
        exten=place.exten,
        priority=place.priority,
        app=place.app_name if app is None else app,
        app_data=place.app_data if app_data is None else app_data,
    )


def _reader(wire: type[W], translate: Callable[[W, datetime, datetime], Event | None]) -> _Reader:
    decode = msgspec.json.Decoder(wire).decode

    def read(frame: bytes, at: datetime, heard: _Translate | None) -> Event | None:
        event = decode(frame)
        when = datetime.fromisoformat(event.timestamp)
        if not is_plausible(when):
            raise ValueError("the event has an impossible time")
        return translate(event, at, when if heard is None else heard(when, at))

    return read


def _dial(event: _Dial, at: datetime, when: datetime) -> Event | None:
    if event.caller is None:
        return DialProgress(at=at, call=event.peer.id, status=event.dialstatus)
    if (ours := near_half(event.caller.id)) is not None:
        return DialProgress(at=at, call=ours, status=event.dialstatus, leg=event.peer.id)
    match event.dialstatus:
        case "ANSWER":
            return AgentAnswered(at=at, call=event.caller.id, agent_channel=event.peer.name, when=when)
        case "" | "RINGING" as status:
            return AgentDialled(at=at, call=event.caller.id, peer=event.peer.id, rings=status == "RINGING")
        case _:
            return None


_READERS: Mapping[str, _Reader] = {
    "ChannelCreated": _reader(
        _WholeChannelEvent, lambda e, at, when: ChannelCreated(at=at, channel=channel_of(e.channel), when=when)
    ),
    "ChannelDialplan": _reader(
        _Dialplan,
        lambda e, at, when: DialplanStep(
            at=at, channel=channel_of(e.channel, e.dialplan_app, e.dialplan_app_data), when=when
        ),
    ),
    "ChannelVarset": _reader(
        _Varset,
        lambda e, at, when: VariableSet(
            at=at, call=e.channel.id, name=e.variable.lstrip("_"), value=_clean(e.value), when=when
        ),
    ),
    "Dial": _reader(_Dial, _dial),
    "ChannelEnteredBridge": _reader(
        _BridgeEntered,
        lambda e, at, when: BridgeEntered(
            at=at,
            call=e.channel.id,
            bridge=e.bridge.id,
            when=when,
            channels=e.bridge.channels,
            number=_clean(e.channel.caller.number),
            caller_name=_clean(e.channel.caller.name),
        ),
    ),
    "ChannelLeftBridge": _reader(
        _BridgeEvent, lambda e, at, when: BridgeLeft(at=at, call=e.channel.id, bridge=e.bridge.id, when=when)
    ),
    "ChannelDtmfReceived": _reader(_Dtmf, lambda e, at, _when: KeyPressed(at=at, call=e.channel.id, key=e.digit)),
    "ChannelHangupRequest": _reader(
        _HangupRequest, lambda e, at, _when: HangupRequested(at=at, call=e.channel.id, soft=e.soft, cause=e.cause)
    ),
    "ChannelDestroyed": _reader(
        _Destroyed, lambda e, at, when: ChannelDestroyed(at=at, call=e.channel.id, cause=e.cause, when=when)
    ),
    "StasisStart": _reader(
        _Stasis, lambda e, at, _when: StasisStarted(at=at, channel=channel_of(e.channel), arguments=e.args)
    ),
    "PlaybackFinished": _reader(_Playback, lambda e, at, _when: PlaybackFinished(at=at, playback=e.playback.id)),
    "StasisEnd": _reader(_ChannelEvent, lambda e, at, _when: StasisEnded(at=at, call=e.channel.id)),
}

WANTED = tuple(_READERS)
"""The event types that Asterisk should send; it filters out the rest."""

_head = msgspec.json.Decoder(_Head).decode
_VARSET = b'{"variable":"'
_VARIABLES = frozenset(name.encode() for name in VARIABLES)


def sets_another_variable(data: bytes, begin: int, end: int) -> bool:
    """Whether the event in `data`, from `begin` to before `end`, sets a variable of no interest.

    Half of all events do. Asterisk names the variable first, so they end here, before they are copied or decoded.
    """
    if not data.startswith(_VARSET, begin):
        return False
    name = begin + len(_VARSET)
    return data[name : data.find(b'"', name, end)] not in _VARIABLES


def read(frame: bytes, at: datetime, heard: _Translate | None = None) -> Event | None:
    """The event in a frame, or None when it is of no interest. `at` is our clock at receipt.

    `heard` is `AsteriskClock.heard`; without it Asterisk's clock is taken for ours.
    Raises ValueError (`msgspec.MsgspecError` is one) or RecursionError for a frame that is not an event of Asterisk.
    """
    head = _head(frame)
    reader = _READERS.get(head.type)
    if reader is None or (head.variable and head.variable not in VARIABLES):
        return None
    try:
        return reader(frame, at, heard)
    except msgspec.ValidationError:
        # Some events come without a channel; an event without one is of no interest.
        if b'"channel"' in frame or b'"caller"' in frame:
            raise
        return None
