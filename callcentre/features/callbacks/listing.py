"""How an open callback is shown to people and to other systems: figures and names, the number masked."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

from callcentre.features.callbacks.model import Phase

Instant = Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})]
"""ISO 8601 in UTC with milliseconds, as in facts."""


class NextStep(StrEnum):
    """What happens next to an open callback if nothing else happens."""

    DIAL = "dial"
    """We call the customer."""
    ANSWER = "answer"
    """The customer answers the call."""
    ACCEPT = "accept"
    """The customer presses 1."""
    CONNECT = "connect"
    """An agent takes the customer's call."""
    COMPLETE = "complete"
    """The conversation ends."""


class Why(StrEnum):
    """Why a callback is not dialled yet. After an attempt it is that attempt's reason instead, such as `busy`."""

    CONFIGURATION = "configuration"
    CLOSED = "closed"
    ASTERISK = "asterisk"
    PER_DAY = "per_day"
    NO_ROUTE = "no_route"
    NO_AGENT = "no_agent"
    CALL_HOURS = "call_hours"
    PLACE = "place"
    NOTICE = "notice"
    AGENT = "agent"
    IN_FLIGHT = "in_flight"
    TURN = "turn"


class Announced(StrEnum):
    """What the customer has been told about the callback, and has answered."""

    TEXTED = "texted"
    """A text is on its way."""
    DELIVERED = "delivered"
    """The customer's phone has the text."""
    CALL_DUE = "call_due"
    """The Auto Agent is about to call."""
    CALLED = "called"
    """The Auto Agent's call rings, or is answered."""
    HEARD = "heard"
    """The customer heard the Auto Agent."""
    KEPT = "kept"
    """The customer answered that the call is still wanted."""
    MOVED = "moved"
    """The customer answered with another number."""
    FAILED = "failed"
    """Nothing reached the customer."""


class ListedCallback(msgspec.Struct, frozen=True, kw_only=True):
    """An open callback at one moment.

    `age` is the seconds since it was promised; `place` 1 is the head, None while the customer talks. `why` says what
    it waits for, as in `Why`, or the reason of its last attempt; `until` when that ends, where it is known. `says` is
    the same in one sentence. `told`: what the customer has been told beforehand; None for nothing. `opted_out`: the
    customer wants no texts.
    """

    id: str
    service: str
    queue: str
    number: str
    phase: Phase
    place: int | None
    age: float
    attempts: int
    next_step: NextStep
    why: str | None
    until: Instant | None
    told: Announced | None
    opted_out: bool
    says: str
