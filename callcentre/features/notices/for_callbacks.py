"""What notices tell the callbacks: who is told at once, and what the owner of a callback knows."""

from __future__ import annotations

from typing import Final

from callcentre.features.callbacks.interface import Announcer, Told
from callcentre.features.notices.meaning import Meaning
from callcentre.features.notices.model import Notice, Notices, Stage
from callcentre.features.notices.policy import is_announced_at_once

_TOLD: Final = {
    Stage.TEXTED: Told.TEXTED,
    Stage.DELIVERED: Told.DELIVERED,
    Stage.CALL_DUE: Told.CALL_DUE,
    Stage.RINGING: Told.CALLED,
    Stage.TALKING: Told.CALLED,
    Stage.TOLD: Told.HEARD,
    Stage.FAILED: Told.FAILED,
}


def _told(notice: Notice | None) -> Told | None:
    if notice is None:
        return None
    if notice.answer is Meaning.NUMBER:
        return Told.MOVED
    return Told.KEPT if notice.answer is Meaning.KEEP else _TOLD.get(notice.stage)


def announcer(notices: Notices) -> Announcer:
    """The notices, as callbacks know them."""
    return Announcer(
        at_once=is_announced_at_once,
        told=lambda callback: _told(notices.get(callback)),
        has_phone=notices.has_phone,
    )
