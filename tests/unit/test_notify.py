"""Notices as they go: who is told by which way, what they answer, and what is then left of it."""

from __future__ import annotations

from typing import Any

import pytest

from callcentre.features.callbacks.events import CallbackWithdrawn
from callcentre.features.callbacks.model import Phase
from callcentre.features.notices.model import Ended, How, Stage
from callcentre.kernel.event import Tick
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import (
    Accepted,
    Delivery,
    DeliveryReported,
    Refused,
    TextHandedOver,
    TextReceived,
    Unclear,
)
from callcentre.telephony.events import AsteriskLost, OriginateFailed
from tests.unit.features.callbacks.desk import SALES, ask_for
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import MATTI, Asterisk

MAIJA, PEKKA, LIISA = "+358402223333", "+358403334444", "+358404445555"
KERTTU = "+358912340044"
OURS = "+358451234567"


def begin(
    *agents: str, changes: dict[str, Any] | None = None, services: dict[str, Any] | None = None, **notify: Any
) -> tuple[Rehearsal, Asterisk]:
    """A desk with agents in these device states; calls back without a confirming text."""
    support = {"welcome": None, "callback": {"confirm_by_sms": None}, "notify": notify}
    house = Rehearsal({"services": {"support": support} | (services or {})} | (changes or {}))
    asterisk = Asterisk(house)
    asterisk.connect()
    asterisk.on_duty(*(agents or ("UNAVAILABLE",)))
    return house, asterisk


def texts(house: Rehearsal) -> list[tuple[str, str, str]]:
    """Number, sender and body of each text since the last look."""
    return [(text.number, text.sender, text.body) for text in house.take(SendText)]


def reports(house: Rehearsal, callback: str, delivery: Delivery = Delivery.DELIVERED) -> None:
    message = f"notice-{callback}"
    house.tell(TextHandedOver(at=house.at, message=message, outcome=Accepted()))
    house.tell(DeliveryReported(at=house.at, message=message, delivery=delivery))


def answers(house: Rehearsal, body: str, number: str = MATTI, to: str = OURS) -> None:
    house.later(1)
    source = f"{len(house.facts)} {house.at}"
    event = TextReceived(at=house.at, gateway="kannel", gateway_id=source, sender=number, recipient=to, body=body)
    house.tell(event)


def told(house: Rehearsal) -> list[tuple[Any, ...]]:
    """The facts of notices: what, by which way, and why or what was said."""
    return [
        (fact.name.removeprefix("notice."), fact.by, *filter(None, [fact.reason]))
        for fact in house.facts
        if fact.name.startswith("notice.")
    ]


def ended(house: Rehearsal) -> list[tuple[str | None, str | None]]:
    return [(fact.callback, fact.by) for fact in house.facts if fact.name == "callback.cancelled"]


def rung(asterisk: Asterisk) -> list[str]:
    return [one.endpoint.removeprefix("PJSIP/").removesuffix("@trunk") for one in asterisk.dialled]


def state(house: Rehearsal, callback: str) -> Stage:
    return house.world.notices[callback].stage


# --- when ------------------------------------------------------------------------------------------


def test_a_callback_is_told_once_when_its_place_is_reached() -> None:
    house, asterisk = begin()
    live = [asterisk.calls_in(number) for number in (PEKKA, LIISA, MAIJA)]
    callback = ask_for(asterisk, MATTI, name="Matti")
    asterisk.beats(2)
    assert texts(house) == []
    asterisk.hangs_up(live[1])
    assert texts(house) == [
        (MATTI, OURS, "Hei Matti, soitamme sinulle pian (paikka 3). Vastaa EI jos et enää tarvitse soittoa.")
    ]
    (sent,) = [fact for fact in house.facts if fact.name == "notice.sent"]
    assert (sent.by, sent.position, sent.callback, sent.service) == ("sms", 3, callback, "support")
    reports(house, callback)
    asterisk.hangs_up(live[0])
    asterisk.beats(100)
    assert texts(house) == []
    assert told(house) == [("sent", "sms"), ("delivered", "sms")]
    assert asterisk.dialled == []


def test_nobody_is_told_of_a_place_while_asterisk_is_not_heard_or_is_only_being_read() -> None:
    house, asterisk = begin()
    first, *_ = [ask_for(asterisk, number) for number in (PEKKA, LIISA, MAIJA)]
    ask_for(asterisk, MATTI)
    texts(house)
    house.tell(AsteriskLost(at=house.at, reason="gone"))
    house.tell(CallbackWithdrawn(at=house.at, callback=first, by="staff"))
    asterisk.beats(2)
    assert texts(house) == []
    asterisk.connect()
    house.tell(Tick(at=house.at))
    assert texts(house) == []
    asterisk.beats()
    assert [number for number, _, _ in texts(house)] == [MATTI]


def test_when_one_of_those_before_is_dialled_the_next_is_told() -> None:
    house, asterisk = begin("INUSE", at_position="1")
    first, second = ask_for(asterisk, MATTI), ask_for(asterisk, MAIJA)
    assert [number for number, _, _ in texts(house)] == [MATTI]
    asterisk.beats(2)
    assert rung(asterisk) == [MATTI]
    assert [number for number, _, _ in texts(house)] == [MAIJA]
    assert house.world.notices[first].ended == Ended(how=How.DIALLED)
    assert house.world.notices[second].ended is None


def test_a_callback_that_begins_there_gets_only_the_notice_and_one_behind_gets_the_confirmation() -> None:
    confirmed = {"support": {"callback": {"confirm_by_sms": "Vahvistus {{ position }}"}, "notify": {}, "welcome": None}}
    house, asterisk = begin(changes={"services": confirmed})
    for number in (MATTI, MAIJA, PEKKA):
        ask_for(asterisk, number)
    assert [(number, sender) for number, sender, _ in texts(house)] == [(n, OURS) for n in (MATTI, MAIJA, PEKKA)]
    ask_for(asterisk, LIISA)
    assert texts(house) == [(LIISA, "Neuvonta", "Vahvistus 4")]


def test_outside_the_hours_nobody_is_told_before_the_opening() -> None:
    house, asterisk = begin()
    house.later(6 * 3600)
    ask_for(asterisk)
    asterisk.beats(3)
    assert texts(house) == []
    house.later(14 * 3600 + 3600)
    asterisk.beats()
    assert len(texts(house)) == 1


@pytest.mark.parametrize("by", ["auto", "sms"])
@pytest.mark.parametrize("quiet", ["15:00-17:00", None])
def test_a_text_that_did_not_get_away_before_closing_is_written_anew_after_the_opening(
    quiet: str | None, by: str
) -> None:
    house, asterisk = begin(changes={"sms": {"quiet_hours": quiet}}, by=by)
    hours = house.world.settings.services["support"].opening_hours
    house.later(4 * 3600 - 20)
    callback = ask_for(asterisk)
    while hours.is_open(house.at):
        for _ in texts(house):
            house.tell(TextHandedOver(at=house.at, message=f"notice-{callback}", outcome=Refused("busy")))
        asterisk.beats()
    while not hours.is_open(house.at):
        assert texts(house) == []
        asterisk.passes(600)
        asterisk.beats()
    assert [number for number, _, _ in texts(house)] == [MATTI]
    reports(house, callback)
    assert told(house) == [
        ("sent", "sms"), ("failed", "sms", "closed"), ("sent", "sms"), ("delivered", "sms")
    ]  # fmt: skip
    asterisk.passes(600)
    asterisk.beats()
    assert (texts(house), asterisk.dialled) == ([], [])


def test_who_was_dialled_already_is_not_told_when_they_stand_again() -> None:
    early = {"welcome": None, "callback": {"dial": {"at_position": "2"}}, "notify": {"at_position": "1"}}
    house, asterisk = begin("INUSE", changes={"services": {"support": early}})
    before = asterisk.calls_in(PEKKA)
    callback = ask_for(asterisk)
    texts(house)
    asterisk.beats()
    (call,) = asterisk.ringing
    asterisk.picks_up(call)
    asterisk.key(call, "3")
    asterisk.silence(call)
    asterisk.on_duty("UNAVAILABLE")
    asterisk.hangs_up(before)
    asterisk.passes(16 * 60)
    asterisk.beats(5)
    known = house.world.callbacks.open[callback]
    assert (known.is_queued, known.attempts, house.world.place(known)) == (True, 0, 1)
    assert texts(house) == []
    assert told(house) == []


def test_a_wish_under_an_old_name_is_another_callback_and_told_anew() -> None:
    house, asterisk = begin(at_position="1")
    callback = ask_for(asterisk, MATTI, request="r")
    reports(house, callback)
    house.later(12 * 3600)
    house.tell(CallbackWithdrawn(at=house.at, callback=callback, by="staff"))
    house.later(12 * 3600 + 60)
    first = ask_for(asterisk, MAIJA)
    texts(house)
    assert ask_for(asterisk, MATTI, request="r") == callback
    house.tell(CallbackWithdrawn(at=house.at, callback=first, by="staff"))
    asterisk.beats()
    assert [number for number, _, _ in texts(house)] == [MATTI]
    reports(house, callback)
    house.later(86_400)
    asterisk.beats()
    assert callback in house.world.callbacks.open
    assert texts(house) == []


@pytest.mark.parametrize("name", ["0401112222", "Anonymous", " unknown", "Unavailable"])
def test_what_the_network_puts_in_place_of_a_name_is_no_name(name: str) -> None:
    house, asterisk = begin()
    ask_for(asterisk, MATTI, name=name)
    assert [body.partition("soitamme")[0] for _, _, body in texts(house)] == ["Hei, "]


def test_a_one_way_notice_comes_from_letters_and_is_not_answered() -> None:
    house, asterisk = begin(two_way=False)
    callback = ask_for(asterisk)
    assert [sender for _, sender, _ in texts(house)] == ["Neuvonta"]
    answers(house, "EI")
    assert callback in house.world.callbacks.open
    assert texts(house) == []


def test_a_text_that_waits_for_the_gateway_is_not_sent_once_they_were_dialled() -> None:
    house, asterisk = begin()
    callback = ask_for(asterisk)
    assert len(texts(house)) == 1
    house.tell(TextHandedOver(at=house.at, message=f"notice-{callback}", outcome=Refused("busy")))
    asterisk.on_duty("INUSE")
    house.tell(Tick(at=house.at))
    asterisk.perform()
    asterisk.passes(5)
    assert rung(asterisk) == [MATTI]
    assert texts(house) == []
    (refused,) = [fact for fact in house.facts if fact.name == "sms.refused"]
    assert (refused.reason, refused.callback) == ("dialled", callback)


# --- which of the two ------------------------------------------------------------------------------


def test_a_landline_is_called_in_its_language_and_told_its_place() -> None:
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
    assert told(house) == [("sent", "voice"), ("delivered", "voice")]


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
        reports(house, callback, way)
    asterisk.beats(2)
    assert rung(asterisk) == [MATTI] * called
    if called:
        assert ("failed", "sms", "no_report" if way is None else way.value) in told(house)


def test_a_text_that_the_gateway_refuses_for_good_turns_into_a_call() -> None:
    house, asterisk = begin()
    callback = ask_for(asterisk)
    house.tell(TextHandedOver(at=house.at, message=f"notice-{callback}", outcome=Refused("no", permanent=True)))
    asterisk.beats()
    assert rung(asterisk) == [MATTI]


def test_a_notice_whose_outcome_stays_unclear_turns_into_a_call() -> None:
    house, asterisk = begin()
    ask_for(asterisk)
    for pause in (5, 10, 19):
        (text,) = house.take(SendText)
        house.tell(TextHandedOver(at=house.at, message=text.message, outcome=Unclear("504")))
        asterisk.passes(pause)
    asterisk.beats()
    assert rung(asterisk) == [MATTI]
    assert ("failed", "sms", "unclear") in told(house)
    asterisk.passes(3600)
    assert texts(house) == []


@pytest.mark.parametrize("by", ["auto", "sms"])
def test_a_notice_past_the_texts_of_a_day_turns_into_a_call_where_that_is_allowed(by: str) -> None:
    house, asterisk = begin(changes={"sms": {"per_number_per_day": "1"}}, by=by, at_position="1")
    callback = texted(house, asterisk)
    house.tell(CallbackWithdrawn(at=house.at, callback=callback, by="staff"))
    ask_for(asterisk, request="again")
    asterisk.beats(2)
    assert texts(house) == []
    assert ("failed", "sms", "per_number") in told(house)
    assert rung(asterisk) == ([MATTI] if by == "auto" else [])


@pytest.mark.parametrize(
    ("cancel_words", "body", "cancelled", "opted_out"),
    [
        (["cancel", "ei"], "Cancel.", True, False),
        (["ei"], "Cancel.", False, True),
        (["peruuta tilaus"], "Peruuta tilaus", True, False),
    ],
)
def test_a_cancel_word_that_also_ends_texts_answers_the_notice(
    cancel_words: list[str], body: str, cancelled: bool, opted_out: bool
) -> None:
    house, asterisk = begin(cancel_words=cancel_words)
    callback = texted(house, asterisk)
    answers(house, body)
    assert (ended(house) == [(callback, "sms")], "number.opted_out" in house.names()) == (cancelled, opted_out)
    if cancelled:
        # Too late it is no wish for no texts either: the person is told that it is over.
        answers(house, body)
        assert [fact.reason for fact in house.facts if fact.name == "notice.answered"] == ["cancel", "late"]
        # Somebody without a notice means texts.
        answers(house, body, number=MAIJA)
        assert house.names()[-1] == "number.opted_out"


def test_a_cancel_word_that_the_gateway_takes_for_stop_does_both() -> None:
    house, asterisk = begin(cancel_words=["cancel"])
    callback = texted(house, asterisk)
    house.tell(
        TextReceived(
            at=house.at, gateway="twilio", gateway_id="1", sender=MATTI, recipient=OURS, body="CANCEL", taken_as="stop"
        )
    )
    assert ended(house) == [(callback, "sms")]
    assert "number.opted_out" in house.names()
    assert texts(house) == []


def test_a_text_that_the_gateway_never_took_does_not_follow_the_call() -> None:
    house, asterisk = begin()
    callback = ask_for(asterisk)
    message = f"notice-{callback}"
    for _ in range(90):
        for _ in house.take(SendText):
            house.tell(TextHandedOver(at=house.at, message=message, outcome=Refused("away")))
        asterisk.beats()
    assert rung(asterisk) == [MATTI]
    assert [fact.reason for fact in house.facts if fact.name == "sms.refused"] == ["voice"]


def test_a_report_that_comes_late_makes_the_call_needless() -> None:
    house, asterisk = begin(changes={"dialling": {"in_flight": "1"}})
    ask_for(asterisk, KERTTU)
    asterisk.beats()
    callback = ask_for(asterisk)
    asterisk.passes(20)
    house.tell(TextHandedOver(at=house.at, message=f"notice-{callback}", outcome=Accepted()))
    asterisk.passes(41)
    assert state(house, callback) is Stage.CALL_DUE
    house.tell(DeliveryReported(at=house.at, message=f"notice-{callback}", delivery=Delivery.DELIVERED))
    asterisk.passes(60)
    asterisk.beats(3)
    assert MATTI not in rung(asterisk)


def test_a_report_of_failure_while_the_call_is_made_already_changes_nothing() -> None:
    house, asterisk = begin()
    callback = ask_for(asterisk)
    asterisk.passes(61)
    asterisk.beats()
    reports(house, callback, Delivery.FAILED)
    assert state(house, callback) is Stage.RINGING
    assert told(house) == [("sent", "sms"), ("failed", "sms", "no_report"), ("sent", "voice")]


def test_a_text_that_fails_after_the_dialling_makes_no_call() -> None:
    house, asterisk = begin()
    callback = ask_for(asterisk)
    asterisk.on_duty("INUSE")
    asterisk.beats()
    (call,) = asterisk.ringing
    reports(house, callback, Delivery.FAILED)
    asterisk.rings_in_vain(call, 17)
    asterisk.on_duty("UNAVAILABLE")
    asterisk.passes(200)
    asterisk.beats(2)
    assert rung(asterisk) == [MATTI]
    assert told(house) == [("sent", "sms")]


def test_who_was_texted_in_vain_and_cancelled_by_key_may_still_be_answered_late() -> None:
    house, asterisk = begin()
    callback = ask_for(asterisk)
    reports(house, callback, Delivery.FAILED)
    texts(house)
    asterisk.beats()
    call = f"{callback}-notice-1"
    asterisk.picks_up(call)
    asterisk.key(call, "2")
    asterisk.says_all(call)
    answers(house, "EI")
    assert ["oli jo peruttu" in body for _, _, body in texts(house)] == [True]


def test_whom_no_way_reaches_is_said_to_be_told_by_none() -> None:
    house, asterisk = begin(by="sms")
    ask_for(asterisk, KERTTU)
    asterisk.beats(3)
    assert told(house) == [("failed", "sms", "landline")]
    assert asterisk.dialled == []


def test_a_text_and_its_call_in_quiet_hours_wait_for_their_end() -> None:
    house, asterisk = begin(changes={"sms": {"quiet_hours": "11:00-13:00"}})
    ask_for(asterisk)
    asterisk.passes(3500)
    asterisk.beats()
    assert texts(house) == []
    assert asterisk.dialled == []
    asterisk.passes(120)
    assert len(texts(house)) == 1


# --- the Auto Agent --------------------------------------------------------------------------------


def auto_agent(asterisk: Asterisk, number: str = KERTTU) -> tuple[str, str]:
    """The Auto Agent's call to a landline is taken; callback and call."""
    callback = ask_for(asterisk, number)
    asterisk.beats()
    call = f"{callback}-notice-1"
    asterisk.picks_up(call)
    return callback, call


def test_what_is_told_of_a_call_names_it() -> None:
    house, asterisk = begin()
    callback, first = auto_agent(asterisk)
    asterisk.key(first, "1")
    busy = ask_for(asterisk, "+358912340045")
    asterisk.beats()
    asterisk.rings_in_vain(f"{busy}-notice-1", 17)
    ask_for(asterisk)
    facts = [fact for fact in house.facts if fact.name.startswith("notice.")]
    assert [(fact.callback, fact.call) for fact in facts if fact.by == "voice"] == [
        *[(callback, first)] * 3, *[(busy, f"{busy}-notice-1")] * 2
    ]  # fmt: skip
    assert [fact.call for fact in facts if fact.by == "sms"] == [None]


def test_1_keeps_the_callback() -> None:
    house, asterisk = begin()
    callback, call = auto_agent(asterisk)
    asterisk.key(call, "1")
    assert asterisk.heard[call][-1] == "notice-kept"
    asterisk.says_all(call)
    assert call not in asterisk.channels
    assert callback in house.world.callbacks.open
    assert told(house)[-1] == ("answered", "voice", "keep")
    assert state(house, callback) is Stage.TOLD


def test_2_cancels_it_and_the_next_moves_up() -> None:
    house, asterisk = begin()
    callback, call = auto_agent(asterisk)
    behind = ask_for(asterisk, MAIJA)
    asterisk.key(call, "2")
    assert ended(house) == [(callback, "auto_agent")]
    assert asterisk.heard[call][-1] == "call-cancelled"
    assert house.world.place(house.world.callbacks.open[behind]) == 1
    asterisk.says_all(call)
    assert call not in asterisk.channels
    assert callback not in house.world.notices


def test_without_a_key_it_asks_once_more_and_then_all_stays() -> None:
    house, asterisk = begin()
    callback, call = auto_agent(asterisk)
    asterisk.silence(call)
    assert asterisk.heard[call][-1] == "notice-again"
    asterisk.silence(call)
    assert asterisk.heard[call][-1] == "notice-kept"
    asterisk.says_all(call)
    assert call not in asterisk.channels
    assert callback in house.world.callbacks.open
    assert [what for what, *_ in told(house)] == ["sent", "delivered"]
    asterisk.beats(5)
    assert len(asterisk.dialled) == 1


def test_a_key_that_means_nothing_is_none() -> None:
    house, asterisk = begin()
    _, call = auto_agent(asterisk)
    asterisk.key(call, "5")
    assert asterisk.heard[call][-1] == "notice-again"
    asterisk.key(call, "2")
    assert len(ended(house)) == 1


def test_a_one_way_call_only_tells() -> None:
    _, asterisk = begin(two_way=False)
    _, call = auto_agent(asterisk)
    assert asterisk.heard[call] == ["notice-intro", "notice-place", "numbers/1", "goodbye"]
    asterisk.says_all(call)
    assert call not in asterisk.channels


@pytest.mark.parametrize(("cause", "reason", "pause"), [(17, "busy", 180), (16, "no_answer", 600), (38, "failed", 300)])
def test_a_call_in_vain_is_tried_once_more_and_costs_no_place(cause: int, reason: str, pause: int) -> None:
    house, asterisk = begin()
    callback = ask_for(asterisk, KERTTU)
    joined = house.world.callbacks.open[callback]
    asterisk.beats()
    asterisk.rings_in_vain(f"{callback}-notice-1", cause)
    asterisk.passes(pause - 5)
    asterisk.beats(2)
    assert len(asterisk.dialled) == 1
    asterisk.passes(5)
    asterisk.beats(2)
    assert rung(asterisk) == [KERTTU, KERTTU]
    asterisk.rings_in_vain(f"{callback}-notice-2", cause)
    asterisk.passes(1000)
    asterisk.beats(2)
    assert len(asterisk.dialled) == 2
    assert told(house) == [("sent", "voice"), ("failed", "voice", reason)] * 2
    assert house.world.callbacks.open[callback] == joined
    assert state(house, callback) is Stage.FAILED


def test_a_number_that_does_not_exist_is_not_tried_again() -> None:
    house, asterisk = begin()
    callback = ask_for(asterisk, KERTTU)
    asterisk.beats()
    asterisk.rings_in_vain(f"{callback}-notice-1", 1)
    asterisk.passes(1000)
    asterisk.beats(2)
    assert told(house) == [("sent", "voice"), ("failed", "voice", "impossible")]


def test_an_attempt_of_which_nothing_is_heard_is_over_in_time() -> None:
    house, asterisk = begin()
    callback = ask_for(asterisk, KERTTU)
    asterisk.beats()
    asterisk.passes(61)
    assert state(house, callback) is Stage.CALL_DUE
    house.tell(OriginateFailed(at=house.at, call="another", reason="test"))
    assert house.world.in_flight() == 0


def test_the_call_waits_until_they_have_hung_up_who_took_the_callback() -> None:
    house, asterisk = begin("INUSE", "INUSE")
    for number in (PEKKA, LIISA):
        asterisk.calls_in(number)
        house.later(1)
    call = asterisk.enters(KERTTU)
    asterisk.key(call, "1")
    assert len(house.world.notices.due()) == 1
    asterisk.beats(3)
    assert asterisk.dialled == []
    asterisk.says_all(call)
    asterisk.beats()
    assert rung(asterisk) == [KERTTU]


def test_a_call_that_is_to_be_tried_again_waits_for_the_opening() -> None:
    house, asterisk = begin()
    house.later(4 * 3600 - 60)
    callback = ask_for(asterisk, KERTTU)
    asterisk.beats()
    asterisk.rings_in_vain(f"{callback}-notice-1", 17)
    asterisk.passes(600)
    asterisk.beats(2)
    assert not house.world.settings.services["support"].opening_hours.is_open(house.at)
    assert len(asterisk.dialled) == 1
    asterisk.passes(16 * 3600)
    asterisk.beats(2)
    assert len(asterisk.dialled) == 2


# --- at most one call to a person -------------------------------------------------------------------


def test_while_the_auto_agent_has_the_phone_the_callback_is_not_dialled_and_then_at_once() -> None:
    house, asterisk = begin()
    callback, behind = ask_for(asterisk, KERTTU), ask_for(asterisk, MAIJA)
    asterisk.beats()
    asterisk.on_duty("INUSE")
    asterisk.beats(3)
    assert rung(asterisk) == [KERTTU, MAIJA]
    assert house.world.callbacks.open[callback].phase is Phase.WAITING
    assert house.world.callbacks.open[behind].phase is Phase.DIALLING
    asterisk.on_duty("INUSE", "NOT_INUSE")
    asterisk.rings_in_vain(f"{callback}-notice-1", 16)
    asterisk.beats()
    assert rung(asterisk) == [KERTTU, MAIJA, KERTTU]
    assert house.world.callbacks.open[callback].phase is Phase.DIALLING


def test_who_is_being_called_for_one_service_is_not_called_for_another() -> None:
    sales = SALES | {"queue": "sales", "notify": {"text": "x", "by": "voice"}}
    house, asterisk = begin(services={"sales": sales}, by="voice")
    one = ask_for(asterisk, KERTTU)
    ask_for(asterisk, KERTTU, service="sales")
    asterisk.beats(3)
    assert rung(asterisk) == [KERTTU]
    asterisk.rings_in_vain(f"{one}-notice-1", 1)
    asterisk.beats()
    assert rung(asterisk) == [KERTTU, KERTTU]
    assert house.world.in_flight() == 1


def test_who_talks_with_an_agent_about_one_service_is_not_rung_for_another() -> None:
    sales = SALES | {"queue": "sales", "notify": {"text": "x", "by": "voice"}}
    _, asterisk = begin("INUSE", services={"sales": sales})
    ask_for(asterisk, KERTTU)
    asterisk.beats()
    (call,) = asterisk.ringing
    asterisk.picks_up(call)
    asterisk.key(call, "1")
    asterisk.answered(call)
    ask_for(asterisk, KERTTU, service="sales")
    asterisk.beats(3)
    assert len(asterisk.dialled) == 1
    asterisk.hangs_up(call)
    asterisk.beats()
    assert rung(asterisk) == [KERTTU, KERTTU]


def test_who_calls_again_is_not_rung_any_more() -> None:
    house, asterisk = begin()
    callback = ask_for(asterisk, KERTTU)
    asterisk.beats()
    asterisk.enters(KERTTU)
    asterisk.beats()
    assert asterisk.ringing == {}
    assert house.world.callbacks.open[callback].phase is Phase.RETURNED
    asterisk.passes(1000)
    asterisk.beats(2)
    assert len(asterisk.dialled) == 1


def test_calls_of_every_kind_share_what_may_be_in_flight() -> None:
    _, asterisk = begin("INUSE", changes={"dialling": {"in_flight": "1"}}, by="voice")
    asterisk.on_duty("UNAVAILABLE")
    ask_for(asterisk, KERTTU)
    ask_for(asterisk, MAIJA)
    asterisk.beats(2)
    asterisk.on_duty("NOT_INUSE", "NOT_INUSE")
    asterisk.beats(2)
    assert rung(asterisk) == [KERTTU]


def test_the_last_call_of_a_day_to_a_number_is_left_to_the_callback() -> None:
    house, asterisk = begin(changes={"dialling": {"per_number_per_day": "1"}})
    ask_for(asterisk, KERTTU)
    asterisk.beats(2)
    assert asterisk.dialled == []
    assert told(house) == [("failed", "voice", "per_number")]
    asterisk.on_duty("INUSE")
    asterisk.beats()
    assert rung(asterisk) == [KERTTU]


def test_two_calls_in_one_look_are_both_counted() -> None:
    house, asterisk = begin()
    for number in (KERTTU, "+358912340045"):
        ask_for(asterisk, number)
    asterisk.beats()
    assert house.world.outgoing.dialled is not None
    assert house.world.outgoing.dialled.total == len(asterisk.dialled) == 2


@pytest.mark.parametrize("on_the_line", [False, True])
def test_staff_who_take_the_callback_back_end_the_call_too(on_the_line: bool) -> None:
    house, asterisk = begin()
    callback = ask_for(asterisk, KERTTU)
    asterisk.beats()
    if on_the_line:
        asterisk.picks_up(f"{callback}-notice-1")
    house.tell(CallbackWithdrawn(at=house.at, callback=callback, by="staff"))
    asterisk.perform()
    assert asterisk.channels == {}
    asterisk.passes(2000)
    asterisk.beats(2)
    assert len(asterisk.dialled) == 1
    assert not house.world.notices


# --- answers by text -------------------------------------------------------------------------------


def texted(house: Rehearsal, asterisk: Asterisk, number: str = MATTI, **wished: Any) -> str:
    callback = ask_for(asterisk, number, **wished)
    reports(house, callback)
    texts(house)
    return callback


def test_a_cancel_word_takes_it_out_is_confirmed_and_the_next_moves_up() -> None:
    house, asterisk = begin(at_position="1")
    callback = texted(house, asterisk)
    behind = ask_for(asterisk, MAIJA)
    answers(house, "Ei!")
    assert ended(house) == [(callback, "sms")]
    assert texts(house) == [
        (MATTI, OURS, "Asiakaspalvelu: takaisinsoittosi on peruttu. Voit soittaa meille uudelleen.")
    ]
    asterisk.beats()
    assert [number for number, _, _ in texts(house)] == [MAIJA]
    assert list(house.world.callbacks.open) == [behind]
    assert ("answered", "sms", "cancel") in told(house)


def test_a_keep_word_keeps_it_without_a_text() -> None:
    house, asterisk = begin()
    callback = texted(house, asterisk)
    answers(house, "kyllä")
    assert callback in house.world.callbacks.open
    assert texts(house) == []
    assert told(house)[-1] == ("answered", "sms", "keep")


@pytest.mark.parametrize("body", ["kyllä", "Koska soitatte?", "0600 123456"])
@pytest.mark.parametrize("is_due", [False, True])
def test_who_answered_has_the_text_whatever_the_gateway_does_not_report(body: str, is_due: bool) -> None:
    house, asterisk = begin()
    callback = ask_for(asterisk)
    house.tell(TextHandedOver(at=house.at, message=f"notice-{callback}", outcome=Accepted()))
    if is_due:
        asterisk.passes(61)
    answers(house, body)
    asterisk.passes(61)
    asterisk.beats(2)
    assert asterisk.dialled == []


def test_who_kept_it_may_still_cancel() -> None:
    house, asterisk = begin()
    callback = texted(house, asterisk)
    answers(house, "k")
    answers(house, "ei")
    assert ended(house) == [(callback, "sms")]


@pytest.mark.parametrize("body", ["040 222 3333", "\u202a040\u00a0222\u20113333\u202c"])
def test_a_number_moves_it_and_it_is_dialled_there(body: str) -> None:
    house, asterisk = begin()
    texted(house, asterisk)
    answers(house, body)
    assert texts(house) == [(MATTI, OURS, f"Asiakaspalvelu: soitamme sinulle numeroon {MAIJA}.")]
    asterisk.on_duty("INUSE")
    asterisk.beats()
    assert rung(asterisk) == [MAIJA]
    assert told(house)[-1] == ("answered", "sms", "number")


@pytest.mark.parametrize("number", ["+18095551234", "0600123456", "12345", "+8816123456789"])
def test_a_number_that_may_not_be_dialled_is_refused_and_all_stays(number: str) -> None:
    house, asterisk = begin()
    callback = texted(house, asterisk)
    answers(house, number)
    ((to, _, body),) = texts(house)
    assert to == MATTI
    assert "emme voi soittaa antamaasi numeroon" in body
    assert MATTI in body
    assert house.world.callbacks.open[callback].number == MATTI
    assert told(house)[-1] == ("answered", "sms", "refused")


def test_a_callback_may_move_to_a_number_that_has_one_already() -> None:
    house, asterisk = begin()
    callback, other = texted(house, asterisk), texted(house, asterisk, MAIJA)
    answers(house, MAIJA)
    assert texts(house) == [(MATTI, OURS, f"Asiakaspalvelu: soitamme sinulle numeroon {MAIJA}.")]
    assert [house.world.callbacks.open[one].number for one in (callback, other)] == [MAIJA, MAIJA]


def test_their_own_number_is_agreed_to() -> None:
    house, asterisk = begin()
    callback = texted(house, asterisk)
    answers(house, "040 111 2222")
    assert texts(house) == [(MATTI, OURS, f"Asiakaspalvelu: soitamme sinulle numeroon {MATTI}.")]
    assert house.world.callbacks.open[callback].number == MATTI


def test_anything_else_gets_help_once() -> None:
    house, asterisk = begin()
    callback = texted(house, asterisk)
    answers(house, "Koska soitatte?")
    ((_, _, body),) = texts(house)
    assert "Vastaa EI" in body
    assert "KYLLÄ" in body
    answers(house, "Siis mitä?")
    assert texts(house) == []
    assert callback in house.world.callbacks.open
    answers(house, "ei")
    assert ended(house) == [(callback, "sms")]


def test_two_machines_that_answer_each_other_come_to_an_end_and_a_cancel_word_is_confirmed_still() -> None:
    house, asterisk = begin()
    callback = texted(house, asterisk)
    for number in range(40):
        answers(house, f"04022233{number:02}")
    assert len(texts(house)) == 6
    answers(house, "EI")
    assert [number for number, _ in ended(house)] == [callback]
    assert ["on peruttu" in body for _, _, body in texts(house)] == [True]


def test_the_administrators_own_words_are_used() -> None:
    house, asterisk = begin(cancelled_text="{{ service }} peruttu {{ number }}")
    texted(house, asterisk)
    answers(house, "EI")
    assert texts(house) == [(MATTI, OURS, f"Asiakaspalvelu peruttu {MATTI}")]


def test_a_text_to_another_number_of_ours_or_from_somebody_else_is_no_answer() -> None:
    house, asterisk = begin()
    callback = texted(house, asterisk)
    answers(house, "EI", to="+358457654321")
    answers(house, "EI", number=MAIJA)
    assert callback in house.world.callbacks.open
    assert texts(house) == []


# --- races -----------------------------------------------------------------------------------------


def test_an_answer_just_before_its_turn_is_obeyed_and_nobody_is_dialled() -> None:
    house, asterisk = begin()
    texted(house, asterisk)
    asterisk.on_duty("INUSE")
    answers(house, "EI")
    asterisk.beats(3)
    assert asterisk.dialled == []


def test_an_answer_just_after_the_dialling_changes_nothing_and_is_told_so() -> None:
    house, asterisk = begin()
    callback = texted(house, asterisk)
    asterisk.on_duty("INUSE")
    house.later(1)
    house.tell(Tick(at=house.at))
    answers(house, "EI")
    asterisk.perform()
    assert rung(asterisk) == [MATTI]
    assert house.world.callbacks.open[callback].phase is Phase.DIALLING
    ((_, _, body),) = texts(house)
    assert "olemme jo soittaneet sinulle tai soitamme juuri nyt" in body
    assert told(house)[-1] == ("answered", "sms", "late")
    answers(house, "EI EI EI")
    assert texts(house) == []


def test_the_second_of_two_cancelling_answers_is_told_that_it_was_cancelled_before() -> None:
    house, asterisk = begin()
    callback = texted(house, asterisk)
    answers(house, "EI")
    texts(house)
    answers(house, "K")
    assert ["oli jo peruttu" in body for _, _, body in texts(house)] == [True]
    assert ended(house) == [(callback, "sms")]
    assert house.world.callbacks.open == {}


def test_after_a_day_an_answer_is_an_answer_to_nothing() -> None:
    house, asterisk = begin()
    texted(house, asterisk)
    answers(house, "EI")
    texts(house)
    house.later(86_401)
    answers(house, "EI")
    assert texts(house) == []
    assert not house.world.notices


def test_after_the_conversation_an_answer_is_told_that_it_is_over() -> None:
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
    answers(house, "EI")
    assert ["on päättynyt" in body for _, _, body in texts(house)] == [True]


def test_who_was_told_that_we_call_now_is_told_anew_when_it_is_over() -> None:
    house, asterisk = begin()
    texted(house, asterisk)
    asterisk.on_duty("INUSE")
    asterisk.beats()
    (call,) = asterisk.ringing
    answers(house, "EI")
    asterisk.picks_up(call)
    asterisk.key(call, "2")
    asterisk.says_all(call)
    answers(house, "EI")
    answers(house, "EI")
    late = [body.partition(": ")[2].partition(": ")[2] for _, _, body in texts(house)]
    assert late == ["olemme jo soittaneet sinulle tai soitamme juuri nyt.", "takaisinsoittosi oli jo peruttu."]


def test_who_called_again_and_was_served_is_told_that_it_is_over() -> None:
    house, asterisk = begin()
    texted(house, asterisk)
    call = asterisk.enters(MATTI)
    asterisk.key(call, "1")
    asterisk.answered(call)
    answers(house, "EI")
    assert ["on päättynyt" in body for _, _, body in texts(house)] == [True]


def test_a_report_between_two_calls_makes_the_second_needless() -> None:
    house, asterisk = begin()
    callback = ask_for(asterisk)
    asterisk.passes(61)
    asterisk.beats()
    asterisk.rings_in_vain(f"{callback}-notice-1", 17)
    reports(house, callback)
    asterisk.passes(200)
    asterisk.beats(2)
    assert rung(asterisk) == [MATTI]


def test_of_two_open_callbacks_the_one_asked_last_is_answered_first() -> None:
    sales = SALES | {"queue": "sales", "notify": {"text": "Myynti soittaa"}}
    house, asterisk = begin(services={"sales": sales})
    older, newer = texted(house, asterisk), texted(house, asterisk, service="sales")
    answers(house, "EI")
    assert ended(house) == [(newer, "sms")]
    assert [body.partition(":")[0] for _, _, body in texts(house)] == ["Myynti"]
    answers(house, "EI")
    assert ended(house) == [(newer, "sms"), (older, "sms")]
    assert [body.partition(":")[0] for _, _, body in texts(house)] == ["Asiakaspalvelu"]


@pytest.mark.parametrize("way", [Delivery.FAILED, None])
@pytest.mark.parametrize("before", [[], ["K"]])
def test_an_answer_is_not_for_the_newer_whose_text_did_not_arrive(way: Delivery | None, before: list[str]) -> None:
    sales = SALES | {"queue": "sales", "notify": {"text": "Myynti soittaa"}}
    house, asterisk = begin(services={"sales": sales})
    older = texted(house, asterisk)
    for body in before:
        answers(house, body)
    newer = ask_for(asterisk, MATTI, service="sales")
    if way is None:
        asterisk.passes(61)
    else:
        reports(house, newer, way)
    answers(house, "EI")
    assert ended(house) == [(older, "sms")]
    assert newer in house.world.callbacks.open


def test_a_text_that_comes_before_the_notice_went_out_is_no_answer_to_it() -> None:
    house, asterisk = begin(changes={"sms": {"quiet_hours": "11:00-13:00"}})
    callback = ask_for(asterisk)
    answers(house, "EI")
    assert callback in house.world.callbacks.open
    asterisk.passes(3600)
    assert len(texts(house)) == 1
    house.tell(TextHandedOver(at=house.at, message=f"notice-{callback}", outcome=Unclear("time ran out")))
    answers(house, "EI")
    assert ended(house) == [(callback, "sms")]


def test_an_answer_that_comes_when_only_the_older_was_asked_is_for_the_older() -> None:
    sales = SALES | {"queue": "sales", "notify": {"text": "Myynti soittaa", "at_position": "1"}}
    house, asterisk = begin(services={"sales": sales})
    older = texted(house, asterisk)
    ask_for(asterisk, MAIJA, service="sales")
    newer = ask_for(asterisk, MATTI, service="sales")
    answers(house, "EI")
    assert ended(house) == [(older, "sms")]
    assert newer in house.world.callbacks.open


def test_opting_out_instead_of_an_answer_ends_all_texts_keeps_the_callback_and_a_call_tells_it() -> None:
    house, asterisk = begin()
    callback = texted(house, asterisk)
    answers(house, "STOP")
    assert texts(house) == []
    asterisk.beats()
    assert rung(asterisk) == [MATTI]
    asterisk.picks_up(f"{callback}-notice-1")
    asterisk.key(f"{callback}-notice-1", "1")
    asterisk.says_all(f"{callback}-notice-1")
    answers(house, "EI")
    assert texts(house) == []
    assert ended(house) == [(callback, "sms")]


def test_opting_out_makes_no_call_where_only_texts_are_sent_or_after_the_dialling() -> None:
    house, asterisk = begin(by="sms")
    texted(house, asterisk)
    answers(house, "STOP")
    asterisk.beats(3)
    assert asterisk.dialled == []

    house, asterisk = begin()
    texted(house, asterisk)
    asterisk.on_duty("INUSE")
    asterisk.beats()
    (call,) = asterisk.ringing
    answers(house, "STOP")
    asterisk.rings_in_vain(call, 17)
    asterisk.on_duty("UNAVAILABLE")
    asterisk.passes(200)
    asterisk.beats(2)
    assert rung(asterisk) == [MATTI]


def test_who_opted_out_is_called_also_when_the_text_is_then_reported_delivered() -> None:
    house, asterisk = begin()
    callback = ask_for(asterisk)
    answers(house, "STOP")
    reports(house, callback)
    asterisk.beats()
    assert rung(asterisk) == [MATTI]


def test_who_opted_out_is_called_also_when_they_then_write_what_nobody_understands() -> None:
    house, asterisk = begin()
    texted(house, asterisk)
    answers(house, "STOP")
    answers(house, "Hei?")
    assert texts(house) == []
    asterisk.beats()
    assert rung(asterisk) == [MATTI]


def test_opting_out_after_an_answer_calls_nobody() -> None:
    house, asterisk = begin()
    texted(house, asterisk)
    answers(house, "k")
    answers(house, "STOP")
    asterisk.beats(3)
    assert asterisk.dialled == []


def test_who_opted_out_before_is_called() -> None:
    house, asterisk = begin()
    answers(house, "STOP")
    ask_for(asterisk)
    asterisk.beats()
    assert texts(house) == []
    assert rung(asterisk) == [MATTI]


def test_an_answer_while_the_auto_agent_rings_ends_that_call() -> None:
    house, asterisk = begin()
    callback = ask_for(asterisk)
    asterisk.passes(61)
    asterisk.beats()
    assert rung(asterisk) == [MATTI]
    answers(house, "K")
    asterisk.perform()
    assert asterisk.channels == {}
    asterisk.passes(1000)
    asterisk.beats(2)
    assert len(asterisk.dialled) == 1
    assert callback in house.world.callbacks.open


# --- crashes ---------------------------------------------------------------------------------------


def test_after_a_crash_nobody_is_told_twice_and_an_answer_is_understood() -> None:
    house, asterisk = begin()
    callback = texted(house, asterisk)
    after = house.restarted()
    asterisk.restarts_us(after)
    asterisk.beats(3)
    assert texts(after) == []
    answers(after, "EI")
    assert ended(after) == [(callback, "sms")]


@pytest.mark.parametrize("picked_up", [False, True])
@pytest.mark.parametrize("lives", [False, True])
def test_a_call_of_the_auto_agent_is_adopted_or_counts_as_made(lives: bool, picked_up: bool) -> None:
    house, asterisk = begin()
    callback = ask_for(asterisk, KERTTU)
    asterisk.beats()
    call = f"{callback}-notice-1"
    if picked_up:
        asterisk.picks_up(call)
    if not lives:
        for calls in (asterisk.channels, asterisk.ringing, asterisk.held):
            calls.pop(call, None)
    after = house.restarted()
    asterisk.restarts_us(after)
    asterisk.beats(3)
    assert len(asterisk.dialled) == 1
    if not lives:
        assert state(after, callback) is (Stage.TOLD if picked_up else Stage.CALL_DUE)
        return
    if not picked_up:
        asterisk.picks_up(call)
    asterisk.key(call, "2")
    assert ended(after) == [(callback, "auto_agent")]
    assert [what for what, *_ in told(after)] == ["sent", "delivered", "answered"]


@pytest.mark.parametrize("key", ["1", "2"])
def test_who_had_answered_when_we_died_is_not_asked_again(key: str) -> None:
    house, asterisk = begin()
    _, call = auto_agent(asterisk)
    asterisk.key(call, key)
    said = list(asterisk.heard[call])
    asterisk.restarts_us(house.restarted())
    assert call not in asterisk.channels
    assert asterisk.heard[call] == said


def test_while_asterisk_is_not_heard_nobody_is_called() -> None:
    house, asterisk = begin()
    ask_for(asterisk, KERTTU)
    house.tell(AsteriskLost(at=house.at, reason="test"))
    asterisk.beats(3)
    assert asterisk.dialled == []


def test_what_is_known_is_on_disk() -> None:
    house, asterisk = begin()
    texted(house, asterisk)
    ask_for(asterisk, KERTTU)
    asterisk.beats()
    kept = {record.key: record for record in house.disk.values() if hasattr(record, "answer_to")}
    assert kept == {notice.key: notice for notice in house.world.notices.values()}
