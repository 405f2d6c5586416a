"""What happened outside, in the order in which we heard of it.

Every event carries `at`, our clock at receipt, always aware. Where Asterisk has a time of its own it is carried beside
it as `when`, translated to our clock (`ari/clock.py`): lengths of waits and talks are differences of those, so that
neither a slow wire nor another clock lengthens anybody's wait. Names of channels, variables and states are Asterisk's
own.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from callcentre.kernel.event import Event


class Delivery(StrEnum):
    """What a delivery report says of a text."""

    DELIVERED = "delivered"
    FAILED = "failed"
    REJECTED = "rejected"
    EXPIRED = "expired"
    BUFFERED = "buffered"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The gateway took the text; `gateway_id` is its own name for it, where it gives one."""

    gateway_id: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The gateway surely does not have the text. `permanent`: asking again cannot help.

    `opted_out`: the gateway knows that the person wants no texts.
    """

    reason: str
    permanent: bool = False
    opted_out: bool = False


@dataclass(frozen=True, slots=True)
class Unclear:
    """No answer came: the gateway may or may not have the text."""

    reason: str


Handover = Accepted | Refused | Unclear


@dataclass(frozen=True, slots=True, kw_only=True)
class TextHandedOver(Event):
    """What came of handing a text to the gateway."""

    message: str
    outcome: Handover


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReported(Event):
    """The gateway tells what became of a text; reports come out of order, twice, and for nobody.

    `opted_out`: it failed since the gateway knows that the person wants no texts.
    """

    message: str
    delivery: Delivery
    opted_out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TextReceived(Event):
    """A text from a phone. `gateway_id` is the same when the gateway tells us twice.

    `taken_as`: the gateway itself has taken the text for an end of all texts, or for the end of that.
    """

    gateway: str
    gateway_id: str
    sender: str
    recipient: str
    body: str
    taken_as: Literal["stop", "start"] | None = None
