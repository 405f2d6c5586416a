"""Which customers get a notice, when, and by which channel: pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar
from zoneinfo import ZoneInfo

from callcentre.features.callbacks.interface import Callback
from callcentre.features.notices.model import Notice
from callcentre.features.notices.settings import NotifySettings

if TYPE_CHECKING:
    from callcentre.config.settings import Service
    from callcentre.features.notices.facts import NoticeFact
    from callcentre.kernel.people import People
    from callcentre.values.hours import DailyWindow

Channel = Literal["sms", "voice"]

F = TypeVar("F", bound="NoticeFact")

MOST_CALLS: Final = 2
"""The most calls of the Auto Agent about one callback: after a busy or unanswered call it tries once more."""

MOST_REPLIES: Final = 6
"""After this many texts in return a number gets no more: two machines that answer each other must stop."""

REMEMBERED: Final = timedelta(days=1)
"""How long a notice is kept after its callback has ended, so that a late answer is recognised."""

CLOSED: Final = "closed"
"""Why a text that was not sent before closing is dropped: its callback is announced again after the opening."""


def is_announced_at_once(service: Service, place: int, at: datetime) -> bool:
    """Whether a callback that begins at this place gets its notice at once, so that it needs no confirmation."""
    rules = service.section(NotifySettings)
    return rules is not None and place <= rules.at_position and service.opening_hours.is_open(at)


def may_be_announced(callback: Callback, *, place: int, at_position: int, is_open: bool) -> bool:
    """Whether a callback without a notice gets one now.

    Its place is `at_position` or better, it is queued and was never dialled, and its service is open.
    """
    return callback.is_queued and callback.attempts == 0 and is_open and place <= at_position


def channel_for(by: str, *, may_text: bool, opted_out: bool) -> Channel | None:
    """The channel of a notice: `by` is sms, voice or auto; None when there is none."""
    if by == "voice":
        return "voice"
    if may_text and not opted_out:
        return "sms"
    return "voice" if by == "auto" else None


def report_due(rules: NotifySettings, *, quiet: DailyWindow | None, at: datetime, zone: ZoneInfo) -> datetime | None:
    """When a text without a delivery report turns into a call; None for never. Quiet hours hold the text back first."""
    if rules.by != "auto" or rules.voice_if_undelivered is None:
        return None
    goes_out = quiet.next_end(at, zone) if quiet is not None and quiet.contains(at, zone) else at
    return goes_out + rules.voice_if_undelivered


def rules_of(services: Mapping[str, Service], service: str) -> NotifySettings | None:
    """The notice settings of a service; None where it has none, or is no longer configured."""
    known = services.get(service)
    return None if known is None else known.section(NotifySettings)


def fact(kind: type[F], people: People, notice: Notice, by: Channel, **more: Any) -> F:
    """A fact about a notice. A fact of the Auto Agent names its call."""
    who: dict[str, Any] = people.who(notice.number)
    about = {"service": notice.service, "queue": notice.queue, "callback": notice.callback, **who, **more}
    return kind(by=by, call=notice.call if by == "voice" else None, **about)
