"""services.*.wait_estimate: how the wait is estimated at first. retention.calls: how long calls lead to people."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from callcentre.config.parts import Keys, Part
from callcentre.config.scalars import Maybe, PermanentSection
from callcentre.config.settings import Service
from callcentre.config.times import duration
from callcentre.kernel.retention.settings import Kept, RetentionSettings


class WaitEstimateSettings(PermanentSection):
    """How the wait is estimated before enough calls have been seen."""

    handle_time: Annotated[timedelta, duration(timedelta(seconds=1), timedelta(days=1))] = Field(
        timedelta(minutes=4), description="The handle time of a call, until 10 calls have been seen."
    )


class CallRetention(PermanentSection):
    """How long calls and callbacks lead to people. It is a key of `retention`."""

    calls: Maybe[Kept] = Field(
        timedelta(days=730),
        description="How long numbers, hashes and ids stay in the records of calls and callbacks. Figures stay.",
    )


KEYS = (Keys(of=RetentionSettings, section=CallRetention),)
PARTS = (
    Part(
        of=Service, key="wait_estimate", section=WaitEstimateSettings,
        description="How the wait is estimated at first.",
    ),
)  # fmt: skip
