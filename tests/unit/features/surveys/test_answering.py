"""Answers to a survey of one question by text."""

from __future__ import annotations

import pytest

from callcentre.features.surveys.facts import SurveyAnswered, SurveyAsked, SurveyFact
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import Delivery
from tests.cast import ANNA, MATTI, REPLY_NUMBER
from tests.unit.features.surveys.people import AGAIN, SATISFACTION, WHY, People, asks

DAY = 24 * 3600
TWO = asks(questions=[SATISFACTION, AGAIN])
THREE = asks(questions=[SATISFACTION, AGAIN, WHY])


def test_an_answer_is_stored_with_the_conversation_that_it_is_about() -> None:
    people = People()
    people.asked(wait=7, seconds=61, agent_name="Anna")
    facts = [fact for fact in people.says("Viisi.") if isinstance(fact, SurveyFact)]
    assert [fact.name for fact in facts] == ["survey.answered", "survey.completed"]
    [asked] = [fact for fact in people.rehearsal.facts if isinstance(fact, SurveyAsked)]
    for fact in (asked, *facts):
        assert (fact.service, fact.queue, fact.agent, fact.agent_name) == (
            "support", "support", ANNA, "Anna",
        )  # fmt: skip
        assert (fact.wait, fact.talk, fact.number) == (7.0, 61.0, "+35840•••22")
        assert (fact.call, fact.survey) == (asked.call, asked.survey)
    answered = facts[0]
    assert isinstance(answered, SurveyAnswered)
    assert (answered.question, answered.value, answered.metric, answered.by) == ("satisfaction", 5, "csat", "sms")
    [kept] = people.answers()
    assert (kept.answer, kept.value, kept.metric) == ("Viisi.", 5, "csat")
    assert (kept.service, kept.agent, kept.agent_name, kept.wait, kept.talk, kept.caller) == (
        "support", ANNA, "Anna", 7.0, 61.0, asked.caller,
    )  # fmt: skip
    assert people.bodies() == ["Kiitos palautteesta!"]


def test_thanks_come_from_the_sender_id_and_only_where_they_are_configured() -> None:
    people = People()
    people.asked()
    people.says("5")
    assert [text.sender for text in people.texts()] == ["Neuvonta"]
    silent = People(asks(thanks=None))
    silent.asked()
    silent.says("5")
    assert silent.texts() == []


def test_texts_in_return_leave_half_of_the_texts_to_a_number_for_other_texts() -> None:
    people = People(TWO | {"sms": {"per_number_per_day": "3"}})
    people.asked()
    people.says("5")
    assert len(people.texts()) == 1
    people.says("10")
    assert people.texts() == []
    assert [fact.reason for fact in people.rehearsal.facts if fact.name == "sms.refused"] == ["per_number"]


def test_an_invalid_answer_gets_one_text_and_the_question_stays_open() -> None:
    people = People()
    people.asked()
    people.says("kuusi")
    [text] = people.texts()
    assert (text.body, text.sender) == ("Vastaa pelkällä numerolla 1-5.", REPLY_NUMBER)
    people.says("6")
    assert people.texts() == []
    people.says("4")
    assert people.survey_facts()[1:] == [
        "survey.invalid satisfaction", "survey.invalid satisfaction", "survey.answered satisfaction",
        "survey.completed",
    ]  # fmt: skip


@pytest.mark.parametrize(("seconds", "counts"), [(2 * DAY - 3, True), (2 * DAY, False)])
def test_a_late_answer_counts_until_the_survey_expires(seconds: int, counts: bool) -> None:
    people = People()
    people.asked()
    people.rehearsal.later(seconds)
    people.says("5")
    assert people.survey_facts()[1:] == (
        ["survey.answered satisfaction", "survey.completed"] if counts else ["survey.expired satisfaction no_answer"]
    )


@pytest.mark.parametrize("recipient", ["+358451234567", "358451234567", "0451234567", "00358451234567"])
def test_our_number_is_recognised_however_the_gateway_writes_it(recipient: str) -> None:
    people = People()
    people.asked()
    people.says("5", to=recipient)
    assert people.survey_facts()[-1] == "survey.completed"


def test_our_short_code_is_recognised() -> None:
    people = People({"sms": {"reply_number": "18222"}})
    people.asked()
    people.says("5", to="18222")
    assert people.survey_facts()[-1] == "survey.completed"


@pytest.mark.parametrize(("number", "recipient"), [(MATTI, "+358451234568"), ("+358402223333", REPLY_NUMBER)])
def test_a_text_to_another_number_or_from_another_phone_answers_nothing(number: str, recipient: str) -> None:
    people = People()
    people.asked()
    people.says("5", number, recipient)
    assert people.survey_facts() == ["survey.asked satisfaction"]


def test_the_same_words_again_answer_nothing() -> None:
    people = People()
    people.asked()
    for _ in range(3):
        people.says("5")
    assert people.bodies() == ["Kiitos palautteesta!"]
    assert len(people.answers()) == 1


def test_an_opt_out_ends_the_survey_and_gets_no_text() -> None:
    people = People()
    people.asked()
    people.says("Stop")
    assert people.texts() == []
    assert people.survey_facts()[-1] == "survey.expired satisfaction opted_out"
    people.says("START")
    people.says("5")
    assert people.answers() == []


def test_an_answer_after_a_crash_counts_and_one_received_twice_counts_once() -> None:
    people = People(TWO)
    people.asked()
    people.restart()
    people.says("5")
    people.texts()
    people.restart()
    people.says("9")
    people.restart()
    people.says("9")
    assert [kept.value for kept in people.answers()] == [5, 9]
    assert people.survey_facts().count("survey.completed") == 1
    assert people.rehearsal.world.surveys


def test_no_fact_holds_a_number_or_the_words_of_an_answer() -> None:
    people = People(THREE)
    people.asked()
    for body in ("4", "hölynpöly", "7", "salaisuus"):
        people.says(body)
        people.texts()
    facts = repr(people.rehearsal.facts)
    assert not any(word in facts for word in (MATTI, "hölynpöly", "salaisuus"))
    people.reported(SendText(message="x", number=MATTI, sender="x", body="x"), Delivery.DELIVERED)
