"""A command waits only for the import of what it needs."""

from __future__ import annotations

import subprocess
import sys

import pytest

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
