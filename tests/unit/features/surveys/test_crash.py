"""Surveys after a crash or an outage."""

from __future__ import annotations

from typing import Any

from callcentre.features.surveys.model import Ordered
from callcentre.kernel.event import EffectInterrupted
from callcentre.messaging.effects import SendText
from callcentre.telephony.queue_view.model import CallOver
from tests.unit.features.surveys.people import People

DAY = 24 * 3600


def test_a_survey_that_is_due_is_sent_once_after_a_crash() -> None:
    people = People()
    people.talks()
    people.restart()
    people.rehearsal.later(60)
    [text] = people.rehearsal.take(SendText)
    people.restart()
    people.rehearsal.tell(EffectInterrupted(at=people.rehearsal.at, effect=text))
    people.rehearsal.later(DAY)
    assert people.texts() == []
    assert [type(survey.state) for survey in people.rehearsal.world.surveys.values()] == [Ordered]


def test_a_call_that_ended_during_an_outage_is_asked_about() -> None:
    people = People()
    call = people.answered()
    people.asterisk.ticks(30)
    del people.asterisk.channels[call], people.asterisk.talking[call]
    people.restart()
    assert people.skipped() == []
    people.rehearsal.later(60)
    assert len(people.texts()) == 1


def test_a_call_is_asked_about_once_even_if_its_end_is_heard_twice() -> None:
    people = People()
    call = people.answered()
    known = people.rehearsal.world.calls.calls[call]
    people.rehearsal.later(60)
    people.asterisk.hangs_up(call)
    over: Any = CallOver(at=people.rehearsal.at, call=known, wait=5.0, talk=60.0)
    people.rehearsal.tell(over)
    people.rehearsal.later(60)
    assert len(people.texts()) == 1
    people.rehearsal.tell(over)
    assert people.survey_facts() == ["survey.asked satisfaction"]
