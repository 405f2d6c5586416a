"""How long a request from another system is remembered, so that it gets the same answer again."""

from __future__ import annotations

from datetime import timedelta

from callcentre.features.callbacks.requests import REMEMBERED
from tests.cast import AINO, KERTTU, MATTI, PEKKA
from tests.unit.features.callbacks.desk import ask_for, begin
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import Asterisk

LANDLINE, UNKNOWN = KERTTU, "112"


def remembered(rehearsal: Rehearsal) -> set[str]:
    return {name.removeprefix("request-support-") for name in rehearsal.world.callbacks.requests}


def asked() -> tuple[Rehearsal, Asterisk]:
    """A request that was refused, and one whose callback is open still, both more than a day ago."""
    rehearsal, asterisk = begin("UNAVAILABLE")
    for number in (UNKNOWN, MATTI):
        ask_for(asterisk, number)
    rehearsal.at += REMEMBERED + timedelta(seconds=10)
    return rehearsal, asterisk


def test_a_request_is_forgotten_after_a_day_unless_its_callback_is_open() -> None:
    rehearsal, asterisk = asked()
    ask_for(asterisk, AINO)
    assert remembered(rehearsal) == {MATTI, AINO}


def test_the_request_of_an_open_callback_does_not_keep_later_ones_from_being_forgotten() -> None:
    rehearsal, asterisk = begin("UNAVAILABLE")
    ask_for(asterisk, MATTI)
    ask_for(asterisk, UNKNOWN)
    rehearsal.at += REMEMBERED + timedelta(seconds=10)
    ask_for(asterisk, AINO)
    ask_for(asterisk, PEKKA)
    assert remembered(rehearsal) == {MATTI, AINO, PEKKA}


def test_a_request_looks_at_no_more_than_the_two_oldest() -> None:
    rehearsal, asterisk = begin("UNAVAILABLE")
    for number in ("112", "113", "114"):
        ask_for(asterisk, number)
    rehearsal.at += REMEMBERED + timedelta(seconds=10)
    ask_for(asterisk, MATTI)
    assert remembered(rehearsal) == {"114", MATTI}
