"""What the running program provides to components, and what components declare for its life cycle."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from prometheus_client.core import Metric

from callcentre.config.problems import Problem
from callcentre.config.settings import Settings
from callcentre.kernel.clock import wall
from callcentre.kernel.database import Database
from callcentre.kernel.event import Event
from callcentre.kernel.log_files import Change, LogReport


class CannotRun(Exception):  # noqa: N818
    """The daemon cannot start or continue; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the daemon works.

    `reasons` says why not: one word that everybody may see, such as `asterisk`, and a sentence for clients with the
    token. `details` are figures as JSON has them. Nothing in it is about callers.
    """

    ready: bool
    reasons: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)


_A_FILE: Final = Database.of_file(Path("callcentre.db"))


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What came of reading the configuration again.

    `problems` say why it is not used, with their places; empty when it is. `needs_restart` are the names of the parts
    that apply from the next start on.
    """

    problems: tuple[Problem, ...] = ()
    needs_restart: tuple[str, ...] = ()


async def _nothing_to_reload() -> Reloaded:
    return Reloaded()


async def _at_once(_event: Event | None = None) -> None:
    return None


async def _no_log(_caller: str, _ids: frozenset[str], _change: Change) -> LogReport:
    return LogReport()


async def _nothing_to_clean(_traces: Sequence[bytes]) -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """The running program as components see it. The defaults are for a program that only decides.

    `submit` takes an event and never waits. `settle` returns when everything the event led to is on disk, `settled`
    when everything decided so far is. `backlog` is the number of events that wait, `waited` how long the oldest of them
    has. `clock` returns aware times in UTC. `rewrite_log` changes the lines of the log that have a hash or one of some
    ids. `clean_database` overwrites what was deleted, so that these bytes are nowhere in it, and returns what it could
    not do. `alone`: a command decides while the daemon does not run, and nothing goes on outside. `reload` reads the
    configuration again, as SIGHUP does. `in_force` is the text of the one that applies, with its secrets. `shape` is
    the module whose `FILE` is the shape of the file, for other processes.
    """

    submit: Callable[[Event], None] = lambda _event: None
    settle: Callable[[Event], Awaitable[None]] = _at_once
    settled: Callable[[], Awaitable[None]] = _at_once
    backlog: Callable[[], int] = lambda: 0
    waited: Callable[[], timedelta] = lambda: timedelta(0)
    health: Callable[[], Health] = lambda: Health(ready=True)
    collect: Callable[[], Iterable[Metric]] = tuple
    clock: Callable[[], datetime] = wall
    rewrite_log: Callable[[str, frozenset[str], Change], Awaitable[LogReport]] = _no_log
    clean_database: Callable[[Sequence[bytes]], Awaitable[Sequence[str]]] = _nothing_to_clean
    reload: Callable[[], Awaitable[Reloaded]] = _nothing_to_reload
    in_force: Callable[[], str] = str
    shape: str = "callcentre.configuration"
    alone: bool = False
    configuration: Path = Path("config.yaml")
    database: Database = _A_FILE


# --- declarations for its life cycle --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Resource:
    """Something that effects and answers need: opened before the engine decides, closed after its last effect.

    `last`: opened after all others, since clients may connect as soon as it is open.
    """

    open: Callable[[], AbstractAsyncContextManager[Any]]
    last: bool = False


@dataclass(frozen=True, slots=True)
class Listener:
    """Something that brings events: started when the engine decides, stopped first.

    `listen` runs until it is cancelled, and then stops in order. When it raises `CannotRun`, the daemon stops.
    """

    listen: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Stalls:
    """Called when nothing can be stored (True), and when it can again (False)."""

    stalled: Callable[[bool], None]


@dataclass(frozen=True, slots=True)
class ClockFollower:
    """Called with the amount by which the wall clock was set, before events in the new time are submitted."""

    stepped: Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class Reloads:
    """Called with the old and the new settings after they were read again."""

    changed: Callable[[Settings, Settings], None]


@dataclass(frozen=True, slots=True)
class NeedsRestart:
    """A part of the settings that applies from the next start on; `name` is its name in a warning."""

    name: str
    of: Callable[[Settings], Any]


@dataclass(frozen=True, slots=True)
class Unready:
    """Why callers may not be sent through the daemon: a word and a sentence; None while everything works."""

    word: str
    reason: Callable[[], str | None]


@dataclass(frozen=True, slots=True)
class Detail:
    """A figure that `/health` shows to clients with the token."""

    name: str
    figure: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Measured:
    """Metrics for Prometheus. Labels contain names from the configuration only, never anything of a caller."""

    collect: Callable[[], Iterable[Metric]]
