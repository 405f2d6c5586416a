"""What is counted for each person and day, and when it is forgotten."""

from datetime import timedelta

from callcentre.kernel.event import Tick
from callcentre.kernel.limits.model import WITHHELD, Bounds, Count, person
from tests.unit.rehearsal import NOON, Rehearsal

MOVES, TEXTS = "moves", "texts"
MATTI, TODAY, TOMORROW = person(b"k" * 32, "+358401112201"), "2026-06-03", "2026-06-04"


def taken(bounds: Bounds, kind: str, who: str, day: str, *, limit: int) -> bool:
    change = bounds.take(kind, who, day, limit)
    if change is not None:
        assert isinstance(change.record, Count)
        bounds.counts.put(change.record)
    return change is not None


def test_each_person_kind_and_day_has_a_count_of_its_own() -> None:
    bounds = Bounds()
    assert [taken(bounds, MOVES, MATTI, TODAY, limit=2) for _ in range(3)] == [True, True, False]
    assert taken(bounds, TEXTS, MATTI, TODAY, limit=2)
    assert taken(bounds, MOVES, WITHHELD, TODAY, limit=2)
    assert taken(bounds, MOVES, MATTI, TOMORROW, limit=2)
    assert bounds.used(MOVES, MATTI, TODAY) == 2


def test_everybody_who_withholds_the_number_is_one_person() -> None:
    assert person(b"k" * 32, "") == person(b"k" * 32, None) == WITHHELD != MATTI


def test_counts_survive_a_restart_and_are_dropped_when_their_day_is_over() -> None:
    played = Rehearsal()
    count = Count(kind=MOVES, person=MATTI, day=TODAY, used=2)
    played.world.bounds.counts.put(count)
    played.disk[Count, count.key] = count
    after = played.restarted()
    assert after.world.bounds.used(MOVES, MATTI, TODAY) == 2
    after.tell(Tick(at=NOON + timedelta(hours=11, minutes=59)))
    assert after.world.bounds.used(MOVES, MATTI, TODAY) == 2
    after.tell(Tick(at=NOON + timedelta(hours=12)))  # Midnight in Helsinki.
    assert after.world.bounds.used(MOVES, MATTI, TODAY) == 0
    assert (Count, count.key) not in after.disk
