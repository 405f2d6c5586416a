"""After a break in the connection, brings the view to the present state of Asterisk, with facts about what it missed.

Missed events are never repeated. But all channels, places and conversations can be read, and the variables that
app_queue left on a channel say what became of its call.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from callcentre.kernel.decision import NOTHING, Change, Decision, Delete, Put
from callcentre.telephony.effects import ReadQueue
from callcentre.telephony.events import AsteriskLost, Channel, Synchronised
from callcentre.telephony.facts import QueueJoined
from callcentre.telephony.queue_view.callers import with_variables
from callcentre.telephony.queue_view.following import number_of
from callcentre.telephony.queue_view.interface import QueueView
from callcentre.telephony.queue_view.joining import Joining
from callcentre.telephony.queue_view.model import Call, Entering, Link, Live, Order, Signs, Stage
from callcentre.telephony.queue_view.moving import Moving
from callcentre.telephony.queue_view.progress import Progress, reported
from callcentre.telephony.queue_view.queue_application import SCRIPTS, given_by, queue_run_by, runs_queue
from callcentre.telephony.queue_view.readings import Readings
from callcentre.telephony.queue_view.variables import (
    BY_US_VARIABLE,
    SERVICE_VARIABLE,
    TRANSFERER_VARIABLE,
    reason_of,
    whole_number,
)
from callcentre.values.endpoints import device_of

_AFTER_A_TALK = frozenset({"continue", "unknown"})
"""The status of app_queue, if any, for a caller who talked with an agent."""


class CatchingUp:
    """The rules that correct the view after missed events."""

    def __init__(
        self, view: QueueView, joining: Joining, readings: Readings, progress: Progress, moving: Moving
    ) -> None:
        self._view = view
        self._calls = view.calls
        self._joining = joining
        self._readings = readings
        self._progress = progress
        self._moving = moving

    def lost(self, _event: AsteriskLost, _at: datetime) -> Decision:
        """The connection is lost: from now on events are missed."""
        return Decision(changes=(Put(Link(up=False)),))

    def channels(self, event: Synchronised, at: datetime) -> Decision:
        """Which channels exist, and which are bridged with each other."""
        return Decision(changes=(Put(Link(up=True, since=at)), *self._lives(event)))

    def passed_on(self, event: Synchronised, at: datetime) -> Decision:
        """Callers who were transferred meanwhile to the person that an agent consulted for them."""
        return sum((self._moving.passed_on(one, event.asked, at) for one in self._calls.consultations), NOTHING)

    def synchronised(self, event: Synchronised, at: datetime) -> Decision:
        """All of Asterisk was read: the view is brought to that state, with facts about what happened meanwhile."""
        decision = NOTHING
        present = {channel.id: channel for channel in event.channels}
        places = {name: (reading.queue, place) for reading in event.readings for place, name in reading.places.items()}
        for call in tuple(self._calls.calls.values()):
            if call.joined_at <= event.asked:
                decision += self._caught_up(call, present, places, event, at)
        calls = self._calls
        unknown = [c for c in event.channels if calls.on(c.id) is None and c.id not in calls.calls]
        for channel in sorted(unknown, key=lambda c: places.get(c.name, ("", 0))[1]):
            decision += self._found(channel, places.get(channel.name), event)
        carried = {channel.name: calls.on(channel.id) for channel in event.channels}
        ids = {c.name: c.id if (known := carried[c.name]) is None else known.call for c in event.channels}
        orders = (
            Put(Order(queue=reading.queue, calls=tuple(ids[n] for _, n in sorted(reading.places.items()) if n in ids)))
            for reading in event.readings
        )
        decision += Decision(changes=tuple(orders))
        return decision + sum((self._readings.duty(reading, event.asked, at) for reading in event.readings), NOTHING)

    def _lives(self, event: Synchronised) -> Iterable[Change]:
        calls = self._calls
        present = {channel.id for channel in event.channels}
        for live in calls.live.values():
            if live.call not in present and (live.arrived is None or live.arrived <= event.asked):
                yield Delete(live)
        for entering in calls.entering.values():
            if entering.call not in present and entering.at <= event.asked:
                yield Delete(entering)
        bridges = {channel: bridge for bridge, channels in event.bridges.items() for channel in channels}
        for channel in event.channels:
            variables = event.variables.get(channel.id, {})
            known = replace(self._live(channel, variables), bridge=bridges.get(channel.id, ""))
            service = variables.get(SERVICE_VARIABLE) or known.service
            since = whole_number(variables.get("CALLCENTRE_JOINED", ""))
            joined_at = known.joined_at or (datetime.fromtimestamp(since, UTC) if since else None)
            by_us = variables.get(BY_US_VARIABLE) or known.by_us
            queue = queue_run_by(channel.app, channel.app_data)
            given = None if by_us == queue else known.given
            if given is None and queue is not None and by_us != queue:
                waits = calls.on(channel.id)
                waited = waits.entered if waits is not None and waits.queue == queue else None
                given = given_by(channel, waited or joined_at or event.asked)
            yield Put(replace(known, service=service, joined_at=joined_at, by_us=by_us, given=given))

    def _live(self, channel: Channel, variables: Mapping[str, str]) -> Live:
        """The known state of a channel, with what its variables say about the caller."""
        known = self._calls.live.get(channel.id) or Live(call=channel.id, name=channel.name)
        seen = replace(
            known, number=channel.number, caller_name=channel.caller_name,
            transferer=variables.get(TRANSFERER_VARIABLE) or known.transferer,
            runs_script=channel.app.casefold() in SCRIPTS,
        )  # fmt: skip
        return with_variables(seen, variables)

    def _caught_up(
        self,
        call: Call,
        present: Mapping[str, Channel],
        places: Mapping[str, tuple[str, int]],
        event: Synchronised,
        at: datetime,
    ) -> Decision:
        """What became of a known call while we were disconnected."""
        signs = self._calls.signs.get(call.call) or Signs(call=call.call)
        channel = present.get(call.on)
        if channel is None:
            return self._carrier_gone(call, signs, present, event, at)
        place = places.get(channel.name)
        if call.stage not in (Stage.WAITING, Stage.LEAVING):
            return self._found(channel, place, event) if place is not None else NOTHING
        if place is not None and place[0] == call.queue:
            # The agent who answers now and hears an announcement is not bridged yet: this caller waits.
            return Decision(changes=(Put(replace(call, stage=Stage.WAITING)), Delete(signs)))
        left = replace(signs, left_at=signs.left_at or event.asked)
        if runs_queue(channel):
            if call.on in event.talking:
                return self._answered_meanwhile(call, event)
            # Out of the queue and not bridged yet: later events say what became of the caller.
            return Decision(changes=(Put(replace(call, stage=Stage.LEAVING)), Put(left)))
        variables = event.variables.get(call.on, {})
        reason = reason_of(variables.get("QUEUESTATUS", ""))
        if variables.get("MEMBERINTERFACE") and variables.get("ABANDONED") != "TRUE" and reason in _AFTER_A_TALK:
            spoken = self._answered_meanwhile(call, event)
            over = Put(Signs(call=call.call, bridge_left=None if call.on in event.talking else event.asked))
            return spoken + Decision(changes=(over,))
        return self._progress.leave(call, left, reason) + (
            self._found(channel, place, event) if place is not None else NOTHING
        )

    def _carrier_gone(
        self, call: Call, signs: Signs, present: Mapping[str, Channel], event: Synchronised, at: datetime
    ) -> Decision:
        """The channel of a call is gone: another took its place, or the call has ended."""
        calls = self._calls
        if call.stage is Stage.TALKING and (by := self._in_its_place(call, present, event)) is not None:
            return self._moving.succeeded(call, signs, calls.live[by.id], event.asked, at)
        own = present.get(call.behind)
        if call.stage in (Stage.WAITING, Stage.LEAVING) and own is not None and own.id in event.talking:
            # The agent has the caller, and the Local channel between the two has been optimised away.
            number, name = number_of(self._view, call, calls.live[own.id])
            moved = replace(
                call, carrier=own.id, channel=own.name, followed=True, number=number, caller_name=name, behind=""
            )
            return self._answered_meanwhile(moved, event)
        # The end of the call is unknown. The last moment at which it surely existed is the best estimate.
        last_seen = self._calls.last_seen
        seen = max(last_seen.at if last_seen else call.joined_at, call.answered or call.entered)
        when = min(seen, event.asked)
        first = present.get(call.call)
        if first is not None and first.id != call.on:
            return self._progress.back(replace(call, followed=True), signs, Live(call=first.id, name=first.name), when)
        return self._progress.end(call, signs, when, "unknown", seen=False)

    def _in_its_place(self, call: Call, present: Mapping[str, Channel], event: Synchronised) -> Channel | None:
        """The channel that talks with the agent of a call whose own channel is gone; None when it is unknown.

        The agent's channel may have been moved as well. Then the caller is the channel that shows the caller's number.
        """
        if call.behind in event.bridges.get(call.bridge, ()):
            return present.get(call.behind)
        there = [present[one] for one in event.bridges.get(call.bridge, ()) if one in present]
        others = [one for one in there if one.id != call.beside]
        if len(others) == 1 and len(there) > 1:
            return others[0]
        with_number = [one for one in others if one.number and one.number == call.number]
        return with_number[0] if len(with_number) == 1 else None

    def _answered_meanwhile(self, call: Call, event: Synchronised) -> Decision:
        """An agent took a waiting call; `setqueueentryvar` shows when."""
        variables = event.variables.get(call.on, {})
        agent = variables.get("MEMBERINTERFACE") or device_of(event.talking.get(call.on, "")) or None
        name = variables.get("MEMBERNAME") or None
        hold = whole_number(variables.get("QEHOLDTIME", ""))
        answered = event.asked if hold is None else min(call.entered + timedelta(seconds=hold), event.asked)
        position = whole_number(variables.get("QEORIGINALPOS", ""))
        for bridge, channels in event.bridges.items():
            if call.on in channels:
                call = replace(call, bridge=bridge, beside=next((one for one in channels if one != call.on), ""))
        return self._progress.talk(call, answered, answered, agent, name if name != agent else None, position)

    def _found(self, channel: Channel, place: tuple[str, int] | None, event: Synchronised) -> Decision:
        """A call in a queue, or talking after one, that was unknown so far."""
        queue = place[0] if place is not None else queue_run_by(channel.app, channel.app_data)
        talking = place is None and channel.id in event.talking
        if queue is None or not self._view.services_of(queue):
            return NOTHING
        variables = event.variables.get(channel.id, {})
        # A caller who waits may have this variable from an earlier visit.
        hold = (whole_number(variables.get("QEHOLDTIME", "")) or 0) if place is None else 0
        since = whole_number(variables.get("CALLCENTRE_JOINED", ""))
        joined = datetime.fromtimestamp(since, UTC) if since else event.asked - timedelta(seconds=hold)
        live = self._live(channel, variables)
        entering = Entering(
            call=channel.id, channel=channel.name, queue=queue, number="" if live.withheld else channel.number,
            caller_name="" if live.withheld else channel.caller_name, language=channel.language, at=joined, when=joined,
            priority=live.priority, name_prefix=live.name_prefix,
        )  # fmt: skip
        entering = self._joining.with_person(entering, live)
        if place is None and not talking:
            # On the way in, or already released by app_queue and not bridged yet.
            look = ReadQueue(queue=queue, complete=True)
            return NOTHING if channel.id in self._calls.entering else Decision((Put(entering),), (), (look,))
        position = place[1] if place is not None else whole_number(variables.get("QEORIGINALPOS", "")) or 1
        entered_as = variables.get(SERVICE_VARIABLE) or live.service
        service = self._view.service_of(queue, entered_as, live.numbers)
        call = self._joining.call_of(entering, position)
        if call is None or service is None:
            return NOTHING
        call = replace(call, service=service)
        # Callers behind came later: when this caller joined, only those ahead were there.
        fact = QueueJoined(position=position, waiting=position, **self._progress.about(call))
        found = Decision(changes=(Delete(entering), Put(call)), facts=reported(call, fact))
        return found + (self._answered_meanwhile(call, event) if talking else NOTHING)
