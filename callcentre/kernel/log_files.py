"""The files of the log, the written one and those that a rotation made, and lines of them written anew.

A file is never changed in place: what it holds from now on is written beside it, brought to disk, and takes its name. A
crash leaves the old file or the new one. Owner, rights and time of change stay, so that logrotate deletes it when it
would have.
"""

from __future__ import annotations

import gzip
import os
import re
import stat
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

from msgspec import DecodeError

Change = Callable[[bytes], bytes]
"""From a line about the person, without its end, to the line that takes its place. Raises `DecodeError`."""

BESIDE: Final = ".being-written"
"""The end of the name of a file that is being written."""

_GZIP: Final = b"\x1f\x8b"
_ROTATED: Final = re.compile(r"[.-][0-9][0-9A-Za-z_-]*(\.gz)?")
"""What logrotate adds to the name: `.1`, `.2.gz`, and with `dateext` `-20261129` or `-20261129.gz`."""


@dataclass(slots=True)
class LogReport:
    """Changed lines by file, what failed, and what is not ours to change."""

    lines: dict[str, int] = field(default_factory=dict)
    failed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __add__(self, other: LogReport) -> LogReport:
        lines = dict(self.lines)
        for file, count in other.lines.items():
            lines[file] = lines.get(file, 0) + count
        # What failed the last time counts.
        return LogReport(lines, other.failed, other.notes)


class About:
    """Which lines are about a person: those with the hash, and those with one of the ids."""

    def __init__(self, caller: str, ids: Iterable[str]) -> None:
        self._needles = re.compile(
            b"|".join(re.escape(each.encode()) for each in sorted({caller, *ids}, key=len)[::-1])
        )

    def __call__(self, line: bytes) -> bool:
        return self._needles.search(line) is not None


def files_of(path: Path) -> list[Path]:
    """The log and what a rotation made of it, the oldest first by their time of change."""
    beside = [each for each in path.parent.glob(f"{_escaped(path.name)}*") if _is_log(path, each)]
    return sorted(beside, key=lambda each: each.stat().st_mtime)


def _escaped(name: str) -> str:
    return re.sub(r"([*?[])", r"[\1]", name)


def _is_log(path: Path, other: Path) -> bool:
    named = other == path or _ROTATED.fullmatch(other.name.removeprefix(path.name)) is not None
    return named and stat.S_ISREG(other.lstat().st_mode)


def lines_in(path: Path) -> Iterator[bytes]:
    """The lines of a file with their ends, also of one that gzip compressed. Raises `OSError`."""
    with ExitStack() as opened:
        try:
            yield from _opened(path, opened)
        except (EOFError, zlib.error) as error:
            raise OSError(f"{path}: cannot be read: {error}") from error


def _opened(path: Path, opened: ExitStack) -> Any:
    file: Any = opened.enter_context(path.open("rb"))
    compressed = file.read(len(_GZIP)) == _GZIP
    file.seek(0)
    return opened.enter_context(gzip.open(file)) if compressed else file


def changed_lines(path: Path, about: About, change: Change) -> int:
    """Write a file anew that nobody writes, unless no line of it changes. Returns how many did. Raises `OSError`."""
    if not any(about(line) for line in lines_in(path)):
        return 0
    with path.open("rb") as file:
        compressed = file.read(len(_GZIP)) == _GZIP
    beside = Beside(path)
    try:
        with ExitStack() as opened:
            out: Any = opened.enter_context(gzip.GzipFile("", "wb", fileobj=beside.file)) if compressed else beside.file
            count = copied(lines_in(path), out, about, change)
        if count:
            beside.take_place()
    finally:
        beside.close()
    return count


def copied(lines: Iterable[bytes], out: BinaryIO, about: About, change: Change) -> int:
    """Copy lines, those about the person changed. Returns how many changed."""
    count = 0
    for line in lines:
        after = _changed(line, change) if about(line) else line
        count += after != line
        out.write(after)
    return count


def _changed(line: bytes, change: Change) -> bytes:
    text, end = line.rstrip(b"\r\n"), line[len(line.rstrip(b"\r\n")) :]
    try:
        return change(text) + end
    except DecodeError:
        # No fact: of a log for people, or cut off by a full disk. Its words cannot be kept without the person.
        return b"(erased)" + (end or b"\n")


class Beside:
    """A file beside another, which takes its place."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._beside = path.with_name(f".{path.name}{BESIDE}")
        with suppress(FileNotFoundError):
            self._beside.unlink()  # That of a crash.
        self._before = path.stat()
        handle = os.open(self._beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self.file: BinaryIO = os.fdopen(handle, "wb")
        try:
            if (self._before.st_uid, self._before.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(handle, self._before.st_uid, self._before.st_gid)
            os.fchmod(handle, stat.S_IMODE(self._before.st_mode))
        except OSError:
            self.close()
            raise

    def is_replaced(self) -> bool:
        """Whether another file has the name by now: a rotation came between."""
        try:
            now = self._path.stat()
        except OSError:
            return True
        return (now.st_dev, now.st_ino) != (self._before.st_dev, self._before.st_ino)

    def to_disk(self) -> None:
        """Bring what is written so far to disk."""
        self.file.flush()
        os.fsync(self.file.fileno())

    def take_place(self) -> None:
        """Take the name, once everything is on disk. Raises `OSError` when a rotation came between."""
        self.to_disk()
        if self.is_replaced():
            raise InterruptedError(f"{self._path}: was rotated meanwhile")
        os.utime(self._beside, ns=(self._before.st_atime_ns, self._before.st_mtime_ns))
        os.replace(self._beside, self._path)
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def close(self) -> None:
        """End it; what did not take the place is deleted."""
        self.file.close()
        with suppress(FileNotFoundError):
            self._beside.unlink()


def report_of(files: Iterable[Path], about: About, change: Change) -> LogReport:
    """Write files anew that nobody writes. A file that fails is reported, and the others are written all the same."""
    lines: dict[str, int] = {}
    failed: list[str] = []
    for path in files:
        try:
            if count := changed_lines(path, about, change):
                lines[path.name] = count
        except InterruptedError:
            raise
        except OSError as error:
            failed.append(
                f"{path}: not written anew: {error.strerror or error}; give the daemon the right to, and "
                "run the same command again"
            )
    return LogReport(lines, tuple(failed))


def found_in(path: Path, about: About) -> Mapping[str, list[bytes]]:
    """The lines about a person, by file. Raises `OSError`."""
    found = {each.name: [line for line in lines_in(each) if about(line)] for each in files_of(path)}
    return {name: lines for name, lines in found.items() if lines}
