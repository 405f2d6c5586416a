"""A route that is missing, where an agent is rung first, and where the Auto Agent calls."""

from __future__ import annotations

import pytest

from callcentre.features.callbacks.model import Phase
from callcentre.telephony.dialling.route import Route
from tests.cast import AINO, LIISA, MATTI, PEKKA
from tests.unit.features.callbacks.states import until, why
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import Asterisk
from tests.unit.telephony.dialling.desk import (
    AGENT_FIRST,
    CLEARED,
    ONE_AT_A_TIME,
    RAISED,
    alarms,
    callbacks,
    desk,
    dialled,
    reported,
    request_callback,
)

# --- an agent first --------------------------------------------------------------------------------


@pytest.mark.parametrize("way_in", ["refused", "nowhere"])
def test_a_reservation_that_asterisk_cannot_make_is_not_the_customers(way_in: str) -> None:
    rehearsal, asterisk = desk(MATTI, **AGENT_FIRST)
    asterisk.way_in = way_in
    asterisk.ticks(60)
    (callback,) = callbacks(rehearsal)
    assert (callback.phase, callback.attempts, callback.agent_call) == (Phase.WAITING, 0, None)
    assert reported(rehearsal, "callback.", "alarm.") == [("callback.accepted", None), RAISED]
    assert (list(rehearsal.world.outgoing.heard), asterisk.channels, rehearsal.world.outgoing.route.pauses) == (
        [],
        {},
        1,
    )
    asterisk.way_in = "queue"
    asterisk.ticks()
    assert len(asterisk.reserving) == 1
    agent_answers(asterisk)
    assert dialled(asterisk) == [MATTI]
    assert alarms(rehearsal) == [RAISED, CLEARED]


def test_a_reservation_that_no_agent_takes_raises_nothing() -> None:
    rehearsal, asterisk = desk(MATTI, **AGENT_FIRST)
    asterisk.ticks()
    (near,) = asterisk.reserving
    asterisk.destroyed(near, 0)
    assert (alarms(rehearsal), list(rehearsal.world.outgoing.heard)) == ([], [])


def test_a_reservation_that_alone_cannot_be_made_is_tried_later_and_costs_no_attempt() -> None:
    rehearsal, asterisk = desk(MATTI, **AGENT_FIRST)
    caller = next(iter(rehearsal.world.callbacks.values()))
    hashed = str(rehearsal.world.who(caller.number)["caller"])
    rehearsal.world.outgoing.put(Route(suspects=(hashed,)))
    asterisk.way_in = "refused"
    asterisk.ticks(3)
    (callback,) = callbacks(rehearsal)
    assert (why(callback), callback.attempts) == ("failed", 0)
    assert until(callback) is not None
    assert alarms(rehearsal) == []


def agent_answers(asterisk: Asterisk) -> None:
    asterisk.answered(next(iter(asterisk.reserving.values())))
    asterisk.perform()


def test_a_customer_without_a_way_out_frees_the_agent_and_keeps_the_place() -> None:
    rehearsal, asterisk = desk(MATTI, **AGENT_FIRST)
    asterisk.way_out = "refused"
    asterisk.ticks()
    (near,) = asterisk.reserving
    agent_answers(asterisk)
    (callback,) = callbacks(rehearsal)
    assert (callback.phase, callback.attempts, callback.agent_call) == (Phase.WAITING, 0, None)
    assert asterisk.heard[near] == ["agent-unanswered"]
    assert alarms(rehearsal) == [RAISED]
    asterisk.says_all(near)
    asterisk.ticks(30)
    assert asterisk.reserving == {}


def test_an_agent_who_answers_during_the_pause_is_let_go() -> None:
    rehearsal, asterisk = desk(MATTI, AINO, **AGENT_FIRST)
    asterisk.ticks()
    assert len(asterisk.reserving) == 2
    asterisk.way_out = "refused"
    agent_answers(asterisk)
    asterisk.answered(next(far for far in asterisk.reserving.values() if AINO in far))
    asterisk.perform()
    assert dialled(asterisk) == [MATTI]
    assert [(callback.phase, callback.attempts) for callback in callbacks(rehearsal)] == [(Phase.WAITING, 0)] * 2


def test_of_agents_who_were_rung_before_the_pause_the_first_to_answer_after_it_tries() -> None:
    rehearsal, asterisk = desk(MATTI, AINO, **AGENT_FIRST)
    asterisk.ticks()
    assert len(asterisk.reserving) == 2
    rehearsal.world.outgoing.put(Route(raised=True, paused_until=rehearsal.at, pauses=1))
    agent_answers(asterisk)
    assert dialled(asterisk) == [MATTI]
    assert alarms(rehearsal) == [CLEARED]


# --- the Auto Agent --------------------------------------------------------------------------------


VOICE = {"by": "voice", "at_position": 5, "two_way": True}


def busy_desk(*numbers: str) -> tuple[Rehearsal, Asterisk]:
    """Nobody is dialled, since an earlier caller waits; the Auto Agent tells those who are next."""
    rehearsal, asterisk = desk(notify=VOICE, agents=ONE_AT_A_TIME)
    asterisk.calls_in(PEKKA)
    for number in numbers:
        request_callback(rehearsal, number)
    return rehearsal, asterisk


@pytest.mark.parametrize("way_out", ["refused", "nowhere"])
def test_a_notice_without_a_way_out_is_reported_when_there_is_one(way_out: str) -> None:
    rehearsal, asterisk = busy_desk(MATTI, AINO)
    asterisk.way_out = way_out
    asterisk.ticks(60)
    assert dialled(asterisk) == [MATTI, AINO]
    assert reported(rehearsal, "notice.") == [("notice.sent", None)] * 2 + [("notice.failed", "no_route")] * 2
    assert alarms(rehearsal) == [RAISED]
    assert [notice.attempts for notice in rehearsal.world.notices.values()] == [0, 0]
    asterisk.way_out = "rings"
    asterisk.ticks(2)
    assert dialled(asterisk) == [MATTI, AINO] * 2
    assert alarms(rehearsal) == [RAISED, CLEARED]


def test_the_auto_agent_tries_with_one_call_too_and_first_with_another_number() -> None:
    rehearsal, asterisk = busy_desk(MATTI)
    asterisk.way_out = "refused"
    asterisk.ticks()
    request_callback(rehearsal, AINO)
    request_callback(rehearsal, LIISA)
    asterisk.way_out = "silent"
    asterisk.ticks(65)
    assert dialled(asterisk) == [MATTI, AINO]
    assert alarms(rehearsal)[:1] == [RAISED]


def test_a_customer_who_could_not_be_dialled_may_still_be_reported_and_answer() -> None:
    rehearsal, asterisk = desk(MATTI, notify={"by": "sms", "at_position": 5, "two_way": True})
    (notice,) = rehearsal.world.notices.values()
    assert notice.ended is None
    asterisk.way_out = "refused"
    asterisk.ticks()
    assert reported(rehearsal, "callback.")[-1] == ("callback.not_dialled", "no_route")
    (notice,) = rehearsal.world.notices.values()
    assert notice.ended is None
