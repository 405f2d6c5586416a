"""`callcentre user` and `callcentre key`, beside a daemon and without one."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import structlog
from aiohttp import ClientSession
from click.testing import CliRunner, Result

from callcentre.cli.main import main
from callcentre.features.users.outside.passwords import Passwords
from tests.testbed.alone import alone, http_port
from tests.testbed.configuration import write_configuration
from tests.testbed.daemon import Daemon
from tests.testbed.databases import ON_SERVER, connected, database_in
from tests.testbed.process import python_environment

PASSWORD = "hyvin-salainen-sana"


@pytest.fixture(autouse=True)
def _log() -> Iterator[None]:
    """A command that decides by itself sets up the log of its process, which is that of the other tests."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@dataclass
class Commands:
    """The commands of a configuration."""

    file: Path

    def run(self, *arguments: str, entered: str = "") -> Result:
        command = [*arguments[:2], "-c", str(self.file), *arguments[2:]]
        return CliRunner().invoke(main, command, input=entered, env={"COLUMNS": None}, catch_exceptions=False)

    def listed(self, kind: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.run(kind, "list", "--format", "json").stdout)
        return found

    def password_of(self, name: str) -> str:
        with connected(self.file.parent) as connection:
            asked = sa.text("SELECT password FROM users WHERE name = :name")
            return str(connection.execute(asked, {"name": name}).scalar_one())


@pytest.fixture
def commands(tmp_path: Path) -> Commands:
    """Without a daemon, and at first without a database."""
    changes = {"store": {"url": database_in(tmp_path).url}} if ON_SERVER else {}
    return Commands(
        write_configuration(tmp_path / "config.yaml", ari_url="http://127.0.0.1:1/ari", http_port=1, changes=changes)
    )


def test_without_a_daemon_an_account_is_made_and_its_password_is_only_a_hash(commands: Commands) -> None:
    done = commands.run("user", "add", "Anna", "--role", "administrator", entered=f"{PASSWORD}\n")
    assert (done.exit_code, done.stdout) == (0, "Anna: may log in as administrator\n")
    (row,) = commands.listed("user")
    assert (row["name"], row["role"], row["organisation"], row["services"]) == ("Anna", "administrator", "main", [])
    assert asyncio.run(Passwords().is_right(PASSWORD, commands.password_of("Anna")))
    assert PASSWORD.encode() not in b"".join(each.read_bytes() for each in commands.file.parent.iterdir())


@pytest.mark.parametrize(
    ("name", "entered", "more", "code", "says"),
    [
        ("Bo", f"{PASSWORD}\n{PASSWORD}\n", [], 0, "Bo: may log in as supervisor"),
        ("ANNA", f"{PASSWORD}\n", [], 1, "this name is taken"),
        ("Bo", f"{PASSWORD}\nanother\n", [], 2, "the two lines of standard input differ"),
        ("Bo", "", [], 2, "standard input has no password"),
        ("Bo", "short\n", [], 1, "at least 8 characters"),
        ("Bo\x1b[2J", f"{PASSWORD}\n", [], 1, "this cannot be a name"),
        ("Bo", f"{PASSWORD}\n", ["--service", "nowhere"], 1, "there is no such service"),
        ("Bo", f"{PASSWORD}\n", ["--organisation", "nowhere"], 1, "there is no such organisation"),
        ("Bo", f"{PASSWORD}\n", ["--role", "emperor"], 2, "'emperor' is not one of"),
    ],
)
def test_what_is_refused_is_said_and_makes_no_account(
    commands: Commands, name: str, entered: str, more: list[str], code: int, says: str
) -> None:
    commands.run("user", "add", "Anna", "--role", "administrator", entered=f"{PASSWORD}\n")
    done = commands.run("user", "add", name, "--role", "supervisor", *more, entered=entered)
    assert done.exit_code == code
    assert says in done.output
    assert "\x1b" not in done.output
    assert [row["name"] for row in commands.listed("user")] == ["Anna", *(["Bo"] if code == 0 else [])]


def test_an_account_is_disabled_enabled_and_gets_a_password_without_a_daemon(commands: Commands) -> None:
    for name, role in (("Anna", "administrator"), ("Bo", "agent")):
        commands.run("user", "add", name, "--role", role, entered=f"{PASSWORD}\n")
    before = commands.password_of("Bo")
    assert commands.run("user", "disable", "bo").exit_code == 0
    assert [row["disabled"] for row in commands.listed("user")] == [False, True]
    assert commands.run("user", "enable", "bo").exit_code == 0
    assert commands.run("user", "password", "BO", entered="another-password\n").exit_code == 0
    assert [row["disabled"] for row in commands.listed("user")] == [False, False]
    assert commands.password_of("Bo") != before
    last = commands.run("user", "disable", "anna")
    assert (last.exit_code, "nobody could administer" in last.output) == (1, True)
    unknown = commands.run("user", "disable", "nobody")
    assert (unknown.exit_code, "there is no such account" in unknown.output) == (1, True)


def test_a_key_is_printed_once_and_stored_as_a_hash(commands: Commands) -> None:
    done = commands.run("key", "add", "crm", "--role", "viewer", "--service", "support", "--expires", "90d")
    secret = done.stdout.strip()
    assert (done.exit_code, secret[:3], len(secret)) == (0, "cc_", 35)
    (row,) = commands.listed("key")
    assert (row["name"], row["role"], row["services"], row["used_at"]) == ("crm", "viewer", ["support"], None)
    assert row["expires"][:10] > row["made_at"][:10]
    assert secret.encode() not in b"".join(each.read_bytes() for each in commands.file.parent.iterdir())
    assert commands.run("key", "revoke", "crm").exit_code == 0
    assert commands.listed("key") == []
    assert commands.run("key", "revoke", "crm").exit_code == 1


# --- beside a daemon -----------------------------------------------------------------------------


@pytest.fixture
async def daemon(tmp_path: Path) -> AsyncIterator[Daemon]:
    with http_port() as port:
        async with alone(tmp_path, port, {"gateway": "console"}) as running:
            yield running


async def command(daemon: Daemon, *arguments: str, entered: str = "") -> str:
    """The standard output of a command that succeeds."""

    words = [sys.executable, "-m", "callcentre", *arguments[:2], "-c", str(daemon.file), *arguments[2:]]
    process = await asyncio.create_subprocess_exec(
        *words, env=python_environment(), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate(entered.encode())
    assert process.returncode == 0
    return said.decode()


async def test_beside_a_daemon_the_commands_go_by_its_api(daemon: Daemon) -> None:
    for name, role in (("Anna", "administrator"), ("Bo", "agent")):
        await command(daemon, "user", "add", name, "--role", role, entered=f"{PASSWORD}\n")
    await command(daemon, "user", "disable", "bo")
    secret = (await command(daemon, "key", "add", "crm", "--role", "administrator")).strip()
    listed = json.loads(await command(daemon, "user", "list", "--format", "json"))
    assert [(row["name"], row["disabled"]) for row in listed] == [("Anna", False), ("Bo", True)]
    acts = [(fact["event"], fact["user"]) for fact in daemon.facts if fact.get("user") is not None]
    assert acts == [
        ("user.added", "token"), ("user.added", "token"), ("user.disabled", "token"), ("key.added", "token")
    ]  # fmt: skip
    async with ClientSession(headers={"Authorization": f"Bearer {secret}"}) as client:
        async with client.get(f"{daemon.url}/api/users") as answer:
            assert [user["name"] for user in await answer.json()] == ["Anna", "Bo"]
        await command(daemon, "key", "revoke", "crm")
        async with client.get(f"{daemon.url}/api/users") as answer:
            assert answer.status == 401
