"""Customers who opt out of texts around a notice."""

from __future__ import annotations

import pytest

from callcentre.messaging.events import (
    TextReceived,
)
from tests.cast import AINO, MATTI, REPLY_NUMBER
from tests.unit.features.callbacks.desk import ask_for
from tests.unit.features.notices.desk import answer, begin, cancellations, numbers_dialled, report, texted, texts


@pytest.mark.parametrize(
    ("cancel_words", "body", "cancelled", "opted_out"),
    [
        (["cancel", "ei"], "Cancel.", True, False),
        (["ei"], "Cancel.", False, True),
        (["peruuta tilaus"], "Peruuta tilaus", True, False),
    ],
)
def test_a_cancel_word_that_is_also_an_opt_out_word_answers_the_notice(
    cancel_words: list[str], body: str, cancelled: bool, opted_out: bool
) -> None:
    rehearsal, asterisk = begin(cancel_words=cancel_words)
    callback = texted(rehearsal, asterisk)
    answer(rehearsal, body)
    assert (cancellations(rehearsal) == [(callback, "sms")], "number.opted_out" in rehearsal.names()) == (
        cancelled,
        opted_out,
    )
    if cancelled:
        # An answer that comes too late opts nobody out either: the person is told that the callback is over.
        answer(rehearsal, body)
        assert [fact.reason for fact in rehearsal.facts if fact.name == "notice.answered"] == ["cancel", "late"]
        # Somebody without a notice means texts.
        answer(rehearsal, body, number=AINO)
        assert rehearsal.names()[-1] == "number.opted_out"


def test_a_cancel_word_that_the_gateway_takes_for_an_opt_out_does_both() -> None:
    rehearsal, asterisk = begin(cancel_words=["cancel"])
    callback = texted(rehearsal, asterisk)
    rehearsal.tell(
        TextReceived(
            at=rehearsal.at,
            gateway="twilio",
            gateway_id="1",
            sender=MATTI,
            recipient=REPLY_NUMBER,
            body="CANCEL",
            taken_as="stop",
        )
    )
    assert cancellations(rehearsal) == [(callback, "sms")]
    assert "number.opted_out" in rehearsal.names()
    assert texts(rehearsal) == []


def test_opting_out_instead_of_answering_keeps_the_callback_and_a_call_announces_it() -> None:
    rehearsal, asterisk = begin()
    callback = texted(rehearsal, asterisk)
    answer(rehearsal, "STOP")
    assert texts(rehearsal) == []
    asterisk.ticks()
    assert numbers_dialled(asterisk) == [MATTI]
    asterisk.picks_up(f"{callback}-notice-1")
    asterisk.key(f"{callback}-notice-1", "1")
    asterisk.says_all(f"{callback}-notice-1")
    answer(rehearsal, "EI")
    assert texts(rehearsal) == []
    assert cancellations(rehearsal) == [(callback, "sms")]


def test_opting_out_makes_no_call_where_only_texts_are_sent_or_after_the_dialling() -> None:
    rehearsal, asterisk = begin(by="sms")
    texted(rehearsal, asterisk)
    answer(rehearsal, "STOP")
    asterisk.ticks(3)
    assert asterisk.dialled == []

    rehearsal, asterisk = begin()
    texted(rehearsal, asterisk)
    asterisk.on_duty("INUSE")
    asterisk.ticks()
    (call,) = asterisk.ringing
    answer(rehearsal, "STOP")
    asterisk.rings_in_vain(call, 17)
    asterisk.on_duty("UNAVAILABLE")
    asterisk.passes(200)
    asterisk.ticks(2)
    assert numbers_dialled(asterisk) == [MATTI]


def test_a_customer_who_opted_out_is_called_even_if_the_text_is_reported_as_delivered() -> None:
    rehearsal, asterisk = begin()
    callback = ask_for(asterisk)
    answer(rehearsal, "STOP")
    report(rehearsal, callback)
    asterisk.ticks()
    assert numbers_dialled(asterisk) == [MATTI]


def test_a_customer_who_opted_out_is_called_even_after_an_unclear_answer() -> None:
    rehearsal, asterisk = begin()
    texted(rehearsal, asterisk)
    answer(rehearsal, "STOP")
    answer(rehearsal, "Hei?")
    assert texts(rehearsal) == []
    asterisk.ticks()
    assert numbers_dialled(asterisk) == [MATTI]


def test_opting_out_after_an_answer_calls_nobody() -> None:
    rehearsal, asterisk = begin()
    texted(rehearsal, asterisk)
    answer(rehearsal, "k")
    answer(rehearsal, "STOP")
    asterisk.ticks(3)
    assert asterisk.dialled == []


def test_a_customer_who_opted_out_before_is_called() -> None:
    rehearsal, asterisk = begin()
    answer(rehearsal, "STOP")
    ask_for(asterisk)
    asterisk.ticks()
    assert texts(rehearsal) == []
    assert numbers_dialled(asterisk) == [MATTI]
