"""When a callback is announced."""

from __future__ import annotations

import pytest

from callcentre.features.callbacks.events import CallbackWithdrawn
from callcentre.features.notices.model import Ended, How
from callcentre.kernel.event import Tick
from callcentre.messaging.events import (
    Refused,
    TextHandedOver,
)
from callcentre.telephony.events import AsteriskLost
from tests.cast import AINO, LIISA, MATTI, PEKKA, REPLY_NUMBER
from tests.unit.features.callbacks.desk import ask_for
from tests.unit.features.notices.desk import answer, begin, notice_facts, numbers_dialled, report, texts


def test_a_callback_is_announced_once_when_its_place_is_reached() -> None:
    rehearsal, asterisk = begin()
    live = [asterisk.calls_in(number) for number in (LIISA, PEKKA, AINO)]
    callback = ask_for(asterisk, MATTI, name="Matti")
    asterisk.ticks(2)
    assert texts(rehearsal) == []
    asterisk.hangs_up(live[1])
    assert texts(rehearsal) == [
        (MATTI, REPLY_NUMBER, "Hei Matti, soitamme sinulle pian (paikka 3). Vastaa EI jos et enää tarvitse soittoa.")
    ]
    (sent,) = [fact for fact in rehearsal.facts if fact.name == "notice.sent"]
    assert (sent.by, sent.position, sent.callback, sent.service) == ("sms", 3, callback, "support")
    report(rehearsal, callback)
    asterisk.hangs_up(live[0])
    asterisk.ticks(100)
    assert texts(rehearsal) == []
    assert notice_facts(rehearsal) == [("sent", "sms"), ("delivered", "sms")]
    assert asterisk.dialled == []


def test_no_place_is_announced_while_asterisk_is_not_connected_or_is_being_read() -> None:
    rehearsal, asterisk = begin()
    first, *_ = [ask_for(asterisk, number) for number in (LIISA, PEKKA, AINO)]
    ask_for(asterisk, MATTI)
    texts(rehearsal)
    rehearsal.tell(AsteriskLost(at=rehearsal.at, reason="gone"))
    rehearsal.tell(CallbackWithdrawn(at=rehearsal.at, callback=first, by="staff"))
    asterisk.ticks(2)
    assert texts(rehearsal) == []
    asterisk.connect()
    rehearsal.tell(Tick(at=rehearsal.at))
    assert texts(rehearsal) == []
    asterisk.ticks()
    assert [number for number, _, _ in texts(rehearsal)] == [MATTI]


def test_when_a_callback_is_dialled_the_next_one_is_announced() -> None:
    rehearsal, asterisk = begin("INUSE", at_position="1")
    first, second = ask_for(asterisk, MATTI), ask_for(asterisk, AINO)
    assert [number for number, _, _ in texts(rehearsal)] == [MATTI]
    asterisk.ticks(2)
    assert numbers_dialled(asterisk) == [MATTI]
    assert [number for number, _, _ in texts(rehearsal)] == [AINO]
    assert rehearsal.world.notices[first].ended == Ended(how=How.DIALLED)
    assert rehearsal.world.notices[second].ended is None


def test_a_callback_that_begins_near_gets_only_the_notice_and_one_behind_gets_the_confirmation() -> None:
    confirmed = {"support": {"callback": {"confirm_by_sms": "Vahvistus {{ position }}"}, "notify": {}, "welcome": None}}
    rehearsal, asterisk = begin(changes={"services": confirmed})
    for number in (MATTI, AINO, LIISA):
        ask_for(asterisk, number)
    assert [(number, sender) for number, sender, _ in texts(rehearsal)] == [
        (n, REPLY_NUMBER) for n in (MATTI, AINO, LIISA)
    ]
    ask_for(asterisk, PEKKA)
    assert texts(rehearsal) == [(PEKKA, "Neuvonta", "Vahvistus 4")]


def test_outside_the_opening_hours_nothing_is_announced() -> None:
    rehearsal, asterisk = begin()
    rehearsal.later(6 * 3600)
    ask_for(asterisk)
    asterisk.ticks(3)
    assert texts(rehearsal) == []
    rehearsal.later(14 * 3600 + 3600)
    asterisk.ticks()
    assert len(texts(rehearsal)) == 1


@pytest.mark.parametrize("by", ["auto", "sms"])
@pytest.mark.parametrize("quiet", ["15:00-17:00", None])
def test_a_text_that_was_not_sent_before_closing_is_written_again_after_the_opening(quiet: str | None, by: str) -> None:
    rehearsal, asterisk = begin(changes={"sms": {"quiet_hours": quiet}}, by=by)
    hours = rehearsal.world.settings.services["support"].opening_hours
    rehearsal.later(4 * 3600 - 20)
    callback = ask_for(asterisk)
    while hours.is_open(rehearsal.at):
        for _ in texts(rehearsal):
            rehearsal.tell(TextHandedOver(at=rehearsal.at, message=f"notice-{callback}", outcome=Refused("busy")))
        asterisk.ticks()
    while not hours.is_open(rehearsal.at):
        assert texts(rehearsal) == []
        asterisk.passes(600)
        asterisk.ticks()
    assert [number for number, _, _ in texts(rehearsal)] == [MATTI]
    report(rehearsal, callback)
    assert notice_facts(rehearsal) == [
        ("sent", "sms"), ("failed", "sms", "closed"), ("sent", "sms"), ("delivered", "sms")
    ]  # fmt: skip
    asterisk.passes(600)
    asterisk.ticks()
    assert (texts(rehearsal), asterisk.dialled) == ([], [])


def test_a_callback_that_was_dialled_is_not_announced_when_it_is_queued_again() -> None:
    early = {"welcome": None, "callback": {"dial": {"at_position": "2"}}, "notify": {"at_position": "1"}}
    rehearsal, asterisk = begin("INUSE", changes={"services": {"support": early}})
    before = asterisk.calls_in(LIISA)
    callback = ask_for(asterisk)
    texts(rehearsal)
    asterisk.ticks()
    (call,) = asterisk.ringing
    asterisk.picks_up(call)
    asterisk.key(call, "3")
    asterisk.silence(call)
    asterisk.on_duty("UNAVAILABLE")
    asterisk.hangs_up(before)
    asterisk.passes(16 * 60)
    asterisk.ticks(5)
    known = rehearsal.world.callbacks[callback]
    assert (known.is_queued, known.attempts, rehearsal.world.place(known)) == (True, 0, 1)
    assert texts(rehearsal) == []
    assert notice_facts(rehearsal) == []


def test_a_request_with_an_old_id_is_another_callback_and_is_announced() -> None:
    rehearsal, asterisk = begin(at_position="1")
    callback = ask_for(asterisk, MATTI, request="r")
    report(rehearsal, callback)
    rehearsal.later(12 * 3600)
    rehearsal.tell(CallbackWithdrawn(at=rehearsal.at, callback=callback, by="staff"))
    rehearsal.later(12 * 3600 + 60)
    rehearsal.tell(Tick(at=rehearsal.at))
    first = ask_for(asterisk, AINO)
    texts(rehearsal)
    assert ask_for(asterisk, MATTI, request="r") == callback
    rehearsal.tell(CallbackWithdrawn(at=rehearsal.at, callback=first, by="staff"))
    asterisk.ticks()
    assert [number for number, _, _ in texts(rehearsal)] == [MATTI]
    report(rehearsal, callback)
    rehearsal.later(86_400)
    asterisk.ticks()
    assert callback in rehearsal.world.callbacks
    assert texts(rehearsal) == []


@pytest.mark.parametrize("name", ["0401112222", "Anonymous", " unknown", "Unavailable"])
def test_a_placeholder_of_the_network_is_not_used_as_a_name(name: str) -> None:
    rehearsal, asterisk = begin()
    ask_for(asterisk, MATTI, name=name)
    assert [body.partition("soitamme")[0] for _, _, body in texts(rehearsal)] == ["Hei, "]


def test_a_one_way_notice_has_the_sender_id_and_cannot_be_answered() -> None:
    rehearsal, asterisk = begin(two_way=False)
    callback = ask_for(asterisk)
    assert [sender for _, sender, _ in texts(rehearsal)] == ["Neuvonta"]
    answer(rehearsal, "EI")
    assert callback in rehearsal.world.callbacks
    assert texts(rehearsal) == []


def test_a_text_that_waits_for_the_gateway_is_not_sent_after_the_callback_is_dialled() -> None:
    rehearsal, asterisk = begin()
    callback = ask_for(asterisk)
    assert len(texts(rehearsal)) == 1
    rehearsal.tell(TextHandedOver(at=rehearsal.at, message=f"notice-{callback}", outcome=Refused("busy")))
    asterisk.on_duty("INUSE")
    rehearsal.tell(Tick(at=rehearsal.at))
    asterisk.perform()
    asterisk.passes(5)
    assert numbers_dialled(asterisk) == [MATTI]
    assert texts(rehearsal) == []
    (refused,) = [fact for fact in rehearsal.facts if fact.name == "sms.refused"]
    assert (refused.reason, refused.callback) == ("dialled", callback)
