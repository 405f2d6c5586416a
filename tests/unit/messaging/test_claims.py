"""Whose a text from a phone is: claims in their order, and words that are exempt from the end of all texts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import pytest

from callcentre.kernel.decision import NOTHING, Decision
from callcentre.kernel.nodes.model import NodeMessage
from callcentre.messaging.events import TextReceived
from callcentre.messaging.facts import NumberOptedIn
from callcentre.messaging.inbound import (
    CLEAR_ANSWER,
    OTHER_ANSWER,
    SURVEY_ANSWER,
    Claim,
    Inbound,
    OpenQuestions,
    OptOutExemption,
    ReceivedText,
    TextForNode,
)
from callcentre.messaging.opt_out import OptOutRules
from tests.cast import MATTI
from tests.unit.rehearsal import NOON, Rehearsal
from tests.unit.world import World


@dataclass
class Question:
    """A question that another daemon has open to Matti, asked some minutes ago."""

    owner: str
    minutes: int
    cancels: bool = False

    def find(self, _field: str, caller: str) -> list[tuple[str, Question]]:
        return [(self.owner, self)] if caller == Rehearsal().world.caller(MATTI) else []

    @property
    def declared(self) -> OpenQuestions[Any]:
        of_others: Any = self
        return OpenQuestions(of_others, lambda one, _text: NOON - timedelta(minutes=one.minutes), cancels=self.cancels)


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

    def inbound(self, world: World, *questions: Question) -> Inbound:
        """The rules with these claims, where other daemons have these questions open."""
        return Inbound(
            world, world, world.texts, OptOutRules(world, world.suppressions), self.declared, self.exemptions,
            world.nodes, [question.declared for question in questions],
        )  # fmt: skip

    def hear(self, body: str, taken_as: Literal["stop", "start"] | None = None) -> list[str]:
        """What follows of a text from Matti: the names of facts, and the claim of the one that a claim made."""
        inbound = self.inbound(Rehearsal().world)
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


# --- questions of other daemons ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "taken_as", "questions", "to", "facts"),
    [
        ("1", None, [Question("north", 5)], "north", ["sms.received"]),
        ("1", None, [Question("north", 5), Question("west", 2)], "west", ["sms.received"]),
        ("a", None, [Question("north", 5)], None, ["sms.received", "number.opted_in"]),
        ("1", None, [], None, ["sms.received"]),
        # Stop is stop everywhere. A word that may cancel a callback is decided by the daemon that has it.
        ("stop", None, [Question("north", 5, cancels=True)], None, ["sms.received", "number.opted_out"]),
        ("cancel", None, [Question("north", 5, cancels=True)], "north", ["sms.received"]),
        ("cancel", "stop", [Question("north", 5, cancels=True)], "north", ["sms.received", "number.opted_out"]),
        ("cancel", None, [Question("north", 5)], None, ["sms.received", "number.opted_out"]),
        ("cancel", None, [Question("north", 2), Question("west", 5, cancels=True)], "west", ["sms.received"]),
    ],
)
def test_a_text_that_is_nothing_here_goes_to_the_daemon_with_the_newest_question(
    body: str, taken_as: Literal["stop"] | None, questions: list[Question], to: str | None, facts: list[str]
) -> None:
    world = Rehearsal().world
    inbound = Claims((CLEAR_ANSWER, "a")).inbound(world, *questions)
    decision = inbound.received(
        TextReceived(
            at=NOON, gateway="kannel", gateway_id="1", sender=MATTI, recipient="18222", body=body, taken_as=taken_as
        ),
        NOON,
    )
    sent = [change.record for change in decision.changes if isinstance(change.record, NodeMessage)]
    assert [one.recipient for one in sent] == ([] if to is None else [to])
    assert [fact.name for fact in decision.facts] == facts


@pytest.mark.parametrize(("body", "follows"), [("a", ["number.opted_in"]), ("1", []), ("cancel", ["number.opted_out"])])
def test_a_text_that_another_daemon_passed_on_goes_no_further(body: str, follows: list[str]) -> None:
    world = Rehearsal().world
    inbound = Claims((CLEAR_ANSWER, "a")).inbound(world, Question("west", 1, cancels=True))
    command = TextForNode(at=NOON, number=MATTI, recipient="18222", body=body, taken_as=None)
    decision = inbound.passed_on(command, NOON)
    assert [fact.name for fact in decision.facts] == follows
    assert not [change for change in decision.changes if isinstance(change.record, NodeMessage)]
