"""How a caller leaves a queue: app_queue's channel variables, an agent's answer, a key, a hang-up.

app_queue sets QUEUEPOSITION whenever a caller leaves, for whatever reason. Events before or after it say why. An agent
who answers is not with the caller yet: app_queue first waits `memberdelay` and plays the announcement and the hold time
to the agent. Then it releases the caller (QUEUEPOSITION), runs the Gosub on the agent's channel and the AGI on the
caller's, and bridges the two. So the wait ends at QUEUEPOSITION, and the caller is answered when their channel enters
the bridge.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from callcentre.kernel.decision import NOTHING, Decision, Put
from callcentre.telephony.events import AgentAnswered, HangupRequested, KeyPressed, VariableSet
from callcentre.telephony.queue_view.callers import CALLER_VARIABLES, with_variable
from callcentre.telephony.queue_view.interface import QueueView
from callcentre.telephony.queue_view.joining import Joining, came_in_for
from callcentre.telephony.queue_view.model import Live, Signs, Stage
from callcentre.telephony.queue_view.progress import Progress, call_in
from callcentre.telephony.queue_view.variables import (
    BY_US_VARIABLE,
    SERVICE_VARIABLE,
    TRANSFERER_VARIABLE,
    reason_of,
    whole_number,
)

FOUND_LATE: Final = timedelta(seconds=1)
"""A caller whose wait by app_queue's clock (whole seconds) is longer by this much was not seen when joining."""

AGENT_GONE: Final = "agent_gone"
"""The reason for a caller whom app_queue released for an agent who hung up before the bridge. The call then ends."""


class Leaving:
    """The rules for the signs of a call while it waits and when it leaves."""

    def __init__(self, view: QueueView, joining: Joining, progress: Progress) -> None:
        self._calls = view.calls
        self._joining = joining
        self._progress = progress

    # --- signs that alone are not conclusive ----------------------------------------------------

    def agent_answered(self, event: AgentAnswered, at: datetime) -> Decision:
        """An agent's phone was answered: the caller may be about to leave the queue for that agent."""
        signs = self._progress.signs(event.call)
        known = self._calls.on(event.call)
        waits = event.call in self._calls.entering or (known is not None and known.stage is Stage.WAITING)
        if signs is None or not waits:
            suspected = self._joining.suspected(event.call, at, event.when)
            if not suspected.changes:
                return NOTHING
            signs = signs or Signs(call=event.call)
            return suspected + Decision(changes=(Put(replace(signs, answered_by=event.agent_channel)),))
        return Decision(changes=(Put(replace(signs, answered_by=event.agent_channel)),))

    def key_pressed(self, event: KeyPressed, _at: datetime) -> Decision:
        """The caller pressed a key. If the caller leaves the queue next, it was the exit key."""
        signs = self._progress.signs(event.call)
        return NOTHING if signs is None else Decision(changes=(Put(replace(signs, key_pressed=True)),))

    def hangup_requested(self, event: HangupRequested, _at: datetime) -> Decision:
        """A party hung up, or Asterisk ends the call."""
        signs = self._progress.signs(event.call)
        if signs is None:
            live = self._calls.live.get(event.call)
            return NOTHING if live is None or live.hung_up else Decision(changes=(Put(replace(live, hung_up=True)),))
        if signs.hung_up:
            return NOTHING
        call = self._calls.on(event.call)
        hung_up = replace(signs, hung_up=True)
        if call is None or call.stage is not Stage.LEAVING:
            return Decision(changes=(Put(hung_up),))
        # app_queue ends the call of a caller whose agent was gone before the bridge: the caller did not hang up.
        had_agent = signs.answered_by is not None or signs.member is not None
        return self._progress.leave(call, hung_up, AGENT_GONE if event.soft and had_agent else "abandoned")

    # --- variables -------------------------------------------------------------------------------

    def variable_set(self, event: VariableSet, at: datetime) -> Decision:
        """A channel variable was set that says something about a call."""
        if event.name == SERVICE_VARIABLE:
            live = self._calls.live.get(event.call) or Live(call=event.call, name="", arrived=at)
            return Decision(changes=(Put(came_in_for(live, event.value, at)),))
        if event.name in CALLER_VARIABLES:
            live = self._calls.live.get(event.call) or Live(call=event.call, name="", arrived=at)
            known = with_variable(live, event.name, event.value)
            return NOTHING if known == live else Decision(changes=(Put(known),))
        if event.name == TRANSFERER_VARIABLE:
            made = self._calls.live.get(event.call)
            return NOTHING if made is None else Decision(changes=(Put(replace(made, transferer=event.value)),))
        if event.name == BY_US_VARIABLE:
            live = self._calls.live.get(event.call) or Live(call=event.call, name="", arrived=at)
            # It is cleared at the exit key of a Queue() that is not ours. The arguments of that Queue() still count.
            given = None if event.value else live.given
            return Decision(changes=(Put(replace(live, by_us=event.value, given=given)),))
        if event.name == "QUEUEWAIT":
            # Newer versions clear it when `Queue()` begins.
            return NOTHING if event.value else self._joining.suspected(event.call, at, event.when)
        signs = self._progress.signs(event.call)
        if signs is None:
            return self._left_unknown(event, at) if event.name == "QUEUEPOSITION" else NOTHING
        match event.name:
            case "MEMBERINTERFACE":
                return Decision(changes=(Put(replace(signs, member=event.value)),))
            case "MEMBERNAME":
                return Decision(changes=(Put(replace(signs, member_name=event.value)),))
            case "QUEUEPOSITION":
                return self._leaving(replace(signs, left_at=event.when, left_position=whole_number(event.value)), event)
            case "QUEUESTATUS":
                return self._given_up(signs, event)
            case "QEHOLDTIME":
                return self._held(event)
            case _:
                return NOTHING

    def _left_unknown(self, event: VariableSet, at: datetime) -> Decision:
        """A channel left a queue that no event named."""
        suspected = self._joining.suspected(event.call, at, event.when)
        if not suspected.changes:
            return NOTHING
        left = Signs(call=event.call, left_at=event.when, left_position=whole_number(event.value))
        return suspected + Decision(changes=(Put(left),))

    def _held(self, event: VariableSet) -> Decision:
        """How long app_queue kept a caller, in whole seconds: longer than we know, for a caller found late."""
        hold = whole_number(event.value)
        if hold is None:
            return NOTHING
        began = event.when - timedelta(seconds=hold)
        entering, call = self._calls.entering.get(event.call), self._calls.on(event.call)
        if entering is not None and entering.when - began >= FOUND_LATE:
            return Decision(changes=(Put(replace(entering, when=began)),))
        if call is not None and call.stage is Stage.WAITING and call.entered - began >= FOUND_LATE:
            return Decision(changes=(Put(replace(call, entered=began)),))
        return NOTHING

    def _leaving(self, signs: Signs, event: VariableSet) -> Decision:
        """QUEUEPOSITION: the caller leaves the queue. Events before or after it say why."""
        calls = self._calls
        entering = calls.entering.get(event.call)
        if entering is not None and not entering.queue:
            return Decision(changes=(Put(signs),))
        if entering is not None:
            # Too quick for the reading: it was in the queue, or it could not leave it.
            place = signs.left_position or 1
            joined = self._joining.joined(entering, place, max(place, len(calls.waiting(entering.queue)) + 1))
            call = call_in(joined)
            signs = replace(signs, call=call.call if call is not None else signs.call)
        else:
            joined, call = NOTHING, calls.on(event.call)
        if call is None or call.stage not in (Stage.WAITING, Stage.LEAVING):
            return joined
        if signs.hung_up:
            return joined + self._progress.leave(call, signs, "abandoned")
        return joined + Decision(changes=(Put(replace(call, stage=Stage.LEAVING)), Put(signs)))

    def _given_up(self, signs: Signs, event: VariableSet) -> Decision:
        """QUEUESTATUS: app_queue gave up on the caller, or refused the caller."""
        call = self._calls.on(event.call)
        entering = self._calls.entering.get(event.call)
        if entering is not None and not entering.queue:
            return Decision(changes=(Put(replace(signs, status=event.value)),))
        if entering is not None:
            return self._joining.refused(entering, reason_of(event.value))
        if call is None or call.stage is not Stage.LEAVING:
            return NOTHING
        return self._progress.leave(call, signs, reason_of(event.value))
