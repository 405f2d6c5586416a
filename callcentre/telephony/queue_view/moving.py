"""A caller continues on another channel: a Local channel was optimised away, or there was a transfer.

`following.py` describes how Asterisk shows each of these.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from callcentre.kernel.decision import NOTHING, Change, Decision, Delete, Put
from callcentre.telephony.facts import QueueAnswered, QueueJoined, QueueLeft
from callcentre.telephony.queue_view.following import number_of, other_half, person_behind, shown_by
from callcentre.telephony.queue_view.interface import QueueView
from callcentre.telephony.queue_view.model import Call, Entering, Live, Signs, Stage
from callcentre.telephony.queue_view.progress import Progress

AT_ONCE: Final = timedelta(seconds=1)
"""A waiting channel is gone within this time after another replaced it. It takes some milliseconds."""


class Moving:
    """The rules for callers who continue on another channel."""

    def __init__(self, view: QueueView, progress: Progress) -> None:
        self._view = view
        self._calls = view.calls
        self._progress = progress

    # --- a consultation that becomes a transfer --------------------------------------------------

    def passed_on(self, consultation: Call, when: datetime, at: datetime) -> Decision:
        """Whether the caller that an agent consulted for is now at the other end of the consultation's channel."""
        channel = self._calls.live.get(consultation.on)
        if channel is None or other_half(channel.name) is None:
            return NOTHING
        person = person_behind(self._calls, channel)
        return NOTHING if person is None else self._becomes(consultation, person, channel, when, at)

    def _becomes(
        self, consultation: Call, person: Call | Live, carrier: Live, when: datetime, at: datetime
    ) -> Decision:
        """A consultation is the caller's from now on: the caller waits in this queue, or talks with its agent.

        The time before belonged to the agent: the caller's wait and talk in this queue begin now.
        """
        calls = self._calls
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
                conversations=self._progress.conversations(person, when),
            )  # fmt: skip
        else:
            number, name = shown_by(person)
            visit = replace(visit, number=number, caller_name=name, name_prefix=person.name_prefix, joined_at=at)
        decision = self._progress.talk_over(person if isinstance(person, Call) else None, when)
        before = self._progress.signs_of(consultation)
        signs = replace(before, call=visit.call, bridge_left=None, successor="")
        changes = (Delete(consultation), Delete(Signs(call=consultation.call)), Put(visit), Put(signs))
        place = visit.position if consultation.stage is Stage.WAITING else before.left_position or 1
        joining = self._progress.about(replace(visit, agent=None, agent_name=None))
        joined = QueueJoined(position=place, waiting=max(place, len(calls.waiting(visit.queue))), **joining)
        decision += Decision(changes=changes, facts=(joined,))
        if not talking:
            return decision
        about = self._progress.about(visit)
        answered = QueueAnswered(wait=0.0, position=place, **about)
        return decision + Decision(facts=(answered, QueueLeft(wait=0.0, position=place, reason="answered", **about)))

    # --- another channel in the bridge -----------------------------------------------------------

    def succeeded(self, call: Call, signs: Signs, by: Live, when: datetime, at: datetime) -> Decision:
        """A channel replaced a call's channel in its bridge, and the old one is gone."""
        calls = self._calls
        other = calls.on(by.call)
        if call.consultation:
            person = other or person_behind(calls, by)
            if person is None and other_half(by.name) is None:
                person = by
            if person is not None:
                return self._becomes(call, person, by, when, at)
        elif other is not None and other.call != call.call:
            # Two calls of one person: facts are written about the one that continues.
            return self._progress.end(call, signs, when, "transferred")
        number, name = number_of(self._view, call, by)
        moved = replace(
            call, carrier="" if by.call == call.call else by.call, channel=by.name, followed=True, number=number,
            caller_name=name, behind="",
        )  # fmt: skip
        return Decision(changes=(Put(moved), Put(replace(signs, bridge_left=None, successor="", hung_up=False))))

    def taken_over(self, call: Call, signs: Signs, when: datetime, at: datetime) -> Decision | None:
        """Another channel replaced a talking one, which is gone and had not left its bridge.

        None when there is no such channel.
        """
        by = self._taker(call, when)
        if by is None:
            return None
        live = self._calls.live.get(by.call) or Live(call=by.call, name=by.channel)
        there = replace(live, bridge=call.bridge)
        return Decision(changes=(Delete(by), Put(there))) + self.succeeded(call, signs, there, when, at)

    # --- another channel in the queue ------------------------------------------------------------

    def replaced(self, call: Call, signs: Signs, when: datetime) -> Decision | None:
        """A waiting channel is gone that app_queue did not release: another is at its place. None when none is."""
        calls = self._calls
        by = self._taker(call, when)
        if call.consultation:
            heard: tuple[Change, ...] = ()
            if by is not None and (old := self._progress.signs(by.call)) is not None:
                # The agent may have answered before the caller was moved.
                agent = old.answered_by or signs.answered_by
                member, name = (old.member, old.member_name) if old.member else (signs.member, signs.member_name)
                heard = (Put(replace(old, answered_by=agent, member=member, member_name=name)),)
            return Decision(changes=(Delete(call), Delete(signs), *heard))
        if by is None:
            return None
        if calls.on(by.call) is not None:
            return self._progress.end(call, signs, when, "transferred")
        live = calls.live.get(by.call) or Live(call=by.call, name=by.channel)
        number, name = number_of(self._view, call, live)
        goes_on = replace(call, carrier=by.call, channel=by.channel, followed=True, number=number, caller_name=name)
        return Decision(changes=(Delete(by), Put(goes_on), Put(Signs(call=call.call))))

    def _taker(self, call: Call, when: datetime) -> Entering | None:
        """The channel that replaced a call's channel in app_queue: it began `Queue()` just before."""
        entering = self._calls.entering_queue(call.queue)
        moved = [one for one in entering if one.call != call.on and timedelta(0) <= when - one.when <= AT_ONCE]
        return max(moved, key=lambda one: one.when, default=None)
