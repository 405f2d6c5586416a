"""How an open callback is shown to people and to other systems: figures and names, the number masked."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

from callcentre.features.callbacks.model import Phase

Instant = Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})]
"""ISO 8601 in UTC with milliseconds, as in facts."""


class NextStep(StrEnum):
    """What happens to an open callback next, when nothing comes between."""

    DIAL = "dial"
    """We call the customer."""
    ANSWER = "answer"
    """The customer takes the call."""
    ACCEPT = "accept"
    """The customer presses 1."""
    CONNECT = "connect"
    """An agent takes the customer's call."""
    COMPLETE = "complete"
    """They end their conversation."""


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
    """What the customer has been told of the callback beforehand, and has answered."""

    TEXTED = "texted"
    """A text is on its way."""
    DELIVERED = "delivered"
    """Their phone has the text."""
    CALL_DUE = "call_due"
    """Our Auto Agent is to call them."""
    CALLED = "called"
    """The Auto Agent rings, or is heard."""
    HEARD = "heard"
    """They heard the Auto Agent."""
    KEPT = "kept"
    """They answered that they still want the call."""
    MOVED = "moved"
    """They answered with the number where they want it."""
    FAILED = "failed"
    """Nothing reached them."""


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
