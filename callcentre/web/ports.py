"""What the web server needs of the rest of the daemon."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry

from callcentre.domain.events import Event
from callcentre.sms.gateway import Gateway


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the daemon does its work; `reasons` says why not, `details` are figures as JSON knows them.

    Everybody may read this: it holds nothing of callers.
    """

    ready: bool
    reasons: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebPorts:
    """The daemon as the web server sees it.

    `submit` returns once the event is decided and committed. `gateway` and `token` are asked at every request,
    so that settings read again hold at once. `clock` gives aware times.
    """

    submit: Callable[[Event], Awaitable[None]]
    gateway: Callable[[], Gateway]
    token: Callable[[], str]
    health: Callable[[], Health]
    registry: CollectorRegistry
    clock: Callable[[], datetime]
