"""What became true of texts, in the past tense."""

from __future__ import annotations

from callcentre.kernel.fact import Fact


class TextFact(Fact, frozen=True):
    """Base of the facts about a text to a phone.

    kind: the kind of text; see [Texts](../concepts/texts.md).
    parts: the number of messages that the text takes.
    """

    kind: str
    parts: int


class SmsQueued(TextFact, frozen=True, tag="sms.queued"):
    """A text is about to be sent."""


class SmsAccepted(TextFact, frozen=True, tag="sms.accepted"):
    """The gateway accepted the text."""


class SmsDelivered(TextFact, frozen=True, tag="sms.delivered"):
    """The phone has the text."""


class SmsFailed(TextFact, frozen=True, tag="sms.failed"):
    """The text was handed over, or may have been, and did not arrive as far as is known.

    reason: failed rejected expired no_report unclear; erased (the person was erased, and no report is awaited).
    """


class SmsRefused(TextFact, frozen=True, tag="sms.refused"):
    """The text was certainly not sent.

    reason: left stale opted_out own_number budget cap per_number erased; of a notice also closed dialled cancelled over
        voice (the Auto Agent tells it); or the gateway's words.
    """


class SmsReceived(Fact, frozen=True, tag="sms.received"):
    """A text came from a phone. The fact does not have its words."""


class NumberOptedOut(Fact, frozen=True, tag="number.opted_out"):
    """No texts go to this number any more.

    by: sms gateway staff.
    """


class NumberOptedIn(Fact, frozen=True, tag="number.opted_in"):
    """Texts go to this number again.

    by: sms gateway staff.
    """
