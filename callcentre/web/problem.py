"""What is said in the bodies of `/api`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from callcentre.features.surveys.model import LONGEST_QUESTION, MOST_ANSWERS
from callcentre.values.lines import LINE, NAME

# These are checked by hand, so that all mistakes are told at once and in our words. The description has them from here.
_A_LINE: Final = {"pattern": LINE}


_A_QUESTION: Final = {"minLength": 1, "maxLength": LONGEST_QUESTION, "pattern": NAME}


_SOME_ANSWERS: Final = {"minItems": 1, "maxItems": MOST_ANSWERS, "uniqueItems": True}


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is wrong and what to do about it; `reason` is why a wish was refused, as one word.

    `mistakes` are all that were found in a body, each with its place.
    """

    error: str
    mend: str
    reason: str | None = None
    mistakes: Sequence[str] = ()
