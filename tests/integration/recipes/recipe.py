"""Follows a page of docs/contributing/: takes the files and lines that it shows into a copy of the project."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from callcentre.kernel.migrations import HEAD
from tests.testbed.process import CHECKOUT

_FILE = re.compile(r"^`([\w./-]+)`:\n\n```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINE = re.compile(r"^In `(\w+)` of `([\w./-]+)`:\n\n```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Copy:
    """A copy of the package and its configuration, with nothing else of the project."""

    folder: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Python with this copy in place of the project."""
        environment = {**os.environ, "PYTHONPATH": str(self.folder)}
        return subprocess.run(
            [sys.executable, *arguments], cwd=self.folder, env=environment, capture_output=True, text=True, check=False,
            timeout=120,
        )  # fmt: skip

    def checked(self) -> str:
        """What ruff and import-linter find in this copy; "" when they find nothing."""
        tools = (("ruff", "check", "callcentre"), ("ruff", "format", "--check", "callcentre"), ("lint-imports",))
        environment = {**os.environ, "PYTHONPATH": str(self.folder)}
        found = ""
        for tool, *arguments in tools:
            ran = subprocess.run(
                [str(Path(sys.executable).with_name(tool)), *arguments], cwd=self.folder, env=environment,
                capture_output=True, text=True, check=False, timeout=120,
            )  # fmt: skip
            found += f"{ran.stdout}{ran.stderr}" if ran.returncode else ""
        return found


def followed(page: str, folder: Path, *, but_for: str | None = None) -> Copy:
    """A copy of the package with what a page of docs/contributing/ adds; `but_for` names a file that is left alone.

    A file is shown as its path, a colon and a block; a line as ``In `NAME` of `PATH`:`` and a block. It goes to the
    end of the tuple of that name. LAST and NEXT are the numbers of the last step of the schema and of the one after it.
    """
    shutil.copytree(CHECKOUT / "callcentre", folder / "callcentre", ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("config.yaml", "pyproject.toml"):
        shutil.copy(CHECKOUT / file, folder)
    recipe = (CHECKOUT / "docs" / "contributing" / page).read_text(encoding="utf-8")
    recipe = recipe.replace("NEXT", f"{int(HEAD) + 1:04}").replace("LAST", HEAD)
    files, lines = _FILE.findall(recipe), _LINE.findall(recipe)
    assert files, f"{page} shows no file"
    for path, text in files:
        if path != but_for:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
    for name, path, line in lines:
        if path != but_for:
            before = (folder / path).read_text(encoding="utf-8")
            after = re.sub(
                rf"^({name}\b[^\n]*\($.*?)^\)$",
                rf"\1{line.rstrip()}\n)",
                before,
                count=1,
                flags=re.MULTILINE | re.DOTALL,
            )
            assert after != before, f"{path} has no tuple {name}"
            (folder / path).write_text(after, encoding="utf-8")
    return Copy(folder)
