"""Who cannot prove a number learns nothing of its callbacks: the words are the same in every case, and true."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from callcentre.features.callbacks.model import CONFIRMATION, Phase
from callcentre.features.notices.kinds import NOTICE
from callcentre.messaging.events import TextReceived
from callcentre.messaging.model import Suppression
from callcentre.telephony.dialling.outgoing import CallsToNumber
from callcentre.values.days import day_of
from callcentre.values.numbers import caller_hash
from tests.cast import AINO, KALLE, LIISA, MATTI, PEKKA, REPLY_NUMBER
from tests.unit.features.callbacks.desk import ask_for
from tests.unit.features.callbacks.states import in_phase
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import Asterisk


def desk(**offer: Any) -> Asterisk:
    """Two agents talk and two callers wait; who is texted may answer."""
    support = {
        "welcome": None, "survey": None,
        "callback": {"offer": {"min_wait": "1s", **offer}, "dial": {"at_position": "1"}, "confirm_by_sms": "Sovittu."},
        "notify": {"text": "Pian.", "by": "auto", "at_position": "9"},
    }  # fmt: skip
    asterisk = Asterisk(Rehearsal({"services": {"support": support}}))
    asterisk.connect()
    asterisk.on_duty("INUSE", "INUSE")
    for number in (LIISA, AINO):
        asterisk.calls_in(number)
        asterisk.rehearsal.later(1)
    return asterisk


def nothing(_asterisk: Asterisk) -> None:
    """Nobody knows the number."""


def has_one(asterisk: Asterisk) -> None:
    ask_for(asterisk, PEKKA)


def has_one_that_is_tried_later(asterisk: Asterisk) -> None:
    ask_for(asterisk, PEKKA)
    asterisk.on_duty("NOT_INUSE", "NOT_INUSE")
    for call in list(asterisk.queues["support"]):
        asterisk.hangs_up(call)
    asterisk.ticks()
    asterisk.rings_in_vain(next(iter(asterisk.ringing)), 17)
    asterisk.on_duty("INUSE", "INUSE")
    for number in (LIISA, AINO):
        asterisk.calls_in(number)
        asterisk.rehearsal.later(1)


def wants_no_texts(asterisk: Asterisk) -> None:
    rehearsal = asterisk.rehearsal
    rehearsal.world.suppressions.put(Suppression(caller=caller_hash(rehearsal.world.key, PEKKA), at=rehearsal.at))


def was_called_enough(asterisk: Asterisk) -> None:
    rehearsal = asterisk.rehearsal
    day = day_of(rehearsal.at, rehearsal.world.settings.timezone)
    rehearsal.world.outgoing.put(CallsToNumber(day=day, caller=caller_hash(rehearsal.world.key, PEKKA), calls=6))


CASES = pytest.mark.parametrize(
    "case", [nothing, has_one, has_one_that_is_tried_later, wants_no_texts, was_called_enough]
)

Case = Callable[[Asterisk], None]


@CASES
@pytest.mark.parametrize("shown", ["", KALLE])
def test_a_caller_who_keys_in_a_number_hears_the_same_in_every_case(case: Case, shown: str) -> None:
    asterisk = desk()
    case(asterisk)
    call = asterisk.enters(shown)
    asterisk.key(call, "2", *"0404445555#", "1")
    digits = [f"digits/{digit}" for digit in "0404445555"]
    assert asterisk.heard[call][-14:] == ["enter-number", "number-heard", *digits, "number-confirm", "callback-taken"]
    asterisk.says_all(call)
    assert call not in asterisk.channels
    assert [one.number for one in asterisk.rehearsal.world.callbacks.values()] == [PEKKA]


@pytest.mark.parametrize("case", [nothing, has_one])
def test_a_refusal_is_the_same_whether_or_not_the_number_has_a_callback(case: Case) -> None:
    asterisk = desk(max_open="2")
    case(asterisk)
    call = asterisk.enters("")
    asterisk.key(call, "2", *"0404445555#")
    for number in (MATTI, KALLE):
        ask_for(asterisk, number)
    asterisk.key(call, "1")
    assert asterisk.heard[call][-2:] == ["no-callback-full", "back-in-queue"]


@pytest.mark.parametrize("phase", [Phase.ACCEPTED, Phase.CONNECTED])
def test_a_number_that_is_on_the_phone_with_us_for_its_callback_is_called_once_more(phase: Phase) -> None:
    asterisk = desk()
    ask_for(asterisk, PEKKA)
    (held,) = asterisk.rehearsal.world.callbacks.values()
    asterisk.rehearsal.world.callbacks.put(_on_a_call(held, phase))
    call = asterisk.enters("")
    asterisk.key(call, "2", *"0404445555#", "1")
    assert asterisk.heard[call][-1] == "callback-taken"
    assert sorted(one.phase for one in asterisk.rehearsal.world.callbacks.values()) == sorted([phase, Phase.WAITING])


def _on_a_call(held: Any, phase: Phase) -> Any:
    return replace(held, state=in_phase(phase, f"{held.callback}-1"), attempts=1)


# --- by text -----------------------------------------------------------------------------------------


def reported(asterisk: Asterisk) -> list[str]:
    """What Matti's phone got in return to what it wrote."""
    texts = asterisk.rehearsal.world.texts.open.values()
    kinds = (NOTICE.name, CONFIRMATION.name)
    return [text.body for text in texts if text.number == MATTI and text.kind not in kinds]


def writes(asterisk: Asterisk, body: str) -> None:
    rehearsal = asterisk.rehearsal
    rehearsal.later(1)
    rehearsal.tell(
        TextReceived(
            at=rehearsal.at,
            gateway="kannel",
            gateway_id=str(rehearsal.at),
            sender=MATTI,
            recipient=REPLY_NUMBER,
            body=body,
        )
    )


@CASES
def test_a_person_who_moves_a_callback_reads_the_same_in_every_case_and_so_later(case: Case) -> None:
    asterisk = desk()
    case(asterisk)
    callback = ask_for(asterisk, MATTI)
    writes(asterisk, "040 4445555")
    assert reported(asterisk) == [f"Asiakaspalvelu: soitamme sinulle numeroon {PEKKA}."]
    assert asterisk.rehearsal.world.callbacks[callback].number == PEKKA
    writes(asterisk, "040 1112222")
    assert reported(asterisk)[1:] == [f"Asiakaspalvelu: soitamme sinulle numeroon {MATTI}."]
    writes(asterisk, "040 4445555")
    writes(asterisk, "EI")
    assert reported(asterisk)[-1] == "Asiakaspalvelu: takaisinsoittosi on peruttu. Voit soittaa meille uudelleen."
    assert [one.number for one in asterisk.rehearsal.world.callbacks.values() if one.callback == callback] == []


def moved_to_one_that_has_its_own() -> Asterisk:
    asterisk = desk()
    ask_for(asterisk, PEKKA)
    ask_for(asterisk, MATTI)
    writes(asterisk, "040 4445555")
    assert [one.number for one in asterisk.rehearsal.world.callbacks.values()] == [PEKKA, PEKKA]
    return asterisk


def test_a_number_with_two_callbacks_gets_both_calls_and_never_at_once() -> None:
    asterisk = moved_to_one_that_has_its_own()
    for call in list(asterisk.queues["support"]):
        asterisk.hangs_up(call)
    asterisk.on_duty("NOT_INUSE", "NOT_INUSE", "NOT_INUSE")
    asterisk.ticks(3)
    first = next(iter(asterisk.ringing))
    assert len(asterisk.dialled) == 1
    asterisk.picks_up(first)
    asterisk.key(first, "1")
    asterisk.ticks(3)
    assert len(asterisk.dialled) == 1
    asterisk.answered(first)
    asterisk.rehearsal.later(20)
    asterisk.hangs_up(first)
    asterisk.ticks(3)
    assert [one.endpoint for one in asterisk.dialled] == [f"PJSIP/{PEKKA}@trunk"] * 2


@pytest.mark.parametrize("way", ["served", "cancels"])
def test_a_customer_who_calls_from_that_number_settles_both(way: str) -> None:
    asterisk = moved_to_one_that_has_its_own()
    call = asterisk.enters(PEKKA)
    assert asterisk.heard[call] == ["returned"]
    if way == "served":
        asterisk.key(call, "1")
        asterisk.answered(call)
    else:
        asterisk.key(call, "2")
    assert len(asterisk.rehearsal.world.callbacks) == 0
    ended = [fact.by for fact in asterisk.rehearsal.facts if fact.name == "callback.cancelled"]
    assert ended == ["caller_returned" if way == "served" else "customer"] * 2
