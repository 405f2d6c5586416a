"""Channels enter and leave bridges: a caller is answered, talks again after a transfer, or leaves the conversation."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from callcentre.kernel.decision import NOTHING, Change, Decision, Put
from callcentre.telephony.events import BridgeEntered, BridgeLeft
from callcentre.telephony.queue_view.interface import QueueView
from callcentre.telephony.queue_view.joining import Joining
from callcentre.telephony.queue_view.model import Call, Entering, Signs, Stage
from callcentre.telephony.queue_view.moving import Moving
from callcentre.telephony.queue_view.progress import Progress, call_in


class Talking:
    """The rules for bridges."""

    def __init__(self, view: QueueView, joining: Joining, progress: Progress, moving: Moving) -> None:
        self._calls = view.calls
        self._joining = joining
        self._progress = progress
        self._moving = moving

    def placed(self, event: BridgeEntered, _at: datetime) -> Decision:
        """A channel is in a bridge.

        The other channels of the bridge matter when a caller is moved or an agent consults.
        """
        live = self._calls.live.get(event.call)
        if live is None:
            return NOTHING
        there = replace(live, bridge=event.bridge, number=event.number, caller_name=event.caller_name)
        return Decision(changes=(Put(there),))

    def taken_out(self, event: BridgeLeft, _at: datetime) -> Decision:
        """A channel is in no bridge."""
        live = self._calls.live.get(event.call)
        if live is None or live.bridge != event.bridge:
            return NOTHING
        return Decision(changes=(Put(replace(live, bridge="")),))

    def bridge_entered(self, event: BridgeEntered, at: datetime) -> Decision:
        """The caller talks, or talks again after a transfer; or another channel replaced one of the two."""
        calls = self._calls
        call = calls.on(event.call)
        if call is None and (entering := calls.entering.get(event.call)) is not None:
            if not entering.queue:
                signs = self._progress.signs(event.call) or Signs(call=event.call)
                beside = next((one for one in event.channels if one != event.call), "")
                met = replace(signs, bridged=event.when, bridge=event.bridge, beside=beside)
                return Decision(changes=(Put(met),))
            # Found after a time without connection, already released by app_queue.
            return self._at_once(entering, event)
        if call is not None and call.stage is Stage.LEAVING:
            return NOTHING if self._is_empty(event) else self._answered(call, event)
        decision = NOTHING
        there = calls.talking_in(event.bridge)
        if there is not None and there.on != event.call and there.stage is Stage.TALKING:
            signs = self._progress.signs_of(there)
            if signs.bridge_left is not None:
                decision = Decision(changes=(Put(replace(signs, successor=event.call)),))
            else:
                decision = Decision(changes=(Put(replace(there, beside=event.call)),))
        if call is not None and call.stage is Stage.TALKING:
            decision += self._talks_again(call, event)
        for consultation in calls.consultations:
            decision += self._moving.passed_on(consultation, event.when, at)
        return decision

    def bridge_left(self, event: BridgeLeft, _at: datetime) -> Decision:
        """The caller no longer talks, unless a transfer follows."""
        signs = self._progress.signs(event.call)
        return NOTHING if signs is None else Decision(changes=(Put(replace(signs, bridge_left=event.when)),))

    def _answered(self, call: Call, event: BridgeEntered) -> Decision:
        """The agent has the call."""
        signs = self._progress.signs(event.call) or Signs(call=call.call)
        others = (self._calls.live.get(channel) for channel in event.channels if channel != event.call)
        beside = next((other for other in others if other is not None), None)
        agent, name = self._progress.agent_of(signs, beside)
        call = replace(call, bridge=event.bridge, beside=beside.call if beside else "")
        return self._progress.talk(call, signs.left_at or event.when, event.when, agent, name, signs.left_position)

    def _at_once(self, entering: Entering, event: BridgeEntered) -> Decision:
        """A call that was never seen at a place is with an agent."""
        joined = self._joining.joined(entering, 1, 1)
        call = call_in(joined)
        return joined if call is None else joined + self._answered(call, event)

    def _is_empty(self, event: BridgeEntered) -> bool:
        """Whether the agent was gone when the caller came. app_queue bridges the two for a moment nevertheless.

        The agent's channel is the first in the bridge. It has left it by now, or is about to.
        """
        if not event.channels:
            return False
        others = [channel for channel in event.channels if channel != event.call]
        lives = [self._calls.live.get(channel) for channel in others]
        return all(live is not None and live.hung_up for live in lives)

    def _talks_again(self, call: Call, event: BridgeEntered) -> Decision:
        changes: list[Change] = []
        signs = self._progress.signs_of(call)
        if signs.bridge_left is not None:
            changes.append(Put(replace(signs, bridge_left=None, successor="")))
        if call.bridge != event.bridge:
            beside = next((channel for channel in event.channels if channel != event.call), "")
            changes.append(Put(replace(call, bridge=event.bridge, beside=beside)))
        return Decision(changes=tuple(changes))
