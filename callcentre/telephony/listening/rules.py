"""The rules: the phone rings, the supervisor is in the conversation, and leaves with it.

The conversation itself stays as it is: a snoop channel hears the agent's channel and speaks into it. It ends by itself
with the agent's channel. The channel to the supervisor's phone has a time limit that is renewed while the daemon lives.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from msgspec.structs import replace

from callcentre.kernel.decision import NOTHING, Decision, Delete, Put
from callcentre.kernel.event import Tick
from callcentre.kernel.people import People
from callcentre.telephony.effects import ConnectCalls, EndBridge, HangUp, HoldLonger
from callcentre.telephony.events import ChannelDestroyed, OriginateFailed, StasisStarted, Synchronised
from callcentre.telephony.listening.effects import RingSupervisor, Snoop
from callcentre.telephony.listening.events import ListeningRequested
from callcentre.telephony.listening.facts import CallJoined, CallListened, CallWhispered
from callcentre.telephony.listening.interface import Conversations
from callcentre.telephony.listening.model import OURS, Listening, Mode
from callcentre.telephony.queue_view.model import CallOver

LIMIT: Final = 30
"""Seconds after which Asterisk ends the supervisor's call when the daemon has died."""

RENEWED: Final = 10
"""The limit is set again every so many seconds."""

_FACTS: Final[dict[Mode, Callable[..., Any]]] = {
    Mode.LISTEN: CallListened,
    Mode.WHISPER: CallWhispered,
    Mode.JOIN: CallJoined,
}


@dataclass(frozen=True, slots=True)
class ListeningRules:
    """The rules."""

    conversations: Conversations
    people: People

    def requested(self, event: ListeningRequested, at: datetime) -> Decision:
        """Ring the supervisor's phone."""
        call = self.conversations.talking(event.call)
        if call is None or self.conversations.why_not(event.call, event.phone) is not None:
            return NOTHING
        listening = Listening(
            request=event.request, mode=event.mode, phone=event.phone, call=call.call, service=call.service,
            queue=call.queue, number=call.number, agent=call.agent, agent_name=call.agent_name, spied=call.beside,
            since=at, actor=event.actor,
        )  # fmt: skip
        ring = RingSupervisor(request=event.request, channel=listening.channel, phone=event.phone)
        return Decision(changes=(Put(listening),), effects=(ring,))

    def answered(self, event: StasisStarted, _at: datetime) -> Decision:
        """The supervisor answered. The conversation may be over meanwhile."""
        listening = self.conversations.listeners.on(event.channel.id)
        if listening is None:
            return Decision(effects=(HangUp(call=event.channel.id),))
        call = self.conversations.talking(listening.call)
        if call is None:
            return self._ended(listening)
        snoop = Snoop(
            request=listening.request, snoop=listening.snoop, spied=listening.spied, mode=listening.mode
        )  # fmt: skip
        held = HoldLonger(call=listening.channel, seconds=LIMIT)
        return Decision(changes=(Put(replace(listening, connected=True)),), effects=(held, snoop))

    def snoops(self, event: StasisStarted, _at: datetime) -> Decision:
        """The channel that hears the agent is there: the supervisor is in the conversation."""
        listening = self.conversations.listeners.on(event.channel.id)
        if listening is None:
            return Decision(effects=(HangUp(call=event.channel.id),))
        connect = ConnectCalls(bridge=listening.bridge, calls=(listening.channel, listening.snoop))
        return Decision(facts=(self._fact(listening),), effects=(connect,))

    def _fact(self, listening: Listening) -> Any:
        actor = listening.actor
        who = {} if actor is None else {
            "user": actor.user, "organisation": actor.organisation, "address": actor.address, "why": actor.why,
        }  # fmt: skip
        return _FACTS[listening.mode](
            service=listening.service, queue=listening.queue, call=listening.call, agent=listening.agent,
            agent_name=listening.agent_name, phone=listening.phone, by="staff",
            **self.people.who(listening.number), **who,
        )  # fmt: skip

    def tick(self, _event: Tick, at: datetime) -> Decision:
        """Renew the time limits."""
        listeners = self.conversations.listeners
        if not len(listeners) or int(at.timestamp()) % RENEWED:
            return NOTHING
        connected = [one for one in listeners.values() if one.connected]
        return Decision(effects=tuple(HoldLonger(call=one.channel, seconds=LIMIT) for one in connected))

    # --- the end ---------------------------------------------------------------------------------

    def destroyed(self, event: ChannelDestroyed, _at: datetime) -> Decision:
        """The supervisor hung up, did not answer, or the agent's channel is gone."""
        listening = self.conversations.listeners.on(event.call)
        return NOTHING if listening is None else self._ended(listening)

    def not_begun(self, event: OriginateFailed, _at: datetime) -> Decision:
        """The phone cannot be rung."""
        listening = self.conversations.listeners.on(event.call)
        return NOTHING if listening is None else self._ended(listening)

    def call_over(self, signal: CallOver, _at: datetime) -> Decision:
        """The caller's call is over."""
        found = self.conversations.listeners.of_call(signal.call.call)
        return sum((self._ended(one) for one in found), NOTHING) if found else NOTHING

    def synchronised(self, event: Synchronised, _at: datetime) -> Decision:
        """What an earlier process left is ended, and so is what lost its channel meanwhile."""
        listeners = self.conversations.listeners
        present = {channel.id for channel in event.channels}
        left = [HangUp(call=one) for one in sorted(present) if one.startswith(OURS) and listeners.on(one) is None]
        bridges = [
            EndBridge(bridge=one) for one in sorted(event.bridges)
            if one.startswith(OURS) and not listeners.has_bridge(one)
        ]  # fmt: skip
        gone = [one for one in listeners.values() if one.connected and one.channel not in present]
        return sum((self._ended(one) for one in gone), Decision(effects=(*left, *bridges)))

    def _ended(self, listening: Listening) -> Decision:
        calls = tuple(HangUp(call=call) for call in (listening.channel, listening.snoop))
        return Decision(changes=(Delete(listening),), effects=(*calls, EndBridge(bridge=listening.bridge)))
