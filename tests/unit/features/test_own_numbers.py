"""Our own numbers: nobody makes us call or text ourselves, by whichever way a number comes in."""

from __future__ import annotations

import pytest

from callcentre.messaging.effects import SendText
from callcentre.messaging.events import TextReceived
from callcentre.telephony.effects import Originate
from tests.cast import MATTI
from tests.unit.features.callbacks.desk import ask_for
from tests.unit.features.surveys.people import SATISFACTION
from tests.unit.rehearsal import Rehearsal, settings
from tests.unit.telephone import Asterisk

SERVICE, CALLER_ID, REPLY = "+358912345678", "+358401119999", "+358451234567"
OURS = {
    "dialling": {"caller_id": CALLER_ID},
    "services": {
        "support": {
            "callback": {"offer": {"min_wait": "1s"}, "dial": {"at_position": "1"}, "confirm_by_sms": "Sovittu."},
            "notify": {"text": "Pian.", "by": "auto", "at_position": "9"},
            "survey": {"questions": [SATISFACTION]},
            "welcome": {"min_waiting": "1", "text": "Hei!"},
        }
    },
}
OWN = pytest.mark.parametrize("own", [SERVICE, CALLER_ID, REPLY])


@pytest.fixture
def asterisk() -> Asterisk:
    asterisk = Asterisk(Rehearsal(OURS))
    asterisk.connect()
    asterisk.on_duty("INUSE", "INUSE")
    for number in ("+358403334444", "+358402223333"):
        asterisk.calls_in(number)
        asterisk.rehearsal.later(1)
    return asterisk


def numbers(asterisk: Asterisk) -> set[str]:
    """Everybody whom we have called, have texted, or are to call."""
    rehearsal = asterisk.rehearsal
    texted = {effect.number for effect in rehearsal.effects if isinstance(effect, SendText)}
    dialled = {call.endpoint for call in [*asterisk.dialled, *rehearsal.effects] if isinstance(call, Originate)}
    return texted | dialled | {one.number for one in rehearsal.world.callbacks.values()}


def test_our_own_numbers_are_those_of_the_configuration() -> None:
    assert settings(OURS).number_policy.own == {SERVICE, CALLER_ID, REPLY}
    silent = {"sms": {"reply_number": None}, "services": {"support": {"notify": None, "survey": None}}}
    assert settings(silent).number_policy.own == {SERVICE}


@OWN
def test_a_caller_who_shows_one_of_our_numbers_gets_neither_a_call_nor_a_text_there(
    asterisk: Asterisk, own: str
) -> None:
    call = asterisk.enters(own)
    assert asterisk.heard[call][-1] == "offer-callback-other"
    asterisk.key(call, "1")
    assert own not in numbers(asterisk)
    assert [fact.reason for fact in asterisk.rehearsal.facts if fact.name == "welcome.skipped"] == ["own_number"]


@OWN
def test_one_of_our_numbers_that_is_keyed_in_is_refused(asterisk: Asterisk, own: str) -> None:
    call = asterisk.enters("")
    asterisk.key(call, "2", *f"0{own[4:]}#")
    assert asterisk.heard[call][-2:] == ["number-refused", "enter-number"]


@OWN
def test_a_text_does_not_move_a_callback_to_one_of_our_numbers(asterisk: Asterisk, own: str) -> None:
    callback = ask_for(asterisk, MATTI)
    asterisk.ticks()
    rehearsal = asterisk.rehearsal
    rehearsal.tell(
        TextReceived(
            at=rehearsal.at, gateway="kannel", gateway_id="1", sender=MATTI, recipient=REPLY, body=f"0{own[4:]}"
        )
    )
    assert rehearsal.world.callbacks[callback].number == MATTI
    assert [fact.reason for fact in rehearsal.facts if fact.name == "notice.answered"] == ["refused"]


@OWN
def test_staff_and_other_systems_may_not_request_a_call_to_one_of_our_numbers(asterisk: Asterisk, own: str) -> None:
    ask_for(asterisk, own, request="r")
    assert asterisk.rehearsal.world.callbacks.requests["r"].refusal == "own_number"
    assert own not in numbers(asterisk)


@OWN
def test_nobody_is_asked_at_one_of_our_numbers_how_it_went(asterisk: Asterisk, own: str) -> None:
    call = asterisk.calls_in(own)
    asterisk.answered(call)
    asterisk.rehearsal.later(60)
    asterisk.hangs_up(call)
    assert [fact.reason for fact in asterisk.rehearsal.facts if fact.name == "survey.skipped"] == ["own_number"]
