"""The version of the package, and the time that its files get."""

from __future__ import annotations

import os
import subprocess
import time
import tomllib
from pathlib import Path


def version(top: Path) -> str:
    """That of pyproject.toml. Where this commit has no tag of it, `~git` and the commit follow, so it sorts before."""
    released: str = tomllib.loads((top / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    commit = _git(top, "rev-parse", "--short=8", "HEAD")
    if commit is None or f"v{released}" in (_git(top, "tag", "--points-at", "HEAD") or "").split():
        return released
    return f"{released}~git{time.strftime('%Y%m%d%H%M', time.gmtime(epoch(top)))}.{commit}"


def epoch(top: Path) -> int:
    """Seconds since 1970: SOURCE_DATE_EPOCH, else the time of the commit. The same source makes the same package."""
    return int(os.environ.get("SOURCE_DATE_EPOCH") or _git(top, "log", "-1", "--format=%ct") or time.time())


def _git(top: Path, *arguments: str) -> str | None:
    command = ["git", "-C", str(top), *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
