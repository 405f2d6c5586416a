"""organisations.*.caps: how much of what all share one organisation may use."""

from callcentre.config.parts import Part
from callcentre.config.scalars import PermanentSection
from callcentre.config.settings import Organisation


class CapsSettings(PermanentSection):
    """The most that an organisation may use of what all organisations share. Each component adds what it counts."""


PARTS = (
    Part(
        of=Organisation, key="caps", section=CapsSettings,
        description="The most that it may use of what all organisations share.",
    ),
)  # fmt: skip
