"""Texts of outsiders as they are shown and exported: without the characters that act instead of being read.

Control characters move a terminal's cursor or write over a line. The marks of Unicode's bidirectional algorithm (UAX 9)
make a text read otherwise than it is stored. Some readers end a line at U+2028. A lone surrogate cannot be encoded.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

_LINE_ENDS: Final = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_ACTING: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_IN_JSON: Final = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_NO_CHARACTER: Final = re.compile("[\ud800-\udfff]")


def cleaned(text: str) -> str:
    """A text without acting characters: every line end is a line feed, every tab a space, the others are left out."""
    if text.isprintable():
        return text
    return _ACTING.sub("", _LINE_ENDS.sub("\n", text).replace("\t", " "))


def one_line(text: str) -> str:
    """The same in one line: a line end is a space."""
    return cleaned(text).replace("\n", " ")


def readable(values: Mapping[str, Any]) -> dict[str, Any]:
    """Names and values for people's eyes; a value that is no text is shown as Python writes it, and harmless."""
    return {name: cleaned(value) if isinstance(value, str) else value for name, value in values.items()}


def as_json(value: Any) -> str:
    """JSON in one line whose acting characters are escaped (RFC 8259, 7): readers get them, terminals do not."""
    written = json.dumps(value, ensure_ascii=False)
    if written.isprintable():
        return written
    # A half of a surrogate pair is no character, and strict readers refuse its escape.
    written = _NO_CHARACTER.sub("\ufffd", written)
    return _IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", written)
