"""What is stored and reported when a call is answered, leaves its queue, or ends.

Other rules of the queue view decide that one of these happens. This module has the consequences.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec.structs import replace

from callcentre.kernel.decision import NOTHING, Decision, Delete, Put
from callcentre.kernel.fact import Fact
from callcentre.kernel.people import People
from callcentre.telephony.dialling.reservations import is_placeholder
from callcentre.telephony.facts import CallEnded, QueueAnswered, QueueLeft
from callcentre.telephony.queue_view.estimate import REMEMBERED_CALLS
from callcentre.telephony.queue_view.interface import QueueView
from callcentre.telephony.queue_view.model import (
    Call,
    CallOver,
    Conversation,
    Handling,
    Live,
    ReservationAnswered,
    ReservationLeft,
    Signs,
    Stage,
)
from callcentre.values.endpoints import device_of


def seconds(begin: datetime, end: datetime) -> float:
    """Seconds between two times of one clock, rounded to milliseconds; never negative."""
    return max(0.0, round((end - begin).total_seconds(), 3))


def call_in(decision: Decision) -> Call | None:
    """The call that a decision puts last."""
    put = (c.record for c in reversed(decision.changes) if isinstance(c, Put) and isinstance(c.record, Call))
    return next(put, None)


def reported(call: Call, *facts: Fact) -> tuple[Fact, ...]:
    """The facts of a call.

    Empty for a consultation, and for a channel that is queued for a customer. The fate of such a channel is sent as
    `ReservationAnswered` or `ReservationLeft`.
    """
    return () if is_placeholder(call.call) or call.consultation else facts


class Progress:
    """The consequences when a call is answered, leaves its queue, or ends."""

    def __init__(self, view: QueueView, people: People) -> None:
        self._calls = view.calls
        self._people = people

    def about(self, call: Call) -> dict[str, Any]:
        """The fields that every fact of a call has."""
        return {
            "service": call.service,
            "queue": call.queue,
            "call": call.call,
            "agent": call.agent,
            "agent_name": call.agent_name,
            **self._people.who(call.number),
        }

    # --- signs -----------------------------------------------------------------------------------

    def signs(self, channel: str) -> Signs | None:
        """The signs of the call that a channel carries or begins, new if there were none; None without a call."""
        calls = self._calls
        call = calls.on(channel)
        if call is not None:
            return self.signs_of(call)
        return calls.signs.get(channel) or Signs(call=channel) if channel in calls.entering else None

    def signs_of(self, call: Call) -> Signs:
        """The signs of a call, new if there were none."""
        return self._calls.signs.get(call.call) or Signs(call=call.call)

    # --- a conversation --------------------------------------------------------------------------

    def _spoken(self, call: Call, until: datetime) -> float:
        """Seconds of the present conversation if it ends at `until`, or until the caller left the bridge."""
        return seconds(call.answered or until, self.signs_of(call).bridge_left or until)

    def conversations(self, call: Call, until: datetime) -> tuple[Conversation, ...]:
        """The conversations of a call, the present one included."""
        if call.stage is not Stage.TALKING or call.answered is None:
            return call.conversations
        present = Conversation(
            service=call.service, queue=call.queue, agent=call.agent, agent_name=call.agent_name, wait=call.waited,
            talk=self._spoken(call, until),
        )  # fmt: skip
        return (*call.conversations, present)

    def talk_over(self, call: Call | None, until: datetime) -> Decision:
        """A conversation ended with a transfer: its handle time is known, unless the call was followed."""
        if call is None or call.stage is not Stage.TALKING or call.answered is None:
            return NOTHING
        return self._handled(call, self._spoken(call, until))

    def _handled(self, call: Call, talk: float) -> Decision:
        """How long the call took an agent. For a followed call it is unclear which agent, so it is not counted."""
        if call.followed or call.consultation:
            return NOTHING
        before = self._calls.handling.get(call.service)
        talks = (*(before.talks if before else ()), talk)[-REMEMBERED_CALLS:]
        return Decision(changes=(Put(Handling(service=call.service, talks=talks)),))

    # --- out of the queue ------------------------------------------------------------------------

    def agent_of(self, signs: Signs, beside: Live | None) -> tuple[str | None, str | None]:
        """The agent's interface and name from app_queue; else the device of the channel that answered."""
        agent = signs.member or device_of(signs.answered_by or (beside.name if beside else "")) or None
        return agent, signs.member_name if signs.member_name != agent else None

    def talk(
        self, call: Call, left: datetime, answered: datetime, agent: str | None, agent_name: str | None,
        position: int | None,
    ) -> Decision:  # fmt: skip
        """The caller left the queue at `left`, and has talked with an agent since `answered`."""
        wait = seconds(call.entered, left)
        talking = replace(
            call, stage=Stage.TALKING, agent=agent, agent_name=agent_name or None, answered=answered,
            waited=round(call.waited + wait, 3),
        )  # fmt: skip
        changes = (Put(talking), Put(Signs(call=call.call)))
        if is_placeholder(call.call):
            reserved = ReservationAnswered(
                at=answered, call=call.call, agent=agent, agent_name=talking.agent_name, wait=wait
            )
            return Decision(changes=changes, commands=(reserved,))
        about = self.about(talking)
        answer = QueueAnswered(wait=wait, position=position, **about)
        left_fact = QueueLeft(wait=wait, position=position, reason="answered", **about)
        return Decision(changes=changes, facts=reported(talking, answer, left_fact))

    def leave(self, call: Call, signs: Signs, reason: str) -> Decision:
        """The caller is out of the queue without an agent."""
        left = signs.left_at or call.entered
        wait = seconds(call.entered, left)
        position = signs.left_position or self._calls.position(call.call)
        out = replace(call, stage=Stage.LEFT, waited=round(call.waited + wait, 3))
        changes = (Put(out), Put(Signs(call=call.call)))
        if is_placeholder(call.call):
            return Decision(changes=changes, commands=(ReservationLeft(at=left, call=call.call, reason=reason),))
        fact = QueueLeft(wait=wait, position=position, reason=reason, **self.about(out))
        return Decision(changes=changes, facts=reported(out, fact))

    # --- the end ---------------------------------------------------------------------------------

    def back(self, call: Call, signs: Signs, first: Live, when: datetime) -> Decision:
        """The channel that a transfer put between queue and caller is gone, and the caller's own still exists."""
        if call.stage in (Stage.WAITING, Stage.LEAVING):
            left = signs if signs.left_at is not None else replace(signs, left_at=when)
            decision = self.leave(call, left, "abandoned")
            out = call_in(decision) or call
        else:
            decision = self.talk_over(call, when)
            out = replace(call, stage=Stage.LEFT, conversations=self.conversations(call, when))
        home = replace(out, carrier="", channel=first.name, bridge="", beside="")
        return decision + Decision(changes=(Put(home), Put(Signs(call=call.call))))

    def end(self, call: Call, signs: Signs, when: datetime, reason: str, *, seen: bool = True) -> Decision:
        """The call is over: close what is open, and remove the call.

        `seen`: the call ended at `when`. Else `when` is only the last time at which it surely existed.
        """
        decision = NOTHING
        if call.stage in (Stage.WAITING, Stage.LEAVING):
            left = signs if signs.left_at is not None else replace(signs, left_at=when)
            decision = self.leave(call, left, "abandoned" if signs.hung_up else reason)
            call = replace(call, waited=round(call.waited + seconds(call.entered, left.left_at or when), 3))
        conversations = self.conversations(call, when)
        gone = Decision(changes=(Delete(call), Delete(Signs(call=call.call))))
        if is_placeholder(call.call) or call.consultation:
            return decision + gone
        if seen:
            decision += self.talk_over(call, when)
        # Each earlier conversation was reported when its caller joined the next queue.
        talk = conversations[-1].talk if conversations and call.answered is not None else 0.0
        ended = CallEnded(wait=call.waited, talk=talk, **self.about(call))
        over = CallOver(at=when, call=call, wait=call.waited, talk=talk, conversations=conversations)
        return decision + gone + Decision(facts=(ended,), commands=(over,))
