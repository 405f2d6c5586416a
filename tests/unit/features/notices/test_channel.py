"""Whether a callback is announced by a text or by a call, and what an undelivered text leads to."""

from __future__ import annotations

import pytest

from callcentre.features.callbacks.events import CallbackWithdrawn
from callcentre.features.notices.model import Stage
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import (
    Accepted,
    Delivery,
    DeliveryReported,
    Refused,
    TextHandedOver,
    Unclear,
)
from tests.cast import KERTTU, MATTI
from tests.unit.features.callbacks.desk import ask_for
from tests.unit.features.notices.desk import begin, notice_facts, numbers_dialled, report, stage_of, texted, texts


def test_a_landline_is_called_in_its_language_and_hears_its_place() -> None:
    rehearsal, asterisk = begin()
    callback = ask_for(asterisk, KERTTU)
    asterisk.ticks()
    (originate,) = asterisk.dialled
    assert (originate.context, originate.caller_id, originate.ring) == ("callcentre-notice", "+358912345678", 30)
    assert dict(originate.variables) == {"CALLCENTRE_CALLBACK": callback, "CHANNEL(language)": "fi"}
    assert rehearsal.world.outgoing.total("2026-06-03") == 1
    asterisk.picks_up(originate.call)
    assert asterisk.heard[originate.call] == ["notice-intro", "notice-place", "numbers/1", "notice-choice"]
    assert notice_facts(rehearsal) == [("sent", "voice"), ("delivered", "voice")]


@pytest.mark.parametrize(
    ("way", "by", "called"),
    [
        (Delivery.FAILED, "auto", True),
        (Delivery.EXPIRED, "auto", True),
        (None, "auto", True),
        (Delivery.FAILED, "sms", False),
        (None, "sms", False),
        (Delivery.DELIVERED, "auto", False),
    ],
)
def test_an_undelivered_text_turns_into_a_call(way: Delivery | None, by: str, called: bool) -> None:
    rehearsal, asterisk = begin(by=by)
    callback = ask_for(asterisk)
    if way is None:
        rehearsal.tell(TextHandedOver(at=rehearsal.at, message=f"notice-{callback}", outcome=Accepted()))
        asterisk.passes(58)
        asterisk.ticks()
        assert asterisk.dialled == []
        asterisk.passes(1)
    else:
        report(rehearsal, callback, way)
    asterisk.ticks(2)
    assert numbers_dialled(asterisk) == [MATTI] * called
    if called:
        assert ("failed", "sms", "no_report" if way is None else way.value) in notice_facts(rehearsal)


def test_a_text_that_the_gateway_refuses_turns_into_a_call() -> None:
    rehearsal, asterisk = begin()
    callback = ask_for(asterisk)
    rehearsal.tell(TextHandedOver(at=rehearsal.at, message=f"notice-{callback}", outcome=Refused("no", permanent=True)))
    asterisk.ticks()
    assert numbers_dialled(asterisk) == [MATTI]


def test_a_notice_whose_outcome_stays_unclear_turns_into_a_call() -> None:
    rehearsal, asterisk = begin()
    ask_for(asterisk)
    for pause in (5, 10, 19):
        (text,) = rehearsal.take(SendText)
        rehearsal.tell(TextHandedOver(at=rehearsal.at, message=text.message, outcome=Unclear("504")))
        asterisk.passes(pause)
    asterisk.ticks()
    assert numbers_dialled(asterisk) == [MATTI]
    assert ("failed", "sms", "unclear") in notice_facts(rehearsal)
    asterisk.passes(3600)
    assert texts(rehearsal) == []


@pytest.mark.parametrize("by", ["auto", "sms"])
def test_a_notice_beyond_the_texts_of_the_day_turns_into_a_call_where_that_is_allowed(by: str) -> None:
    rehearsal, asterisk = begin(changes={"sms": {"per_number_per_day": "1"}}, by=by, at_position="1")
    callback = texted(rehearsal, asterisk)
    rehearsal.tell(CallbackWithdrawn(at=rehearsal.at, callback=callback, by="staff"))
    ask_for(asterisk, request="again")
    asterisk.ticks(2)
    assert texts(rehearsal) == []
    assert ("failed", "sms", "per_number") in notice_facts(rehearsal)
    assert numbers_dialled(asterisk) == ([MATTI] if by == "auto" else [])


def test_a_text_that_the_gateway_never_accepted_is_not_sent_after_the_call() -> None:
    rehearsal, asterisk = begin()
    callback = ask_for(asterisk)
    message = f"notice-{callback}"
    for _ in range(90):
        for _ in rehearsal.take(SendText):
            rehearsal.tell(TextHandedOver(at=rehearsal.at, message=message, outcome=Refused("away")))
        asterisk.ticks()
    assert numbers_dialled(asterisk) == [MATTI]
    assert [fact.reason for fact in rehearsal.facts if fact.name == "sms.refused"] == ["voice"]


def test_a_late_delivery_report_cancels_the_call() -> None:
    rehearsal, asterisk = begin(changes={"dialling": {"in_flight": "1"}})
    ask_for(asterisk, KERTTU)
    asterisk.ticks()
    callback = ask_for(asterisk)
    asterisk.passes(20)
    rehearsal.tell(TextHandedOver(at=rehearsal.at, message=f"notice-{callback}", outcome=Accepted()))
    asterisk.passes(41)
    assert stage_of(rehearsal, callback) is Stage.CALL_DUE
    rehearsal.tell(DeliveryReported(at=rehearsal.at, message=f"notice-{callback}", delivery=Delivery.DELIVERED))
    asterisk.passes(60)
    asterisk.ticks(3)
    assert MATTI not in numbers_dialled(asterisk)


def test_a_report_of_failure_during_the_call_changes_nothing() -> None:
    rehearsal, asterisk = begin()
    callback = ask_for(asterisk)
    asterisk.passes(61)
    asterisk.ticks()
    report(rehearsal, callback, Delivery.FAILED)
    assert stage_of(rehearsal, callback) is Stage.RINGING
    assert notice_facts(rehearsal) == [("sent", "sms"), ("failed", "sms", "no_report"), ("sent", "voice")]


def test_a_text_that_fails_after_the_callback_was_dialled_makes_no_call() -> None:
    rehearsal, asterisk = begin()
    callback = ask_for(asterisk)
    asterisk.on_duty("INUSE")
    asterisk.ticks()
    (call,) = asterisk.ringing
    report(rehearsal, callback, Delivery.FAILED)
    asterisk.rings_in_vain(call, 17)
    asterisk.on_duty("UNAVAILABLE")
    asterisk.passes(200)
    asterisk.ticks(2)
    assert numbers_dialled(asterisk) == [MATTI]
    assert notice_facts(rehearsal) == [("sent", "sms")]


def test_a_number_that_no_channel_reaches_gets_a_failed_notice() -> None:
    rehearsal, asterisk = begin(by="sms")
    ask_for(asterisk, KERTTU)
    asterisk.ticks(3)
    assert notice_facts(rehearsal) == [("failed", "sms", "landline")]
    assert asterisk.dialled == []


def test_a_text_in_quiet_hours_and_its_call_wait_for_the_end_of_the_quiet_hours() -> None:
    rehearsal, asterisk = begin(changes={"sms": {"quiet_hours": "11:00-13:00"}})
    ask_for(asterisk)
    asterisk.passes(3500)
    asterisk.ticks()
    assert texts(rehearsal) == []
    assert asterisk.dialled == []
    asterisk.passes(120)
    assert len(texts(rehearsal)) == 1


def test_a_delivery_report_between_two_calls_cancels_the_second() -> None:
    rehearsal, asterisk = begin()
    callback = ask_for(asterisk)
    asterisk.passes(61)
    asterisk.ticks()
    asterisk.rings_in_vain(f"{callback}-notice-1", 17)
    report(rehearsal, callback)
    asterisk.passes(200)
    asterisk.ticks(2)
    assert numbers_dialled(asterisk) == [MATTI]
