"""Files that are read line by line, as they are or compressed."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

_GZIP: Final = b"\x1f\x8b"

_LONGEST: Final = 1024 * 1024
"""Bytes of a line; those that are meant have some hundred. What is longer comes in pieces."""


class CannotRead(Exception):  # noqa: N818
    """A database or log cannot be read; the text says which, why, and what to do."""


def lines_of(path: Path) -> Iterator[bytes]:
    """The lines of a file with their ends, also of one that gzip compressed. Raises `CannotRead`."""
    try:
        with ExitStack() as opened:
            file: Any = opened.enter_context(path.open("rb"))
            is_compressed = file.read(len(_GZIP)) == _GZIP
            file.seek(0)
            if is_compressed:
                file = opened.enter_context(gzip.open(file))
            while line := file.readline(_LONGEST):
                yield line
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise CannotRead(f"{path}: cannot be read: {reason}") from error
