"""Sentences of findings and alarms as pages show them: plain words, and what is to be typed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

_MARKED: Final = re.compile(r"`([^`]+)`|\[([^\]]+)\]\([^)]*\)")
"""Text between backticks, and a link of Markdown."""


class Piece(NamedTuple):
    """A piece of a sentence. `code`: it is typed, or is a name, exactly so."""

    text: str
    code: bool


def pieces(sentence: str) -> Iterator[Piece]:
    """The pieces of a sentence in their order. Of a link the words stay."""
    done = 0
    for found in _MARKED.finditer(sentence):
        if before := sentence[done : found.start()]:
            yield Piece(before, code=False)
        code, words = found.groups()
        yield Piece(words if code is None else code, code=code is not None)
        done = found.end()
    if rest := sentence[done:]:
        yield Piece(rest, code=False)


def commands(sentence: str) -> Sequence[str]:
    """What a sentence says to type, each once: the texts between backticks of more than one word."""
    return tuple(dict.fromkeys(piece.text for piece in pieces(sentence) if piece.code and " " in piece.text))
