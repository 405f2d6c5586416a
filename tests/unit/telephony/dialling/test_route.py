"""When calls find no way out: the alarm, the pause, and who tries."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callcentre.telephony.dialling.outcome import Outcome
from callcentre.telephony.dialling.route import UNTRIED, Route, concluded, got_through, is_paused
from tests.unit.rehearsal import NOON

MINUTE = timedelta(minutes=1)
BUSY, NO_ANSWER, IMPOSSIBLE = Outcome.BUSY, Outcome.NO_ANSWER, Outcome.IMPOSSIBLE
FAILED, NO_ROUTE = Outcome.FAILED, Outcome.NO_ROUTE


def after(*calls: tuple[str, Outcome, bool], route: Route = UNTRIED) -> tuple[Route, list[Outcome]]:
    """The calls one after the other: whose, what became of it, and whether it ended at once."""
    counted = []
    for caller, outcome, quick in calls:
        route, counts_as = concluded(route, outcome, caller, NOON, quick=quick)
        counted.append(counts_as)
    return route, counted


@pytest.mark.parametrize(
    ("calls", "raised", "counted"),
    [
        # One number alone says nothing of the way out, whatever becomes of it and however soon.
        ([("a", IMPOSSIBLE, True)], False, [IMPOSSIBLE]),
        ([("a", BUSY, True)] * 5, False, [BUSY] * 5),
        ([("a", FAILED, True), ("b", FAILED, True)], False, [FAILED, FAILED]),
        ([("a", FAILED, True), ("b", FAILED, True), ("a", FAILED, True)], False, [FAILED] * 3),
        # No route is none from the first call on.
        ([("a", NO_ROUTE, True)], True, [NO_ROUTE]),
        ([("a", NO_ROUTE, False)], True, [NO_ROUTE]),
        # Three numbers in a row at once are no accident, whatever is said of each.
        ([("a", IMPOSSIBLE, True), ("b", FAILED, True), ("c", BUSY, True)], True, [IMPOSSIBLE, FAILED, NO_ROUTE]),
        ([("a", NO_ANSWER, True)] * 2 + [("b", NO_ANSWER, True), ("c", NO_ANSWER, True)], True,
         [NO_ANSWER, NO_ANSWER, NO_ANSWER, NO_ROUTE]),
        # One that rang, or took longer, between them.
        ([("a", IMPOSSIBLE, True), ("b", FAILED, True), ("c", BUSY, False), ("d", BUSY, True), ("e", BUSY, True)],
         False, [IMPOSSIBLE, FAILED, BUSY, BUSY, BUSY]),
        ([("a", NO_ANSWER, False), ("b", NO_ANSWER, False), ("c", NO_ANSWER, False)], False, [NO_ANSWER] * 3),
    ],
)  # fmt: skip
def test_calls_in_a_row_raise_the_alarm(
    calls: list[tuple[str, Outcome, bool]], raised: bool, counted: list[Outcome]
) -> None:
    route, counts_as = after(*calls)
    assert (route.raised, counts_as) == (raised, counted)
    assert is_paused(route, NOON) is raised


@pytest.mark.parametrize(
    ("call", "raised", "counts_as"),
    [
        (("b", NO_ROUTE, True), True, NO_ROUTE),
        (("b", NO_ROUTE, False), True, NO_ROUTE),
        (("b", IMPOSSIBLE, True), True, NO_ROUTE),
        (("b", BUSY, True), True, NO_ROUTE),
        (("b", FAILED, False), True, NO_ROUTE),
        (("b", IMPOSSIBLE, False), False, IMPOSSIBLE),
        (("b", BUSY, False), False, BUSY),
        (("b", NO_ANSWER, False), False, NO_ANSWER),
    ],
)
def test_while_it_is_raised_a_call_costs_nobody_an_attempt_until_a_network_answers(
    call: tuple[str, Outcome, bool], raised: bool, counts_as: Outcome
) -> None:
    route, _ = after(("a", NO_ROUTE, True))
    route, counted = after(call, route=route)
    assert (route.raised, counted) == (raised, [counts_as])


def test_each_pause_is_longer_up_to_ten_minutes() -> None:
    route, pauses, at = UNTRIED, [], NOON
    for _ in range(2000):
        route, _ = concluded(route, NO_ROUTE, "a", at, quick=True)
        assert route.paused_until is not None
        pauses.append((route.paused_until - at) / MINUTE)
        at = route.paused_until
    assert pauses == [1, 2, 4, 8, *[10] * 1996]


def test_calls_that_were_under_way_when_the_pause_began_make_it_no_longer() -> None:
    route, _ = after(*((caller, NO_ROUTE, True) for caller in "abcdefgh"))
    assert (route.paused_until, route.pauses, route.unrouted) == (NOON + MINUTE, 1, tuple("abcdefgh"))


def test_the_pause_ends_with_its_time() -> None:
    route, _ = after(("a", NO_ROUTE, True))
    assert [is_paused(route, NOON + seconds * MINUTE) for seconds in (0.99, 1)] == [True, False]
    assert not is_paused(UNTRIED, NOON)


def test_a_sign_of_a_network_clears_it() -> None:
    route, _ = after(("a", NO_ROUTE, True), ("b", NO_ROUTE, True))
    assert got_through(route, "a", mute=False) == Route(suspects=("b",))


def test_a_number_that_alone_leads_nowhere_costs_an_attempt_and_holds_up_nobody() -> None:
    route, _ = after(("a", NO_ROUTE, True), ("b", NO_ANSWER, False))
    assert (route.raised, route.suspects) == (False, ("a",))
    route, counted = after(("a", NO_ROUTE, True), route=route)
    assert (route.raised, counted) == (False, [FAILED])
    route, counted = after(("c", NO_ROUTE, True), route=route)
    assert (route.raised, counted) == (True, [NO_ROUTE])
    assert got_through(got_through(route, "c", mute=False), "a", mute=False).suspects == ()


def test_no_more_is_remembered_than_is_needed() -> None:
    route, _ = after(*((str(number), NO_ROUTE, True) for number in range(500)))
    assert (len(route.unrouted), len(route.quick)) == (50, 3)
    route = got_through(route, "x", mute=False)
    route, _ = after(*((str(number), NO_ROUTE, True) for number in range(500, 1000)), route=route)
    assert len(got_through(route, "x", mute=False).suspects) == 50
