"""The words of facts about notes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from callcentre.web.fact_words import FactWords
from callcentre.web.words import message as _

WORDS: Final[Sequence[FactWords]] = (
    FactWords(event="note.written", says=(_("A note about the person was written."),)),
    FactWords(event="note.changed", says=(_("A note about the person was changed."),)),
    FactWords(event="note.deleted", says=(_("A note about the person was deleted."),)),
)
