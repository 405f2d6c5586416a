"""Replaces the configuration file in one step, so that a crash leaves either the old text or the new one."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from callcentre.config.read import ConfigurationError, text_of

_MARK: Final = "\ufeff".encode()

Why = Literal["read_only", "folder", "owner", "group", "mounted", "full", "not_ordinary", "gone", "other"]


class CannotWrite(Exception):  # noqa: N818
    """The file cannot be replaced: `why` in a word, `file` is what it is about, `error` is that of the system."""

    def __init__(self, why: Why, file: Path, error: str = "") -> None:
        super().__init__(f"{file}: {why}: {error}")
        self.why = why
        self.file = file
        self.error = error


class Changed(Exception):  # noqa: N818
    """The file is not as it was before."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the file is, after symbolic links, with its owner and rights."""

    path: Path
    found: os.stat_result

    @property
    def beside(self) -> Path:
        """The new file, until it takes the place. It has one name, so that a crash leaves one file at most."""
        return self.path.with_name(f".{self.path.name}.callcentre-new")


def place_of(path: Path) -> Place:
    """The place of a file that can be replaced, as far as can be seen without writing. Raises `CannotWrite`."""
    real = Path(os.path.realpath(path))
    try:
        found = real.stat()
    except OSError as error:
        raise CannotWrite("gone", real, error.strerror or "") from error
    if not stat.S_ISREG(found.st_mode):
        raise CannotWrite("not_ordinary", real)
    if os.statvfs(real).f_flag & os.ST_RDONLY:
        raise CannotWrite("read_only", real)
    if real.is_mount():
        raise CannotWrite("mounted", real)
    us = os.geteuid()
    if found.st_uid != us and us != 0:
        raise CannotWrite("owner", real)
    if found.st_gid not in (os.getegid(), *os.getgroups()) and us != 0:
        raise CannotWrite("group", real)
    if not os.access(real, os.W_OK):
        raise CannotWrite("owner", real)
    if not os.access(real.parent, os.W_OK | os.X_OK, effective_ids=True):
        raise CannotWrite("folder", real.parent)
    return Place(real, found)


def replace(path: Path, before: str, text: str) -> None:
    """Replace the file, which has the text `before`, by one with `text`; mode, owner and a byte order mark stay.

    Raises `Changed` when it has another text, and `CannotWrite`.
    """
    place = place_of(path)
    try:
        _write(place, text)
        # The last look: an editor may have saved meanwhile.
        if text_of(place.path) != before:
            raise Changed
        os.replace(place.beside, place.path)
        _to_disk(place.path.parent)
    except ConfigurationError:
        raise Changed from None
    except OSError as error:
        raise _explained(error, place.path) from error
    finally:
        with suppress(OSError):
            place.beside.unlink()


def _write(place: Place, text: str) -> None:
    with suppress(FileNotFoundError):
        place.beside.unlink()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(place.beside, flags, 0o600)
    with open(handle, "wb") as file:
        with place.path.open("rb") as old:
            if old.read(len(_MARK)) == _MARK:
                file.write(_MARK)
        file.write(text.encode())
        file.flush()
        now = os.fstat(handle)
        if (now.st_uid, now.st_gid) != (place.found.st_uid, place.found.st_gid):
            os.fchown(handle, place.found.st_uid, place.found.st_gid)
        # After the owner: a change of the owner may take rights away.
        os.fchmod(handle, stat.S_IMODE(place.found.st_mode))
        os.fsync(handle)


def _to_disk(folder: Path) -> None:
    """Make a new name in a folder survive a loss of power."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


_WHY: Final[dict[int, Why]] = {
    errno.EROFS: "read_only",
    errno.EACCES: "folder",
    errno.EPERM: "owner",
    errno.EBUSY: "mounted",
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
}


def _explained(error: OSError, path: Path) -> CannotWrite:
    return CannotWrite(_WHY.get(error.errno or 0, "other"), path, error.strerror or type(error).__name__)
