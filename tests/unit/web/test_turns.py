"""How many requests of an organisation are served in a second, and that others do not wait for them."""

from __future__ import annotations

from dataclasses import dataclass, field

from callcentre.web.turns import BURST, LONGEST, Turns

MOST = {"greedy": 10}


@dataclass
class Clock:
    """Seconds that a test sets."""

    now: float = 100.0
    turns: Turns = field(init=False)

    def __post_init__(self) -> None:
        self.turns = Turns(lambda key: MOST.get(key or ""), clock=lambda: self.now)


def test_a_burst_is_served_at_once_and_then_one_after_the_other() -> None:
    clock = Clock()
    waits = [clock.turns.wait("greedy") or 0.0 for _ in range(int(10 * BURST) + 4)]
    assert waits[: int(10 * BURST) + 1] == [0.0] * (int(10 * BURST) + 1)
    assert [round(wait, 6) for wait in waits[-3:]] == [0.1, 0.2, 0.3]


def test_what_would_wait_for_too_long_is_refused_and_takes_no_turn() -> None:
    clock = Clock()
    waits = [clock.turns.wait("greedy") for _ in range(100)]
    served = [wait for wait in waits if wait is not None]
    assert len(served) == round(10 * (BURST + LONGEST)) + 1
    assert max(served) <= LONGEST
    clock.now += 0.1
    assert clock.turns.wait("greedy") is not None
    assert clock.turns.wait("greedy") is None


def test_in_any_ten_seconds_no_more_is_served_than_the_cap_and_one_burst() -> None:
    clock, served = Clock(), 0
    for _ in range(1_000):
        wait = clock.turns.wait("greedy")
        served += wait is not None and clock.now + wait < 110.0
        clock.now += 0.01
    assert 100 <= served <= 10 * (10 + BURST) + 1


def test_others_do_not_wait_for_a_greedy_one_nor_does_who_has_no_cap() -> None:
    clock = Clock()
    for _ in range(100):
        clock.turns.wait("greedy")
    assert {clock.turns.wait(one) for one in ("another", None) for _ in range(100)} == {0.0}
