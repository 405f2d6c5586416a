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
from tests.unit.features.callbacks.desk import ask_for
from tests.unit.features.notices.desk import (
    KERTTU,
    begin,
    notice_facts,
    numbers_dialled,
    report,
    stage_of,
    texted,
    texts,
)
from tests.unit.telephone import MATTI


def test_a_landline_is_called_in_its_language_and_hears_its_place() -> None:
    house, asterisk = begin()
    callback = ask_for(asterisk, KERTTU)
    asterisk.beats()
    (originate,) = asterisk.dialled
    assert (originate.context, originate.caller_id, originate.ring) == ("callcentre-notice", "+358912345678", 30)
    assert dict(originate.variables) == {"CALLCENTRE_CALLBACK": callback, "CHANNEL(language)": "fi"}
    assert house.world.outgoing.dialled is not None
    assert house.world.outgoing.dialled.total == 1
    asterisk.picks_up(originate.call)
    assert asterisk.heard[originate.call] == ["notice-intro", "notice-place", "numbers/1", "notice-choice"]
    assert notice_facts(house) == [("sent", "voice"), ("delivered", "voice")]


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
    house, asterisk = begin(by=by)
    callback = ask_for(asterisk)
    if way is None:
        house.tell(TextHandedOver(at=house.at, message=f"notice-{callback}", outcome=Accepted()))
        asterisk.passes(58)
        asterisk.beats()
        assert asterisk.dialled == []
        asterisk.passes(1)
    else:
        report(house, callback, way)
    asterisk.beats(2)
    assert numbers_dialled(asterisk) == [MATTI] * called
    if called:
        assert ("failed", "sms", "no_report" if way is None else way.value) in notice_facts(house)


def test_a_text_that_the_gateway_refuses_turns_into_a_call() -> None:
    house, asterisk = begin()
    callback = ask_for(asterisk)
    house.tell(TextHandedOver(at=house.at, message=f"notice-{callback}", outcome=Refused("no", permanent=True)))
    asterisk.beats()
    assert numbers_dialled(asterisk) == [MATTI]


def test_a_notice_whose_outcome_stays_unclear_turns_into_a_call() -> None:
    house, asterisk = begin()
    ask_for(asterisk)
    for pause in (5, 10, 19):
        (text,) = house.take(SendText)
        house.tell(TextHandedOver(at=house.at, message=text.message, outcome=Unclear("504")))
        asterisk.passes(pause)
    asterisk.beats()
    assert numbers_dialled(asterisk) == [MATTI]
    assert ("failed", "sms", "unclear") in notice_facts(house)
    asterisk.passes(3600)
    assert texts(house) == []


@pytest.mark.parametrize("by", ["auto", "sms"])
def test_a_notice_beyond_the_texts_of_the_day_turns_into_a_call_where_that_is_allowed(by: str) -> None:
    house, asterisk = begin(changes={"sms": {"per_number_per_day": "1"}}, by=by, at_position="1")
    callback = texted(house, asterisk)
    house.tell(CallbackWithdrawn(at=house.at, callback=callback, by="staff"))
    ask_for(asterisk, request="again")
    asterisk.beats(2)
    assert texts(house) == []
    assert ("failed", "sms", "per_number") in notice_facts(house)
    assert numbers_dialled(asterisk) == ([MATTI] if by == "auto" else [])


def test_a_text_that_the_gateway_never_accepted_is_not_sent_after_the_call() -> None:
    house, asterisk = begin()
    callback = ask_for(asterisk)
    message = f"notice-{callback}"
    for _ in range(90):
        for _ in house.take(SendText):
            house.tell(TextHandedOver(at=house.at, message=message, outcome=Refused("away")))
        asterisk.beats()
    assert numbers_dialled(asterisk) == [MATTI]
    assert [fact.reason for fact in house.facts if fact.name == "sms.refused"] == ["voice"]


def test_a_late_delivery_report_cancels_the_call() -> None:
    house, asterisk = begin(changes={"dialling": {"in_flight": "1"}})
    ask_for(asterisk, KERTTU)
    asterisk.beats()
    callback = ask_for(asterisk)
    asterisk.passes(20)
    house.tell(TextHandedOver(at=house.at, message=f"notice-{callback}", outcome=Accepted()))
    asterisk.passes(41)
    assert stage_of(house, callback) is Stage.CALL_DUE
    house.tell(DeliveryReported(at=house.at, message=f"notice-{callback}", delivery=Delivery.DELIVERED))
    asterisk.passes(60)
    asterisk.beats(3)
    assert MATTI not in numbers_dialled(asterisk)


def test_a_report_of_failure_during_the_call_changes_nothing() -> None:
    house, asterisk = begin()
    callback = ask_for(asterisk)
    asterisk.passes(61)
    asterisk.beats()
    report(house, callback, Delivery.FAILED)
    assert stage_of(house, callback) is Stage.RINGING
    assert notice_facts(house) == [("sent", "sms"), ("failed", "sms", "no_report"), ("sent", "voice")]


def test_a_text_that_fails_after_the_callback_was_dialled_makes_no_call() -> None:
    house, asterisk = begin()
    callback = ask_for(asterisk)
    asterisk.on_duty("INUSE")
    asterisk.beats()
    (call,) = asterisk.ringing
    report(house, callback, Delivery.FAILED)
    asterisk.rings_in_vain(call, 17)
    asterisk.on_duty("UNAVAILABLE")
    asterisk.passes(200)
    asterisk.beats(2)
    assert numbers_dialled(asterisk) == [MATTI]
    assert notice_facts(house) == [("sent", "sms")]


def test_a_number_that_no_channel_reaches_gets_a_failed_notice() -> None:
    house, asterisk = begin(by="sms")
    ask_for(asterisk, KERTTU)
    asterisk.beats(3)
    assert notice_facts(house) == [("failed", "sms", "landline")]
    assert asterisk.dialled == []


def test_a_text_in_quiet_hours_and_its_call_wait_for_the_end_of_the_quiet_hours() -> None:
    house, asterisk = begin(changes={"sms": {"quiet_hours": "11:00-13:00"}})
    ask_for(asterisk)
    asterisk.passes(3500)
    asterisk.beats()
    assert texts(house) == []
    assert asterisk.dialled == []
    asterisk.passes(120)
    assert len(texts(house)) == 1


def test_a_delivery_report_between_two_calls_cancels_the_second() -> None:
    house, asterisk = begin()
    callback = ask_for(asterisk)
    asterisk.passes(61)
    asterisk.beats()
    asterisk.rings_in_vain(f"{callback}-notice-1", 17)
    report(house, callback)
    asterisk.passes(200)
    asterisk.beats(2)
    assert numbers_dialled(asterisk) == [MATTI]
