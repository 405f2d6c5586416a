"""A daemon that gets no more memory: it ends and says so. It could be relied on for nothing any more."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner

from callcentre import app
from callcentre.cli.main import main
from callcentre.configuration import FILE, read
from callcentre.kernel.daemon import Daemon
from tests.integration.kernel.running import served_in
from tests.testbed.configuration import write_configuration


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_configuration(tmp_path / "config.yaml", ari_url="http://127.0.0.1:1/ari", http_port=0)


@pytest.mark.fault("Resources: 150 MB of memory")
async def test_an_error_of_memory_that_nobody_awaits_ends_the_daemon_in_order(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()
    begin = Daemon._begin

    async def noted(daemon: Daemon, *arguments: object) -> None:
        await begin(daemon, *arguments)  # type: ignore[arg-type]
        begun.set()

    monkeypatch.setattr(Daemon, "_begin", noted)
    running = asyncio.create_task(app.serve(read(file), FILE))
    await asyncio.wait_for(begun.wait(), 10)
    loop = asyncio.get_running_loop()
    loop.call_exception_handler({"message": "any other", "exception": ValueError()})
    loop.call_exception_handler({"message": "Fatal read error on socket transport", "exception": MemoryError()})
    with pytest.raises(MemoryError):
        await asyncio.wait_for(running, 10)
    # It ended in order: the database has no owner any more.
    async with served_in(file.parent):
        pass


def test_the_command_says_what_happened_and_what_to_do(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def serve(*_arguments: object) -> None:
        raise MemoryError

    monkeypatch.setattr(app, "serve", serve)
    said = CliRunner().invoke(main, ["run", "-c", str(file)])
    assert said.exit_code == 1
    assert "no memory is left" in said.output
    assert "give the daemon more" in said.output
