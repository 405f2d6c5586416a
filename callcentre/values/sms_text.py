"""The size of a text: its alphabet, its length in that alphabet, and the number of messages it is sent in.

Source: 3GPP TS 23.038 (alphabets) and TS 23.040 (concatenation). A text with only characters of the GSM 7-bit
alphabet has up to 160 septets in one message, or 153 in each message when it is split. One character outside switches
the whole text to UCS-2, with 70 and 67 sixteen-bit units.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

Alphabet = Literal["gsm7", "ucs2"]

# TS 23.038, 6.2.1: the default alphabet in the order of its codes, without the escape at 0x1B.
BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# TS 23.038, 6.2.1.1: each of these is sent as an escape and a second septet.
EXTENSION: Final = frozenset("\f^{}\\[~]|€")
GSM7: Final = BASIC | EXTENSION


@dataclass(frozen=True, slots=True)
class TextSize:
    """The size of a text: `units` are septets (gsm7) or sixteen-bit units (ucs2), `parts` are messages.

    `outside` holds the distinct characters that switched the text to UCS-2, in order of appearance.
    """

    alphabet: Alphabet
    units: int
    parts: int
    outside: tuple[str, ...] = ()


def measure(text: str) -> TextSize:
    """Measure a text as it is; an empty one is a message too.

    A character of two units is never split between two messages: it moves to the next as a whole.
    """
    outside = tuple(dict.fromkeys(character for character in text if character not in GSM7))
    if outside:
        costs = [2 if ord(character) > 0xFFFF else 1 for character in text]
        return TextSize("ucs2", sum(costs), _parts(costs, alone=70, split=67), outside)
    costs = [2 if character in EXTENSION else 1 for character in text]
    return TextSize("gsm7", sum(costs), _parts(costs, alone=160, split=153))


def _parts(costs: Iterable[int], *, alone: int, split: int) -> int:
    total, parts, filled = 0, 1, 0
    for cost in costs:
        total += cost
        filled += cost
        if filled > split:
            parts, filled = parts + 1, cost
    return 1 if total <= alone else parts


def unsendable(text: str) -> tuple[str, ...]:
    """The distinct characters that no alphabet can send to a phone, in order of appearance.

    These are control characters other than line breaks, lone surrogates, and code points that are not characters.
    """
    return tuple(dict.fromkeys(character for character in text if not _is_sendable(character)))


def cleaned(text: str) -> str:
    """The text without what cannot be sent: composed (NFC), tabs as spaces, everything `unsendable` removed.

    Composing matters: an `a` with a combining diaeresis is outside GSM 7-bit, `ä` is inside.
    """
    plain = text.replace("\t", " ")
    # Printable characters can be sent: most texts need no check of each character.
    if not plain.isprintable():
        plain = "".join(character for character in plain if _is_sendable(character))
    return unicodedata.normalize("NFC", plain)


def _is_sendable(character: str) -> bool:
    if character in "\n\r\f":
        return True
    if unicodedata.category(character) in {"Cc", "Cs"}:
        return False
    code = ord(character)
    return not (0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE)
