"""A row of the journal has everything that the line of its fact has in the log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from callcentre.kernel.fact import Fact
from callcentre.kernel.journal import line_of, stamp
from callcentre.kernel.schema import journal
from callcentre.telephony.facts import CallEnded, QueueJoined
from tests.unit.rehearsal import settings
from tests.unit.world import World, components

AT = datetime(2026, 6, 3, 9, 0, 0, 120_000, tzinfo=UTC)
AWKWARD = 'a "b",\\"service":"c","queue":"é•\u2028'
"""A text that looks like the end of a text and further fields."""


class Deep(Fact, frozen=True, tag="deep"):
    """A fact with fields that have the names of fields of all facts."""

    parts: Mapping[str, Any]


def row_of(fact: Fact, at: datetime = AT) -> dict[str, Any]:
    return dict(zip(journal.c.keys(), ("main", *stamp(fact, 7, at).row), strict=True))


def every_class(base: type[Fact] = Fact) -> Iterator[type[Fact]]:
    for kind in base.__subclasses__():
        if kind.__struct_config__.tag and kind.__module__.startswith("callcentre."):
            yield kind
        yield from every_class(kind)


components(World(settings=settings(), key=b"k" * 32))
CLASSES = {str(kind.__struct_config__.tag): kind for kind in every_class()}


def with_texts(kind: type[Fact], text: str) -> Fact:
    """A fact with all its fields."""
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        is_text = "str" in str(field.type)
        values[field.name] = text if is_text else 2.5 if "float" in str(field.type) else 3
    return kind(**values)


@pytest.mark.parametrize("name", sorted(CLASSES))
@pytest.mark.parametrize("text", ["x", AWKWARD])
def test_the_line_of_a_row_is_that_of_the_log(name: str, text: str) -> None:
    fact = with_texts(CLASSES[name], text)
    line = line_of(row_of(fact))
    assert line == stamp(fact, 7, AT).line
    stamped = {"event": name, "at": "2026-06-03T09:00:00.120Z", "id": 7, "node": "main"}
    assert msgspec.json.decode(line) == stamped | fact.fields()


@pytest.mark.parametrize(
    ("fact", "further"),
    [
        (QueueJoined(position=1, waiting=2), '{"position":1,"waiting":2}'),
        (CallEnded(wait=1.0, talk=0.0, call="1.1"), '{"wait":1.0,"talk":0.0}'),
        (CallEnded(wait=1.0, talk=0.0, by="x"), '{"wait":1.0,"talk":0.0}'),
        (Deep(parts={"by": 1, "service": "x"}), '{"parts":{"by":1,"service":"x"}}'),
        (Deep(parts={"by": 1, "service": "x"}, service="s"), '{"parts":{"by":1,"service":"x"}}'),
        (Fact(service="s", reason=AWKWARD), "{}"),
        (Fact(), "{}"),
    ],
)
def test_fields_of_all_facts_have_columns_and_the_others_are_json(fact: Fact, further: str) -> None:
    row = row_of(fact)
    assert row["further"] == further
    assert {name: row[name] for name in Fact.__struct_fields__} == {
        name: getattr(fact, name) for name in Fact.__struct_fields__
    }
    assert line_of(row) == stamp(fact, 7, AT).line


@pytest.mark.parametrize(
    ("microsecond", "written"), [(0, ".000Z"), (999, ".000Z"), (1000, ".001Z"), (123_999, ".123Z"), (999_999, ".999Z")]
)
def test_times_are_cut_to_milliseconds(microsecond: int, written: str) -> None:
    at = AT.replace(microsecond=microsecond)
    line = stamp(CallEnded(wait=0.0, talk=0.0), 7, at).line
    assert msgspec.json.decode(line)["at"] == f"2026-06-03T09:00:00{written}"
    assert line_of(row_of(CallEnded(wait=0.0, talk=0.0), at)) == line


def test_a_row_of_an_earlier_version_is_its_line() -> None:
    line = '{"event":"queue.joined","at":"2026-06-03T09:00:00.120Z","id":7,"position":1,"call":"1.1"}'
    row = dict.fromkeys(journal.c.keys()) | {
        "node": "helsinki", "id": 7, "at": AT, "event": "queue.joined", "call": "1.1", "further": line
    }  # fmt: skip
    assert line_of(row).decode() == line.replace('"id":7', '"id":7,"node":"helsinki"')
