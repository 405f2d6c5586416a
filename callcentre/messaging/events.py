"""What gateways report: whether they accepted a text, its outcome, and texts from phones."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from callcentre.kernel.event import Event


class Delivery(StrEnum):
    """The outcome of a text in a delivery report."""

    DELIVERED = "delivered"
    FAILED = "failed"
    REJECTED = "rejected"
    EXPIRED = "expired"
    BUFFERED = "buffered"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The gateway accepted the text; `gateway_id` is its own id of the text, if it has one."""

    gateway_id: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The gateway certainly does not have the text. `permanent`: another try cannot help.

    `opted_out`: the gateway knows that the person wants no texts. `not_asked`: the gateway did not get the text at all.
    """

    reason: str
    permanent: bool = False
    opted_out: bool = False
    not_asked: bool = False


@dataclass(frozen=True, slots=True)
class Unclear:
    """There was no answer: the gateway may or may not have the text."""

    reason: str


Handover = Accepted | Refused | Unclear


class TextHandedOver(Event, frozen=True, kw_only=True):
    """The outcome of handing a text to the gateway."""

    message: str
    outcome: Handover


class TextNotCounted(Event, frozen=True, kw_only=True):
    """Another daemon was first, before this text could be counted: the text is not sent.

    `reason` is budget when it has used up the texts of the day, per_number for those to the number, or a reason of the
    component that wanted the text.
    """

    message: str
    reason: str


class TextByStaff(Event, frozen=True, kw_only=True):
    """Staff writes a text to a number, which may be in any form. `message` identifies the request."""

    message: str
    number: str
    body: str
    service: str


class TextAgain(Event, frozen=True, kw_only=True):
    """Staff sends a text again that failed. `again` is the id of the new one."""

    message: str
    again: str


class OptedOutByStaff(Event, frozen=True, kw_only=True):
    """Staff notes that a person wants no texts. The number may be in any form."""

    number: str


class OptedInByStaff(Event, frozen=True, kw_only=True):
    """Staff notes that a person wants texts again."""

    number: str


class DeliveryReported(Event, frozen=True, kw_only=True):
    """The gateway reports the outcome of a text. Reports come out of order, twice, and for unknown texts.

    `opted_out`: it failed because the gateway knows that the person wants no texts.
    """

    message: str
    delivery: Delivery
    opted_out: bool = False


class TextReceived(Event, frozen=True, kw_only=True):
    """A text from a phone. `gateway_id` is the same when the gateway delivers it twice.

    `taken_as`: the gateway itself has treated the text as an opt-out, or as an opt-in.
    """

    gateway: str
    gateway_id: str
    sender: str
    recipient: str
    body: str
    taken_as: Literal["stop", "start"] | None = None
