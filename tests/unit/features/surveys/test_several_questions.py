"""Answers to several questions, or to several surveys of one person."""

from __future__ import annotations

from callcentre.features.surveys.facts import SurveyAsked
from callcentre.kernel.event import SettingsChanged
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import Accepted
from tests.unit.features.surveys.people import AGAIN, SATISFACTION, WHY, People, asks
from tests.unit.rehearsal import settings

DAY = 24 * 3600
TWO = asks(questions=[SATISFACTION, AGAIN])
THREE = asks(questions=[SATISFACTION, AGAIN, WHY])
CALL_AGAIN = asks(quarantine="0s")


def test_an_invalid_answer_gets_one_text_for_each_question_where_that_is_configured() -> None:
    people = People(TWO)
    people.asked()
    people.says("x")
    people.says("4")
    people.texts()
    people.says("x")
    assert people.bodies() == ["Vastaa pelkällä numerolla 1-5."]
    silent = People(asks(invalid_text=None))
    silent.asked()
    silent.says("x")
    assert silent.texts() == []
    assert silent.survey_facts()[-1] == "survey.invalid satisfaction"


def test_the_next_question_follows_the_answer_to_the_one_before() -> None:
    people = People(THREE)
    assert people.asked() == [SATISFACTION["text"]]
    people.says("4")
    assert people.bodies() == [AGAIN["text"]]
    people.rehearsal.later(2 * DAY - 60)
    people.says("10")
    assert people.bodies() == [WHY["text"]]
    people.says("Koska kaikki toimi.\nKiitos!")
    assert people.bodies() == ["Kiitos palautteesta!"]
    assert [(kept.question, kept.answer, kept.value, kept.metric) for kept in people.answers()] == [
        ("satisfaction", "4", 4, "csat"),
        ("again", "10", 10, "nps"),
        ("why", "Koska kaikki toimi. Kiitos!", None, "none"),
    ]  # fmt: skip
    assert "toimi" not in repr(people.rehearsal.facts)
    assert people.survey_facts() == [
        "survey.asked satisfaction", "survey.answered satisfaction", "survey.asked again", "survey.answered again",
        "survey.asked why", "survey.answered why", "survey.completed",
    ]  # fmt: skip


def test_words_sent_again_before_the_next_question_could_be_read_do_not_answer_it() -> None:
    people = People(TWO)
    people.asked()
    people.says("5")
    people.says("5")
    [question] = people.rehearsal.take(SendText) or (people.rehearsal.later(1), *people.rehearsal.take(SendText))[1:]
    people.says("5")
    people.handed(question, Accepted())
    people.says("5")
    people.rehearsal.later(1)
    people.says("5")
    assert people.survey_facts() == ["survey.asked satisfaction", "survey.answered satisfaction", "survey.asked again"]
    people.rehearsal.later(5)
    people.says("5")
    assert people.survey_facts()[-1] == "survey.completed"


def test_the_same_words_answer_the_next_question_once_the_phone_has_it() -> None:
    people = People(TWO)
    people.asked()
    people.says("5")
    people.texts()
    people.says("5")
    assert [kept.value for kept in people.answers()] == [5, 5]
    assert people.survey_facts()[-1] == "survey.completed"


def test_a_text_before_the_next_question_is_sent_does_not_answer_it() -> None:
    people = People(TWO | {"sms": {"per_second": "1"}})
    people.asked()
    people.says("what?")
    people.says("5")
    people.says("4")
    assert people.survey_facts()[2:] == ["survey.answered satisfaction"]
    assert people.bodies() == ["Vastaa pelkällä numerolla 1-5.", AGAIN["text"]]


def test_an_answer_proves_that_the_question_went_out() -> None:
    people = People()
    people.talks()
    people.rehearsal.later(60)
    people.rehearsal.take(SendText)
    people.says("5")
    assert people.survey_facts() == ["survey.asked satisfaction", "survey.answered satisfaction", "survey.completed"]


def test_an_unanswered_second_question_expires_and_the_first_answer_stays() -> None:
    people = People(TWO)
    people.asked()
    people.says("5")
    people.texts()
    people.rehearsal.later(3 * DAY)
    assert people.survey_facts()[-1] == "survey.expired again no_answer"
    assert len(people.answers()) == 1
    assert not people.rehearsal.world.surveys


def test_a_second_question_that_cannot_be_sent_ends_the_survey() -> None:
    people = People(TWO | {"sms": {"per_day": "1"}})
    people.asked()
    people.says("5")
    assert people.survey_facts()[-1] == "survey.expired again budget"


def test_a_question_that_is_not_configured_any_more_ends_the_survey() -> None:
    people = People(TWO)
    people.asked()
    people.rehearsal.tell(SettingsChanged(at=people.rehearsal.at, settings=settings(asks(questions=[AGAIN]))))
    people.says("5")
    assert people.survey_facts()[-1] == "survey.expired satisfaction configuration"
    assert people.answers() == []


def test_an_answer_belongs_to_the_newest_open_question_and_the_next_to_the_one_before() -> None:
    people = People(CALL_AGAIN)
    people.asked()
    people.asked()
    people.says("5")
    people.says("5")
    people.says("1")
    first, second = (fact.call for fact in people.rehearsal.facts if isinstance(fact, SurveyAsked))
    assert [(kept.call, kept.value) for kept in people.answers()] == [(second, 5), (first, 1)]


def test_the_same_words_about_a_later_call_are_another_answer() -> None:
    people = People(CALL_AGAIN)
    for _ in range(2):
        people.asked()
        people.says("5")
    assert [kept.value for kept in people.answers()] == [5, 5]
