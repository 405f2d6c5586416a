"""How the queue view comes to know what it knows, from ARI events alone.

app_queue publishes nothing to ARI. But a call that runs it cannot help showing: `Queue` as its dialplan application,
the variables QUEUEPOSITION (set whenever a caller leaves), QUEUESTATUS (when app_queue gave up on the caller) and
MEMBERINTERFACE, the `Dial` of the agent, and its bridge. Places are read with QUEUE_GET_CHANNEL. All of it was seen on
Asterisk 22, and the acceptance tests hold it.

An agent who answers is not with the caller yet. app_queue first waits `memberdelay`, plays the announcement and the
hold time to the agent; the agent may hang up then, and the caller waits on, or the caller may. Then it lets the
caller go (QUEUEPOSITION), runs the Gosub on the agent's channel and the AGI on the caller's, and bridges the two. So
the wait ends at QUEUEPOSITION, and the caller is answered when their channel enters the bridge.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from callcentre.features.callbacks.model import stands_in
from callcentre.kernel.decision import NOTHING, Change, Decision, Delete, Put
from callcentre.kernel.fact import Fact
from callcentre.telephony.contexts import OUR_CONTEXTS
from callcentre.telephony.effects import LookAt, ReadQueue, Synchronise
from callcentre.telephony.events import (
    PROBE,
    AgentAnswered,
    AgentDialled,
    Agents,
    AsteriskLost,
    BridgeEntered,
    BridgeLeft,
    Channel,
    ChannelCreated,
    ChannelDestroyed,
    ChannelSeen,
    DialplanStep,
    HangupRequested,
    KeyPressed,
    QueueRead,
    QueueReading,
    QueuesRead,
    StasisEnded,
    StasisStarted,
    VariableSet,
)
from callcentre.telephony.facts import CallEnded, QueueAnswered, QueueJoined, QueueLeft
from callcentre.telephony.queue_view.callers import CALLER_VARIABLES, may_be_withheld, with_variable
from callcentre.telephony.queue_view.estimate import REMEMBERED_CALLS, duty_of, estimated_wait
from callcentre.telephony.queue_view.following import (
    call_behind,
    consults,
    device_of,
    number_of,
    other_half,
    person_behind,
    shown_by,
)
from callcentre.telephony.queue_view.model import (
    Call,
    CallOver,
    Conversation,
    Difference,
    DutyKnown,
    DutyRead,
    Entering,
    Given,
    Handling,
    Link,
    Live,
    ReservationAnswered,
    ReservationLeft,
    Signs,
    Stage,
)
from callcentre.telephony.queue_view.order import rank
from callcentre.telephony.queue_view.polling import knows_agents
from callcentre.values.numbers import presentation_withholds
from callcentre.world import World

SERVICE_VARIABLE = "CALLCENTRE_SERVICE"
"""Set by our dialplan on the way in: the service that the call was sent to."""

BY_US_VARIABLE = "CALLCENTRE_IN"
"""Set by our dialplan before it brings a call into a queue: that queue; empty once the call has left it."""

TRANSFERER_VARIABLE = "TRANSFERERNAME"
"""Set by Asterisk on the Local channel that an agent consults somebody through: the name of the agent's channel."""

READ_AGAIN = 3
"""So often app_queue is asked at once for a call that it does not show yet; after that the poll finds it."""

FOUND_LATE = timedelta(seconds=1)
"""A caller who has waited so much longer by app_queue's clock, which knows whole seconds, was not seen at joining."""

AT_ONCE = timedelta(seconds=1)
"""So long after a channel took the place of a waiting one, that one is gone; it takes some milliseconds."""

LASTING = timedelta(seconds=3)
"""A difference between app_queue's count and ours is a fault, and not an event still on its way, after so long."""

STATUS_REASONS = {
    "TIMEOUT": "timeout",
    "FULL": "full",
    "JOINEMPTY": "join_empty",
    "LEAVEEMPTY": "leave_empty",
    "JOINUNAVAIL": "join_unavailable",
    "LEAVEUNAVAIL": "leave_unavailable",
    "CONTINUE": "continue",
    "WITHDRAW": "withdrawn",
}
"""QUEUESTATUS, as app_queue documents it, and the reason we give."""

AGENT_GONE = "agent_gone"
"""The reason for a caller whom app_queue let go for an agent who hung up before the bridge: it ends the call then."""

SCRIPTS = frozenset({"agi", "eagi", "deadagi"})
"""Applications that run a script, which may start `Queue()`: no event tells of that one."""

_RUN_BEFORE_THE_BRIDGE = frozenset({"agi"})
"""What app_queue runs on the caller's channel between QUEUEPOSITION and the bridge; no event tells of it."""

_WRAPPED = re.compile(r"\bqueue\(([^,)]*)", re.IGNORECASE)
_WRAPPED_WHOLE = re.compile(r"\bqueue\((.*)\)", re.IGNORECASE)
_WRAPPERS = frozenset({"execif", "exec", "tryexec", "execiftime"})


def queue_run_by(app: str, data: str) -> str | None:
    """The queue that a dialplan application is about to run, or None.

    `ExecIf(…?Queue(support))` shows as ExecIf in the event; only app_queue can tell whether the call then came in.
    """
    name = app.casefold()
    if name == "queue":
        return data.partition(",")[0].strip()
    if name in _WRAPPERS and (found := _WRAPPED.search(data)):
        return found[1].strip()
    return None


def given_by(channel: Channel, when: datetime) -> Given | None:
    """What a `Queue()` that a channel is about to run was given; None when our own dialplan runs it, or none is run."""
    if channel.context.startswith(OUR_CONTEXTS):
        return None
    arguments = channel.app_data
    if channel.app.casefold() in _WRAPPERS:
        found = _WRAPPED_WHOLE.search(arguments)
        arguments = found[1] if found else ""
    after = f"{channel.context},{channel.exten},{channel.priority + 1}"
    return Given(arguments=arguments, after=after, since=when) if arguments else None


def runs_queue(channel: Channel) -> bool:
    """Whether app_queue has this channel: it waits, or is about to be bridged, or talks with the agent."""
    return queue_run_by(channel.app, channel.app_data) is not None or channel.app.casefold() in _RUN_BEFORE_THE_BRIDGE


def seconds(begin: datetime, end: datetime) -> float:
    """Seconds between two times of one clock, in milliseconds; never negative."""
    return max(0.0, round((end - begin).total_seconds(), 3))


@dataclass(slots=True)
class QueueView:
    """The rules of the view, over the world that they keep up to date."""

    world: World

    # --- on the way in ---------------------------------------------------------------------------

    def created(self, event: ChannelCreated, at: datetime) -> Decision:
        """A channel is there; what was dialled is known only now."""
        channel = event.channel
        if channel.id.startswith(PROBE):
            return NOTHING
        live = Live(
            call=channel.id, name=channel.name, dialled=channel.exten, arrived=at,
            number=channel.number, caller_name=channel.caller_name,
        )  # fmt: skip
        return Decision(changes=(Put(live),))

    def handed_to_us(self, event: StasisStarted, at: datetime) -> Decision:
        """`Stasis(app,enter,<service>)`: the entry names the service."""
        channel = event.channel
        if channel.id.startswith(PROBE):
            return NOTHING
        live = self.world.calls.live.get(channel.id) or Live(call=channel.id, name=channel.name, arrived=at)
        match event.arguments:
            case ("enter", service, *_):
                live = _named(live, service, at)
            case _:
                pass
        return Decision(changes=(Put(replace(live, held=True)),))

    def let_go(self, event: StasisEnded, _at: datetime) -> Decision:
        """A call goes on in the dialplan."""
        live = self.world.calls.live.get(event.call)
        return NOTHING if live is None else Decision(changes=(Put(replace(live, held=False)),))

    def began(self, event: DialplanStep, _at: datetime) -> Decision:
        """The first application that a channel runs: its language is still that of its endpoint.

        ChannelCreated has Asterisk's default there.
        """
        live = self.world.calls.live.get(event.channel.id)
        if live is None or live.began or not event.channel.language:
            return NOTHING
        return Decision(changes=(Put(replace(live, began=event.channel.language)),))

    def stepped(self, event: DialplanStep, at: datetime) -> Decision:
        """A call runs a dialplan application: perhaps Queue(), and surely not any more the one before."""
        channel = event.channel
        calls = self.world.calls
        known = calls.on(channel.id)
        before = NOTHING
        if known is not None and known.stage is Stage.WAITING:
            return NOTHING
        if known is not None and known.stage is Stage.LEAVING:
            signs = self._signs_of(known)
            before = self.leave(known, signs, "key" if signs.key_pressed else "continue")
        queue = queue_run_by(channel.app, channel.app_data)
        entering = calls.entering.get(channel.id)
        live = calls.live.get(channel.id) or Live(call=channel.id, name=channel.name, arrived=at)
        script = channel.app.casefold() in SCRIPTS
        if live.runs_script is not script:
            live = replace(live, runs_script=script)
            before += Decision(changes=(Put(live),))
        if queue is None or not self.world.services_of(queue):
            return before + self._not_entering(entering) if entering else before
        # A transfer first shows the Queue() before once more, with its arguments: the latest step counts. There is no
        # other where the call was passed on to a Queue() at once.
        passed_on = known is not None and known.stage is Stage.TALKING
        if (passed_on or live.by_us != queue) and (given := given_by(channel, event.when)) is not None:
            before += Decision(changes=(Put(replace(live, given=given)),))
        if entering is not None and entering.queue == queue:
            return before
        number, name = self.world.caller_of(channel)
        begun = self.with_person(
            Entering(
                call=channel.id, channel=channel.name, queue=queue, number=number, caller_name=name,
                language=channel.language, at=at, when=event.when, priority=live.priority,
                name_prefix=live.name_prefix,
            ),
            live,
        )  # fmt: skip
        if known is not None and known.stage in (Stage.TALKING, Stage.LEFT):
            # What was heard of the conversation before says nothing of this visit.
            old = self._signs_of(known)
            before += Decision(changes=(Put(Signs(call=known.call, bridge_left=old.bridge_left)),))
        return before + Decision(changes=(Put(begun),), effects=(self._look(queue, at),))

    def _suspected(self, channel: str, at: datetime, when: datetime, *, sure: bool = False) -> Decision:
        """A channel shows signs of a queue that no event told of: a script runs it. Which one, Asterisk is asked.

        `sure`: app_queue itself named the channel.
        """
        calls = self.world.calls
        live, known = calls.live.get(channel), calls.on(channel)
        if live is None or channel in calls.entering or not (sure or live.runs_script):
            return NOTHING
        if known is not None and known.stage in (Stage.WAITING, Stage.LEAVING):
            return NOTHING
        begun = Entering(
            call=channel, channel=live.name, queue="", number=live.number, caller_name=live.caller_name, language="",
            at=at, when=when,
        )  # fmt: skip
        return Decision(changes=(Put(begun),), effects=(LookAt(call=channel),))

    def dialled(self, event: AgentDialled, at: datetime) -> Decision:
        """A phone is dialled for a channel whose script may have started a queue."""
        live = self.world.calls.live.get(event.call)
        return NOTHING if live is None or not live.runs_script else self._suspected(event.call, at, at)

    def seen(self, event: ChannelSeen, _at: datetime) -> Decision:
        """Which queue a script runs; what was heard meanwhile counts as it would have."""
        channel, calls = event.channel, self.world.calls
        entering = calls.entering.get(channel.id)
        if entering is None or entering.queue:
            return NOTHING
        queue = queue_run_by(channel.app, channel.app_data)
        live = calls.live.get(channel.id) or Live(call=channel.id, name=channel.name)
        if queue is None or not self.world.services_of(queue):
            return self._not_entering(entering)
        decision = NOTHING
        if live.by_us != queue and (given := given_by(channel, entering.when)) is not None:
            decision = Decision(changes=(Put(replace(live, given=given)),))
        number, name = self.world.caller_of(channel)
        known = self.with_person(
            replace(
                entering, channel=channel.name, queue=queue, number=number, caller_name=name,
                language=channel.language, priority=live.priority, name_prefix=live.name_prefix,
            ),
            live,
        )  # fmt: skip
        signs = self._signs(channel.id)
        if signs is not None and signs.left_at is None and signs.status:
            return decision + self._refused(known, STATUS_REASONS.get(signs.status.upper(), "unknown"))
        if signs is None or signs.left_at is None:
            return decision + Decision(changes=(Put(known),), effects=(ReadQueue(queue=queue, complete=True),))
        return decision + self._caught(known, signs)

    def _caught(self, entering: Entering, signs: Signs) -> Decision:
        """A call whose queue was not known has left it already."""
        place = signs.left_position or 1
        joined = self._joined(entering, place, max(place, len(self.world.calls.waiting(entering.queue)) + 1))
        call = _call_in(joined)
        if call is None:
            return joined
        signs = replace(signs, call=call.call)
        if signs.hung_up:
            return joined + self.leave(call, signs, "abandoned")
        if signs.status:
            return joined + self.leave(call, signs, STATUS_REASONS.get(signs.status.upper(), "unknown"))
        if signs.bridged is None:
            return joined + Decision(changes=(Put(replace(call, stage=Stage.LEAVING)), Put(signs)))
        agent, name = self._agent(signs, self.world.calls.live.get(signs.beside))
        call = replace(call, bridge=signs.bridge, beside=signs.beside)
        left = signs.left_at or signs.bridged
        talks = self.talk(call, left, signs.bridged, agent, name, signs.left_position)
        return joined + talks + Decision(changes=(Put(Signs(call=call.call, bridge_left=signs.bridge_left)),))

    def with_person(self, entering: Entering, live: Live) -> Entering:
        """Who comes in with this channel: the caller of a call that goes on, or somebody who consults the queue."""
        calls = self.world.calls
        if stands_in(entering.call) or calls.on(entering.call) is not None:
            return entering
        person = call_behind(self.world, live)
        if person is not None:
            return replace(entering, person=person.call)
        return replace(entering, consultation=consults(self.world, live, entering.number))

    def _not_entering(self, entering: Entering) -> Decision:
        signs = () if self.world.calls.on(entering.call) else (Delete(Signs(call=entering.call)),)
        return Decision(changes=(Delete(entering), *signs))

    def _look(self, queue: str, at: datetime) -> ReadQueue:
        return ReadQueue(queue=queue, members=not knows_agents(self.world.calls, queue, at))

    def read(self, event: QueueRead, at: datetime) -> Decision:
        """app_queue told who waits where: those who entered are now seen at their places."""
        return self._read(event.reading, event, at)

    def all_read(self, event: QueuesRead, at: datetime) -> Decision:
        """The same, of several queues at once."""
        return sum((self._read(reading, event, at) for reading in event.readings), NOTHING)

    def _read(self, reading: QueueReading, event: QueueRead | QueuesRead, at: datetime) -> Decision:
        decision = self.duty(reading, event.asked, at)
        places = {name: place for place, name in reading.places.items()}
        for entering in sorted(self.world.calls.entering_queue(reading.queue), key=lambda e: places.get(e.channel, 0)):
            place = places.get(entering.channel)
            if place is not None and (known := self._presented(entering, event)) is not None:
                decision += self._joined(known, place, max(place, reading.waiting), reading.agents)
            elif entering.asked < READ_AGAIN:
                decision += Decision(
                    changes=(Put(replace(entering, asked=entering.asked + 1)),),
                    effects=(ReadQueue(queue=reading.queue, complete=True),),
                )
        for name in reading.places.values():
            live = self.world.calls.named(name)
            if live is not None and self.world.calls.on(live.call) is None:
                decision += self._suspected(live.call, at, at, sure=True)
        return decision + self._compared(reading, at)

    def presented(self, event: QueueRead | QueuesRead, at: datetime) -> Decision:
        """With a queue those were asked who may withhold their number."""
        calls = self.world.calls
        withheld = (call for call, value in (event.presentations or {}).items() if presentation_withholds(value))
        lives = (calls.live.get(call) or Live(call=call, name="", arrived=at) for call in withheld)
        return Decision(changes=tuple(Put(replace(live, withheld=True)) for live in lives))

    def _presented(self, entering: Entering, event: QueueRead | QueuesRead) -> Entering | None:
        """A call without its number when that is withheld; None when it came too late to be asked about that."""
        live = self.world.calls.live.get(entering.call)
        if live is not None and live.withheld:
            return replace(entering, number="", caller_name="")
        asked = event.presentations is None or entering.call in event.presentations
        return entering if asked or not may_be_withheld(entering, live) else None

    def duty(self, reading: QueueReading, asked: datetime, at: datetime) -> Decision:
        """Who is on duty, where a reading tells."""
        if reading.agents is None:
            return NOTHING
        read = Put(DutyRead(queue=reading.queue, at=asked))
        duty = duty_of(reading.queue, reading.agents)
        before = self.world.calls.duty.get(reading.queue)
        known = () if before is not None else (DutyKnown(at=at, queue=reading.queue),)
        return Decision(changes=(read,) if before == duty else (read, Put(duty)), commands=known)

    def _compared(self, reading: QueueReading, at: datetime) -> Decision:
        """A count of app_queue that stays another than ours means that we missed something.

        First all of the queue is read, which finds whom we do not know; as the last resort everything is read anew.
        """
        calls = self.world.calls
        ours = sum(calls.is_waiting(call) for call in calls.waiting(reading.queue))
        arriving = sum(e.channel in reading.places.values() for e in calls.entering_queue(reading.queue))
        difference = calls.differences.get(reading.queue)
        if reading.waiting == ours + arriving:
            return NOTHING if difference is None else Decision(changes=(Delete(difference),))
        if difference is None:
            # A poll counts and names nobody: who is there too many is looked for at once.
            unnamed = reading.waiting > ours and not reading.complete and not reading.places
            look = (ReadQueue(queue=reading.queue, complete=True),) if unnamed else ()
            return Decision(changes=(Put(Difference(queue=reading.queue, since=at)),), effects=look)
        if at - difference.since < LASTING:
            return NOTHING
        if not difference.read:
            again = replace(difference, since=at, read=True)
            return Decision(changes=(Put(again),), effects=(ReadQueue(queue=reading.queue, complete=True),))
        return Decision(changes=(Delete(difference),), effects=(Synchronise(),))

    def _joined(self, entering: Entering, place: int, waiting: int, agents: Agents | None = None) -> Decision:
        """The call is in the queue: from now on it is a call of ours."""
        call = self.call_of(entering, place)
        if call is None:
            return Decision(changes=(Delete(entering),))
        transferred = self._talk_over(self._before(entering), entering.when)
        if entering.call != call.call and (signs := self.world.calls.signs.get(entering.call)) is not None:
            moved = (Put(replace(signs, call=call.call)), Delete(signs))
            transferred += Decision(changes=moved)
        # What this very reading says of the agents is not in the world yet.
        duty = self.world.calls.duty.get(call.queue) if agents is None else duty_of(call.queue, agents)
        # Who hung up and keeps an earlier place, or listens to us at one, is to be served before as well.
        order = rank(call.joined_at, call.priority)
        unseen = self.world.callbacks.queued_before(call.queue, order) + self.world.coming.before(call.queue, order)
        wait = estimated_wait(place + unseen, duty, self.world.handle_time(call.service))
        estimate = None if wait is None else round(wait, 3)
        fact = QueueJoined(position=place, waiting=waiting, estimated_wait=estimate, **self.about(call))
        return transferred + Decision(changes=(Delete(entering), Put(call)), facts=told(call, fact))

    def _before(self, entering: Entering) -> Call | None:
        """The call that goes on with this visit; None for a new one."""
        calls = self.world.calls
        return calls.on(entering.call) or calls.calls.get(entering.person or entering.call)

    def call_of(self, entering: Entering, place: int) -> Call | None:
        """The call that somebody becomes by joining at a place; None in a queue of no service."""
        calls = self.world.calls
        live = calls.live.get(entering.call)
        service = self.world.service_of(entering.queue, live.service if live else "", live.numbers if live else ())
        if service is None:
            return None
        before = self._before(entering)
        fresh = Call(
            call=entering.call, channel=entering.channel, queue=entering.queue, service=service,
            number=entering.number, caller_name=entering.caller_name, language=entering.language,
            stage=Stage.WAITING, joined_at=self.world.joined_at(entering), entered=entering.when, position=place,
            priority=entering.priority, name_prefix=entering.name_prefix,
            consultation=entering.consultation, behind="" if live is None else self._behind(live),
        )  # fmt: skip
        if before is None:
            return fresh
        moved = entering.call != before.on
        if moved:
            number, name = number_of(self.world, before, live or Live(call=entering.call, name=entering.channel))
            fresh = replace(fresh, number=number, caller_name=name, name_prefix=before.name_prefix)
        return replace(
            fresh, call=before.call, carrier="" if entering.call == before.call else entering.call,
            joined_at=before.joined_at, waited=before.waited, talked=before.talked,
            followed=before.followed or moved, consultation=before.consultation,
            conversations=self.conversations(before, entering.when),
        )  # fmt: skip

    def _behind(self, channel: Live) -> str:
        """The id of a caller's own channel that is no call of ours, where a Local channel queues for it."""
        person = None if stands_in(channel.call) else person_behind(self.world, channel)
        return person.call if isinstance(person, Live) else ""

    # --- a conversation --------------------------------------------------------------------------

    def _spoken(self, call: Call, until: datetime) -> float:
        """Seconds of the present conversation when it is over at `until`, or was when the caller left the bridge."""
        return seconds(call.answered or until, self._signs_of(call).bridge_left or until)

    def conversations(self, call: Call, until: datetime) -> tuple[Conversation, ...]:
        """The conversations of a call, the present one too."""
        if call.stage is not Stage.TALKING or call.answered is None:
            return call.conversations
        present = Conversation(
            service=call.service, queue=call.queue, agent=call.agent, agent_name=call.agent_name, wait=call.waited,
            talk=self._spoken(call, until),
        )  # fmt: skip
        return (*call.conversations, present)

    def _talk_over(self, call: Call | None, until: datetime) -> Decision:
        """A conversation ended with a transfer: what it took an agent is known, unless the call was followed."""
        if call is None or call.stage is not Stage.TALKING or call.answered is None:
            return NOTHING
        return self._handled(call, self._spoken(call, until))

    # --- signs -----------------------------------------------------------------------------------

    def _signs(self, channel: str) -> Signs | None:
        """The signs of the call that a channel carries or begins, new if there were none; None where it has none."""
        calls = self.world.calls
        call = calls.on(channel)
        if call is not None:
            return self._signs_of(call)
        return calls.signs.get(channel) or Signs(call=channel) if channel in calls.entering else None

    def _signs_of(self, call: Call) -> Signs:
        return self.world.calls.signs.get(call.call) or Signs(call=call.call)

    def agent_answered(self, event: AgentAnswered, at: datetime) -> Decision:
        """An agent's phone was answered: the caller may be about to leave the queue for it."""
        signs = self._signs(event.call)
        known = self.world.calls.on(event.call)
        waits = event.call in self.world.calls.entering or (known is not None and known.stage is Stage.WAITING)
        if signs is None or not waits:
            suspected = self._suspected(event.call, at, event.when)
            if not suspected.changes:
                return NOTHING
            signs = signs or Signs(call=event.call)
            return suspected + Decision(changes=(Put(replace(signs, answered_by=event.agent_channel)),))
        return Decision(changes=(Put(replace(signs, answered_by=event.agent_channel)),))

    def hangup_requested(self, event: HangupRequested, _at: datetime) -> Decision:
        """Somebody hung up, or Asterisk ends the call."""
        signs = self._signs(event.call)
        if signs is None:
            live = self.world.calls.live.get(event.call)
            return NOTHING if live is None or live.hung_up else Decision(changes=(Put(replace(live, hung_up=True)),))
        if signs.hung_up:
            return NOTHING
        call = self.world.calls.on(event.call)
        hung_up = replace(signs, hung_up=True)
        if call is None or call.stage is not Stage.LEAVING:
            return Decision(changes=(Put(hung_up),))
        # app_queue ends the call of a caller whose agent was gone before the bridge: that is not the caller's doing.
        had_agent = signs.answered_by is not None or signs.member is not None
        return self.leave(call, hung_up, AGENT_GONE if event.soft and had_agent else "abandoned")

    def key_pressed(self, event: KeyPressed, _at: datetime) -> Decision:
        """A key was pressed: if the caller now leaves the queue, it was the exit key."""
        signs = self._signs(event.call)
        return NOTHING if signs is None else Decision(changes=(Put(replace(signs, key_pressed=True)),))

    def variable_set(self, event: VariableSet, at: datetime) -> Decision:
        """The variables through which app_queue speaks."""
        if event.name == SERVICE_VARIABLE:
            live = self.world.calls.live.get(event.call) or Live(call=event.call, name="", arrived=at)
            return Decision(changes=(Put(_named(live, event.value, at)),))
        if event.name in CALLER_VARIABLES:
            live = self.world.calls.live.get(event.call) or Live(call=event.call, name="", arrived=at)
            told = with_variable(live, event.name, event.value)
            return NOTHING if told == live else Decision(changes=(Put(told),))
        if event.name == TRANSFERER_VARIABLE:
            made = self.world.calls.live.get(event.call)
            return NOTHING if made is None else Decision(changes=(Put(replace(made, transferer=event.value)),))
        if event.name == BY_US_VARIABLE:
            live = self.world.calls.live.get(event.call) or Live(call=event.call, name="", arrived=at)
            # Emptied at the exit key of a Queue() that is not ours; what that one was given counts still.
            given = None if event.value else live.given
            return Decision(changes=(Put(replace(live, by_us=event.value, given=given)),))
        if event.name == "QUEUEWAIT":
            # Newer versions empty it when `Queue()` begins.
            return NOTHING if event.value else self._suspected(event.call, at, event.when)
        signs = self._signs(event.call)
        suspected = NOTHING
        if signs is None:
            if event.name != "QUEUEPOSITION":
                return NOTHING
            suspected = self._suspected(event.call, at, event.when)
            if not suspected.changes:
                return NOTHING
            left = Signs(call=event.call, left_at=event.when, left_position=whole_number(event.value))
            return suspected + Decision(changes=(Put(left),))
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

    def _held(self, event: VariableSet) -> Decision:
        """How long app_queue kept a caller, in whole seconds: longer than we know of one whom we found late."""
        hold = whole_number(event.value)
        if hold is None:
            return NOTHING
        began = event.when - timedelta(seconds=hold)
        entering, call = self.world.calls.entering.get(event.call), self.world.calls.on(event.call)
        if entering is not None and entering.when - began >= FOUND_LATE:
            return Decision(changes=(Put(replace(entering, when=began)),))
        if call is not None and call.stage is Stage.WAITING and call.entered - began >= FOUND_LATE:
            return Decision(changes=(Put(replace(call, entered=began)),))
        return NOTHING

    # --- on the way out --------------------------------------------------------------------------

    def _leaving(self, signs: Signs, event: VariableSet) -> Decision:
        """QUEUEPOSITION: the caller leaves the queue. Why, is known from what was before it or comes after."""
        calls = self.world.calls
        entering = calls.entering.get(event.call)
        if entering is not None and not entering.queue:
            return Decision(changes=(Put(signs),))
        if entering is not None:
            # Too quick for the reading: it was in the queue, or it could not leave it.
            place = signs.left_position or 1
            joined = self._joined(entering, place, max(place, len(calls.waiting(entering.queue)) + 1))
            call = _call_in(joined)
            signs = replace(signs, call=call.call if call is not None else signs.call)
        else:
            joined, call = NOTHING, calls.on(event.call)
        if call is None or call.stage not in (Stage.WAITING, Stage.LEAVING):
            return joined
        if signs.hung_up:
            return joined + self.leave(call, signs, "abandoned")
        return joined + Decision(changes=(Put(replace(call, stage=Stage.LEAVING)), Put(signs)))

    def _given_up(self, signs: Signs, event: VariableSet) -> Decision:
        """QUEUESTATUS: app_queue gave up on the caller, or never took them in."""
        calls = self.world.calls
        reason = STATUS_REASONS.get(event.value.upper(), "unknown")
        call = calls.on(event.call)
        entering = calls.entering.get(event.call)
        if entering is not None and not entering.queue:
            return Decision(changes=(Put(replace(signs, status=event.value)),))
        if entering is not None:
            return self._refused(entering, reason)
        if call is None or call.stage is not Stage.LEAVING:
            return NOTHING
        return self.leave(call, signs, reason)

    def _refused(self, entering: Entering, reason: str) -> Decision:
        """The queue did not take somebody in."""
        refused = self.call_of(entering, 1)
        gone = self._not_entering(entering)
        if refused is None:
            return gone
        return gone + Decision(facts=told(refused, QueueLeft(wait=0.0, reason=reason, **self.about(refused))))

    def _answered(self, call: Call, event: BridgeEntered) -> Decision:
        """The agent has the call."""
        signs = self._signs(event.call) or Signs(call=call.call)
        others = (self.world.calls.live.get(channel) for channel in event.channels if channel != event.call)
        beside = next((other for other in others if other is not None), None)
        agent, name = self._agent(signs, beside)
        call = replace(call, bridge=event.bridge, beside=beside.call if beside else "")
        return self.talk(call, signs.left_at or event.when, event.when, agent, name, signs.left_position)

    def _agent(self, signs: Signs, beside: Live | None) -> tuple[str | None, str | None]:
        """The agent's interface and name, as app_queue says; else the device of the channel that answered."""
        agent = signs.member or device_of(signs.answered_by or (beside.name if beside else "")) or None
        return agent, signs.member_name if signs.member_name != agent else None

    def _at_once(self, entering: Entering, event: BridgeEntered) -> Decision:
        """A call that was never seen at a place is with an agent."""
        joined = self._joined(entering, 1, 1)
        call = _call_in(joined)
        return joined if call is None else joined + self._answered(call, event)

    def talk(
        self, call: Call, left: datetime, answered: datetime, agent: str | None, agent_name: str | None,
        position: int | None,
    ) -> Decision:  # fmt: skip
        """The caller left the queue at `left`, and talks with an agent since `answered`."""
        wait = seconds(call.entered, left)
        talking = replace(
            call, stage=Stage.TALKING, agent=agent, agent_name=agent_name or None, answered=answered,
            waited=round(call.waited + wait, 3),
        )  # fmt: skip
        changes = (Put(talking), Put(Signs(call=call.call)))
        if stands_in(call.call):
            reserved = ReservationAnswered(
                at=answered, call=call.call, agent=agent, agent_name=talking.agent_name, wait=wait
            )
            return Decision(changes=changes, commands=(reserved,))
        about = self.about(talking)
        answer = QueueAnswered(wait=wait, position=position, **about)
        left_fact = QueueLeft(wait=wait, position=position, reason="answered", **about)
        return Decision(changes=changes, facts=told(talking, answer, left_fact))

    def leave(self, call: Call, signs: Signs, reason: str) -> Decision:
        """The caller is out of the queue, and no agent has them."""
        left = signs.left_at or call.entered
        wait = seconds(call.entered, left)
        position = signs.left_position or self.world.calls.position(call.call)
        out = replace(call, stage=Stage.LEFT, waited=round(call.waited + wait, 3))
        changes = (Put(out), Put(Signs(call=call.call)))
        if stands_in(call.call):
            return Decision(changes=changes, commands=(ReservationLeft(at=left, call=call.call, reason=reason),))
        fact = QueueLeft(wait=wait, position=position, reason=reason, **self.about(out))
        return Decision(changes=changes, facts=told(out, fact))

    # --- bridges ---------------------------------------------------------------------------------

    def placed(self, event: BridgeEntered, _at: datetime) -> Decision:
        """A channel is in a bridge: with whom, is looked up when somebody is moved or consults."""
        live = self.world.calls.live.get(event.call)
        if live is None:
            return NOTHING
        there = replace(live, bridge=event.bridge, number=event.number, caller_name=event.caller_name)
        return Decision(changes=(Put(there),))

    def taken_out(self, event: BridgeLeft, _at: datetime) -> Decision:
        """A channel is in no bridge."""
        live = self.world.calls.live.get(event.call)
        if live is None or live.bridge != event.bridge:
            return NOTHING
        return Decision(changes=(Put(replace(live, bridge="")),))

    def bridge_entered(self, event: BridgeEntered, at: datetime) -> Decision:
        """The caller talks, or talks again after a transfer; or somebody took the place of one of the two."""
        calls = self.world.calls
        call = calls.on(event.call)
        if call is None and (entering := calls.entering.get(event.call)) is not None:
            if not entering.queue:
                signs = self._signs(event.call) or Signs(call=event.call)
                beside = next((one for one in event.channels if one != event.call), "")
                met = replace(signs, bridged=event.when, bridge=event.bridge, beside=beside)
                return Decision(changes=(Put(met),))
            # Found after we had been away, already let go by app_queue.
            return self._at_once(entering, event)
        if call is not None and call.stage is Stage.LEAVING:
            return NOTHING if self._is_empty(event) else self._answered(call, event)
        decision = NOTHING
        there = calls.talking_in(event.bridge)
        if there is not None and there.on != event.call and there.stage is Stage.TALKING:
            signs = self._signs_of(there)
            if signs.bridge_left is not None:
                decision = Decision(changes=(Put(replace(signs, successor=event.call)),))
            else:
                decision = Decision(changes=(Put(replace(there, beside=event.call)),))
        if call is not None and call.stage is Stage.TALKING:
            decision += self._talks_again(call, event)
        for consultation in calls.consultations:
            decision += self.passed_on(consultation, event.when, at)
        return decision

    def _is_empty(self, event: BridgeEntered) -> bool:
        """Whether the agent was gone when the caller came: app_queue bridges the two for a moment all the same.

        The agent's channel is the first in the bridge. It has left it by now, or is about to.
        """
        if not event.channels:
            return False
        others = [channel for channel in event.channels if channel != event.call]
        lives = [self.world.calls.live.get(channel) for channel in others]
        return all(live is not None and live.hung_up for live in lives)

    def _talks_again(self, call: Call, event: BridgeEntered) -> Decision:
        changes: list[Change] = []
        signs = self._signs_of(call)
        if signs.bridge_left is not None:
            changes.append(Put(replace(signs, bridge_left=None, successor="")))
        if call.bridge != event.bridge:
            beside = next((channel for channel in event.channels if channel != event.call), "")
            changes.append(Put(replace(call, bridge=event.bridge, beside=beside)))
        return Decision(changes=tuple(changes))

    def bridge_left(self, event: BridgeLeft, _at: datetime) -> Decision:
        """The caller talks no more, unless a transfer follows."""
        signs = self._signs(event.call)
        return NOTHING if signs is None else Decision(changes=(Put(replace(signs, bridge_left=event.when)),))

    # --- moved to another channel ----------------------------------------------------------------

    def passed_on(self, consultation: Call, when: datetime, at: datetime) -> Decision:
        """Whether the caller whom somebody consulted for is now at the other end of the consultation's channel."""
        channel = self.world.calls.live.get(consultation.on)
        if channel is None or other_half(channel.name) is None:
            return NOTHING
        person = person_behind(self.world, channel)
        return NOTHING if person is None else self._becomes(consultation, person, channel, when, at)

    def _becomes(
        self, consultation: Call, person: Call | Live, carrier: Live, when: datetime, at: datetime
    ) -> Decision:
        """A consultation is the caller's from now on: they wait in this queue, or talk with its agent.

        The time before was the agent's: the caller's wait and talk in this queue begin now.
        """
        calls = self.world.calls
        talking = consultation.stage is Stage.TALKING
        visit = replace(
            consultation, carrier="" if carrier.call == person.call else carrier.call, channel=carrier.name,
            call=person.call, entered=when, answered=when if talking else None, followed=True, consultation=False,
            position=calls.position(consultation.call) or consultation.position, waited=0.0,
            behind="" if isinstance(person, Call) else person.call,
        )  # fmt: skip
        if isinstance(person, Call):
            visit = replace(
                visit, number=person.number, caller_name=person.caller_name, name_prefix=person.name_prefix,
                language=person.language, joined_at=person.joined_at, waited=person.waited, talked=person.talked,
                conversations=self.conversations(person, when),
            )  # fmt: skip
        else:
            number, name = shown_by(person)
            visit = replace(visit, number=number, caller_name=name, name_prefix=person.name_prefix, joined_at=at)
        decision = self._talk_over(person if isinstance(person, Call) else None, when)
        before = self._signs_of(consultation)
        signs = replace(before, call=visit.call, bridge_left=None, successor="")
        changes = (Delete(consultation), Delete(Signs(call=consultation.call)), Put(visit), Put(signs))
        place = visit.position if consultation.stage is Stage.WAITING else before.left_position or 1
        joining = replace(visit, agent=None, agent_name=None)
        joined = QueueJoined(position=place, waiting=max(place, len(calls.waiting(visit.queue))), **self.about(joining))
        decision += Decision(changes=changes, facts=(joined,))
        if not talking:
            return decision
        about = self.about(visit)
        answered = QueueAnswered(wait=0.0, position=place, **about)
        return decision + Decision(facts=(answered, QueueLeft(wait=0.0, position=place, reason="answered", **about)))

    def succeeded(self, call: Call, signs: Signs, by: Live, when: datetime, at: datetime) -> Decision:
        """A channel took the place of a call's in its bridge, and that one is gone."""
        calls = self.world.calls
        other = calls.on(by.call)
        if call.consultation:
            person = other or person_behind(self.world, by)
            if person is None and other_half(by.name) is None:
                person = by
            if person is not None:
                return self._becomes(call, person, by, when, at)
        elif other is not None and other.call != call.call:
            # Two calls of one person: the one that goes on is told of.
            return self.end(call, signs, when, "transferred")
        number, name = number_of(self.world, call, by)
        moved = replace(
            call, carrier="" if by.call == call.call else by.call, channel=by.name, followed=True, number=number,
            caller_name=name, behind="",
        )  # fmt: skip
        return Decision(changes=(Put(moved), Put(replace(signs, bridge_left=None, successor="", hung_up=False))))

    def _replaced(self, call: Call, signs: Signs, when: datetime) -> Decision | None:
        """A waiting channel is gone that app_queue has not let go: another stands at its place; None when none does."""
        calls = self.world.calls
        by = self._taker(call, when)
        if call.consultation:
            heard: tuple[Change, ...] = ()
            if by is not None and (old := self._signs(by.call)) is not None:
                # The agent may have answered before the caller was moved.
                agent = old.answered_by or signs.answered_by
                member, name = (old.member, old.member_name) if old.member else (signs.member, signs.member_name)
                heard = (Put(replace(old, answered_by=agent, member=member, member_name=name)),)
            return Decision(changes=(Delete(call), Delete(signs), *heard))
        if by is None:
            return None
        if calls.on(by.call) is not None:
            return self.end(call, signs, when, "transferred")
        live = calls.live.get(by.call) or Live(call=by.call, name=by.channel)
        number, name = number_of(self.world, call, live)
        goes_on = replace(call, carrier=by.call, channel=by.channel, followed=True, number=number, caller_name=name)
        return Decision(changes=(Delete(by), Put(goes_on), Put(Signs(call=call.call))))

    def _taker(self, call: Call, when: datetime) -> Entering | None:
        """The channel that took the place of a call's in app_queue: a step of `Queue()` was told for it just before."""
        entering = self.world.calls.entering_queue(call.queue)
        moved = [one for one in entering if one.call != call.on and timedelta(0) <= when - one.when <= AT_ONCE]
        return max(moved, key=lambda one: one.when, default=None)

    def _taken_over(self, call: Call, signs: Signs, by: Entering, when: datetime, at: datetime) -> Decision:
        """Another channel took the place of a talking one, which is gone and had not left its bridge."""
        live = self.world.calls.live.get(by.call) or Live(call=by.call, name=by.channel)
        there = replace(live, bridge=call.bridge)
        return Decision(changes=(Delete(by), Put(there))) + self.succeeded(call, signs, there, when, at)

    def destroyed(self, event: ChannelDestroyed, at: datetime) -> Decision:
        """The channel is gone: the call has ended, unless it goes on with another."""
        calls = self.world.calls
        gone: list[Change] = []
        if (live := calls.live.get(event.call)) is not None:
            gone.append(Delete(live))
        decision = Decision(changes=tuple(gone))
        if (entering := calls.entering.get(event.call)) is not None:
            decision += self._not_entering(entering)
        call = calls.on(event.call)
        if call is None:
            return decision
        signs = self._signs_of(call)
        successor = calls.live.get(signs.successor)
        if call.stage is Stage.TALKING and successor is not None and successor.bridge == call.bridge:
            return decision + self.succeeded(call, signs, successor, event.when, at)
        if call.stage is Stage.TALKING and signs.bridge_left is None:
            by = self._taker(call, event.when)
            if by is not None:
                return decision + self._taken_over(call, signs, by, event.when, at)
        if call.stage is Stage.WAITING and signs.left_at is None:
            replaced = self._replaced(call, signs, event.when)
            if replaced is not None:
                return decision + replaced
        first = calls.live.get(call.call)
        if first is not None and first.call != event.call:
            return decision + self.back(call, signs, first, event.when)
        return decision + self.end(call, signs, event.when, "abandoned")

    def back(self, call: Call, signs: Signs, first: Live, when: datetime) -> Decision:
        """The channel that a transfer put between queue and caller is gone, and the caller's own is there still."""
        if call.stage in (Stage.WAITING, Stage.LEAVING):
            left = signs if signs.left_at is not None else replace(signs, left_at=when)
            decision = self.leave(call, left, "abandoned")
            out = _call_in(decision) or call
        else:
            decision = self._talk_over(call, when)
            out = replace(call, stage=Stage.LEFT, conversations=self.conversations(call, when))
        home = replace(out, carrier="", channel=first.name, bridge="", beside="")
        return decision + Decision(changes=(Put(home), Put(Signs(call=call.call))))

    # --- the end ---------------------------------------------------------------------------------

    def end(self, call: Call, signs: Signs, when: datetime, reason: str, *, seen: bool = True) -> Decision:
        """Nothing more comes of this call: what was open is closed, and it is forgotten.

        `seen`: `when` is when it ended; else that is only the last time at which it was surely there.
        """
        decision = NOTHING
        if call.stage in (Stage.WAITING, Stage.LEAVING):
            left = signs if signs.left_at is not None else replace(signs, left_at=when)
            decision = self.leave(call, left, "abandoned" if signs.hung_up else reason)
            call = replace(call, waited=round(call.waited + seconds(call.entered, left.left_at or when), 3))
        conversations = self.conversations(call, when)
        gone = Decision(changes=(Delete(call), Delete(Signs(call=call.call))))
        if stands_in(call.call) or call.consultation:
            return decision + gone
        if seen:
            decision += self._talk_over(call, when)
        # Each conversation before the last was told of when its caller joined the next queue.
        talk = conversations[-1].talk if conversations and call.answered is not None else 0.0
        ended = CallEnded(wait=call.waited, talk=talk, **self.about(call))
        over = CallOver(at=when, call=call, wait=call.waited, talk=talk, conversations=conversations)
        return decision + gone + Decision(facts=(ended,), commands=(over,))

    def _handled(self, call: Call, talk: float) -> Decision:
        """How long the call took an agent; a call that was followed tells it of nobody in particular."""
        if call.followed or call.consultation:
            return NOTHING
        before = self.world.calls.handling.get(call.service)
        talks = (*(before.talks if before else ()), talk)[-REMEMBERED_CALLS:]
        return Decision(changes=(Put(Handling(service=call.service, talks=talks)),))

    # --- away ------------------------------------------------------------------------------------

    def lost(self, _event: AsteriskLost, _at: datetime) -> Decision:
        """From now on events are missed."""
        return Decision(changes=(Put(Link(up=False)),))

    # --- what facts say of a call ----------------------------------------------------------------

    def about(self, call: Call) -> dict[str, Any]:
        """What every fact of a call says."""
        return {
            "service": call.service,
            "queue": call.queue,
            "call": call.call,
            "agent": call.agent,
            "agent_name": call.agent_name,
            **self.world.who(call.number),
        }


def _named(live: Live, service: str, at: datetime) -> Live:
    """A channel that came in for a service: the first time, it joined then."""
    return live if live.service == service else replace(live, service=service, joined_at=live.joined_at or at)


def _call_in(decision: Decision) -> Call | None:
    """The call that a decision puts last."""
    put = (c.record for c in reversed(decision.changes) if isinstance(c, Put) and isinstance(c.record, Call))
    return next(put, None)


def told(call: Call, *facts: Fact) -> tuple[Fact, ...]:
    """The facts of a call; none of a consultation, nor of one that only stands in the queue for a customer.

    What becomes of that one is told as `ReservationAnswered` or `ReservationLeft`.
    """
    return () if stands_in(call.call) or call.consultation else facts


def whole_number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() else None
