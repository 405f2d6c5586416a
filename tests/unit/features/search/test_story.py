"""Facts in words: the sentence whose fields the fact has, the reason, and the days."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from callcentre.features.search.story import Link, Teller, path_of
from callcentre.features.search.words import WORDS

HELSINKI = ZoneInfo("Europe/Helsinki")


def teller(**changes: Any) -> Teller:
    known: dict[str, Any] = {
        "words": {each.event: each for each in WORDS}, "say": lambda message: message,
        "service": {"support": "Asiakaspalvelu"}.get, "zone": HELSINKI, "linked": ("call", "callback", "caller"),
    }  # fmt: skip
    return Teller(**(known | changes))


def fact(event: str, at: str = "2026-06-03T09:00:00.000Z", **fields: Any) -> dict[str, Any]:
    return {"event": event, "at": at, "id": 1, "node": "main", **fields}


@pytest.mark.parametrize(
    ("one", "says", "why"),
    [
        (fact("queue.joined", position=3, waiting=7), "The caller joined the queue at place 3 of 7.", ()),
        (fact("queue.joined"), "The caller joined the queue.", ()),
        (
            fact("queue.joined", position=1, waiting=1, estimated_wait=150.4),
            "The caller joined the queue at place 1 of 1.",
            ("The wait was estimated at 2:30.",),
        ),
        (fact("queue.answered", wait=3725.0, agent="PJSIP/agent1"), "PJSIP/agent1 answered after 1:02:05.", ()),
        (fact("queue.answered", wait=5, agent="PJSIP/agent1", agent_name="Anna"), "Anna answered after 0:05.", ()),
        (fact("queue.left", wait=9, reason="abandoned"), "The caller waited no more, after 0:09.",
         ("The caller hung up.",)),
        (fact("callback.cancelled", by="staff", user="aino", why="duplicate"), "The callback was cancelled.",
         ("Staff did it.", "aino did it.", "The reason given: duplicate")),
        (fact("callback.cancelled", by="pigeon"), "The callback was cancelled.", ("By: pigeon.",)),
        (fact("sms.failed", kind="welcome", parts=1, reason="out of %(credit)s"),
         "The text did not arrive: welcome.", ("Reason: out of %(credit)s.",)),
        (fact("sms.queued", kind="new_kind", parts=2), "A text is to be sent: new_kind.",
         ("Messages that it takes: 2.",)),
        (fact("clock.stepped", seconds=-90.0), "The clock of the machine was set by −1:30.", ()),
        (fact("service.closed", until="2026-06-03T12:30:00.000Z"),
         "The service was closed for now, until 2026-06-03 15:30.", ()),
        (fact("number.shown", user="aino", why="x"), "aino looked at the full number.", ("The reason given: x",)),
        (fact("memo.left", reason="x"), "memo.left", ("Reason: x.",)),
    ],
)  # fmt: skip
def test_a_fact_in_words(one: dict[str, Any], says: str, why: tuple[str, ...]) -> None:
    step = teller().step(one)
    assert (step.says, step.why) == (says, why)


def test_the_colour_is_that_of_the_reason() -> None:
    states = [teller().step(fact("queue.left", wait=1, reason=reason)).state for reason in ("answered", "full", "x")]
    assert states == ["", "critical", ""]


def test_a_step_leads_to_the_pages_that_the_visitor_may_see() -> None:
    step = teller().step(
        fact("sms.queued", call="1/2", callback="cb 1", message="m", caller="ab"), {"callback": "cb 1"}
    )
    assert step.links == (Link("/calls/1%2F2", "Call"), Link("/people/ab", "Person"))


def test_a_path_has_nothing_but_the_id() -> None:
    assert path_of("message", "../a?b#c") == "/messages/..%2Fa%3Fb%23c"


def test_steps_are_by_day_in_the_timezone_in_either_order() -> None:
    facts = [
        fact("queue.joined", "2026-06-03T20:59:59.000Z"), fact("call.ended", "2026-06-03T21:00:00.000Z"),
        fact("queue.left", "2026-06-03T21:00:00.000Z", wait=1),
    ]  # fmt: skip
    oldest, newest = teller().days(facts), teller().days(facts, newest_first=True)
    assert [str(day.day) for day in oldest] == ["2026-06-03", "2026-06-04"]
    assert [step.event for day in oldest for step in day.steps] == ["queue.joined", "call.ended", "queue.left"]
    assert [step.event for day in newest for step in day.steps] == ["queue.left", "call.ended", "queue.joined"]


def test_a_service_is_named_where_the_page_does_not() -> None:
    left = fact("queue.left", wait=1, service="support")
    assert teller().step(left).service == "Asiakaspalvelu"
    assert teller().step(left, {"service": "support"}).service == ""
