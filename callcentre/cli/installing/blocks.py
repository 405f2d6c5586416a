"""A marked block of ours in a file that somebody else owns. Everything around it stays as it is, byte for byte."""

from __future__ import annotations

import re
from dataclasses import dataclass

BEGIN = '; callcentre begin: written by "callcentre install", which replaces what stands up to the end mark'
END = "; callcentre end"

_BEGINS = re.compile(r"^; callcentre begin\b[^\n]*(?:\n|\Z)", re.MULTILINE)
_ENDS = re.compile(r"^; callcentre end[ \t\r]*(?:\n|\Z)", re.MULTILINE)


class BlockError(ValueError):
    """The marks in a text do not make one block; the text says which line to look at."""


@dataclass(frozen=True, slots=True)
class Found:
    """A text with one block: the text before it, the block with its marks, and the text after it."""

    before: str
    block: str
    after: str


def find(text: str) -> Found | None:
    """The block of a text. Raises BlockError."""
    begins, ends = list(_BEGINS.finditer(text)), list(_ENDS.finditer(text))
    if not begins and not ends:
        return None
    if len(begins) != 1 or len(ends) != 1 or ends[0].start() < begins[0].end():
        stray = (begins[1:] or ends[1:] or begins or ends)[0]
        line = text.count("\n", 0, stray.start()) + 1
        raise BlockError(f"line {line}: the marks `; callcentre begin` and `; callcentre end` must be there once each, "
                         "in this order; delete the stray one, or the whole of each block")  # fmt: skip
    begin, end = begins[0].start(), ends[0].end()
    return Found(text[:begin], text[begin:end], text[end:])


def block(lines: str) -> str:
    """Lines between our marks."""
    return f"{BEGIN}\n{lines.rstrip()}\n{END}\n"


def put(text: str, lines: str) -> str:
    """The text with a block of `lines`, which replaces an existing block, else is at the end. Raises BlockError."""
    found = find(text)
    if found is not None:
        return f"{found.before}{block(lines)}{found.after}"
    return f"{text}{_joint(text)}{block(lines)}"


def without(text: str, *, joined: bool = False) -> str:
    """The text without its block. Raises BlockError.

    `joined`: the text did not end with a line break before the block was appended.
    """
    found = find(text)
    if found is None:
        return text
    before = found.before.removesuffix("\n") if joined and not found.after else found.before
    return before + found.after


def joins(text: str) -> bool:
    """Whether the last line of this text must be ended before a block can be appended."""
    return bool(_joint(text))


def _joint(text: str) -> str:
    return "" if not text or text.endswith("\n") else "\n"
