"""The words of a survey's page: one file for each language in `locale/`, named after its code.

Adding a language is adding a file. The files are read once, when the module is imported. A file that lacks a word, or
has one too many, stops the import.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Final

import msgspec


class Words(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The words of one language. `name` is the language's own name. `choices` are the values of satisfaction, the best
    first. `too_long` has the placeholders count and most.
    """

    name: str
    title: str
    question: str
    choices: Mapping[str, str]
    comment: str
    send: str
    thanks: str
    received: str
    gone: str
    over: str
    missing: str
    too_long: str
    later: str
    languages: str


def _read() -> Mapping[str, Words]:
    folder = files(__package__) / "locale"
    found = (each for each in folder.iterdir() if each.name.endswith(".toml"))
    return {
        each.name.removesuffix(".toml"): msgspec.toml.decode(each.read_bytes(), type=Words)
        for each in sorted(found, key=lambda each: each.name)
    }


WORDS: Final[Mapping[str, Words]] = _read()
"""By language code."""

LANGUAGES: Final[Mapping[str, str]] = {code: words.name for code, words in WORDS.items()}
"""The languages of the page by code, each by its own name."""
