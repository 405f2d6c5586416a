"""The texts that notices send, and how they are delivered."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from callcentre.kernel.effect import Crash
from callcentre.messaging.model import DeliveryPolicy, Lane, MessageKind

_RETRIED: Final = DeliveryPolicy(crash=Crash.AT_LEAST_ONCE, fresh=timedelta(hours=12), lane=Lane.PROMISED)

NOTICE: Final = MessageKind(name="callback_notice", policy=_RETRIED)
"""The callback is near."""
CANCELLED: Final = MessageKind(name="callback_cancelled", policy=_RETRIED)
"""A reply cancelled the callback."""
MOVED: Final = MessageKind(name="callback_moved", policy=_RETRIED)
"""A reply moved the callback to another number."""
REFUSED: Final = MessageKind(name="notice_refused", policy=_RETRIED)
"""The number in a reply cannot be called."""
HELP: Final = MessageKind(
    name="notice_help", policy=DeliveryPolicy(crash=Crash.AT_MOST_ONCE, fresh=timedelta(hours=1), lane=Lane.PROMISED)
)
"""How a notice can be answered."""
LATE: Final = MessageKind(name="notice_late", policy=_RETRIED)
"""A reply came too late."""

REPLIES: Final = (CANCELLED, MOVED, REFUSED, HELP, LATE)
"""The texts that answer a reply."""
