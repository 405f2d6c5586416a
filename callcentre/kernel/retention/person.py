"""Where the rows of a table lead to a person: what is exported about a person, and what erasing a person does.

Each component declares it with the `Retention` of a table. The commands walk these declarations and know no table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Any, Final

IDS: Final = ("call", "callback", "message", "survey")
"""Fields with the id of a call, a callback, a text or a survey, in facts and in the records made of them."""

LEAD_NOWHERE: Final = frozenset({"survey"})
"""Ids that may stay when a record is old: they are made with the key of the hashes, and tell which answers belong
together. The others are, or contain, the PBX's own id of a call."""


class Erased(Enum):
    """What erasing a person does with the person's rows. The value is what the documentation says."""

    EMPTIED = "the row stays, without the person"
    """Figures stay the same. Masks and hashes are emptied, and each id is replaced by one that leads nowhere."""
    DELETED = "deleted"
    ENDED = "ended, and deleted"
    """A rule of the component ends what is open, before anything else is erased."""
    KEPT = "kept, as a keyed hash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The columns of a table that lead to a person.

    number: a telephone number, in E.164 or as the PBX shows it.
    caller: the keyed hash of a number. A row with the hash of another person is not this person's.
    masks: a masked number. Nobody is found by it.
    ids: the id of a call, a callback, a text or a survey. It leads to the person by other rows with that id.
    inside: a text or JSON in which numbers, hashes or ids occur.
    names: what else is about the person, such as a name or the words of a text.
    empties: for `EMPTIED`, columns with what they hold afterwards, beside those above.
    """

    erased: Erased
    number: tuple[str, ...] = ()
    caller: tuple[str, ...] = ()
    masks: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    empties: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def columns(self) -> Iterator[str]:
        """All these columns."""
        yield from (*self.number, *self.caller, *self.masks, *self.ids, *self.inside, *self.names, *self.empties)
