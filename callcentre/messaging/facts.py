"""What became true, in the past tense: the journal, the log and all statistics are made of these.

A fact carries no time and no id of its own: the engine stamps both when it is written, so that a line reads
`{"event": "queue.joined", "at": …, "id": …, …}`. Waits and talks are seconds, with decimals. A fact's
name and fields, once shipped, keep their meaning.
"""

from __future__ import annotations

from callcentre.kernel.fact import Fact


class TextFact(Fact, frozen=True):
    """Base of what is said of a text of ours."""

    kind: str
    parts: int


class SmsQueued(TextFact, frozen=True, tag="sms.queued"):
    """A text of ours is to be sent."""


class SmsAccepted(TextFact, frozen=True, tag="sms.accepted"):
    """The gateway took it."""


class SmsDelivered(TextFact, frozen=True, tag="sms.delivered"):
    """The phone has it."""


class SmsFailed(TextFact, frozen=True, tag="sms.failed"):
    """It was handed over, or may have been, and did not arrive as far as anybody knows."""


class SmsRefused(TextFact, frozen=True, tag="sms.refused"):
    """It was surely not sent: a rule of ours, or the gateway, said no."""


class SmsReceived(Fact, frozen=True, tag="sms.received"):
    """A text came from a phone. Its words are not told."""


class NumberOptedOut(Fact, frozen=True, tag="number.opted_out"):
    """No text goes to this number any more; `by` is sms or gateway."""


class NumberOptedIn(Fact, frozen=True, tag="number.opted_in"):
    """Texts may go to this number again; `by` is sms or gateway."""
