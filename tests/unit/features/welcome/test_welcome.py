"""Whom we welcome, with which words, and why not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callcentre.features.welcome.facts import WelcomeSkipped
from callcentre.features.welcome.rules import minutes, skip
from callcentre.features.welcome.settings import WelcomeSettings
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import Accepted, Delivery, DeliveryReported, Refused, TextHandedOver, TextReceived
from callcentre.messaging.facts import SmsQueued
from callcentre.telephony.events import Member
from callcentre.telephony.queue_view.callers import person
from tests.cast import AINO, ANNA, BO, LIISA, MATTI
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import Asterisk

NOON = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)


def welcome(**changes: object) -> dict[str, Any]:
    return {"services": {"support": {"welcome": {"min_waiting": "1", **changes}}}}


def begin(changes: dict[str, Any] | None = None) -> tuple[Rehearsal, Asterisk]:
    rehearsal = Rehearsal(welcome() if changes is None else changes)
    asterisk = Asterisk(rehearsal)
    asterisk.connect()
    return rehearsal, asterisk


def skipped(rehearsal: Rehearsal) -> list[str | None]:
    return [fact.reason for fact in rehearsal.facts if isinstance(fact, WelcomeSkipped)]


@pytest.mark.parametrize(
    ("waiting", "minutes_since_welcome", "expected"),
    [
        (3, None, None),
        (4, None, None),
        (2, None, "few_waiting"),
        (3, 59, "cooldown"),
        (3, 60, None),
        # The clock was set back since.
        (3, -59, "cooldown"),
        (3, -60, None),
    ],
)
def test_a_caller_is_welcomed_only_when_the_rules_say_so(
    waiting: int, minutes_since_welcome: int | None, expected: str | None
) -> None:
    rules = WelcomeSettings.model_validate({"min_waiting": "3", "cooldown": "1h", "text": "Hei"})
    welcomed_at = None if minutes_since_welcome is None else NOON - timedelta(minutes=minutes_since_welcome)
    assert skip(rules, waiting=waiting, welcomed_at=welcomed_at, at=NOON) == expected


@pytest.mark.parametrize(("wait", "said"), [(None, None), (0.0, 0), (1.0, 1), (60.0, 1), (61.0, 2), (240.0, 4)])
def test_a_wait_is_said_in_whole_minutes_rounded_up(wait: float | None, said: int | None) -> None:
    assert minutes(wait) == said


@pytest.mark.parametrize(
    ("shown", "said"), [("Matti", "Matti"), ("", ""), ("+358401112222", ""), ("Ääkkönen", "Ääkkönen")]
)
def test_a_number_in_the_place_of_a_name_is_no_name(shown: str, said: str) -> None:
    assert person(shown) == said


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("", "withheld"),
        ("anonymous", "withheld"),
        ("+46701234567", "foreign"),
        ("+358912345670", "landline"),
        ("112", "emergency"),
        ("16400", "short"),
        ("+358401234999", "blocked"),
        ("0401112222", None),
        ("+358401112222", None),
    ],
)
def test_only_numbers_that_may_be_texted_are_welcomed(number: str, reason: str | None) -> None:
    rehearsal, asterisk = begin(welcome() | {"numbers": {"blocked": ["+358401234*"]}})
    asterisk.calls_in(number)
    assert skipped(rehearsal) == ([] if reason is None else [reason])
    assert len(rehearsal.take(SendText)) == (reason is None)


def test_the_third_caller_is_the_first_to_be_welcomed_when_three_must_wait() -> None:
    rehearsal, asterisk = begin(welcome(min_waiting="3"))
    for number in (MATTI, AINO, LIISA):
        asterisk.calls_in(number)
    assert [text.number for text in rehearsal.take(SendText)] == [LIISA]
    assert skipped(rehearsal) == ["few_waiting", "few_waiting"]


def test_the_words_are_those_of_the_configuration_with_what_is_known() -> None:
    text = "{{ name }}|{{ position }}|{{ waiting }}|{{ service }}|{{ wait_minutes }}"
    rehearsal, asterisk = begin(welcome(text=text))
    asterisk.members["support"] = (
        Member(ANNA, paused=False, state="INUSE"),
        Member(BO, paused=False, state="INUSE"),
    )
    asterisk.connect()
    asterisk.calls_in(name="Matti Meikäläinen")
    asterisk.calls_in(AINO)
    rehearsal.later(1)
    texts = rehearsal.take(SendText)
    assert [text.body for text in texts] == [
        "Matti Meikäläinen|1|1|Asiakaspalvelu|2",
        "|2|2|Asiakaspalvelu|4",
    ]
    assert {text.sender for text in texts} == {"Neuvonta"}


def test_with_nobody_on_duty_the_wait_is_not_said() -> None:
    rehearsal, asterisk = begin(welcome(text="{% if wait_minutes %}{{ wait_minutes }} min{% else %}?{% endif %}"))
    asterisk.calls_in()
    assert [text.body for text in rehearsal.take(SendText)] == ["?"]


def test_one_call_is_welcomed_once_however_often_it_joins() -> None:
    rehearsal, asterisk = begin(welcome(cooldown="0s"))
    call = asterisk.calls_in()
    asterisk.presses(call)
    asterisk.runs(call, "NoOp")
    asterisk.joins(call)
    assert len(rehearsal.take(SendText)) == 1
    assert rehearsal.names().count("queue.joined") == 2


def test_the_same_number_is_not_welcomed_again_within_the_cooldown() -> None:
    rehearsal, asterisk = begin()
    asterisk.hangs_up(asterisk.calls_in())
    rehearsal.later(3599)
    asterisk.hangs_up(asterisk.calls_in())
    assert skipped(rehearsal) == ["cooldown"]
    rehearsal.later(2)
    asterisk.calls_in()
    assert len(rehearsal.take(SendText)) == 2


def test_a_welcome_that_did_not_go_out_greeted_nobody() -> None:
    rehearsal, asterisk = begin()
    call = asterisk.calls_in()
    (text,) = rehearsal.take(SendText)
    rehearsal.tell(TextHandedOver(at=rehearsal.at, message=text.message, outcome=Refused("unreachable")))
    asterisk.hangs_up(call)
    assert rehearsal.names()[-3:] == ["queue.left", "sms.refused", "call.ended"]
    rehearsal.later(1)
    asterisk.calls_in()
    assert len(rehearsal.take(SendText)) == 1


def test_a_caller_who_said_stop_is_not_welcomed() -> None:
    rehearsal, asterisk = begin()
    rehearsal.tell(
        TextReceived(at=rehearsal.at, gateway="kannel", gateway_id="1", sender=MATTI, recipient="18222", body=" Stop. ")
    )
    asterisk.calls_in("0401112222")
    assert skipped(rehearsal) == ["opted_out"]


def test_after_a_restart_nobody_is_welcomed_twice() -> None:
    rehearsal, asterisk = begin()
    asterisk.calls_in()
    rehearsal.take(SendText)
    asterisk.connect()
    asterisk.connect()
    assert rehearsal.take(SendText) == []


def test_a_caller_who_came_while_we_were_away_and_talks_already_is_not_welcomed() -> None:
    rehearsal, asterisk = begin()
    call = asterisk.arrives()
    asterisk.channels[call] = asterisk.channels[call].__class__(
        id=call, name=asterisk.channels[call].name, number=MATTI, app="Queue", app_data="support"
    )
    asterisk.talking[call] = "PJSIP/agent1-00000001"
    asterisk.connect()
    assert rehearsal.take(SendText) == []
    assert "queue.answered" in rehearsal.names()


def test_a_delivered_welcome_is_a_fact_and_then_deleted() -> None:
    rehearsal, asterisk = begin()
    asterisk.calls_in()
    (text,) = rehearsal.take(SendText)
    rehearsal.tell(TextHandedOver(at=rehearsal.at, message=text.message, outcome=Accepted()))
    rehearsal.tell(DeliveryReported(at=rehearsal.at, message=text.message, delivery=Delivery.DELIVERED))
    assert rehearsal.names() == ["queue.joined", "sms.queued", "sms.accepted", "sms.delivered"]
    assert not rehearsal.world.texts.open


def test_every_number_in_a_fact_is_masked() -> None:
    rehearsal, asterisk = begin()
    asterisk.calls_in()
    (queued,) = [fact for fact in rehearsal.facts if isinstance(fact, SmsQueued)]
    assert queued.number == "+35840•••22"
    assert MATTI not in repr(rehearsal.facts)
