"""Notices after a crash."""

from __future__ import annotations

import pytest

from callcentre.features.notices.model import Stage
from callcentre.telephony.events import AsteriskLost
from tests.cast import KERTTU
from tests.unit.features.callbacks.desk import ask_for
from tests.unit.features.notices.desk import (
    answer,
    auto_agent_talks,
    begin,
    cancellations,
    notice_facts,
    stage_of,
    texted,
    texts,
)


def test_after_a_crash_no_notice_is_given_twice_and_an_answer_is_understood() -> None:
    rehearsal, asterisk = begin()
    callback = texted(rehearsal, asterisk)
    after = rehearsal.restarted()
    asterisk.restarts_us(after)
    asterisk.ticks(3)
    assert texts(after) == []
    answer(after, "EI")
    assert cancellations(after) == [(callback, "sms")]


@pytest.mark.parametrize("picked_up", [False, True])
@pytest.mark.parametrize("lives", [False, True])
def test_after_a_crash_a_call_of_the_auto_agent_is_kept_or_counts_as_made(lives: bool, picked_up: bool) -> None:
    rehearsal, asterisk = begin()
    callback = ask_for(asterisk, KERTTU)
    asterisk.ticks()
    call = f"{callback}-notice-1"
    if picked_up:
        asterisk.picks_up(call)
    if not lives:
        for calls in (asterisk.channels, asterisk.ringing, asterisk.held):
            calls.pop(call, None)
    after = rehearsal.restarted()
    asterisk.restarts_us(after)
    asterisk.ticks(3)
    assert len(asterisk.dialled) == 1
    if not lives:
        assert stage_of(after, callback) is (Stage.HEARD if picked_up else Stage.CALL_DUE)
        return
    if not picked_up:
        asterisk.picks_up(call)
    asterisk.key(call, "2")
    assert cancellations(after) == [(callback, "auto_agent")]
    assert [what for what, *_ in notice_facts(after)] == ["sent", "delivered", "answered"]


@pytest.mark.parametrize("key", ["1", "2"])
def test_a_customer_who_had_answered_before_the_crash_is_not_asked_again(key: str) -> None:
    rehearsal, asterisk = begin()
    _, call = auto_agent_talks(asterisk)
    asterisk.key(call, key)
    said = list(asterisk.heard[call])
    asterisk.restarts_us(rehearsal.restarted())
    assert call not in asterisk.channels
    assert asterisk.heard[call] == said


def test_nobody_is_called_while_asterisk_is_not_connected() -> None:
    rehearsal, asterisk = begin()
    ask_for(asterisk, KERTTU)
    rehearsal.tell(AsteriskLost(at=rehearsal.at, reason="test"))
    asterisk.ticks(3)
    assert asterisk.dialled == []


def test_the_notices_on_disk_are_those_in_memory() -> None:
    rehearsal, asterisk = begin()
    texted(rehearsal, asterisk)
    ask_for(asterisk, KERTTU)
    asterisk.ticks()
    kept = {record.key: record for record in rehearsal.disk.values() if hasattr(record, "answer_to")}
    assert kept == {notice.key: notice for notice in rehearsal.world.notices.values()}
