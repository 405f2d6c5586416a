"""dialling: outgoing calls."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from callcentre.config.check_context import CheckContext
from callcentre.config.findings import Finding, error
from callcentre.config.parts import Keys, Part
from callcentre.config.scalars import Maybe, PermanentSection, Section, choice, whole
from callcentre.config.settings import Settings
from callcentre.config.telephone import Endpoint, Number
from callcentre.config.times import duration
from callcentre.kernel.limits.settings import CapsSettings
from callcentre.values.endpoints import context_of, is_local, numbers_in


class DiallingSettings(Section):
    """Calls that we make ourselves."""

    endpoint: Endpoint = Field(
        examples=["PJSIP/{number}@trunk"],
        description="What Asterisk dials; {number}: E.164 with +, {digits}: without, {national}: as dialled in region.",
    )
    codec: Annotated[str, choice("alaw", "ulaw", "g722", "slin")] = Field(
        "alaw",
        description="The codec of our Local channels: that of the trunk behind them, so that none is converted.",
    )
    caller_id: Number = Field(examples=["+358912345678"], description="The number that called people see.")
    ring: Annotated[timedelta, duration(timedelta(seconds=5), timedelta(minutes=3))] = Field(
        timedelta(seconds=30), description="How long a phone rings before it counts as not answered."
    )
    in_flight: Annotated[int, whole(1, 10_000)] = Field(
        20, description="The most outgoing calls at once, of every kind."
    )
    per_number_per_day: Annotated[int, whole(1)] = Field(
        6, description="The most outgoing calls to one number in a day."
    )
    per_day: Annotated[int, whole(1)] = Field(
        2000,
        description="The most outgoing calls in a day. Past it an alarm is raised, with no dialling until midnight.",
    )


class CallCaps(PermanentSection):
    """How many calls the services of an organisation may make. It is a key of its `caps`."""

    calls_per_day: Maybe[Annotated[int, whole(1)]] = Field(
        None,
        description="The most outgoing calls in a day of all its services. Past it nobody is called for them until "
        "midnight; null: only dialling.per_day limits them.",
    )


def findings(dialling: DiallingSettings, within: CheckContext) -> Iterator[Finding]:
    """Outgoing calls that would come back to the daemon: each would enter the queue as another caller."""
    endpoint, path = dialling.endpoint, (*within.path, "endpoint")
    if is_local(endpoint) and context_of(endpoint).startswith("callcentre-"):
        yield error(
            path,
            f"runs our own dialplan, so that our calls come back to us: {context_of(endpoint)}; "
            "name the context by which your PBX dials out",
        )
    for own in numbers_in(endpoint, within.settings.region):
        if own in within.settings.own_numbers:
            yield error(
                path, f"calls our own number {own}; write the trunk there",
                (*within.path, "caller_id"), ("services",), ("sms",),
            )  # fmt: skip


KEYS = (Keys(of=CapsSettings, section=CallCaps),)
PARTS = (
    Part(
        of=Settings, key="dialling", section=DiallingSettings, findings=findings, before="services",
        own_numbers=lambda dialling: (dialling.caller_id,), description="Outgoing calls; null: none are made.",
    ),
)  # fmt: skip
