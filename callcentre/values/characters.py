"""Makes texts of outsiders safe to show and export: removes characters that do something instead of being read.

Control characters move a terminal's cursor or overwrite a line. The marks of Unicode's bidirectional algorithm (UAX 9)
make a text look different from what is stored. Some readers end a line at U+2028. A lone surrogate cannot be encoded.
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
    """A text without such characters: every line end is a line feed, every tab a space, the others are removed."""
    if text.isprintable():
        return text
    return _ACTING.sub("", _LINE_ENDS.sub("\n", text).replace("\t", " "))


def one_line(text: str) -> str:
    """The same on one line: a line end is a space."""
    return cleaned(text).replace("\n", " ")


def printable(text: str) -> str:
    """A text in a message, as it is but for characters that are not printable."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


def shown(value: object) -> str:
    """A value in a message: in quotes, on one line, shortened, and without control characters."""
    text = printable(str(value)[:41])
    return f'"{text if len(text) <= 40 else text[:39] + "…"}"'


def readable(values: Mapping[str, Any]) -> dict[str, Any]:
    """Names and values for people to read. A value that is not a text is shown as Python writes it, and made safe."""
    return {name: cleaned(value) if isinstance(value, str) else value for name, value in values.items()}


def as_json(value: Any) -> str:
    """JSON on one line with such characters escaped (RFC 8259, 7): readers decode them, terminals never get them."""
    written = json.dumps(value, ensure_ascii=False)
    if written.isprintable():
        return written
    # Half of a surrogate pair is not a character, and strict readers refuse its escape.
    written = _NO_CHARACTER.sub("\ufffd", written)
    return _IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


_FORMULA: Final = re.compile("[=+\\-@＝＋－＠﹦﹢﹣﹫]")
_BEGINS: Final = re.compile(
    # The beginning of the text, and of everything that a reader may take for a cell or row of its own.
    r"(\A|[,;|\n\"])"
    # Blanks and invisible characters, which some readers skip.
    "([\\s\u00ad\u180e\u200b-\u200d\u2060-\u2064]*)"
    # Existing apostrophes are kept, so that removing one restores the text.
    "(?='*[=+\\-@＝＋－＠﹦﹢﹣﹫])"
)


def guarded(text: str) -> str:
    """A text for csv that cannot begin a formula, with any separator.

    An apostrophe keeps it a text. It is put before a formula character (those of OWASP's "CSV Injection") at
    the beginning of the text and after every comma, semicolon, bar, quote or line end. A tab counts as a space here.
    Removing the first apostrophe at each of these places restores the text.
    """
    text = cleaned(text)
    return _BEGINS.sub(r"\1\2'", text) if _FORMULA.search(text) else text


def harmless(value: Any) -> Any:
    """A value for csv: numbers, booleans and None unchanged, anything else as a guarded text."""
    return value if value is None or isinstance(value, bool | int | float) else guarded(str(value))
