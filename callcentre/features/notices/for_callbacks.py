"""What callbacks read of notices: whether one is given at once, and what the customer has been told."""

from __future__ import annotations

from typing import Final

from callcentre.features.callbacks.interface import Announced, Announcer
from callcentre.features.notices.meaning import Meaning
from callcentre.features.notices.model import Notice, Notices, Stage
from callcentre.features.notices.policy import is_announced_at_once

_BY_STAGE: Final = {
    Stage.TEXTED: Announced.TEXTED,
    Stage.DELIVERED: Announced.DELIVERED,
    Stage.CALL_DUE: Announced.CALL_DUE,
    Stage.RINGING: Announced.CALLED,
    Stage.TALKING: Announced.CALLED,
    Stage.HEARD: Announced.HEARD,
    Stage.FAILED: Announced.FAILED,
}


def _announced(notice: Notice | None) -> Announced | None:
    if notice is None:
        return None
    if notice.answer is Meaning.NUMBER:
        return Announced.MOVED
    return Announced.KEPT if notice.answer is Meaning.KEEP else _BY_STAGE.get(notice.stage)


def announcer(notices: Notices) -> Announcer:
    """The notices, as callbacks know them."""
    return Announcer(
        at_once=is_announced_at_once,
        announced=lambda callback: _announced(notices.get(callback)),
        has_phone=notices.has_phone,
    )
