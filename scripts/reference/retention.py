"""How long each table keeps its rows, and what is in memory only."""

from __future__ import annotations

import inspect

from callcentre.kernel.collection import Collection
from callcentre.kernel.retention.model import Retention
from scripts.reference.markdown import code, table
from scripts.reference.program import declared


def every_retention() -> str:
    """A table of all tables of the database, in the order of the components."""
    rows = [(code(each.table.name), each.holds, each.keeps, each.why) for each in declared(Retention)]
    return table(("table", "holds", "kept", "for"), rows)


def every_memory() -> str:
    """A list of what components keep in memory only."""
    kinds = [each.record for each in declared(Collection) if each.table is None]
    return "\n".join(f"- {' '.join((inspect.getdoc(kind) or '').partition(chr(10) * 2)[0].split())}" for kind in kinds)
