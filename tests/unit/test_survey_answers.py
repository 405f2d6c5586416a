"""What people answer to a survey by text, and what it counts as."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcentre.features.surveys.facts import SurveyAnswered, SurveyAsked, SurveyFact
from callcentre.features.surveys.meaning import Understood, digest, understood
from callcentre.features.surveys.model import LONGEST_ANSWER
from callcentre.features.surveys.settings import QuestionSettings
from callcentre.kernel.event import SettingsChanged
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import Accepted, Delivery
from tests.unit.rehearsal import settings
from tests.unit.surveys import AGAIN, FIVE, REPLY_NUMBER, SATISFACTION, WHY, People, asks
from tests.unit.telephone import MATTI

DAY = 24 * 3600
RATED = QuestionSettings.model_validate(SATISFACTION | {"answers": FIVE | {"viisi": "5", "Erittäin hyvin": "5"}})
FREE = QuestionSettings.model_validate(WHY)
TWO = asks(questions=[SATISFACTION, AGAIN])
THREE = asks(questions=[SATISFACTION, AGAIN, WHY])
CALL_AGAIN = asks(quarantine="0s")


# --- what a text says ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("5", 5),
        ("5!", 5),
        ("5.", 5),
        (" 5 ", 5),
        ("5\n", 5),
        ("\u00a05 !!", 5),
        ("５", 5),
        ("⑤", 5),
        ("5\ufe0f\u20e3", 5),
        ("viisi", 5),
        ("VIISI.", 5),
        ("erittäin\thyvin", 5),
        ("Eritta\u0308in  hyvin!", 5),
        ("1", 1),
        ("6", None),
        ("0", None),
        ("55", None),
        ("5 5", None),
        ("4.5", None),
        ("5 kiitos", None),
        ("", None),
        ("!", None),
        ("👍", None),
        ("viisi viisi", None),
    ],
)
def test_an_answer_is_what_it_means_whatever_stands_around_it(body: str, value: int | None) -> None:
    said = understood(RATED, body)
    assert (None if said is None else said.value) == value


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ("Hyvin meni", "Hyvin meni"),
        ("  Hyvin\nmeni \x07", "Hyvin meni"),
        ("x" * 5000, "x" * LONGEST_ANSWER),
        ("5", "5"),
        ("", None),
        (" \n ", None),
    ],
)
def test_any_text_answers_a_question_that_lists_no_answers(body: str, answer: str | None) -> None:
    assert understood(FREE, body) == (None if answer is None else Understood(answer, None))


@given(st.text(st.characters()), st.sampled_from([RATED, FREE]))
def test_reading_an_answer_never_fails_and_finds_listed_values_only(body: str, question: QuestionSettings) -> None:
    said = understood(question, body)
    digest(body)
    if said is not None:
        assert len(said.answer) <= LONGEST_ANSWER
        assert "\n" not in said.answer
        assert said.value in {None, *(question.answers or {}).values()}


@given(st.sampled_from(sorted(RATED.answers)), st.text(" .!\n\t?"), st.text(" .!\n\t?"))
def test_case_blanks_and_punctuation_do_not_matter(answer: str, before: str, behind: str) -> None:
    for written in (answer, answer.upper(), answer.lower()):
        said = understood(RATED, before + written + behind)
        assert said is not None
        assert said.value == RATED.answers[answer]


# --- one question --------------------------------------------------------------------------------


def test_an_answer_is_kept_with_the_conversation_that_it_is_about() -> None:
    people = People()
    people.asked(wait=7, seconds=61, agent_name="Maija")
    facts = [fact for fact in people.says("Viisi.") if isinstance(fact, SurveyFact)]
    assert [fact.name for fact in facts] == ["survey.answered", "survey.completed"]
    [asked] = [fact for fact in people.house.facts if isinstance(fact, SurveyAsked)]
    for fact in (asked, *facts):
        assert (fact.service, fact.queue, fact.agent, fact.agent_name) == (
            "support", "support", "PJSIP/agent1", "Maija",
        )  # fmt: skip
        assert (fact.wait, fact.talk, fact.number) == (7.0, 61.0, "+35840•••22")
        assert (fact.call, fact.survey) == (asked.call, asked.survey)
    answered = facts[0]
    assert isinstance(answered, SurveyAnswered)
    assert (answered.question, answered.value, answered.metric, answered.by) == ("satisfaction", 5, "csat", "sms")
    [kept] = people.answers()
    assert (kept.answer, kept.value, kept.metric) == ("Viisi.", 5, "csat")
    assert (kept.service, kept.agent, kept.agent_name, kept.wait, kept.talk, kept.caller) == (
        "support", "PJSIP/agent1", "Maija", 7.0, 61.0, asked.caller,
    )  # fmt: skip
    assert people.bodies() == ["Kiitos palautteesta!"]


def test_thanks_come_from_the_sender_that_nobody_answers_and_only_where_they_are_wanted() -> None:
    people = People()
    people.asked()
    people.says("5")
    assert [text.sender for text in people.texts()] == ["Neuvonta"]
    silent = People(asks(thanks=None))
    silent.asked()
    silent.says("5")
    assert silent.texts() == []


def test_what_follows_an_answer_leaves_half_of_the_texts_to_a_number_for_what_was_promised() -> None:
    people = People(TWO | {"sms": {"per_number_per_day": "3"}})
    people.asked()
    people.says("5")
    assert len(people.texts()) == 1
    people.says("10")
    assert people.texts() == []
    assert [fact.reason for fact in people.house.facts if fact.name == "sms.refused"] == ["per_number"]


def test_an_invalid_answer_is_told_once_and_the_question_stays_open() -> None:
    people = People()
    people.asked()
    people.says("kuusi")
    [told] = people.texts()
    assert (told.body, told.sender) == ("Vastaa pelkällä numerolla 1-5.", REPLY_NUMBER)
    people.says("6")
    assert people.texts() == []
    people.says("4")
    assert people.told()[1:] == [
        "survey.invalid satisfaction", "survey.invalid satisfaction", "survey.answered satisfaction",
        "survey.completed",
    ]  # fmt: skip


def test_an_invalid_answer_is_told_anew_at_the_next_question_and_never_where_it_is_not_wanted() -> None:
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
    assert silent.told()[-1] == "survey.invalid satisfaction"


@pytest.mark.parametrize(("seconds", "counts"), [(2 * DAY - 3, True), (2 * DAY, False)])
def test_a_late_answer_counts_until_the_survey_expires(seconds: int, counts: bool) -> None:
    people = People()
    people.asked()
    people.house.later(seconds)
    people.says("5")
    assert people.told()[1:] == (
        ["survey.answered satisfaction", "survey.completed"] if counts else ["survey.expired satisfaction no_answer"]
    )


@pytest.mark.parametrize("recipient", ["+358451234567", "358451234567", "0451234567", "00358451234567"])
def test_our_number_is_ours_however_the_gateway_writes_it(recipient: str) -> None:
    people = People()
    people.asked()
    people.says("5", to=recipient)
    assert people.told()[-1] == "survey.completed"


def test_a_short_code_of_ours_is_ours() -> None:
    people = People({"sms": {"reply_number": "18222"}})
    people.asked()
    people.says("5", to="18222")
    assert people.told()[-1] == "survey.completed"


@pytest.mark.parametrize(("number", "recipient"), [(MATTI, "+358451234568"), ("+358402223333", REPLY_NUMBER)])
def test_a_text_to_another_number_or_from_another_phone_answers_nothing(number: str, recipient: str) -> None:
    people = People()
    people.asked()
    people.says("5", number, recipient)
    assert people.told() == ["survey.asked satisfaction"]


def test_the_same_words_again_answer_nothing() -> None:
    people = People()
    people.asked()
    for _ in range(3):
        people.says("5")
    assert people.bodies() == ["Kiitos palautteesta!"]
    assert len(people.answers()) == 1


def test_stop_ends_the_survey_and_is_answered_by_nothing() -> None:
    people = People()
    people.asked()
    people.says("Stop")
    assert people.texts() == []
    assert people.told()[-1] == "survey.expired satisfaction opted_out"
    people.says("START")
    people.says("5")
    assert people.answers() == []


# --- several questions ---------------------------------------------------------------------------


def test_the_next_question_follows_the_answer_to_the_one_before() -> None:
    people = People(THREE)
    assert people.asked() == [SATISFACTION["text"]]
    people.says("4")
    assert people.bodies() == [AGAIN["text"]]
    people.house.later(2 * DAY - 60)
    people.says("10")
    assert people.bodies() == [WHY["text"]]
    people.says("Koska kaikki toimi.\nKiitos!")
    assert people.bodies() == ["Kiitos palautteesta!"]
    assert [(kept.question, kept.answer, kept.value, kept.metric) for kept in people.answers()] == [
        ("satisfaction", "4", 4, "csat"),
        ("again", "10", 10, "nps"),
        ("why", "Koska kaikki toimi. Kiitos!", None, "none"),
    ]  # fmt: skip
    assert "toimi" not in repr(people.house.facts)
    assert people.told() == [
        "survey.asked satisfaction", "survey.answered satisfaction", "survey.asked again", "survey.answered again",
        "survey.asked why", "survey.answered why", "survey.completed",
    ]  # fmt: skip


def test_words_sent_again_before_the_next_question_could_be_read_do_not_answer_it() -> None:
    people = People(TWO)
    people.asked()
    people.says("5")
    people.says("5")
    [question] = people.house.take(SendText) or (people.house.later(1), *people.house.take(SendText))[1:]
    people.says("5")
    people.handed(question, Accepted())
    people.says("5")
    people.house.later(1)
    people.says("5")
    assert people.told() == ["survey.asked satisfaction", "survey.answered satisfaction", "survey.asked again"]
    people.house.later(5)
    people.says("5")
    assert people.told()[-1] == "survey.completed"


def test_the_same_words_answer_the_next_question_once_the_phone_has_it() -> None:
    people = People(TWO)
    people.asked()
    people.says("5")
    people.texts()
    people.says("5")
    assert [kept.value for kept in people.answers()] == [5, 5]
    assert people.told()[-1] == "survey.completed"


def test_what_comes_before_the_next_question_is_sent_does_not_answer_it() -> None:
    people = People(TWO | {"sms": {"per_second": "1"}})
    people.asked()
    people.says("what?")
    people.says("5")
    people.says("4")
    assert people.told()[2:] == ["survey.answered satisfaction"]
    assert people.bodies() == ["Vastaa pelkällä numerolla 1-5.", AGAIN["text"]]


def test_an_answer_to_a_text_that_may_have_gone_out_shows_that_it_did() -> None:
    people = People()
    people.talks()
    people.house.later(60)
    people.house.take(SendText)
    people.says("5")
    assert people.told() == ["survey.asked satisfaction", "survey.answered satisfaction", "survey.completed"]


def test_an_unanswered_second_question_expires_and_the_first_answer_stays() -> None:
    people = People(TWO)
    people.asked()
    people.says("5")
    people.texts()
    people.house.later(3 * DAY)
    assert people.told()[-1] == "survey.expired again no_answer"
    assert len(people.answers()) == 1
    assert not people.house.world.surveys


def test_a_second_question_that_cannot_be_sent_ends_the_survey() -> None:
    people = People(TWO | {"sms": {"per_day": "1"}})
    people.asked()
    people.says("5")
    assert people.told()[-1] == "survey.expired again budget"


def test_a_question_that_the_configuration_lost_ends_the_survey() -> None:
    people = People(TWO)
    people.asked()
    people.house.tell(SettingsChanged(at=people.house.at, settings=settings(asks(questions=[AGAIN]))))
    people.says("5")
    assert people.told()[-1] == "survey.expired satisfaction configuration"
    assert people.answers() == []


# --- two surveys ---------------------------------------------------------------------------------


def test_an_answer_belongs_to_the_newest_open_question_and_the_next_to_the_one_before() -> None:
    people = People(CALL_AGAIN)
    people.asked()
    people.asked()
    people.says("5")
    people.says("5")
    people.says("1")
    first, second = (fact.call for fact in people.house.facts if isinstance(fact, SurveyAsked))
    assert [(kept.call, kept.value) for kept in people.answers()] == [(second, 5), (first, 1)]


def test_the_same_words_about_a_later_call_are_no_double() -> None:
    people = People(CALL_AGAIN)
    for _ in range(2):
        people.asked()
        people.says("5")
    assert [kept.value for kept in people.answers()] == [5, 5]


# --- crash ---------------------------------------------------------------------------------------


def test_an_answer_after_a_crash_counts_and_one_told_twice_counts_once() -> None:
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
    assert people.told().count("survey.completed") == 1
    assert people.house.world.surveys


def test_no_number_and_no_words_stand_in_a_fact() -> None:
    people = People(THREE)
    people.asked()
    for body in ("4", "hölynpöly", "7", "salaisuus"):
        people.says(body)
        people.texts()
    told = repr(people.house.facts)
    assert not any(word in told for word in (MATTI, "hölynpöly", "salaisuus"))
    people.reported(SendText(message="x", number=MATTI, sender="x", body="x"), Delivery.DELIVERED)
