"""The database file: who may open it, and what a full disk or a file that is gone costs."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from callcentre.app import daemon
from callcentre.configuration import FILE, read
from callcentre.kernel.database import Database
from callcentre.kernel.errors import StoreError
from callcentre.kernel.event import Tick
from callcentre.kernel.program import CannotRun
from callcentre.kernel.store import Store, Writes
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import TextReceived
from tests.cast import MATTI
from tests.integration.kernel.running import caller, clock, served_in
from tests.testbed.configuration import write_configuration
from tests.testbed.databases import changing, database_in, of_a_file


@of_a_file
@pytest.mark.parametrize(
    ("pragma", "words"),
    [
        # SQLite's own limit: the next page is refused as on a full disk, on every connection that sets it.
        pytest.param("max_page_count = 1", "full", marks=pytest.mark.fault("Store: disk full")),
        # As on a file system that was mounted read-only when its disk failed.
        pytest.param("query_only = ON", "readonly", marks=pytest.mark.fault("Store: read-only")),
    ],
)
async def test_while_the_database_cannot_be_written_nothing_goes_out_and_nothing_is_lost(
    tmp_path: Path, pragma: str, words: str
) -> None:
    stalls: list[bool] = []
    stalled = asyncio.Event()

    def note(is_stalled: bool) -> None:
        stalls.append(is_stalled)
        stalled.set()

    async with served_in(tmp_path, stalled=note) as served:
        await served.engine.settle(Tick(at=clock()))
        refuses = [True]

        def limit(connection: Any, _record: object) -> None:
            if refuses[0]:
                connection.execute("VACUUM")  # Making the tables left free pages.
                connection.execute(f"PRAGMA {pragma}")

        sa.event.listen(served.store._engine, "connect", limit)
        await served.store.connect_again()
        for number in range(400):
            served.engine.submit(
                TextReceived(
                    at=clock(),
                    gateway="kannel",
                    gateway_id=str(number),
                    sender=MATTI,
                    recipient="1",
                    body="x",
                )
            )
        deciding = asyncio.create_task(served.engine.settle(caller()))
        async with asyncio.timeout(10):
            await stalled.wait()
        assert not [one for one in served.outside.done if isinstance(one, SendText)]
        assert not deciding.done()
        assert words in (served.engine.counters.store_error or "")
        refuses[0] = False
        async with asyncio.timeout(10):
            await deciding
        await served.outside.has_done(SendText)
        assert stalls == [True, False]
        reported = [line["event"] for line in served.lines()]
        assert reported.count("sms.received") == 400
        assert reported[-2:] == ["queue.joined", "sms.queued"]


async def test_two_daemons_cannot_have_one_database(tmp_path: Path) -> None:
    async with served_in(tmp_path):
        with pytest.raises(StoreError, match="another callcentre daemon"):
            await Store(database_in(tmp_path)).open()


@of_a_file
@pytest.mark.fault("Store: older program on a newer schema")
async def test_a_database_of_a_newer_version_is_refused_untouched(tmp_path: Path) -> None:
    async with served_in(tmp_path):
        pass
    with changing(tmp_path) as connection:
        connection.execute(sa.text("update alembic_version set version_num = '9999'"))
    before = (tmp_path / "callcentre.db").read_bytes()
    with pytest.raises(StoreError, match="newer version of callcentre \\(schema 9999\\)"):
        await Store(database_in(tmp_path)).open()
    assert (tmp_path / "callcentre.db").read_bytes() == before


@of_a_file
async def test_a_file_that_is_no_database_is_refused_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "callcentre.db").write_text("not a database, but long enough to be looked at" * 20)
    with pytest.raises(StoreError, match=r"cannot be used as the database: .*the file is not an SQLite database"):
        await Store(database_in(tmp_path)).open()


@of_a_file
@pytest.mark.parametrize("kind", ["folder", "pipe", "no folder"])
async def test_what_cannot_be_a_database_is_refused_without_waiting(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "callcentre.db"
    words = "is a named pipe"
    if kind == "folder":
        path.mkdir()
        words = "it is a folder"
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path, words = tmp_path / "gone" / "callcentre.db", f"mkdir -p {tmp_path}/gone"
    with pytest.raises(StoreError, match=words):
        await Store(Database.of_file(path)).open()


@of_a_file
async def test_records_of_another_form_are_said_and_not_thrown(tmp_path: Path) -> None:
    file = write_configuration(tmp_path / "config.yaml", ari_url="http://127.0.0.1:1/ari", http_port=1)
    async with served_in(tmp_path):
        pass
    with changing(tmp_path) as connection:
        connection.execute(sa.text("insert into outbox (node, id, effect) values ('main', 1, '{\"type\":\"nobody\"}')"))
    with pytest.raises(CannotRun, match="its contents are not what this version writes; stop the daemon"):
        await daemon(read(file), FILE).run()


@of_a_file
async def test_a_database_that_refuses_the_first_commit_is_said_and_not_thrown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_configuration(tmp_path / "config.yaml", ari_url="http://127.0.0.1:1/ari", http_port=1)

    def refused(_store: Store, _writes: Writes) -> None:
        raise sa.exc.OperationalError(None, None, sqlite3.OperationalError("database is locked"))

    monkeypatch.setattr(Store, "_commit", refused)
    with pytest.raises(CannotRun, match=r"cannot be used as the database: database is locked"):
        await daemon(read(file), FILE).run()


@of_a_file
async def test_a_request_that_stops_waiting_for_a_refusing_database_is_not_decided(tmp_path: Path) -> None:
    refuses = asyncio.Event()
    async with served_in(tmp_path, stalled=lambda _stalled: refuses.set()) as served:
        aside = (tmp_path / "callcentre.db").rename(tmp_path / "aside.db")
        served.engine.submit(Tick(at=clock()))
        async with asyncio.timeout(5):
            await refuses.wait()
        with suppress(TimeoutError):
            async with asyncio.timeout(0.05):
                await served.engine.settle(caller())
        backlog = served.engine.backlog
        aside.rename(tmp_path / "callcentre.db")
        async with asyncio.timeout(5):
            await served.engine.settled()
        assert (backlog, served.lines()) == (0, [])


@of_a_file
async def test_a_file_is_not_used_under_another_name(tmp_path: Path) -> None:
    async with served_in(tmp_path):
        pass
    with pytest.raises(StoreError, match="belongs to the daemon 'main', and what it has promised with it; write node"):
        await Store(Database.of_file(tmp_path / "callcentre.db", "helsinki")).open()
    async with served_in(tmp_path):
        pass
