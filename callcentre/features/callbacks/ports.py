"""What the routes of the callbacks need from the rest of the daemon."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from callcentre.features.callbacks import open_callbacks
from callcentre.features.callbacks.events import CallbackRequested
from callcentre.features.callbacks.listing import ListedCallback
from callcentre.features.callbacks.model import Request
from callcentre.features.callbacks.outside.story import story_within
from callcentre.features.callbacks.settings import CallbackSettings
from callcentre.features.callbacks.views import Views
from callcentre.kernel.ownership import Reach
from callcentre.kernel.page_reads.reads import Reads
from callcentre.kernel.program import Program


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackPorts:
    """The open callbacks for other systems.

    `listed` takes a service or None for all, `found` and `story` a callback's id; `story` has the facts within a reach.
    `answer` returns the result of a stored request, None when its key belongs to another request. `services` are those
    with callbacks. `settled` returns when everything decided so far is on disk. `story` is read from the database and
    raises `StoreError`.
    """

    listed: Callable[[str | None, datetime], Sequence[ListedCallback]]
    found: Callable[[str, datetime], ListedCallback | None]
    answer: Callable[[CallbackRequested], Request | None]
    services: Callable[[], Sequence[str]]
    settled: Callable[[], Awaitable[None]]
    story: Callable[[Reach, str], Awaitable[Sequence[Mapping[str, Any]]]]


def ports_of(views: Views, program: Program, reads: Reads) -> CallbackPorts:
    """The open callbacks of a running program."""

    def services() -> list[str]:
        if views.dialling is None:
            return []
        return [name for name, one in views.settings.services.items() if one.section(CallbackSettings) is not None]

    return CallbackPorts(
        listed=lambda service, at: open_callbacks.listed(views, service, at),
        found=lambda name, at: open_callbacks.found(views, name, at),
        answer=lambda event: open_callbacks.answer_to(views, event),
        services=services,
        settled=program.settled,
        story=lambda reach, name: story_within(reach, name, program.database.node, reads),
    )
