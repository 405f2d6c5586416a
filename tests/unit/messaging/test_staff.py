"""What staff does with texts: a single one, one again, and people who want none."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from callcentre.kernel.event import Tick
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import (
    Accepted,
    Delivery,
    DeliveryReported,
    OptedInByStaff,
    OptedOutByStaff,
    Refused,
    TextAgain,
    TextByStaff,
    TextHandedOver,
    TextReceived,
)
from callcentre.messaging.staff import StaffTexts
from tests.cast import AINO, MATTI, REPLY_NUMBER
from tests.unit.rehearsal import Rehearsal

PLAIN: dict[str, Any] = {"services": {"support": {"welcome": None, "callback": None, "notify": None, "survey": None}}}


@pytest.fixture
def rehearsal() -> Rehearsal:
    return Rehearsal(PLAIN)


@pytest.fixture
def staff(rehearsal: Rehearsal) -> StaffTexts:
    return rehearsal.world.staff_texts


def writes(rehearsal: Rehearsal, number: str = MATTI, body: str = "Hei Matti", service: str = "support") -> list[Any]:
    return rehearsal.tell(
        TextByStaff(at=rehearsal.at, message="note-1", number=number, body=body, service=service)
    )  # fmt: skip


def fails(rehearsal: Rehearsal, message: str = "note-1") -> None:
    """The text is handed over and does not arrive."""
    rehearsal.tell(TextHandedOver(at=rehearsal.at, message=message, outcome=Accepted()))
    rehearsal.tell(DeliveryReported(at=rehearsal.at, message=message, delivery=Delivery.FAILED))


def bodies(rehearsal: Rehearsal) -> list[tuple[str, str]]:
    return [(text.number, text.body) for text in rehearsal.take(SendText)]


# --- a single text -------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [MATTI, "040 1112222"])
def test_a_text_goes_to_a_number_in_any_form(rehearsal: Rehearsal, number: str) -> None:
    (queued,) = writes(rehearsal, number)
    assert (queued.name, queued.kind, queued.service, queued.message) == ("sms.queued", "staff", "support", "note-1")
    assert bodies(rehearsal) == [(MATTI, "Hei Matti")]


@pytest.mark.parametrize(
    ("number", "reason"), [("112", "emergency"), ("+46701234567", "foreign"), (REPLY_NUMBER, "own_number")]
)
def test_a_number_that_may_not_be_texted_is_refused_with_the_reason(
    rehearsal: Rehearsal, staff: StaffTexts, number: str, reason: str
) -> None:
    (refused,) = writes(rehearsal, number)
    assert (refused.name, refused.kind, refused.reason) == ("sms.refused", "staff", reason)
    assert staff.why_not(number) == reason
    assert bodies(rehearsal) == []


@pytest.mark.parametrize(("body", "service"), [("  ", "support"), ("Hei", "nothing")])
def test_nothing_is_sent_without_words_or_for_a_service_that_does_not_exist(
    rehearsal: Rehearsal, body: str, service: str
) -> None:
    assert writes(rehearsal, body=body, service=service) == []


def test_quiet_hours_hold_it() -> None:
    rehearsal = Rehearsal({**PLAIN, "sms": {"quiet_hours": "11:00-13:00"}})
    writes(rehearsal)
    assert bodies(rehearsal) == []
    rehearsal.later(3600)
    assert bodies(rehearsal) == [(MATTI, "Hei Matti")]


def test_who_wants_no_texts_gets_none(rehearsal: Rehearsal, staff: StaffTexts) -> None:
    rehearsal.tell(OptedOutByStaff(at=rehearsal.at, number=MATTI))
    (refused,) = writes(rehearsal)
    assert (refused.name, refused.reason) == ("sms.refused", "opted_out")
    assert staff.why_not(MATTI) == "opted_out"
    assert staff.why_not(AINO) is None


# --- again ---------------------------------------------------------------------------------------


def test_a_text_that_failed_can_be_sent_again_once(rehearsal: Rehearsal, staff: StaffTexts) -> None:
    writes(rehearsal)
    assert staff.failed("note-1") is None, "it is on its way"
    bodies(rehearsal)
    fails(rehearsal)
    assert staff.failed("note-1") is not None
    again = TextAgain(at=rehearsal.later(1), message="note-1", again="note-2")
    (queued,) = rehearsal.tell(again)
    assert (queued.name, queued.kind, queued.message, queued.service) == ("sms.queued", "staff", "note-2", "support")
    assert bodies(rehearsal) == [(MATTI, "Hei Matti")]
    assert rehearsal.tell(again) == []
    fails(rehearsal, "note-2")
    assert staff.failed("note-2") is not None


def test_a_text_that_the_gateway_refused_for_good_can_be_sent_again(rehearsal: Rehearsal, staff: StaffTexts) -> None:
    writes(rehearsal)
    rehearsal.tell(
        TextHandedOver(at=rehearsal.at, message="note-1", outcome=Refused("no credit", permanent=True))
    )  # fmt: skip
    assert "sms.refused" in rehearsal.names()
    assert staff.failed("note-1") is not None


def test_a_text_that_arrived_cannot(rehearsal: Rehearsal, staff: StaffTexts) -> None:
    writes(rehearsal)
    rehearsal.tell(DeliveryReported(at=rehearsal.at, message="note-1", delivery=Delivery.DELIVERED))
    assert staff.failed("note-1") is None


def test_it_can_be_sent_again_after_a_restart_and_not_for_ever(rehearsal: Rehearsal) -> None:
    writes(rehearsal)
    fails(rehearsal)
    after = rehearsal.restarted()
    assert after.world.staff_texts.failed("note-1") is not None
    after.later(timedelta(days=4, hours=1).total_seconds())
    after.tell(Tick(at=after.at))
    assert after.world.staff_texts.failed("note-1") is None


# --- opting out and in ---------------------------------------------------------------------------


def test_staff_opts_a_person_out_and_in(rehearsal: Rehearsal, staff: StaffTexts) -> None:
    (fact,) = rehearsal.tell(OptedOutByStaff(at=rehearsal.at, number="040 1112222"))
    assert (fact.name, fact.by, fact.number) == ("number.opted_out", "staff", "+35840•••22")
    assert staff.is_opted_out(MATTI)
    assert rehearsal.tell(OptedOutByStaff(at=rehearsal.at, number=MATTI)) == []
    (fact,) = rehearsal.tell(OptedInByStaff(at=rehearsal.at, number=MATTI))
    assert (fact.name, fact.by) == ("number.opted_in", "staff")
    assert not staff.is_opted_out(MATTI)


@pytest.mark.parametrize("event", [OptedOutByStaff, OptedInByStaff])
def test_what_is_no_number_changes_nothing(rehearsal: Rehearsal, event: type[Any]) -> None:
    assert rehearsal.tell(event(at=rehearsal.at, number="nobody")) == []


@pytest.mark.parametrize(("lifts", "is_out"), [("START", True), ("staff", False)])
def test_what_staff_noted_is_lifted_by_staff_only(
    rehearsal: Rehearsal, staff: StaffTexts, lifts: str, is_out: bool
) -> None:
    rehearsal.tell(OptedOutByStaff(at=rehearsal.at, number=MATTI))
    if lifts == "staff":
        rehearsal.tell(OptedInByStaff(at=rehearsal.at, number=MATTI))
    else:
        text = TextReceived(
            at=rehearsal.at, gateway="kannel", gateway_id="1", sender=MATTI, recipient=REPLY_NUMBER, body=lifts
        )
        rehearsal.tell(text)
    assert staff.is_opted_out(MATTI) is is_out
