"""Which call a channel carries: Local channels that optimise away, transfers and consultations, as Asterisk shows them.

A person may be moved from channel to channel. Asterisk 22 does so in these ways, each covered by an acceptance test:

- A Local channel between the queue and the caller optimises away. Its half leaves the bridge with the agent, the
  caller's channel enters that bridge, and the half is destroyed, within 2 ms.
- An agent behind a Local channel transfers the caller blind: the half that the agent talked with goes on in the
  dialplan, and its other half stays with the caller.
- An agent consults by feature code: a Local channel is made whose far half is in the queue (TRANSFERERNAME names the
  agent's channel) and whose near half is in a bridge with the agent, and after the transfer in one with the caller.
- A phone consults with a second call of its own, and transfers by REFER with Replaces: while that call waits, the
  caller's channel takes its place in the queue (the dialplan step of `Queue()` is reported for it, and the second call
  is destroyed without QUEUEPOSITION); while it talks, the caller's channel, or a Local channel to it, enters its
  bridge.

Bridges are known from the events that ARI sends anyway: asking `GET /bridges` when a channel is gone would come too
late, since Asterisk forgets a bridge as soon as it is empty.
"""

from __future__ import annotations

from callcentre.config.settings import Settings
from callcentre.telephony.dialling.settings import DiallingSettings
from callcentre.telephony.queue_view.calls import Calls
from callcentre.telephony.queue_view.interface import QueueView
from callcentre.telephony.queue_view.model import Call, Live, Stage
from callcentre.values.endpoints import device_of
from callcentre.values.numbers import is_inner, normalise

_DEEPEST = 4
"""The most Local channels between a queue and a person."""


def other_half(name: str) -> str | None:
    """The name of the other half of a Local channel; None for any other channel."""
    if not name.startswith("Local/"):
        return None
    match name[-2:]:
        case ";1":
            return f"{name[:-1]}2"
        case ";2":
            return f"{name[:-1]}1"
        case _:
            return None


def person_behind(calls: Calls, channel: Live, depth: int = _DEEPEST) -> Call | Live | None:
    """The person behind a Local channel: a known call, else the caller's channel without a call; None when unknown.

    Never the agent who made the channel to consult somebody.
    """
    name = other_half(channel.name)
    half = None if name is None else calls.named(name)
    if half is None or depth == 0:
        return None
    others = [other for other in calls.beside(half) if other.name != channel.transferer]
    known = [call for other in others if (call := calls.on(other.call)) is not None]
    if known:
        # Of several calls in one bridge, the caller is the one that is not a consultation.
        return next((call for call in known if not call.consultation), None)
    for other in others:
        if other_half(other.name) is None:
            return other
        if (found := person_behind(calls, other, depth - 1)) is not None:
            return found
    return None


def call_behind(calls: Calls, channel: Live) -> Call | None:
    """The call whose caller was transferred and speaks through this channel now."""
    person = person_behind(calls, channel)
    return person if isinstance(person, Call) and person.stage in (Stage.TALKING, Stage.LEFT) else None


def consults(view: QueueView, channel: Live, number: str) -> bool:
    """Whether this channel calls a queue on behalf of a person who holds the line elsewhere.

    It was made by the feature code, or its phone is in another call. Trunks carry the calls of many phones: only a
    channel whose caller has an inner number, or one of ours, belongs to a phone.
    """
    if channel.transferer:
        return person_behind(view.calls, channel) is None
    if other_half(channel.name) is not None or not _is_inside(view.rules.settings, number):
        return False
    return any(live.call != channel.call for live in view.calls.in_bridges(device_of(channel.name)))


def _is_inside(settings: Settings, number: str) -> bool:
    return is_inner(number) or is_ours(settings, number)


def is_ours(settings: Settings, number: str) -> bool:
    """Whether this configuration calls from a number, or is called at it."""
    theirs = normalise(number, settings.region)
    ours = [own for service in settings.services.values() for own in service.numbers]
    if (dialling := settings.section(DiallingSettings)) is not None:
        ours.append(dialling.caller_id)
    return theirs is not None and any(normalise(own, settings.region) == theirs for own in ours)


def number_of(view: QueueView, call: Call, channel: Live) -> tuple[str, str]:
    """The number and the name of a caller who continues on this channel.

    They are those of the call, unless these were not a caller's: none, those of a phone of the PBX, or our own. A
    customer whom we called is known anyway. A caller with a withheld number has none, whatever another channel shows.
    """
    before = view.calls.live.get(call.on)
    if before is not None and before.withheld:
        return "", ""
    known = call.number and not _is_inside(view.rules.settings, call.number)
    if known or view.joined_before(call.call) is not None:
        return call.number, call.caller_name
    return shown_by(channel)


def shown_by(channel: Live) -> tuple[str, str]:
    """The number and the name that a channel shows of its caller; both empty when they are withheld."""
    return ("", "") if channel.withheld else (channel.number, channel.caller_name)
