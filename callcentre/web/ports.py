"""What the web server needs from the rest of the daemon."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry

from callcentre.kernel.event import Event
from callcentre.kernel.ownership import Reach
from callcentre.kernel.program import Health
from callcentre.web.peers import Network


async def _nothing_to_look_at() -> None:
    """All figures are always known."""


def _no_services(_organisation: str | None) -> frozenset[str]:
    """There are none."""
    return frozenset()


def _no_rows(organisation: str | None, _services: Collection[str] | None) -> Reach:
    """The rows of no service."""
    return Reach(organisation, frozenset())


@dataclass(frozen=True, slots=True, kw_only=True)
class WebPorts:
    """The daemon as the web server sees it.

    `submit` returns once the event is decided and committed. `token` is that of /api and /metrics, called at every
    request, so that changed settings apply at once. `look` reads figures that are read only on demand, as far as that
    is possible within a second. `clock` returns aware times. `trusted_proxies` are those whose X-Forwarded-For counts.
    `services` are the keys of the services of an organisation, or of all. `reach` is what a user of an organisation may
    read who is restricted to some services, or not (`reach_of`). `requests_per_second` is the cap of an
    organisation, if it has one. `public_url` is the address that people outside use, if there is one. `answer_within`
    is the most seconds that an SMS gateway waits at a hook, another system at /api, or a person at a page.
    """

    submit: Callable[[Event], Awaitable[None]]
    token: Callable[[], str]
    health: Callable[[], Health]
    registry: CollectorRegistry
    clock: Callable[[], datetime]
    services: Callable[[str | None], frozenset[str]] = _no_services
    reach: Callable[[str | None, Collection[str] | None], Reach] = _no_rows
    requests_per_second: Callable[[str | None], int | None] = lambda _organisation: None
    public_url: Callable[[], str | None] = lambda: None
    look: Callable[[], Awaitable[None]] = _nothing_to_look_at
    trusted_proxies: Callable[[], Sequence[Network]] = tuple
    answer_within: float = 5.0
