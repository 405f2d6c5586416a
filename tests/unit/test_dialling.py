"""What our calls come to when nobody takes them, and what follows when they find no way out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from callcentre.features.callbacks.events import CallbackRequested, CallbackWithdrawn
from callcentre.features.callbacks.listing import ListedCallback
from callcentre.features.callbacks.model import Callback, Phase
from callcentre.features.callbacks.open_callbacks import listed
from callcentre.kernel.event import SettingsChanged
from callcentre.telephony.dialling.outcome import far_half
from callcentre.telephony.dialling.route import Route
from callcentre.telephony.events import ChannelDestroyed, HangupRequested
from callcentre.values.endpoints import is_local
from tests.unit.features.callbacks.states import until, why
from tests.unit.rehearsal import Rehearsal, settings
from tests.unit.telephone import MATTI, Asterisk

MAIJA, PEKKA, LIISA = "+358402223333", "+358403334444", "+358404445555"
LANDLINE = "+358912340044"
ONE_AT_A_TIME = ("INUSE",)
LOCAL = {"dialling": {"endpoint": "Local/{national}@from-internal/n"}}
AGENT_FIRST = {"dial": {"order": "agent_first"}}


def desk(
    *numbers: str,
    changes: dict[str, Any] | None = None,
    notify: object = None,
    agents: tuple[str, ...] = ("NOT_INUSE", "NOT_INUSE"),
    **callback: Any,
) -> tuple[Rehearsal, Asterisk]:
    """Two free agents, and a callback to each number, in this order."""
    support = {"welcome": None, "notify": notify, "callback": {"confirm_by_sms": None, **callback}}
    house = Rehearsal({"services": {"support": support}} | (changes or {}))
    asterisk = Asterisk(house)
    asterisk.connect()
    asterisk.on_duty(*agents)
    for number in numbers:
        wish(house, number)
    return house, asterisk


def wish(house: Rehearsal, number: str) -> None:
    house.later(1)
    house.tell(
        CallbackRequested(at=house.at, request=number, service="support", number=number, caller_name="", by="staff")
    )


def callbacks(house: Rehearsal) -> list[Callback]:
    return sorted(house.world.callbacks.open.values(), key=lambda callback: callback.order)


def dialled(asterisk: Asterisk) -> list[str]:
    return [effect.endpoint.removeprefix("PJSIP/").removesuffix("@trunk") for effect in asterisk.dialled]


def told(house: Rehearsal, *beginnings: str) -> list[tuple[str, str | None]]:
    return [(fact.name, fact.reason) for fact in house.facts if fact.name.startswith(beginnings)]


def alarms(house: Rehearsal) -> list[tuple[str, str | None]]:
    return told(house, "alarm.")


RAISED, CLEARED = ("alarm.raised", "dialling_no_route"), ("alarm.cleared", "dialling_no_route")


def seen(house: Rehearsal) -> list[ListedCallback]:
    return listed(house.world, None, house.at)


# --- no way out ------------------------------------------------------------------------------------


@pytest.mark.parametrize("way_out", ["refused", "nowhere"])
def test_a_call_without_a_way_out_costs_nothing_and_raises_the_alarm(way_out: str) -> None:
    house, asterisk = desk(MATTI)
    asterisk.way_out = way_out
    asterisk.beats()
    (callback,) = callbacks(house)
    assert (callback.phase, callback.attempts, callback.call, until(callback), why(callback)) == (
        Phase.WAITING, 0, None, None, None,
    )  # fmt: skip
    assert house.world.place(callback) == 1
    assert told(house, "callback.")[-2:] == [("callback.dialled", None), ("callback.not_dialled", "no_route")]
    assert alarms(house) == [RAISED]
    assert house.world.outgoing.dialled is not None
    assert house.world.outgoing.dialled.total == 0
    assert house.world.outgoing.calls_to(house.world.caller(MATTI), "2026-06-03") == 0
    assert not len(house.world.outgoing.heard)
    assert not [key for key in house.timers if key.startswith("callback rings")]


def test_dialling_of_everything_pauses_and_then_one_call_tries_at_a_time() -> None:
    house, asterisk = desk(MATTI, MAIJA, PEKKA, agents=ONE_AT_A_TIME)
    asterisk.way_out = "refused"
    asterisk.beats(60)
    assert dialled(asterisk) == [MATTI]
    asterisk.beats(1)
    # One that has not met with it: if it is the number, the others must not wait for it.
    assert dialled(asterisk) == [MATTI, MAIJA]
    asterisk.beats(119)
    assert dialled(asterisk) == [MATTI, MAIJA]
    asterisk.way_out = "silent"
    asterisk.beats(3)
    assert dialled(asterisk) == [MATTI, MAIJA, PEKKA]
    assert alarms(house) == [RAISED]
    asterisk.dials(callbacks(house)[2].call or "", "RINGING")
    assert alarms(house) == [RAISED, CLEARED]
    asterisk.way_out = "rings"
    asterisk.on_duty("NOT_INUSE", "NOT_INUSE")
    asterisk.beats()
    assert dialled(asterisk)[3:] == [MATTI, MAIJA]
    assert [callback.attempts for callback in callbacks(house)] == [1, 1, 1]


def test_after_the_pause_no_second_call_is_made_while_one_tries() -> None:
    house, asterisk = desk(MATTI, MAIJA, PEKKA)
    asterisk.way_out = "refused"
    asterisk.beats()
    assert len(dialled(asterisk)) == 3
    asterisk.way_out = "silent"
    asterisk.beats(65)
    assert dialled(asterisk)[3:] == [MATTI]
    assert alarms(house) == [RAISED]


def test_when_all_have_met_with_it_the_first_tries_again() -> None:
    house, asterisk = desk(MATTI, MAIJA, agents=ONE_AT_A_TIME)
    asterisk.way_out = "refused"
    asterisk.beats(1 + 60 + 120)
    assert dialled(asterisk) == [MATTI, MAIJA, MATTI]
    assert house.world.outgoing.route.pauses == 3


def test_somebody_who_leaves_the_queue_makes_nobody_dial_during_the_pause() -> None:
    house, asterisk = desk(MATTI)
    asterisk.way_out = "refused"
    asterisk.beats()
    caller = asterisk.calls_in(LIISA)
    asterisk.hangs_up(caller)
    asterisk.perform()
    asterisk.beats(70)
    caller = asterisk.calls_in(LIISA)
    asterisk.hangs_up(caller)
    asterisk.perform()
    assert dialled(asterisk) == [MATTI, MATTI]
    assert alarms(house) == [RAISED]


def test_a_trunk_that_does_not_reply_is_no_way_out_and_the_call_counts_for_the_day() -> None:
    house, asterisk = desk(MATTI)
    asterisk.way_out = "silent"
    asterisk.beats()
    asterisk.passes(30)
    asterisk.destroyed(callbacks(house)[0].call or "", 19)
    assert (alarms(house), callbacks(house)[0].attempts) == ([RAISED], 0)
    assert house.world.outgoing.dialled is not None
    assert house.world.outgoing.dialled.total == 1


def test_a_phone_that_is_answered_without_having_rung_tells_that_silence_means_nothing_here() -> None:
    house, asterisk = desk(MATTI, MAIJA)
    asterisk.way_out = "silent"
    asterisk.beats()
    first, second = (callback.call or "" for callback in callbacks(house))
    asterisk.picks_up(first)
    asterisk.passes(25)
    asterisk.destroyed(second, 19)
    assert alarms(house) == []
    assert told(house, "callback.postponed")[-1:] == [("callback.postponed", "no_answer")]
    assert house.restarted().world.outgoing.route.mute


def test_three_numbers_in_a_row_that_end_at_once_raise_it_whatever_is_said_of_them() -> None:
    house, asterisk = desk(MATTI, MAIJA, PEKKA, LIISA, dial={"at_position": "9"})
    asterisk.way_out = "silent"
    asterisk.beats()
    for call, cause in zip(tuple(asterisk.ringing), (21, 17, 34), strict=True):
        asterisk.rings_in_vain(call, cause)
    assert told(house, "callback.failed", "callback.postponed", "callback.not_dialled") == [
        ("callback.failed", "impossible"), ("callback.postponed", "busy"), ("callback.not_dialled", "no_route"),
    ]  # fmt: skip
    assert alarms(house) == [RAISED]
    assert callbacks(house)[1].attempts == 0


def test_a_number_that_alone_leads_nowhere_costs_its_attempts_and_holds_up_nobody() -> None:
    house, asterisk = desk(MATTI, MAIJA, agents=ONE_AT_A_TIME)
    asterisk.way_out = "refused"
    asterisk.beats()
    asterisk.way_out = "rings"
    asterisk.beats(60)
    assert dialled(asterisk) == [MATTI, MAIJA]
    assert alarms(house) == [RAISED, CLEARED]
    asterisk.way_out = "refused"
    asterisk.on_duty("NOT_INUSE")
    asterisk.beats()
    assert told(house, "callback.postponed") == [("callback.postponed", "failed")]
    assert (callbacks(house)[0].attempts, alarms(house)) == (1, [RAISED, CLEARED])


# --- through the dialplan --------------------------------------------------------------------------


def through_dialplan(asterisk: Asterisk) -> tuple[str, str]:
    """A call through Local, and the channel that the dialplan dials for it."""
    asterisk.way_out = "silent"
    asterisk.beats()
    (originate,) = asterisk.dialled
    assert is_local(originate.endpoint)
    assert originate.other == far_half(originate.call)
    asterisk.dials(originate.call, "", leg="1795.99")
    return originate.call, "1795.99"


def test_the_dialplan_is_asked_for_the_number_as_it_is_dialled_nationally() -> None:
    _, asterisk = desk(MATTI, changes=LOCAL)
    asterisk.beats()
    assert [effect.endpoint for effect in asterisk.dialled] == ["Local/0401112222@from-internal/n"]


@pytest.mark.parametrize(
    ("statuses", "cause", "name", "reason"),
    [
        (("RINGING", "BUSY"), 17, "callback.postponed", "busy"),
        (("NOANSWER",), 1, "callback.failed", "impossible"),
        (("RINGING", "NOANSWER"), 19, "callback.postponed", "no_answer"),
        (("CONGESTION",), 34, "callback.postponed", "failed"),
    ],
)
def test_what_the_dialplan_dialled_says_what_became_of_the_call(
    statuses: tuple[str, ...], cause: int, name: str, reason: str
) -> None:
    house, asterisk = desk(MATTI, changes=LOCAL)
    call, leg = through_dialplan(asterisk)
    for status in statuses:
        asterisk.dials(call, status, leg=leg)
    house.tell(ChannelDestroyed(at=house.at, call=leg, cause=cause, when=house.at))
    house.later(2)
    asterisk.dials(call, "CONGESTION")
    asterisk.destroyed(call, 0)
    assert told(house, "callback.")[-1] == (name, reason)
    assert alarms(house) == []


def test_the_announcement_of_our_own_dialplan_is_no_sign_of_a_network() -> None:
    house, asterisk = desk(MATTI, changes=LOCAL)
    asterisk.way_out = "silent"
    asterisk.beats()
    call = asterisk.dialled[0].call
    asterisk.dials(call, "RINGING")
    asterisk.dials(call, "PROGRESS")
    house.later(2)
    asterisk.dials(call, "CONGESTION")
    asterisk.destroyed(call, 0)
    assert (alarms(house), callbacks(house)[0].attempts) == ([RAISED], 0)


def test_who_ends_a_channel_is_told_from_the_network() -> None:
    house, asterisk = desk(MATTI, changes=LOCAL)
    call, leg = through_dialplan(asterisk)
    house.tell(HangupRequested(at=house.at, call=leg, cause=16, soft=True))
    assert not house.world.outgoing.heard[call].legs[0].hung_up
    house.tell(HangupRequested(at=house.at, call=leg, cause=28))
    assert house.world.outgoing.heard[call].legs[0].hung_up


# --- restarts, and other rules ---------------------------------------------------------------------


def test_the_alarm_and_the_pause_survive_a_restart() -> None:
    house, asterisk = desk(MATTI)
    asterisk.way_out = "refused"
    asterisk.beats()
    after = house.restarted()
    asterisk.restarts_us(after)
    asterisk.on_duty("NOT_INUSE")
    asterisk.beats(30)
    assert dialled(asterisk) == [MATTI]
    (one,) = seen(after)
    assert one.why == "no_route"
    asterisk.way_out = "rings"
    asterisk.beats(31)
    assert alarms(after) == [RAISED, CLEARED]


def test_of_a_call_that_was_not_followed_from_its_beginning_nothing_is_concluded() -> None:
    house, asterisk = desk(MATTI)
    asterisk.way_out = "silent"
    asterisk.beats()
    call = asterisk.dialled[0].call
    after = house.restarted()
    asterisk.restarts_us(after)
    asterisk.passes(25)
    asterisk.destroyed(call, 0)
    assert told(after, "callback.postponed") == [("callback.postponed", "no_answer")]
    assert (alarms(after), list(after.world.outgoing.heard)) == ([], [])


def test_nor_of_one_during_which_events_were_missed() -> None:
    house, asterisk = desk(MATTI)
    asterisk.way_out = "silent"
    asterisk.beats()
    asterisk.connect()
    asterisk.passes(25)
    asterisk.destroyed(asterisk.dialled[0].call, 19)
    assert told(house, "callback.postponed") == [("callback.postponed", "no_answer")]
    assert alarms(house) == []


def test_what_is_heard_of_a_call_that_is_gone_after_a_reconnect_is_forgotten() -> None:
    house, asterisk = desk(MATTI)
    asterisk.beats()
    asterisk.channels.clear()
    asterisk.connect()
    assert not len(house.world.outgoing.heard)


def test_when_the_rules_change_the_next_call_may_try_at_once() -> None:
    house, asterisk = desk(MATTI)
    asterisk.way_out = "refused"
    asterisk.beats(5)
    asterisk.way_out = "rings"
    house.tell(SettingsChanged(at=house.at, settings=house.world.settings))
    asterisk.beats()
    assert alarms(house) == [RAISED, CLEARED]


def test_where_nothing_is_dialled_any_more_there_is_no_alarm() -> None:
    house, asterisk = desk(MATTI)
    asterisk.way_out = "refused"
    asterisk.beats()
    without = settings({"dialling": None, "services": {"support": {"callback": None, "notify": None}}})
    house.tell(SettingsChanged(at=house.at, settings=without))
    assert alarms(house) == [RAISED, CLEARED]
    assert house.world.outgoing.route == Route()


def test_callbacks_that_are_withdrawn_while_they_are_dialled_leave_nothing_behind() -> None:
    house, asterisk = desk(MATTI, MAIJA, PEKKA)
    asterisk.way_out = "silent"
    asterisk.beats()
    for callback in callbacks(house):
        assert callback.phase is Phase.DIALLING
        house.tell(CallbackWithdrawn(at=house.at, callback=callback.callback, by="staff"))
        asterisk.perform()
    assert house.world.outgoing.route == Route()
    assert (list(house.world.outgoing.heard), callbacks(house), alarms(house)) == ([], [], [])


# --- what is told of it ----------------------------------------------------------------------------


def test_the_list_says_why_and_until_when() -> None:
    house, asterisk = desk(MATTI)
    asterisk.way_out = "refused"
    asterisk.beats()
    until = house.world.outgoing.route.paused_until
    (one,) = seen(house)
    assert until is not None
    assert (one.why, one.place, one.attempts) == ("no_route", 1, 0)
    assert one.says == (
        "our calls find no way to the network (alarm dialling_no_route), one call tries again at 2026-06-03T12:01+03:00"
    )
    assert one.until == until.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    house.at = until + timedelta(seconds=1)
    (one,) = seen(house)
    assert (one.why, one.until) == ("no_route", None)
    assert one.says == "our calls find no way to the network (alarm dialling_no_route), one call tries now"


# --- an agent first --------------------------------------------------------------------------------


@pytest.mark.parametrize("way_in", ["refused", "nowhere"])
def test_a_reservation_that_asterisk_cannot_make_is_not_the_customers(way_in: str) -> None:
    house, asterisk = desk(MATTI, **AGENT_FIRST)
    asterisk.way_in = way_in
    asterisk.beats(60)
    (callback,) = callbacks(house)
    assert (callback.phase, callback.attempts, callback.agent_call) == (Phase.WAITING, 0, None)
    assert told(house, "callback.", "alarm.") == [("callback.accepted", None), RAISED]
    assert (list(house.world.outgoing.heard), asterisk.channels, house.world.outgoing.route.pauses) == ([], {}, 1)
    asterisk.way_in = "queue"
    asterisk.beats()
    assert len(asterisk.reserving) == 1
    agent_answers(asterisk)
    assert dialled(asterisk) == [MATTI]
    assert alarms(house) == [RAISED, CLEARED]


def test_a_reservation_that_no_agent_takes_raises_nothing() -> None:
    house, asterisk = desk(MATTI, **AGENT_FIRST)
    asterisk.beats()
    (near,) = asterisk.reserving
    asterisk.destroyed(near, 0)
    assert (alarms(house), list(house.world.outgoing.heard)) == ([], [])


def test_a_reservation_that_alone_cannot_be_made_is_tried_later_and_costs_no_attempt() -> None:
    house, asterisk = desk(MATTI, **AGENT_FIRST)
    caller = next(iter(house.world.callbacks.open.values()))
    hashed = str(house.world.who(caller.number)["caller"])
    house.world.outgoing.put(Route(suspects=(hashed,)))
    asterisk.way_in = "refused"
    asterisk.beats(3)
    (callback,) = callbacks(house)
    assert (why(callback), callback.attempts) == ("failed", 0)
    assert until(callback) is not None
    assert alarms(house) == []


def agent_answers(asterisk: Asterisk) -> None:
    asterisk.answered(next(iter(asterisk.reserving.values())))
    asterisk.perform()


def test_a_customer_without_a_way_out_frees_the_agent_and_keeps_the_place() -> None:
    house, asterisk = desk(MATTI, **AGENT_FIRST)
    asterisk.way_out = "refused"
    asterisk.beats()
    (near,) = asterisk.reserving
    agent_answers(asterisk)
    (callback,) = callbacks(house)
    assert (callback.phase, callback.attempts, callback.agent_call) == (Phase.WAITING, 0, None)
    assert asterisk.heard[near] == ["agent-unanswered"]
    assert alarms(house) == [RAISED]
    asterisk.says_all(near)
    asterisk.beats(30)
    assert asterisk.reserving == {}


def test_an_agent_who_answers_during_the_pause_is_let_go() -> None:
    house, asterisk = desk(MATTI, MAIJA, **AGENT_FIRST)
    asterisk.beats()
    assert len(asterisk.reserving) == 2
    asterisk.way_out = "refused"
    agent_answers(asterisk)
    asterisk.answered(next(far for far in asterisk.reserving.values() if MAIJA in far))
    asterisk.perform()
    assert dialled(asterisk) == [MATTI]
    assert [(callback.phase, callback.attempts) for callback in callbacks(house)] == [(Phase.WAITING, 0)] * 2


def test_of_agents_who_were_rung_before_the_pause_the_first_to_answer_after_it_tries() -> None:
    house, asterisk = desk(MATTI, MAIJA, **AGENT_FIRST)
    asterisk.beats()
    assert len(asterisk.reserving) == 2
    house.world.outgoing.put(Route(raised=True, paused_until=house.at, pauses=1))
    agent_answers(asterisk)
    assert dialled(asterisk) == [MATTI]
    assert alarms(house) == [CLEARED]


# --- the Auto Agent --------------------------------------------------------------------------------


VOICE = {"by": "voice", "at_position": 5, "two_way": True}


def busy_desk(*numbers: str) -> tuple[Rehearsal, Asterisk]:
    """Nobody is dialled, since an earlier caller waits; the Auto Agent tells those who are next."""
    house, asterisk = desk(notify=VOICE, agents=ONE_AT_A_TIME)
    asterisk.calls_in(LIISA)
    for number in numbers:
        wish(house, number)
    return house, asterisk


@pytest.mark.parametrize("way_out", ["refused", "nowhere"])
def test_a_notice_without_a_way_out_is_told_when_there_is_one(way_out: str) -> None:
    house, asterisk = busy_desk(MATTI, MAIJA)
    asterisk.way_out = way_out
    asterisk.beats(60)
    assert dialled(asterisk) == [MATTI, MAIJA]
    assert told(house, "notice.") == [("notice.sent", None)] * 2 + [("notice.failed", "no_route")] * 2
    assert alarms(house) == [RAISED]
    assert [notice.attempts for notice in house.world.notices.values()] == [0, 0]
    asterisk.way_out = "rings"
    asterisk.beats(2)
    assert dialled(asterisk) == [MATTI, MAIJA] * 2
    assert alarms(house) == [RAISED, CLEARED]


def test_the_auto_agent_tries_with_one_call_too_and_first_with_another_number() -> None:
    house, asterisk = busy_desk(MATTI)
    asterisk.way_out = "refused"
    asterisk.beats()
    wish(house, MAIJA)
    wish(house, PEKKA)
    asterisk.way_out = "silent"
    asterisk.beats(65)
    assert dialled(asterisk) == [MATTI, MAIJA]
    assert alarms(house)[:1] == [RAISED]


def test_who_could_not_be_dialled_may_still_be_told_and_answer() -> None:
    house, asterisk = desk(MATTI, notify={"by": "sms", "at_position": 5, "two_way": True})
    (notice,) = house.world.notices.values()
    assert notice.ended is None
    asterisk.way_out = "refused"
    asterisk.beats()
    assert told(house, "callback.")[-1] == ("callback.not_dialled", "no_route")
    (notice,) = house.world.notices.values()
    assert notice.ended is None
