"""What the facts of calls add up to: visits, and how many calls each queue has answered."""

from __future__ import annotations

from typing import Any

import pytest

from callcentre.telephony.queue_view.statistics import Served, Visit
from tests.unit.statistics.lines import ABOUT, added_up, answered, joined, lines, only

SALES: dict[str, Any] = {"queue": "sales", "service": "sales"}


def test_a_caller_who_is_transferred_into_another_queue_has_talked_until_then() -> None:
    facts = lines(
        joined("1.1"), answered("1.1"), joined("1.1", **SALES), answered("1.1", **SALES),
        {"event": "call.ended", "talk": 7.5, **SALES, "call": "1.1"},
    )  # fmt: skip
    visits = [row for row in added_up(facts) if isinstance(row, Visit)]
    assert [(visit.queue, visit.talk, visit.open) for visit in visits] == [
        ("support", 1000, False), ("sales", 7500, False),
    ]  # fmt: skip


@pytest.mark.parametrize(("hour", "seconds"), [(8, -3600), (10, 3600)])
def test_a_talk_is_as_long_as_it_was_whatever_the_clock_is_set_to(hour: int, seconds: int) -> None:
    facts = lines(
        joined("1.1"), answered("1.1"),
        {"event": "clock.stepped", "seconds": seconds, "at": f"2026-06-03T{hour:02}:00:03.000Z"},
        joined("1.1", **SALES, at=f"2026-06-03T{hour:02}:00:12.000Z"),
    )  # fmt: skip
    visits = {visit.queue: visit for visit in added_up(facts) if isinstance(visit, Visit)}
    assert visits["support"].talk == 10_000


def test_a_caller_who_comes_back_from_the_exit_key_goes_on_with_the_same_visit() -> None:
    key = {"event": "queue.left", "reason": "key", "wait": 10, **ABOUT, "call": "1.1"}
    gone = {"event": "queue.left", "reason": "abandoned", "wait": 5.25, **ABOUT, "call": "1.1"}
    row = only(Visit, added_up(lines(joined("1.1", 2), key, joined("1.1", 2), gone)))
    assert (row.outcome, row.wait) == ("abandoned", 15_250)


def test_each_queue_counts_the_calls_that_it_has_answered() -> None:
    gone = {"event": "queue.left", "reason": "abandoned", "wait": 5, **ABOUT, "call": "4"}
    facts = lines(answered("1"), answered("2", **SALES), answered("3"), gone)
    served = {row.queue: row.answered for row in added_up(facts) if isinstance(row, Served)}
    assert served == {"support": 2, "sales": 1}
