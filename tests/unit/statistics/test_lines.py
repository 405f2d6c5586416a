"""Reading a fact from its line: what is no fact, and the fields that components add."""

from __future__ import annotations

from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcentre.app import ledger_shape
from callcentre.statistics.lines import Count, FactLine, NoFact, Seconds, merged

read = ledger_shape().read


@given(st.binary(max_size=80) | st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.dictionaries(
    st.sampled_from(["event", "at", "id", "wait", "call"]), inner)).map(msgspec.json.encode))  # fmt: skip
def test_reading_a_line_raises_nothing_but_its_own_error(line: bytes) -> None:
    with suppress(NoFact):
        assert isinstance(read(line), FactLine)


@pytest.mark.parametrize(
    "line",
    [
        "", "[]", "null", "{}", '{"event":"x","at":"2026-06-03T09:00:00Z"}', '{"event":"x","at":"2026-06-03","id":1}',
        '{"event":"x","at":"2026-06-03T09:00:00","id":1}', '{"event":"x","at":"2026-06-03T09:00:00Z","id":0}',
        '{"event":"x","at":"2026-06-03T09:00:00Z","id":99999999999999999999}', "[" * 100_000,
        '{"event":"x","at":"2026-06-03T09:00:00Z","id":1,"wait":-1}',
    ],
)  # fmt: skip
def test_a_line_that_is_no_fact_is_recognised(line: str) -> None:
    with pytest.raises(NoFact):
        read(line)


class Lengths(FactLine, frozen=True):
    """A component reads a length."""

    wait: Seconds | None = None


class More(FactLine, frozen=True):
    """Another component reads the same length, and a count."""

    wait: Seconds | None = None
    place: Count | None = None


class Differs(FactLine, frozen=True):
    """A third one takes the length for a count."""

    wait: Count | None = None


def test_one_line_has_the_fields_of_all_components() -> None:
    assert merged([Lengths, More]).__struct_fields__ == (*FactLine.__struct_fields__, "wait", "place")
    with pytest.raises(TypeError, match=r"Differs\.wait"):
        merged([Lengths, Differs])
