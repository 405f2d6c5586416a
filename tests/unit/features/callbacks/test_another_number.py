"""A caller keys in another number for the callback."""

from __future__ import annotations

import pytest

from callcentre.features.callbacks.facts import (
    CallbackDeclined,
    CallbackRefused,
)
from tests.cast import AINO
from tests.unit.features.callbacks.offer_desk import begin, callbacks, only, place_of


def test_another_number_is_keyed_in_read_back_and_confirmed() -> None:
    rehearsal, asterisk = begin()
    call = asterisk.enters()
    asterisk.key(call, "2")
    assert asterisk.heard[call][-1] == "enter-number"
    asterisk.key(call, *"0402223333#")
    digits = [f"digits/{digit}" for digit in "0402223333"]
    assert asterisk.heard[call][-12:] == ["number-heard", *digits, "number-confirm"]
    assert callbacks(rehearsal) == []
    asterisk.key(call, "1")
    assert [c.number for c in callbacks(rehearsal)] == [AINO]


def test_a_number_not_confirmed_is_keyed_in_again() -> None:
    rehearsal, asterisk = begin()
    call = asterisk.enters()
    asterisk.key(call, "2", *"0402223334#", "2")
    assert asterisk.heard[call][-1] == "enter-number"
    asterisk.key(call, *"0402223333#", "1")
    assert [c.number for c in callbacks(rehearsal)] == [AINO]


@pytest.mark.parametrize("keyed", ["112", "0600123456", "00467012345678", "", "12*34"])
def test_a_number_that_may_not_be_dialled_is_refused_and_after_three_tries_they_wait_on(keyed: str) -> None:
    rehearsal, asterisk = begin()
    call = asterisk.enters()
    asterisk.key(call, "2")
    for _ in range(2):
        asterisk.key(call, *keyed, "#")
        assert asterisk.heard[call][-2:] == ["number-refused", "enter-number"]
    asterisk.key(call, *keyed, "#")
    assert place_of(asterisk, call) == 3
    assert [fact.reason for fact in only(rehearsal, CallbackDeclined)] == ["number"]
    assert callbacks(rehearsal) == []


def test_a_number_is_over_when_no_more_keys_come() -> None:
    _rehearsal, asterisk = begin()
    call = asterisk.enters()
    asterisk.key(call, "2", *"0402223333")
    asterisk.silence(call, 6)
    assert asterisk.heard[call][-1] == "number-confirm"


@pytest.mark.parametrize("number", ["", "anonymous", "+46701234567", "+358600123456"])
def test_with_a_number_that_cannot_be_dialled_only_another_is_offered(number: str) -> None:
    rehearsal, asterisk = begin()
    call = asterisk.enters(number)
    assert asterisk.heard[call][-1] == "offer-callback-other"
    asterisk.key(call, "1")
    assert callbacks(rehearsal) == []
    assert place_of(asterisk, call) == 3
    other = asterisk.enters(number)
    asterisk.key(other, "2", *"0402223333#", "1")
    assert [c.number for c in callbacks(rehearsal)] == [AINO]


def test_where_no_other_number_is_taken_two_keeps_waiting() -> None:
    rehearsal, asterisk = begin(offer={"other_number": False})
    call = asterisk.enters()
    assert asterisk.heard[call][-1] == "offer-callback-same"
    asterisk.key(call, "2")
    assert place_of(asterisk, call) == 3
    assert callbacks(rehearsal) == []


def test_where_no_other_number_is_taken_a_withheld_one_is_offered_nothing() -> None:
    rehearsal, asterisk = begin(offer={"other_number": False})
    call = asterisk.enters("")
    assert call not in asterisk.heard
    assert [fact.reason for fact in only(rehearsal, CallbackRefused)] == ["number"]
