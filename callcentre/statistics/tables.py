"""The tables of the records: beside the journal, written in the same transaction as their facts."""

from __future__ import annotations

from types import NoneType
from typing import Any, Final, get_args, get_type_hints

from sqlalchemy import Boolean, Column, Float, Index, Table, Text, true

from callcentre.kernel.schema import Whole, metadata, table_of_node
from callcentre.statistics.records import RecordTable

_TYPES: Final[dict[type, Any]] = {str: Text, int: Whole, float: Float, bool: Boolean}


def ledger_table(kept: RecordTable) -> Table:
    """The table of a class of records: the node, and a column for each field; made once for a name."""
    if kept.name in metadata.tables:
        return metadata.tables[kept.name]
    hints = get_type_hints(kept.record)
    key, *others = kept.record.__struct_fields__
    columns = [_column(name, hints[name], index=True if name == kept.counts_at else None) for name in others]
    first = Column(key, _TYPES[hints[key]], primary_key=True, autoincrement=False)
    table = table_of_node(kept.name, first, *columns, of_program=getattr(kept.record, "of_program", False))
    if "open" in others:
        # Only those that may still change are read at the start: few of many. SQLite takes this index, and not the key
        # that begins with the node, only when the condition is that of the query and `open` is its column.
        Index(f"ix_{kept.name}_open", table.c.open, sqlite_where=table.c.open == true(), postgresql_where=table.c.open)
    return table


def _column(name: str, hint: Any, *, index: bool | None) -> Column[Any]:
    kinds = get_args(hint) or (hint,)
    (kind,) = (each for each in kinds if each is not NoneType)
    return Column(name, _TYPES[kind], nullable=NoneType in kinds, index=index)
