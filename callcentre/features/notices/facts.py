"""What became true, in the past tense: the journal, the log and all statistics are made of these.

A fact carries no time and no id of its own: the engine stamps both when it is written, so that a line reads
`{"event": "queue.joined", "at": …, "id": …, …}`. Waits and talks are seconds, with decimals. A fact's
name and fields, once shipped, keep their meaning.
"""

from __future__ import annotations

from callcentre.kernel.fact import Fact


class NoticeFact(Fact, frozen=True):
    """Base of what is said of a notice; `by` is sms or voice, `attempt` counts the Auto Agent's calls from 1.

    `call` is the Auto Agent's channel.
    """

    position: int | None = None
    attempt: int | None = None


class NoticeSent(NoticeFact, frozen=True, tag="notice.sent"):
    """Somebody is being told that their callback is near, at `position`."""


class NoticeDelivered(NoticeFact, frozen=True, tag="notice.delivered"):
    """Their phone has the text, or they answered the Auto Agent."""


class NoticeFailed(NoticeFact, frozen=True, tag="notice.failed"):
    """The text or the call did not reach them; another way or attempt may follow."""


class NoticeAnswered(NoticeFact, frozen=True, tag="notice.answered"):
    """They answered; `reason` is cancel, keep, number, refused, exists, unclear or late."""
