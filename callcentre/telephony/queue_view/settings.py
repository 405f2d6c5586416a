"""services.*.wait_estimate: how the wait is estimated at first."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from callcentre.config.parts import Part
from callcentre.config.scalars import PermanentSection
from callcentre.config.settings import Service
from callcentre.config.times import duration


class WaitEstimateSettings(PermanentSection):
    """How the wait is estimated before enough calls have been seen."""

    handle_time: Annotated[timedelta, duration(timedelta(seconds=1), timedelta(days=1))] = Field(
        timedelta(minutes=4), description="The handle time of a call, until 10 calls have been seen."
    )


PARTS = (
    Part(
        of=Service, key="wait_estimate", section=WaitEstimateSettings,
        description="How the wait is estimated at first.",
    ),
)  # fmt: skip
