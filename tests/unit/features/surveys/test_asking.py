"""Which callers are asked after a call, and what their question says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from callcentre.features.callbacks.events import CallbackRequested
from callcentre.features.surveys.facts import SurveyAsked
from callcentre.features.surveys.model import Due
from tests.cast import ANNA, BO, MATTI, REPLY_NUMBER
from tests.unit.features.surveys.people import SATISFACTION, People, asks

DAY = 24 * 3600
SALES = {"services": {"sales": {"queue": "sales", "name": {"fi": "Myynti"}, "survey": {"questions": [SATISFACTION]}}}}
DUE = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "second", "asked_about"),
    [
        (60, 60, "sales"),
        (60, 5, "support"),
        (5, 60, "sales"),
        (60, None, "support"),
        (5, 5, None),
    ],
)
def test_a_caller_who_was_transferred_is_asked_once_about_the_last_conversation_that_is_long_enough(
    first: int, second: int | None, asked_about: str | None
) -> None:
    """`second` is None where the caller gave up in the second queue."""
    people = People(SALES)
    call = people.answered()
    people.rehearsal.later(first)
    people.asterisk.bridge_left(call)
    people.asterisk.joins(call, "sales")
    people.rehearsal.later(3)
    if second is not None:
        people.asterisk.answered(call, BO)
        people.rehearsal.later(second)
    people.asterisk.hangs_up(call)
    known = list(people.rehearsal.world.surveys.values())
    if asked_about is None:
        assert (known, people.skipped()) == ([], ["min_talk"])
        return
    (survey,) = known
    agent = {"support": ANNA, "sales": BO}[asked_about]
    assert (survey.service, survey.queue, survey.agent) == (asked_about, asked_about, agent)
    assert survey.talk == (second if asked_about == "sales" else first)


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("", "withheld"),
        ("anonymous", "withheld"),
        ("+46701234567", "foreign"),
        ("+358912345670", "landline"),
        ("0401112222", None),
        ("+358401112222", None),
    ],
)
def test_only_numbers_that_may_be_texted_are_asked(number: str, reason: str | None) -> None:
    people = People()
    texts = people.asked(number)
    assert people.skipped() == ([] if reason is None else [reason])
    assert len(texts) == (reason is None)


def test_the_question_comes_from_the_reply_number_a_minute_after_the_call() -> None:
    people = People()
    people.talks()
    people.rehearsal.later(58.9)
    assert people.texts() == []
    people.rehearsal.later(0.1)
    [text] = people.texts()
    assert (text.number, text.sender) == (MATTI, REPLY_NUMBER)
    assert text.body == "Kuinka hyvin asiasi hoitui? Vastaa 1-5 (5 = erinomaisesti)."
    assert people.survey_facts() == ["survey.asked satisfaction"]


@pytest.mark.parametrize(("seconds", "skipped"), [(9, ["min_talk"]), (10, [])])
def test_a_short_conversation_is_not_asked_about(seconds: int, skipped: list[str]) -> None:
    people = People()
    people.talks(seconds=seconds)
    assert people.skipped() == skipped


def test_a_caller_who_was_not_answered_is_not_asked() -> None:
    people = People(asks(min_talk="0s"))
    call = people.asterisk.calls_in()
    people.rehearsal.later(600)
    people.asterisk.hangs_up(call)
    assert people.texts() == []
    assert people.survey_facts() == []


def test_a_service_without_survey_asks_nobody() -> None:
    people = People({"services": {"support": {"survey": None}}})
    assert people.asked() == []
    assert people.survey_facts() == []


def test_the_service_of_the_dialled_number_asks_where_services_share_a_queue() -> None:
    people = People(
        {
            "services": {
                "support": {"survey": None},
                "orders": {
                    "queue": "support", "numbers": ["+358912345679"], "name": {"fi": "Tilaukset"},
                    "survey": {"questions": [SATISFACTION]},
                },
            }
        }
    )  # fmt: skip
    for dialled, expected in (("+358912345678", []), ("+358912345679", [SATISFACTION["text"]])):
        call = people.asterisk.arrives(dialled=dialled)
        people.asterisk.joins(call)
        people.asterisk.answered(call)
        people.rehearsal.later(30)
        people.asterisk.hangs_up(call)
        people.rehearsal.later(60)
        assert people.bodies() == expected


def test_the_text_names_service_agent_and_caller() -> None:
    question = SATISFACTION | {"text": "{{ name }}|{{ service }}|{{ agent }}"}
    people = People(asks(questions=[question]))
    assert people.asked(name="Matti Meikäläinen", agent_name="Anna") == ["Matti Meikäläinen|Asiakaspalvelu|Anna"]
    people.rehearsal.later(60 * DAY)
    assert people.asked(name=MATTI) == ["|Asiakaspalvelu|"]


def test_a_question_leaves_out_a_placeholder_name_even_if_it_is_stored() -> None:
    people = People(asks(questions=[{"id": "a", "text": "Hei {{ name }}! 1-5"}], quarantine="0s"))
    name = "Voitit 500e! http://evil.example/x"
    assert people.asked(name=name) == ["Hei! 1-5"]
    people.talks()
    [survey] = [one for one in people.rehearsal.world.surveys.values() if isinstance(one.state, Due)]
    people.rehearsal.world.surveys.put(replace(survey, caller_name=name))
    people.rehearsal.later(60)
    assert people.bodies() == ["Hei! 1-5"]


def test_a_customer_who_was_called_back_is_asked_at_the_number_of_the_callback() -> None:
    people = People({"services": {"support": {"callback": {"confirm_by_sms": None}, "notify": None}}})
    asterisk = people.asterisk
    asterisk.on_duty("NOT_INUSE")
    request = CallbackRequested(
        at=people.rehearsal.at, request="r", service="support", number="0401112222", caller_name="Aino", by="api"
    )
    people.rehearsal.tell(request)
    asterisk.ticks(1)
    call = asterisk.dialled[0].call
    asterisk.picks_up(call)
    asterisk.key(call, "1")
    asterisk.ticks(1)
    asterisk.answered(call)
    people.rehearsal.later(30)
    asterisk.hangs_up(call)
    assert "callback.completed" in people.rehearsal.names()
    people.rehearsal.later(60)
    assert [text.number for text in people.texts()] == [MATTI]
    assert [fact.call for fact in people.rehearsal.facts if isinstance(fact, SurveyAsked)] == [call]


def test_a_caller_outside_the_sample_is_not_asked() -> None:
    people = People(asks(sample="0"))
    assert people.asked() == []
    assert people.skipped() == ["sample"]
