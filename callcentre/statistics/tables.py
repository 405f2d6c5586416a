"""The tables of the records: beside the journal, written in the same transaction as their facts."""

from __future__ import annotations

from types import NoneType
from typing import Any, Final, get_args, get_type_hints

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, Table, Text, true

from callcentre.kernel.schema import journal, metadata
from callcentre.statistics.records import RecordTable

# The numbers of facts and milliseconds since 1970 need more than the 32 bits of PostgreSQL's integer. SQLite's has 64.
_TYPES: Final[dict[type, Any]] = {
    str: Text, int: BigInteger().with_variant(Integer, "sqlite"), float: Float, bool: Boolean,
}  # fmt: skip


def ledger_table(kept: RecordTable) -> Table:
    """The table of a class of records: the node, and a column for each field; made once for a name."""
    if kept.name in metadata.tables:
        return metadata.tables[kept.name]
    hints = get_type_hints(kept.record)
    key, *others = kept.record.__struct_fields__
    columns = [_column(name, hints[name], index=True if name == kept.counts_at else None) for name in others]
    keys: list[Column[Any]] = [Column(key, _TYPES[hints[key]], primary_key=True, autoincrement=False)]
    # As in the tables of the kernel.
    has_node = "node" in journal.c
    if has_node:
        keys.insert(0, Column("node", Text, primary_key=True))
    table = Table(kept.name, metadata, *keys, *columns, sqlite_with_rowid=not has_node)
    if "open" in others:
        # Only those that may still change are read at the start: few of many. SQLite takes this index, and not the key
        # that begins with the node, only when the condition is that of the query and `open` is its column.
        Index(
            f"ix_{kept.name}_open",
            table.c.open if has_node else table.c[key],
            sqlite_where=table.c.open == true(),
            postgresql_where=table.c.open,
        )
    return table


def _column(name: str, hint: Any, *, index: bool | None) -> Column[Any]:
    kinds = get_args(hint) or (hint,)
    (kind,) = (each for each in kinds if each is not NoneType)
    return Column(name, _TYPES[kind], nullable=NoneType in kinds, index=index)
