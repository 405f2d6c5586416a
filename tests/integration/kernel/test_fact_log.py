"""The log of facts has every line of the journal exactly once, whatever the log refuses meanwhile."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from callcentre.kernel import schema
from callcentre.kernel.event import Tick
from callcentre.kernel.journal import FactLog, line_of
from tests.integration.kernel.running import caller, clock, served_in
from tests.testbed.databases import connected


async def test_what_the_log_did_not_get_is_logged_at_the_next_start(tmp_path: Path) -> None:
    async with served_in(tmp_path, crash=True) as served:
        await served.engine.settle(caller())
    lines = (tmp_path / "facts.jsonl").read_text()
    (tmp_path / "facts.jsonl").write_text("")
    async with served_in(tmp_path) as served:
        assert (tmp_path / "facts.jsonl").read_text() == lines


async def test_what_the_log_refuses_is_reported_once_and_logged_when_the_log_takes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callcentre.kernel.unlogged.LARGEST", 3)
    monkeypatch.setattr("callcentre.kernel.unlogged._AGAIN", 0.0)
    write = FactLog.write

    def refuse(_log: FactLog, _lines: Sequence[bytes]) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    async with served_in(tmp_path) as served:
        with capture_logs() as reported:
            monkeypatch.setattr(FactLog, "write", refuse)
            for number in range(5):
                await served.engine.settle(caller(f"{number}.1"))
                await served.engine.settle(Tick(at=clock()))
                assert len(served.engine._unlogged) <= 3
            monkeypatch.setattr(FactLog, "write", write)
            await served.engine.settle(Tick(at=clock()))
            await served.engine.settle(Tick(at=clock()))
    with connected(tmp_path) as connection:
        rows = connection.execute(sa.select(schema.journal).order_by(schema.journal.c.id)).mappings()
        kept = [line_of(dict(row)) for row in rows]
    assert (tmp_path / "facts.jsonl").read_bytes().splitlines() == kept
    assert len(kept) > 3
    said = [line["event"] for line in reported if line["event"].startswith("log.")]
    assert said == ["log.write_failed", "log.recovered"]


def test_a_log_that_cannot_be_opened_anew_is_written_on(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    folder.mkdir()
    log = FactLog(folder / "facts.jsonl", "json")
    folder.rename(tmp_path / "rotated")
    with pytest.raises(FileNotFoundError):
        log.reopen()
    log.write([b'{"event":"queue.joined"}'])
    folder.mkdir()
    log.reopen()
    log.write([b'{"event":"queue.left"}'])
    log.close()
    assert (tmp_path / "rotated" / "facts.jsonl").read_text() == '{"event":"queue.joined"}\n'
    assert (folder / "facts.jsonl").read_text() == '{"event":"queue.left"}\n'


async def test_after_an_orderly_stop_no_line_comes_twice(tmp_path: Path) -> None:
    async with served_in(tmp_path) as served:
        await served.engine.settle(caller())
    lines = (tmp_path / "facts.jsonl").read_text()
    async with served_in(tmp_path):
        pass
    assert (tmp_path / "facts.jsonl").read_text() == lines
