"""The figures of a span of time by service, queue, agent, node, hour, day or week, as the components count them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from callcentre.statistics.parts import LedgerPart, LedgerShape
from callcentre.statistics.questions import Counted, Figure, Group, Question, Selection

if TYPE_CHECKING:
    import sqlalchemy as sa

Row = dict[str, Figure]


def figures(
    shape: LedgerShape, ledger: sa.Connection, question: Question, parts: Iterable[LedgerPart] | None = None
) -> list[Row]:
    """A row for each group in order, all rows with the same figures; lengths are seconds, shares from 0 to 1.

    `parts` are those whose figures are asked for, else all of them. A figure that nothing was counted for is None where
    it would be a division by nothing, else 0.
    """
    (rows,) = figures_of_all(shape, ledger, [question], parts)
    return rows


def figures_of_all(
    shape: LedgerShape, ledger: sa.Connection, questions: Sequence[Question], parts: Iterable[LedgerPart] | None = None
) -> Iterator[list[Row]]:
    """The same for several questions about the same records.

    The first has the smallest groups. Records are read once for it and for those of the others whose groups are made
    of its groups.
    """
    asked = tuple(shape.parts if parts is None else parts)
    tables = [kept for kept in shape.tables if kept.names_agents or any(kept in part.tables for part in asked)]
    first = Selection(ledger, tables, questions[0])
    smallest = [part.figures(first) for part in asked]
    yield _rows(first, smallest)
    for question in questions[1:]:
        selection = Selection(ledger, tables, question)
        larger = _larger(questions[0], question)
        yield _rows(
            selection,
            [
                part.figures(selection) if larger is None or counted.merged is None else counted.merged(larger)
                for part, counted in zip(asked, smallest, strict=True)
            ],
        )


def _larger(small: Question, large: Question) -> Callable[[Group], Group] | None:
    """From a group of one question to that of another which it is part of; None: there is no such group."""
    if large.each_service:
        return None
    if large.by is None:
        return lambda _group: None
    if small.each_service and large.by in ("service", small.by):
        place = 0 if large.by == "service" else 1
        return lambda group: group[place] if isinstance(group, tuple) else group
    return None


def _rows(selection: Selection, found: Iterable[Counted]) -> list[Row]:
    groups: dict[Group, Row] = defaultdict(dict)
    names: Row = {}
    for counted in found:
        for row in (counted.nothing, *counted.groups.values()):
            names |= {name: counted.nothing.get(name, 0) for name in row}
        for group, row in counted.groups.items():
            groups[group] |= row
    titles = selection.titles(groups)
    return [titles[group] | names | groups[group] for group in sorted(groups, key=selection.order)]
