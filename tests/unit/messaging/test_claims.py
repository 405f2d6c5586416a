"""Whose a text from a phone is: claims in their order, and words that are exempt from the end of all texts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Literal

import pytest

from callcentre.kernel.decision import NOTHING, Decision
from callcentre.messaging.events import TextReceived
from callcentre.messaging.facts import NumberOptedIn
from callcentre.messaging.inbound import (
    CLEAR_ANSWER,
    OTHER_ANSWER,
    SURVEY_ANSWER,
    Claim,
    Inbound,
    OptOutExemption,
    ReceivedText,
)
from callcentre.messaging.opt_out import OptOutRules
from tests.cast import MATTI
from tests.unit.rehearsal import NOON, Rehearsal


class Claims:
    """Claims that take the texts with their word in it, and what each was asked and given."""

    def __init__(self, *words: tuple[int, str], exempt: str = "") -> None:
        self.asked: list[str] = []
        self.given: list[tuple[str, ReceivedText]] = []
        self.declared = [Claim(precedence=order, name=word, rule=self._rule(word)) for order, word in words]
        self.exemptions = [OptOutExemption(lambda text: text.body == exempt)]

    def _rule(self, word: str) -> Callable[[ReceivedText, datetime], Decision | None]:
        def rule(text: ReceivedText, _at: datetime) -> Decision | None:
            self.asked.append(word)
            if word not in text.body:
                return None
            self.given.append((word, text))
            return Decision(facts=(NumberOptedIn(by=word),))

        return rule

    def hear(self, body: str, taken_as: Literal["stop", "start"] | None = None) -> list[str]:
        """What follows of a text from Matti: the names of facts, and the claim of the one that a claim made."""
        world = Rehearsal().world
        inbound = Inbound(
            world, world, world.texts, OptOutRules(world, world.suppressions), self.declared, self.exemptions
        )
        event = TextReceived(
            at=NOON, gateway="kannel", gateway_id="1", sender=MATTI, recipient="18222", body=body, taken_as=taken_as
        )
        decision = inbound.received(event, NOON)
        return [fact.by if isinstance(fact, NumberOptedIn) and fact.by else fact.name for fact in decision.facts]


def test_the_claim_of_the_lowest_precedence_that_takes_a_text_has_it() -> None:
    claims = Claims((OTHER_ANSWER, "a"), (CLEAR_ANSWER, "b"), (SURVEY_ANSWER, "a"))
    assert claims.hear("a") == ["sms.received", "a"]
    assert claims.asked == ["b", "a"]
    assert claims.given == [("a", ReceivedText(number=MATTI, recipient="18222", body="a"))]


def test_a_claim_that_decides_on_nothing_has_the_text_too() -> None:
    claims = Claims((SURVEY_ANSWER, "a"))
    claims.declared.insert(0, Claim(precedence=CLEAR_ANSWER, name="silent", rule=lambda _text, _at: NOTHING))
    assert claims.hear("a") == ["sms.received"]
    assert claims.asked == []


def test_a_text_that_nobody_claims_is_received_and_no_more() -> None:
    assert Claims((CLEAR_ANSWER, "a")).hear("b") == ["sms.received"]


@pytest.mark.parametrize("body", ["STOP", "cancel", "lopeta"])
def test_words_that_end_all_texts_are_obeyed_before_any_claim(body: str) -> None:
    claims = Claims((CLEAR_ANSWER, body))
    assert claims.hear(body) == ["sms.received", "number.opted_out"]
    assert claims.asked == []


def test_an_exempt_word_goes_to_the_claims_and_ends_no_texts() -> None:
    claims = Claims((CLEAR_ANSWER, "cancel"), exempt="cancel")
    assert claims.hear("cancel") == ["sms.received", "cancel"]


def test_stop_is_never_exempt() -> None:
    claims = Claims((CLEAR_ANSWER, "stop"), exempt="stop")
    assert claims.hear("stop") == ["sms.received", "number.opted_out"]


def test_what_the_gateway_took_for_stop_ends_all_texts_and_may_be_claimed_when_it_is_exempt() -> None:
    claims = Claims((CLEAR_ANSWER, "cancel"), exempt="cancel")
    assert claims.hear("cancel", taken_as="stop") == ["sms.received", "number.opted_out", "cancel"]
    assert Claims((CLEAR_ANSWER, "x")).hear("x", taken_as="stop") == ["sms.received", "number.opted_out"]
