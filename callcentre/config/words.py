"""Whole-word answers as they are compared, and those that mean "no more texts"."""

import unicodedata
from typing import Final


def folded(text: str) -> str:
    """An answer as it is compared: NFKC, casefolded, without punctuation, words apart by single spaces."""
    composed = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join("".join(" " if unicodedata.category(each)[0] in "PCZ" else each for each in composed).split())


# Obeyed before anything else looks at a text: no feature ever sees them.
OPT_OUT: Final = frozenset({"stop", "stopp", "stopall", "sluta", "lopeta", "poista", "unsubscribe", "end", "quit"})
