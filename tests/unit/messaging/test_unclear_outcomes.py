"""Texts of which nobody knows whether they arrived: what must arrive is tried again, and each try is counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcentre.kernel.event import EffectInterrupted
from callcentre.kernel.limits.model import Bounded
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import (
    Accepted,
    Delivery,
    Refused,
    Unclear,
)
from callcentre.messaging.model import Budget
from callcentre.values.numbers import caller_hash
from tests.unit.messaging.desk import alarms, begin, handed, refusals, reported, unclear, wanted
from tests.unit.telephone import MATTI


@pytest.mark.parametrize("delivery", [Delivery.BUFFERED, Delivery.ACCEPTED])
@pytest.mark.parametrize("first", ["report", "answer"])
def test_a_report_that_the_gateway_has_the_text_saves_the_next_try(delivery: Delivery, first: str) -> None:
    # A phone that is off: the operator takes the text at once, and delivers it hours later.
    house, _ = begin()
    wanted(house)
    (text,) = house.take(SendText)
    if first == "report":
        reported(house, "m", delivery)
    handed(house, text, Unclear("504"))
    if first == "answer":
        reported(house, "m", delivery)
    house.later(3600)
    assert house.take(SendText) == []
    reported(house, "m", Delivery.DELIVERED)
    assert house.names() == ["sms.queued", "sms.accepted", "sms.delivered"]
    assert house.world.texts.budget.only == Budget(day="2026-06-03", used=1 if first == "report" else 2)


@pytest.mark.parametrize("crash", [False, True])
def test_a_text_that_must_arrive_is_tried_three_times_when_nobody_knows_whether_it_did(crash: bool) -> None:
    house, _ = begin()
    wanted(house)
    assert unclear(house, hours=1, crash=crash) == [0, 5, 15]
    assert house.names() == ["sms.queued", "sms.failed"]
    assert house.facts[-1].reason == "unclear"
    assert house.world.texts.budget.only == Budget(day="2026-06-03", used=3)
    assert house.world.bounds.used(Bounded.TEXTS, caller_hash(house.world.key, MATTI), "2026-06-03") == 3
    assert not house.world.texts.open


@pytest.mark.parametrize("tries", [1, 2, 3])
def test_a_report_after_an_unclear_try_saves_the_next(tries: int) -> None:
    house, _ = begin()
    wanted(house)
    for number in range(1, tries + 1):
        (text,) = house.take(SendText)
        handed(house, text, Unclear("504"))
        house.later(0 if number == tries else 10)
    reported(house, "m", Delivery.DELIVERED)
    house.later(3600)
    assert house.take(SendText) == []
    assert house.names() == ["sms.queued", "sms.delivered"]


@pytest.mark.parametrize(
    ("sms", "tries"), [({"per_day": "2"}, 2), ({"per_number_per_day": "2"}, 2), ({"per_day": "1"}, 1)]
)
def test_no_cap_is_passed_by_tries_that_may_have_arrived(sms: dict[str, str], tries: int) -> None:
    house, _ = begin(sms=sms)
    wanted(house)
    assert len(unclear(house, hours=1)) == tries
    assert house.facts[-1].reason == "unclear"


def test_a_try_that_surely_did_not_arrive_is_not_counted_and_goes_on_until_it_is_stale() -> None:
    house, _ = begin()
    wanted(house)
    tries = 0
    while house.world.texts.open:
        for text in house.take(SendText):
            tries += 1
            handed(house, text, Refused("503"))
        house.later(10)
    assert (refusals(house), house.world.texts.budget.only) == (["stale"], Budget(day="2026-06-03", used=1))
    assert 144 < tries < 160


@pytest.mark.parametrize("after", [Refused("no", permanent=True), Refused("503")])
def test_what_is_refused_after_a_try_that_may_have_arrived_is_unclear(after: Refused) -> None:
    house, _ = begin()
    wanted(house)
    (text,) = house.take(SendText)
    handed(house, text, Unclear("504"))
    for _ in range(13 * 60):
        house.later(60)
        for again in house.take(SendText):
            handed(house, again, after)
    assert [(fact.name, fact.reason) for fact in house.facts] == [("sms.queued", None), ("sms.failed", "unclear")]


def test_two_texts_with_an_unclear_outcome_raise_the_alarm_until_one_is_accepted() -> None:
    house, asterisk = begin()
    wanted(house, "a")
    unclear(house, hours=0.1)
    assert alarms(house) == []
    asterisk.calls_in("+358402223333")
    (welcome,) = house.take(SendText)
    handed(house, welcome, Unclear("504"))
    assert alarms(house) == [("alarm.raised", "sms_unclear")]
    again = house.restarted()
    wanted(again, "b")
    unclear(again, hours=0.1)
    wanted(again, "c")
    (text,) = again.take(SendText)
    handed(again, text, Accepted())
    assert alarms(again) == [("alarm.raised", "sms_unclear"), ("alarm.cleared", "sms_unclear")]
    assert again.world.texts.doubt.only is None


def test_one_text_in_between_that_is_accepted_makes_no_alarm() -> None:
    house, _ = begin()
    for message, outcome in (("a", Unclear("504")), ("b", Accepted()), ("c", Unclear("504"))):
        wanted(house, message)
        while texts := house.take(SendText):
            for text in texts:
                handed(house, text, outcome)
            house.later(10)
    assert alarms(house) == []


@given(st.lists(st.sampled_from(["refused", "unclear", "crash", "restart", "accepted", "never"]), max_size=30))
def test_no_more_than_three_tries_may_arrive_and_each_is_counted(outcomes: list[str]) -> None:
    house, _ = begin()
    wanted(house)
    may_have_arrived = 0
    for outcome in outcomes:
        house.later(400)
        texts = house.take(SendText)
        if outcome == "restart":
            house = house.restarted()
            house.effects.extend(texts)
            continue
        for text in texts:
            may_have_arrived += outcome in {"unclear", "crash", "accepted"}
            match outcome:
                case "crash":
                    house = house.restarted()
                    house.tell(EffectInterrupted(at=house.at, effect=text))
                case "unclear":
                    handed(house, text, Unclear("504"))
                case "accepted":
                    handed(house, text, Accepted())
                case _:
                    handed(house, text, Refused("no", permanent=outcome == "never"))
    assert may_have_arrived <= 3
    budget = house.world.texts.budget.only
    assert budget is not None
    assert may_have_arrived <= budget.used <= 3
