"""Diagnostics for administrators, on standard error. Facts are written elsewhere: see `kernel.journal`."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import sys
import traceback
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

import structlog

from callcentre.kernel.seldom import Level, Seldom
from callcentre.values.characters import readable


def _for_people(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return readable(event)


class _StandardError:
    """Writes a line to standard error. Where even that fails, as on a full disk, the daemon continues silently."""

    def __init__(self, *_name: object) -> None:
        """Takes the argument of `structlog.get_logger`, which is the name of a module."""

    def write(self, line: str) -> None:
        with suppress(OSError, ValueError):
            print(line, file=sys.stderr, flush=True)

    debug = info = warning = error = critical = exception = write


_SECRETS: Final = re.compile(r"(?i)((?:token|password|auth)[\w-]*=)[^&\s'\"]+")
_LONGEST: Final = 300


class _Others(logging.Handler):
    """Log messages of libraries, as lines of ours: no traceback, nothing secret, and few of each kind.

    Their text may contain something that an outsider sent, so it is cut short. Of an error only kind and place are
    logged.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._seldom = Seldom()

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line, or count it."""
        try:
            error = record.exc_info[1] if record.exc_info else None
            message = record.getMessage().partition("\n")[0]
        except Exception:  # A library's mistake in its own log message must not raise here.
            error, message = None, str(record.msg)
        self.say("warning" if record.levelno < logging.ERROR else "error", record.name, message, error, record.msg)

    def say(self, level: Level, library: str, message: str, error: BaseException | None, kind: object) -> None:
        """Write or count a message of a library; `kind` distinguishes its messages."""
        place = where(error)
        self._seldom.say(
            level,
            "library said",
            kind=(library, str(kind)[:_LONGEST], type(error).__name__, place),
            library=library,
            message=_SECRETS.sub(r"\1•••", message)[:_LONGEST],
            **({} if error is None else {"error": type(error).__name__, "where": place}),
        )


_others = _Others()


def where(error: BaseException | None) -> str | None:
    """The file and line that raised an error."""
    frames = traceback.extract_tb(error.__traceback__) if error is not None else []
    return f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else None


def log_loop_error(_loop: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
    """Logs an exception that nobody awaited: a handler for `loop.set_exception_handler`."""
    message = str(context.get("message", "unhandled error"))
    _others.say("error", "asyncio", message, context.get("exception"), message)


def configure(level: str, form: str) -> None:
    """Write diagnostics as JSON lines or for people, from `level` on. A new call replaces the old settings."""
    # JSON escapes control characters; in the form for people they are left out.
    renderers: list[structlog.typing.Processor] = [structlog.processors.JSONRenderer()]
    if form == "console":
        renderers = [_for_people, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            structlog.processors.format_exc_info,
            *renderers,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=_StandardError,
        cache_logger_on_first_use=False,
    )
    # Libraries log through this too: their own handlers would write endless tracebacks to standard error.
    logging.getLogger().addHandler(_others)
