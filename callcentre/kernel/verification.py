"""Looks for what is wrong in the database: in its file, its tables, and each row. Reads one moment and writes nothing.

Each check yields its differences as it finds them, and memory does not grow with the rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from callcentre.kernel import migrations, schema
from callcentre.kernel.component import Components, Performs
from callcentre.kernel.database import Database
from callcentre.kernel.dispatch import Dispatcher
from callcentre.kernel.effect import Effect
from callcentre.kernel.records import Records
from callcentre.kernel.stored import Converted, stored_rows

MOST: Final = 100
"""Differences of a check that are reported one by one."""

UNREADABLE: Final = (sa.exc.SQLAlchemyError, msgspec.MsgspecError, ValueError, TypeError, OverflowError)
"""What reading and converting a row raises that is not what this version writes."""


class Difference(msgspec.Struct, frozen=True):
    """Something that is not as it should be. `where` is a table and a key, or a file."""

    what: str
    where: str
    expected: str
    found: str


Differences = Iterator[Difference]


def verify(connection: sa.Connection, database: Database, components: Components) -> Differences:
    """The differences of the file, the schema and the rows. `connection` is that of `read_only`.

    Where the schema is of another version, nothing else is compared.
    """
    if database.path is not None:
        yield from guarded(connection, "integrity", str(database), _sound_file(connection, database))
    else:
        yield from guarded(connection, "integrity", str(database), _sound_indexes(connection))
    different = list(guarded(connection, "schema", str(database), _schema(connection)))
    yield from different
    if not different:
        yield from _rows(connection, components)


def guarded(connection: sa.Connection, what: str, where: str, check: Differences) -> Differences:
    """The first differences of a check, and how many more there are; a check that cannot go on is one itself."""
    try:
        # PostgreSQL refuses everything in a transaction after an error, but not after a return to this point.
        with connection.begin_nested():
            yield from islice(check, MOST)
            more = sum(1 for _ in check)
    except UNREADABLE as error:
        yield Difference(what, where, "readable", explained(error))
    else:
        if more:
            yield Difference(what, where, "", f"{more} more of these")


def explained(error: BaseException) -> str:
    """An error in one line."""
    return " ".join(str(getattr(error, "orig", None) or error).split()) or type(error).__name__


# --- the file --------------------------------------------------------------------------------------


def _sound_file(connection: sa.Connection, database: Database) -> Differences:
    """SQLite's own checks, https://sqlite.org/pragma.html."""
    for (found,) in connection.exec_driver_sql("PRAGMA integrity_check"):
        if found != "ok":
            yield Difference("integrity", str(database), "ok", " ".join(found.split()))
    for table, row, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield Difference("foreign key", f"{table} {row}", f"a row of {parent}", "none")


_AMCHECK: Final = "bt_index_check(regclass)"


def _sound_indexes(connection: sa.Connection) -> Differences:
    """PostgreSQL's amcheck, where it is installed and this user may use it. Reading all rows checks the tables."""
    usable = sa.text("SELECT coalesce(has_function_privilege(to_regprocedure(:function), 'EXECUTE'), false)")
    if not connection.execute(usable, {"function": _AMCHECK}).scalar_one():
        return
    for table in schema.metadata.sorted_tables:
        for index in (f"{table.name}_pkey", *(str(each.name) for each in table.indexes)):
            try:
                with connection.begin_nested():
                    connection.execute(sa.text("SELECT bt_index_check(CAST(:index AS regclass))"), {"index": index})
            except sa.exc.SQLAlchemyError as error:
                yield Difference("integrity", index, "ok", explained(error))


# --- the schema ------------------------------------------------------------------------------------


def _schema(connection: sa.Connection) -> Differences:
    found = migrations.revision(connection)
    if found != migrations.HEAD:
        yield Difference("schema", "alembic_version", migrations.HEAD, str(found))
        return
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    for each in compare_metadata(MigrationContext.configure(connection), schema.metadata):
        for operation in each if isinstance(each, list) else [each]:
            yield _of_operation(operation)


def _of_operation(operation: tuple[Any, ...]) -> Difference:
    """From what Alembic would do: add or remove something, or modify a column."""
    name, *rest = operation
    if name.startswith("modify_"):
        _, table, column, _, found, expected = rest
        return Difference("schema", f"{table} {column}", f"{name[7:]} {expected}", str(found))
    thing = rest[-1]
    owner = getattr(thing, "table", None)
    where = str(thing.name) if owner is None else f"{owner.name} {thing.name}"
    kind = name.partition("_")[2]
    return (
        Difference("schema", where, kind, "none")
        if name.startswith("add_")
        else Difference("schema", where, "none", kind)
    )


# --- the rows --------------------------------------------------------------------------------------


def _rows(connection: sa.Connection, components: Components) -> Differences:
    dispatcher = Dispatcher(components)
    kept = [(each.table, each.record) for each in dispatcher.collections if each.table is not None]
    kept += [(each.table, each.record) for each in components.of(Records)]
    for table, record in kept:
        yield from guarded(connection, "record", table.name, _records(connection, table, record))
    yield from guarded(connection, "timer", "timers", _timers(connection, dispatcher))
    effects = [each.effect for each in components.of(Performs)]
    yield from guarded(connection, "effect", "outbox", _effects(connection, effects))
    yield from guarded(connection, "value", "meta", _values(connection))


def _each(table: sa.Table, connection: sa.Connection) -> Iterator[tuple[str, Mapping[str, Any] | BaseException]]:
    """Where each row is, and the row, or why it cannot be converted."""
    converted = Converted(table, connection.dialect)
    keys = [place for place, column in enumerate(table.columns) if column.primary_key]
    for some in stored_rows(table, connection):
        for row in some:
            where = " ".join([table.name, *(str(row[place]) for place in keys)])
            try:
                yield where, converted(row)
            except UNREADABLE as error:
                yield where, error


def _records(connection: sa.Connection, table: sa.Table, record: type[Any]) -> Differences:
    key = list(table.primary_key)[-1].name
    for where, row in _each(table, connection):
        if not isinstance(row, Mapping):
            yield Difference("record", where, record.__name__, explained(row))
            continue
        try:
            found = schema.record_of(row, record)
        except UNREADABLE as error:
            yield Difference("record", where, record.__name__, explained(error))
            continue
        if found.key != row[key]:
            yield Difference("record", where, f"the key {found.key}", f"{row[key]}")


def _timers(connection: sa.Connection, dispatcher: Dispatcher) -> Differences:
    for where, row in _each(schema.timers, connection):
        if not isinstance(row, Mapping):
            yield Difference("timer", where, "a time", explained(row))
        elif not dispatcher.has_timer(row["key"]):
            yield Difference("timer", where, "a timer of a component", "of none")


class _Named(msgspec.Struct):
    """The name in a stored effect."""

    effect: str


def _effects(connection: sa.Connection, effects: Iterable[type[Effect]]) -> Differences:
    kinds = {kind.__struct_config__.tag: kind for kind in effects}
    for where, row in _each(schema.outbox, connection):
        try:
            if not isinstance(row, Mapping):
                raise row
            kind = kinds.get(msgspec.json.decode(row["effect"], type=_Named).effect)
            if kind is None:
                yield Difference("effect", where, "an effect of a component", "of none")
            else:
                msgspec.json.decode(row["effect"], type=kind)
        except UNREADABLE as error:
            yield Difference("effect", where, "an effect", explained(error))


def _values(connection: sa.Connection) -> Differences:
    for where, row in _each(schema.meta, connection):
        if not isinstance(row, Mapping):
            yield Difference("value", where, "a value", explained(row))
