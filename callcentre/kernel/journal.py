"""Writes facts from the journal to the log: one JSON line each, none lost, perhaps one twice.

The journal is written in the transaction, the log after it. The position of the log is stored with the next commit, so
a crash between the two repeats the last lines at the next start. Readers recognise them by their `id`.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

import msgspec
import structlog

from callcentre.config import private
from callcentre.kernel.fact import Fact
from callcentre.kernel.log_files import About, Beside, Change, LogReport, copied, files_of, report_of
from callcentre.values.characters import readable

CURSOR = "logged"

_encode = msgspec.json.Encoder().encode

_COMMON: Final = Fact.__struct_fields__
"""The fields that all facts may have. They come last in an encoded fact, in this order."""
_KEYS: Final = tuple(f',"{name}":'.encode() for name in _COMMON)
_common: Final = attrgetter(*_COMMON)
_ROTATIONS: Final = 3
"""Rotations that may come between while the log is written anew."""
_NAME: Final = slice(len('{"event":"'), -1)
"""Where the name is at the beginning of an encoded fact."""


class Entry(NamedTuple):
    """A fact as it is written: its line of the log, and its row of the journal in the order of the columns.

    The row has no node: the store adds it.
    """

    id: int
    line: bytes
    row: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class HearsCommits:
    """The declaration of something that hears of facts once they are on disk: never before, and in their order.

    It must return at once, and raises nothing.
    """

    hear: Callable[[Sequence[Entry]], None]


def _moment(at: datetime) -> bytes:
    """ISO 8601 in UTC with milliseconds, in quotes."""
    # A tenth of the time of isoformat. msgspec leaves out a fraction of zero.
    text = _encode(at)
    return text[:24] + b'Z"' if at.microsecond else text[:20] + b'.000Z"'


def stamp(fact: Fact, number: int, at: datetime, node: str = "main") -> Entry:
    """Give a fact its number, its time, and the name of the daemon that it happened to."""
    # The name comes first in the encoded fact; time and number are inserted after it.
    head, comma, rest = _encode(fact)[:-1].partition(b",")
    fields = comma + rest
    line = b'%b,"at":%b,"id":%d,"node":"%b"%b}' % (head, _moment(at), number, node.encode(), fields)
    common = _common(fact)
    further = fields
    for key, value in zip(_KEYS, common, strict=True):
        if value is not None:
            # The first of the common fields. It is looked for from the end; within a text the quotes would be escaped.
            further = fields.rpartition(key)[0]
            break
    return Entry(number, line, (number, at, head[_NAME].decode(), f"{{{further[1:].decode()}}}", *common))


def line_of(row: Mapping[str, Any]) -> bytes:
    """The line of the log for a row that was read from the journal: that of its `Entry`."""
    further: bytes = row["further"].encode()
    node = b'"id":%d,"node":"%b"' % (row["id"], row["node"].encode())
    if further.startswith(b'{"event":'):
        # A row from before revision 0020: the whole line, from when there was one daemon only.
        return further.replace(b'"id":%d' % row["id"], node, 1)
    fields = b"," + further[1:-1] if further != b"{}" else b""
    present = ((key, row[name]) for key, name in zip(_KEYS, _COMMON, strict=True))
    common = b"".join(key + _encode(value) for key, value in present if value is not None)
    return b'{"event":%b,"at":%b,%b%b%b}' % (_encode(row["event"]), _moment(row["at"]), node, fields, common)


def _until(file: BinaryIO, end: int) -> Iterator[bytes]:
    """The lines of a file before this byte."""
    while file.tell() < end and (line := file.readline()):
        yield line


class FactLog:
    """Writes facts to standard output or a file: as JSON, or for people (`format: console`)."""

    def __init__(self, path: Path | None, form: str) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._for_people = None if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
        if path is not None:
            # Only at the start. Rights of its group are kept: an administrator gave them, such as by
            # `create 0640 callcentre adm` of logrotate.
            private.narrow(path, private.OTHERS)
        self.reopen()

    def reopen(self) -> None:
        """Reopen the file, after a rotation moved it away. Raises `OSError`; then the old file is still written.

        A new file has mode 0600; one that a rotation made keeps the mode it has.
        """
        if self._path is not None:
            opened = open(self._path, "ab", opener=private.opener)  # noqa: SIM115
            self.close()
            self._file = opened

    def write(self, lines: Sequence[bytes]) -> None:
        """Write lines and flush. Raises `OSError` when the log cannot be written; nothing else depends on it."""
        if lines:
            # One write and one flush for a whole batch.
            file = self._file or sys.stdout.buffer
            file.write(b"".join(b"%b\n" % self._shown(line) for line in lines))
            file.flush()

    async def rewritten(self, about: About, change: Change) -> LogReport:
        """Change lines of the log, and of the files that a rotation made of it. Raises `OSError`.

        Lines may be written meanwhile. They are in the new file too.
        """
        if self._path is None:
            note = "the log is on standard output: what keeps it, such as the journal of systemd, is not ours to change"
            return LogReport(notes=(note,))
        for _ in range(_ROTATIONS):
            try:
                others = [file for file in files_of(self._path) if file != self._path]
                report = await asyncio.to_thread(report_of, others, about, change)
                written = await self._written_anew(self._path, about, change)
                return LogReport(report.lines | written.lines, (*report.failed, *written.failed))
            except InterruptedError:
                continue
        raise OSError(f"{self._path}: was rotated again and again while it was written anew")

    async def _written_anew(self, path: Path, about: About, change: Change) -> LogReport:
        """Write the file anew that lines are written to. What it has by now is copied beside the event loop."""
        try:
            beside = Beside(path)
        except OSError as error:
            return LogReport(failed=(f"{path}: not written anew: {error.strerror or error}",))
        try:
            with path.open("rb") as old:
                known = os.fstat(old.fileno()).st_size
                count = await asyncio.to_thread(copied, _until(old, known), beside.file, about, change)
                await asyncio.to_thread(beside.to_disk)
                # From here on no line is written until the new file is open.
                count += copied(old, beside.file, about, change)
            if count:
                beside.take_place()
                self.reopen()
        finally:
            beside.close()
        return LogReport({path.name: count} if count else {})

    def _shown(self, line: bytes) -> bytes:
        if self._for_people is None:
            return line
        fact: dict[str, Any] = msgspec.json.decode(line)
        shown: Any = self._for_people(None, "", {"timestamp": fact.pop("at"), **readable(fact)})
        return str(shown).encode()

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._file is not None:
            self._file.close()
            self._file = None
