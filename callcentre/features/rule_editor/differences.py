"""What differs between two texts, line by line."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Literal

import msgspec

_AROUND = 3
"""Equal lines that are shown around a difference."""

Kind = Literal["same", "added", "removed", "place"]


class Line(msgspec.Struct, frozen=True):
    """A line of a difference, without its sign; one of kind `place` says where the following lines are."""

    kind: Kind
    text: str


def difference(before: str, after: str) -> list[Line]:
    """The lines of a unified difference, without its head; empty for equal texts."""
    lines = difflib.unified_diff(_lines(before), _lines(after), n=_AROUND, lineterm="")
    return [_line(line) for line in list(lines)[2:]]


def _lines(text: str) -> Sequence[str]:
    return text.split("\n")


def _line(line: str) -> Line:
    kinds: dict[str, Kind] = {"+": "added", "-": "removed", " ": "same"}
    kind = kinds.get(line[:1], "place")
    return Line(kind, line if kind == "place" else line[1:])
