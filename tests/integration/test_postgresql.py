"""The server of the test bed."""

from __future__ import annotations

import signal

import psycopg
import pytest

from tests.testbed.postgresql import Server, fresh, server


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
