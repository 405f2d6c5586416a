"""Facts about notices. Their names and fields are public and keep their meaning."""

from __future__ import annotations

from callcentre.kernel.fact import Fact


class NoticeFact(Fact, frozen=True):
    """Base of the facts about a notice.

    position: the place of the callback, from 1.
    attempt: which call of the Auto Agent it is, from 1.
    by: sms voice.
    """

    position: int | None = None
    attempt: int | None = None


class NoticeSent(NoticeFact, frozen=True, tag="notice.sent"):
    """A person is told that their callback is near: a text is stored, or the Auto Agent calls."""


class NoticeDelivered(NoticeFact, frozen=True, tag="notice.delivered"):
    """The person's phone has the text, or the person answered the Auto Agent."""


class NoticeFailed(NoticeFact, frozen=True, tag="notice.failed"):
    """The text or the call did not reach the person. Another way or attempt may follow.

    reason: no_report; a reason of `sms.failed` or `sms.refused`; of a call busy no_answer failed impossible no_route
        limit per_number per_day; or why the number may not be texted or dialled.
    """


class NoticeAnswered(NoticeFact, frozen=True, tag="notice.answered"):
    """The person answered.

    reason: cancel keep number refused unclear late.
    """
