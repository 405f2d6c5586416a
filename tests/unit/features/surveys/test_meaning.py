"""What an answer to a question means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcentre.features.surveys.meaning import Understood, digest, understood
from callcentre.features.surveys.model import LONGEST_ANSWER
from callcentre.features.surveys.settings import QuestionSettings
from tests.unit.features.surveys.people import FIVE, SATISFACTION, WHY

RATED = QuestionSettings.model_validate(SATISFACTION | {"answers": FIVE | {"viisi": "5", "Erittäin hyvin": "5"}})
RATED_ANSWERS = RATED.answers or {}
FREE = QuestionSettings.model_validate(WHY)


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
def test_an_answer_has_the_same_meaning_whatever_surrounds_it(body: str, value: int | None) -> None:
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


@given(st.sampled_from(sorted(RATED_ANSWERS)), st.text(" .!\n\t?"), st.text(" .!\n\t?"))
def test_case_spaces_and_punctuation_do_not_matter(answer: str, before: str, behind: str) -> None:
    for written in (answer, answer.upper(), answer.lower()):
        said = understood(RATED, before + written + behind)
        assert said is not None
        assert said.value == RATED_ANSWERS[answer]
