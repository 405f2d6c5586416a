"""Looks at the machine: Asterisk's folders, its files, and the installed programs."""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import stat
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from callcentre.cli.installing.plan import decoded
from callcentre.cli.installing.syntax import read

USUAL_ETC = Path("/etc/asterisk")
USUAL_SOUNDS = (Path("/usr/share/asterisk/sounds"), Path("/var/lib/asterisk/sounds"))
USUAL_UNITS = Path("/etc/systemd/system")
UNITS_OF_PACKAGES = Path("/usr/lib/systemd/system")
_ANSWERS_WITHIN = 20
"""Seconds for an answer of Asterisk's command line."""


class SurveyError(Exception):
    """Required information is missing; the text says which, and how to fix it."""


class Disk:
    """The files of one of Asterisk's folders, and files elsewhere that they include."""

    def __init__(self, etc: Path) -> None:
        self.etc = etc
        self._read: dict[str, str] = {}

    def matching(self, pattern: str) -> Sequence[tuple[str, str]]:
        """See `Sources`. Raises SurveyError for a file that may not be read."""
        found = sorted(glob.glob(os.path.join(glob.escape(str(self.etc)), pattern)))
        return [(path, self._text(path)) for path in found if os.path.isfile(path)]

    def _text(self, path: str) -> str:
        if path not in self._read:
            content = contents(Path(path))
            self._read[path] = decoded(content or b"")
        return self._read[path]


def contents(path: Path) -> bytes | None:
    """The content of a file; None when it does not exist. Raises SurveyError."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise SurveyError(
            f"{path}: cannot be read: {(error.strerror or str(error)).lower()}; run this as root"
        ) from error


@dataclass(frozen=True, slots=True)
class Folders:
    """Asterisk's folders, from its asterisk.conf."""

    etc: Path
    sounds: Path | None


def folders(etc: Path | None, sounds: Path | None) -> Folders:
    """The given folders, else those of asterisk.conf, else the usual ones. Raises SurveyError."""
    named = etc or USUAL_ETC
    if not named.is_dir():
        raise SurveyError(
            f"{named}: no such folder; name that of Asterisk's configuration with --etc (astetcdir in asterisk.conf)"
        )
    # A template, as in the asterisk.conf of Asterisk's distribution, does not count.
    section = read("asterisk.conf", Disk(named)).section("directories")

    def directory(name: str) -> Path | None:
        option = section.last(name) if section is not None else None
        return Path(option.value) if option is not None and option.value.startswith("/") else None

    if sounds is None:
        data = directory("astdatadir") or directory("astvarlibdir")
        places = (data / "sounds",) if data is not None else USUAL_SOUNDS
        sounds = next((place for place in places if place.is_dir()), None)
    etc = named if etc is not None else directory("astetcdir") or named
    return Folders(etc.absolute(), None if sounds is None else sounds.absolute())


def program(given: Path | None) -> str | None:
    """Asterisk's program, the given one or that of PATH; None: it is not on this machine."""
    return shutil.which(str(given)) if given is not None else shutil.which("asterisk")


def version(asterisk: str) -> str:
    """The version that the program prints, such as `Asterisk 22.10.1`; "" when it prints none."""
    try:
        said = subprocess.run(  # noqa: S603 - a list, no shell  # nosec B603
            [asterisk, "-V"], stdin=subprocess.DEVNULL, capture_output=True, timeout=_ANSWERS_WITHIN, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return said.stdout.decode("utf-8", "replace").strip()


def remote(asterisk: str, etc: Path, words: Sequence[str]) -> list[str]:
    """The arguments that send a command to the Asterisk of this folder."""
    return [asterisk, "-C", str(etc / "asterisk.conf"), "-rx", " ".join(words)]


def run(arguments: Sequence[str]) -> str | None:
    """Run a program to its end. Returns None on success, else its output."""
    try:
        said = subprocess.run(  # noqa: S603 - a list, no shell  # nosec B603
            list(arguments), stdin=subprocess.DEVNULL, capture_output=True, timeout=_ANSWERS_WITHIN, check=False
        )
    except FileNotFoundError:
        return "no such program"
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if said.returncode == 0:
        return None
    words = (said.stderr or said.stdout).decode("utf-8", "replace").strip()
    return words.splitlines()[-1] if words else f"ended with {said.returncode}"


def output(arguments: Sequence[str]) -> str | None:
    """What a program prints, without the last line end; None when it is not there, fails, or is silent for too long."""
    try:
        said = subprocess.run(  # noqa: S603 - a list, no shell  # nosec B603
            list(arguments), stdin=subprocess.DEVNULL, capture_output=True, timeout=_ANSWERS_WITHIN, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return said.stdout.decode("utf-8", "replace").rstrip("\n")


def has_systemd() -> bool:
    """Whether systemd runs this machine (sd_booted(3))."""
    return os.path.isdir("/run/systemd/system")


def unit_of_package(name: str) -> Path | None:
    """The unit of this name that a package of the system brought; None when there is none."""
    path = UNITS_OF_PACKAGES / name
    return path if path.is_file() else None


def has_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def own_program() -> list[str]:
    """The command line that starts this program."""
    script = Path(sys.executable).parent / "callcentre"
    return [str(script)] if script.is_file() else [sys.executable, "-m", "callcentre"]


def is_private(path: Path) -> bool:
    """Whether only this user and root can write there."""
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode):
        return False
    return found.st_uid in {0, os.geteuid()} and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def secrets(path: Path) -> dict[str, str]:
    """The variables of a file that systemd reads as EnvironmentFile. Raises SurveyError."""
    content = contents(path)
    found: dict[str, str] = {}
    for line in (content or b"").decode("utf-8", "replace").splitlines():
        name, equals, value = line.strip().partition("=")
        if not equals or name.startswith(("#", ";")):
            continue
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        found[name.strip()] = value
    return found
