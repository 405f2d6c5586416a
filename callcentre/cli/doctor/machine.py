"""Examines the machine of the daemon: free space where it writes, and whether its clock is synchronised."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callcentre.cli.doctor.finding import Finding, warning
from callcentre.cli.installing import survey
from callcentre.config.read import Configuration
from callcentre.kernel.settings import database_of, log_file_of

_MIB: Final = 1024 * 1024
LEAST: Final = 100 * _MIB
"""Below it is an error: SQLite needs space for its log of changes, and an upgrade for a copy of what it changes."""
LITTLE: Final = 1024 * _MIB
"""Below it is a warning: about a million calls fill it."""
FEW_FILES: Final = 1000


@dataclass(frozen=True, slots=True)
class FreeSpace:
    """Free space for an ordinary user, in bytes, and free inodes; None: the file system has no limit of them."""

    size: int
    files: int | None


def machine(configuration: Configuration) -> list[Finding]:
    """Examine the machine; no finding about what cannot be seen from here."""
    found = [disk(folder, _free(folder)) for folder in dict.fromkeys(_folders(configuration))]
    said = survey.output(("timedatectl", "show", "--property=NTPSynchronized", "--value"))
    return [*found, *time_synchronisation(said)]


def _folders(configuration: Configuration) -> Iterator[Path]:
    log = log_file_of(configuration)
    for file in (database_of(configuration).path, log):
        if file is not None and file.parent.is_dir():
            yield file.parent.resolve()


def _free(folder: Path) -> FreeSpace:
    found = os.statvfs(folder)
    return FreeSpace(found.f_bavail * found.f_frsize, found.f_favail if found.f_files else None)


def disk(folder: Path, free: FreeSpace) -> Finding:
    """The finding about the space in a folder that the daemon writes into."""
    what = f"free space for {folder}"
    after = "when it is full, callers pass the daemon by: delete something, or move the folder to a larger disk"
    if free.files is not None and free.files < FEW_FILES:
        return Finding(what, f"only {free.files} files more fit on this file system (`df -i`); {after}")
    if free.size >= LITTLE:
        return Finding(what)
    return Finding(what, f"{free.size // _MIB} MiB are left; {after}", minor=free.size >= LEAST)


def time_synchronisation(said: str | None) -> list[Finding]:
    """The finding about what `timedatectl` says of NTP; none where it says nothing, as in a container."""
    what = "time synchronisation"
    match said:
        case "yes":
            return [Finding(what)]
        case "no":
            fix = "the clock is not synchronised, so times and waits become wrong: `timedatectl set-ntp true`"
            return [warning(what, fix)]
        case _:
            return []
