"""The figures of a span of time by service, queue, agent, node, hour, day or week, as the components count them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from callcentre.statistics.parts import LedgerPart, LedgerShape
from callcentre.statistics.questions import Figure, Group, Question, Selection

if TYPE_CHECKING:
    import sqlalchemy as sa


def figures(
    shape: LedgerShape, ledger: sa.Connection, question: Question, parts: Iterable[LedgerPart] | None = None
) -> list[dict[str, Figure]]:
    """A row for each group in order, all rows with the same figures; lengths are seconds, shares from 0 to 1.

    `parts` are those whose figures are asked for, else all of them.

    A figure that nothing was counted for is None where it would be a division by nothing, else 0.
    """
    selection = Selection(ledger, shape.tables, question)
    groups: dict[Group, dict[str, Figure]] = defaultdict(dict)
    names: dict[str, Figure] = {}
    for part in shape.parts if parts is None else parts:
        counted = part.figures(selection)
        for row in (counted.nothing, *counted.groups.values()):
            names |= {name: counted.nothing.get(name, 0) for name in row}
        for group, row in counted.groups.items():
            groups[group] |= row
    titles = selection.titles(groups)
    return [titles[group] | names | groups[group] for group in sorted(groups, key=selection.order)]
