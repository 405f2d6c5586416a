"""Examines the rights of the daemon's own files, which have people's numbers and secrets."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Literal

from callcentre.cli.doctor.finding import Finding
from callcentre.cli.installing.unit import SECRETS, USER
from callcentre.config import private
from callcentre.config.read import Configuration
from callcentre.kernel.settings import database_of, log_file_of

Kind = Literal[
    "database", "log", "configuration", "secrets", "folder", "folder of the log", "folder of the configuration"
]

_SECRET_NAME: Final = re.compile("password|token|secret")


def rights(configuration: Configuration, secrets: Path = Path(SECRETS)) -> list[Finding]:
    """Examine each existing file that this user may look at."""
    found = []
    for kind, path in _files(configuration, secrets):
        try:
            mode = path.stat().st_mode
        except OSError:
            continue
        is_secret = kind != "configuration" or _holds_a_secret(configuration)
        finding = judged(kind, path, stat.S_IMODE(mode), is_secret=is_secret)
        if finding is not None:
            found.append(finding)
    return found or [Finding("rights of our files")]


def _files(configuration: Configuration, secrets: Path) -> Iterator[tuple[Kind, Path]]:
    if (database := database_of(configuration).path) is not None:
        yield "folder", database.parent
        for end in ("", "-wal", "-shm", ".lock"):
            yield "database", Path(f"{database}{end}")
    if (log := log_file_of(configuration)) is not None:
        yield "log", log
        yield "folder of the log", log.parent
    yield "configuration", configuration.path
    yield "folder of the configuration", configuration.folder
    yield "secrets", secrets


def judged(kind: Kind, path: Path, mode: int, *, is_secret: bool = True) -> Finding | None:
    """The finding about a file with these rights; None: no fault. `is_secret`: nobody else may read the contents."""
    what = f"rights of {path} ({mode:04o})"
    match kind:
        case "folder" if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            return Finding(what, f"every user may replace the database in it: chmod o-w {path}")
        case "folder of the log" if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            return Finding(what, f"every user may replace the log in it: chmod o-w {path}")
        case "folder of the configuration" if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            return Finding(what, f"every user may replace the rules in it: chmod o-w {path}")
        case "database" if mode & private.GROUP_AND_OTHERS:
            return Finding(what, f"it holds people's numbers, and others may use it: chmod 600 {path}")
        case "log" if mode & private.OTHERS:
            return Finding(what, f"every user may read whom people called: chmod o-rwx {path}; logrotate: create 0640")
        case "configuration" if mode & stat.S_IWOTH:
            return Finding(what, f"every user may change the rules: chmod o-w {path}")
        case "configuration" if is_secret and mode & private.OTHERS:
            fix = f"chgrp {USER} {path} && chmod 640 {path}, where {USER} is the daemon's group"
            return Finding(what, f"every user may read the passwords in it: {fix}")
        case "secrets" if is_secret and mode & private.OTHERS:
            return Finding(what, f"every user may read the passwords in it: chmod 600 {path}")
    return None


def _holds_a_secret(configuration: Configuration) -> bool:
    """Whether the file contains a password or token itself, and not only the name of a variable."""
    try:
        text = configuration.path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return False
    values = set(_secrets(configuration.settings.model_dump()))
    lines = [line for line in text.splitlines() if _SECRET_NAME.search(line.partition(":")[0])]
    return any(value in line.partition(":")[2] for line in lines for value in values)


def _secrets(settings: Mapping[str, Any]) -> Iterator[str]:
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _secrets(value)
        elif isinstance(value, str) and value and _SECRET_NAME.search(name):
            yield value
