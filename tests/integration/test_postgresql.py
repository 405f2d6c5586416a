"""The server of the test bed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.testbed.postgresql import Server, fresh, server
from tests.testbed.process import CHECKOUT, python_environment


def test_a_server_keeps_its_data_when_it_is_killed_and_a_copy_follows_it() -> None:
    with server() as running:
        url = fresh(running)
        assert url.startswith("postgresql+psycopg://callcentre@/t")
        running.make("kept")
        with running.connect("kept") as connection:
            connection.execute("CREATE TABLE promises (promise text)")
        running.stop(signal.SIGKILL)
        with pytest.raises(psycopg.OperationalError):
            running.connect("kept")
        running.start()
        copy = Server(copy_of=running)
        try:
            copy.start()
            with copy.connect("kept") as connection:
                assert connection.execute("SELECT count(*) FROM promises").fetchall() == [(0,)]
        finally:
            copy.close()


FREEZES = """
import signal
from tests.testbed.postgresql import Server
running = Server()
running.start()
held = running.connect("postgres")
running.send(signal.SIGSTOP)
print(running.folder, flush=True)
signal.pause()
"""


def test_a_server_that_is_stopped_ends_with_the_process_that_made_it_and_leaves_nothing() -> None:
    command = [sys.executable, "-c", FREEZES]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=CHECKOUT, env=python_environment()) as maker:
        assert maker.stdout is not None
        folder = Path(maker.stdout.readline().decode().strip())
        assert runs_in(folder)
        maker.kill()
    for _ in range(1000):
        if not folder.exists():
            break
        time.sleep(0.01)
    assert not folder.exists()
    assert not runs_in(folder)


def runs_in(folder: Path) -> list[Path]:
    """The processes whose working directory is in a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            at = (process / "cwd").readlink()
        except OSError:  # It has ended, or belongs to somebody else.
            continue
        if str(at).startswith(str(folder)):
            found.append(process)
    return found
