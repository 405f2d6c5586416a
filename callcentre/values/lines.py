"""One line of text from outside: without line breaks, invisible characters, and marks that turn the direction."""

from __future__ import annotations

import re
from typing import Final

_CHARACTER: Final = (
    r"\u0000-\u001f\u007f-\u00a0\u00ad\u061c\u1680\u180e"
    r"\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ufff9-\uffff"
)
"""Control characters, spaces beyond ASCII, separators, and marks of format and direction, for a regular expression."""

LINE: Final = f"^[^{_CHARACTER}]*$"
"""A line, as a pattern of JSON Schema: the description of /api has the same pattern as the code."""

NAME: Final = f"^[^{_CHARACTER}]*[^ {_CHARACTER}][^{_CHARACTER}]*$"
"""A line that contains something other than spaces."""

_LINE: Final = re.compile(LINE.removesuffix("$"))
_NAME: Final = re.compile(NAME.removesuffix("$"))


def is_line(text: str) -> bool:
    """Whether a text is one line with visible characters only."""
    return _LINE.fullmatch(text) is not None


def is_name(text: str) -> bool:
    """Whether a text is a line that contains something other than spaces."""
    return _NAME.fullmatch(text) is not None
