"""What the web server needs of the rest of the daemon."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry

from callcentre.features.callbacks.events import CallbackRequested
from callcentre.features.callbacks.listing import ListedCallback
from callcentre.features.callbacks.model import Request
from callcentre.features.surveys.events import SurveyFilledIn
from callcentre.kernel.event import Event
from callcentre.messaging.gateways.gateway import Gateway
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


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackPorts:
    """The open callbacks as other systems see them.

    `listed` takes a service or None for all, `found` and `story` a callback's id. `answer` says what became of a wish
    that is stored; None when its key stands for another wish. `services` are those that call people back. `settled`
    returns when all that the others tell is on disk. `story` is read from the database and raises `StoreError`.
    """

    listed: Callable[[str | None, datetime], Sequence[ListedCallback]]
    found: Callable[[str, datetime], ListedCallback | None]
    answer: Callable[[CallbackRequested], Request | None]
    services: Callable[[], Sequence[str]]
    settled: Callable[[], Awaitable[None]]
    story: Callable[[str], Awaitable[Sequence[Mapping[str, Any]]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSurvey:
    """A survey that is answered on a page: its name, the service's names by language, and the service's language."""

    survey: str
    service: Mapping[str, str]
    language: str
    answered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyPorts:
    """The surveys that are answered on a page, by their tokens.

    `found` is None when there is none, never was, or its time is over. `taken` says whether what is stored is what this
    event says. `language` is the house's.
    """

    found: Callable[[str], OpenSurvey | None]
    taken: Callable[[SurveyFilledIn], bool]
    language: Callable[[], str]


async def _nothing_to_look_at() -> None:
    """All figures are known at any time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebPorts:
    """The daemon as the web server sees it.

    `submit` returns once the event is decided and committed. `token` is that of /api and /metrics, `hook_token` that
    of hooks. Both and `gateway` are asked at every request, so that settings read again hold at once. `look` reads
    what is read only when somebody needs it, as far as that is possible within a second. `clock` gives aware times.
    `trusted_proxies` are those whose X-Forwarded-For counts. Without `callbacks` there is no /api, without `surveys`
    no page that asks.
    """

    submit: Callable[[Event], Awaitable[None]]
    gateway: Callable[[], Gateway]
    token: Callable[[], str]
    hook_token: Callable[[], str]
    health: Callable[[], Health]
    registry: CollectorRegistry
    clock: Callable[[], datetime]
    look: Callable[[], Awaitable[None]] = _nothing_to_look_at
    trusted_proxies: Callable[[], Sequence[Network]] = tuple
    callbacks: CallbackPorts | None = None
    surveys: SurveyPorts | None = None
