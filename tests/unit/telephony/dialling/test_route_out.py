"""Whether our calls reach a network, and what follows when they do not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callcentre.features.callbacks.events import CallbackWithdrawn
from callcentre.features.callbacks.model import Phase
from callcentre.kernel.event import SettingsChanged
from callcentre.telephony.dialling.outcome import far_half
from callcentre.telephony.dialling.outgoing import CallNotCounted, Dialled
from callcentre.telephony.dialling.route import Route
from callcentre.telephony.events import ChannelDestroyed, HangupRequested
from callcentre.values.endpoints import is_local
from tests.cast import AINO, LIISA, MATTI, PEKKA
from tests.unit.features.callbacks.states import until, why
from tests.unit.rehearsal import settings
from tests.unit.telephone import Asterisk
from tests.unit.telephony.dialling.desk import (
    CLEARED,
    LOCAL,
    ONE_AT_A_TIME,
    RAISED,
    alarms,
    callbacks,
    desk,
    dialled,
    reported,
    seen,
)

# --- no way out ------------------------------------------------------------------------------------


@pytest.mark.parametrize("way_out", ["refused", "nowhere"])
def test_a_call_without_a_way_out_costs_nothing_and_raises_the_alarm(way_out: str) -> None:
    rehearsal, asterisk = desk(MATTI)
    asterisk.way_out = way_out
    asterisk.ticks()
    (callback,) = callbacks(rehearsal)
    assert (callback.phase, callback.attempts, callback.call, until(callback), why(callback)) == (
        Phase.WAITING, 0, None, None, None,
    )  # fmt: skip
    assert rehearsal.world.place(callback) == 1
    assert reported(rehearsal, "callback.")[-2:] == [("callback.dialled", None), ("callback.not_dialled", "no_route")]
    assert alarms(rehearsal) == [RAISED]
    assert rehearsal.world.outgoing.total("2026-06-03") == 0
    assert rehearsal.world.outgoing.calls_to(rehearsal.world.caller(MATTI), "2026-06-03") == 0
    assert not len(rehearsal.world.outgoing.heard)
    assert not [key for key in rehearsal.timers if "customer_rings" in key]


def test_a_call_for_which_another_daemon_left_nothing_is_not_dialled_and_costs_nothing() -> None:
    rehearsal, asterisk = desk(MATTI)
    asterisk.ticks()
    (call,) = [effect.call for effect in asterisk.dialled]
    assert rehearsal.world.own_calls.about(call) is not None
    rehearsal.world.outgoing.put(Dialled(day="2026-06-03", total=2000))
    rehearsal.tell(CallNotCounted(at=rehearsal.at, call=call))
    assert rehearsal.world.own_calls.about(call) is None, "what is about to be dialled is asked for this"
    assert not len(rehearsal.world.outgoing.heard)
    (callback,) = callbacks(rehearsal)
    assert (callback.phase, callback.attempts) == (Phase.WAITING, 0)
    assert reported(rehearsal, "callback.")[-1] == ("callback.not_dialled", "limit")
    asterisk.ticks(5)
    assert len(asterisk.dialled) == 1
    assert [fact.reason for fact in rehearsal.facts if fact.name == "alarm.raised"] == ["dialling_per_day"]


def test_dialling_of_everything_pauses_and_then_one_call_tries_at_a_time() -> None:
    rehearsal, asterisk = desk(MATTI, AINO, LIISA, agents=ONE_AT_A_TIME)
    asterisk.way_out = "refused"
    asterisk.ticks(60)
    assert dialled(asterisk) == [MATTI]
    asterisk.ticks(1)
    # One that has not met with it: if it is the number, the others must not wait for it.
    assert dialled(asterisk) == [MATTI, AINO]
    asterisk.ticks(119)
    assert dialled(asterisk) == [MATTI, AINO]
    asterisk.way_out = "silent"
    asterisk.ticks(3)
    assert dialled(asterisk) == [MATTI, AINO, LIISA]
    assert alarms(rehearsal) == [RAISED]
    asterisk.dials(callbacks(rehearsal)[2].call or "", "RINGING")
    assert alarms(rehearsal) == [RAISED, CLEARED]
    asterisk.way_out = "rings"
    asterisk.on_duty("NOT_INUSE", "NOT_INUSE")
    asterisk.ticks()
    assert dialled(asterisk)[3:] == [MATTI, AINO]
    assert [callback.attempts for callback in callbacks(rehearsal)] == [1, 1, 1]


def test_after_the_pause_no_second_call_is_made_while_one_tries() -> None:
    rehearsal, asterisk = desk(MATTI, AINO, LIISA)
    asterisk.way_out = "refused"
    asterisk.ticks()
    assert len(dialled(asterisk)) == 3
    asterisk.way_out = "silent"
    asterisk.ticks(65)
    assert dialled(asterisk)[3:] == [MATTI]
    assert alarms(rehearsal) == [RAISED]


def test_when_all_have_met_with_it_the_first_tries_again() -> None:
    rehearsal, asterisk = desk(MATTI, AINO, agents=ONE_AT_A_TIME)
    asterisk.way_out = "refused"
    asterisk.ticks(1 + 60 + 120)
    assert dialled(asterisk) == [MATTI, AINO, MATTI]
    assert rehearsal.world.outgoing.route.pauses == 3


def test_somebody_who_leaves_the_queue_makes_nobody_dial_during_the_pause() -> None:
    rehearsal, asterisk = desk(MATTI)
    asterisk.way_out = "refused"
    asterisk.ticks()
    caller = asterisk.calls_in(PEKKA)
    asterisk.hangs_up(caller)
    asterisk.perform()
    asterisk.ticks(70)
    caller = asterisk.calls_in(PEKKA)
    asterisk.hangs_up(caller)
    asterisk.perform()
    assert dialled(asterisk) == [MATTI, MATTI]
    assert alarms(rehearsal) == [RAISED]


def test_a_trunk_that_does_not_reply_is_no_way_out_and_the_call_counts_for_the_day() -> None:
    rehearsal, asterisk = desk(MATTI)
    asterisk.way_out = "silent"
    asterisk.ticks()
    asterisk.passes(30)
    asterisk.destroyed(callbacks(rehearsal)[0].call or "", 19)
    assert (alarms(rehearsal), callbacks(rehearsal)[0].attempts) == ([RAISED], 0)
    assert rehearsal.world.outgoing.total("2026-06-03") == 1


def test_a_phone_that_is_answered_without_having_rung_tells_that_silence_means_nothing_here() -> None:
    rehearsal, asterisk = desk(MATTI, AINO)
    asterisk.way_out = "silent"
    asterisk.ticks()
    first, second = (callback.call or "" for callback in callbacks(rehearsal))
    asterisk.picks_up(first)
    asterisk.passes(25)
    asterisk.destroyed(second, 19)
    assert alarms(rehearsal) == []
    assert reported(rehearsal, "callback.postponed")[-1:] == [("callback.postponed", "no_answer")]
    assert rehearsal.restarted().world.outgoing.route.mute


def test_three_numbers_in_a_row_that_end_at_once_raise_it_whatever_is_said_of_them() -> None:
    rehearsal, asterisk = desk(MATTI, AINO, LIISA, PEKKA, dial={"at_position": "9"})
    asterisk.way_out = "silent"
    asterisk.ticks()
    for call, cause in zip(tuple(asterisk.ringing), (21, 17, 34), strict=True):
        asterisk.rings_in_vain(call, cause)
    assert reported(rehearsal, "callback.failed", "callback.postponed", "callback.not_dialled") == [
        ("callback.failed", "impossible"), ("callback.postponed", "busy"), ("callback.not_dialled", "no_route"),
    ]  # fmt: skip
    assert alarms(rehearsal) == [RAISED]
    assert callbacks(rehearsal)[1].attempts == 0


def test_a_number_that_alone_leads_nowhere_costs_its_attempts_and_holds_up_nobody() -> None:
    rehearsal, asterisk = desk(MATTI, AINO, agents=ONE_AT_A_TIME)
    asterisk.way_out = "refused"
    asterisk.ticks()
    asterisk.way_out = "rings"
    asterisk.ticks(60)
    assert dialled(asterisk) == [MATTI, AINO]
    assert alarms(rehearsal) == [RAISED, CLEARED]
    asterisk.way_out = "refused"
    asterisk.on_duty("NOT_INUSE")
    asterisk.ticks()
    assert reported(rehearsal, "callback.postponed") == [("callback.postponed", "failed")]
    assert (callbacks(rehearsal)[0].attempts, alarms(rehearsal)) == (1, [RAISED, CLEARED])


# --- through the dialplan --------------------------------------------------------------------------


def through_dialplan(asterisk: Asterisk) -> tuple[str, str]:
    """A call through Local, and the channel that the dialplan dials for it."""
    asterisk.way_out = "silent"
    asterisk.ticks()
    (originate,) = asterisk.dialled
    assert is_local(originate.endpoint)
    assert originate.other == far_half(originate.call)
    asterisk.dials(originate.call, "", leg="1795.99")
    return originate.call, "1795.99"


def test_the_dialplan_is_asked_for_the_number_as_it_is_dialled_nationally() -> None:
    _, asterisk = desk(MATTI, changes=LOCAL)
    asterisk.ticks()
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
    rehearsal, asterisk = desk(MATTI, changes=LOCAL)
    call, leg = through_dialplan(asterisk)
    for status in statuses:
        asterisk.dials(call, status, leg=leg)
    rehearsal.tell(ChannelDestroyed(at=rehearsal.at, call=leg, cause=cause, when=rehearsal.at))
    rehearsal.later(2)
    asterisk.dials(call, "CONGESTION")
    asterisk.destroyed(call, 0)
    assert reported(rehearsal, "callback.")[-1] == (name, reason)
    assert alarms(rehearsal) == []


def test_the_announcement_of_our_own_dialplan_is_no_sign_of_a_network() -> None:
    rehearsal, asterisk = desk(MATTI, changes=LOCAL)
    asterisk.way_out = "silent"
    asterisk.ticks()
    call = asterisk.dialled[0].call
    asterisk.dials(call, "RINGING")
    asterisk.dials(call, "PROGRESS")
    rehearsal.later(2)
    asterisk.dials(call, "CONGESTION")
    asterisk.destroyed(call, 0)
    assert (alarms(rehearsal), callbacks(rehearsal)[0].attempts) == ([RAISED], 0)


def test_a_caller_who_ends_a_channel_is_distinguished_from_the_network() -> None:
    rehearsal, asterisk = desk(MATTI, changes=LOCAL)
    call, leg = through_dialplan(asterisk)
    rehearsal.tell(HangupRequested(at=rehearsal.at, call=leg, cause=16, soft=True))
    assert not rehearsal.world.outgoing.heard[call].legs[0].hung_up
    rehearsal.tell(HangupRequested(at=rehearsal.at, call=leg, cause=28))
    assert rehearsal.world.outgoing.heard[call].legs[0].hung_up


# --- restarts, and other rules ---------------------------------------------------------------------


def test_the_alarm_and_the_pause_survive_a_restart() -> None:
    rehearsal, asterisk = desk(MATTI)
    asterisk.way_out = "refused"
    asterisk.ticks()
    after = rehearsal.restarted()
    asterisk.restarts_us(after)
    asterisk.on_duty("NOT_INUSE")
    asterisk.ticks(30)
    assert dialled(asterisk) == [MATTI]
    (one,) = seen(after)
    assert one.why == "no_route"
    asterisk.way_out = "rings"
    asterisk.ticks(31)
    assert alarms(after) == [RAISED, CLEARED]


def test_of_a_call_that_was_not_followed_from_its_beginning_nothing_is_concluded() -> None:
    rehearsal, asterisk = desk(MATTI)
    asterisk.way_out = "silent"
    asterisk.ticks()
    call = asterisk.dialled[0].call
    after = rehearsal.restarted()
    asterisk.restarts_us(after)
    asterisk.passes(25)
    asterisk.destroyed(call, 0)
    assert reported(after, "callback.postponed") == [("callback.postponed", "no_answer")]
    assert (alarms(after), list(after.world.outgoing.heard)) == ([], [])


def test_nor_of_one_during_which_events_were_missed() -> None:
    rehearsal, asterisk = desk(MATTI)
    asterisk.way_out = "silent"
    asterisk.ticks()
    asterisk.connect()
    asterisk.passes(25)
    asterisk.destroyed(asterisk.dialled[0].call, 19)
    assert reported(rehearsal, "callback.postponed") == [("callback.postponed", "no_answer")]
    assert alarms(rehearsal) == []


def test_what_is_heard_of_a_call_that_is_gone_after_a_reconnect_is_forgotten() -> None:
    rehearsal, asterisk = desk(MATTI)
    asterisk.ticks()
    asterisk.channels.clear()
    asterisk.connect()
    assert not len(rehearsal.world.outgoing.heard)


def test_when_the_rules_change_the_next_call_may_try_at_once() -> None:
    rehearsal, asterisk = desk(MATTI)
    asterisk.way_out = "refused"
    asterisk.ticks(5)
    asterisk.way_out = "rings"
    rehearsal.tell(SettingsChanged(at=rehearsal.at, settings=rehearsal.world.settings))
    asterisk.ticks()
    assert alarms(rehearsal) == [RAISED, CLEARED]


def test_where_nothing_is_dialled_any_more_there_is_no_alarm() -> None:
    rehearsal, asterisk = desk(MATTI)
    asterisk.way_out = "refused"
    asterisk.ticks()
    without = settings({"dialling": None, "services": {"support": {"callback": None, "notify": None}}})
    rehearsal.tell(SettingsChanged(at=rehearsal.at, settings=without))
    assert alarms(rehearsal) == [RAISED, CLEARED]
    assert rehearsal.world.outgoing.route == Route()


def test_callbacks_that_are_withdrawn_while_they_are_dialled_leave_nothing_behind() -> None:
    rehearsal, asterisk = desk(MATTI, AINO, LIISA)
    asterisk.way_out = "silent"
    asterisk.ticks()
    for callback in callbacks(rehearsal):
        assert callback.phase is Phase.DIALLING
        rehearsal.tell(CallbackWithdrawn(at=rehearsal.at, callback=callback.callback, by="staff"))
        asterisk.perform()
    assert rehearsal.world.outgoing.route == Route()
    assert (list(rehearsal.world.outgoing.heard), callbacks(rehearsal), alarms(rehearsal)) == ([], [], [])


# --- what is reported of it ----------------------------------------------------------------------------


def test_the_list_says_why_and_until_when() -> None:
    rehearsal, asterisk = desk(MATTI)
    asterisk.way_out = "refused"
    asterisk.ticks()
    until = rehearsal.world.outgoing.route.paused_until
    (one,) = seen(rehearsal)
    assert until is not None
    assert (one.why, one.place, one.attempts) == ("no_route", 1, 0)
    assert one.says == (
        "our calls find no way to the network (alarm dialling_no_route), one call tries again at 2026-06-03T12:01+03:00"
    )
    assert one.until == until.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    rehearsal.at = until + timedelta(seconds=1)
    (one,) = seen(rehearsal)
    assert (one.why, one.until) == ("no_route", None)
    assert one.says == "our calls find no way to the network (alarm dialling_no_route), one call tries now"
