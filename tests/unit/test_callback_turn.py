"""When a callback is dialled, what the customer answers, and what follows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from callcentre.features.callbacks.events import CallbackRequested, CallbackWithdrawn
from callcentre.features.callbacks.model import Callback, Phase
from callcentre.kernel.event import SettingsChanged, Tick
from callcentre.messaging.effects import SendText
from callcentre.telephony.events import AsteriskLost, KeyPressed, Member
from tests.unit.features.callbacks.states import until, why
from tests.unit.rehearsal import NOON, Rehearsal, settings
from tests.unit.telephone import MATTI, Asterisk

MAIJA, PEKKA, LIISA = "+358402223333", "+358403334444", "+358404445555"
SALES = {"queue": "support", "numbers": ["+358912345679"], "name": {"fi": "Myynti"}, "language": "fi", "callback": {}}


def begin(
    *agents: str, changes: dict[str, Any] | None = None, services: dict[str, Any] | None = None, **callback: Any
) -> tuple[Rehearsal, Asterisk]:
    """A desk with agents in these device states."""
    support = {"welcome": None, "callback": callback, "notify": None}
    house = Rehearsal({"services": {"support": support} | (services or {})} | (changes or {}))
    asterisk = Asterisk(house)
    asterisk.connect()
    asterisk.on_duty(*agents)
    return house, asterisk


def wish(
    asterisk: Asterisk, number: str = MATTI, *, service: str = "support", name: str = "", request: str | None = None
) -> str:
    """Staff take a callback down; its id."""
    house = asterisk.house
    house.later(1)
    request = request or f"wish-{service}-{number}"
    house.tell(
        CallbackRequested(at=house.at, request=request, service=service, number=number, caller_name=name, by="staff")
    )
    return f"cb-{request}"


def callbacks(house: Rehearsal) -> list[Callback]:
    return sorted(house.world.callbacks.open.values(), key=lambda callback: callback.order)


def numbers_dialled(asterisk: Asterisk) -> list[str]:
    return [originate.endpoint.removeprefix("PJSIP/").removesuffix("@trunk") for originate in asterisk.dialled]


def reasons(house: Rehearsal, name: str) -> list[str | None]:
    return [fact.reason for fact in house.facts if fact.name == f"callback.{name}"]


def ring(asterisk: Asterisk) -> str:
    """The one phone that rings."""
    (call,) = asterisk.ringing
    return call


# --- whose turn ------------------------------------------------------------------------------------


def test_with_nobody_on_duty_nobody_is_dialled() -> None:
    _, asterisk = begin("UNAVAILABLE")
    wish(asterisk)
    asterisk.beats(3)
    assert asterisk.dialled == []
    asterisk.on_duty("INUSE")
    asterisk.beats()
    assert numbers_dialled(asterisk) == [MATTI]


def test_the_customer_is_dialled_into_our_dialplan_and_told_so() -> None:
    house, asterisk = begin("NOT_INUSE")
    name = wish(asterisk)
    asterisk.beats()
    (originate,) = asterisk.dialled
    assert (originate.context, originate.caller_id, originate.ring) == ("callcentre-callback", "+358912345678", 30)
    assert dict(originate.variables) == {
        "CALLCENTRE_CALLBACK": name, "CALLCENTRE_SERVICE": "support", "CHANNEL(language)": "fi",
    }  # fmt: skip
    (dialled,) = [fact for fact in house.facts if fact.name == "callback.dialled"]
    assert (dialled.attempt, dialled.position, dialled.callback) == (1, 1, name)


def test_live_callers_and_callbacks_stand_in_one_order_of_joining() -> None:
    house, asterisk = begin("INUSE")
    first = asterisk.calls_in(PEKKA)
    wish(asterisk, MATTI)
    wish(asterisk, MAIJA)
    last = asterisk.calls_in(LIISA)
    asterisk.beats(3)
    assert asterisk.dialled == []
    assert [house.world.place(callback) for callback in callbacks(house)] == [2, 3]
    asterisk.answered(first)
    asterisk.perform()
    assert numbers_dialled(asterisk) == [MATTI]
    asterisk.beats(3)
    assert numbers_dialled(asterisk) == [MATTI]
    matti = ring(asterisk)
    asterisk.picks_up(matti)
    asterisk.key(matti, "1")
    assert asterisk.queues["support"] == [matti, last]


@pytest.mark.parametrize(("at_position", "dialled"), [("1", []), ("2", [MATTI]), ("3", [MATTI])])
def test_they_are_dialled_from_the_configured_place_on(at_position: str, dialled: list[str]) -> None:
    _, asterisk = begin("INUSE", dial={"at_position": at_position})
    asterisk.calls_in(PEKKA)
    wish(asterisk, MATTI)
    asterisk.beats(2)
    assert numbers_dialled(asterisk) == dialled


def test_the_exit_key_alone_makes_it_nobody_elses_turn() -> None:
    _, asterisk = begin("INUSE")
    waiting = asterisk.calls_in(LIISA)
    wish(asterisk)
    asterisk.asks(waiting)
    asterisk.says_all(waiting)
    asterisk.beats(2)
    assert asterisk.queues["support"] == [waiting]
    assert numbers_dialled(asterisk) == []


@pytest.mark.parametrize("end", ["back in the queue", "hangs up", "takes one", "let go by the time limit"])
def test_who_listens_after_the_exit_key_keeps_the_place_before_those_who_joined_later(end: str) -> None:
    house, asterisk = begin("INUSE", offer={"min_wait": "1s"}, dial={"at_position": "1"})
    other = asterisk.calls_in(PEKKA)
    house.later(1)
    waiting = asterisk.calls_in(LIISA)
    wish(asterisk)
    asterisk.asks(waiting)
    asterisk.answered(other)
    asterisk.beats(2)
    assert (numbers_dialled(asterisk), callbacks(house)[-1].phase) == ([], Phase.WAITING)
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
    asterisk.beats(2)
    assert numbers_dialled(asterisk) == ([LIISA] if end == "takes one" else [MATTI])


@pytest.mark.parametrize(
    ("agents", "at_once"), [(["INUSE"], 1), (["NOT_INUSE"], 2), (["NOT_INUSE", "NOT_INUSE", "INUSE"], 3)]
)
def test_no_more_are_in_flight_than_agents_are_or_will_be_free(agents: list[str], at_once: int) -> None:
    house, asterisk = begin(*agents, dial={"at_position": "9"})
    customers = [f"+35840111{number:04d}" for number in range(6)]
    for number in customers:
        wish(asterisk, number)
    asterisk.beats(4)
    assert numbers_dialled(asterisk) == customers[:at_once]
    assert house.world.callbacks.in_flight("support") == at_once


def test_a_place_becomes_free_when_an_attempt_is_over() -> None:
    _, asterisk = begin("INUSE")
    for number in (MATTI, MAIJA):
        wish(asterisk, number)
    asterisk.beats()
    asterisk.rings_in_vain(ring(asterisk), 17)
    asterisk.beats()
    assert numbers_dialled(asterisk) == [MATTI, MAIJA]


def test_all_services_together_have_no_more_calls_of_ours_than_configured() -> None:
    sales = SALES | {"queue": "sales"}
    house, asterisk = begin("NOT_INUSE", services={"sales": sales}, changes={"dialling": {"in_flight": "1"}})
    asterisk.on_duty("NOT_INUSE", queue="sales")
    wish(asterisk, MATTI)
    wish(asterisk, MAIJA, service="sales")
    asterisk.beats(3)
    assert numbers_dialled(asterisk) == [MATTI]
    assert house.world.callbacks.in_flight() == 1


def test_calls_for_two_queues_in_one_look_are_both_counted() -> None:
    house, asterisk = begin("NOT_INUSE", services={"sales": SALES | {"queue": "sales"}})
    asterisk.on_duty("NOT_INUSE", queue="sales")
    wish(asterisk, MATTI)
    wish(asterisk, MAIJA, service="sales")
    asterisk.beats()
    assert len(asterisk.dialled) == 2
    assert house.world.outgoing.dialled is not None
    assert house.world.outgoing.dialled.total == 2


def test_outside_opening_hours_nobody_is_dialled_and_the_order_is_carried_over() -> None:
    house, asterisk = begin("INUSE", "INUSE")
    house.later(7 * 3600)
    for number in (MATTI, MAIJA):
        wish(asterisk, number)
    asterisk.beats(3)
    assert asterisk.dialled == []
    house.later((datetime(2026, 6, 4, 4, 59, 58, tzinfo=NOON.tzinfo) - house.at).total_seconds())
    asterisk.beats()
    assert asterisk.dialled == []
    asterisk.beats()
    assert numbers_dialled(asterisk) == [MATTI]


def test_while_asterisk_is_not_heard_nobody_is_dialled() -> None:
    house, asterisk = begin("NOT_INUSE")
    wish(asterisk)
    house.tell(AsteriskLost(at=house.at, reason="test"))
    asterisk.beats(3)
    assert asterisk.dialled == []


# --- shared queues ---------------------------------------------------------------------------------


def test_callbacks_of_a_closed_service_hold_up_nobody_in_the_same_queue() -> None:
    closed = {"weekdays": {"mon": "08:00-16:00"}, "holidays": None, "exceptions": {}}
    house, asterisk = begin("INUSE", services={"sales": SALES | {"hours": closed}})
    wish(asterisk, MATTI, service="sales")
    wish(asterisk, MAIJA)
    asterisk.beats(2)
    assert numbers_dialled(asterisk) == [MAIJA]
    assert callbacks(house)[0].phase is Phase.WAITING


def test_services_of_one_queue_are_dialled_in_one_order_whatever_their_places_to_begin_at() -> None:
    sales = SALES | {"callback": {"dial": {"at_position": "5"}}}
    _, asterisk = begin("NOT_INUSE", "NOT_INUSE", services={"sales": sales})
    live = asterisk.calls_in(PEKKA)
    wish(asterisk, MATTI)
    wish(asterisk, MAIJA, service="sales")
    asterisk.beats(2)
    assert asterisk.dialled == []
    asterisk.answered(live)
    asterisk.perform()
    assert numbers_dialled(asterisk) == [MATTI, MAIJA]


@pytest.mark.parametrize("queue", ["support", "sales"])
@pytest.mark.parametrize("order", ["customer_first", "agent_first"])
def test_a_person_with_callbacks_of_two_services_is_called_for_one_after_the_other(queue: str, order: str) -> None:
    sales = SALES | {"queue": queue, "callback": {"dial": {"order": order}}}
    _, asterisk = begin("NOT_INUSE", "NOT_INUSE", services={"sales": sales}, dial={"order": order})
    asterisk.on_duty("NOT_INUSE", "NOT_INUSE", queue=queue)
    wish(asterisk, MATTI)
    wish(asterisk, MATTI, service="sales")
    wish(asterisk, MAIJA, service="sales")
    asterisk.beats(2)
    for far in tuple(asterisk.reserving.values()):
        asterisk.answered(far)
        asterisk.perform()
    assert numbers_dialled(asterisk) == [MATTI, MAIJA]
    first = next(call for call in asterisk.ringing if call.startswith(f"cb-wish-support-{MATTI}"))
    asterisk.picks_up(first)
    asterisk.key(first, "1")
    if order == "customer_first":
        asterisk.answered(first)
    asterisk.beats(2)
    assert numbers_dialled(asterisk) == [MATTI, MAIJA]
    asterisk.hangs_up(first)
    asterisk.on_duty("NOT_INUSE", "NOT_INUSE", queue=queue)
    asterisk.beats(2)
    for far in tuple(asterisk.reserving.values()):
        asterisk.answered(far)
        asterisk.perform()
    assert numbers_dialled(asterisk) == [MATTI, MAIJA, MATTI]


def test_callbacks_of_a_service_that_is_no_more_hold_up_nobody() -> None:
    house, asterisk = begin("INUSE", services={"sales": SALES})
    wish(asterisk, MATTI, service="sales")
    wish(asterisk, MAIJA)
    after = house.restarted({"services": {"support": {"welcome": None, "callback": {}}}})
    asterisk.restarts_us(after)
    asterisk.beats(2)
    assert numbers_dialled(asterisk) == [MAIJA]


# --- caps ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stopped", [False, True])
def test_callbacks_go_with_their_service_to_another_queue(stopped: bool) -> None:
    house, asterisk = begin()
    for number in (MATTI, MAIJA):
        wish(asterisk, number)
    asterisk.beats()
    moved = {"services": {"support": {"welcome": None, "callback": {}, "notify": None, "queue": "helpdesk"}}}
    asterisk.members["helpdesk"] = (Member("PJSIP/agent1", paused=False, state="NOT_INUSE"),)
    if stopped:
        house = house.restarted(moved)
        asterisk.restarts_us(house)
    else:
        house.tell(SettingsChanged(at=house.at, settings=settings(moved)))
    asterisk.on_duty("NOT_INUSE", queue="helpdesk")
    asterisk.beats()
    assert numbers_dialled(asterisk) == [MATTI, MAIJA]
    call = next(iter(asterisk.ringing))
    asterisk.picks_up(call)
    asterisk.key(call, "1")
    assert asterisk.queues["helpdesk"] == [call]


def test_past_the_daily_cap_an_alarm_is_raised_once_and_nobody_is_dialled_until_midnight() -> None:
    house, asterisk = begin("NOT_INUSE", changes={"dialling": {"per_day": "1"}})
    for number in (MATTI, MAIJA):
        wish(asterisk, number)
    asterisk.beats(5)
    assert numbers_dialled(asterisk) == [MATTI]
    assert house.names().count("alarm.raised") == 1
    assert [callback.phase for callback in callbacks(house)] == [Phase.DIALLING, Phase.WAITING]
    house.later((datetime(2026, 6, 4, 5, 0, tzinfo=NOON.tzinfo) - house.at).total_seconds())
    asterisk.beats()
    assert house.names().count("alarm.cleared") == 1
    assert len(asterisk.dialled) == 2


def test_past_the_cap_of_a_number_it_waits_for_the_next_day_and_holds_up_nobody() -> None:
    house, asterisk = begin("INUSE", changes={"dialling": {"per_number_per_day": "1"}})
    wish(asterisk, MATTI)
    asterisk.beats()
    asterisk.rings_in_vain(ring(asterisk), 17)
    house.later(180)
    wish(asterisk, MAIJA)
    asterisk.beats(2)
    assert numbers_dialled(asterisk) == [MATTI, MAIJA]
    assert reasons(house, "postponed") == ["busy", "per_number"]
    matti, _ = callbacks(house)
    assert until(matti) == datetime(2026, 6, 3, 21, 0, tzinfo=NOON.tzinfo)


def test_a_number_that_may_not_be_dialled_any_more_fails() -> None:
    house, asterisk = begin("INUSE")
    wish(asterisk)
    after = house.restarted(
        {"numbers": {"blocked": [MATTI]}, "services": {"support": {"welcome": None, "callback": {}}}}
    )
    asterisk.restarts_us(after)
    asterisk.on_duty("INUSE")
    asterisk.beats()
    assert asterisk.dialled == []
    assert reasons(after, "failed") == ["blocked"]


# --- in vain ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cause", "reason", "minutes"), [(17, "busy", 3), (16, "no_answer", 10), (19, "no_answer", 10), (38, "failed", 5)]
)
def test_an_attempt_in_vain_is_made_again_after_the_pause_of_its_cause(cause: int, reason: str, minutes: int) -> None:
    house, asterisk = begin("INUSE")
    wish(asterisk)
    asterisk.beats()
    asterisk.rings_in_vain(ring(asterisk), cause)
    assert reasons(house, "postponed") == [reason]
    assert (why(callbacks(house)[0]), callbacks(house)[0].call) == (reason, None)
    house.later(minutes * 60 - 2)
    asterisk.beats()
    assert len(asterisk.dialled) == 1
    asterisk.beats(2)
    assert len(asterisk.dialled) == 2
    assert callbacks(house)[0].attempts == 2


@pytest.mark.parametrize("cause", [1, 21, 28])
def test_an_impossible_or_rejected_number_fails_at_once_with_the_text(cause: int) -> None:
    house, asterisk = begin("INUSE", give_up_text="Emme tavoittaneet sinua, {{ name }}.")
    callback = wish(asterisk, name="Matti")
    house.take(SendText)
    asterisk.beats()
    asterisk.rings_in_vain(ring(asterisk), cause)
    assert reasons(house, "failed") == ["impossible"]
    assert [fact.callback for fact in house.facts if fact.name == "sms.queued"][-1] == callback
    assert [text.body for text in house.take(SendText)] == ["Emme tavoittaneet sinua, Matti."]
    assert callbacks(house) == []


def test_after_the_last_attempt_it_fails_with_the_text() -> None:
    house, asterisk = begin("INUSE", dial={"attempts": "2"}, give_up_text="Emme tavoittaneet sinua.")
    wish(asterisk)
    house.take(SendText)
    for _ in range(2):
        house.later(600)
        asterisk.beats()
        asterisk.rings_in_vain(ring(asterisk), 16)
    assert reasons(house, "postponed") == ["no_answer"]
    assert reasons(house, "failed") == ["no_answer"]
    assert [text.body for text in house.take(SendText)] == ["Emme tavoittaneet sinua."]
    house.later(3600)
    asterisk.beats(2)
    assert len(asterisk.dialled) == 2
    assert house.timers == {key: due for key, due in house.timers.items() if "callback" not in key}


def test_an_attempt_of_which_nothing_is_heard_is_over_at_last() -> None:
    house, asterisk = begin("INUSE")
    wish(asterisk)
    asterisk.beats()
    call = ring(asterisk)
    house.later(59)
    assert callbacks(house)[0].phase is Phase.DIALLING
    house.later(2)
    asterisk.perform()
    assert reasons(house, "postponed") == ["no_answer"]
    assert call not in asterisk.channels


def test_a_retry_stands_before_nobody_and_keeps_its_joining_time() -> None:
    house, asterisk = begin("INUSE")
    wish(asterisk, MATTI)
    joined = callbacks(house)[0].joined_at
    wish(asterisk, MAIJA)
    asterisk.beats()
    asterisk.rings_in_vain(ring(asterisk), 17)
    assert house.world.place(callbacks(house)[1]) == 1
    house.later(180)
    assert callbacks(house)[0].joined_at == joined
    assert house.world.place(callbacks(house)[1]) == 2


# --- what the customer answers ---------------------------------------------------------------------


def answering(**callback: Any) -> tuple[Rehearsal, Asterisk, str]:
    house, asterisk = begin("INUSE", **callback)
    wish(asterisk, name="Matti Meikäläinen")
    asterisk.beats()
    call = ring(asterisk)
    asterisk.picks_up(call)
    return house, asterisk, call


def test_the_customer_hears_who_calls_and_why() -> None:
    house, asterisk, call = answering()
    assert asterisk.heard[call] == ["call-intro", "call-accept"]
    assert callbacks(house)[0].phase is Phase.ASKING


def test_one_leads_into_the_queue_as_the_customer_and_on_to_the_end() -> None:
    house, asterisk, call = answering()
    asterisk.key(call, "1")
    assert asterisk.queues["support"] == [call]
    assert (asterisk.channels[call].number, asterisk.channels[call].caller_name) == (MATTI, "Matti Meikäläinen")
    assert callbacks(house)[0].phase is Phase.ACCEPTED
    assert house.world.calls.calls[call].joined_at == callbacks(house)[0].joined_at
    house.later(12)
    asterisk.answered(call, "PJSIP/agent1", name="Anna")
    assert callbacks(house)[0].phase is Phase.CONNECTED
    house.later(60)
    asterisk.hangs_up(call)
    assert callbacks(house) == []
    steps = [fact for fact in house.facts if fact.name.startswith("callback.")]
    assert [fact.name.removeprefix("callback.") for fact in steps] == [
        "accepted", "dialled", "confirmed", "queued", "connected", "completed",
    ]  # fmt: skip
    assert (steps[4].agent, steps[4].agent_name, steps[4].wait) == ("PJSIP/agent1", "Anna", 12.0)


def test_two_cancels() -> None:
    house, asterisk, call = answering()
    asterisk.key(call, "2")
    assert asterisk.heard[call][-1] == "call-cancelled"
    assert callbacks(house) == []
    asterisk.says_all(call)
    assert call not in asterisk.channels
    assert [fact.by for fact in house.facts if fact.name == "callback.cancelled"] == ["customer"]


def test_three_postpones_by_a_quarter_of_an_hour_and_costs_no_attempt() -> None:
    house, asterisk, call = answering()
    asterisk.key(call, "3")
    assert asterisk.heard[call][-1] == "call-postponed"
    asterisk.says_all(call)
    assert call not in asterisk.channels
    (later,) = callbacks(house)
    assert (later.attempts, why(later), until(later)) == (0, "customer", house.at + timedelta(minutes=15))
    house.later(15 * 60)
    asterisk.beats()
    assert len(asterisk.dialled) == 2


@pytest.mark.parametrize("way", ["silence", "another key", "hangs up"])
def test_without_one_of_the_keys_nobody_answered(way: str) -> None:
    house, asterisk, call = answering()
    match way:
        case "silence":
            asterisk.says_all(call)
            asterisk.silence(call, 9.9)
            assert callbacks(house)[0].phase is Phase.ASKING
            asterisk.silence(call, 0.2)
        case "another key":
            asterisk.key(call, "7")
        case _:
            asterisk.hangs_up(call)
    assert reasons(house, "postponed") == ["no_answer"]
    assert call not in asterisk.channels
    assert callbacks(house)[0].attempts == 1


def test_where_no_key_is_asked_for_the_customer_hears_who_calls_and_has_accepted() -> None:
    house, asterisk, call = answering(dial={"press_to_accept": False})
    assert asterisk.heard[call] == ["call-intro"]
    assert "callback.confirmed" not in house.names()
    asterisk.says_all(call)
    assert asterisk.queues["support"] == [call]
    assert "callback.confirmed" in house.names()


def test_who_accepts_enters_behind_the_live_callers_who_joined_earlier() -> None:
    house, asterisk = begin("INUSE", dial={"at_position": "2"})
    first = asterisk.calls_in(PEKKA)
    wish(asterisk)
    later = asterisk.calls_in(LIISA)
    asterisk.beats()
    call = ring(asterisk)
    asterisk.picks_up(call)
    asterisk.key(call, "1")
    assert asterisk.queues["support"] == [first, call, later]
    assert list(house.world.calls.waiting("support")) == [first, call, later]


def test_who_accepts_and_hangs_up_while_waiting_has_cancelled() -> None:
    house, asterisk, call = answering()
    asterisk.key(call, "1")
    asterisk.hangs_up(call)
    assert callbacks(house) == []
    assert [fact.by for fact in house.facts if fact.name == "callback.cancelled"] == ["customer"]


def test_who_accepts_and_hangs_up_after_the_exit_key_has_cancelled_too() -> None:
    house, asterisk, call = answering()
    asterisk.key(call, "1")
    asterisk.asks(call)
    asterisk.hangs_up(call)
    assert callbacks(house) == []
    assert [fact.by for fact in house.facts if fact.name == "callback.cancelled"] == ["customer"]
    assert reasons(house, "postponed") == []


@pytest.mark.parametrize("status", ["TIMEOUT", "LEAVEEMPTY", "LEAVEUNAVAIL"])
def test_any_other_end_without_an_agent_opens_the_callback_again(status: str) -> None:
    house, asterisk, call = answering()
    asterisk.key(call, "1")
    asterisk.gives_up(call, status)
    assert reasons(house, "postponed") == ["failed"]
    asterisk.destroyed(call)
    assert [callback.phase for callback in callbacks(house)] == [Phase.WAITING]


def test_an_accepted_call_that_never_came_into_the_queue_opens_the_callback_again() -> None:
    house, asterisk, call = answering()
    house.effects.clear()
    house.tell(KeyPressed(at=house.at, call=call, key="1"))
    house.effects.clear()
    asterisk.destroyed(call)
    assert reasons(house, "postponed") == ["failed"]


# --- who calls again -------------------------------------------------------------------------------


@pytest.mark.parametrize(("minutes", "dialled"), [(5, 1), (20, 2)])
def test_who_wants_it_later_and_calls_in_between_is_not_dialled_earlier_than_agreed(minutes: int, dialled: int) -> None:
    house, asterisk, call = answering()
    asterisk.key(call, "3")
    asterisk.says_all(call)
    house.later(60)
    again = asterisk.enters()
    asterisk.key(again, "1")
    house.later(minutes * 60)
    asterisk.hangs_up(again)
    asterisk.beats(2)
    assert len(asterisk.dialled) == dialled
    asterisk.passes(max(0, 15 - minutes) * 60)
    asterisk.beats(2)
    assert len(asterisk.dialled) == 2


@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize("way", ["entry", "queue"])
def test_who_calls_while_we_dial_them_is_not_dialled_any_more(answered: bool, way: str) -> None:
    house, asterisk = begin("INUSE")
    wish(asterisk)
    asterisk.beats()
    ours = ring(asterisk)
    if answered:
        asterisk.picks_up(ours)
    began = house.at
    theirs = asterisk.enters() if way == "entry" else asterisk.calls_in()
    asterisk.perform()
    assert ours not in asterisk.channels
    assert (callbacks(house)[0].phase, callbacks(house)[0].call) == (Phase.RETURNED, theirs)
    asterisk.beats(5)
    assert len(asterisk.dialled) == 1
    asterisk.hangs_up(theirs)
    asterisk.beats(5)
    assert len(asterisk.dialled) == 1
    (kept,) = callbacks(house)
    assert (kept.attempts, why(kept), until(kept)) == (0, "caller_returned", began + timedelta(minutes=10))
    assert reasons(house, "postponed") == ["caller_returned"]
    asterisk.passes(600)
    asterisk.beats()
    assert len(asterisk.dialled) == 2
    assert callbacks(house)[0].attempts == 1


@pytest.mark.parametrize("way", ["entry", "queue"])
def test_six_calls_with_the_number_of_a_callback_move_nothing_forward(way: str) -> None:
    house, asterisk = begin("INUSE")
    wish(asterisk)
    asterisk.beats()
    ours = ring(asterisk)
    asterisk.picks_up(ours)
    asterisk.hangs_up(ours)
    (before,) = callbacks(house)
    assert (before.attempts, why(before)) == (1, "no_answer")
    for _ in range(6):
        asterisk.hangs_up(asterisk.enters() if way == "entry" else asterisk.calls_in())
        asterisk.beats(2)
        assert callbacks(house) == [before]
    assert len(asterisk.dialled) == 1


def test_calls_with_the_number_during_every_ring_use_up_no_attempt_and_ring_no_more_than_per_number_per_day() -> None:
    house, asterisk = begin("INUSE", changes={"dialling": {"per_number_per_day": "4"}})
    wish(asterisk)
    for _ in range(6):
        asterisk.beats()
        if asterisk.ringing:
            asterisk.hangs_up(asterisk.enters())
        asterisk.passes(600)
    assert len(asterisk.dialled) == 4
    (kept,) = callbacks(house)
    assert (kept.attempts, why(kept)) == (0, "per_number")


def test_who_calls_again_is_not_dialled_while_on_the_line() -> None:
    house, asterisk = begin("INUSE")
    asterisk.calls_in(PEKKA)
    wish(asterisk)
    again = asterisk.enters()
    asterisk.key(again, "1")
    asterisk.hangs_up(asterisk.queues["support"][0])
    asterisk.beats(3)
    assert asterisk.dialled == []
    asterisk.answered(again)
    assert callbacks(house) == []


# --- closing time ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("at_closing", "kept"), [("carry_over", 2), ("expire", 0)])
def test_at_closing_time_callbacks_are_kept_or_closed_with_a_text(at_closing: str, kept: int) -> None:
    house, asterisk = begin("UNAVAILABLE", at_closing=at_closing, give_up_text="Suljimme.", confirm_by_sms=None)
    for number in (MATTI, MAIJA):
        wish(asterisk, number)
    asterisk.beats()
    assert len(callbacks(house)) == 2
    house.later(7 * 3600)
    asterisk.beats()
    assert len(callbacks(house)) == kept
    assert len(reasons(house, "expired")) == 2 - kept
    house.later(1)
    assert [text.body for text in house.take(SendText)] == ["Suljimme."] * (2 - kept)


@pytest.mark.parametrize(("at_closing", "hours", "kept"), [("carry_over", 24, 1), ("expire", 24, 0), ("expire", 1, 1)])
def test_a_closing_that_nobody_saw_closes_them_all_the_same(at_closing: str, hours: int, kept: int) -> None:
    house, asterisk = begin("UNAVAILABLE", at_closing=at_closing)
    wish(asterisk)
    house.at += timedelta(hours=hours)
    asterisk.restarts_us(house)
    assert len(callbacks(house)) == kept
    assert reasons(house, "expired") == ["closed"] * (1 - kept)


def test_who_is_on_the_line_at_closing_time_is_served_still() -> None:
    house, asterisk, call = answering(at_closing="expire")
    asterisk.key(call, "1")
    house.later(7 * 3600)
    asterisk.beats()
    assert callbacks(house)[0].phase is Phase.ACCEPTED
    asterisk.answered(call)
    asterisk.hangs_up(call)
    assert "callback.completed" in house.names()


# --- after a crash ---------------------------------------------------------------------------------


def in_phase(phase: Phase) -> tuple[Rehearsal, Asterisk, str]:
    """A callback in this phase, and the channel it is about."""
    house, asterisk = begin("INUSE")
    wish(asterisk)
    if phase is Phase.RETURNED:
        again = asterisk.enters()
        asterisk.key(again, "1")
        return house, asterisk, again
    asterisk.beats()
    call = ring(asterisk)
    if phase is not Phase.DIALLING:
        asterisk.picks_up(call)
    if phase in (Phase.ACCEPTED, Phase.CONNECTED):
        asterisk.key(call, "1")
    if phase is Phase.CONNECTED:
        asterisk.answered(call)
    assert callbacks(house)[0].phase is phase
    return house, asterisk, call


ENDS = {"callback.completed", "callback.cancelled", "callback.failed", "callback.expired"}
ON_A_CALL = [Phase.DIALLING, Phase.ASKING, Phase.ACCEPTED, Phase.CONNECTED, Phase.RETURNED]


@pytest.mark.parametrize("phase", ON_A_CALL)
def test_a_call_that_lives_after_a_restart_is_adopted(phase: Phase) -> None:
    house, asterisk, call = in_phase(phase)
    after = house.restarted()
    asterisk.restarts_us(after)
    asterisk.on_duty("INUSE")
    asterisk.beats(3)
    assert (callbacks(after)[0].phase, callbacks(after)[0].call) == (phase, call)
    assert len(asterisk.dialled) == (phase is not Phase.RETURNED)
    if phase is Phase.DIALLING:
        asterisk.picks_up(call)
    if phase in (Phase.DIALLING, Phase.ASKING):
        asterisk.key(call, "1")
    if phase is not Phase.CONNECTED:
        asterisk.answered(call)
    asterisk.hangs_up(call)
    end = "callback.cancelled" if phase is Phase.RETURNED else "callback.completed"
    assert [name for name in after.names() if name in ENDS] == [end]
    assert callbacks(after) == []


@pytest.mark.parametrize(
    ("phase", "told", "reason", "kept"),
    [
        (Phase.DIALLING, "postponed", "no_answer", True),
        (Phase.ASKING, "postponed", "no_answer", True),
        (Phase.ACCEPTED, "postponed", "failed", True),
        (Phase.CONNECTED, "completed", "unknown", False),
        (Phase.RETURNED, None, None, True),
    ],
)
def test_a_call_that_is_gone_after_a_restart_was_in_vain_or_is_over(
    phase: Phase, told: str | None, reason: str | None, kept: bool
) -> None:
    house, asterisk, call = in_phase(phase)
    after = house.restarted()
    for calls in (asterisk.channels, asterisk.held, asterisk.ringing, asterisk.talking):
        calls.pop(call, None)
    asterisk.queues["support"] = []
    asterisk.members["support"] = ()
    asterisk.restarts_us(after)
    if told is not None:
        assert reasons(after, told) == [reason]
    assert [callback.phase for callback in callbacks(after)] == [Phase.WAITING] * kept
    asterisk.on_duty("INUSE")
    asterisk.beats(2)
    assert len(asterisk.dialled) == 1


def test_a_committed_attempt_that_was_never_made_counts_as_made() -> None:
    house, asterisk = begin("INUSE")
    wish(asterisk)
    house.later(1)
    asterisk.house.effects.clear()
    house.tell(Tick(at=house.at))
    after = house.restarted()
    asterisk.restarts_us(after)
    asterisk.on_duty("INUSE")
    asterisk.beats(2)
    assert asterisk.dialled == []
    assert reasons(after, "postponed") == ["no_answer"]
    after.later(600)
    asterisk.beats()
    assert [originate.call[-2:] for originate in asterisk.dialled] == ["-2"]


def test_an_answer_to_an_attempt_that_is_over_is_ended() -> None:
    house, asterisk, call = in_phase(Phase.ASKING)
    house.tell(CallbackWithdrawn(at=house.at, callback=callbacks(house)[0].callback, by="staff"))
    asterisk.restarts_us(house.restarted())
    assert call not in asterisk.channels


# --- wishes from outside ---------------------------------------------------------------------------


def answer_to(house: Rehearsal, request: str) -> tuple[str | None, bool, str | None]:
    kept = house.world.callbacks.requests[request]
    return kept.callback, kept.existing, kept.refusal


def test_a_wish_is_taken_in_once_and_the_same_wish_gets_the_same_answer() -> None:
    house, asterisk = begin("UNAVAILABLE")
    for _ in range(2):
        wish(asterisk, request="w")
    assert len(callbacks(house)) == 1
    assert answer_to(house, "w") == ("cb-w", False, None)
    assert house.names() == ["callback.accepted", "sms.queued"]


def test_a_wish_for_whom_has_one_gets_the_one_there_is() -> None:
    house, asterisk = begin("UNAVAILABLE")
    first = wish(asterisk)
    wish(asterisk, "0401112222", request="again")
    assert answer_to(house, "again") == (first, True, None)
    assert len(callbacks(house)) == 1


@pytest.mark.parametrize(
    ("number", "service", "refusal"),
    [("112", "support", "emergency"), ("+46701234567", "support", "foreign"), (MATTI, "unheard-of", "service")],
)
def test_a_wish_that_may_not_be_is_refused_with_the_reason(number: str, service: str, refusal: str) -> None:
    house, asterisk = begin("UNAVAILABLE")
    wish(asterisk, number, service=service, request="w")
    assert answer_to(house, "w") == (None, False, refusal)
    assert callbacks(house) == []


def test_no_more_wishes_are_taken_in_than_may_be_open() -> None:
    house, asterisk = begin("UNAVAILABLE", offer={"max_open": "1"})
    wish(asterisk)
    wish(asterisk, MAIJA, request="w")
    assert answer_to(house, "w") == (None, False, "full")


def test_a_name_used_already_takes_nothing_from_whom_it_was_promised_to() -> None:
    house, asterisk = begin("UNAVAILABLE")
    call = asterisk.enters(MATTI)
    asterisk.key(call, "1")
    wish(asterisk, MAIJA, request=call)
    assert [callback.number for callback in callbacks(house)] == [MATTI]
    assert answer_to(house, call) == (None, False, "request")


def test_a_wish_is_remembered_as_long_as_its_callback_is_open_and_a_day_at_least() -> None:
    house, asterisk = begin("UNAVAILABLE")
    wish(asterisk, MATTI, request="open")
    wish(asterisk, "112", request="refused")
    house.later(23 * 3600)
    wish(asterisk, MAIJA, request="later")
    assert set(house.world.callbacks.requests) == {"open", "refused", "later"}
    house.later(2 * 3600)
    wish(asterisk, PEKKA, request="latest")
    assert set(house.world.callbacks.requests) == {"open", "later", "latest"}


def test_withdrawing_ends_the_call_on_which_it_is_being_promised() -> None:
    house, asterisk = begin("UNAVAILABLE")
    call = asterisk.enters()
    asterisk.key(call, "1")
    (taken,) = callbacks(house)
    house.tell(CallbackWithdrawn(at=house.at, callback=taken.callback, by="staff"))
    asterisk.perform()
    assert (callbacks(house), asterisk.channels) == ([], {})


@pytest.mark.parametrize("phase", [Phase.DIALLING, Phase.ASKING, Phase.ACCEPTED])
def test_withdrawing_ends_our_call(phase: Phase) -> None:
    house, asterisk, call = in_phase(phase)
    house.tell(CallbackWithdrawn(at=house.at, callback=callbacks(house)[0].callback, by="api"))
    asterisk.perform()
    assert call not in asterisk.channels
    assert callbacks(house) == []
    assert [fact.by for fact in house.facts if fact.name == "callback.cancelled"] == ["api"]


@pytest.mark.parametrize("phase", [Phase.CONNECTED, Phase.RETURNED])
def test_withdrawing_ends_no_conversation_and_no_call_of_theirs(phase: Phase) -> None:
    house, asterisk, call = in_phase(phase)
    house.tell(CallbackWithdrawn(at=house.at, callback=callbacks(house)[0].callback, by="staff"))
    asterisk.perform()
    assert call in asterisk.channels
    assert callbacks(house) == []
