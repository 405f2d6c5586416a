"""When a callback is dialled: in the order of the queue, within the caps, and until closing time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from callcentre.features.callbacks.model import Phase
from callcentre.kernel.event import SettingsChanged
from callcentre.messaging.effects import SendText
from callcentre.telephony.events import AsteriskLost, Member
from tests.cast import AINO, ANNA, LIISA, MATTI, PEKKA
from tests.unit.features.callbacks.desk import (
    SALES,
    answering,
    ask_for,
    begin,
    callbacks,
    numbers_dialled,
    reasons,
    ring,
)
from tests.unit.features.callbacks.states import until
from tests.unit.rehearsal import NOON, settings


def test_with_nobody_on_duty_nobody_is_dialled() -> None:
    _, asterisk = begin("UNAVAILABLE")
    ask_for(asterisk)
    asterisk.ticks(3)
    assert asterisk.dialled == []
    asterisk.on_duty("INUSE")
    asterisk.ticks()
    assert numbers_dialled(asterisk) == [MATTI]


def test_the_customer_is_dialled_into_our_dialplan_and_it_is_reported() -> None:
    rehearsal, asterisk = begin("NOT_INUSE")
    name = ask_for(asterisk)
    asterisk.ticks()
    (originate,) = asterisk.dialled
    assert (originate.context, originate.caller_id, originate.ring) == ("callcentre-callback", "+358912345678", 30)
    assert dict(originate.variables) == {
        "CALLCENTRE_CALLBACK": name, "CALLCENTRE_SERVICE": "support", "CHANNEL(language)": "fi",
    }  # fmt: skip
    (dialled,) = [fact for fact in rehearsal.facts if fact.name == "callback.dialled"]
    assert (dialled.attempt, dialled.position, dialled.callback) == (1, 1, name)


def test_live_callers_and_callbacks_are_in_one_order_of_joining() -> None:
    rehearsal, asterisk = begin("INUSE")
    first = asterisk.calls_in(LIISA)
    ask_for(asterisk, MATTI)
    ask_for(asterisk, AINO)
    last = asterisk.calls_in(PEKKA)
    asterisk.ticks(3)
    assert asterisk.dialled == []
    assert [rehearsal.world.place(callback) for callback in callbacks(rehearsal)] == [2, 3]
    asterisk.answered(first)
    asterisk.perform()
    assert numbers_dialled(asterisk) == [MATTI]
    asterisk.ticks(3)
    assert numbers_dialled(asterisk) == [MATTI]
    matti = ring(asterisk)
    asterisk.picks_up(matti)
    asterisk.key(matti, "1")
    assert asterisk.queues["support"] == [matti, last]


@pytest.mark.parametrize(("at_position", "dialled"), [("1", []), ("2", [MATTI]), ("3", [MATTI])])
def test_customers_are_dialled_from_the_configured_place_on(at_position: str, dialled: list[str]) -> None:
    _, asterisk = begin("INUSE", dial={"at_position": at_position})
    asterisk.calls_in(LIISA)
    ask_for(asterisk, MATTI)
    asterisk.ticks(2)
    assert numbers_dialled(asterisk) == dialled


def test_the_exit_key_alone_makes_it_nobody_elses_turn() -> None:
    _, asterisk = begin("INUSE")
    waiting = asterisk.calls_in(PEKKA)
    ask_for(asterisk)
    asterisk.asks(waiting)
    asterisk.says_all(waiting)
    asterisk.ticks(2)
    assert asterisk.queues["support"] == [waiting]
    assert numbers_dialled(asterisk) == []


@pytest.mark.parametrize("end", ["back in the queue", "hangs up", "takes one", "let go by the time limit"])
def test_a_caller_who_listens_after_the_exit_key_keeps_the_place_before_those_who_joined_later(end: str) -> None:
    rehearsal, asterisk = begin("INUSE", offer={"min_wait": "1s"}, dial={"at_position": "1"})
    other = asterisk.calls_in(LIISA)
    rehearsal.later(1)
    waiting = asterisk.calls_in(PEKKA)
    ask_for(asterisk)
    asterisk.asks(waiting)
    asterisk.answered(other)
    asterisk.ticks(2)
    assert (numbers_dialled(asterisk), callbacks(rehearsal)[-1].phase) == ([], Phase.WAITING)
    match end:
        case "back in the queue":
            asterisk.key(waiting, "9")
            asterisk.answered(waiting)
        case "hangs up":
            asterisk.hangs_up(waiting)
        case "takes one":
            asterisk.key(waiting, "1")
        case _:
            asterisk._goes_on(waiting, {"CALLCENTRE_POSITION": "1"})
            asterisk.perform()
            asterisk.answered(waiting)
    asterisk.ticks(2)
    assert numbers_dialled(asterisk) == ([PEKKA] if end == "takes one" else [MATTI])


@pytest.mark.parametrize(
    ("agents", "at_once"), [(["INUSE"], 1), (["NOT_INUSE"], 2), (["NOT_INUSE", "NOT_INUSE", "INUSE"], 3)]
)
def test_no_more_are_in_flight_than_agents_are_or_will_be_free(agents: list[str], at_once: int) -> None:
    rehearsal, asterisk = begin(*agents, dial={"at_position": "9"})
    customers = [f"+35840111{number:04d}" for number in range(6)]
    for number in customers:
        ask_for(asterisk, number)
    asterisk.ticks(4)
    assert numbers_dialled(asterisk) == customers[:at_once]
    assert rehearsal.world.callbacks.in_flight("support") == at_once


def test_a_place_becomes_free_when_an_attempt_is_over() -> None:
    _, asterisk = begin("INUSE")
    for number in (MATTI, AINO):
        ask_for(asterisk, number)
    asterisk.ticks()
    asterisk.rings_in_vain(ring(asterisk), 17)
    asterisk.ticks()
    assert numbers_dialled(asterisk) == [MATTI, AINO]


def test_all_services_together_have_no_more_calls_of_ours_than_configured() -> None:
    sales = SALES | {"queue": "sales"}
    rehearsal, asterisk = begin("NOT_INUSE", services={"sales": sales}, changes={"dialling": {"in_flight": "1"}})
    asterisk.on_duty("NOT_INUSE", queue="sales")
    ask_for(asterisk, MATTI)
    ask_for(asterisk, AINO, service="sales")
    asterisk.ticks(3)
    assert numbers_dialled(asterisk) == [MATTI]
    assert rehearsal.world.callbacks.in_flight() == 1


def test_calls_for_two_queues_in_one_look_are_both_counted() -> None:
    rehearsal, asterisk = begin("NOT_INUSE", services={"sales": SALES | {"queue": "sales"}})
    asterisk.on_duty("NOT_INUSE", queue="sales")
    ask_for(asterisk, MATTI)
    ask_for(asterisk, AINO, service="sales")
    asterisk.ticks()
    assert len(asterisk.dialled) == 2
    assert rehearsal.world.outgoing.total("2026-06-03") == 2


def test_outside_opening_hours_nobody_is_dialled_and_the_order_is_carried_over() -> None:
    rehearsal, asterisk = begin("INUSE", "INUSE")
    rehearsal.later(7 * 3600)
    for number in (MATTI, AINO):
        ask_for(asterisk, number)
    asterisk.ticks(3)
    assert asterisk.dialled == []
    rehearsal.later((datetime(2026, 6, 4, 4, 59, 58, tzinfo=NOON.tzinfo) - rehearsal.at).total_seconds())
    asterisk.ticks()
    assert asterisk.dialled == []
    asterisk.ticks()
    assert numbers_dialled(asterisk) == [MATTI]


def test_while_asterisk_is_not_heard_nobody_is_dialled() -> None:
    rehearsal, asterisk = begin("NOT_INUSE")
    ask_for(asterisk)
    rehearsal.tell(AsteriskLost(at=rehearsal.at, reason="test"))
    asterisk.ticks(3)
    assert asterisk.dialled == []


# --- shared queues -----------------------------------------------------------------------------------


def test_callbacks_of_a_closed_service_hold_up_nobody_in_the_same_queue() -> None:
    closed = {"weekdays": {"mon": "08:00-16:00"}, "holidays": None, "exceptions": {}}
    rehearsal, asterisk = begin("INUSE", services={"sales": SALES | {"hours": closed}})
    ask_for(asterisk, MATTI, service="sales")
    ask_for(asterisk, AINO)
    asterisk.ticks(2)
    assert numbers_dialled(asterisk) == [AINO]
    assert callbacks(rehearsal)[0].phase is Phase.WAITING


def test_services_of_one_queue_are_dialled_in_one_order_whatever_their_places_to_begin_at() -> None:
    sales = SALES | {"callback": {"dial": {"at_position": "5"}}}
    _, asterisk = begin("NOT_INUSE", "NOT_INUSE", services={"sales": sales})
    live = asterisk.calls_in(LIISA)
    ask_for(asterisk, MATTI)
    ask_for(asterisk, AINO, service="sales")
    asterisk.ticks(2)
    assert asterisk.dialled == []
    asterisk.answered(live)
    asterisk.perform()
    assert numbers_dialled(asterisk) == [MATTI, AINO]


@pytest.mark.parametrize("queue", ["support", "sales"])
@pytest.mark.parametrize("order", ["customer_first", "agent_first"])
def test_a_person_with_callbacks_of_two_services_is_called_for_one_after_the_other(queue: str, order: str) -> None:
    sales = SALES | {"queue": queue, "callback": {"dial": {"order": order}}}
    _, asterisk = begin("NOT_INUSE", "NOT_INUSE", services={"sales": sales}, dial={"order": order})
    asterisk.on_duty("NOT_INUSE", "NOT_INUSE", queue=queue)
    ask_for(asterisk, MATTI)
    ask_for(asterisk, MATTI, service="sales")
    ask_for(asterisk, AINO, service="sales")
    asterisk.ticks(2)
    for far in tuple(asterisk.reserving.values()):
        asterisk.answered(far)
        asterisk.perform()
    assert numbers_dialled(asterisk) == [MATTI, AINO]
    first = next(call for call in asterisk.ringing if call.startswith(f"cb-request-support-{MATTI}"))
    asterisk.picks_up(first)
    asterisk.key(first, "1")
    if order == "customer_first":
        asterisk.answered(first)
    asterisk.ticks(2)
    assert numbers_dialled(asterisk) == [MATTI, AINO]
    asterisk.hangs_up(first)
    asterisk.on_duty("NOT_INUSE", "NOT_INUSE", queue=queue)
    asterisk.ticks(2)
    for far in tuple(asterisk.reserving.values()):
        asterisk.answered(far)
        asterisk.perform()
    assert numbers_dialled(asterisk) == [MATTI, AINO, MATTI]


def test_callbacks_of_a_service_that_is_no_more_hold_up_nobody() -> None:
    rehearsal, asterisk = begin("INUSE", services={"sales": SALES})
    ask_for(asterisk, MATTI, service="sales")
    ask_for(asterisk, AINO)
    after = rehearsal.restarted({"services": {"support": {"welcome": None, "callback": {}}}})
    asterisk.restarts_us(after)
    asterisk.ticks(2)
    assert numbers_dialled(asterisk) == [AINO]


# --- caps --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stopped", [False, True])
def test_callbacks_go_with_their_service_to_another_queue(stopped: bool) -> None:
    rehearsal, asterisk = begin()
    for number in (MATTI, AINO):
        ask_for(asterisk, number)
    asterisk.ticks()
    moved: dict[str, Any] = {
        "services": {"support": {"welcome": None, "callback": {}, "notify": None, "queue": "helpdesk"}}
    }
    asterisk.members["helpdesk"] = (Member(ANNA, paused=False, state="NOT_INUSE"),)
    if stopped:
        rehearsal = rehearsal.restarted(moved)
        asterisk.restarts_us(rehearsal)
    else:
        rehearsal.tell(SettingsChanged(at=rehearsal.at, settings=settings(moved)))
    asterisk.on_duty("NOT_INUSE", queue="helpdesk")
    asterisk.ticks()
    assert numbers_dialled(asterisk) == [MATTI, AINO]
    call = next(iter(asterisk.ringing))
    asterisk.picks_up(call)
    asterisk.key(call, "1")
    assert asterisk.queues["helpdesk"] == [call]


def test_past_the_daily_cap_an_alarm_is_raised_once_and_nobody_is_dialled_until_midnight() -> None:
    rehearsal, asterisk = begin("NOT_INUSE", changes={"dialling": {"per_day": "1"}})
    for number in (MATTI, AINO):
        ask_for(asterisk, number)
    asterisk.ticks(5)
    assert numbers_dialled(asterisk) == [MATTI]
    assert rehearsal.names().count("alarm.raised") == 1
    assert [callback.phase for callback in callbacks(rehearsal)] == [Phase.DIALLING, Phase.WAITING]
    rehearsal.later((datetime(2026, 6, 4, 5, 0, tzinfo=NOON.tzinfo) - rehearsal.at).total_seconds())
    asterisk.ticks()
    assert rehearsal.names().count("alarm.cleared") == 1
    assert len(asterisk.dialled) == 2


def test_past_the_cap_of_a_number_it_waits_for_the_next_day_and_holds_up_nobody() -> None:
    rehearsal, asterisk = begin("INUSE", changes={"dialling": {"per_number_per_day": "1"}})
    ask_for(asterisk, MATTI)
    asterisk.ticks()
    asterisk.rings_in_vain(ring(asterisk), 17)
    rehearsal.later(180)
    ask_for(asterisk, AINO)
    asterisk.ticks(2)
    assert numbers_dialled(asterisk) == [MATTI, AINO]
    assert reasons(rehearsal, "postponed") == ["busy", "per_number"]
    matti, _ = callbacks(rehearsal)
    assert until(matti) == datetime(2026, 6, 3, 21, 0, tzinfo=NOON.tzinfo)


def test_a_number_that_may_not_be_dialled_any_more_fails() -> None:
    rehearsal, asterisk = begin("INUSE")
    ask_for(asterisk)
    after = rehearsal.restarted(
        {"numbers": {"blocked": [MATTI]}, "services": {"support": {"welcome": None, "callback": {}}}}
    )
    asterisk.restarts_us(after)
    asterisk.on_duty("INUSE")
    asterisk.ticks()
    assert asterisk.dialled == []
    assert reasons(after, "failed") == ["blocked"]


# --- closing time ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("at_closing", "kept"), [("carry_over", 2), ("expire", 0)])
def test_at_closing_time_callbacks_are_kept_or_closed_with_a_text(at_closing: str, kept: int) -> None:
    rehearsal, asterisk = begin("UNAVAILABLE", at_closing=at_closing, give_up_text="Suljimme.", confirm_by_sms=None)
    for number in (MATTI, AINO):
        ask_for(asterisk, number)
    asterisk.ticks()
    assert len(callbacks(rehearsal)) == 2
    rehearsal.later(7 * 3600)
    asterisk.ticks()
    assert len(callbacks(rehearsal)) == kept
    assert len(reasons(rehearsal, "expired")) == 2 - kept
    rehearsal.later(1)
    assert [text.body for text in rehearsal.take(SendText)] == ["Suljimme."] * (2 - kept)


@pytest.mark.parametrize(("at_closing", "hours", "kept"), [("carry_over", 24, 1), ("expire", 24, 0), ("expire", 1, 1)])
def test_a_closing_that_nobody_saw_closes_them_all_the_same(at_closing: str, hours: int, kept: int) -> None:
    rehearsal, asterisk = begin("UNAVAILABLE", at_closing=at_closing)
    ask_for(asterisk)
    rehearsal.at += timedelta(hours=hours)
    asterisk.restarts_us(rehearsal)
    assert len(callbacks(rehearsal)) == kept
    assert reasons(rehearsal, "expired") == ["closed"] * (1 - kept)


def test_a_caller_who_is_on_the_line_at_closing_time_is_served_still() -> None:
    rehearsal, asterisk, call = answering(at_closing="expire")
    asterisk.key(call, "1")
    rehearsal.later(7 * 3600)
    asterisk.ticks()
    assert callbacks(rehearsal)[0].phase is Phase.ACCEPTED
    asterisk.answered(call)
    asterisk.hangs_up(call)
    assert "callback.completed" in rehearsal.names()
