"""What the web server needs from the rest of the daemon."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry

from callcentre.kernel.event import Event
from callcentre.kernel.program import Health
from callcentre.web.peers import Network


async def _nothing_to_look_at() -> None:
    """All figures are always known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebPorts:
    """The daemon as the web server sees it.

    `submit` returns once the event is decided and committed. `token` is that of /api and /metrics, called at every
    request, so that changed settings apply at once. `look` reads figures that are read only on demand, as far as that
    is possible within a second. `clock` returns aware times. `trusted_proxies` are those whose X-Forwarded-For counts.
    `answer_within` is the most seconds that an SMS gateway waits at a hook, another system at /api, or a person at the
    page of a survey.
    """

    submit: Callable[[Event], Awaitable[None]]
    token: Callable[[], str]
    health: Callable[[], Health]
    registry: CollectorRegistry
    clock: Callable[[], datetime]
    look: Callable[[], Awaitable[None]] = _nothing_to_look_at
    trusted_proxies: Callable[[], Sequence[Network]] = tuple
    answer_within: float = 5.0
