"""What the running program gives to components when they are built, and what components declare for its life."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from prometheus_client.core import Metric

from callcentre.config.settings import Settings
from callcentre.kernel.clock import wall
from callcentre.kernel.event import Event


class CannotRun(Exception):  # noqa: N818
    """The daemon cannot start or go on; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the daemon does its work.

    `reasons` says why not: one word for everybody, such as `asterisk`, and a sentence for those who know the token.
    `details` are figures as JSON knows them. It holds nothing of callers.
    """

    ready: bool
    reasons: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)


async def _at_once(_event: Event | None = None) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """The running program as components see it. The defaults are those of a program that only decides.

    `submit` takes an event and never waits; `settle` returns when what the event led to is on disk, `settled` when
    everything that is decided by now is. `backlog` is how many events wait. `clock` gives aware times in UTC.
    """

    submit: Callable[[Event], None] = lambda _event: None
    settle: Callable[[Event], Awaitable[None]] = _at_once
    settled: Callable[[], Awaitable[None]] = _at_once
    backlog: Callable[[], int] = lambda: 0
    health: Callable[[], Health] = lambda: Health(ready=True)
    collect: Callable[[], Iterable[Metric]] = tuple
    clock: Callable[[], datetime] = wall
    configuration: Path = Path("config.yaml")
    database: Path = Path("callcentre.db")


# --- declarations for its life -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Resource:
    """Something that effects and answers need: opened before the engine decides, closed after its last effect.

    `last`: opened behind all others, since outsiders may come as soon as it is open.
    """

    open: Callable[[], AbstractAsyncContextManager[Any]]
    last: bool = False


@dataclass(frozen=True, slots=True)
class Listener:
    """Something that brings events: begun when the engine decides, ended first.

    `listen` runs until it is cancelled, and then ends in order. When it raises `CannotRun`, the daemon ends with it.
    """

    listen: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Stalls:
    """Hears that nothing can be stored (True), and that it can again (False)."""

    stalled: Callable[[bool], None]


@dataclass(frozen=True, slots=True)
class ClockFollower:
    """Hears by how much the wall clock was set, before events in the new time are submitted."""

    stepped: Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class Reloads:
    """Hears the settings before and after they were read again."""

    changed: Callable[[Settings, Settings], None]


@dataclass(frozen=True, slots=True)
class NeedsRestart:
    """A part of the settings that holds from the next start on; `name` is how a warning names it."""

    name: str
    of: Callable[[Settings], Any]


@dataclass(frozen=True, slots=True)
class Unready:
    """Why callers may not be sent through the daemon: a word and a sentence; None while nothing is wrong."""

    word: str
    reason: Callable[[], str | None]


@dataclass(frozen=True, slots=True)
class Detail:
    """A figure that `/health` gives to those who know the token."""

    name: str
    figure: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Measured:
    """Figures for Prometheus. Labels hold names from the configuration only, never anything of a caller."""

    collect: Callable[[], Iterable[Metric]]
