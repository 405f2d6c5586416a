"""The tables of the records: beside the journal, written in the same transaction as their facts."""

from __future__ import annotations

from types import NoneType
from typing import Any, get_args, get_type_hints

from sqlalchemy import Boolean, Column, Float, Index, Integer, Table, Text, text

from callcentre.kernel.schema import metadata
from callcentre.statistics.records import RecordTable

_TYPES = {str: Text, int: Integer, float: Float, bool: Boolean}


def ledger_table(kept: RecordTable) -> Table:
    """The table of a class of records, a column for each field; made once for a name."""
    if kept.name in metadata.tables:
        return metadata.tables[kept.name]
    hints = get_type_hints(kept.record)
    key, *others = kept.record.__struct_fields__
    columns = [_column(name, hints[name], index=True if name == kept.counts_at else None) for name in others]
    first: Column[Any] = Column(key, _TYPES[hints[key]], primary_key=True, autoincrement=False)
    table = Table(kept.name, metadata, first, *columns)
    if "open" in others:
        # Only those that may still change are read at the start: few of many.
        Index(f"ix_{kept.name}_open", table.c[key], sqlite_where=text("open"))
    return table


def _column(name: str, hint: Any, *, index: bool | None) -> Column[Any]:
    kinds = get_args(hint) or (hint,)
    (kind,) = (each for each in kinds if each is not NoneType)
    return Column(name, _TYPES[kind], nullable=NoneType in kinds, index=index)
