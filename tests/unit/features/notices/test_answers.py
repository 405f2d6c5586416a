"""Answers by text to a notice in time."""

from __future__ import annotations

import pytest

from callcentre.messaging.events import (
    Accepted,
    TextHandedOver,
)
from tests.cast import AINO, MATTI, REPLY_NUMBER
from tests.unit.features.callbacks.desk import ask_for
from tests.unit.features.notices.desk import answer, begin, cancellations, notice_facts, numbers_dialled, texted, texts


def test_a_cancel_word_cancels_the_callback_is_confirmed_and_the_next_moves_up() -> None:
    rehearsal, asterisk = begin(at_position="1")
    callback = texted(rehearsal, asterisk)
    behind = ask_for(asterisk, AINO)
    answer(rehearsal, "Ei!")
    assert cancellations(rehearsal) == [(callback, "sms")]
    assert texts(rehearsal) == [
        (MATTI, REPLY_NUMBER, "Asiakaspalvelu: takaisinsoittosi on peruttu. Voit soittaa meille uudelleen.")
    ]
    asterisk.ticks()
    assert [number for number, _, _ in texts(rehearsal)] == [AINO]
    assert list(rehearsal.world.callbacks) == [behind]
    assert ("answered", "sms", "cancel") in notice_facts(rehearsal)


def test_a_keep_word_keeps_the_callback_without_a_text() -> None:
    rehearsal, asterisk = begin()
    callback = texted(rehearsal, asterisk)
    answer(rehearsal, "kyllä")
    assert callback in rehearsal.world.callbacks
    assert texts(rehearsal) == []
    assert notice_facts(rehearsal)[-1] == ("answered", "sms", "keep")


@pytest.mark.parametrize("body", ["kyllä", "Koska soitatte?", "0600 123456"])
@pytest.mark.parametrize("is_due", [False, True])
def test_an_answer_proves_that_the_text_was_delivered(body: str, is_due: bool) -> None:
    rehearsal, asterisk = begin()
    callback = ask_for(asterisk)
    rehearsal.tell(TextHandedOver(at=rehearsal.at, message=f"notice-{callback}", outcome=Accepted()))
    if is_due:
        asterisk.passes(61)
    answer(rehearsal, body)
    asterisk.passes(61)
    asterisk.ticks(2)
    assert asterisk.dialled == []


def test_a_customer_who_kept_the_callback_may_still_cancel() -> None:
    rehearsal, asterisk = begin()
    callback = texted(rehearsal, asterisk)
    answer(rehearsal, "k")
    answer(rehearsal, "ei")
    assert cancellations(rehearsal) == [(callback, "sms")]


@pytest.mark.parametrize("body", ["040 222 3333", "\u202a040\u00a0222\u20113333\u202c"])
def test_a_number_moves_the_callback_and_it_is_dialled_there(body: str) -> None:
    rehearsal, asterisk = begin()
    texted(rehearsal, asterisk)
    answer(rehearsal, body)
    assert texts(rehearsal) == [(MATTI, REPLY_NUMBER, f"Asiakaspalvelu: soitamme sinulle numeroon {AINO}.")]
    asterisk.on_duty("INUSE")
    asterisk.ticks()
    assert numbers_dialled(asterisk) == [AINO]
    assert notice_facts(rehearsal)[-1] == ("answered", "sms", "number")


@pytest.mark.parametrize("number", ["+18095551234", "0600123456", "12345", "+8816123456789"])
def test_a_number_that_may_not_be_dialled_is_refused_and_the_callback_stays(number: str) -> None:
    rehearsal, asterisk = begin()
    callback = texted(rehearsal, asterisk)
    answer(rehearsal, number)
    ((to, _, body),) = texts(rehearsal)
    assert to == MATTI
    assert "emme voi soittaa antamaasi numeroon" in body
    assert MATTI in body
    assert rehearsal.world.callbacks[callback].number == MATTI
    assert notice_facts(rehearsal)[-1] == ("answered", "sms", "refused")


def test_a_callback_may_move_to_a_number_that_has_one_already() -> None:
    rehearsal, asterisk = begin()
    callback, other = texted(rehearsal, asterisk), texted(rehearsal, asterisk, AINO)
    answer(rehearsal, AINO)
    assert texts(rehearsal) == [(MATTI, REPLY_NUMBER, f"Asiakaspalvelu: soitamme sinulle numeroon {AINO}.")]
    assert [rehearsal.world.callbacks[one].number for one in (callback, other)] == [AINO, AINO]


def test_the_number_of_the_callback_itself_is_accepted() -> None:
    rehearsal, asterisk = begin()
    callback = texted(rehearsal, asterisk)
    answer(rehearsal, "040 111 2222")
    assert texts(rehearsal) == [(MATTI, REPLY_NUMBER, f"Asiakaspalvelu: soitamme sinulle numeroon {MATTI}.")]
    assert rehearsal.world.callbacks[callback].number == MATTI


def test_any_other_text_gets_help_once() -> None:
    rehearsal, asterisk = begin()
    callback = texted(rehearsal, asterisk)
    answer(rehearsal, "Koska soitatte?")
    ((_, _, body),) = texts(rehearsal)
    assert "Vastaa EI" in body
    assert "KYLLÄ" in body
    answer(rehearsal, "Siis mitä?")
    assert texts(rehearsal) == []
    assert callback in rehearsal.world.callbacks
    answer(rehearsal, "ei")
    assert cancellations(rehearsal) == [(callback, "sms")]


def test_texts_in_return_come_to_an_end_and_a_cancel_word_is_still_confirmed() -> None:
    rehearsal, asterisk = begin()
    callback = texted(rehearsal, asterisk)
    for number in range(40):
        answer(rehearsal, f"04022233{number:02}")
    assert len(texts(rehearsal)) == 6
    answer(rehearsal, "EI")
    assert [number for number, _ in cancellations(rehearsal)] == [callback]
    assert ["on peruttu" in body for _, _, body in texts(rehearsal)] == [True]


def test_the_texts_of_the_administrator_are_used() -> None:
    rehearsal, asterisk = begin(cancelled_text="{{ service }} peruttu {{ number }}")
    texted(rehearsal, asterisk)
    answer(rehearsal, "EI")
    assert texts(rehearsal) == [(MATTI, REPLY_NUMBER, f"Asiakaspalvelu peruttu {MATTI}")]


def test_a_text_to_another_number_of_ours_or_from_another_person_is_no_answer() -> None:
    rehearsal, asterisk = begin()
    callback = texted(rehearsal, asterisk)
    answer(rehearsal, "EI", to="+358457654321")
    answer(rehearsal, "EI", number=AINO)
    assert callback in rehearsal.world.callbacks
    assert texts(rehearsal) == []
