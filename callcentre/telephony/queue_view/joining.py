"""How a call gets into a queue: its channel, the dialplan application that runs `Queue()`, and the place it is seen at.

app_queue publishes nothing to ARI. A channel that runs it shows `Queue` as its dialplan application, and then app_queue
is asked for the callers and their places. A script may start `Queue()` too. No event shows that, so a channel with
signs of a queue is looked at.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from msgspec.structs import replace

from callcentre.kernel.decision import NOTHING, Decision, Delete, Put
from callcentre.telephony.dialling.reservations import is_placeholder
from callcentre.telephony.effects import LookAt, ReadQueue
from callcentre.telephony.events import (
    PROBE,
    AgentDialled,
    Agents,
    ChannelCreated,
    ChannelSeen,
    DialplanStep,
    StasisEnded,
    StasisStarted,
)
from callcentre.telephony.facts import QueueJoined, QueueLeft
from callcentre.telephony.queue_view.estimate import duty_of, estimated_wait
from callcentre.telephony.queue_view.following import call_behind, consults, number_of, person_behind
from callcentre.telephony.queue_view.interface import QueueView
from callcentre.telephony.queue_view.model import Call, Entering, Live, Signs, Stage
from callcentre.telephony.queue_view.order import rank
from callcentre.telephony.queue_view.overload import left_out
from callcentre.telephony.queue_view.polling import knows_agents
from callcentre.telephony.queue_view.progress import Progress, call_in, reported
from callcentre.telephony.queue_view.queue_application import SCRIPTS, given_by, queue_run_by
from callcentre.telephony.queue_view.variables import reason_of

READ_AGAIN: Final = 3
"""How often app_queue is asked at once for a call that it does not show yet. After that the poll finds the call."""


class Joining:
    """The rules for calls on their way into a queue."""

    def __init__(self, view: QueueView, progress: Progress) -> None:
        self._view = view
        self._calls = view.calls
        self._progress = progress

    # --- channels --------------------------------------------------------------------------------

    def created(self, event: ChannelCreated, at: datetime) -> Decision:
        """A channel exists. The dialled extension is known only now."""
        channel = event.channel
        if channel.id.startswith(PROBE):
            return NOTHING
        live = Live(
            call=channel.id, name=channel.name, dialled=channel.exten, arrived=at,
            number=channel.number, caller_name=channel.caller_name,
        )  # fmt: skip
        return Decision(changes=(Put(live),))

    def handed_to_us(self, event: StasisStarted, at: datetime) -> Decision:
        """A call entered Stasis. `Stasis(app,enter,<service>)` names the service that it came in for."""
        channel = event.channel
        if channel.id.startswith(PROBE):
            return NOTHING
        live = self._calls.live.get(channel.id) or Live(call=channel.id, name=channel.name, arrived=at)
        match event.arguments:
            case ("enter", service, *_):
                live = came_in_for(live, service, at)
            case _:
                pass
        return Decision(changes=(Put(replace(live, held=True)),))

    def let_go(self, event: StasisEnded, _at: datetime) -> Decision:
        """A call continues in the dialplan."""
        live = self._calls.live.get(event.call)
        return NOTHING if live is None else Decision(changes=(Put(replace(live, held=False)),))

    # --- the dialplan ----------------------------------------------------------------------------

    def began(self, event: DialplanStep, _at: datetime) -> Decision:
        """The first application that a channel runs: its language is still that of its endpoint.

        ChannelCreated has Asterisk's default there.
        """
        live = self._calls.live.get(event.channel.id)
        if live is None or live.began or not event.channel.language:
            return NOTHING
        return Decision(changes=(Put(replace(live, began=event.channel.language)),))

    def stepped(self, event: DialplanStep, at: datetime) -> Decision:
        """A call runs a dialplan application: perhaps Queue(), and surely no longer the one before."""
        channel = event.channel
        calls = self._calls
        known = calls.on(channel.id)
        before = NOTHING
        if known is not None and known.stage is Stage.WAITING:
            return NOTHING
        if known is not None and known.stage is Stage.LEAVING:
            signs = self._progress.signs_of(known)
            before = self._progress.leave(known, signs, "key" if signs.key_pressed else "continue")
        queue = queue_run_by(channel.app, channel.app_data)
        entering = calls.entering.get(channel.id)
        live = calls.live.get(channel.id) or Live(call=channel.id, name=channel.name, arrived=at)
        script = channel.app.casefold() in SCRIPTS
        if live.runs_script is not script:
            live = replace(live, runs_script=script)
            before += Decision(changes=(Put(live),))
        if queue is None or not self._view.services_of(queue):
            return before + self.not_entering(entering) if entering else before
        # A transfer first shows the Queue() from before once more, with its arguments: the latest step counts. There is
        # no other step where the call was transferred into a Queue() directly.
        passed_on = known is not None and known.stage is Stage.TALKING
        if (passed_on or live.by_us != queue) and (given := given_by(channel, event.when)) is not None:
            before += Decision(changes=(Put(replace(live, given=given)),))
        if entering is not None and entering.queue == queue:
            return before
        number, name = self._view.caller_of(channel)
        begun = self.with_person(
            Entering(
                call=channel.id, channel=channel.name, queue=queue, number=number, caller_name=name,
                language=channel.language, at=at, when=event.when, priority=live.priority,
                name_prefix=live.name_prefix,
            ),
            live,
        )  # fmt: skip
        if known is not None and known.stage in (Stage.TALKING, Stage.LEFT):
            # Signs of the conversation before say nothing about this visit.
            old = self._progress.signs_of(known)
            before += Decision(changes=(Put(Signs(call=known.call, bridge_left=old.bridge_left)),))
        before += Decision(changes=(Put(begun),))
        if calls.overload is not None:
            # The poll finds this caller, or the events do when the caller leaves.
            return before + left_out(calls, readings=1)
        return before + Decision(effects=(ReadQueue(queue=queue, members=not knows_agents(calls, queue, at)),))

    # --- a queue that a script runs --------------------------------------------------------------

    def suspected(self, channel: str, at: datetime, when: datetime, *, sure: bool = False) -> Decision:
        """A channel shows signs of a queue that no event named: a script runs it. Asterisk is asked which queue it is.

        `sure`: app_queue itself named the channel.
        """
        calls = self._calls
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
        live = self._calls.live.get(event.call)
        return NOTHING if live is None or not live.runs_script else self.suspected(event.call, at, at)

    def seen(self, event: ChannelSeen, _at: datetime) -> Decision:
        """Asterisk reported which queue a script runs. Signs from before count as if it had been known."""
        channel, calls = event.channel, self._calls
        entering = calls.entering.get(channel.id)
        if entering is None or entering.queue:
            return NOTHING
        queue = queue_run_by(channel.app, channel.app_data)
        live = calls.live.get(channel.id) or Live(call=channel.id, name=channel.name)
        if queue is None or not self._view.services_of(queue):
            return self.not_entering(entering)
        decision = NOTHING
        if live.by_us != queue and (given := given_by(channel, entering.when)) is not None:
            decision = Decision(changes=(Put(replace(live, given=given)),))
        number, name = self._view.caller_of(channel)
        known = self.with_person(
            replace(
                entering, channel=channel.name, queue=queue, number=number, caller_name=name,
                language=channel.language, priority=live.priority, name_prefix=live.name_prefix,
            ),
            live,
        )  # fmt: skip
        signs = self._progress.signs(channel.id)
        if signs is not None and signs.left_at is None and signs.status:
            return decision + self.refused(known, reason_of(signs.status))
        if signs is None or signs.left_at is None:
            return decision + Decision(changes=(Put(known),), effects=(ReadQueue(queue=queue, complete=True),))
        return decision + self._caught(known, signs)

    def _caught(self, entering: Entering, signs: Signs) -> Decision:
        """A call whose queue was unknown has already left it."""
        place = signs.left_position or 1
        joined = self.joined(entering, place, max(place, len(self._calls.waiting(entering.queue)) + 1))
        call = call_in(joined)
        if call is None:
            return joined
        signs = replace(signs, call=call.call)
        if signs.hung_up:
            return joined + self._progress.leave(call, signs, "abandoned")
        if signs.status:
            return joined + self._progress.leave(call, signs, reason_of(signs.status))
        if signs.bridged is None:
            return joined + Decision(changes=(Put(replace(call, stage=Stage.LEAVING)), Put(signs)))
        agent, name = self._progress.agent_of(signs, self._calls.live.get(signs.beside))
        call = replace(call, bridge=signs.bridge, beside=signs.beside)
        left = signs.left_at or signs.bridged
        talks = self._progress.talk(call, left, signs.bridged, agent, name, signs.left_position)
        return joined + talks + Decision(changes=(Put(Signs(call=call.call, bridge_left=signs.bridge_left)),))

    # --- in the queue ----------------------------------------------------------------------------

    def joined(self, entering: Entering, place: int, waiting: int, agents: Agents | None = None) -> Decision:
        """The call is in the queue: from now on it is a known call."""
        call = self.call_of(entering, place)
        if call is None:
            return Decision(changes=(Delete(entering),))
        transferred = self._progress.talk_over(self._before(entering), entering.when)
        if entering.call != call.call and (signs := self._calls.signs.get(entering.call)) is not None:
            moved = (Put(replace(signs, call=call.call)), Delete(signs))
            transferred += Decision(changes=moved)
        # What this reading says about the agents is not in memory yet.
        duty = self._calls.duty.get(call.queue) if agents is None else duty_of(call.queue, agents)
        # People who hold an earlier place without a channel in the queue are served before this caller as well.
        unseen = self._view.held_before(call.queue, rank(call.joined_at, call.priority))
        wait = estimated_wait(place + unseen, duty, self._view.handle_time(call.service))
        estimate = None if wait is None else round(wait, 3)
        fact = QueueJoined(position=place, waiting=waiting, estimated_wait=estimate, **self._progress.about(call))
        return transferred + Decision(changes=(Delete(entering), Put(call)), facts=reported(call, fact))

    def refused(self, entering: Entering, reason: str) -> Decision:
        """The queue refused a caller."""
        refused = self.call_of(entering, 1)
        gone = self.not_entering(entering)
        if refused is None:
            return gone
        left = QueueLeft(wait=0.0, reason=reason, **self._progress.about(refused))
        return gone + Decision(facts=reported(refused, left))

    def not_entering(self, entering: Entering) -> Decision:
        """A call is no longer on its way into a queue."""
        signs = () if self._calls.on(entering.call) else (Delete(Signs(call=entering.call)),)
        return Decision(changes=(Delete(entering), *signs))

    # --- the person behind a call ---------------------------------------------------------------------

    def with_person(self, entering: Entering, live: Live) -> Entering:
        """Adds the person who comes in with this channel: the caller of a known call, or an agent who consults."""
        calls = self._calls
        if is_placeholder(entering.call) or calls.on(entering.call) is not None:
            return entering
        person = call_behind(calls, live)
        if person is not None:
            return replace(entering, person=person.call)
        return replace(entering, consultation=consults(self._view, live, entering.number))

    def _before(self, entering: Entering) -> Call | None:
        """The call that continues with this visit; None for a new one."""
        calls = self._calls
        return calls.on(entering.call) or calls.calls.get(entering.person or entering.call)

    def call_of(self, entering: Entering, place: int) -> Call | None:
        """The call of a caller who joined at a place; None in a queue without a service."""
        calls = self._calls
        live = calls.live.get(entering.call)
        service = self._view.service_of(entering.queue, live.service if live else "", live.numbers if live else ())
        if service is None:
            return None
        before = self._before(entering)
        fresh = Call(
            call=entering.call, channel=entering.channel, queue=entering.queue, service=service,
            number=entering.number, caller_name=entering.caller_name, language=entering.language,
            stage=Stage.WAITING, joined_at=self._view.joined_at(entering), entered=entering.when, position=place,
            priority=entering.priority, name_prefix=entering.name_prefix,
            consultation=entering.consultation, behind="" if live is None else self._behind(live),
        )  # fmt: skip
        if before is None:
            return fresh
        moved = entering.call != before.on
        if moved:
            number, name = number_of(self._view, before, live or Live(call=entering.call, name=entering.channel))
            fresh = replace(fresh, number=number, caller_name=name, name_prefix=before.name_prefix)
        return replace(
            fresh, call=before.call, carrier="" if entering.call == before.call else entering.call,
            joined_at=before.joined_at, waited=before.waited, talked=before.talked,
            followed=before.followed or moved, consultation=before.consultation,
            conversations=self._progress.conversations(before, entering.when),
        )  # fmt: skip

    def _behind(self, channel: Live) -> str:
        """The id of a caller's own channel without a call, where a Local channel is queued for it."""
        person = None if is_placeholder(channel.call) else person_behind(self._calls, channel)
        return person.call if isinstance(person, Live) else ""


def came_in_for(live: Live, service: str, at: datetime) -> Live:
    """A channel that came in for a service. The first time counts as its joining."""
    return live if live.service == service else replace(live, service=service, joined_at=live.joined_at or at)
