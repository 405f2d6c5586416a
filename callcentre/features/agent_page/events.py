"""What agents do with notes."""

from __future__ import annotations

from callcentre.kernel.event import Event


class NoteAdded(Event, frozen=True, kw_only=True):
    """Somebody wrote a note about the person of a call. `note` is its id, random; `number` is masked."""

    note: str
    organisation: str
    service: str
    call: str
    caller: str
    number: str | None
    text: str


class NoteEdited(Event, frozen=True, kw_only=True):
    """Somebody changed the text of a note of theirs."""

    note: str
    text: str


class NoteRemoved(Event, frozen=True, kw_only=True):
    """Somebody deleted a note of theirs."""

    note: str
