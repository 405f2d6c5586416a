"""A person is to be erased: what is open for the person ends, by facts that name nobody, and nothing of others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from callcentre.features.callbacks.events import CallbackRequested
from callcentre.features.callbacks.model import Dialling
from callcentre.kernel.erasure.effects import EraseRows
from callcentre.kernel.erasure.events import Erasure, ErasureBegun
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import Accepted, TextHandedOver
from callcentre.telephony.dialling.route import Route
from callcentre.telephony.effects import HangUp
from callcentre.telephony.queue_view.interface import QueueView
from tests.cast import ANNA, LIISA, MATTI
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import Asterisk

CHANGES: dict[str, Any] = {
    "services": {
        "support": {
            "hours": None,
            "callback": {"confirm_by_sms": "Soitamme"},
            "survey": {"after": "1m"},
            "notify": {"at_position": 1, "text": "Pian vuorosi"},
        }
    },
}


@pytest.fixture
def rehearsal() -> Rehearsal:
    """Matti and Liisa talked with Anna and are to be asked about it; then a callback is wanted for each."""
    rehearsal = Rehearsal(CHANGES)
    asterisk = Asterisk(rehearsal)
    asterisk.connect()
    asterisk.on_duty("NOT_INUSE")
    for number in (MATTI, LIISA):
        call = asterisk.calls_in(number)
        asterisk.answered(call, ANNA)
        rehearsal.later(60)
        asterisk.hangs_up(call)
    for name, number in (("one", MATTI), ("two", LIISA)):
        rehearsal.tell(
            CallbackRequested(
                at=rehearsal.at, request=name, service="support", number=number, caller_name="", by="staff"
            )
        )
    return rehearsal


def erased(rehearsal: Rehearsal, number: str = MATTI) -> list[Any]:
    erasure = Erasure(number=number, caller=rehearsal.world.caller(number), region="FI", secret="s", by="staff")
    return rehearsal.tell(ErasureBegun(at=rehearsal.at, erasure=erasure))


def stored_with(rehearsal: Rehearsal, number: str) -> Iterator[str]:
    """The classes of records that hold a number."""
    for (kind, _), record in rehearsal.disk.items():
        if number in msgspec.json.encode(record).decode():
            yield kind.__name__


def test_everything_open_ends_by_facts_that_name_nobody(rehearsal: Rehearsal) -> None:
    assert set(stored_with(rehearsal, MATTI)) >= {"Callback", "Survey"}
    facts = erased(rehearsal)
    assert {"callback.cancelled", "survey.skipped"} <= {fact.name for fact in facts}
    assert [fact.by for fact in facts if fact.name == "callback.cancelled"] == ["customer"]
    assert not [fact for fact in facts if fact.number is not None or fact.caller is not None]
    assert list(stored_with(rehearsal, MATTI)) == []
    assert set(stored_with(rehearsal, LIISA)) >= {"Callback", "Survey"}
    assert len(rehearsal.take(EraseRows)) == 1


def test_no_timer_and_no_text_is_left(rehearsal: Rehearsal) -> None:
    erased(rehearsal)
    erased(rehearsal, LIISA)
    assert not [key for key in rehearsal.timers if '"callback' in key or '"survey' in key or '"text_due' in key]
    assert not rehearsal.world.texts.open.values()


def test_a_text_that_the_gateway_has_is_not_waited_for(rehearsal: Rehearsal) -> None:
    rehearsal.later(5)
    (text,) = [one for one in rehearsal.take(SendText) if one.number == MATTI][:1]
    rehearsal.tell(TextHandedOver(at=rehearsal.at, message=text.message, outcome=Accepted()))
    facts = [fact for fact in erased(rehearsal) if fact.message == text.message]
    assert [(fact.name, fact.reason, fact.number) for fact in facts] == [("sms.failed", "erased", None)]
    assert rehearsal.tell(TextHandedOver(at=rehearsal.at, message=text.message, outcome=Accepted())) == []


def test_who_was_asked_stays_as_a_hash_without_the_survey(rehearsal: Rehearsal) -> None:
    rehearsal.later(120)
    for text in rehearsal.take(SendText):
        rehearsal.tell(TextHandedOver(at=rehearsal.at, message=text.message, outcome=Accepted()))
    last = rehearsal.world.last_asked.get(rehearsal.world.caller(MATTI))
    assert last is not None
    assert last.survey is not None
    erased(rehearsal)
    last = rehearsal.world.last_asked.get(rehearsal.world.caller(MATTI))
    assert last is not None
    assert last.survey is None


def test_the_route_forgets_the_number(rehearsal: Rehearsal) -> None:
    matti, liisa = map(rehearsal.world.caller, (MATTI, LIISA))
    rehearsal.world.outgoing.put(Route(raised=True, quick=(matti, liisa), unrouted=(matti,), suspects=(liisa,)))
    erased(rehearsal)
    route = rehearsal.world.outgoing.route
    assert (route.quick, route.unrouted, route.suspects, route.raised) == ((liisa,), (), (liisa,), True)


def test_a_person_on_the_line_is_known() -> None:
    rehearsal = Rehearsal(CHANGES)
    asterisk = Asterisk(rehearsal)
    asterisk.connect()
    view: QueueView = rehearsal.world.queue_view
    assert not view.is_on_the_line(MATTI)
    call = asterisk.calls_in(MATTI)
    assert view.is_on_the_line(MATTI)
    assert not view.is_on_the_line(LIISA)
    asterisk.hangs_up(call)
    assert not view.is_on_the_line(MATTI)


def test_a_phone_that_rings_for_the_callback_is_hung_up(rehearsal: Rehearsal) -> None:
    callbacks = rehearsal.world.callbacks
    (callback,) = callbacks.of_number(MATTI)
    callbacks.put(replace(callback, state=Dialling(call="of.ours", dialled_at=rehearsal.at)))
    erased(rehearsal)
    assert [one.call for one in rehearsal.take(HangUp)] == ["of.ours"]
