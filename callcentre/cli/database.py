"""The commands about the database: its schema, whether it is sound, a backup, another place."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from callcentre.terminal import CONFIG, FORMAT, LOW_PRIORITY, Command, Group, Typed, configuration, fail, say, show

if TYPE_CHECKING:
    from callcentre.kernel.component import Components
    from callcentre.kernel.database import Database
    from callcentre.kernel.verification import Difference


def _url(text: str) -> str:
    from callcentre.config.addresses import STORE_URL

    return STORE_URL.typed(text)


@click.group(cls=Group, epilog="Example:\n  callcentre database backup /var/backups/callcentre.db")
def database() -> None:
    """The database: bring it up to date, look for what is wrong in it, back it up, move it.

    Run these as the daemon's user: files that they make are then the daemon's own.
    """


def _with_tables(path: Path) -> tuple[Database, Components]:
    """The database of a configuration; and all components, whose tables are known from then on."""
    from callcentre.app import components
    from callcentre.kernel.settings import database_of

    known = configuration(path)
    # Nothing is hashed here.
    return database_of(known), components(known.settings, bytes(32))


@contextmanager
def _explained() -> Iterator[None]:
    from callcentre.kernel.errors import StoreError

    try:
        yield
    except StoreError as error:
        raise fail(str(error)) from error


@database.command(cls=Command, epilog="Example:\n  callcentre database upgrade -c /etc/callcentre/config.yaml")
@CONFIG
def upgrade(path: Path) -> None:
    """Bring the schema up to date, or make it, without the daemon.

    The daemon does the same at its start. Refused while the daemon runs. All steps are one transaction: an upgrade that
    fails changes nothing. Back the database up before.
    """
    from callcentre.kernel.exclusive import upgrade as bring_up_to_date
    from callcentre.kernel.settings import database_of

    where = database_of(configuration(path))
    with _explained():
        before, now = bring_up_to_date(where)
    if before == now:
        say(f"{where}: schema {now}, as it was")
    elif before is None:
        say(f"{where}: made, schema {now}")
    else:
        say(f"{where}: from schema {before} to {now}")


@database.command(cls=Command, epilog="Example:\n  callcentre database verify --format json")
@CONFIG
@FORMAT
def verify(path: Path, form: str) -> None:
    """Look for what is wrong in the database, beside a running daemon. Shows each difference; exit code 1 with any.

    Checks the file, the schema, that every row can be read, the numbers of the facts, and that the facts add up to the
    figures, record by record. Takes some minutes for a year of a large call centre.
    """
    from msgspec.structs import asdict

    from callcentre.app import ledger_shape
    from callcentre.kernel.errors import StoreError
    from callcentre.kernel.reading import read_only
    from callcentre.kernel.verification import verify as differences
    from callcentre.statistics.verification import verify_ledger

    where, components = _with_tables(path)
    os.nice(LOW_PRIORITY)
    found: list[Difference] = []
    try:
        with read_only(where) as connection:
            found.extend(differences(connection, where, components))
            if not any(each.what == "schema" for each in found):
                found.extend(verify_ledger(connection, ledger_shape()))
    except StoreError as error:
        # A damaged file refuses the end of the transaction too.
        if not found:
            raise fail(str(error)) from error
    if found or form != "table":
        show([asdict(each) for each in found], ("what", "where", "expected", "found"), form)
    if found:
        raise fail(f"{where}: {len(found)} differences")
    say(f"{where}: nothing is wrong", err=True)


@database.command(
    cls=Command,
    epilog="Example:\n  callcentre database backup /var/backups/callcentre.db --force",
)
@CONFIG
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(path: Path, file: Path, force: bool) -> None:
    """A complete copy of the database as the SQLite FILE, beside a running daemon.

    It has what was stored at one moment, is checked, and only its owner may read it. The daemon does not wait for it.
    For a database of PostgreSQL, the server's own way is pg_dump; FILE is then a SQLite file with the same rows.
    """
    from callcentre.kernel.backup import back_up

    where, _ = _with_tables(path)
    with _explained():
        size = back_up(where, file, replace=force)
    say(f"{file}: a sound copy of {where}, {size:,} bytes")


@database.command(
    cls=Command,
    epilog="Example:\n  callcentre database copy --to postgresql+psycopg://callcentre@db/callcentre",
)
@CONFIG
@FORMAT
@click.option(
    "--to", "url", type=Typed("URL", _url), required=True,
    help="An empty database, as in store.url; a file is relative to the working directory. Leave the password out: the "
    "driver finds it in PGPASSWORD or ~/.pgpass.",
)  # fmt: skip
def copy(path: Path, form: str, url: str) -> None:
    """Copy the database from SQLite to PostgreSQL or back, and prove that both hold the same.

    Refused while a daemon uses either: what it does after the copy would be in one of them only. It is one transaction:
    a copy that fails leaves nothing. Afterwards shows of each table the rows and a sum over all their columns, which
    are the same in both. Then set store.url.
    """
    from callcentre.kernel.copying import copy as copy_database
    from callcentre.kernel.database import Database

    where, _ = _with_tables(path)
    target = Database(url, where.node)
    with _explained():
        tables = copy_database(where, target)
    show([{"table": each.table, "rows": each.rows, "sum": each.sum} for each in tables], ("table", "rows", "sum"), form)
    for each in tables:
        if each.replaced:
            say(
                f"{each.table}: {each.replaced} rows had the character zero, which PostgreSQL refuses; U+FFFD is in "
                "its place",
                err=True,
            )
    say(f"{target}: holds the same as {where}; set store.url to it, and start the daemon", err=True)
