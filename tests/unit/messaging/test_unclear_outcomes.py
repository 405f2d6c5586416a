"""Texts of which nobody knows whether they arrived: what must arrive is tried again, and each try is counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcentre.kernel.event import EffectInterrupted
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import (
    Accepted,
    Delivery,
    Refused,
    Unclear,
)
from callcentre.messaging.model import Budget
from callcentre.messaging.outbound import Counted
from callcentre.values.numbers import caller_hash
from tests.cast import AINO, MATTI
from tests.unit.messaging.desk import alarms, begin, handed, refusals, reported, unclear, wanted


@pytest.mark.parametrize("delivery", [Delivery.BUFFERED, Delivery.ACCEPTED])
@pytest.mark.parametrize("first", ["report", "answer"])
def test_a_report_that_the_gateway_has_the_text_saves_the_next_try(delivery: Delivery, first: str) -> None:
    # A phone that is off: the operator takes the text at once, and delivers it hours later.
    rehearsal, _ = begin()
    wanted(rehearsal)
    (text,) = rehearsal.take(SendText)
    if first == "report":
        reported(rehearsal, "m", delivery)
    handed(rehearsal, text, Unclear("504"))
    if first == "answer":
        reported(rehearsal, "m", delivery)
    rehearsal.later(3600)
    assert rehearsal.take(SendText) == []
    reported(rehearsal, "m", Delivery.DELIVERED)
    assert rehearsal.names() == ["sms.queued", "sms.accepted", "sms.delivered"]
    assert rehearsal.world.texts.budget.get("2026-06-03") == Budget(
        day="2026-06-03", used=1 if first == "report" else 2
    )


@pytest.mark.parametrize("crash", [False, True])
def test_a_text_that_must_arrive_is_tried_three_times_when_nobody_knows_whether_it_did(crash: bool) -> None:
    rehearsal, _ = begin()
    wanted(rehearsal)
    assert unclear(rehearsal, hours=1, crash=crash) == [0, 5, 15]
    assert rehearsal.names() == ["sms.queued", "sms.failed"]
    assert rehearsal.facts[-1].reason == "unclear"
    assert rehearsal.world.texts.budget.get("2026-06-03") == Budget(day="2026-06-03", used=3)
    assert rehearsal.world.bounds.used(Counted.TEXTS, caller_hash(rehearsal.world.key, MATTI), "2026-06-03") == 3
    assert not rehearsal.world.texts.open


@pytest.mark.parametrize("tries", [1, 2, 3])
def test_a_report_after_an_unclear_try_saves_the_next(tries: int) -> None:
    rehearsal, _ = begin()
    wanted(rehearsal)
    for number in range(1, tries + 1):
        (text,) = rehearsal.take(SendText)
        handed(rehearsal, text, Unclear("504"))
        rehearsal.later(0 if number == tries else 10)
    reported(rehearsal, "m", Delivery.DELIVERED)
    rehearsal.later(3600)
    assert rehearsal.take(SendText) == []
    assert rehearsal.names() == ["sms.queued", "sms.delivered"]


@pytest.mark.parametrize(
    ("sms", "tries"), [({"per_day": "2"}, 2), ({"per_number_per_day": "2"}, 2), ({"per_day": "1"}, 1)]
)
def test_no_cap_is_passed_by_tries_that_may_have_arrived(sms: dict[str, str], tries: int) -> None:
    rehearsal, _ = begin(sms=sms)
    wanted(rehearsal)
    assert len(unclear(rehearsal, hours=1)) == tries
    assert rehearsal.facts[-1].reason == "unclear"


def test_a_try_that_surely_did_not_arrive_is_not_counted_and_goes_on_until_it_is_stale() -> None:
    rehearsal, _ = begin()
    wanted(rehearsal)
    tries = 0
    while rehearsal.world.texts.open:
        for text in rehearsal.take(SendText):
            tries += 1
            handed(rehearsal, text, Refused("503"))
        rehearsal.later(10)
    assert (refusals(rehearsal), rehearsal.world.texts.budget.get("2026-06-03")) == (
        ["stale"],
        Budget(day="2026-06-03", used=1),
    )
    assert 144 < tries < 160


@pytest.mark.parametrize("after", [Refused("no", permanent=True), Refused("503")])
def test_what_is_refused_after_a_try_that_may_have_arrived_is_unclear(after: Refused) -> None:
    rehearsal, _ = begin()
    wanted(rehearsal)
    (text,) = rehearsal.take(SendText)
    handed(rehearsal, text, Unclear("504"))
    for _ in range(13 * 60):
        rehearsal.later(60)
        for again in rehearsal.take(SendText):
            handed(rehearsal, again, after)
    texts = [(fact.name, fact.reason) for fact in rehearsal.facts if fact.name.startswith("sms.")]
    assert texts == [("sms.queued", None), ("sms.failed", "unclear")]


def test_two_texts_with_an_unclear_outcome_raise_the_alarm_until_one_is_accepted() -> None:
    rehearsal, asterisk = begin()
    wanted(rehearsal, "a")
    unclear(rehearsal, hours=0.1)
    assert alarms(rehearsal) == []
    asterisk.calls_in(AINO)
    (welcome,) = rehearsal.take(SendText)
    handed(rehearsal, welcome, Unclear("504"))
    assert alarms(rehearsal) == [("alarm.raised", "sms_unclear")]
    again = rehearsal.restarted()
    wanted(again, "b")
    unclear(again, hours=0.1)
    wanted(again, "c")
    (text,) = again.take(SendText)
    handed(again, text, Accepted())
    assert alarms(again) == [("alarm.raised", "sms_unclear"), ("alarm.cleared", "sms_unclear")]
    assert again.world.texts.doubt.only is None


def test_one_text_in_between_that_is_accepted_makes_no_alarm() -> None:
    rehearsal, _ = begin()
    for message, outcome in (("a", Unclear("504")), ("b", Accepted()), ("c", Unclear("504"))):
        wanted(rehearsal, message)
        while texts := rehearsal.take(SendText):
            for text in texts:
                handed(rehearsal, text, outcome)
            rehearsal.later(10)
    assert alarms(rehearsal) == []


@given(st.lists(st.sampled_from(["refused", "unclear", "crash", "restart", "accepted", "never"]), max_size=30))
def test_no_more_than_three_tries_may_arrive_and_each_is_counted(outcomes: list[str]) -> None:
    rehearsal, _ = begin()
    wanted(rehearsal)
    may_have_arrived = 0
    for outcome in outcomes:
        rehearsal.later(400)
        texts = rehearsal.take(SendText)
        if outcome == "restart":
            rehearsal = rehearsal.restarted()
            rehearsal.effects.extend(texts)
            continue
        for text in texts:
            may_have_arrived += outcome in {"unclear", "crash", "accepted"}
            match outcome:
                case "crash":
                    rehearsal = rehearsal.restarted()
                    rehearsal.tell(EffectInterrupted(at=rehearsal.at, effect=text))
                case "unclear":
                    handed(rehearsal, text, Unclear("504"))
                case "accepted":
                    handed(rehearsal, text, Accepted())
                case _:
                    handed(rehearsal, text, Refused("no", permanent=outcome == "never"))
    assert may_have_arrived <= 3
    budget = rehearsal.world.texts.budget.get("2026-06-03")
    assert budget is not None
    assert may_have_arrived <= budget.used <= 3
