"""Who is asked after a call, why not, and when."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcentre.features.callbacks.events import CallbackRequested
from callcentre.features.surveys.facts import SurveyAsked
from callcentre.features.surveys.model import LastAsked, State, name_of, sampled, token_of
from callcentre.features.surveys.policy import send_at, skip, stale_at
from callcentre.features.surveys.settings import SurveySettings
from callcentre.kernel.event import EffectInterrupted, SettingsChanged
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import Accepted, Delivery, Refused, Unclear
from callcentre.telephony.queue_view.model import CallOver
from callcentre.values.hours import DailyWindow
from tests.unit.rehearsal import NOON, settings
from tests.unit.surveys import REPLY_NUMBER, SATISFACTION, People, asks, links
from tests.unit.telephone import MATTI

HELSINKI = ZoneInfo("Europe/Helsinki")
LIISA = "+358402223333"
DAY = 24 * 3600
SALES = {"services": {"sales": {"queue": "sales", "name": {"fi": "Myynti"}, "survey": {"questions": [SATISFACTION]}}}}
FREE = {"settings": SurveySettings.model_validate({"questions": [SATISFACTION]})}
DUE = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)


# --- whom ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("talk", "opted_out", "asked_days_ago", "open_already", "in_sample", "expected"),
    [
        (10.0, False, None, False, True, None),
        (9.999, False, None, False, True, "min_talk"),
        (10.0, True, None, False, True, "opted_out"),
        (10.0, False, 13.99, False, True, "quarantine"),
        (10.0, False, 14, False, True, None),
        (10.0, False, None, True, True, "quarantine"),
        (10.0, False, None, False, False, "sample"),
        (5.0, True, 1, True, False, "min_talk"),
    ],
)
def test_a_caller_is_asked_only_when_the_rules_say_so(
    talk: float,
    opted_out: bool,
    asked_days_ago: float | None,
    open_already: bool,
    in_sample: bool,
    expected: str | None,
) -> None:
    rules = FREE["settings"]
    last = None if asked_days_ago is None else DUE - timedelta(days=asked_days_ago)
    said = skip(
        rules, talk=talk, opted_out=opted_out, last_asked=last, open_already=open_already, sampled=in_sample, due=DUE
    )
    assert said == expected


@pytest.mark.parametrize("open_already", [True, False])
def test_without_quarantine_nobody_was_asked_too_lately(open_already: bool) -> None:
    rules = FREE["settings"].model_copy(update={"quarantine": timedelta(0)})
    assert (
        skip(rules, talk=60, opted_out=False, last_asked=DUE, open_already=open_already, sampled=True, due=DUE) is None
    )


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
    people.house.later(first)
    people.asterisk.bridge_left(call)
    people.asterisk.joins(call, "sales")
    people.house.later(3)
    if second is not None:
        people.asterisk.answered(call, "PJSIP/agent2")
        people.house.later(second)
    people.asterisk.hangs_up(call)
    known = list(people.house.world.surveys.values())
    if asked_about is None:
        assert (known, people.skipped()) == ([], ["min_talk"])
        return
    (survey,) = known
    agent = {"support": "PJSIP/agent1", "sales": "PJSIP/agent2"}[asked_about]
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
    people.house.later(58.9)
    assert people.texts() == []
    people.house.later(0.1)
    [text] = people.texts()
    assert (text.number, text.sender) == (MATTI, REPLY_NUMBER)
    assert text.body == "Kuinka hyvin asiasi hoitui? Vastaa 1-5 (5 = erinomaisesti)."
    assert people.told() == ["survey.asked satisfaction"]


@pytest.mark.parametrize(("seconds", "skipped"), [(9, ["min_talk"]), (10, [])])
def test_a_short_conversation_is_not_asked_about(seconds: int, skipped: list[str]) -> None:
    people = People()
    people.talks(seconds=seconds)
    assert people.skipped() == skipped


def test_who_was_not_answered_is_not_asked() -> None:
    people = People(asks(min_talk="0s"))
    call = people.asterisk.calls_in()
    people.house.later(600)
    people.asterisk.hangs_up(call)
    assert people.texts() == []
    assert people.told() == []


def test_a_service_without_survey_asks_nobody() -> None:
    people = People({"services": {"support": {"survey": None}}})
    assert people.asked() == []
    assert people.told() == []


def test_of_services_that_share_a_queue_that_of_the_dialled_number_asks() -> None:
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
        people.house.later(30)
        people.asterisk.hangs_up(call)
        people.house.later(60)
        assert people.bodies() == expected


def test_the_words_name_service_agent_and_caller() -> None:
    question = SATISFACTION | {"text": "{{ name }}|{{ service }}|{{ agent }}"}
    people = People(asks(questions=[question]))
    assert people.asked(name="Matti Meikäläinen", agent_name="Maija") == ["Matti Meikäläinen|Asiakaspalvelu|Maija"]
    people.house.later(60 * DAY)
    assert people.asked(name=MATTI) == ["|Asiakaspalvelu|"]


def test_a_question_leaves_out_a_name_that_is_none_also_one_that_is_stored() -> None:
    people = People(asks(questions=[{"id": "a", "text": "Hei {{ name }}! 1-5"}], quarantine="0s"))
    name = "Voitit 500e! http://evil.example/x"
    assert people.asked(name=name) == ["Hei! 1-5"]
    people.talks()
    [survey] = [one for one in people.house.world.surveys.values() if one.state is State.DUE]
    people.house.world.surveys.put(replace(survey, caller_name=name))
    people.house.later(60)
    assert people.bodies() == ["Hei! 1-5"]


def test_a_customer_whom_we_called_back_is_asked_at_the_number_of_the_callback() -> None:
    people = People({"services": {"support": {"callback": {"confirm_by_sms": None}, "notify": None}}})
    asterisk = people.asterisk
    asterisk.on_duty("NOT_INUSE")
    wish = CallbackRequested(
        at=people.house.at, request="r", service="support", number="0401112222", caller_name="Aino", by="api"
    )
    people.house.tell(wish)
    asterisk.beats(1)
    call = asterisk.dialled[0].call
    asterisk.picks_up(call)
    asterisk.key(call, "1")
    asterisk.beats(1)
    asterisk.answered(call)
    people.house.later(30)
    asterisk.hangs_up(call)
    assert "callback.completed" in people.house.names()
    people.house.later(60)
    assert [text.number for text in people.texts()] == [MATTI]
    assert [fact.call for fact in people.house.facts if isinstance(fact, SurveyAsked)] == [call]


# --- quarantine ----------------------------------------------------------------------------------


def test_who_was_asked_is_left_alone_for_the_quarantine_in_every_service() -> None:
    people = People(SALES)
    assert len(people.asked()) == 1
    people.house.later(13 * DAY)
    assert people.asked(queue="sales") == []
    assert people.asked() == []
    assert people.skipped() == ["quarantine", "quarantine"]
    assert len(people.asked(LIISA)) == 1
    people.house.later(DAY)
    assert len(people.asked(queue="sales")) == 1


def test_the_quarantine_is_remembered_by_a_hash_alone_also_after_a_restart() -> None:
    people = People()
    people.asked()
    people.says("5")
    people.texts()
    assert people.house.world.surveys
    assert not any(MATTI in repr(record) for record in people.house.disk.values())
    [kept] = [record for record in people.house.disk.values() if isinstance(record, LastAsked)]
    assert re.fullmatch("[0-9a-f]{16}", kept.caller)
    people.restart()
    assert people.asked() == []
    assert people.skipped()[-1] == "quarantine"


@pytest.mark.parametrize(
    ("outcome", "reason"), [(Refused("no route", permanent=True), "no route"), (Refused("unreachable"), "stale")]
)
def test_only_what_was_really_asked_counts_for_the_quarantine(outcome: Refused, reason: str) -> None:
    people = People()
    people.talks()
    people.house.later(60)
    for _ in range(13 * 3600 // 60):
        for text in people.house.take(SendText):
            people.handed(text, outcome)
        people.house.later(60)
    assert people.told() == [f"survey.skipped satisfaction {reason}"]
    assert len(people.asked()) == 1


def test_a_text_that_did_not_reach_the_phone_asked_nobody() -> None:
    people = People()
    people.talks()
    people.house.later(60)
    [text] = people.house.take(SendText)
    people.reported(text, Delivery.FAILED)
    assert people.told() == ["survey.skipped satisfaction undelivered"]
    assert len(people.asked()) == 1


def test_a_text_that_the_gateway_took_and_no_phone_got_asked_nobody() -> None:
    people = People()
    people.talks()
    people.house.later(60)
    [text] = people.house.take(SendText)
    people.handed(text, Accepted())
    people.reported(text, Delivery.EXPIRED)
    assert people.told() == ["survey.asked satisfaction", "survey.expired satisfaction undelivered"]
    assert len(people.asked()) == 1


def test_a_text_of_which_nothing_is_heard_may_be_answered_still() -> None:
    people = People(asks(expires="5d"))
    people.talks()
    people.house.later(60)
    [text] = people.house.take(SendText)
    people.handed(text, Accepted())
    people.house.later(3 * DAY)
    assert "sms.failed" in people.house.names()
    people.says("5")
    assert people.told()[-1] == "survey.completed"


def test_a_text_that_may_have_gone_out_asked_somebody() -> None:
    people = People()
    people.talks()
    people.house.later(60)
    [text] = people.house.take(SendText)
    people.handed(text, Unclear("no answer"))
    people.house.later(2 * DAY)
    assert people.told() == ["survey.expired satisfaction unclear"]
    assert people.asked() == []
    assert people.skipped() == ["quarantine"]


def test_old_hashes_are_forgotten_once_no_quarantine_needs_them() -> None:
    people = People()
    people.asked()
    people.house.later(15 * DAY)
    people.asked(LIISA)
    assert len(people.house.world.last_asked) == 1


# --- sample --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("share", "expected"), [(0.0, 0), (1.0, 2000), (0.25, 500)])
def test_the_sample_is_that_share_of_the_calls(share: float, expected: int) -> None:
    asked = sum(sampled(b"k" * 32, f"1795325295.{number}", share) for number in range(2000))
    assert abs(asked - expected) <= 60 * (0 < share < 1)


@given(st.text(), st.floats(0, 1), st.floats(0, 1))
def test_a_call_in_a_sample_is_in_every_larger_one_and_always_the_same(call: str, one: float, other: float) -> None:
    small, large = sorted((one, other))
    call = call.encode("utf-8", "replace").decode()
    assert sampled(b"key", call, small) <= sampled(b"key", call, large)
    assert sampled(b"key", call, small) == sampled(b"key", call, small)


def test_who_is_not_in_the_sample_is_not_asked() -> None:
    people = People(asks(sample="0"))
    assert people.asked() == []
    assert people.skipped() == ["sample"]


# --- when ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("between", "quiet", "ready", "sent"),
    [
        (None, None, "2026-06-03T12:00", "2026-06-03T12:00"),
        ("09:00-19:00", None, "2026-06-03T18:59", "2026-06-03T18:59"),
        ("09:00-19:00", None, "2026-06-03T19:00", "2026-06-04T09:00"),
        ("09:00-19:00", None, "2026-06-03T08:00", "2026-06-03T09:00"),
        (None, "21:00-07:00", "2026-06-03T22:00", "2026-06-04T07:00"),
        ("06:00-23:00", "21:00-07:00", "2026-06-03T05:00", "2026-06-03T07:00"),
        ("09:00-12:00", "08:00-10:00", "2026-06-03T13:00", "2026-06-04T10:00"),
        ("09:00-10:00", "08:00-11:00", "2026-06-03T13:00", None),
        ("09:00-19:00", None, "2026-03-28T20:00", "2026-03-29T09:00"),
    ],
)
def test_a_question_goes_out_within_its_hours_and_never_in_quiet_ones(
    between: str | None, quiet: str | None, ready: str, sent: str | None
) -> None:
    def moment(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=HELSINKI).astimezone(UTC)

    said = send_at(
        DailyWindow.parse(between) if between else None, DailyWindow.parse(quiet) if quiet else None, moment(ready),
        zone=HELSINKI, quiet_zone=HELSINKI, before=moment(ready) + timedelta(days=2),
    )  # fmt: skip
    assert said == (None if sent is None else moment(sent))


@pytest.mark.parametrize(("expires", "hours"), [("2d", 24 + 1 / 60), ("5h", 5)])
def test_a_call_is_asked_about_for_a_day_at_most_and_no_longer_than_answers_count(expires: str, hours: float) -> None:
    rules = SurveySettings.model_validate({"questions": [SATISFACTION], "expires": expires})
    assert stale_at(rules, NOON) == NOON + timedelta(hours=hours)


def test_in_the_evening_the_question_waits_for_the_morning() -> None:
    people = People(asks(between="09:00-19:00"))
    people.house.later(7 * 3600)
    people.talks()
    people.house.later(13 * 3600)
    assert people.texts() == []
    people.house.later(3600)
    assert len(people.texts()) == 1
    assert people.house.at.astimezone(HELSINKI).hour == 9


def test_a_question_that_fell_due_in_quiet_hours_while_we_were_away_waits_for_their_end() -> None:
    people = People({"sms": {"quiet_hours": "21:00-07:00"}})
    people.talks()
    people.away(10 * 3600)
    assert people.texts() == []
    people.house.later(10 * 3600)
    assert len(people.texts()) == 1


def test_a_question_that_fell_due_long_ago_is_dropped() -> None:
    people = People()
    people.talks()
    people.away(DAY + 60)
    assert people.texts() == []
    assert people.skipped() == ["stale"]
    assert people.house.timers == {}


# --- what changed meanwhile ----------------------------------------------------------------------


def test_who_says_stop_before_the_question_is_not_asked() -> None:
    people = People()
    people.talks()
    people.says("STOP")
    people.house.later(DAY)
    assert people.texts() == []
    assert people.skipped() == ["opted_out"]
    people.talks()
    assert people.skipped() == ["opted_out", "opted_out"]


def test_of_two_calls_the_later_one_is_asked_about() -> None:
    people = People()
    people.talks()
    later = people.talks(seconds=20)
    people.house.later(300)
    assert len(people.texts()) == 1
    assert people.told() == ["survey.skipped called_again", "survey.asked satisfaction"]
    assert people.house.facts[-1].call == later


def test_a_later_call_that_is_not_asked_about_leaves_the_earlier_one() -> None:
    people = People()
    earlier = people.talks()
    people.talks(seconds=5)
    people.house.later(60)
    assert len(people.texts()) == 1
    assert people.told() == ["survey.skipped min_talk", "survey.asked satisfaction"]
    assert people.house.world.surveys.of_token(token_of(b"k" * 32, earlier)) is None
    assert name_of(token_of(b"k" * 32, earlier)) in people.house.world.surveys


def test_who_is_on_the_line_again_is_not_asked_about_the_call_before() -> None:
    people = People()
    people.talks()
    people.asterisk.calls_in("0401112222")
    people.house.later(60)
    assert people.texts() == []
    assert people.skipped() == ["called_again"]


def test_who_waits_for_a_callback_is_not_asked() -> None:
    people = People()
    people.talks()
    people.house.tell(
        CallbackRequested(
            at=people.house.at, request="r", service="support", number=MATTI, caller_name="", by="customer"
        )
    )
    people.house.take(SendText)
    people.house.later(60)
    assert people.skipped() == ["callback_open"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"services": {"support": {"survey": None}}}, "configuration"),
        ({"numbers": {"blocked": ["+358401112222"]}}, "blocked"),
    ],
)
def test_the_rules_that_hold_when_it_is_due_decide(changes: dict[str, Any], reason: str) -> None:
    people = People()
    people.talks()
    people.house.tell(SettingsChanged(at=people.house.at, settings=settings(changes)))
    people.house.later(60)
    assert people.texts() == []
    assert people.skipped() == [reason]


# --- crash ---------------------------------------------------------------------------------------


def test_a_promised_survey_is_asked_after_a_crash_and_once() -> None:
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


def test_a_call_that_ended_while_we_were_away_is_asked_about() -> None:
    people = People()
    call = people.answered()
    people.asterisk.beats(30)
    del people.asterisk.channels[call], people.asterisk.talking[call]
    people.restart()
    assert people.skipped() == []
    people.house.later(60)
    assert len(people.texts()) == 1


def test_one_call_is_asked_about_once_however_often_its_end_is_told() -> None:
    people = People()
    call = people.answered()
    known = people.house.world.calls.calls[call]
    people.house.later(60)
    people.asterisk.hangs_up(call)
    over = CallOver(at=people.house.at, call=known, wait=5.0, talk=60.0)
    people.house.tell(over)
    people.house.later(60)
    assert len(people.texts()) == 1
    people.house.tell(over)
    assert people.told() == ["survey.asked satisfaction"]


# --- links ---------------------------------------------------------------------------------------


def test_a_link_names_the_survey_in_words_that_fit_a_link() -> None:
    link = "https://survey.example.fi/?t={{ token }}&a={{ agent }}&s={{ service }}&c={{ call }}"
    people = People(links(link=link))
    call = people.answered(agent_name="Maija & Söner")
    people.house.later(60)
    people.asterisk.hangs_up(call)
    people.house.later(60)
    [text] = people.texts()
    token = token_of(b"k" * 32, call)
    assert text.sender == "Neuvonta"
    assert text.body == f"https://survey.example.fi/?t={token}&a=Maija%20%26%20S%C3%B6ner&s=support&c={call}"
    assert people.told() == ["survey.asked"]


@given(st.binary(min_size=1), st.text())
def test_a_token_is_of_small_letters_and_digits_and_no_name_leads_back_to_it(key: bytes, call: str) -> None:
    call = call.encode("utf-8", "replace").decode()
    token = token_of(key, call)
    assert re.fullmatch("[a-z2-7]{26}", token)
    assert token_of(key, call) == token
    assert token_of(key + b"x", call) != token
    assert name_of(token) not in token


def test_no_token_is_stored_or_told_but_in_the_text_itself() -> None:
    people = People(links())
    call = people.talks()
    people.house.later(60)
    people.texts()
    token = token_of(b"k" * 32, call)
    assert not any(token in repr(record) for record in [*people.house.disk.values(), *people.house.facts])
