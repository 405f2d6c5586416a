"""One line of text from outside: no line breaks, nothing invisible, nothing that turns the writing around."""

from __future__ import annotations

import re
from typing import Final

_CHARACTER: Final = (
    r"\u0000-\u001f\u007f-\u00a0\u00ad\u061c\u1680\u180e"
    r"\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ufff9-\uffff"
)
"""Controls, spaces beyond ASCII, separators, and marks of format and direction, as a regular expression has them."""

LINE: Final = f"^[^{_CHARACTER}]*$"
"""A line, as a pattern of JSON Schema: what the description of /api says is what the code asks for."""

NAME: Final = f"^[^{_CHARACTER}]*[^ {_CHARACTER}][^{_CHARACTER}]*$"
"""A line that holds something beside spaces."""

_LINE: Final = re.compile(LINE.removesuffix("$"))
_NAME: Final = re.compile(NAME.removesuffix("$"))


def is_line(text: str) -> bool:
    """Whether a text is one line and holds nothing but what can be seen."""
    return _LINE.fullmatch(text) is not None


def is_name(text: str) -> bool:
    """Whether a text is a line that holds something beside spaces."""
    return _NAME.fullmatch(text) is not None
