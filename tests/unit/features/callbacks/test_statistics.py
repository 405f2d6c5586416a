"""What the facts of callbacks and of their notices add up to, fact by fact."""

from __future__ import annotations

from typing import Any

import pytest

from callcentre.features.callbacks.statistics import CallbackRecord, Offer
from tests.unit.statistics.lines import ABOUT, added_up, answered, lines, only

CALLBACK = {**ABOUT, "callback": "cb-1", "call": "1.1"}
OFFERED = {"event": "callback.offered", "position": 3, **ABOUT, "call": "1.1"}
ACCEPTED = {"event": "callback.accepted", "position": 2, "by": "customer", **CALLBACK}
DIALLED = {"event": "callback.dialled", "attempt": 1, **CALLBACK}
CONNECTED = {"event": "callback.connected", "wait": 2.5, "agent": "PJSIP/agent1", **CALLBACK}
COMPLETED = {"event": "callback.completed", **CALLBACK}


def declined(reason: str) -> dict[str, Any]:
    return {"event": "callback.declined", "reason": reason, **ABOUT, "call": "1.1"}


def cancelled(by: str) -> dict[str, Any]:
    return {"event": "callback.cancelled", "by": by, **CALLBACK}


def test_a_call_that_found_no_way_out_is_no_attempt() -> None:
    not_dialled = {"event": "callback.not_dialled", "attempt": 1, "reason": "no_route", **CALLBACK}
    assert only(CallbackRecord, added_up(lines(ACCEPTED, DIALLED, not_dialled))).attempts == 0
    facts = lines(ACCEPTED, DIALLED, not_dialled, DIALLED, CONNECTED, COMPLETED)
    assert only(CallbackRecord, added_up(facts)).attempts == 1
    # The log may begin in the middle.
    assert only(CallbackRecord, added_up(lines(ACCEPTED, not_dialled))).attempts == 0


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([ACCEPTED], {"state": "open", "attempts": 0, "open": True, "kept": None}),
        ([ACCEPTED, DIALLED, DIALLED], {"state": "open", "attempts": 2}),
        ([ACCEPTED, DIALLED, CONNECTED, COMPLETED], {"state": "completed", "attempts": 1, "wait": 2500, "open": False}),
        ([ACCEPTED, cancelled("sms")], {"state": "cancelled", "ended_by": "sms"}),
        ([ACCEPTED, cancelled("auto_agent")], {"state": "cancelled", "ended_by": "auto_agent"}),
        ([ACCEPTED, {"event": "callback.failed", "reason": "busy", **CALLBACK}], {"state": "failed", "reason": "busy"}),
        (
            [ACCEPTED, {"event": "callback.reassigned", **CALLBACK, "service": "sales", "queue": "sales"}],
            {"state": "open", "service": "sales", "queue": "sales"},
        ),
        ([ACCEPTED, {"event": "callback.expired", "reason": "closed", **CALLBACK}], {"state": "expired"}),
        # One caller was before: one may be answered first, and the call of the customer is an answered one too.
        ([ACCEPTED, answered("2"), answered("1.1"), CONNECTED], {"kept": True}),
        ([ACCEPTED, answered("2"), answered("3"), answered("1.1"), CONNECTED], {"kept": False}),
        ([answered("2"), answered("3"), answered("4"), ACCEPTED, answered("1.1"), CONNECTED], {"kept": True}),
    ],
)  # fmt: skip
def test_a_callback_is_what_its_facts_say(facts: list[dict[str, Any]], expected: dict[str, Any]) -> None:
    row = only(CallbackRecord, added_up(lines(*facts)))
    assert {name: getattr(row, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("states", "notice"),
    [
        (("sent",), "sent"),
        (("sent", "delivered"), "delivered"),
        (("sent", "failed", "sent"), "sent"),
        (("sent", "answered", "delivered"), "answered"),
    ],
)
def test_a_notice_is_the_latest_that_is_known_of_it(states: tuple[str, ...], notice: str) -> None:
    facts = [{"event": f"notice.{state}", "by": "sms", **CALLBACK} for state in states]
    row = only(CallbackRecord, added_up(lines(ACCEPTED, *facts)))
    assert (row.notice, row.notice_by) == (notice, "sms")


def test_a_call_that_is_offered_a_callback_twice_counts_once() -> None:
    assert only(Offer, added_up(lines(OFFERED, declined("no_key"), OFFERED))).call == "1.1"


@pytest.mark.parametrize(
    "over", [declined("hung_up"), ACCEPTED, {"event": "call.ended", **ABOUT, "call": "1.1"}], ids=str
)
def test_an_offer_is_over_with_the_call_or_the_promise(over: dict[str, Any]) -> None:
    assert only(Offer, added_up(lines(OFFERED))).open
    assert not only(Offer, added_up(lines(OFFERED, over))).open
