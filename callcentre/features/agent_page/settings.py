"""retention.notes: how long notes about people stay."""

from datetime import timedelta

from pydantic import Field

from callcentre.config.parts import Keys
from callcentre.config.scalars import Maybe, PermanentSection
from callcentre.kernel.retention.settings import Kept, RetentionSettings


class NoteRetention(PermanentSection):
    """How long notes about people stay. It is a key of `retention`."""

    notes: Maybe[Kept] = Field(timedelta(days=365), description="How long the notes of agents about people stay.")


KEYS = (Keys(of=RetentionSettings, section=NoteRetention),)
