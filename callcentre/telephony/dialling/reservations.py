"""The ids of the channels that reserve an agent for a customer who is not on the line yet.

A reservation is a Local channel. One half is queued, the other half enters Stasis once an agent has answered.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

AGENT: Final = "callcentre-agent"
"""The ids of these channels begin with this."""

_IN_QUEUE: Final = "-queue"


def reservation(callback: str, at: datetime) -> str:
    """The id of the half that enters Stasis, of a reservation for a callback that begins at this time."""
    return f"{AGENT}-{callback}-{at.timestamp():.3f}"


def in_queue(agent_call: str) -> str:
    """The id of the half that is queued, by the id of the half that enters Stasis."""
    return f"{agent_call}{_IN_QUEUE}"


def near_half(call: str) -> str:
    """The id of the half that enters Stasis, by the id of the half that is queued."""
    return call.removesuffix(_IN_QUEUE)


def is_placeholder(call: str) -> bool:
    """Whether a channel is queued for a customer who is not on the line."""
    return call.startswith(AGENT) and call.endswith(_IN_QUEUE)
