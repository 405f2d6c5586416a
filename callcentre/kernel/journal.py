"""Writes facts from the journal to the log: one JSON line each, none lost, perhaps one twice.

The journal is written in the transaction, the log after it. The position of the log is stored with the next commit, so
a crash between the two repeats the last lines at the next start. Readers recognise them by their `id`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

import msgspec
import structlog

from callcentre.config import private
from callcentre.kernel.fact import Fact
from callcentre.values.characters import readable

CURSOR = "logged"

_encode = msgspec.json.Encoder().encode


def stamp(fact: Fact, number: int, at: datetime) -> dict[str, Any]:
    """The journal's row for a fact."""
    moment = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    body = _encode(fact)
    # The name comes first in the encoded fact; time and number are inserted after it.
    head, comma, rest = body.partition(b",") if b"," in body else (body[:-1], b"", b"}")
    line = head + f',"at":"{moment}","id":{number}'.encode() + comma + rest
    about = {"call": fact.call, "callback": fact.callback}
    return {"id": number, "at": at, "event": fact.name, **about, "line": line.decode()}


def _plain(_logger: object, _method: str, event: structlog.typing.EventDict) -> str:
    return str(event["event"])


def _unfold(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    fact: dict[str, Any] = msgspec.json.decode(event["event"])
    return {"timestamp": fact.pop("at"), **readable(fact)}


class FactLog:
    """Writes facts to standard output or a file: as JSON, or for people (`format: console`)."""

    def __init__(self, path: Path | None, form: str) -> None:
        self._path = path
        self._file: TextIO | None = None
        self._at_once = form == "json"
        self._processors: list[structlog.typing.Processor] = (
            [_plain] if form == "json" else [_unfold, structlog.dev.ConsoleRenderer(colors=False)]
        )
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
            opened = open(self._path, "a", encoding="utf-8", opener=private.opener)  # noqa: SIM115
            self.close()
            self._file = opened
        self._log = structlog.wrap_logger(structlog.PrintLogger(self._file or sys.stdout), processors=self._processors)

    def write(self, lines: Sequence[str]) -> None:
        """Write lines and flush. Raises `OSError` when the log cannot be written; nothing else depends on it."""
        # JSON lines are written as they are: one write and one flush for a whole batch.
        for text in ("\n".join(lines),) if self._at_once and lines else lines:
            self._log.info(text)

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._file is not None:
            self._file.close()
            self._file = None
