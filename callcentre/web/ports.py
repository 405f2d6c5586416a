"""What the web server needs of the rest of the daemon."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry

from callcentre.kernel.event import Event
from callcentre.web.peers import Network


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the daemon does its work.

    `reasons` says why not: one word for everybody, such as `asterisk`, and a sentence for those who know the token.
    `details` are figures as JSON knows them. It holds nothing of callers.
    """

    ready: bool
    reasons: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)


async def _nothing_to_look_at() -> None:
    """All figures are known at any time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebPorts:
    """The daemon as the web server sees it.

    `submit` returns once the event is decided and committed. `token` is that of /api and /metrics, asked at every
    request, so that settings read again hold at once. `look` reads what is read only when somebody needs it, as far as
    that is possible within a second. `clock` gives aware times. `trusted_proxies` are those whose X-Forwarded-For
    counts. `answer_within` is the most seconds that an SMS gateway waits at a hook, another system at /api, or a person
    at the page of a survey.
    """

    submit: Callable[[Event], Awaitable[None]]
    token: Callable[[], str]
    health: Callable[[], Health]
    registry: CollectorRegistry
    clock: Callable[[], datetime]
    look: Callable[[], Awaitable[None]] = _nothing_to_look_at
    trusted_proxies: Callable[[], Sequence[Network]] = tuple
    answer_within: float = 5.0
