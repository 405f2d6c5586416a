"""Facts about notices. Their names and fields are public and keep their meaning."""

from __future__ import annotations

from callcentre.kernel.fact import Fact


class NoticeFact(Fact, frozen=True):
    """Base of the facts about a notice. `by` is sms or voice.

    `attempt` counts the Auto Agent's calls from 1; `call` is the channel of such a call.
    """

    position: int | None = None
    attempt: int | None = None


class NoticeSent(NoticeFact, frozen=True, tag="notice.sent"):
    """A customer is being told, by a text or a call, that the callback is near. Its place is `position`."""


class NoticeDelivered(NoticeFact, frozen=True, tag="notice.delivered"):
    """The customer's phone has the text, or the customer answered the Auto Agent."""


class NoticeFailed(NoticeFact, frozen=True, tag="notice.failed"):
    """The text or the call did not reach the customer. Another channel or attempt may follow."""


class NoticeAnswered(NoticeFact, frozen=True, tag="notice.answered"):
    """The customer replied; `reason` is cancel, keep, number, refused, exists, unclear or late."""
