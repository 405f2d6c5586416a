"""The policy of notices, the meaning of answers, and the texts in return."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcentre.config.templates import sample
from callcentre.features.callbacks.model import Callback, Phase, Postponed
from callcentre.features.notices.meaning import Meaning, meaning_of
from callcentre.features.notices.policy import channel_for, is_announced_at_once, may_be_announced, report_due
from callcentre.features.notices.settings import NotifySettings
from callcentre.features.notices.words import SHIPPED, Reply, template_for
from callcentre.values.hours import DailyWindow
from callcentre.values.sms_text import measure
from tests.cast import MATTI
from tests.unit.features.callbacks.states import in_phase
from tests.unit.rehearsal import NOON, settings

CANCEL, KEEP = ("ei", "e", "no", "nej"), ("kyllä", "k", "yes", "ja")
NIGHT = datetime(2026, 6, 3, 20, 0, tzinfo=NOON.tzinfo)


def callback(**more: Any) -> Callback:
    about: dict[str, Any] = {
        "callback": "cb", "service": "support", "queue": "support", "number": MATTI, "caller_name": "",
        "language": "fi", "joined_at": NOON, "taken_at": NOON,
    }  # fmt: skip
    return Callback(**(about | more))


# --- when ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "is_open", "state", "announced"),
    [
        (1, True, {}, True),
        (3, True, {}, True),
        (4, True, {}, False),
        (3, False, {}, False),
        (1, True, {"state": in_phase(Phase.DIALLING)}, False),
        (1, True, {"state": in_phase(Phase.RETURNED)}, False),
        (1, True, {"attempts": 1}, False),
        (1, True, {"state": Postponed(until=NOON, why="busy")}, False),
    ],
)
def test_a_callback_is_announced_when_its_place_is_near_and_never_after_it_was_dialled(
    place: int, is_open: bool, state: dict[str, Any], announced: bool
) -> None:
    assert may_be_announced(callback(**state), place=place, at_position=3, is_open=is_open) is announced


@pytest.mark.parametrize(
    ("place", "at", "notify", "at_once"),
    [
        (1, NOON, {}, True),
        (3, NOON, {}, True),
        (4, NOON, {}, False),
        (3, NIGHT, {}, False),
        (1, NOON, None, False),
    ],
)
def test_a_callback_that_begins_near_enough_in_opening_hours_is_announced_at_once(
    place: int, at: datetime, notify: dict[str, Any] | None, at_once: bool
) -> None:
    service = settings({"services": {"support": {"notify": notify}}}).services["support"]
    assert is_announced_at_once(service, place, at) is at_once


@pytest.mark.parametrize(
    ("by", "may_text", "opted_out", "expected"),
    [
        ("auto", True, False, "sms"),
        ("auto", False, False, "voice"),
        ("auto", True, True, "voice"),
        ("sms", True, False, "sms"),
        ("sms", False, False, None),
        ("sms", True, True, None),
        ("voice", True, False, "voice"),
        ("voice", False, True, "voice"),
    ],
)
def test_a_mobile_gets_a_text_unless_it_opted_out_and_any_other_number_a_call(
    by: str, may_text: bool, opted_out: bool, expected: str | None
) -> None:
    assert channel_for(by, may_text=may_text, opted_out=opted_out) == expected


@pytest.mark.parametrize(
    ("by", "within", "quiet", "seconds"),
    [
        ("auto", "60s", None, 60),
        ("auto", None, None, None),
        ("sms", "60s", None, None),
        ("auto", "60s", "11:00-13:00", 3660),
        ("auto", "60s", "21:00-07:00", 60),
    ],
)
def test_a_report_is_awaited_from_the_time_at_which_the_text_may_go_out(
    by: str, within: str | None, quiet: str | None, seconds: int | None
) -> None:
    rules = NotifySettings.model_validate({"text": "x", "by": by, "voice_if_undelivered": within})
    window = None if quiet is None else DailyWindow.parse(quiet)
    due = report_due(rules, quiet=window, at=NOON, zone=settings().timezone)
    assert due == (None if seconds is None else NOON + timedelta(seconds=seconds))


# --- the meaning of an answer ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("EI", Meaning.CANCEL),
        (" ei! ", Meaning.CANCEL),
        ("Nej.", Meaning.CANCEL),
        ("\uff25\uff29", Meaning.CANCEL),
        ("Kyllä", Meaning.KEEP),
        ("KYLLA\u0308", Meaning.KEEP),
        ("k", Meaning.KEEP),
        ("0401234567", Meaning.NUMBER),
        ("+358 40 123 4567", Meaning.NUMBER),
        ("(09) 123 456", Meaning.NUMBER),
        ("040\u00a0123\u20114567", Meaning.NUMBER),
        ("\u202a+358 40 1234567\u202c", Meaning.NUMBER),
        ("12345", Meaning.NUMBER),
        ("1234", Meaning.UNCLEAR),
        ("5", Meaning.UNCLEAR),
        ("ei kiitos", Meaning.UNCLEAR),
        ("soita 0401234567", Meaning.UNCLEAR),
        ("\uff10\uff14\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17", Meaning.UNCLEAR),
        ("+358401234567;phone-context=x", Meaning.UNCLEAR),
        ("", Meaning.UNCLEAR),
        ("+", Meaning.UNCLEAR),
    ],
)
def test_an_answer_is_compared_whole(body: str, says: Meaning) -> None:
    assert meaning_of(body, CANCEL, KEEP) is says


@given(st.text(max_size=200))
def test_an_answer_has_the_same_meaning_whatever_surrounds_it(body: str) -> None:
    assert meaning_of(body, CANCEL, KEEP) is meaning_of(f" {body}\n", CANCEL, KEEP)


# --- texts in return -------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "fi", "sv"])
@pytest.mark.parametrize("reply", Reply)
@pytest.mark.parametrize("why", ["dialled", "cancelled", "over"])
def test_our_own_texts_are_short_name_the_service_and_need_no_other_alphabet(
    language: str, reply: Reply, why: str
) -> None:
    service = {"en": "Customer service", "fi": "Asiakaspalvelu", "sv": "Kundtjänst"}[language]
    written = sample(SHIPPED[language][reply], service=service, cancel_word="EI", keep_word="KYLLÄ", why=why)
    size = measure(written)
    assert (size.parts, size.alphabet) == (1, "gsm7"), f"{size.units}: {written}"
    assert written.startswith(f"{service}: ")


def test_every_text_in_return_can_be_replaced_by_the_administrator() -> None:
    for reply in Reply:
        rules = NotifySettings.model_validate({"text": "x", f"{reply.value}_text": f"Ours: {reply.value}"})
        assert str(template_for(rules, reply, "fi")) == f"Ours: {reply.value}"
        others = set(Reply) - {reply}
        assert all(template_for(rules, other, "sv") is SHIPPED["sv"][other] for other in others)
