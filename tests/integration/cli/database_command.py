"""Runs `callcentre database` on the database of a test."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from callcentre.cli.main import main
from tests.testbed.configuration import write_configuration
from tests.testbed.databases import database_in


def run(folder: Path, *arguments: str | Path, url: str | None = None) -> Result:
    """Run the command on the database of a folder, or on another one."""
    folder.mkdir(exist_ok=True)
    changes = {"store": {"url": url or database_in(folder).url}}
    file = write_configuration(folder / "config.yaml", ari_url="http://127.0.0.1:9/ari", http_port=1, changes=changes)
    command, *rest = map(str, arguments)
    return CliRunner().invoke(main, ["database", command, "-c", str(file), *rest], env={"COLUMNS": None})
