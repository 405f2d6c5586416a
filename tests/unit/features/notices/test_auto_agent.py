"""Calls of the Auto Agent."""

from __future__ import annotations

import pytest

from callcentre.features.notices.model import Stage
from callcentre.telephony.events import OriginateFailed
from tests.cast import AINO, KERTTU, LIISA, PEKKA
from tests.unit.features.callbacks.desk import ask_for
from tests.unit.features.notices.desk import (
    auto_agent_talks,
    begin,
    cancellations,
    notice_facts,
    numbers_dialled,
    stage_of,
)


def test_the_facts_of_a_call_name_it() -> None:
    rehearsal, asterisk = begin()
    callback, first = auto_agent_talks(asterisk)
    asterisk.key(first, "1")
    busy = ask_for(asterisk, "+358912340045")
    asterisk.ticks()
    asterisk.rings_in_vain(f"{busy}-notice-1", 17)
    ask_for(asterisk)
    facts = [fact for fact in rehearsal.facts if fact.name.startswith("notice.")]
    assert [(fact.callback, fact.call) for fact in facts if fact.by == "voice"] == [
        *[(callback, first)] * 3, *[(busy, f"{busy}-notice-1")] * 2
    ]  # fmt: skip
    assert [fact.call for fact in facts if fact.by == "sms"] == [None]


def test_key_1_keeps_the_callback() -> None:
    rehearsal, asterisk = begin()
    callback, call = auto_agent_talks(asterisk)
    asterisk.key(call, "1")
    assert asterisk.heard[call][-1] == "notice-kept"
    asterisk.says_all(call)
    assert call not in asterisk.channels
    assert callback in rehearsal.world.callbacks
    assert notice_facts(rehearsal)[-1] == ("answered", "voice", "keep")
    assert stage_of(rehearsal, callback) is Stage.HEARD


def test_key_2_cancels_the_callback_and_the_next_moves_up() -> None:
    rehearsal, asterisk = begin()
    callback, call = auto_agent_talks(asterisk)
    behind = ask_for(asterisk, AINO)
    asterisk.key(call, "2")
    assert cancellations(rehearsal) == [(callback, "auto_agent")]
    assert asterisk.heard[call][-1] == "call-cancelled"
    assert rehearsal.world.place(rehearsal.world.callbacks[behind]) == 1
    asterisk.says_all(call)
    assert call not in asterisk.channels
    assert callback not in rehearsal.world.notices


def test_without_a_key_the_question_is_repeated_once_and_the_callback_stays() -> None:
    rehearsal, asterisk = begin()
    callback, call = auto_agent_talks(asterisk)
    asterisk.silence(call)
    assert asterisk.heard[call][-1] == "notice-again"
    asterisk.silence(call)
    assert asterisk.heard[call][-1] == "notice-kept"
    asterisk.says_all(call)
    assert call not in asterisk.channels
    assert callback in rehearsal.world.callbacks
    assert [what for what, *_ in notice_facts(rehearsal)] == ["sent", "delivered"]
    asterisk.ticks(5)
    assert len(asterisk.dialled) == 1


def test_a_key_without_a_meaning_counts_as_no_key() -> None:
    rehearsal, asterisk = begin()
    _, call = auto_agent_talks(asterisk)
    asterisk.key(call, "5")
    assert asterisk.heard[call][-1] == "notice-again"
    asterisk.key(call, "2")
    assert len(cancellations(rehearsal)) == 1


def test_a_one_way_call_asks_nothing() -> None:
    _, asterisk = begin(two_way=False)
    _, call = auto_agent_talks(asterisk)
    assert asterisk.heard[call] == ["notice-intro", "notice-place", "numbers/1", "goodbye"]
    asterisk.says_all(call)
    assert call not in asterisk.channels


@pytest.mark.parametrize(("cause", "reason", "pause"), [(17, "busy", 180), (16, "no_answer", 600), (38, "failed", 300)])
def test_an_unanswered_call_is_tried_once_more_and_costs_no_place(cause: int, reason: str, pause: int) -> None:
    rehearsal, asterisk = begin()
    callback = ask_for(asterisk, KERTTU)
    joined = rehearsal.world.callbacks[callback]
    asterisk.ticks()
    asterisk.rings_in_vain(f"{callback}-notice-1", cause)
    asterisk.passes(pause - 5)
    asterisk.ticks(2)
    assert len(asterisk.dialled) == 1
    asterisk.passes(5)
    asterisk.ticks(2)
    assert numbers_dialled(asterisk) == [KERTTU, KERTTU]
    asterisk.rings_in_vain(f"{callback}-notice-2", cause)
    asterisk.passes(1000)
    asterisk.ticks(2)
    assert len(asterisk.dialled) == 2
    assert notice_facts(rehearsal) == [("sent", "voice"), ("failed", "voice", reason)] * 2
    assert rehearsal.world.callbacks[callback] == joined
    assert stage_of(rehearsal, callback) is Stage.FAILED


def test_a_number_that_does_not_exist_is_not_tried_again() -> None:
    rehearsal, asterisk = begin()
    callback = ask_for(asterisk, KERTTU)
    asterisk.ticks()
    asterisk.rings_in_vain(f"{callback}-notice-1", 1)
    asterisk.passes(1000)
    asterisk.ticks(2)
    assert notice_facts(rehearsal) == [("sent", "voice"), ("failed", "voice", "impossible")]


def test_a_call_without_events_ends_in_time() -> None:
    rehearsal, asterisk = begin()
    callback = ask_for(asterisk, KERTTU)
    asterisk.ticks()
    asterisk.passes(61)
    assert stage_of(rehearsal, callback) is Stage.CALL_DUE
    rehearsal.tell(OriginateFailed(at=rehearsal.at, call="another", reason="test"))
    assert rehearsal.world.in_flight() == 0


def test_the_call_waits_until_the_customer_who_accepted_the_callback_has_hung_up() -> None:
    rehearsal, asterisk = begin("INUSE", "INUSE")
    for number in (LIISA, PEKKA):
        asterisk.calls_in(number)
        rehearsal.later(1)
    call = asterisk.enters(KERTTU)
    asterisk.key(call, "1")
    assert len(rehearsal.world.notices.due()) == 1
    asterisk.ticks(3)
    assert asterisk.dialled == []
    asterisk.says_all(call)
    asterisk.ticks()
    assert numbers_dialled(asterisk) == [KERTTU]


def test_a_call_that_is_to_be_tried_again_waits_for_the_opening() -> None:
    rehearsal, asterisk = begin()
    rehearsal.later(4 * 3600 - 60)
    callback = ask_for(asterisk, KERTTU)
    asterisk.ticks()
    asterisk.rings_in_vain(f"{callback}-notice-1", 17)
    asterisk.passes(600)
    asterisk.ticks(2)
    assert not rehearsal.world.settings.services["support"].opening_hours.is_open(rehearsal.at)
    assert len(asterisk.dialled) == 1
    asterisk.passes(16 * 3600)
    asterisk.ticks(2)
    assert len(asterisk.dialled) == 2
