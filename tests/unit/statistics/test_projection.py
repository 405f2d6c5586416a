"""The ledger as the engine keeps it: what it is fed is what a reader of the journal would read."""

from datetime import UTC, datetime, timedelta

from callcentre.app import ledger_shape
from callcentre.kernel.fact import Fact
from callcentre.kernel.journal import stamp
from callcentre.statistics.projection import AsWritten, LedgerProjection
from tests.unit.counted import six_calls

AT = datetime(2026, 6, 3, 9, 0, 0, 123000, tzinfo=UTC)


def facts() -> list[Fact]:
    return six_calls({"services": {"support": {"welcome": None}}}).facts


def test_a_fact_adds_up_as_its_line_in_the_journal_does() -> None:
    shape = ledger_shape()
    as_written = AsWritten(shape)
    for number, fact in enumerate(facts(), 1):
        at = AT + timedelta(seconds=number)
        assert as_written(fact, number, at) == shape.read(stamp(fact, number, at).line)


def test_what_has_changed_is_given_once_and_each_record_as_it_is_last() -> None:
    projection, lines = LedgerProjection(ledger_shape()), LedgerProjection(ledger_shape())
    for number, fact in enumerate(facts(), 1):
        projection.feed(fact, number, AT)
        lines.feed_line(stamp(fact, number, AT).line)
    changed = list(projection.take())
    assert changed == list(lines.take())
    assert all(len({row[0] for row in rows}) == len(rows) for _, rows in changed)
    assert list(projection.take()) == []
