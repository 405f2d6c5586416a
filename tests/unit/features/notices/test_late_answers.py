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
from tests.cast import AINO, MATTI
from tests.unit.features.callbacks.desk import SALES, ask_for
from tests.unit.features.notices.desk import (
    answer,
    begin,
    cancellations,
    notice_facts,
    numbers_dialled,
    report,
    texted,
    texts,
)


def test_an_undelivered_text_may_be_answered_late_after_a_key_cancelled_the_callback() -> None:
    rehearsal, asterisk = begin()
    callback = ask_for(asterisk)
    report(rehearsal, callback, Delivery.FAILED)
    texts(rehearsal)
    asterisk.ticks()
    call = f"{callback}-notice-1"
    asterisk.picks_up(call)
    asterisk.key(call, "2")
    asterisk.says_all(call)
    answer(rehearsal, "EI")
    assert ["oli jo peruttu" in body for _, _, body in texts(rehearsal)] == [True]


def test_an_answer_just_before_the_turn_is_obeyed_and_nobody_is_dialled() -> None:
    rehearsal, asterisk = begin()
    texted(rehearsal, asterisk)
    asterisk.on_duty("INUSE")
    answer(rehearsal, "EI")
    asterisk.ticks(3)
    assert asterisk.dialled == []


def test_an_answer_just_after_the_dialling_changes_nothing_and_gets_a_text() -> None:
    rehearsal, asterisk = begin()
    callback = texted(rehearsal, asterisk)
    asterisk.on_duty("INUSE")
    rehearsal.later(1)
    rehearsal.tell(Tick(at=rehearsal.at))
    answer(rehearsal, "EI")
    asterisk.perform()
    assert numbers_dialled(asterisk) == [MATTI]
    assert rehearsal.world.callbacks[callback].phase is Phase.DIALLING
    ((_, _, body),) = texts(rehearsal)
    assert "olemme jo soittaneet sinulle tai soitamme juuri nyt" in body
    assert notice_facts(rehearsal)[-1] == ("answered", "sms", "late")
    answer(rehearsal, "EI EI EI")
    assert texts(rehearsal) == []


def test_the_second_of_two_cancel_words_gets_the_text_that_it_was_cancelled_before() -> None:
    rehearsal, asterisk = begin()
    callback = texted(rehearsal, asterisk)
    answer(rehearsal, "EI")
    texts(rehearsal)
    answer(rehearsal, "K")
    assert ["oli jo peruttu" in body for _, _, body in texts(rehearsal)] == [True]
    assert cancellations(rehearsal) == [(callback, "sms")]
    assert len(rehearsal.world.callbacks) == 0


def test_after_a_day_an_answer_is_an_answer_to_nothing() -> None:
    rehearsal, asterisk = begin()
    texted(rehearsal, asterisk)
    answer(rehearsal, "EI")
    texts(rehearsal)
    rehearsal.later(86_401)
    answer(rehearsal, "EI")
    assert texts(rehearsal) == []
    assert not rehearsal.world.notices


def test_after_the_conversation_an_answer_gets_the_text_that_the_callback_is_over() -> None:
    rehearsal, asterisk = begin()
    texted(rehearsal, asterisk)
    asterisk.on_duty("INUSE")
    asterisk.ticks()
    (call,) = asterisk.ringing
    asterisk.picks_up(call)
    asterisk.key(call, "1")
    asterisk.answered(call)
    asterisk.hangs_up(call)
    assert "callback.completed" in rehearsal.names()
    answer(rehearsal, "EI")
    assert ["on päättynyt" in body for _, _, body in texts(rehearsal)] == [True]


def test_a_late_answer_gets_one_text_while_it_is_dialled_and_one_when_it_is_over() -> None:
    rehearsal, asterisk = begin()
    texted(rehearsal, asterisk)
    asterisk.on_duty("INUSE")
    asterisk.ticks()
    (call,) = asterisk.ringing
    answer(rehearsal, "EI")
    asterisk.picks_up(call)
    asterisk.key(call, "2")
    asterisk.says_all(call)
    answer(rehearsal, "EI")
    answer(rehearsal, "EI")
    late = [body.partition(": ")[2].partition(": ")[2] for _, _, body in texts(rehearsal)]
    assert late == ["olemme jo soittaneet sinulle tai soitamme juuri nyt.", "takaisinsoittosi oli jo peruttu."]


def test_a_customer_who_called_again_and_was_served_gets_the_text_that_it_is_over() -> None:
    rehearsal, asterisk = begin()
    texted(rehearsal, asterisk)
    call = asterisk.enters(MATTI)
    asterisk.key(call, "1")
    asterisk.answered(call)
    answer(rehearsal, "EI")
    assert ["on päättynyt" in body for _, _, body in texts(rehearsal)] == [True]


def test_of_two_open_callbacks_the_last_notice_is_answered_first() -> None:
    sales = SALES | {"queue": "sales", "notify": {"text": "Myynti soittaa"}}
    rehearsal, asterisk = begin(services={"sales": sales})
    older, newer = texted(rehearsal, asterisk), texted(rehearsal, asterisk, service="sales")
    answer(rehearsal, "EI")
    assert cancellations(rehearsal) == [(newer, "sms")]
    assert [body.partition(":")[0] for _, _, body in texts(rehearsal)] == ["Myynti"]
    answer(rehearsal, "EI")
    assert cancellations(rehearsal) == [(newer, "sms"), (older, "sms")]
    assert [body.partition(":")[0] for _, _, body in texts(rehearsal)] == ["Asiakaspalvelu"]


@pytest.mark.parametrize("way", [Delivery.FAILED, None])
@pytest.mark.parametrize("before", [[], ["K"]])
def test_an_answer_is_not_to_a_newer_notice_whose_text_did_not_arrive(way: Delivery | None, before: list[str]) -> None:
    sales = SALES | {"queue": "sales", "notify": {"text": "Myynti soittaa"}}
    rehearsal, asterisk = begin(services={"sales": sales})
    older = texted(rehearsal, asterisk)
    for body in before:
        answer(rehearsal, body)
    newer = ask_for(asterisk, MATTI, service="sales")
    if way is None:
        asterisk.passes(61)
    else:
        report(rehearsal, newer, way)
    answer(rehearsal, "EI")
    assert cancellations(rehearsal) == [(older, "sms")]
    assert newer in rehearsal.world.callbacks


def test_a_text_before_the_notice_went_out_is_no_answer_to_it() -> None:
    rehearsal, asterisk = begin(changes={"sms": {"quiet_hours": "11:00-13:00"}})
    callback = ask_for(asterisk)
    answer(rehearsal, "EI")
    assert callback in rehearsal.world.callbacks
    asterisk.passes(3600)
    assert len(texts(rehearsal)) == 1
    rehearsal.tell(TextHandedOver(at=rehearsal.at, message=f"notice-{callback}", outcome=Unclear("time ran out")))
    answer(rehearsal, "EI")
    assert cancellations(rehearsal) == [(callback, "sms")]


def test_an_answer_is_to_the_older_notice_while_only_that_one_went_out() -> None:
    sales = SALES | {"queue": "sales", "notify": {"text": "Myynti soittaa", "at_position": "1"}}
    rehearsal, asterisk = begin(services={"sales": sales})
    older = texted(rehearsal, asterisk)
    ask_for(asterisk, AINO, service="sales")
    newer = ask_for(asterisk, MATTI, service="sales")
    answer(rehearsal, "EI")
    assert cancellations(rehearsal) == [(older, "sms")]
    assert newer in rehearsal.world.callbacks


def test_an_answer_while_the_auto_agent_rings_ends_that_call() -> None:
    rehearsal, asterisk = begin()
    callback = ask_for(asterisk)
    asterisk.passes(61)
    asterisk.ticks()
    assert numbers_dialled(asterisk) == [MATTI]
    answer(rehearsal, "K")
    asterisk.perform()
    assert asterisk.channels == {}
    asterisk.passes(1000)
    asterisk.ticks(2)
    assert len(asterisk.dialled) == 1
    assert callback in rehearsal.world.callbacks
