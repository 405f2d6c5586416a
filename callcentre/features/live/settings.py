"""services.*.live: when the tiles of the live page warn."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from callcentre.config.check_context import CheckContext
from callcentre.config.findings import Finding, error
from callcentre.config.parts import Part
from callcentre.config.scalars import PermanentSection, whole
from callcentre.config.settings import Service
from callcentre.config.times import Duration


class LiveSettings(PermanentSection):
    """When the tiles of the live page warn, and when they are critical."""

    within: Duration = Field(
        timedelta(seconds=20), description="The threshold of the service level: calls answered within it count."
    )
    waiting_warning: Annotated[int, whole(1)] = Field(5, description="So many waiting callers are a warning.")
    waiting_critical: Annotated[int, whole(1)] = Field(10, description="So many waiting callers are critical.")
    wait_warning: Duration = Field(timedelta(minutes=2), description="A longest wait of this length is a warning.")
    wait_critical: Duration = Field(timedelta(minutes=5), description="A longest wait of this length is critical.")
    level_warning: Annotated[int, whole(0, 100)] = Field(
        80, description="A service level of the day below this, in per cent, is a warning."
    )
    level_critical: Annotated[int, whole(0, 100)] = Field(
        60, description="A service level of the day below this, in per cent, is critical."
    )


def findings(live: LiveSettings, within: CheckContext) -> Iterator[Finding]:
    """Thresholds in an order in which the warning would never be seen."""
    pairs = (
        ("waiting_critical", live.waiting_critical >= live.waiting_warning, "waiting_warning", "at least"),
        ("wait_critical", live.wait_critical >= live.wait_warning, "wait_warning", "at least"),
        ("level_critical", live.level_critical <= live.level_warning, "level_warning", "at most"),
    )
    for name, in_order, other, word in pairs:
        if not in_order:
            yield error((*within.path, name), f"must be {word} {other}", (*within.path, other))


PARTS = (
    Part(
        of=Service, key="live", section=LiveSettings, findings=findings,
        description="When the tiles of the live page warn.",
    ),
)  # fmt: skip
