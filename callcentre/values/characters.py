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


_FORMULA: Final = re.compile("[=+\\-@＝＋－＠﹦﹢﹣﹫]")
_BEGINS: Final = re.compile(
    # The beginning of the text, and of what any reader may take for a cell or a row of its own.
    r"(\A|[,;|\n\"])"
    # Blanks and invisible characters, which some readers pass over.
    "([\\s\u00ad\u180e\u200b-\u200d\u2060-\u2064]*)"
    # Apostrophes that were there before are kept, so that taking one away brings the text back.
    "(?='*[=+\\-@＝＋－＠﹦﹢﹣﹫])"
)


def guarded(text: str) -> str:
    """A text for csv that begins no formula, whichever separator it is read with.

    An apostrophe keeps it a text. It comes before a formula character (those that OWASP names under "CSV Injection"),
    at the beginning of the text and behind every comma, semicolon, bar, quote or line end. A tab is a space here.
    Without the first apostrophe at each of these places the text is what it was.
    """
    text = cleaned(text)
    return _BEGINS.sub(r"\1\2'", text) if _FORMULA.search(text) else text


def harmless(value: Any) -> Any:
    """A value for csv: numbers, truth values and nothing as they are, anything else as a guarded text."""
    return value if value is None or isinstance(value, bool | int | float) else guarded(str(value))
