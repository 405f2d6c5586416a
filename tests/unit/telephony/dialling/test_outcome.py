"""What a call that nobody took means: each row is a call that was watched on Asterisk 22.10.1, unless marked."""
# ruff: noqa: E501, a table is read by its rows

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from callcentre.telephony.dialling.outcome import Heard, Leg, Outcome, far_half, is_quick, near_half, outcome_of
from tests.unit.rehearsal import NOON

CALL = "cb-1-1"
RANG = ("", "RINGING")


def direct(*statuses: str, cause: int = 0, hung_up: bool = False) -> Heard:
    """A call through PJSIP/…@trunk."""
    own = Leg(CALL, frozenset(statuses), cause, hung_up)
    return Heard(call=CALL, callback="cb-1", caller="matti", local=False, own=own)


def leg(*statuses: str, cause: int = 0, hung_up: bool = True) -> Leg:
    """A channel that the dialplan dialled."""
    return Leg("1795.7", frozenset(statuses), cause, hung_up)


def local(*legs: Leg, own: tuple[str, ...] = ("",), cause: int = 0) -> Heard:
    """A call through Local/…@ctx/n; the dialplan dialled these one after the other."""
    heard = Heard(call=CALL, callback="cb-1", caller="matti", local=True, own=Leg(CALL, frozenset(own), cause, True))
    return replace(heard, legs=tuple(replace(one, channel=f"1795.{place}") for place, one in enumerate(legs)))


WATCHED = {
    # Through a trunk.
    "busy": (direct(*RANG, "BUSY", cause=17, hung_up=True), 0.3, "busy"),
    "rejected (603)": (direct(*RANG, "NOANSWER", cause=21, hung_up=True), 0.3, "impossible"),
    "unassigned (404)": (direct("", "NOANSWER", cause=1, hung_up=True), 0.006, "impossible"),
    "changed (410)": (direct("", "NOANSWER", cause=22, hung_up=True), 0.004, "impossible"),
    "invalid format (484)": (direct("", "NOANSWER", cause=28, hung_up=True), 0.004, "impossible"),
    "unavailable (480)": (direct("", "NOANSWER", cause=19, hung_up=True), 0.004, "no_answer"),
    "congestion (503)": (direct("", "CONGESTION", cause=34, hung_up=True), 0.003, "failed"),
    "refused connection": (direct("", "CONGESTION", cause=34, hung_up=True), 0.002, "failed"),
    "server error (500)": (direct("", "NOANSWER", cause=38, hung_up=True), 0.005, "failed"),
    "rings in vain": (direct(*RANG, cause=19), 30.0, "no_answer"),
    "says on the line that it does not exist": (direct("", "PROGRESS", "NOANSWER", cause=1, hung_up=True), 1.0, "impossible"),
    "a trunk that does not reply, until we give up": (direct("", cause=19), 30.0, "no_route"),
    "a trunk that does not reply, until Asterisk gives up": (direct("", "NOANSWER", cause=18, hung_up=True), 32.0, "no_route"),
    "given up before a network need have said anything": (direct("", cause=19), 5.0, "no_answer"),
    "no such endpoint, or one without contact": (direct(), None, "no_route"),
    # Through the dialplan, which runs Dial() and hangs up.
    "dialplan: busy": (local(leg(*RANG, "BUSY", cause=17), own=(*RANG, "BUSY"), cause=17), 0.3, "busy"),
    "dialplan: rejected": (local(leg(*RANG, "NOANSWER", cause=21), own=(*RANG, "NOANSWER"), cause=21), 0.3, "impossible"),
    "dialplan: unassigned": (local(leg("", "NOANSWER", cause=1), own=("", "NOANSWER"), cause=1), 0.004, "impossible"),
    "dialplan: the leg's cause is heard last": (local(leg("", "NOANSWER"), own=("", "NOANSWER"), cause=1), 0.004, "impossible"),
    "dialplan: congestion": (local(leg("", "CONGESTION", cause=34), own=("", "CONGESTION"), cause=34), 0.005, "failed"),
    "dialplan: Dial() gives up": (local(leg(*RANG, "NOANSWER", hung_up=False), own=(*RANG, "NOANSWER"), cause=16), 30.0, "no_answer"),
    "dialplan: we give up": (local(leg(*RANG, hung_up=False), own=RANG, cause=19), 30.0, "no_answer"),
    "dialplan: a trunk that does not reply": (local(leg("", "NOANSWER", hung_up=False), own=("", "NOANSWER"), cause=16), 30.0, "no_route"),
    "dialplan: no such extension": (local(own=()), 0.001, "no_route"),
    "dialplan: no such endpoint": (local(own=("", "CHANUNAVAIL"), cause=3), 0.002, "no_route"),
    "dialplan: no contact": (local(own=("", "CHANUNAVAIL"), cause=3), 0.005, "no_route"),
    "dialplan: no such technology": (local(own=("", "NOANSWER"), cause=66), 0.002, "no_route"),
    "dialplan: hangs up": (local(own=("", "NOANSWER"), cause=16), 0.002, "no_route"),
    "dialplan: waits and hangs up": (local(own=("", "NOANSWER"), cause=16), 2.0, "no_route"),
    "dialplan: Hangup(1)": (local(own=("", "NOANSWER"), cause=1), 0.002, "impossible"),
    "dialplan: Busy()": (local(own=("", "BUSY")), 0.002, "busy"),
    "dialplan: Congestion()": (local(own=("", "CONGESTION")), 0.002, "no_route"),
    "dialplan: rings by itself and then Congestion()": (local(own=(*RANG, "CONGESTION")), 2.0, "no_route"),
    # As an outbound route of FreePBX: an announcement in early media, then Congestion(), which has no cause.
    "route: busy": (local(leg(*RANG, "BUSY", cause=17), own=(*RANG, "BUSY")), 0.3, "busy"),
    "route: unassigned, all circuits are busy": (local(leg("", "NOANSWER", cause=1), own=("", "PROGRESS", "CONGESTION")), 2.0, "impossible"),
    "route: no contact, all circuits are busy": (local(own=("", "PROGRESS", "CONGESTION")), 2.0, "no_route"),
    "route: no route for this number": (local(own=("", "PROGRESS", "CONGESTION")), 2.0, "no_route"),
    "route: rings in vain, then Congestion()": (local(leg(*RANG, "NOANSWER", cause=19), own=(*RANG, "CONGESTION")), 20.0, "no_answer"),
    "route: nothing back, all circuits are busy": (local(leg("", "NOANSWER", hung_up=False), own=("", "PROGRESS", "CONGESTION")), 22.0, "no_route"),
    # Made up: two trunks, one after the other.
    "two trunks: the second is busy": (local(leg("", "CONGESTION", cause=34), leg(*RANG, "BUSY", cause=17), own=("", "CONGESTION")), 3.0, "busy"),
    "two trunks: busy, and the second refuses": (local(leg("", "BUSY", cause=17), leg("", "NOANSWER", cause=21), own=("", "CONGESTION")), 3.0, "busy"),
    "two trunks: the first refuses us": (local(leg("", "NOANSWER", cause=21), leg(*RANG, "NOANSWER", cause=19), own=("", "CONGESTION")), 30.0, "no_answer"),
    # Made up: ISDN, where the network itself may say that it has no route to a number.
    "no route, says the network": (direct("", "NOANSWER", cause=3, hung_up=True), 2.0, "impossible"),
}  # fmt: skip


@pytest.mark.parametrize(("heard", "seconds", "outcome"), WATCHED.values(), ids=WATCHED.keys())
def test_a_call_that_nobody_took_means(heard: Heard, seconds: float | None, outcome: str) -> None:
    assert outcome_of(heard, seconds) == outcome


@pytest.mark.parametrize(
    ("heard", "outcome"),
    [
        (local(own=()), "no_answer"),
        (direct("", cause=19), "no_answer"),
        (local(own=("BUSY",)), "busy"),
        (local(own=("CONGESTION",)), "no_answer"),
        (direct(cause=1), "impossible"),
        (direct(cause=34), "failed"),
    ],
)
def test_nothing_is_concluded_from_what_was_not_heard(heard: Heard, outcome: str) -> None:
    assert outcome_of(replace(heard, whole=False), 30.0) == outcome


def test_where_networks_do_not_say_that_a_phone_rings_silence_is_no_answer() -> None:
    silent = direct("", cause=19)
    assert (outcome_of(silent, 30.0), outcome_of(silent, 30.0, mute=True)) == (Outcome.NO_ROUTE, Outcome.NO_ANSWER)


@pytest.mark.parametrize(
    ("heard", "seconds", "quick"),
    [
        (direct("", "NOANSWER", cause=1, hung_up=True), 0.999, True),
        (direct("", "NOANSWER", cause=1, hung_up=True), 1.0, False),
        (direct(*RANG, "BUSY", cause=17), 0.5, False),
        (direct("", "PROGRESS", cause=17), 0.5, False),
        (direct(), None, True),
        (local(own=()), 0.001, True),
        (local(own=(*RANG, "CONGESTION")), 0.5, True),
        (local(leg(*RANG, "BUSY", cause=17), own=(*RANG, "BUSY")), 0.5, False),
        (replace(direct(""), whole=False), 0.5, False),
    ],
)
def test_a_call_ends_at_once_when_nothing_rang_within_a_second(
    heard: Heard, seconds: float | None, quick: bool
) -> None:
    assert is_quick(heard, seconds) is quick


@pytest.mark.parametrize(
    ("heard", "left"),
    [
        (direct(), False),
        (direct(""), True),
        (local(own=()), False),
        (local(own=("", "CHANUNAVAIL"), cause=3), False),
        (local(leg(""), own=("",)), True),
        (local(leg("", "CHANUNAVAIL"), own=("",)), False),
        (replace(direct(), whole=False), True),
    ],
)
def test_a_call_went_out_when_something_was_dialled(heard: Heard, left: bool) -> None:
    assert heard.left_us is left


def test_what_is_heard_is_kept_for_each_channel() -> None:
    heard = local(own=("",)).status("1795.8", "").status("1795.8", "RINGING").status(None, "RINGING")
    heard = heard.ended("1795.8", 19, hung_up=True).ended("1795.8", 0).ended("another", 17)
    assert heard.legs == (Leg("1795.8", frozenset({"", "RINGING"}), 19, True),)
    assert heard.rang
    assert heard.own.statuses == {"", "RINGING"}


def test_a_call_lasts_from_its_channel_on() -> None:
    heard = replace(direct(""), began=NOON)
    assert heard.lasted(NOON + timedelta(seconds=2)) == 2.0
    assert direct("").lasted(NOON) is None


@pytest.mark.parametrize(
    ("statuses", "mute"), [(("", "ANSWER"), True), (("", "RINGING", "ANSWER"), False), (("", "PROGRESS"), False)]
)
def test_a_network_is_mute_that_answers_without_having_rung(statuses: tuple[str, ...], mute: bool) -> None:
    assert direct(*statuses).is_mute is mute
    assert local(leg(*statuses), own=("", "ANSWER")).is_mute is mute
    assert not replace(direct(*statuses), whole=False).is_mute


def test_the_half_that_runs_the_dialplan_is_known_by_its_name() -> None:
    assert near_half(far_half("cb-1-1")) == "cb-1-1"
    assert near_half("1795325295.0") is None
