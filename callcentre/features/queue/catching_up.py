"""After having been away: the view becomes what Asterisk shows now, and what happened meanwhile is told where it shows.

Events missed are never told again. But all channels, places and conversations can be read, and the variables that
app_queue left on a channel say what became of its call.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from callcentre.domain.callers import with_variables
from callcentre.domain.calls import Call, Entering, Link, Live, Order, Signs, Stage
from callcentre.domain.decisions import NOTHING, Change, Decision, Delete, Put
from callcentre.domain.effects import ReadQueue
from callcentre.domain.events import Channel, Synchronised
from callcentre.domain.facts import QueueJoined
from callcentre.domain.world import World
from callcentre.features.queue.policy import (
    BY_US_VARIABLE,
    SERVICE_VARIABLE,
    STATUS_REASONS,
    QueueView,
    device_of,
    given_by,
    queue_run_by,
    runs_queue,
    told,
    whole_number,
)

_AFTER_A_TALK = frozenset({"continue", "unknown"})
"""What app_queue's status says, if anything, of a caller who talked with an agent."""


@dataclass(slots=True)
class CatchingUp:
    """The rules for a view that missed something, over the world and the rules of the view itself."""

    world: World
    view: QueueView

    def synchronised(self, event: Synchronised, at: datetime) -> Decision:
        """All of Asterisk at one moment: the view becomes that, and what happened meanwhile is told where it shows."""
        decision = Decision(changes=(Put(Link(up=True, since=at)), *self._lives(event)))
        present = {channel.id: channel for channel in event.channels}
        places = {
            name: (reading.queue, place) for reading in event.readings for place, name in reading.places.items()
        }
        for call in tuple(self.world.calls.calls.values()):
            if call.joined_at <= event.asked:
                decision += self._caught_up(call, present.get(call.call), places, event)
        unknown = [c for c in event.channels if c.id not in self.world.calls.calls]
        for channel in sorted(unknown, key=lambda c: places.get(c.name, ("", 0))[1]):
            decision += self._found(channel, places.get(channel.name), event)
        ids = {channel.name: channel.id for channel in event.channels}
        orders = (
            Put(Order(queue=reading.queue, calls=tuple(ids[n] for _, n in sorted(reading.places.items()) if n in ids)))
            for reading in event.readings
        )
        decision += Decision(changes=tuple(orders))
        return decision + sum((self.view.duty(reading) for reading in event.readings), NOTHING)

    def _lives(self, event: Synchronised) -> Iterable[Change]:
        calls = self.world.calls
        present = {channel.id for channel in event.channels}
        for live in calls.live.values():
            if live.call not in present and (live.arrived is None or live.arrived <= event.asked):
                yield Delete(live)
        for entering in calls.entering.values():
            if entering.call not in present and entering.at <= event.asked:
                yield Delete(entering)
        for channel in event.channels:
            variables = event.variables.get(channel.id, {})
            known = self._live(channel, variables)
            service = variables.get(SERVICE_VARIABLE) or known.service
            since = whole_number(variables.get("CALLCENTRE_JOINED", ""))
            joined_at = known.joined_at or (datetime.fromtimestamp(since, UTC) if since else None)
            by_us = variables.get(BY_US_VARIABLE) or known.by_us
            queue = queue_run_by(channel.app, channel.app_data)
            given = None if by_us == queue else known.given
            if given is None and queue is not None and by_us != queue:
                given = given_by(channel, joined_at or event.asked)
            yield Put(replace(known, service=service, joined_at=joined_at, by_us=by_us, given=given))

    def _live(self, channel: Channel, variables: Mapping[str, str]) -> Live:
        """What is known of a channel, with what its variables say of the caller."""
        known = self.world.calls.live.get(channel.id) or Live(call=channel.id, name=channel.name)
        return with_variables(known, variables)

    def _caught_up(
        self,
        call: Call,
        channel: Channel | None,
        places: Mapping[str, tuple[str, int]],
        event: Synchronised,
    ) -> Decision:
        """What became of a call of ours while we were away."""
        signs = self.world.calls.signs.get(call.call) or Signs(call=call.call)
        if channel is None:
            # Nobody can say when it ended; the last moment at which it was surely there understates it least wildly.
            pulse = self.world.calls.pulse
            seen = max(pulse.at if pulse else call.joined_at, call.answered or call.entered)
            return self.view.end(call, signs, min(seen, event.asked), "unknown")
        place = places.get(channel.name)
        if call.stage not in (Stage.WAITING, Stage.LEAVING):
            return self._found(channel, place, event) if place is not None else NOTHING
        if place is not None and place[0] == call.queue:
            # Whoever answers now and announces something to the agent has not been bridged: this caller waits.
            return Decision(changes=(Put(replace(call, stage=Stage.WAITING)), Delete(signs)))
        left = replace(signs, left_at=signs.left_at or event.asked)
        if runs_queue(channel):
            if call.call in event.talking:
                return self._answered_meanwhile(call, event)
            # Out of the queue and not bridged yet: what follows says what became of them.
            return Decision(changes=(Put(replace(call, stage=Stage.LEAVING)), Put(left)))
        variables = event.variables.get(call.call, {})
        reason = STATUS_REASONS.get(variables.get("QUEUESTATUS", "").upper(), "unknown")
        if variables.get("MEMBERINTERFACE") and variables.get("ABANDONED") != "TRUE" and reason in _AFTER_A_TALK:
            spoken = self._answered_meanwhile(call, event)
            over = Put(Signs(call=call.call, bridge_left=None if call.call in event.talking else event.asked))
            return spoken + Decision(changes=(over,))
        return self.view.leave(call, left, reason) + (
            self._found(channel, place, event) if place is not None else NOTHING
        )

    def _answered_meanwhile(self, call: Call, event: Synchronised) -> Decision:
        """An agent took a call that waited; `setqueueentryvar` tells when."""
        variables = event.variables.get(call.call, {})
        agent = variables.get("MEMBERINTERFACE") or device_of(event.talking.get(call.call, "")) or None
        name = variables.get("MEMBERNAME") or None
        hold = whole_number(variables.get("QEHOLDTIME", ""))
        answered = event.asked if hold is None else min(call.entered + timedelta(seconds=hold), event.asked)
        position = whole_number(variables.get("QEORIGINALPOS", ""))
        return self.view.talk(call, answered, answered, agent, name if name != agent else None, position)

    def _found(self, channel: Channel, place: tuple[str, int] | None, event: Synchronised) -> Decision:
        """A call in a queue, or talking after one, that we hear of for the first time."""
        queue = place[0] if place is not None else queue_run_by(channel.app, channel.app_data)
        talking = place is None and channel.id in event.talking
        if queue is None or not self.world.services_of(queue):
            return NOTHING
        variables = event.variables.get(channel.id, {})
        # Whoever waits may have this variable from an earlier visit.
        hold = (whole_number(variables.get("QEHOLDTIME", "")) or 0) if place is None else 0
        since = whole_number(variables.get("CALLCENTRE_JOINED", ""))
        joined = datetime.fromtimestamp(since, UTC) if since else event.asked - timedelta(seconds=hold)
        live = self._live(channel, variables)
        entering = Entering(
            call=channel.id, channel=channel.name, queue=queue, number="" if live.withheld else channel.number,
            caller_name="" if live.withheld else channel.caller_name, language=channel.language, at=joined, when=joined,
            priority=live.priority, name_prefix=live.name_prefix,
        )  # fmt: skip
        if place is None and not talking:
            # On the way in, or already let go and not bridged yet.
            look = ReadQueue(queue=queue, complete=True)
            return NOTHING if channel.id in self.world.calls.entering else Decision((Put(entering),), (), (look,))
        position = place[1] if place is not None else whole_number(variables.get("QEORIGINALPOS", "")) or 1
        entered_as = variables.get(SERVICE_VARIABLE) or live.service
        service = self.world.service_of(queue, entered_as, live.numbers)
        call = self.view.call_of(entering, position)
        if call is None or service is None:
            return NOTHING
        call = replace(call, service=service)
        # Those behind came later: when this caller joined, nobody but those ahead was there.
        fact = QueueJoined(position=position, waiting=position, **self.view.about(call))
        found = Decision(changes=(Delete(entering), Put(call)), facts=told(call, fact))
        return found + (self._answered_meanwhile(call, event) if talking else NOTHING)
