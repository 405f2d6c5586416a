"""What became true of notes. Their texts are in no fact."""

from __future__ import annotations

from callcentre.kernel.fact import Fact


class NoteFact(Fact, frozen=True):
    """Base of the facts about notes.

    note: the note's id.
    """

    note: str


class NoteWritten(NoteFact, frozen=True, tag="note.written"):
    """An agent wrote a note about a person."""


class NoteChanged(NoteFact, frozen=True, tag="note.changed"):
    """An agent changed a note."""


class NoteDeleted(NoteFact, frozen=True, tag="note.deleted"):
    """An agent deleted a note."""
