"""The figures of runs: a file of rows for each kind of run, beside the test bed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.testbed.process import TESTBED

FOLDER = TESTBED / "figures"


def put(name: str, rows: Sequence[dict[str, Any]], folder: Path = FOLDER) -> None:
    """Write the rows of a kind of run, in place of those of an earlier one."""
    folder.mkdir(parents=True, exist_ok=True)
    new = folder / f"{name}.new"
    new.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    new.replace(folder / f"{name}.json")


def rows_of(name: str, folder: Path = FOLDER) -> list[dict[str, Any]]:
    """The rows of a kind of run; none where there was no run."""
    file = folder / f"{name}.json"
    if not file.exists():
        return []
    rows: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    return rows
