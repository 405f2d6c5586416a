"""Agent first: whom the queue rings, when the customer is dialled, and who is freed when."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from callcentre.features.callbacks.agents import RESERVE_SECONDS
from callcentre.features.callbacks.events import CallbackWithdrawn
from callcentre.features.callbacks.model import Phase
from callcentre.kernel.event import Tick
from callcentre.telephony.effects import ConnectCalls, HoldLonger, Originate
from callcentre.telephony.events import ChannelCreated, KeyPressed, OriginateFailed
from tests.cast import AINO, ANNA, BO, LIISA, MATTI, PEKKA
from tests.unit.features.callbacks.desk import (
    SALES,
    agent_call_of,
    agent_first,
    ask_for,
    call_of,
    callbacks,
    numbers_dialled,
    reasons,
)
from tests.unit.features.callbacks.states import why
from tests.unit.rehearsal import NOON, Rehearsal
from tests.unit.telephone import Asterisk


def reserved(asterisk: Asterisk) -> str:
    """The half that waits in the queue in the place of the customer."""
    (far,) = asterisk.reserving.values()
    return far


def agent_answers(asterisk: Asterisk) -> str:
    """The agent answers; the half of the reservation that came to us."""
    ((near, far),) = asterisk.reserving.items()
    asterisk.answered(far, name="Anna")
    asterisk.on_duty("INUSE")
    return near


def about_callbacks(rehearsal: Rehearsal) -> list[str]:
    return [name for name in rehearsal.names() if name.startswith("callback.")]


def in_phase(phase: Phase, **more: object) -> tuple[Rehearsal, Asterisk]:
    """One callback, come so far."""
    rehearsal, asterisk = agent_first("NOT_INUSE", **more)
    ask_for(asterisk, name="Matti")
    asterisk.ticks()
    if phase is not Phase.RESERVING:
        agent_answers(asterisk)
    if phase not in (Phase.RESERVING, Phase.DIALLING):
        asterisk.picks_up(next(iter(asterisk.ringing)))
    if phase is Phase.CONNECTED:
        asterisk.key(callbacks(rehearsal)[0].call or "", "1")
    assert callbacks(rehearsal)[0].phase is phase
    return rehearsal, asterisk


def test_the_customer_is_dialled_only_when_an_agent_has_answered() -> None:
    _, asterisk = in_phase(Phase.RESERVING)
    assert asterisk.dialled == []
    far = reserved(asterisk)
    assert asterisk.queues["support"] == [far]
    assert (asterisk.channels[far].number, asterisk.channels[far].caller_name) == (MATTI, "Matti")
    near = agent_answers(asterisk)
    assert numbers_dialled(asterisk) == [MATTI]
    assert near not in asterisk.heard, "a playback on a Local channel makes it deaf"


@pytest.mark.parametrize("answers_on_entry", [False, True], ids=["as the agent does", "on the way into the queue"])
def test_the_customer_is_dialled_only_when_an_agent_is_on_the_line_whenever_the_channel_was_answered(
    answers_on_entry: bool,
) -> None:
    rehearsal, asterisk = agent_first("NOT_INUSE")
    asterisk.answers_on_entry = answers_on_entry
    callback = ask_for(asterisk)
    asterisk.ticks()
    far = reserved(asterisk)
    rehearsal.tell(ChannelCreated(at=rehearsal.at, channel=asterisk.channels[far], when=rehearsal.at))
    asterisk.answer_readings()
    # One agent hears the announcement and is gone; for another it goes on to the bridge.
    asterisk.agent_answers(far)
    asterisk.perform()
    assert asterisk.dialled == []
    asterisk.answered(far, BO, name="Bo")
    asterisk.perform()
    assert numbers_dialled(asterisk) == [MATTI]
    assert rehearsal.world.callbacks[callback].phase is Phase.DIALLING


def test_a_channel_that_was_answered_on_the_way_into_the_queue_is_held_as_long_as_agents_are_rung() -> None:
    rehearsal, asterisk = agent_first("NOT_INUSE")
    asterisk.answers_on_entry = True
    ask_for(asterisk)
    asterisk.ticks()
    ((near, _),) = asterisk.reserving.items()
    assert HoldLonger(call=near, seconds=RESERVE_SECONDS) in rehearsal.effects


def test_the_two_talk_with_each_other_and_the_facts_are_those_of_any_callback() -> None:
    rehearsal, asterisk = in_phase(Phase.CONNECTED)
    (callback,) = callbacks(rehearsal)
    ((agent, customer),) = asterisk.bridges.values()
    assert (agent, customer) == (callback.agent_call, callback.call)
    rehearsal.at += timedelta(seconds=42)
    asterisk.hangs_up(customer)
    asterisk.perform()
    facts = [(fact.name, fact.call) for fact in rehearsal.facts if fact.name.startswith(("queue.", "call"))]
    names = [
        "callback.dialled", "callback.confirmed", "queue.joined", "queue.answered", "queue.left", "callback.queued",
        "callback.connected", "call.ended", "callback.completed",
    ]  # fmt: skip
    assert facts == [("callback.accepted", None), *((name, customer) for name in names)]
    ended, completed = (fact for fact in rehearsal.facts if fact.name in ("call.ended", "callback.completed"))
    assert (ended.talk, ended.agent, ended.agent_name) == (42.0, ANNA, "Anna")
    assert (completed.talk, completed.agent_name) == (42.0, "Anna")
    assert not asterisk.channels
    assert not asterisk.bridges


def test_when_the_agent_hangs_up_the_customer_is_let_go_and_it_is_completed() -> None:
    rehearsal, asterisk = in_phase(Phase.CONNECTED)
    asterisk.hangs_up(next(iter(asterisk.reserving.values())))
    asterisk.perform()
    assert about_callbacks(rehearsal)[-1] == "callback.completed"
    assert not asterisk.channels
    assert not asterisk.bridges


@pytest.mark.parametrize(
    ("agents", "earlier", "reservations"),
    [
        (["INUSE"], 0, 0),
        (["NOT_INUSE"], 0, 1),
        (["NOT_INUSE"], 1, 0),
        (["NOT_INUSE", "INUSE"], 0, 1),
        (["NOT_INUSE", "NOT_INUSE"], 0, 2),
        (["NOT_INUSE", "NOT_INUSE", "NOT_INUSE"], 0, 3),
        (["UNAVAILABLE"], 0, 0),
    ],
)
def test_an_agent_is_reserved_only_for_a_customer_for_whom_one_is_free(
    agents: list[str], earlier: int, reservations: int
) -> None:
    _, asterisk = agent_first(*agents)
    for _ in range(earlier):
        asterisk.calls_in(LIISA)
    for number in (MATTI, AINO, PEKKA):
        ask_for(asterisk, number)
    asterisk.ticks()
    assert len(asterisk.reserving) == reservations
    asterisk.ticks(3)
    assert len(asterisk.reserving) == reservations


def test_callbacks_of_both_orders_keep_their_order_in_one_queue() -> None:
    _, asterisk = agent_first("NOT_INUSE", services={"sales": SALES})
    ask_for(asterisk, MATTI)
    ask_for(asterisk, AINO, service="sales")
    asterisk.ticks()
    assert len(asterisk.reserving) == 1
    assert numbers_dialled(asterisk) == [AINO]


@pytest.mark.parametrize(
    ("way", "fact", "reason"),
    [
        ("busy", "postponed", "busy"),
        ("silence", "postponed", "no_answer"),
        ("2", "cancelled", None),
        ("3", "postponed", "customer"),
        ("staff", "cancelled", None),
        ("hangs up", "postponed", "no_answer"),
    ],
)
def test_whatever_keeps_the_customer_away_frees_the_agent_with_a_word(way: str, fact: str, reason: str | None) -> None:
    rehearsal, asterisk = in_phase(Phase.DIALLING)
    (callback,) = callbacks(rehearsal)
    near, call = agent_call_of(callback), call_of(callback)
    if way == "busy":
        asterisk.rings_in_vain(call, 17)
    elif way == "staff":
        rehearsal.tell(CallbackWithdrawn(at=rehearsal.at, callback=callback.callback, by="staff"))
        asterisk.perform()
    else:
        asterisk.picks_up(call)
        match way:
            case "silence":
                asterisk.silence(call)
            case "hangs up":
                asterisk.hangs_up(call)
                asterisk.perform()
            case _:
                asterisk.key(call, way)
    assert reasons(rehearsal, fact) == [reason]
    assert asterisk.heard[near] == ["agent-unanswered"]
    asterisk.says_all(near)
    assert near not in asterisk.channels
    assert asterisk.queues["support"] == []


def test_an_agent_who_has_not_answered_yet_is_only_not_rung_any_more() -> None:
    rehearsal, asterisk = in_phase(Phase.RESERVING)
    rehearsal.tell(CallbackWithdrawn(at=rehearsal.at, callback=callbacks(rehearsal)[0].callback, by="staff"))
    asterisk.perform()
    assert not asterisk.channels
    assert not asterisk.heard


@pytest.mark.parametrize("phase", [Phase.DIALLING, Phase.ASKING])
def test_a_customer_whose_agent_hung_up_waits_in_the_queue_at_the_place_held(phase: Phase) -> None:
    rehearsal, asterisk = in_phase(phase)
    (callback,) = callbacks(rehearsal)
    asterisk.hangs_up(next(iter(asterisk.reserving.values())))
    asterisk.perform()
    asterisk.calls_in(LIISA)
    if phase is Phase.DIALLING:
        asterisk.picks_up(call_of(callback))
    asterisk.key(call_of(callback), "1")
    assert asterisk.queues["support"][0] == callback.call
    asterisk.answered(call_of(callback))
    assert callbacks(rehearsal)[0].phase is Phase.CONNECTED
    asterisk.hangs_up(callback.call)
    assert about_callbacks(rehearsal)[-1] == "callback.completed"


def test_a_reservation_that_no_agent_takes_leaves_the_callback_open_and_counts_no_attempt() -> None:
    rehearsal, asterisk = in_phase(Phase.RESERVING)
    asterisk.gives_up(reserved(asterisk), "TIMEOUT")
    asterisk.hangs_up(reserved(asterisk))
    asterisk.on_duty("INUSE")
    assert [(one.phase, one.attempts) for one in callbacks(rehearsal)] == [(Phase.WAITING, 0)]
    assert [name for name in rehearsal.names() if not name.startswith("sms.")] == ["callback.accepted"]
    asterisk.on_duty("NOT_INUSE")
    asterisk.ticks()
    agent_answers(asterisk)
    assert numbers_dialled(asterisk) == [MATTI]


def test_a_reservation_that_asterisk_refuses_leaves_the_callback_open() -> None:
    rehearsal, _ = in_phase(Phase.RESERVING)
    rehearsal.tell(
        OriginateFailed(at=rehearsal.at, call=agent_call_of(callbacks(rehearsal)[0]), reason="Allocation failed")
    )
    assert [(one.phase, one.agent_call) for one in callbacks(rehearsal)] == [(Phase.WAITING, None)]


def test_a_reservation_of_which_nothing_is_heard_is_over_at_last() -> None:
    rehearsal, asterisk = agent_first("NOT_INUSE")
    ask_for(asterisk)
    rehearsal.tell(Tick(at=rehearsal.later(1)))
    (lost,) = rehearsal.take(Originate)
    asterisk.ticks(119)
    assert callbacks(rehearsal)[0].agent_call == lost.call
    assert not asterisk.reserving
    asterisk.ticks(2)
    assert callbacks(rehearsal)[0].agent_call != lost.call
    agent_answers(asterisk)
    assert numbers_dialled(asterisk) == [MATTI]


def test_a_customer_who_calls_by_themselves_while_an_agent_is_rung_is_not_dialled() -> None:
    rehearsal, asterisk = in_phase(Phase.RESERVING)
    again = asterisk.enters(MATTI)
    assert asterisk.reserving == {}
    asterisk.key(again, "1")
    assert asterisk.queues["support"] == [again]
    assert asterisk.dialled == []
    assert callbacks(rehearsal)[0].phase is Phase.RETURNED


@pytest.mark.parametrize("phase", [Phase.DIALLING, Phase.ASKING])
def test_a_customer_who_calls_by_themselves_while_they_are_dialled_frees_the_agent_and_is_not_rung_at_once(
    phase: Phase,
) -> None:
    rehearsal, asterisk = in_phase(phase)
    again = asterisk.enters(MATTI)
    asterisk.hangs_up(again)
    asterisk.ticks(10)
    assert numbers_dialled(asterisk) == [MATTI]
    (kept,) = callbacks(rehearsal)
    assert (kept.phase, kept.attempts, why(kept), kept.agent_call) == (Phase.WAITING, 0, "caller_returned", None)
    assert asterisk.ringing == {}


def test_the_caps_hold_when_the_agent_has_answered_too() -> None:
    rehearsal, asterisk = agent_first("NOT_INUSE", "NOT_INUSE", changes={"dialling": {"per_day": "1"}})
    ask_for(asterisk, MATTI)
    ask_for(asterisk, AINO)
    asterisk.ticks()
    for far in tuple(asterisk.reserving.values()):
        asterisk.answered(far)
    assert numbers_dialled(asterisk) == [MATTI]
    assert [one.phase for one in callbacks(rehearsal)] == [Phase.DIALLING, Phase.WAITING]
    assert len(asterisk.reserving) == 1
    assert rehearsal.names().count("alarm.raised") == 1


@pytest.mark.parametrize(("at_closing", "then"), [("carry_over", [Phase.WAITING]), ("expire", [])])
def test_nobody_is_dialled_when_the_service_closed_before_an_agent_answered(at_closing: str, then: list[Phase]) -> None:
    rehearsal, asterisk = agent_first("UNAVAILABLE", at_closing=at_closing)
    ask_for(asterisk)
    asterisk.passes((NOON.replace(hour=12, minute=59, second=50) - rehearsal.at).total_seconds())
    asterisk.on_duty("NOT_INUSE")
    asterisk.ticks()
    far = reserved(asterisk)
    asterisk.passes(20)
    asterisk.answered(far)
    assert (numbers_dialled(asterisk), asterisk.reserving) == ([], {})
    asterisk.ticks()
    assert [one.phase for one in callbacks(rehearsal)] == then


@pytest.mark.parametrize("phase", [Phase.RESERVING, Phase.DIALLING, Phase.ASKING, Phase.CONNECTED])
def test_agent_and_customer_are_adopted_after_a_restart(phase: Phase) -> None:
    rehearsal, asterisk = in_phase(phase)
    before = callbacks(rehearsal)[0]
    after = rehearsal.restarted()
    asterisk.restarts_us(after)
    asterisk.ticks(2)
    assert callbacks(after) == [before]
    if phase is Phase.RESERVING:
        agent_answers(asterisk)
    call = call_of(callbacks(after)[0])
    if phase in (Phase.RESERVING, Phase.DIALLING):
        asterisk.picks_up(call)
    if phase is not Phase.CONNECTED:
        asterisk.key(call, "1")
    assert list(asterisk.bridges.values()) == [(before.agent_call, call)]
    asterisk.hangs_up(call)
    asterisk.perform()
    assert about_callbacks(after)[-1] == "callback.completed"
    assert not asterisk.channels
    assert not asterisk.bridges
    assert len(asterisk.dialled) == 1


def test_a_caller_who_came_together_while_we_were_away_is_connected() -> None:
    rehearsal, asterisk = in_phase(Phase.ASKING)
    (callback,) = callbacks(rehearsal)
    rehearsal.tell(KeyPressed(at=rehearsal.at, call=call_of(callback), key="1"))
    rehearsal.effects.clear()
    asterisk.talking[call_of(callback)] = "Local/1"
    asterisk.talking[agent_call_of(callback)] = "PJSIP/trunk-1"
    asterisk.restarts_us(rehearsal.restarted())
    assert callbacks(asterisk.rehearsal)[0].phase is Phase.CONNECTED
    assert "callback.connected" in asterisk.rehearsal.names()


@pytest.mark.parametrize("gone", ["customer", "agent", "both"])
def test_a_bridge_that_nobody_reported_before_a_crash_is_ended(gone: str) -> None:
    rehearsal, asterisk = in_phase(Phase.ASKING)
    (before,) = callbacks(rehearsal)
    customer, near = call_of(before), agent_call_of(before)
    rehearsal.tell(KeyPressed(at=rehearsal.at, call=customer, key="1"))
    (connecting,) = rehearsal.take(ConnectCalls)
    asterisk.bridges[connecting.bridge] = connecting.calls
    rehearsal.effects.clear()
    if gone != "agent":
        del asterisk.channels[customer], asterisk.held[customer]
    if gone != "customer":
        for call in (near, asterisk.reserving.pop(near)):
            del asterisk.channels[call]
            asterisk.held.pop(call, None)
            asterisk.talking.pop(call, None)
    asterisk.restarts_us(rehearsal.restarted())
    assert not asterisk.bridges


@pytest.mark.parametrize(
    ("phase", "then"),
    [
        (Phase.RESERVING, Phase.WAITING),
        (Phase.DIALLING, Phase.DIALLING),
        (Phase.ASKING, Phase.ASKING),
        (Phase.CONNECTED, None),
    ],
)
def test_an_agent_who_is_gone_after_a_restart_costs_nobody_the_callback(phase: Phase, then: Phase | None) -> None:
    rehearsal, asterisk = in_phase(phase)
    ((near, far),) = asterisk.reserving.items()
    for call in (near, far):
        asterisk.channels.pop(call)
        asterisk.held.pop(call, None)
        asterisk.talking.pop(call, None)
    asterisk.reserving.clear()
    asterisk.queues["support"] = []
    asterisk.on_duty("INUSE")
    after = rehearsal.restarted()
    asterisk.restarts_us(after)
    assert [(one.phase, one.agent_call) for one in callbacks(after)] == ([(then, None)] if then else [])
    assert ("callback.completed" in after.names()) == (then is None)


def test_a_reservation_is_one_of_our_calls_in_flight() -> None:
    _, asterisk = agent_first("NOT_INUSE", "NOT_INUSE", changes={"dialling": {"in_flight": "1"}})
    ask_for(asterisk, MATTI)
    ask_for(asterisk, AINO)
    asterisk.ticks(2)
    assert len(asterisk.reserving) == 1
    assert not [effect for effect in asterisk.rehearsal.effects if isinstance(effect, Originate)]


def test_the_agent_is_freed_with_a_word_in_the_language_of_the_service_and_not_of_the_customer() -> None:
    rehearsal, asterisk = agent_first("NOT_INUSE")
    ask_for(asterisk)
    (callback,) = callbacks(rehearsal)
    rehearsal.world.callbacks.put(replace(callback, language="sv"))
    asterisk.ticks()
    near = agent_answers(asterisk)
    (call,) = asterisk.ringing
    assert dict(asterisk.dialled[-1].variables)["CHANNEL(language)"] == "sv"
    asterisk.rings_in_vain(call, 17)
    assert asterisk.playing[near].prompts == ("agent-unanswered",)
    assert asterisk.playing[near].language == "fi"
