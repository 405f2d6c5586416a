"""Kinds of texts: each has its delivery policy, and its rule that says whether a text is still wanted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from callcentre.kernel.effect import Crash
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import Refused
from callcentre.messaging.model import DeliveryPolicy, Kinds, Lane, MessageKind, State, Text, TextWanted, WithdrawText
from callcentre.messaging.opt_out import OptOutRules
from callcentre.messaging.outbound import Outbound
from tests.cast import MATTI
from tests.unit.messaging.desk import begin, handed, refusals, wanted
from tests.unit.rehearsal import NOON, Rehearsal

HOURLY = MessageKind(
    name="hourly", policy=DeliveryPolicy(crash=Crash.AT_LEAST_ONCE, fresh=timedelta(hours=1), lane=Lane.PROMISED)
)
REQUEST = TextWanted(at=NOON, message="m", kind="hourly", number=MATTI, sender="N", body="Hei")
TEXT = Text(
    message="m", kind="hourly", number=MATTI, sender="N", body="Hei", parts=1, state=State.QUEUED, wanted_at=NOON
)


def outbound(*declared: MessageKind) -> Outbound:
    world = Rehearsal().world
    opt_out = OptOutRules(world, world.suppressions)
    return Outbound(world, world, world.texts, Kinds(declared), opt_out, world.bounds)


@pytest.mark.parametrize(("minutes", "reason"), [(59, None), (60, "stale")])
def test_a_text_is_wanted_as_long_as_its_kind_is_fresh(minutes: int, reason: str | None) -> None:
    assert outbound(HOURLY).no_longer_wanted(TEXT, NOON + timedelta(minutes=minutes)) == reason


def test_a_kind_may_say_that_a_text_is_not_wanted_any_more() -> None:
    kind = replace(HOURLY, still_wanted=lambda text, at: f"{text.message} {at - NOON}")
    assert outbound(kind).no_longer_wanted(TEXT, NOON) == "m 0:00:00"


def test_a_text_whose_kind_nobody_declares_any_more_is_stale() -> None:
    (fact,) = outbound().wanted(REQUEST, NOON).facts
    assert (fact.name, getattr(fact, "reason", None)) == ("sms.refused", "stale")


def test_a_kind_that_is_declared_later_replaces_the_earlier() -> None:
    kinds = [HOURLY]
    known = Kinds(kinds)
    assert known.of(TEXT) is HOURLY
    kinds.append(replace(HOURLY, policy=replace(HOURLY.policy, fresh=timedelta(0))))
    assert known.stale_at(TEXT) == NOON


def test_a_text_that_is_queued_can_be_withdrawn() -> None:
    rehearsal, _ = begin()
    wanted(rehearsal)
    (text,) = rehearsal.take(SendText)
    handed(rehearsal, text, Refused("unreachable"))
    rehearsal.command(WithdrawText(at=rehearsal.at, message="m", reason="left"))
    assert refusals(rehearsal) == ["left"]
    rehearsal.later(60)
    assert rehearsal.take(SendText) == []


@pytest.mark.parametrize("message", ["m", "of-nobody"])
def test_a_text_on_its_way_and_one_of_nobody_cannot_be_withdrawn(message: str) -> None:
    rehearsal, _ = begin()
    wanted(rehearsal)
    rehearsal.command(WithdrawText(at=rehearsal.at, message=message, reason="left"))
    assert refusals(rehearsal) == []
