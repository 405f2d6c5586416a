"""Notes about people, and the last caller of each agent."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from typing import ClassVar, Final

from callcentre.kernel.collection import Collection
from callcentre.kernel.decision import Record
from callcentre.kernel.records import Records

LONGEST_NOTE: Final = 2_000
"""Characters of a note."""

_MARKS: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029\ufeff")
"""Marks that turn the direction of what follows, or end a line where no editor shows it."""

_EMPTY_LINES: Final = re.compile(r"\n{3,}")


def cleaned(text: str) -> str:
    """A note as it is stored: printable characters and line breaks, at most one empty line at a time, none around it.

    It may be longer than `LONGEST_NOTE`, and "" when nothing is left.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").split("\n")
    kept = ("".join(filter(_is_shown, unicodedata.normalize("NFC", line))).rstrip() for line in lines)
    return _EMPTY_LINES.sub("\n\n", "\n".join(kept)).strip()


def _is_shown(character: str) -> bool:
    return character not in _MARKS and unicodedata.category(character) not in {"Cc", "Cs", "Co", "Cn"}


class Note(Record, frozen=True, kw_only=True):
    """A note about a person, by the keyed hash of the number (`caller`).

    It belongs to the organisation of the service that the person called. `call` is that call. `user` is the account
    that wrote it, `at` when; `changed_at` is when it was last changed, None for never.
    """

    wall_times: ClassVar[frozenset[str]] = frozenset({"at", "changed_at"})

    note: str
    organisation: str
    service: str
    caller: str
    at: datetime
    user: str
    text: str
    call: str
    changed_at: datetime | None = None

    @property
    def key(self) -> str:
        return self.note


class LastCaller(Record, frozen=True, kw_only=True):
    """The last caller whose conversation with an agent has ended: who it was, for the time after the call.

    `number` is E.164, or as the PBX shows it; "" when it is withheld. `caller` is its keyed hash, None without one.
    `wait` is seconds. It is not stored.
    """

    agent: str
    call: str
    service: str
    queue: str
    number: str
    caller: str | None
    name: str
    wait: float
    ended: datetime

    @property
    def key(self) -> str:
        return self.agent


class NoteRecords:
    """The records of the feature."""

    def __init__(self) -> None:
        self.notes = Records(Note, table="notes", key="note", indexes=("caller", "at"))
        self.last = Collection(LastCaller)
