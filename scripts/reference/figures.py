"""The figures of `callcentre stats` and the columns of `callcentre export`."""

from __future__ import annotations

from callcentre.statistics.definitions import COLUMNS, FIGURES
from scripts.reference.markdown import code, table


def every_figure() -> str:
    """A table of all figures, in the order of the command's columns."""
    rows = [(", ".join(map(code, each.names)), each.meaning, each.source) for each in FIGURES]
    return table(("figure", "is", "source"), rows)


def every_export() -> str:
    """A table of columns for each kind of export."""
    parts = []
    for kind, columns in COLUMNS.items():
        parts += [f"### {kind}", table(("column", "is"), [(code(name), said) for name, said in columns.items()])]
    return "\n\n".join(parts)
