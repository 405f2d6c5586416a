"""Answers by text to a notice in time."""

from __future__ import annotations

import pytest

from callcentre.messaging.events import (
    Accepted,
    TextHandedOver,
)
from tests.unit.features.callbacks.desk import ask_for
from tests.unit.features.notices.desk import (
    MAIJA,
    OURS,
    answer,
    begin,
    cancellations,
    notice_facts,
    numbers_dialled,
    texted,
    texts,
)
from tests.unit.telephone import MATTI


def test_a_cancel_word_cancels_the_callback_is_confirmed_and_the_next_moves_up() -> None:
    house, asterisk = begin(at_position="1")
    callback = texted(house, asterisk)
    behind = ask_for(asterisk, MAIJA)
    answer(house, "Ei!")
    assert cancellations(house) == [(callback, "sms")]
    assert texts(house) == [
        (MATTI, OURS, "Asiakaspalvelu: takaisinsoittosi on peruttu. Voit soittaa meille uudelleen.")
    ]
    asterisk.beats()
    assert [number for number, _, _ in texts(house)] == [MAIJA]
    assert list(house.world.callbacks) == [behind]
    assert ("answered", "sms", "cancel") in notice_facts(house)


def test_a_keep_word_keeps_the_callback_without_a_text() -> None:
    house, asterisk = begin()
    callback = texted(house, asterisk)
    answer(house, "kyllä")
    assert callback in house.world.callbacks
    assert texts(house) == []
    assert notice_facts(house)[-1] == ("answered", "sms", "keep")


@pytest.mark.parametrize("body", ["kyllä", "Koska soitatte?", "0600 123456"])
@pytest.mark.parametrize("is_due", [False, True])
def test_an_answer_proves_that_the_text_was_delivered(body: str, is_due: bool) -> None:
    house, asterisk = begin()
    callback = ask_for(asterisk)
    house.tell(TextHandedOver(at=house.at, message=f"notice-{callback}", outcome=Accepted()))
    if is_due:
        asterisk.passes(61)
    answer(house, body)
    asterisk.passes(61)
    asterisk.beats(2)
    assert asterisk.dialled == []


def test_a_customer_who_kept_the_callback_may_still_cancel() -> None:
    house, asterisk = begin()
    callback = texted(house, asterisk)
    answer(house, "k")
    answer(house, "ei")
    assert cancellations(house) == [(callback, "sms")]


@pytest.mark.parametrize("body", ["040 222 3333", "\u202a040\u00a0222\u20113333\u202c"])
def test_a_number_moves_the_callback_and_it_is_dialled_there(body: str) -> None:
    house, asterisk = begin()
    texted(house, asterisk)
    answer(house, body)
    assert texts(house) == [(MATTI, OURS, f"Asiakaspalvelu: soitamme sinulle numeroon {MAIJA}.")]
    asterisk.on_duty("INUSE")
    asterisk.beats()
    assert numbers_dialled(asterisk) == [MAIJA]
    assert notice_facts(house)[-1] == ("answered", "sms", "number")


@pytest.mark.parametrize("number", ["+18095551234", "0600123456", "12345", "+8816123456789"])
def test_a_number_that_may_not_be_dialled_is_refused_and_the_callback_stays(number: str) -> None:
    house, asterisk = begin()
    callback = texted(house, asterisk)
    answer(house, number)
    ((to, _, body),) = texts(house)
    assert to == MATTI
    assert "emme voi soittaa antamaasi numeroon" in body
    assert MATTI in body
    assert house.world.callbacks[callback].number == MATTI
    assert notice_facts(house)[-1] == ("answered", "sms", "refused")


def test_a_callback_may_move_to_a_number_that_has_one_already() -> None:
    house, asterisk = begin()
    callback, other = texted(house, asterisk), texted(house, asterisk, MAIJA)
    answer(house, MAIJA)
    assert texts(house) == [(MATTI, OURS, f"Asiakaspalvelu: soitamme sinulle numeroon {MAIJA}.")]
    assert [house.world.callbacks[one].number for one in (callback, other)] == [MAIJA, MAIJA]


def test_the_number_of_the_callback_itself_is_accepted() -> None:
    house, asterisk = begin()
    callback = texted(house, asterisk)
    answer(house, "040 111 2222")
    assert texts(house) == [(MATTI, OURS, f"Asiakaspalvelu: soitamme sinulle numeroon {MATTI}.")]
    assert house.world.callbacks[callback].number == MATTI


def test_any_other_text_gets_help_once() -> None:
    house, asterisk = begin()
    callback = texted(house, asterisk)
    answer(house, "Koska soitatte?")
    ((_, _, body),) = texts(house)
    assert "Vastaa EI" in body
    assert "KYLLÄ" in body
    answer(house, "Siis mitä?")
    assert texts(house) == []
    assert callback in house.world.callbacks
    answer(house, "ei")
    assert cancellations(house) == [(callback, "sms")]


def test_texts_in_return_come_to_an_end_and_a_cancel_word_is_still_confirmed() -> None:
    house, asterisk = begin()
    callback = texted(house, asterisk)
    for number in range(40):
        answer(house, f"04022233{number:02}")
    assert len(texts(house)) == 6
    answer(house, "EI")
    assert [number for number, _ in cancellations(house)] == [callback]
    assert ["on peruttu" in body for _, _, body in texts(house)] == [True]


def test_the_texts_of_the_administrator_are_used() -> None:
    house, asterisk = begin(cancelled_text="{{ service }} peruttu {{ number }}")
    texted(house, asterisk)
    answer(house, "EI")
    assert texts(house) == [(MATTI, OURS, f"Asiakaspalvelu peruttu {MATTI}")]


def test_a_text_to_another_number_of_ours_or_from_another_person_is_no_answer() -> None:
    house, asterisk = begin()
    callback = texted(house, asterisk)
    answer(house, "EI", to="+358457654321")
    answer(house, "EI", number=MAIJA)
    assert callback in house.world.callbacks
    assert texts(house) == []
