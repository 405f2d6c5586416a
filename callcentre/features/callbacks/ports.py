"""What the routes of the callbacks need of the rest of the daemon."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from callcentre.features.callbacks.events import CallbackRequested
from callcentre.features.callbacks.listing import ListedCallback
from callcentre.features.callbacks.model import Request


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
