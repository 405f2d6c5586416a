"""Which part of a name that an outsider chose may be in a text message, and on an agent's phone.

Callers choose their own display name, and a text carries it under our sender ID. So a name in a text is short and
contains only what names consist of, and nothing that a phone turns into a link or a number to call.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

LONGEST_NAME: Final = 40
"""Characters. A longer name is rarely a name, and mostly a sentence."""

# Invisible characters of the categories L* and M*: Hangul fillers, the grapheme joiner, Khmer inherent vowels, and the
# variation selectors. With them, two names that look the same could differ, or an empty name could look like one.
_INVISIBLE: Final = frozenset(
    map(chr, (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F, 0x3164, 0xFFA0,
              *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
)  # fmt: skip
# The ASCII characters are in the GSM 7-bit alphabet: one of the others would double the price of a text.
_ALIKE: Final = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u02bc": "'", "`": "'", "\u00b4": "'", "\u2010": "-", "\u2011": "-", "\u00a0": " "}
)

# The rules are written over the kinds of characters (see `_kind`), one letter for each character of the name.
# Pointed Hebrew has three marks on a letter; more of them only cover other lines. A point within a word makes it a
# domain name, and so does one at the beginning of a word when the blank before it is removed.
_NAME: Final = r"LM{0,3}|[ -]|(?<=[LM])\.(?= |$)"
_IN_TEXT: Final = re.compile(rf"(?:{_NAME})*")
_ON_PHONE: Final = re.compile(rf"{_NAME}|D")


def name_in_text(name: str) -> str:
    """A person's name for a text; "" when the text has to do without the name.

    At most LONGEST_NAME letters of any script with their combining marks, blanks, hyphens, apostrophes and points.
    Decimal digits are dropped. A point is kept after a letter and before a blank or the end: `evil.example` is a link
    on a phone. A name that breaks a rule is dropped as a whole, so that no part of an outsider's sentence is sent.
    """
    # Composed after the digits are gone: a mark on a digit is then on the letter before it.
    said = _spaced(_plain("".join(character for character in name if not character.isdecimal())))
    kinds = "".join(map(_kind, said))
    return said if len(said) <= LONGEST_NAME and "L" in kinds and _IN_TEXT.fullmatch(kinds) else ""


def name_on_phone(name: str, prefix: str = "") -> str:
    """A name for an agent's phone: the characters of a name in a text, and digits; a blank replaces any other.

    At most LONGEST_NAME characters, after the `prefix` that the PBX put before the name and removes again (RGPREFIX).
    """
    before = prefix if name.startswith(prefix) else ""
    written = _plain(name[len(before) :])
    shown = [" "] * len(written)
    for found in _ON_PHONE.finditer("".join(map(_kind, written))):
        shown[found.start() : found.end()] = written[found.start() : found.end()]
    return prefix_on_phone(before) + _spaced("".join(shown))[:LONGEST_NAME].rstrip()


def prefix_on_phone(prefix: str) -> str:
    """The PBX's prefix of a name, without control characters and marks that turn the direction of writing."""
    return "".join(character for character in prefix if character.isprintable())


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).translate(_ALIKE)


def _spaced(name: str) -> str:
    return re.sub(" +", " ", name).strip(" ")


def _kind(character: str) -> str:
    """L: letter, M: combining mark, D: decimal digit, a blank, a point, "-" for hyphen and apostrophe; x: any other."""
    if character in " .-":
        return character
    if character == "'":
        return "-"
    category = unicodedata.category(character)
    if character in _INVISIBLE:
        return "x"
    if category == "Nd":
        return "D"
    if category in ("Mn", "Mc"):
        return "M"
    return "L" if category[0] == "L" else "x"
