"""Customers who opt out of texts around a notice."""

from __future__ import annotations

import pytest

from callcentre.messaging.events import (
    TextReceived,
)
from tests.unit.features.callbacks.desk import ask_for
from tests.unit.features.notices.desk import (
    MAIJA,
    OURS,
    answer,
    begin,
    cancellations,
    numbers_dialled,
    report,
    texted,
    texts,
)
from tests.unit.telephone import MATTI


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
    house, asterisk = begin(cancel_words=cancel_words)
    callback = texted(house, asterisk)
    answer(house, body)
    assert (cancellations(house) == [(callback, "sms")], "number.opted_out" in house.names()) == (cancelled, opted_out)
    if cancelled:
        # Too late it is no wish for no texts either: the person is told that it is over.
        answer(house, body)
        assert [fact.reason for fact in house.facts if fact.name == "notice.answered"] == ["cancel", "late"]
        # Somebody without a notice means texts.
        answer(house, body, number=MAIJA)
        assert house.names()[-1] == "number.opted_out"


def test_a_cancel_word_that_the_gateway_takes_for_an_opt_out_does_both() -> None:
    house, asterisk = begin(cancel_words=["cancel"])
    callback = texted(house, asterisk)
    house.tell(
        TextReceived(
            at=house.at, gateway="twilio", gateway_id="1", sender=MATTI, recipient=OURS, body="CANCEL", taken_as="stop"
        )
    )
    assert cancellations(house) == [(callback, "sms")]
    assert "number.opted_out" in house.names()
    assert texts(house) == []


def test_opting_out_instead_of_answering_keeps_the_callback_and_a_call_announces_it() -> None:
    house, asterisk = begin()
    callback = texted(house, asterisk)
    answer(house, "STOP")
    assert texts(house) == []
    asterisk.beats()
    assert numbers_dialled(asterisk) == [MATTI]
    asterisk.picks_up(f"{callback}-notice-1")
    asterisk.key(f"{callback}-notice-1", "1")
    asterisk.says_all(f"{callback}-notice-1")
    answer(house, "EI")
    assert texts(house) == []
    assert cancellations(house) == [(callback, "sms")]


def test_opting_out_makes_no_call_where_only_texts_are_sent_or_after_the_dialling() -> None:
    house, asterisk = begin(by="sms")
    texted(house, asterisk)
    answer(house, "STOP")
    asterisk.beats(3)
    assert asterisk.dialled == []

    house, asterisk = begin()
    texted(house, asterisk)
    asterisk.on_duty("INUSE")
    asterisk.beats()
    (call,) = asterisk.ringing
    answer(house, "STOP")
    asterisk.rings_in_vain(call, 17)
    asterisk.on_duty("UNAVAILABLE")
    asterisk.passes(200)
    asterisk.beats(2)
    assert numbers_dialled(asterisk) == [MATTI]


def test_a_customer_who_opted_out_is_called_even_if_the_text_is_reported_as_delivered() -> None:
    house, asterisk = begin()
    callback = ask_for(asterisk)
    answer(house, "STOP")
    report(house, callback)
    asterisk.beats()
    assert numbers_dialled(asterisk) == [MATTI]


def test_a_customer_who_opted_out_is_called_even_after_an_unclear_answer() -> None:
    house, asterisk = begin()
    texted(house, asterisk)
    answer(house, "STOP")
    answer(house, "Hei?")
    assert texts(house) == []
    asterisk.beats()
    assert numbers_dialled(asterisk) == [MATTI]


def test_opting_out_after_an_answer_calls_nobody() -> None:
    house, asterisk = begin()
    texted(house, asterisk)
    answer(house, "k")
    answer(house, "STOP")
    asterisk.beats(3)
    assert asterisk.dialled == []


def test_a_customer_who_opted_out_before_is_called() -> None:
    house, asterisk = begin()
    answer(house, "STOP")
    ask_for(asterisk)
    asterisk.beats()
    assert texts(house) == []
    assert numbers_dialled(asterisk) == [MATTI]
