"""A reserved agent has answered: now the customer is dialled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from msgspec.structs import replace

from callcentre.features.callbacks.agents import connect, has_agent, hold, waits_for_agent
from callcentre.features.callbacks.attempts import Attempts
from callcentre.features.callbacks.model import Callback, Phase, Waiting
from callcentre.features.callbacks.turn import DialledNow, denied, may_dial
from callcentre.features.callbacks.views import Views
from callcentre.kernel.decision import NOTHING, Decision, Put
from callcentre.telephony.dialling.outgoing import Denied, Granted
from callcentre.telephony.dialling.reservations import near_half
from callcentre.telephony.dialling.route import is_paused
from callcentre.telephony.dialling.settings import DiallingSettings
from callcentre.telephony.effects import HangUp, ReadQueue
from callcentre.telephony.events import StasisStarted
from callcentre.telephony.queue_view.model import ReservationAnswered


@dataclass(slots=True)
class Reservations:
    """The rules for reserved agents."""

    views: Views
    attempts: Attempts
    dialled_now: DialledNow

    def reserved(self, command: ReservationAnswered, at: datetime) -> Decision:
        """An agent answered the channel that is in the queue for a customer: now the customer is dialled."""
        callback = self.views.callbacks.of_call(near_half(command.call))
        dialling = self.views.dialling
        if callback is None or callback.phase is not Phase.RESERVING or dialling is None:
            return NOTHING
        return self._dial_for_agent(callback, dialling, at) if has_agent(callback, self.views) else NOTHING

    def handed_over(self, event: StasisStarted, at: datetime) -> Decision:
        """The near half of a reservation entered Stasis, or is found there after a restart."""
        call = event.channel.id
        callback = self.views.callbacks.of_call(call)
        dialling = self.views.dialling
        if callback is None or callback.agent_call != call or dialling is None:
            return Decision(effects=(HangUp(call=call),))
        match callback.phase:
            case Phase.RESERVING if has_agent(callback, self.views):
                return self._dial_for_agent(callback, dialling, at)
            case Phase.RESERVING:
                return waits_for_agent(callback)
            case Phase.ACCEPTED:
                return connect(callback)
            case Phase.DIALLING | Phase.ASKING | Phase.CONNECTED:
                return NOTHING
            case Phase.WAITING | Phase.RETURNED:
                return Decision(effects=(HangUp(call=call),))
            case _:
                assert_never(callback.phase)

    def _dial_for_agent(self, callback: Callback, dialling: DiallingSettings, at: datetime) -> Decision:
        waits = replace(callback, state=Waiting())
        not_now = Decision(changes=(Put(waits),), effects=(HangUp(call=callback.agent_call or ""),))
        if callback.service not in self.dialled_now.of(callback.queue, at):
            # The service closed while agents were rung.
            return not_now
        route = self.views.own_calls.outgoing.route
        if route.raised and (is_paused(route, at) or self.views.own_calls.is_dialling()):
            # Meanwhile calls found no route, and another call than this one tries.
            return not_now
        verdict = may_dial(callback, self.views, dialling, at)
        match verdict:
            case Denied("per_day", decision):
                return decision + not_now
            case Denied(reason):
                return denied(callback, reason, self.attempts, at)
            case Granted():
                dialled = self.attempts.dial(callback, verdict, dialling, self.views.place(callback), at)
                # The ready agents have changed, and the next reservation depends on them.
                look = Decision(effects=(ReadQueue(queue=callback.queue, members=True),))
                return hold(callback, dialling) + dialled + look
            case _:
                assert_never(verdict)
