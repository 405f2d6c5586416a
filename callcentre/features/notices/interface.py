"""What other components may ask about notices. Nothing here changes anything."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from callcentre.features.notices.answers import addressed
from callcentre.features.notices.meaning import Meaning, meaning_of
from callcentre.features.notices.model import How, Texted
from callcentre.features.notices.policy import CLOSED, is_announced_at_once, rules_of

if TYPE_CHECKING:
    from callcentre.world import World

__all__ = ["CLOSED", "claims", "is_announced_at_once", "may_cancel", "why_not_announced"]


def why_not_announced(world: World, callback: str | None, at: datetime) -> str | None:
    """Why the text of a notice must not go out now; None while it is still wanted."""
    notice = world.notices.get(callback)
    if notice is None:
        return How.OVER.value
    if notice.ended is not None:
        return notice.ended.how.value
    if not isinstance(notice.state, Texted):
        return "voice"
    service = world.settings.services.get(notice.service)
    return CLOSED if service is not None and not service.opening_hours.is_open(at) else None


def claims(world: World, number: str, recipient: str, body: str) -> bool:
    """Whether a text is a clear answer to a notice whose callback is open."""
    notice = addressed(world, number, recipient)
    rules = None if notice is None else rules_of(world.settings.services, notice.service)
    if notice is None or notice.ended is not None or rules is None:
        return False
    return meaning_of(body, rules.cancel_words, rules.keep_words) is not Meaning.UNCLEAR


def may_cancel(world: World, number: str, recipient: str, body: str) -> bool:
    """Whether a text is a cancel word of the notice that it answers, in time or too late."""
    notice = addressed(world, number, recipient)
    rules = None if notice is None else rules_of(world.settings.services, notice.service)
    return rules is not None and meaning_of(body, rules.cancel_words, rules.keep_words) is Meaning.CANCEL
