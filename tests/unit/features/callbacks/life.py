"""Callbacks in any order of things: callers, customers, agents, nights and crashes."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from typing import Any

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from callcentre.features.callbacks.events import CallbackRequested, CallbackWithdrawn
from callcentre.features.callbacks.model import Callback, Dialling, Phase
from callcentre.features.callbacks.offers import Offer
from callcentre.kernel.effect import Effect
from callcentre.kernel.event import Tick
from callcentre.telephony.dialling.reservations import is_placeholder
from callcentre.telephony.effects import Originate
from callcentre.telephony.events import AsteriskLost, KeyPressed
from callcentre.telephony.prompts.model import Talk
from callcentre.telephony.queue_entry.model import OnTheWay
from callcentre.telephony.queue_view.order import Rank, rank
from callcentre.values.numbers import Allowed
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import Asterisk

ENDS = {"callback.completed", "callback.cancelled", "callback.failed", "callback.expired"}
NUMBERS = [f"+3584011122{number:02d}" for number in range(6)]
STATES = st.sampled_from(["INUSE", "NOT_INUSE", "UNAVAILABLE"])


def listening(rehearsal: Rehearsal) -> list[Rank]:
    """The ranks of those who hear an offer or an answer of ours, and go on waiting unless they say otherwise."""
    records = {kept.record: kept for kept in rehearsal._dispatcher.collections}
    talks = (talk for talk in records[Talk].values() if talk.topic == "offer" and talk.step != "promised")
    return [records[Offer][talk.call].rank for talk in talks]


class Witness(Asterisk):
    """Looks at each call of ours as it is made."""

    def _do(self, effect: Effect) -> None:
        if isinstance(effect, Originate):
            if effect.other is None:
                self._bears_witness(effect)
            else:
                self._sees_a_reservation(effect)
        super()._do(effect)

    def _sees_a_reservation(self, originate: Originate) -> None:
        world = self.rehearsal.world
        callback = world.callbacks.of_call(originate.call)
        assert callback is not None
        assert (callback.phase, callback.agent_call) == (Phase.RESERVING, originate.call)
        assert world.settings.services["support"].opening_hours.is_open(self.rehearsal.at)
        self._nobody_is_passed_over(callback)

    def _bears_witness(self, originate: Originate) -> None:
        world, at = self.rehearsal.world, self.rehearsal.at
        callback = world.callbacks.of_call(originate.call)
        if callback is None:
            # Found on the line themselves by the very connection that decided it: it ends at once.
            number = originate.endpoint.removeprefix("PJSIP/").removesuffix("@trunk")
            returned = world.callbacks.of_owner("support", number)
            assert returned is not None
            assert returned.phase is Phase.RETURNED
            return
        assert callback.phase is Phase.DIALLING
        assert isinstance(callback.state, Dialling)
        assert callback.state.dialled_at == at
        assert world.settings.services["support"].opening_hours.is_open(at)
        # An agent who answered is there, whatever was read of them last.
        assert callback.agent_call is not None or world.calls.duty["support"].on_duty > 0
        assert isinstance(world.numbers.may_dial(callback.number), Allowed)
        assert originate.endpoint == f"PJSIP/{callback.number}@trunk"
        if callback.agent_call is None:
            self._nobody_is_passed_over(callback)
            duty = world.calls.duty["support"]
            assert world.callbacks.in_flight("support") <= duty.ready + max(1, duty.on_duty)
        mine = [one for one in self.dialled if one.call.startswith(f"{callback.callback}-")]
        made = [one for one in mine if one.context == originate.context]
        committed = [
            fact for fact in self.rehearsal.facts
            if fact.name == "callback.dialled" and fact.callback == callback.callback
        ]  # fmt: skip
        assert len(made) < len(committed), "one attempt was dialled twice"

    def _nobody_is_passed_over(self, callback: Callback) -> None:
        world = self.rehearsal.world
        # A number may have a second callback, which was moved there: one of the two waits for the other's call to end.
        busy = {one.number for one in world.callbacks.values() if one.calls and one.callback != callback.callback}
        earlier = [
            other.order for other in world.callbacks.first_queued("support", 100)
            if other.order < callback.order and other.number not in busy and not world.notices.has_phone(other.number)
        ]  # fmt: skip
        assert earlier == [], "an earlier callback was passed over"
        live = [world.calls.calls[call] for call in world.calls.waiting("support") if not is_placeholder(call)]
        assert [call for call in live if call.rank < callback.rank] == [], "a live caller was passed over"
        assert [one for one in listening(self.rehearsal) if one < callback.rank] == [], "who listens was passed over"


class CallbackLife(RuleBasedStateMachine):
    """A desk of two agents, six people with a telephone each, and a daemon that is killed now and then."""

    witness = Witness
    notify: dict[str, Any] | None = None

    @initialize(
        at_closing=st.sampled_from(["carry_over", "expire"]),
        press=st.booleans(),
        order=st.sampled_from(["customer_first", "agent_first"]),
    )
    def begin(self, at_closing: str, press: bool, order: str) -> None:
        callback = {
            "offer": {"min_wait": "1s"}, "dial": {"press_to_accept": press, "order": order}, "at_closing": at_closing,
        }  # fmt: skip
        dialling = {"per_number_per_day": "1000"}
        support = {"welcome": None, "callback": callback, "notify": self.notify}
        self.asterisk = self.witness(Rehearsal({"dialling": dialling, "services": {"support": support}}))
        self.asterisk.connect()
        self.asterisk.on_duty("INUSE", "INUSE")
        self.requests = 0
        # Calls that ended while we were away and lived: what is kept of them ends with its time limit.
        self.unheard: set[str] = set()

    @property
    def rehearsal(self) -> Rehearsal:
        return self.asterisk.rehearsal

    # --- what happens ----------------------------------------------------------------------------

    @rule(seconds=st.floats(0.1, 20) | st.floats(100, 1000))
    def time_passes(self, seconds: float) -> None:
        self.asterisk.passes(round(seconds, 1))
        self.asterisk.ticks()

    @rule()
    def the_night_passes(self) -> None:
        evening = datetime.combine(self.rehearsal.at.date(), time(13, 30), UTC)
        if self.rehearsal.at < evening:
            self.asterisk.passes((evening - self.rehearsal.at).total_seconds())
            self.asterisk.ticks()
        self.asterisk.passes((evening + timedelta(hours=16) - self.rehearsal.at).total_seconds())
        self.asterisk.ticks()

    @rule(seconds=st.sampled_from([-3600.0, 3600.0, -3.0, 3.0]))
    def the_clock_is_set(self, seconds: float) -> None:
        self.rehearsal.step(seconds)
        self.asterisk.perform()

    @rule(states=st.tuples(STATES, STATES))
    def agents_come_and_go(self, states: tuple[str, str]) -> None:
        self.asterisk.on_duty(*states)

    @rule(number=st.sampled_from([*NUMBERS, ""]), directly=st.booleans(), priority=st.sampled_from([0, 0, 0, 5, -1]))
    def somebody_calls(self, number: str, directly: bool, priority: int) -> None:
        self.rehearsal.later(0.01)
        variables = {"QUEUE_PRIO": str(priority)} if priority else {}
        if directly:
            self.asterisk.calls_in(number, **variables)
        else:
            self.asterisk.enters(number, **variables)

    @precondition(lambda self: self.asterisk.held)
    @rule(data=st.data(), way=st.sampled_from(["1", "1", "1", "2", "3", "silence", "hangs_up", "number"]))
    def whom_we_speak_with_answers(self, data: st.DataObject, way: str) -> None:
        call = data.draw(st.sampled_from(sorted(self.asterisk.held)))
        self.rehearsal.later(0.01)
        match way:
            case "silence":
                self.asterisk.silence(call)
            case "hangs_up":
                self.asterisk.hangs_up(call)
            case "number":
                keys = data.draw(st.sampled_from(NUMBERS)).replace("+358", "0")
                self.asterisk.key(call, "2", *keys, "#", "1")
            case _:
                self.asterisk.key(call, way)

    @precondition(lambda self: self.asterisk.queues.get("support"))
    @rule(data=st.data(), way=st.sampled_from(["answered", "answered", "hangs_up", "timeout", "key"]))
    def somebody_leaves_the_queue(self, data: st.DataObject, way: str) -> None:
        call = data.draw(st.sampled_from(self.asterisk.queues["support"]))
        self.rehearsal.later(0.01)
        match way:
            case "answered":
                self.asterisk.answered(call)
            case "hangs_up":
                self.asterisk.hangs_up(call)
            case "timeout":
                self.asterisk.gives_up(call, "TIMEOUT")
                self.asterisk.perform()
                self.asterisk.hangs_up(call)
            case _ if not is_placeholder(call):
                self.asterisk.asks(call)

    @precondition(lambda self: self.asterisk.talking)
    @rule(data=st.data())
    def a_conversation_ends(self, data: st.DataObject) -> None:
        self.asterisk.hangs_up(data.draw(st.sampled_from(sorted(self.asterisk.talking))))

    @precondition(lambda self: self.asterisk.ringing)
    @rule(data=st.data(), way=st.sampled_from([0, 0, 0, 1, 16, 17, 38]))
    def a_phone_that_rings_is_answered_or_not(self, data: st.DataObject, way: int) -> None:
        call = data.draw(st.sampled_from(sorted(self.asterisk.ringing)))
        if way == 0:
            self.asterisk.picks_up(call)
        else:
            self.asterisk.rings_in_vain(call, way)

    @rule(number=st.sampled_from([*NUMBERS, "112"]))
    def staff_request_a_callback(self, number: str) -> None:
        self.requests += 1
        self.rehearsal.later(0.01)
        self.rehearsal.tell(
            CallbackRequested(
                at=self.rehearsal.at,
                request=f"w{self.requests}",
                service="support",
                number=number,
                caller_name="",
                by="staff",
            )
        )

    @precondition(lambda self: self.rehearsal.world.callbacks)
    @rule(data=st.data())
    def staff_take_one_back(self, data: st.DataObject) -> None:
        callback = data.draw(st.sampled_from(sorted(self.rehearsal.world.callbacks)))
        self.rehearsal.tell(CallbackWithdrawn(at=self.rehearsal.at, callback=callback, by="staff"))

    @rule(data=st.data(), undone=st.booleans(), away=st.floats(0, 100), killed=st.booleans())
    def we_are_away(self, data: st.DataObject, undone: bool, away: float, killed: bool) -> None:
        """The daemon is killed, perhaps between its commit and what was to follow, or only loses Asterisk."""
        asterisk = self.asterisk
        if undone:
            self.rehearsal.later(1)
            self.rehearsal.tell(Tick(at=self.rehearsal.at))
            for call in sorted(asterisk.held)[:1]:
                key = data.draw(st.sampled_from("123"))
                self.rehearsal.tell(KeyPressed(at=self.rehearsal.at, call=call, key=key))
        if killed:
            self.unheard.clear()
        rehearsal = self.rehearsal.restarted() if killed else self.rehearsal
        if not killed:
            asterisk.perform()
            rehearsal.tell(AsteriskLost(at=rehearsal.at, reason="test"))
        for call in sorted(asterisk.channels):
            if data.draw(st.integers(0, 3)) == 0:
                self._gone_unheard(call)
        rehearsal.at += timedelta(seconds=round(away, 1))
        asterisk.restarts_us(rehearsal)

    def _gone_unheard(self, call: str) -> None:
        asterisk = self.asterisk
        # Both halves of a Local channel end together.
        for near, far in tuple(asterisk.reserving.items()):
            if call in (near, far):
                del asterisk.reserving[near]
                self._gone_unheard(far if call == near else near)
        self.unheard.add(call)
        calls: dict[str, Any]
        for calls in (asterisk.channels, asterisk.held, asterisk.ringing, asterisk.playing, asterisk.talking):
            calls.pop(call, None)
        for waiting in asterisk.queues.values():
            if call in waiting:
                waiting.remove(call)

    # --- what holds ------------------------------------------------------------------------------

    @invariant()
    def everything_is_done(self) -> None:
        self.asterisk.perform()

    @invariant()
    def what_was_promised_is_open_or_has_ended_once(self) -> None:
        facts = [fact for fact in self.rehearsal.facts if fact.name.startswith("callback.")]
        # Whoever lost theirs while they were in our hands may take it anew, by the same call and under its name.
        accepted = Counter(fact.callback for fact in facts if fact.name == "callback.accepted")
        accepted.subtract(fact.callback for fact in facts if fact.name in ENDS)
        assert set(accepted.values()) <= {0, 1}
        assert set(self.rehearsal.world.callbacks) == {name for name, is_open in accepted.items() if is_open}

    @invariant()
    def a_callback_has_one_live_call_at_most(self) -> None:
        for name in self.rehearsal.world.callbacks:
            assert sum(call.startswith(f"{name}-") for call in self.asterisk.channels) <= 1, self.asterisk.channels

    @invariant()
    def whoever_is_said_to_be_on_the_line_is(self) -> None:
        for callback in self.rehearsal.world.callbacks.values():
            assert (callback.call is None) == (callback.phase in (Phase.WAITING, Phase.RESERVING))
            assert (callback.agent_call is not None) >= (callback.phase is Phase.RESERVING)
            assert callback.agent_call is None or callback.agent_call in self.asterisk.channels
            assert callback.call is None or callback.call in self.asterisk.channels
            assert callback.phase is not Phase.RETURNED or callback.call not in self.asterisk.talking

    @invariant()
    def places_are_those_of_a_recount(self) -> None:
        world = self.rehearsal.world
        waiting = (world.calls.calls[call] for call in self.asterisk.queues.get("support", []))
        live = [rank(one.joined_at, one.priority) for one in waiting] + listening(self.rehearsal)
        queued = [one for one in world.callbacks.values() if one.is_queued]
        for callback in world.callbacks.values():
            ahead = [one for one in live if one < callback.rank]
            ahead += [one.order for one in queued if one.order < callback.order]
            assert world.place(callback) == len(ahead) + 1
        everybody = sorted([*live, *(one.order for one in queued)])
        if len({one[:2] for one in everybody}) == len(everybody):
            places = [world.place(one) for one in sorted(queued, key=lambda one: one.order)]
            assert places == [place for place, one in enumerate(everybody, 1) if one[-1]]

    @invariant()
    def nothing_is_kept_of_what_has_ended(self) -> None:
        world = self.rehearsal.world
        assert {one.callback for one in world.callbacks.first_queued("support", 100)} <= set(world.callbacks)
        assert world.callbacks.open_in("support") == len(world.callbacks)
        waited_for = (msgspec.json.decode(key).get("callback") for key in self.rehearsal.timers if '"c' in key[:12])
        assert {one for one in waited_for if one} <= set(world.callbacks)
        for kept in self.rehearsal._dispatcher.collections:
            if kept.record in (Offer, OnTheWay, Talk):
                assert {record.key for record in kept.values()} <= set(self.asterisk.held) | self.unheard

    @invariant()
    def what_is_on_disk_is_what_is_known(self) -> None:
        kept = {record.key: record for record in self.rehearsal.disk.values() if hasattr(record, "taken_at")}
        assert kept == {record.key: record for record in self.rehearsal.world.callbacks.values()}
