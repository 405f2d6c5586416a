"""The figures of `callcentre stats` and the columns of `callcentre export`."""

from __future__ import annotations

from callcentre.app import ledger_shape
from scripts.reference.markdown import code, table


def every_figure() -> str:
    """A table of all figures, in the order of the command's columns."""
    rows = [
        (", ".join(map(code, each.names)), each.meaning, each.source)
        for part in ledger_shape().parts
        for each in part.definitions
    ]
    return table(("figure", "is", "source"), rows)


def every_export() -> str:
    """A table of columns for each kind of export."""
    parts = []
    for export in (each for part in ledger_shape().parts for each in part.exports):
        rows = [(code(name), meaning) for name, meaning in export.meanings.items()]
        parts += [f"### {export.name}", table(("column", "is"), rows)]
    return "\n\n".join(parts)
