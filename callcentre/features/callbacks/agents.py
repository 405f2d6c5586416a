"""Agent first: an agent is reserved through the queue, and the customer is dialled once one has answered.

A Local channel is queued for the customer. Its far half is in the queue. Its near half enters Stasis and is bridged
with the customer in the end. The near half may be answered long before an agent is there, since a PBX may answer the
far half on the way into the queue. Only the queue view shows that an agent has answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from callcentre.features.callbacks.facts import CallbackConnected, CallbackQueued
from callcentre.features.callbacks.model import (
    Accepted,
    Bridge,
    Callback,
    Connected,
    Phase,
    Reserving,
)
from callcentre.features.callbacks.views import Views
from callcentre.kernel.decision import NOTHING, Decision, Put
from callcentre.telephony.contexts import AGENT_CONTEXT, RESERVE_CONTEXT
from callcentre.telephony.dialling.reservations import in_queue, reservation
from callcentre.telephony.dialling.settings import DiallingSettings
from callcentre.telephony.effects import ConnectCalls, EndBridge, HangUp, HoldLonger, Originate
from callcentre.telephony.events import BridgeEntered, Synchronised
from callcentre.telephony.facts import CallEnded, QueueAnswered, QueueJoined, QueueLeft
from callcentre.telephony.prompts.model import AskCaller, Question
from callcentre.telephony.queue_view.callers import as_before, shown_name
from callcentre.telephony.queue_view.model import Call, CallOver, Stage

RESERVE_SECONDS = 90
"""How long agents may ring for a reservation. It leaves the queue somewhat earlier."""

LONGEST_TALK_WITH_US = 60
"""Seconds that a customer may take to answer our question. An agent is held for the ringing and this time."""


def is_free(callback: Callback, views: Views, reserved: int) -> bool:
    """Whether an agent is ready who is not needed for an earlier caller, nor for one of `reserved` other callbacks.

    A reservation at the head of a queue without a free agent would make the callers behind it wait.
    """
    calls = views.queues.calls
    duty = calls.duty.get(callback.queue)
    on_the_way = sum(
        in_queue(one.agent_call or "") not in calls.calls for one in views.callbacks.reserving(callback.queue)
    )
    ahead = views.queues.live_before(callback.queue, callback.rank) + on_the_way + reserved
    return duty is not None and duty.ready > ahead


def reserve(callback: Callback, views: Views, dialling: DiallingSettings, at: datetime) -> Decision:
    """Ring an agent for a customer, at the customer's place in the queue."""
    agent_call = reservation(callback.callback, at)
    position = views.queues.position_for(callback.queue, callback.rank)
    originate = Originate(
        call=agent_call, other=in_queue(agent_call), codec=dialling.codec,
        endpoint=f"Local/{callback.service}@{RESERVE_CONTEXT}/n",
        caller_id=dialling.caller_id, context=AGENT_CONTEXT, ring=RESERVE_SECONDS,
        variables=(
            ("CALLCENTRE_CALLBACK", callback.callback),
            ("CALLCENTRE_NUMBER", callback.number),
            ("CALLCENTRE_NAME", shown_name(callback)),
            ("CALLCENTRE_POSITION", str(position)),
            *as_before(callback.priority, callback.name_prefix),
        ),
    )  # fmt: skip
    reserving = replace(callback, state=Reserving(agent_call=agent_call))
    heard = views.own_calls.ringing(
        agent_call, callback.callback, callback.service, callback.number, originate.endpoint
    )
    return Decision(changes=(Put(reserving), Put(replace(heard, reserves=True))), effects=(originate,))


def waits_for_agent(callback: Callback) -> Decision:
    """Keep the near half for as long as agents may be rung."""
    return Decision(effects=(HoldLonger(call=callback.agent_call or "", seconds=RESERVE_SECONDS),))


def has_agent(callback: Callback, views: Views) -> bool:
    """Whether an agent answered the channel that is in the queue, and its near half is in Stasis."""
    calls = views.queues.calls
    near, far = calls.live.get(callback.agent_call or ""), calls.calls.get(in_queue(callback.agent_call or ""))
    return near is not None and near.held and far is not None and far.stage is Stage.TALKING


def hold(callback: Callback, dialling: DiallingSettings) -> Decision:
    """Keep the agent on the line while the customer is dialled.

    Nothing is played to the agent: after a playback on a Local channel its phone heard nothing of the customer, every
    second time (22.10.1). app_queue has already announced to the agent what this call is.
    """
    seconds = int(dialling.ring.total_seconds()) + LONGEST_TALK_WITH_US
    return Decision(effects=(HoldLonger(call=callback.agent_call or "", seconds=seconds),))


def connect(callback: Callback) -> Decision:
    """Bridge the customer, who has accepted, with the agent."""
    call, agent_call = callback.call or "", callback.agent_call or ""
    return Decision(effects=(ConnectCalls(bridge=_bridge(callback), calls=(agent_call, call)),))


def free(callback: Callback, views: Views, at: datetime) -> Decision:
    """Release an agent who was reserved for a customer and will not talk with that customer.

    The prompt is in the language of the service: that of the callback is the customer's.
    """
    call = callback.agent_call
    if call is None:
        return NOTHING
    if callback.phase is Phase.RESERVING:
        return Decision(effects=(HangUp(call=call),))
    parted = part(callback) if callback.phase is Phase.ACCEPTED else NOTHING
    service = views.settings.services.get(callback.service)
    language = callback.language if service is None else service.language
    word = AskCaller(
        at=at, call=call, topic="call", step="farewell", language=language,
        question=Question(prompts=("agent-unanswered",), wait=0),
    )  # fmt: skip
    return parted + Decision(commands=(word,))


def part(callback: Callback) -> Decision:
    """End the bridge of a customer who has accepted. It may exist although nothing has reported that yet."""
    return Decision(effects=(EndBridge(bridge=_bridge(callback)),))


def end_talk(callback: Callback, views: Views, when: datetime) -> Decision:
    """The customer or the agent has hung up: the conversation is over. `when` is Asterisk's time."""
    talks = callback.state
    if not isinstance(talks, Connected) or talks.bridge is None:
        return NOTHING
    talk = max(0.0, round((when - talks.bridge.since).total_seconds(), 3))
    ended = CallEnded(wait=0.0, talk=talk, agent=talks.agent, agent_name=talks.agent_name, **_about(callback, views))
    calls = tuple(HangUp(call=call) for call in (callback.call, callback.agent_call) if call is not None)
    over = CallOver(at=when, call=_as_call(callback, talks, talks.bridge.since), wait=0.0, talk=talk)
    return Decision(facts=(ended,), effects=(*calls, EndBridge(bridge=_bridge(callback))), commands=(over,))


def _as_call(callback: Callback, talks: Connected, began: datetime) -> Call:
    """The customer's call in the form of the queue view, as if the customer had waited in the queue."""
    return Call(
        call=talks.call, channel="", queue=callback.queue, service=callback.service, number=callback.number,
        caller_name=callback.caller_name, language=callback.language, stage=Stage.TALKING,
        joined_at=callback.joined_at, entered=began, position=1, agent=talks.agent, agent_name=talks.agent_name,
        answered=began, priority=callback.priority, name_prefix=callback.name_prefix,
    )  # fmt: skip


def _bridge(callback: Callback) -> str:
    return f"callcentre-{callback.callback}-{callback.attempts}"


def _about(callback: Callback, views: Views) -> dict[str, Any]:
    """The fields of the queue's facts for a customer who talks with a reserved agent."""
    return {
        "service": callback.service, "queue": callback.queue, "call": callback.call, "callback": callback.callback,
        **views.people.who(callback.number),
    }  # fmt: skip


@dataclass(slots=True)
class Bridges:
    """The rules for customer and agent in one bridge."""

    views: Views

    def entered(self, event: BridgeEntered, _at: datetime) -> Decision:
        """The customer is in the bridge with the agent."""
        callback = self.views.callbacks.of_call(event.call)
        if callback is None or event.call != callback.call or event.bridge != _bridge(callback):
            return NOTHING
        return self._talks(callback, event.when)

    def synchronised(self, event: Synchronised, at: datetime) -> Decision:
        """Find customers and agents who were bridged during a break in the connection."""
        talking = (self.views.callbacks.of_call(call) for call in event.talking)
        together = {
            one.callback: one
            for one in talking
            if one is not None and one.phase is Phase.ACCEPTED and {one.call, one.agent_call} <= set(event.talking)
        }
        return sum((self._talks(one, at) for one in together.values()), NOTHING)

    def _talks(self, callback: Callback, when: datetime) -> Decision:
        """The facts of a customer who gets to an agent. The customer's own wait in the queue was zero."""
        accepted = callback.state
        if not isinstance(accepted, Accepted) or accepted.agent_call is None:
            return NOTHING
        queued = self.views.queues.calls.calls.get(in_queue(accepted.agent_call))
        agent, name = (None, None) if queued is None else (queued.agent, queued.agent_name)
        talks = Connected(
            call=accepted.call, agent=agent, agent_name=name,
            bridge=Bridge(agent_call=accepted.agent_call, since=when),
        )  # fmt: skip
        about = _about(callback, self.views)
        waiting = len(self.views.queues.calls.waiting(callback.queue)) + 1
        return Decision(
            changes=(Put(replace(callback, state=talks)),),
            facts=(
                QueueJoined(position=1, waiting=waiting, **about),
                QueueAnswered(wait=0.0, position=1, agent=agent, agent_name=name, **about),
                QueueLeft(wait=0.0, position=1, reason="answered", agent=agent, agent_name=name, **about),
                CallbackQueued(position=1, attempt=callback.attempts, **about),
                CallbackConnected(wait=0.0, agent=agent, agent_name=name, attempt=callback.attempts, **about),
            ),
        )
