"""Files that are readable by others, away, replaced, damaged or monstrous: the daemon says so, and calls do not wait.

No telephone is needed: these daemons never find their Asterisk.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from tests.acceptance.scene import ran
from tests.cast import LIISA, MATTI
from tests.testbed.alone import alone, http_port, request_callback, restarted
from tests.testbed.configuration import TOKEN
from tests.testbed.daemon import Daemon
from tests.testbed.databases import of_a_file
from tests.testbed.waiting import until

CONSOLE = {"gateway": "console"}


@pytest.fixture
def port() -> Iterator[int]:
    with http_port() as port:
        yield port


@pytest_asyncio.fixture(loop_scope="session")
async def daemon(tmp_path: Path, port: int) -> AsyncIterator[Daemon]:
    async with alone(tmp_path, port, CONSOLE, changes={"log": {"file": "facts.jsonl"}}) as daemon:
        yield daemon


def database(daemon: Daemon) -> Path:
    return daemon.file.parent / "callcentre.db"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def says(daemon: Daemon, words: str) -> None:
    """Wait until /health is not ready and says these words."""
    await until(lambda: _tells(daemon, words), within=10, awaited=f"/health with {words!r}", seen=daemon.last_words)


async def well(daemon: Daemon) -> None:
    """Wait until /health complains of nothing but the Asterisk that is not there."""
    await until(lambda: _is_well(daemon), within=10, awaited="no complaint of the database", seen=daemon.last_words)


async def _tells(daemon: Daemon, words: str) -> bool:
    status, body = await daemon.health(TOKEN)
    return status == 503 and words in body


async def _is_well(daemon: Daemon) -> bool:
    status, body = await daemon.health(TOKEN)
    return status == 503 and "database" not in body


async def comes(daemon: Daemon, look: Callable[[], bool], awaited: str, *, within: float = 10) -> None:
    async def looked() -> bool:
        return look()

    await until(looked, within=within, awaited=awaited, seen=daemon.last_words)


async def logged(daemon: Daemon, words: str) -> None:
    await comes(daemon, lambda: words in daemon.process.errors.read_text(), repr(words))


async def ends(daemon: Daemon) -> str:
    """Wait until it has ended by itself; what it said."""
    await comes(daemon, lambda: not daemon.process.running, "the end")
    return daemon.process.errors.read_text()


async def asked(daemon: Daemon, number: str) -> int:
    """The status of the answer to a request for a callback."""
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as session,
        session.post(f"{daemon.url}/api/callbacks", json={"number": number, "service": "support"}) as response,
    ):
        return response.status


async def open_callbacks(daemon: Daemon) -> int:
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as session,
        session.get(f"{daemon.url}/api/callbacks") as response,
    ):
        return len(await response.json())


# --- who may read them ---------------------------------------------------------------------------


@of_a_file
async def test_nobody_else_may_read_what_the_daemon_writes_whatever_the_umask(tmp_path: Path, port: int) -> None:
    before = os.umask(0)
    try:
        async with alone(tmp_path, port, CONSOLE, changes={"log": {"file": "facts.jsonl"}}) as daemon:
            await request_callback(daemon, MATTI)
            ours = [database(daemon).with_name(f"callcentre.db{end}") for end in ("", "-wal", "-shm", ".lock")]
            log = tmp_path / "facts.jsonl"
            assert {path.name: mode(path) for path in (*ours, log)} == dict.fromkeys(
                [path.name for path in (*ours, log)], 0o600
            )
            await daemon.kill()
            for path in (*ours, log):
                path.chmod(0o666)
            await daemon.start(ready=False)
            await daemon.unready()
            # The group of the log is the administrator's affair.
            assert [mode(path) for path in (*ours, log)] == [0o600, 0o600, 0o600, 0o600, 0o660]
    finally:
        os.umask(before)


async def test_a_log_that_logrotate_made_keeps_its_rights(daemon: Daemon) -> None:
    log = daemon.file.parent / "facts.jsonl"
    log.rename(log.with_suffix(".1"))
    log.touch()
    log.chmod(0o644)
    daemon.reload()
    await logged(daemon, "config.read")
    await request_callback(daemon, MATTI)
    await comes(daemon, lambda: "callback.accepted" in log.read_text(), "a fact")
    assert mode(log) == 0o644


# --- the database goes away ----------------------------------------------------------------------


@of_a_file
async def test_a_text_from_a_phone_is_refused_while_the_database_is_gone_so_that_the_gateway_brings_it_again(
    tmp_path: Path, port: int
) -> None:
    url = f"http://127.0.0.1:{port}/hooks/kannel/dlr"
    kannel = {"url": "http://127.0.0.1:1/", "username": "x", "password": "y", "report_url": url}
    text = {"token": TOKEN, "id": "one", "from": MATTI, "to": "12345", "text": "STOP"}

    async def brought(daemon: Daemon) -> int:
        async with (
            aiohttp.ClientSession() as session, session.get(f"{daemon.url}/hooks/kannel/mo", params=text) as response,
        ):  # fmt: skip
            return response.status

    async with alone(tmp_path, port, {"gateway": "kannel", "kannel": kannel}) as daemon:
        aside = database(daemon).rename(database(daemon).with_name("aside.db"))
        await says(daemon, "deleted or moved away")
        assert await brought(daemon) == 503
        assert daemon.find("sms.received") == []
        aside.rename(database(daemon))
        await well(daemon)
        assert await brought(daemon) in (200, 202)
        await daemon.fact("number.opted_out")
        assert len(daemon.find("sms.received")) == 1


@of_a_file
async def test_a_deleted_database_is_noticed_and_nothing_is_promised(daemon: Daemon) -> None:
    await request_callback(daemon, MATTI)
    aside = database(daemon).with_name("aside.db")
    database(daemon).rename(aside)
    await says(daemon, "deleted or moved away")
    assert await asked(daemon, LIISA) == 503
    await logged(daemon, "store.write_failed")
    aside.rename(database(daemon))
    await well(daemon)
    # What was answered with 503 was not taken, and what comes now is.
    assert await open_callbacks(daemon) == 1
    assert await asked(daemon, LIISA) == 201
    await restarted(daemon)
    assert await open_callbacks(daemon) == 2


@of_a_file
async def test_a_request_that_comes_before_the_daemon_has_looked_is_not_promised_either(daemon: Daemon) -> None:
    database(daemon).unlink()
    assert await asked(daemon, MATTI) == 503


@of_a_file
async def test_a_replaced_database_is_noticed_and_used_after_a_restart(daemon: Daemon) -> None:
    await request_callback(daemon, MATTI)
    backup = database(daemon).with_name("backup.db")
    with closing(sqlite3.connect(database(daemon))) as source, closing(sqlite3.connect(backup)) as target:
        source.backup(target)
    await request_callback(daemon, LIISA)
    os.replace(backup, database(daemon))
    await says(daemon, "another file was put in place")
    assert await asked(daemon, "+358401112244") == 503
    # The write-ahead log of the other file is there still, and is not of this one.
    await daemon.stop()
    for end in ("-wal", "-shm"):
        database(daemon).with_name(f"callcentre.db{end}").unlink(missing_ok=True)
    await daemon.start(ready=False)
    await daemon.unready()
    assert await open_callbacks(daemon) == 1


@of_a_file
@pytest.mark.parametrize("end", ["-wal", "-shm", ".lock"])
async def test_a_file_beside_the_database_is_made_anew_and_nothing_is_lost(daemon: Daemon, end: str) -> None:
    await request_callback(daemon, MATTI)
    beside = database(daemon).with_name(f"callcentre.db{end}")
    beside.unlink()
    await comes(daemon, beside.exists, f"a new {beside.name}")
    assert mode(beside) == 0o600
    assert await asked(daemon, LIISA) == 201
    await daemon.kill()
    with closing(sqlite3.connect(database(daemon))) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    await daemon.start(ready=False)
    await daemon.unready()
    assert await open_callbacks(daemon) == 2


@of_a_file
async def test_a_start_without_the_database_does_not_throw_away_its_write_ahead_log(daemon: Daemon) -> None:
    await request_callback(daemon, MATTI)
    await daemon.kill()
    aside = database(daemon).with_name("aside.db")
    database(daemon).rename(aside)
    await daemon.start(ready=False)
    assert "is missing, but callcentre.db-wal beside it is there" in await ends(daemon)
    aside.rename(database(daemon))
    await daemon.start(ready=False)
    await daemon.unready()
    assert await open_callbacks(daemon) == 1


@of_a_file
async def test_a_start_with_a_new_database_in_place_of_an_old_one_says_so(daemon: Daemon) -> None:
    await daemon.stop()
    database(daemon).unlink()
    await daemon.start(ready=False)
    await daemon.unready()
    await logged(daemon, "there has been a database here, and it is gone")


# --- the database is damaged ---------------------------------------------------------------------


@of_a_file
@pytest.mark.fault("Store: corrupt")
async def test_a_database_damaged_within_is_said_with_what_to_do(daemon: Daemon) -> None:
    await request_callback(daemon, MATTI)
    await daemon.stop()
    with database(daemon).open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))
    await daemon.start(ready=False)
    said = await ends(daemon)
    assert daemon.process.exit_code == 1
    assert "the file is damaged; stop the daemon, move" in said
    assert "Traceback" not in said
    assert "must own" not in said
    for command in (("timeline", "1.1"), ("export", "callbacks"), ("stats",)):
        reported = await ran(*command, "-c", daemon.file)
        assert (reported.code, "Traceback" in reported.errors) == (1, False), reported.errors
        assert "the file is damaged; stop the daemon, move" in reported.errors
    assert "the file is damaged; stop the daemon, move" in (await ran("doctor", "-c", daemon.file)).output


# --- a file that is made to keep its reader busy -------------------------------------------------


def words_of(monster: str, shipped: str) -> str:
    match monster:
        case "a word":
            return "a: " + "x" * 500_000
        case "unknown keys":
            return shipped + "".join(f"key{number}: 1\n" for number in range(20_000))
        case "aliases":
            return shipped + "zz: &a [1]\n" + "".join(f"y{n}: &b{n} [*a, *a, *a]\n" for n in range(20_000))
        case _:
            raise ValueError(monster)


MONSTERS = ("a word", "unknown keys", "aliases", "pipe", "folder", "proc", "large")


async def test_a_bad_file_at_sighup_stops_nothing_and_the_old_rules_stay(daemon: Daemon) -> None:
    good = daemon.file.read_text(encoding="utf-8")
    for count, monster in enumerate(MONSTERS, 1):
        daemon.file.unlink()
        match monster:
            case "pipe":
                os.mkfifo(daemon.file)
            case "folder":
                daemon.file.mkdir()
            case "proc":
                daemon.file.symlink_to("/proc/self/status")
            case "large":
                daemon.file.write_text("#" * 1024 * 1024 + "#", encoding="utf-8")
            case _:
                daemon.file.write_text(words_of(monster, good), encoding="utf-8")
        daemon.reload()
        assert await asked(daemon, f"+35840111{count:04}") == 201, monster
        if monster == "unknown keys":
            # It was answered and stored while the file is read, which takes seconds.
            assert refusals(daemon) == count - 1
        # To read aliases takes five seconds of a processor that nobody else uses.
        await comes(daemon, partial(refused, daemon, count), f"the file refused: {monster}", within=40)
        assert await open_callbacks(daemon) == count
        if daemon.file.is_dir():
            daemon.file.rmdir()
            daemon.file.touch()
    daemon.file.unlink()
    daemon.file.write_text(good, encoding="utf-8")
    daemon.reload()
    await logged(daemon, "config.read")


def refusals(daemon: Daemon) -> int:
    return daemon.process.errors.read_text().count('"config.refused"')


def refused(daemon: Daemon, count: int) -> bool:
    return refusals(daemon) == count


async def test_many_sighups_are_one_reading_after_the_other(daemon: Daemon) -> None:
    for _ in range(50):
        daemon.reload()
    await logged(daemon, "config.read")
    assert await daemon.stop() == 0
    assert daemon.process.errors.read_text().count("config.read") <= 3


async def test_a_daemon_that_is_stopped_while_it_reads_ends_in_order(daemon: Daemon) -> None:
    daemon.file.write_text(words_of("unknown keys", daemon.file.read_text(encoding="utf-8")), encoding="utf-8")
    daemon.reload()
    assert await daemon.stop() == 0


@pytest.mark.parametrize("command", ["check", "run"])
async def test_a_pipe_in_place_of_the_file_is_refused_by_every_command(tmp_path: Path, command: str) -> None:
    os.mkfifo(tmp_path / "config.yaml")
    said = await ran(command, "-c", tmp_path / "config.yaml")
    assert said.code == 2
    assert "is a named pipe; name an ordinary file with -c FILE" in said.errors
