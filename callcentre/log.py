"""Diagnostics for whoever runs the daemon, on standard error. Facts go their own way: see `engine.journal`."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress

import structlog

from callcentre.characters import readable


def _for_people(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return readable(event)


class _StandardError:
    """Writes a line to standard error; where even that fails, as on a full disk, the daemon goes on without a word."""

    def __init__(self, *_name: object) -> None:
        """Takes what `structlog.get_logger` was given, which is the name of a module."""

    def write(self, line: str) -> None:
        with suppress(OSError, ValueError):
            print(line, file=sys.stderr, flush=True)

    debug = info = warning = error = critical = exception = write


def configure(level: str, form: str) -> None:
    """Write diagnostics as JSON lines or for people, from `level` on; a new call replaces the old."""
    # JSON escapes what is no plain character; for people it is left out.
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
