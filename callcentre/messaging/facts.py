"""What became true, in the past tense: the journal, the log and all statistics are made of these.

A fact carries no time and no id of its own: the engine stamps both when it is written, so that a line reads
`{"event": "queue.joined", "at": …, "id": …, …}`. Waits and talks are seconds, with decimals. A fact's
name and fields, once shipped, keep their meaning.
"""

from __future__ import annotations

from callcentre.kernel.fact import Fact


class TextFact(Fact, frozen=True):
    """Base of the facts about a text of ours.

    kind: the kind of text; see [Texts](../concepts/texts.md).
    parts: the number of messages that the text takes.
    """

    kind: str
    parts: int


class SmsQueued(TextFact, frozen=True, tag="sms.queued"):
    """A text of ours is to be sent."""


class SmsAccepted(TextFact, frozen=True, tag="sms.accepted"):
    """The gateway took the text."""


class SmsDelivered(TextFact, frozen=True, tag="sms.delivered"):
    """The phone has the text."""


class SmsFailed(TextFact, frozen=True, tag="sms.failed"):
    """The text was handed over, or may have been, and did not arrive as far as anybody knows.

    reason: failed rejected expired no_report unclear.
    """


class SmsRefused(TextFact, frozen=True, tag="sms.refused"):
    """The text was surely not sent.

    reason: left stale opted_out own_number budget per_number; of a notice also closed dialled cancelled over voice (the
        Auto Agent tells it); or the gateway's words.
    """


class SmsReceived(Fact, frozen=True, tag="sms.received"):
    """A text came from a phone. Its words are not in the fact."""


class NumberOptedOut(Fact, frozen=True, tag="number.opted_out"):
    """No texts go to this number any more.

    by: sms gateway.
    """


class NumberOptedIn(Fact, frozen=True, tag="number.opted_in"):
    """Texts go to this number again.

    by: sms gateway.
    """
