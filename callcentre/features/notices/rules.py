"""Who is told, when, and which of the two ways: pure pieces of the rules of notices."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from callcentre.features.callbacks.model import Callback
from callcentre.features.notices.model import Notice

if TYPE_CHECKING:
    from callcentre.features.notices.facts import NoticeFact
    from callcentre.features.notices.settings import NotifySettings
    from callcentre.values.hours import DailyWindow
    from callcentre.world import World

Way = Literal["sms", "voice"]

F = TypeVar("F", bound="NoticeFact")

MOST_CALLS = 2
"""A busy or unanswered Auto Agent is tried once more."""

MOST_REPLIES = 6
"""So many texts in return, no number is answered any more: two machines that answer each other come to an end."""

REMEMBERED = timedelta(days=1)
"""So long after its callback's end a notice is known, for a late answer."""


def may_be_told(callback: Callback, *, place: int, at_position: int, is_open: bool) -> bool:
    """Whether a callback of which nothing was told yet is told now.

    Its place is `at_position` or better, it stands in the queue and never was dialled, and its service is open.
    """
    return callback.is_queued and callback.attempts == 0 and is_open and place <= at_position


def way(by: str, *, may_text: bool, opted_out: bool) -> Way | None:
    """By which way somebody is told: `by` is sms, voice or auto; None when there is none."""
    if by == "voice":
        return "voice"
    if may_text and not opted_out:
        return "sms"
    return "voice" if by == "auto" else None


def report_due(rules: NotifySettings, *, quiet: DailyWindow | None, at: datetime, world: World) -> datetime | None:
    """When a text without a delivery report turns into a call; None for never. Quiet hours hold the text back first."""
    if rules.by != "auto" or rules.voice_if_undelivered is None:
        return None
    zone = world.settings.timezone
    goes_out = quiet.next_end(at, zone) if quiet is not None and quiet.contains(at, zone) else at
    return goes_out + rules.voice_if_undelivered


def fact(kind: type[F], world: World, notice: Notice, by: Way, **more: Any) -> F:
    """What is told of a notice; by voice with the call of the Auto Agent."""
    who: dict[str, Any] = world.who(notice.number)
    about = {"service": notice.service, "queue": notice.queue, "callback": notice.callback, **who, **more}
    return kind(by=by, call=notice.call if by == "voice" else None, **about)
