"""Collections: records with indexes that every change keeps."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from callcentre.kernel.collection import Collection, Index, Ordered
from callcentre.kernel.decision import Record


class Place(Record, frozen=True):
    """Somebody in a queue."""

    key: str
    queue: str | None
    order: int
    phones: tuple[str, ...] = ()


@dataclass
class Places:
    """The collection under test with an index of each kind."""

    def __init__(self) -> None:
        self.all = Collection(Place)
        self.by_queue: Index[str, Place] = self.all.index(lambda place: place.queue)
        self.by_phone: Index[str, Place] = self.all.index_many(lambda place: place.phones)
        self.in_order: Ordered[str, Place, int] = self.all.ordered(lambda place: place.queue, lambda place: place.order)


def place(key: str, queue: str | None = "support", order: int = 0, *phones: str) -> Place:
    return Place(key, queue, order, phones)


def keys(places: list[Place]) -> list[str]:
    return [each.key for each in places]


def test_a_record_is_found_by_its_key_until_it_is_deleted() -> None:
    places = Places()
    places.all.put(place("matti"))
    assert (places.all.get("matti"), places.all.only, len(places.all)) == (place("matti"), place("matti"), 1)
    places.all.delete(place("matti"))
    assert (places.all.get("matti"), places.all.only, "matti" in places.all) == (None, None, False)
    places.all.delete(place("matti"))
    assert places.all.get(None) is None


def test_an_index_follows_a_record_that_changes_its_value() -> None:
    places = Places()
    places.all.put(place("matti"))
    places.all.put(place("liisa"))
    places.all.put(replace(places.all["matti"], queue="sales"))
    assert keys(places.by_queue.all("support")) == ["liisa"]
    assert keys(places.by_queue.all("sales")) == ["matti"]
    places.all.put(replace(places.all["matti"], queue=None))
    assert (places.by_queue.get("sales"), "sales" in places.by_queue) == (None, False)


def test_a_record_may_be_found_by_each_of_several_values() -> None:
    places = Places()
    places.all.put(place("matti", "support", 0, "+358401", "+358402"))
    places.all.put(place("liisa", "support", 0, "+358402"))
    assert keys(places.by_phone.all("+358402")) == ["matti", "liisa"]
    places.all.put(place("matti", "support", 0, "+358401"))
    assert keys(places.by_phone.all("+358402")) == ["liisa"]
    assert places.by_phone.count("+358401") == 1


def test_records_of_a_group_come_in_their_order() -> None:
    places = Places()
    for key, order in (("c", 3), ("a", 1), ("b", 2), ("same", 2)):
        places.all.put(place(key, "support", order))
    assert keys(list(places.in_order.of("support"))) == ["a", "b", "same", "c"]
    assert [places.in_order.before("support", order) for order in (1, 2, 3, 4)] == [0, 1, 3, 4]
    places.all.put(place("c", "support", 0))
    first = places.in_order.first("support")
    assert first is not None
    assert first.key == "c"


def test_records_may_be_deleted_while_their_order_is_read() -> None:
    places = Places()
    for order in range(4):
        places.all.put(place(str(order), "support", order))
    seen = []
    for each in places.in_order.of("support"):
        seen.append(each.key)
        places.all.delete(each)
    assert seen == ["0", "1", "2", "3"]
    assert not places.in_order.groups()


CHANGES = st.lists(
    st.tuples(
        st.booleans(),
        st.builds(
            Place,
            key=st.sampled_from("abcde"),
            queue=st.sampled_from(["support", "sales", None]),
            order=st.integers(0, 3),
            phones=st.lists(st.sampled_from("123"), max_size=3).map(tuple),
        ),
    )
)


@given(CHANGES)
def test_indexes_tell_the_same_as_a_look_at_all_records(changes: list[tuple[bool, Place]]) -> None:
    places, expected = Places(), dict[str, Place]()
    for put, record in changes:
        if put:
            places.all.put(record)
            expected[record.key] = record
        else:
            places.all.delete(record)
            expected.pop(record.key, None)
    assert list(places.all.values()) == list(expected.values())

    for queue in ("support", "sales"):
        of_queue = Counter(record for record in expected.values() if record.queue == queue)
        assert Counter(places.by_queue.all(queue)) == of_queue
        ordered = [(record.order, record.key) for record in places.in_order.of(queue)]
        assert ordered == sorted((record.order, record.key) for record in of_queue)
        assert places.in_order.before(queue, 2) == sum(record.order < 2 for record in of_queue)
    for phone in "123":
        with_phone = Counter(record for record in expected.values() if phone in record.phones)
        assert Counter(places.by_phone.all(phone)) == with_phone
