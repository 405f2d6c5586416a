"""Files with people's numbers: only their owner may read and write them, whatever the umask is."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

MODE: Final = 0o600
FOLDER_MODE: Final = 0o700
OTHERS: Final = stat.S_IRWXO
GROUP_AND_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class NotRegular(OSError):  # noqa: N818
    """A path leads to a folder, a pipe, a socket or a device where an ordinary file is needed."""

    def __str__(self) -> str:
        return f"{self.filename}: {self.strerror}"


def opener(path: str, flags: int) -> int:
    """For `open(…, opener=opener)`: a new file gets mode 0600, an existing one keeps the mode it has.

    Never waits, unlike an ordinary open of a named pipe. Raises `NotRegular` for everything but an ordinary file and a
    character device such as /dev/null.
    """
    handle = os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC, MODE)
    kind = os.fstat(handle).st_mode
    if not (stat.S_ISREG(kind) or stat.S_ISCHR(kind)):
        os.close(handle)
        raise NotRegular(errno.EINVAL, f"is {kind_of(kind)}, and an ordinary file is needed", path)
    os.set_blocking(handle, True)
    return handle


def make(path: Path) -> None:
    """Make an empty file, unless it exists. Raises `OSError`, for example `NotRegular`."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC, MODE)
    kind = os.fstat(handle).st_mode
    os.close(handle)
    if not stat.S_ISREG(kind):
        raise NotRegular(errno.EINVAL, f"is {kind_of(kind)}, and an ordinary file is needed", str(path))


def narrow(path: Path, taken: int = GROUP_AND_OTHERS) -> None:
    """Remove these rights from a file that is ours. A missing file, or another user's, is left alone."""
    with suppress(OSError):
        found = path.stat()
        if stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and found.st_mode & taken:
            path.chmod(stat.S_IMODE(found.st_mode) & ~taken)


def kind_of(mode: int) -> str:
    """The kind of a file in words, from its mode (st_mode)."""
    kinds = {
        stat.S_IFREG: "an ordinary file", stat.S_IFDIR: "a folder", stat.S_IFIFO: "a named pipe",
        stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device",
    }  # fmt: skip
    return kinds.get(stat.S_IFMT(mode), "no ordinary file")
