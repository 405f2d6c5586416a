"""Surveys after a crash or an outage."""

from __future__ import annotations

from typing import Any

from callcentre.features.surveys.model import State
from callcentre.kernel.event import EffectInterrupted
from callcentre.messaging.effects import SendText
from callcentre.telephony.queue_view.model import CallOver
from tests.unit.features.surveys.people import People

DAY = 24 * 3600


def test_a_survey_that_is_due_is_sent_once_after_a_crash() -> None:
    people = People()
    people.talks()
    people.restart()
    people.house.later(60)
    [text] = people.house.take(SendText)
    people.restart()
    people.house.tell(EffectInterrupted(at=people.house.at, effect=text))
    people.house.later(DAY)
    assert people.texts() == []
    assert [survey.state for survey in people.house.world.surveys.values()] == [State.ASKING]


def test_a_call_that_ended_during_an_outage_is_asked_about() -> None:
    people = People()
    call = people.answered()
    people.asterisk.beats(30)
    del people.asterisk.channels[call], people.asterisk.talking[call]
    people.restart()
    assert people.skipped() == []
    people.house.later(60)
    assert len(people.texts()) == 1


def test_a_call_is_asked_about_once_even_if_its_end_is_heard_twice() -> None:
    people = People()
    call = people.answered()
    known = people.house.world.calls.calls[call]
    people.house.later(60)
    people.asterisk.hangs_up(call)
    over: Any = CallOver(at=people.house.at, call=known, wait=5.0, talk=60.0)
    people.house.tell(over)
    people.house.later(60)
    assert len(people.texts()) == 1
    people.house.tell(over)
    assert people.survey_facts() == ["survey.asked satisfaction"]
