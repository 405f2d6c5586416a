"""What somebody who searches may mean. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from callcentre.values.characters import cleaned
from callcentre.values.numbers import normalise

LONGEST: Final = 200
"""Characters of a search, and of an id."""
SHORTEST_NAME: Final = 2


@dataclass(frozen=True, slots=True)
class Query:
    """A search.

    text: what was written, without blanks around it. number: in E.164, when it is a telephone number in any way of
    writing. name: the text, when it may be part of a name.
    """

    text: str
    number: str | None
    name: str | None

    @property
    def is_id(self) -> bool:
        """Whether it may be the id of a call, a callback or a text."""
        return is_id(self.text)


def query_of(written: str, region: str) -> Query:
    """What a text may mean. `region` is the country of numbers without a country code."""
    text = " ".join(cleaned(written).split())[:LONGEST]
    may_be_name = len(text) >= SHORTEST_NAME and any(character.isalpha() for character in text)
    return Query(text, normalise(text, region), text if may_be_name else None)


def has_name(name: str, sought: str) -> bool:
    """Whether a name has this text in it, in any case."""
    return sought.casefold() in " ".join(cleaned(name).split()).casefold()


def is_id(text: str) -> bool:
    """Whether a text may be the id of something."""
    return 0 < len(text) <= LONGEST and text.isprintable()
