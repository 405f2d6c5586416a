"""What an answer to a notice means: pure functions of the text and of the words that the administrator chose."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from callcentre.messaging.words import folded

_NUMBER: Final = re.compile(r"\(?\+?[0-9 ().\-/]*[0-9][0-9 ().\-/]*")
_FEWEST_DIGITS: Final = 5
"""A text with fewer digits answers some other question. It is not a telephone number."""


class Meaning(StrEnum):
    """What an answer says."""

    CANCEL = "cancel"
    KEEP = "keep"
    NUMBER = "number"
    UNCLEAR = "unclear"


def meaning_of(body: str, cancel_words: Iterable[str], keep_words: Iterable[str]) -> Meaning:
    """The meaning of an answer. Words are compared whole and folded. Anything written as a telephone number is one."""
    answer = folded(body)
    if answer in {folded(word) for word in cancel_words}:
        return Meaning.CANCEL
    if answer in {folded(word) for word in keep_words}:
        return Meaning.KEEP
    written = as_number(body)
    if _NUMBER.fullmatch(written) and sum(each.isdecimal() for each in written) >= _FEWEST_DIGITS:
        return Meaning.NUMBER
    return Meaning.UNCLEAR


def as_number(body: str) -> str:
    """An answer with the plain spaces and hyphens that a number is written with.

    A number copied from a phone's contacts has other spaces and hyphens, and marks of direction around it. The digits
    stay as they are: digits of other scripts do not make a number.
    """
    plain = {"Zs": " ", "Pd": "-", "Cf": ""}
    return "".join(plain.get(unicodedata.category(each), each) for each in body).strip()
