"""retention: how long what is known about people stays. Each component adds the kinds that it keeps."""

from datetime import timedelta
from typing import Annotated, Final

from pydantic import Field

from callcentre.config.parts import Part
from callcentre.config.scalars import Maybe, PermanentSection
from callcentre.config.settings import Settings
from callcentre.config.times import duration

SHORTEST: Final = timedelta(days=1)
Kept = Annotated[timedelta, duration(at_least=SHORTEST)]
"""How long rows of a kind stay."""


class RetentionSettings(PermanentSection):
    """How long what is known about people stays. What is older is deleted or emptied at night; null: it stays."""

    journal: Maybe[Kept] = Field(
        timedelta(days=730), description="How long facts stay in the database. The log is kept by what rotates it."
    )


PARTS = (
    Part(
        of=Settings, key="retention", section=RetentionSettings, before="timezone",
        description="How long what is known about people stays. What is older is deleted or emptied at night; "
        "null: it stays.",
    ),
)  # fmt: skip
