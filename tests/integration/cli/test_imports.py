"""A command waits only for the import of what it needs."""

from __future__ import annotations

import subprocess
import sys
from itertools import takewhile
from pathlib import Path

import pytest

from tests.testbed.configuration import write_configuration
from tests.testbed.process import CHECKOUT, python_environment

_PROGRAM = """
import sys
from callcentre.cli.main import main
main(sys.argv[1:], standalone_mode=False)
print(*sys.modules, file=sys.stderr)
"""

RUNNING = {"aiohttp", "aiosqlite", "alembic", "apscheduler", "sqlalchemy"}
"""What only a running daemon and commands on its database need; together they take a third of a second."""

CHECKING = {"holidays", "jinja2", "msgspec", "phonenumbers", "pydantic", "yaml"}
"""What the model of the configuration is made of, and what reads it."""


def _imported(*arguments: str) -> set[str]:
    """The modules and packages that a command has imported at its end."""
    environment = {**python_environment(), "CALLCENTRE_ARI_PASSWORD": "x", "CALLCENTRE_HTTP_TOKEN": "x" * 20}
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *arguments],
        cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("arguments", [("check", "-c", "config.yaml"), ("schema",)])
def test_commands_that_need_no_daemon_import_nothing_of_it(arguments: tuple[str, ...]) -> None:
    assert _imported(*arguments).isdisjoint(RUNNING)


def test_a_check_imports_the_holidays_of_no_other_country() -> None:
    """config.yaml names Finland, whose module needs no other one."""
    assert not {name for name in _imported("check", "-c", "config.yaml") if name.startswith("holidays.countries")}


@pytest.mark.parametrize(
    "arguments", [("--help",), ("--version",), ("check", "--help"), ("callbacks", "--help"), ("report", "--help")]
)
def test_help_imports_nothing_of_the_configuration(arguments: tuple[str, ...]) -> None:
    assert _imported(*arguments).isdisjoint(RUNNING | CHECKING)


MIGRATING = {"alembic"}
SELDOM = {
    "apscheduler",
    "argon2",
    "holidays.countries",
    "joserfc",
    "pyotp",
    "rustpy_xlsxwriter",
    "segno",
    "sqlalchemy.ext.asyncio",
    "sqlalchemy.orm",
    "xlsxwriter",
}
"""What a daemon needs for a cron line, a country without a module of its own, a list from the database, a report, or a
log-in."""


def test_a_start_imports_nothing_that_is_seldom_needed_nor_what_upgrades_the_database(tmp_path: Path) -> None:
    file = write_configuration(tmp_path / "config.yaml", ari_url="http://127.0.0.1:1/ari", http_port=0)
    # A new database is upgraded from nothing.
    assert _imported_until_started(file) & (MIGRATING | SELDOM) == MIGRATING
    assert _imported_until_started(file).isdisjoint(MIGRATING | SELDOM)


def _imported_until_started(file: Path) -> set[str]:
    with subprocess.Popen(
        [sys.executable, "-X", "importtime", "-m", "callcentre", "run", "-c", file],
        env=python_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    ) as daemon:  # fmt: skip
        assert daemon.stderr is not None
        try:
            lines = list(takewhile(lambda line: '"daemon.started"' not in line, daemon.stderr))
        finally:
            daemon.terminate()
            rest = daemon.stderr.read()
    assert daemon.returncode == 0, rest
    return {line.rpartition("|")[2].strip() for line in lines if line.startswith("import time:")}
