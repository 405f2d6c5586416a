"""Answers that come late, or while something else happens."""

from __future__ import annotations

import pytest

from callcentre.features.callbacks.model import Phase
from callcentre.kernel.event import Tick
from callcentre.messaging.events import (
    Delivery,
    TextHandedOver,
    Unclear,
)
from tests.unit.features.callbacks.desk import SALES, ask_for
from tests.unit.features.notices.desk import (
    MAIJA,
    answer,
    begin,
    cancellations,
    notice_facts,
    numbers_dialled,
    report,
    texted,
    texts,
)
from tests.unit.telephone import MATTI


def test_an_undelivered_text_may_be_answered_late_after_a_key_cancelled_the_callback() -> None:
    house, asterisk = begin()
    callback = ask_for(asterisk)
    report(house, callback, Delivery.FAILED)
    texts(house)
    asterisk.beats()
    call = f"{callback}-notice-1"
    asterisk.picks_up(call)
    asterisk.key(call, "2")
    asterisk.says_all(call)
    answer(house, "EI")
    assert ["oli jo peruttu" in body for _, _, body in texts(house)] == [True]


def test_an_answer_just_before_the_turn_is_obeyed_and_nobody_is_dialled() -> None:
    house, asterisk = begin()
    texted(house, asterisk)
    asterisk.on_duty("INUSE")
    answer(house, "EI")
    asterisk.beats(3)
    assert asterisk.dialled == []


def test_an_answer_just_after_the_dialling_changes_nothing_and_gets_a_text() -> None:
    house, asterisk = begin()
    callback = texted(house, asterisk)
    asterisk.on_duty("INUSE")
    house.later(1)
    house.tell(Tick(at=house.at))
    answer(house, "EI")
    asterisk.perform()
    assert numbers_dialled(asterisk) == [MATTI]
    assert house.world.callbacks[callback].phase is Phase.DIALLING
    ((_, _, body),) = texts(house)
    assert "olemme jo soittaneet sinulle tai soitamme juuri nyt" in body
    assert notice_facts(house)[-1] == ("answered", "sms", "late")
    answer(house, "EI EI EI")
    assert texts(house) == []


def test_the_second_of_two_cancel_words_gets_the_text_that_it_was_cancelled_before() -> None:
    house, asterisk = begin()
    callback = texted(house, asterisk)
    answer(house, "EI")
    texts(house)
    answer(house, "K")
    assert ["oli jo peruttu" in body for _, _, body in texts(house)] == [True]
    assert cancellations(house) == [(callback, "sms")]
    assert len(house.world.callbacks) == 0


def test_after_a_day_an_answer_is_an_answer_to_nothing() -> None:
    house, asterisk = begin()
    texted(house, asterisk)
    answer(house, "EI")
    texts(house)
    house.later(86_401)
    answer(house, "EI")
    assert texts(house) == []
    assert not house.world.notices


def test_after_the_conversation_an_answer_gets_the_text_that_the_callback_is_over() -> None:
    house, asterisk = begin()
    texted(house, asterisk)
    asterisk.on_duty("INUSE")
    asterisk.beats()
    (call,) = asterisk.ringing
    asterisk.picks_up(call)
    asterisk.key(call, "1")
    asterisk.answered(call)
    asterisk.hangs_up(call)
    assert "callback.completed" in house.names()
    answer(house, "EI")
    assert ["on päättynyt" in body for _, _, body in texts(house)] == [True]


def test_a_late_answer_gets_one_text_while_it_is_dialled_and_one_when_it_is_over() -> None:
    house, asterisk = begin()
    texted(house, asterisk)
    asterisk.on_duty("INUSE")
    asterisk.beats()
    (call,) = asterisk.ringing
    answer(house, "EI")
    asterisk.picks_up(call)
    asterisk.key(call, "2")
    asterisk.says_all(call)
    answer(house, "EI")
    answer(house, "EI")
    late = [body.partition(": ")[2].partition(": ")[2] for _, _, body in texts(house)]
    assert late == ["olemme jo soittaneet sinulle tai soitamme juuri nyt.", "takaisinsoittosi oli jo peruttu."]


def test_a_customer_who_called_again_and_was_served_gets_the_text_that_it_is_over() -> None:
    house, asterisk = begin()
    texted(house, asterisk)
    call = asterisk.enters(MATTI)
    asterisk.key(call, "1")
    asterisk.answered(call)
    answer(house, "EI")
    assert ["on päättynyt" in body for _, _, body in texts(house)] == [True]


def test_of_two_open_callbacks_the_last_notice_is_answered_first() -> None:
    sales = SALES | {"queue": "sales", "notify": {"text": "Myynti soittaa"}}
    house, asterisk = begin(services={"sales": sales})
    older, newer = texted(house, asterisk), texted(house, asterisk, service="sales")
    answer(house, "EI")
    assert cancellations(house) == [(newer, "sms")]
    assert [body.partition(":")[0] for _, _, body in texts(house)] == ["Myynti"]
    answer(house, "EI")
    assert cancellations(house) == [(newer, "sms"), (older, "sms")]
    assert [body.partition(":")[0] for _, _, body in texts(house)] == ["Asiakaspalvelu"]


@pytest.mark.parametrize("way", [Delivery.FAILED, None])
@pytest.mark.parametrize("before", [[], ["K"]])
def test_an_answer_is_not_to_a_newer_notice_whose_text_did_not_arrive(way: Delivery | None, before: list[str]) -> None:
    sales = SALES | {"queue": "sales", "notify": {"text": "Myynti soittaa"}}
    house, asterisk = begin(services={"sales": sales})
    older = texted(house, asterisk)
    for body in before:
        answer(house, body)
    newer = ask_for(asterisk, MATTI, service="sales")
    if way is None:
        asterisk.passes(61)
    else:
        report(house, newer, way)
    answer(house, "EI")
    assert cancellations(house) == [(older, "sms")]
    assert newer in house.world.callbacks


def test_a_text_before_the_notice_went_out_is_no_answer_to_it() -> None:
    house, asterisk = begin(changes={"sms": {"quiet_hours": "11:00-13:00"}})
    callback = ask_for(asterisk)
    answer(house, "EI")
    assert callback in house.world.callbacks
    asterisk.passes(3600)
    assert len(texts(house)) == 1
    house.tell(TextHandedOver(at=house.at, message=f"notice-{callback}", outcome=Unclear("time ran out")))
    answer(house, "EI")
    assert cancellations(house) == [(callback, "sms")]


def test_an_answer_is_to_the_older_notice_while_only_that_one_went_out() -> None:
    sales = SALES | {"queue": "sales", "notify": {"text": "Myynti soittaa", "at_position": "1"}}
    house, asterisk = begin(services={"sales": sales})
    older = texted(house, asterisk)
    ask_for(asterisk, MAIJA, service="sales")
    newer = ask_for(asterisk, MATTI, service="sales")
    answer(house, "EI")
    assert cancellations(house) == [(older, "sms")]
    assert newer in house.world.callbacks


def test_an_answer_while_the_auto_agent_rings_ends_that_call() -> None:
    house, asterisk = begin()
    callback = ask_for(asterisk)
    asterisk.passes(61)
    asterisk.beats()
    assert numbers_dialled(asterisk) == [MATTI]
    answer(house, "K")
    asterisk.perform()
    assert asterisk.channels == {}
    asterisk.passes(1000)
    asterisk.beats(2)
    assert len(asterisk.dialled) == 1
    assert callback in house.world.callbacks
