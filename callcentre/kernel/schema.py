"""The engine's own tables, and the column types that features share.

The table of a component's records is derived from their class (`table_of`), on the same `metadata`. Migrations make
the schema of a running database; a test compares the two.

Several daemons may share a database. The rows of one daemon are in tables whose key begins with the column `node`, its
name. A table without that column belongs to all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    bindparam,
    false,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import TypeDecorator, TypeEngine

from callcentre.kernel.decision import Record
from callcentre.kernel.fact import Fact

R = TypeVar("R", bound=Record)

metadata = MetaData()

OF_PROGRAM: Final = "of_program"
"""The key in the `info` of a table that says whether its rows are the program's own (`ownership.py`)."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware moment, stored as microseconds since 1970 UTC, which can be sorted and does not depend on a timezone."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: ARG002
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else _EPOCH + timedelta(microseconds=value)


class Hash(TypeDecorator[str]):
    """A hash in hexadecimal digits, stored as its bytes: half as many. Raises `ValueError` for any other text."""

    impl = LargeBinary
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], bytes | None]:  # noqa: ARG002
        # Instead of that of LargeBinary, which wraps the bytes.
        return lambda value: None if value is None else bytes.fromhex(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else bytes(value).hex()


class Nested(TypeDecorator[Any]):
    """A value with fields of its own, stored as JSON. Times in it are ISO 8601."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else msgspec.json.encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        return None if value is None else msgspec.json.decode(value)


Whole: Final = BigInteger().with_variant(Integer, "sqlite")
"""A whole number of 64 bits. SQLite has no others."""

_COLUMN_TYPES: Final[dict[type[Any], TypeEngine[Any] | type[TypeEngine[Any]] | type[TypeDecorator[Any]]]] = {
    str: Text, int: Whole, float: Float, bool: Boolean, datetime: Instant,
}  # fmt: skip


def table_of_node(name: str, *columns: SchemaItem, of_program: bool = False) -> Table:
    """A table of rows that each belong to one daemon: its key is the daemon's name before the other key columns.

    SQLite keeps such rows in the order of their keys, and not under numbers of its own beside them. `of_program`: no
    organisation owns them (`ownership.py`).
    """
    key, info = Column("node", Text, primary_key=True), {OF_PROGRAM: of_program}
    return Table(name, metadata, key, *columns, sqlite_with_rowid=False, info=info)


def belongs_to_node(table: Table) -> bool:
    """Whether each row of a table belongs to one daemon."""
    return "node" in table.c


def table_of(
    record: type[Record], name: str, key: str | None = None, indexes: Collection[str] = (), *, shared: bool = False
) -> Table:
    """The table of a class of records: a column for each field, some with an index. It is made once for each name.

    `shared`: the rows belong to all daemons that share the database; otherwise each belongs to one of them.

    Texts, numbers, booleans, times and enumerations have a type of their own. Tuples and mappings are JSON. A value
    with fields of its own is `Nested`. `X | None` may be null. `key` names the field that is the record's key; without
    it, and without a field `key`, there is a column `key`.

    A union of states that the class names in `flat` has a column for its tag, which has the name of the field, and one
    for each field of a state. In the other states that is null, or the default of the field.
    """
    if name in metadata.tables:
        return metadata.tables[name]
    hints = get_type_hints(record)
    if key is None and "key" in hints:
        key = "key"
    columns = [] if key is not None else [Column("key", Text, primary_key=True)]
    flat = _flat(record)
    for field in record.__struct_fields__:
        if field in flat:
            columns.append(Column(field, Text, nullable=False))
            columns.extend(_state_columns(flat[field]))
            continue
        kinds = [each for each in _kinds(hints[field]) if each is not NoneType]
        is_key = field == key
        nullable = len(kinds) < len(_kinds(hints[field]))
        index = True if field in indexes else None
        kind = _column_type(kinds)
        columns.append(Column(field, kind, primary_key=is_key, nullable=nullable and not is_key, index=index))
    of_program: bool = getattr(record, "of_program", False)
    if shared:
        return Table(name, metadata, *columns, info={OF_PROGRAM: of_program})
    return table_of_node(name, *columns, of_program=of_program)


@cache
def _flat(record: type[Any]) -> Mapping[str, Mapping[str, msgspec.structs.FieldInfo]]:
    """The fields of the states of each field that is stored flat, by name."""
    names: Collection[str] = getattr(record, "flat", ())
    hints = get_type_hints(record) if names else {}
    return {
        name: {each.name: each for state in _kinds(hints[name]) for each in msgspec.structs.fields(state)}
        for name in names
    }


def _state_columns(known: Mapping[str, msgspec.structs.FieldInfo]) -> Iterator[Column[Any]]:
    for name, field in known.items():
        kinds = [each for each in _kinds(field.type) if each is not NoneType]
        yield Column(name, _column_type(kinds), nullable=_default(field) is None)


def _default(field: msgspec.structs.FieldInfo) -> Any:
    return None if field.default is msgspec.NODEFAULT else field.default


def row_of(record: Record) -> dict[str, Any]:
    """The columns of a record, without that of a key that is not a field."""
    row: dict[str, Any] = msgspec.to_builtins(record, builtin_types=(datetime,))
    for name, known in _flat(type(record)).items():
        row |= {each: _default(field) for each, field in known.items()} | row.pop(name)
    return row


def record_of(row: Mapping[str, Any], record: type[R]) -> R:
    """The record of a row. Raises `msgspec.ValidationError`."""
    flat = _flat(record)
    known = {field: row[field] for field in record.__struct_fields__}
    for name, of_states in flat.items():
        known[name] = {each: row[each] for each in (name, *of_states)}
    return msgspec.convert(known, record, strict=False)


def _kinds(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in {Union, UnionType} else (hint,)


def _column_type(kinds: list[Any]) -> Any:
    if len(kinds) > 1:
        return Nested
    (kind,) = kinds
    if get_origin(kind) is not None:
        return JSON
    if issubclass(kind, Enum):
        return Text
    return _COLUMN_TYPES.get(kind, JSON if kind in (tuple, dict) else Nested)


LEAD_TO_CALLER: Final = (
    "callback.accepted",
    "callback.dialled",
    "number.opted_in",
    "number.opted_out",
    "number.shown",
    "queue.joined",
    "queue.left",
    "sms.received",
)
"""Facts by which everything about a person is found: at least one of each call, callback and received text.

An index of all facts by person would make each of them a fifth dearer to write.
"""

_LEADS_TO_CALLER: Final = text(f"event IN ({', '.join(repr(name) for name in LEAD_TO_CALLER)})")
_HAS_MESSAGE: Final = text("message IS NOT NULL")
_IS_RECEIVED: Final = text("event = 'sms.received'")

# A column for each field that all facts may have. `further` has the other fields as a JSON object, in the order of the
# log; in a row from before revision 0020 it is the whole line of the log, and of the columns only call and callback are
# set. `callcentre.kernel.journal` makes the line of a row.
journal = table_of_node(
    "journal",
    Column("id", Whole, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("event", Text, nullable=False),
    Column("further", Text, nullable=False),
    *(Column(name, Hash if name == "caller" else Text) for name in Fact.__struct_fields__),
    Index("ix_journal_call", "call"),
    # Few facts are about a callback.
    Index(
        "ix_journal_callback",
        "callback",
        sqlite_where=text("callback IS NOT NULL"),
        postgresql_where=text("callback IS NOT NULL"),
    ),
    Index("ix_journal_message", "message", sqlite_where=_HAS_MESSAGE, postgresql_where=_HAS_MESSAGE),
    Index("ix_journal_caller", "caller", "at", sqlite_where=_LEADS_TO_CALLER, postgresql_where=_LEADS_TO_CALLER),
    Index("ix_journal_received", "at", sqlite_where=_IS_RECEIVED, postgresql_where=_IS_RECEIVED),
    # Acts of users, which are few.
    Index(
        "ix_journal_user",
        "user",
        sqlite_where=text('"user" IS NOT NULL'),
        postgresql_where=text('"user" IS NOT NULL'),
    ),
)


def leads_to_caller() -> ColumnElement[bool]:
    """The condition of the index by person, as a database recognises it: the names are in the statement's text."""
    return journal.c.event.in_([bindparam(None, name, Text, literal_execute=True) for name in LEAD_TO_CALLER])


outbox = table_of_node(
    "outbox",
    Column("id", Whole, primary_key=True, autoincrement=False),
    Column("effect", Text, nullable=False),
    of_program=True,
)

timers = table_of_node(
    "timers",
    Column("key", Text, primary_key=True),
    Column("due", Instant, nullable=False),
    Column("wall", Boolean, nullable=False, server_default=false()),
    of_program=True,
)

SHARED: Final = ""
"""In place of the name of a daemon: the single values of all daemons."""

# Single values: the position of the log, the number of the last commit; and for all daemons, the secret for hashing
# numbers.
meta = table_of_node(
    "meta",
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
    of_program=True,
)
