"""The database is locked, full, read-only, damaged or of another version: callers pass by, and no promise is lost."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from callcentre.kernel import migrations
from tests.acceptance.conftest import StartDaemon
from tests.acceptance.faults.after import all_is_well, is_whole, reaches_the_queue, says
from tests.acceptance.scene import SALES, calls_in, complains, joined, together
from tests.cast import AINO, LIISA, MATTI
from tests.integration.kernel.earlier import database_of_schema_0012
from tests.testbed import mounts
from tests.testbed.callbacks import open_callbacks, request_callback, rules
from tests.testbed.daemon import Daemon
from tests.testbed.databases import of_a_file
from tests.testbed.pbx import SUPPORT_NUMBER, Pbx
from tests.testbed.phones import PhoneNetwork
from tests.testbed.process import NO_ORPHAN

RULES = rules(offer={"max_open": "1"}, callback={"confirm_by_sms": None})
"""With one callback open nobody else is offered one."""

LOCKS = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""


pytestmark = of_a_file

NEEDS_MOUNTS = pytest.mark.skipif(not mounts.possible(), reason="the system permits no mounts to this user")


def contents_of(database: Path) -> list[str]:
    """All tables and rows, as statements that make them."""
    with closing(sqlite3.connect(database)) as connection:
        return list(connection.iterdump())


def tables_of(database: Path) -> set[str]:
    with closing(sqlite3.connect(database)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def database_of(daemon: Daemon) -> Path:
    return daemon.file.with_name("callcentre.db")


@pytest.mark.fault("Store: locked by another process")
async def test_a_database_that_another_program_locks_is_said_and_callers_pass_by(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx
) -> None:
    daemon = await start_daemon(RULES)
    promised = await request_callback(daemon, AINO)
    await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    other = await asyncio.create_subprocess_exec(
        *NO_ORPHAN, sys.executable, "-c", LOCKS, str(database_of(daemon)),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert other.stdin is not None
    assert other.stdout is not None
    try:
        assert await other.stdout.readline() == b"locked\n"
        await reaches_the_queue(network, pbx, LIISA, place=2)
        await says(daemon, "the database cannot be written: database is locked")
        await complains(daemon, "another program holds it locked; end that (`fuser ")
    finally:
        other.stdin.close()
        await other.wait()
    await all_is_well(daemon, network, pbx, MATTI, LIISA)
    assert list(await open_callbacks(daemon)) == [promised]


@NEEDS_MOUNTS
@pytest.mark.fault("Store: disk full")
async def test_on_a_full_disk_nothing_is_promised_and_with_space_again_it_goes_on(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx, tmp_path: Path
) -> None:
    daemon = await start_daemon(RULES)
    await daemon.kill()
    daemon.facts.clear()  # They are those of another database.
    disk = tmp_path / "disk"
    disk.mkdir()
    settings = daemon.file.read_text(encoding="utf-8")
    daemon.file.write_text(settings.replace("sqlite:///callcentre.db", f"sqlite:///{disk}/callcentre.db"), "utf-8")
    daemon.process.argv = [*mounts.small(disk, "4m"), *daemon.process.argv]
    await daemon.start()
    database = mounts.seen_by(daemon.process.pid, disk / "callcentre.db")
    promised = await request_callback(daemon, AINO)
    await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    filler = database.with_name("filler")
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass
    # What is on the disk already takes a little more.
    await reaches_the_queue(network, pbx, LIISA, place=2)
    await says(daemon, "the database cannot be written")
    await complains(daemon, "no space is left on its disk; free some, nothing else has to be done")
    filler.unlink()
    await all_is_well(daemon, network, pbx, MATTI, LIISA, elsewhere=True)
    daemon.freeze()
    for end in ("", "-wal"):
        shutil.copy(database.with_name(f"callcentre.db{end}"), tmp_path)
    daemon.thaw()
    is_whole(daemon, tmp_path / "callcentre.db")
    assert list(await open_callbacks(daemon)) == [promised]


@pytest.mark.fault("Store: corrupt")
async def test_a_database_that_is_damaged_while_it_is_used_is_said_and_callers_pass_by(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx
) -> None:
    daemon = await start_daemon(RULES)
    promised = await request_callback(daemon, AINO)
    await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    database = database_of(daemon)
    backup = database.with_name("backup.db")
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(backup)) as target:
        source.backup(target)
        source.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with database.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))
    await reaches_the_queue(network, pbx, LIISA, place=2)
    await says(daemon, "the database cannot be written")
    await complains(daemon, "the file is damaged; stop the daemon, move")
    await daemon.kill()
    for end in ("", "-wal", "-shm"):
        database.with_name(f"callcentre.db{end}").unlink(missing_ok=True)
    backup.rename(database)
    await daemon.start()
    await all_is_well(daemon, network, pbx, MATTI, LIISA, killed=True)
    assert list(await open_callbacks(daemon)) == [promised]


# --- at the start ---------------------------------------------------------------------------------

Undo = Callable[[], None]


def is_read_only(daemon: Daemon) -> Undo:
    """Its folder is mounted read-only, as a file system with errors is."""
    before = daemon.process.argv
    daemon.process.argv = [*mounts.read_only(daemon.file.parent), *before]

    def undo() -> None:
        daemon.process.argv = before

    return undo


def is_corrupt(daemon: Daemon) -> Undo:
    database = database_of(daemon)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    good = database.read_bytes()
    database.write_bytes(good[:4096] + b"\xa5" * (len(good) - 4096))

    def undo() -> None:
        database.write_bytes(good)

    return undo


def is_newer(daemon: Daemon) -> Undo:
    database = database_of(daemon)

    def write(version: str) -> None:
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.execute("UPDATE alembic_version SET version_num = ?", [version])

    write("r9999")
    return lambda: write(migrations.HEAD)


@pytest.mark.parametrize(
    ("break_it", "words", "fix"),
    [
        pytest.param(
            is_read_only, "its file system is mounted read-only", "see why (`dmesg`",
            marks=(pytest.mark.fault("Store: read-only"), NEEDS_MOUNTS),
        ),
        pytest.param(
            is_corrupt, "the file is damaged", "stop the daemon, move", marks=pytest.mark.fault("Store: corrupt")
        ),
        pytest.param(
            is_newer, "written by a newer version of callcentre (schema r9999)", "install that version again",
            marks=pytest.mark.fault("Store: older program on a newer schema"),
        ),
    ],
)  # fmt: skip
async def test_a_daemon_that_cannot_use_its_database_says_what_to_do_and_touches_nothing(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx,
    break_it: Callable[[Daemon], Undo], words: str, fix: str,
) -> None:  # fmt: skip
    daemon = await start_daemon(RULES)
    promised = await request_callback(daemon, AINO)
    await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    await daemon.kill()
    undo = break_it(daemon)
    before = database_of(daemon).read_bytes()
    await daemon.start(ready=False)
    assert await daemon.process.wait(within=15) == 1
    said = daemon.process.errors.read_text(encoding="utf-8").splitlines()[-1]
    assert str(database_of(daemon)) in said
    assert words in said
    assert fix in said
    await reaches_the_queue(network, pbx, LIISA, place=2)
    assert database_of(daemon).read_bytes() == before
    undo()
    await daemon.start()
    await all_is_well(daemon, network, pbx, MATTI, LIISA, killed=True)
    assert list(await open_callbacks(daemon)) == [promised]


@pytest.mark.fault("Store: failed migration")
async def test_an_upgrade_that_fails_in_the_middle_leaves_the_database_of_before(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx
) -> None:
    daemon = await start_daemon(together(RULES, SALES))
    await daemon.kill()
    database = database_of(daemon)
    now = tables_of(database)
    for end in ("", "-wal", "-shm"):
        database.with_name(f"callcentre.db{end}").unlink(missing_ok=True)
    database_of_schema_0012(database)
    # A table that a later step makes is there already, as after a restore over a newer database.
    obstacle = max(now - tables_of(database))
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(f"CREATE TABLE {obstacle} (anything)")
    before = contents_of(database)
    await daemon.start(ready=False)
    assert await daemon.process.wait(within=15) == 1
    said = daemon.process.errors.read_text(encoding="utf-8").splitlines()[-1]
    assert f"table {obstacle} already exists" in said
    assert "its tables are not those of this version; stop the daemon, move" in said
    await reaches_the_queue(network, pbx, LIISA, place=1)
    assert contents_of(database) == before
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(f"DROP TABLE {obstacle}")
    await daemon.start()
    await joined(daemon, LIISA)
    assert "cb-waiting" in await open_callbacks(daemon)
    is_whole(daemon)
