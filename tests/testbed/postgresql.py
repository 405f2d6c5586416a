"""A real PostgreSQL server in a folder of its own, on a Unix socket: the one that `scripts/testbed` found or brought.

PostgreSQL refuses to run as root. As root, its programs run as the user `postgres` or `nobody`. A server and its folder
never outlive the process that made them, also when its processes are stopped by a signal and cannot see that it ended.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from tests.testbed.process import TESTBED

USER = "callcentre"

FAST: Mapping[str, str] = {"fsync": "off", "full_page_writes": "off"}
"""For tests in which the machine itself does not crash: what is committed survives a killed server all the same."""

_GUARD = """
cat
left=yes
while [ "$left" ]; do
    left=
    for process in /proc/[0-9]*; do
        case $(readlink "$process/cwd") in
            "$1" | "$1"/*) kill -KILL "${process#/proc/}" && left=yes ;;
        esac
    done
done
rm -rf "$1"
"""
"""Waits for the end of its input, then ends all that runs in a folder, and deletes it."""


def programs() -> Path:
    """The folder of the server's programs."""
    link = TESTBED / "postgresql"
    if not (link / "postgres").exists():
        raise FileNotFoundError(f"{link} is missing: run scripts/testbed first")
    return link.resolve()


def _user() -> pwd.struct_passwd | None:
    """The user for the server's programs; None: this one."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _environment() -> dict[str, str]:
    libraries = TESTBED / "postgresql-libraries"
    more = {"LD_LIBRARY_PATH": str(libraries.resolve())} if libraries.exists() else {}
    return {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC", **more}


class Server:
    """A server that `start` starts and `stop` stops; its folder stays until `close`."""

    def __init__(self, options: Mapping[str, str] = FAST, *, copy_of: Server | None = None) -> None:
        """`copy_of`: a standby that follows this server."""
        self._user = _user()
        self.folder = Path(tempfile.mkdtemp(prefix="callcentre.pg."))
        self._options = dict(options)
        self._process: subprocess.Popen[bytes] | None = None
        # Its input ends with this process, however that ends.
        self._guard = subprocess.Popen(
            ["sh", "-c", _GUARD, "guard", str(self.folder)],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        if self._user is not None:
            os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)
        self.data = self.folder / "data"
        if copy_of is None:
            self._make_data()
        else:
            self._run(
                "pg_basebackup", "-D", self.data, "-h", copy_of.folder, "-U", USER, "-R", "-X", "stream", "-c", "fast"
            )

    def _make_data(self) -> None:
        """The data of a new server: a copy of those of the first one, since `initdb` takes ten times as long."""
        first = TESTBED / f"postgresql-data-{programs().parent.name}"
        if not first.exists():
            self._run("initdb", "-D", self.data, "-A", "trust", "-U", USER, "-E", "UTF8", "--locale=C.UTF-8", "-N")
            new = Path(tempfile.mkdtemp(prefix=f"{first.name}.", dir=TESTBED))
            _copy(self.data, new / "data")
            # Another process may have been quicker.
            with suppress(OSError):
                (new / "data").rename(first)
            shutil.rmtree(new)
            return
        _copy(first, self.data)

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(programs() / program), *map(str, arguments)]
        done = subprocess.run(command, check=False, capture_output=True, text=True, **self._how())
        if done.returncode:
            raise OSError(f"{program} failed: {done.stderr.strip()[-800:]}")

    def _how(self) -> dict[str, Any]:
        how: dict[str, Any] = {"env": _environment(), "cwd": self.folder, "start_new_session": True}
        if self._user is not None:
            how |= {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}
        return how

    def url(self, database: str, **query: str) -> str:
        """The URL of one of its databases, for `store.url`."""
        return _url(database, [self], **query)

    def start(self) -> None:
        """Start it, and return once it accepts connections."""
        options = {"listen_addresses": "", "unix_socket_directories": str(self.folder), **self._options}
        arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        command = [str(programs() / "postgres"), "-D", str(self.data), *arguments]
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **self._how())
        for _ in range(3000):
            try:
                self.connect("postgres").close()
            except psycopg.OperationalError:
                if self._process.poll() is not None:
                    raise OSError(f"the server has ended: {(self.folder / 'server.log').read_text()[-800:]}") from None
                time.sleep(0.01)
            else:
                return
        raise TimeoutError("the server accepts no connection")

    def connect(self, database: str) -> psycopg.Connection[tuple[object, ...]]:
        """A connection that commits each statement."""
        return psycopg.connect(host=str(self.folder), user=USER, dbname=database, autocommit=True)

    def make(self, database: str, template: str = "template0") -> str:
        """Make a database, and return its URL."""
        with self.connect("postgres") as connection:
            connection.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"'.encode())
        return self.url(database)

    @property
    def pid(self) -> int:
        """The process of the server itself; a signal such as SIGSTOP goes to it alone, `send` reaches all."""
        assert self._process is not None
        return self._process.pid

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the server and all processes of its connections."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)
        # Each connection's process has a group of its own.
        for child in _children(self.pid):
            with suppress(ProcessLookupError):
                os.kill(child, number)

    def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT in order, ending all connections; SIGQUIT or SIGKILL as a crash does."""
        process, self._process = self._process, None
        if process is None:
            return
        if number is signal.SIGKILL:
            for child in _children(process.pid):
                with suppress(ProcessLookupError):  # The process of a connection ends with it.
                    os.kill(child, number)
        process.send_signal(number)
        process.wait(20)

    def promote(self) -> None:
        """Make a standby the server that is written."""
        self._run("pg_ctl", "promote", "-D", self.data, "-w")

    def close(self) -> None:
        """Stop it at once and delete its folder."""
        if self._process is not None:
            self.send(signal.SIGCONT)  # A stopped process ends only when it goes on.
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)
        self._guard.kill()
        self._guard.communicate()


def url_of(database: str, servers: list[Server], **query: str) -> str:
    """The URL of a database that one of several servers has."""
    return _url(database, servers, **query)


def _url(database: str, servers: list[Server], **query: str) -> str:
    hosts = [f"host={quote(str(server.folder), safe='')}" for server in servers]
    more = [f"{name}={quote(value, safe='')}" for name, value in query.items()]
    return f"postgresql+psycopg://{USER}@/{database}?{'&'.join((*hosts, *more))}"


def _copy(source: Path, target: Path) -> None:
    """With their owner and their rights, which the server looks at."""
    subprocess.run(["cp", "-a", source, target], check=True)


def _children(pid: int) -> list[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], check=False, capture_output=True, text=True)
    return [int(line) for line in found.stdout.split()]


_numbers = count(1)


@contextmanager
def server(options: Mapping[str, str] = FAST) -> Iterator[Server]:
    """A running server."""
    running = Server(options)
    try:
        running.start()
        yield running
    finally:
        running.close()


def fresh(running: Server, template: str = "template0") -> str:
    """The URL of a database that nobody else uses."""
    return running.make(f"t{next(_numbers)}", template)
