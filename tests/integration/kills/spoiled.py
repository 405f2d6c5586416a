"""Daemons with one mistake each, as a kill reveals it: functions that a daemon's process calls before it begins."""

from __future__ import annotations

from typing import Any

from callcentre.kernel.decision import Take
from callcentre.kernel.effect import Crash
from callcentre.kernel.engine import Engine
from callcentre.kernel.event import Event
from callcentre.kernel.store import Store, Writes
from callcentre.messaging.effects import SendText
from callcentre.telephony.effects import EndBridge, Originate


def _means(effect: type[Any], crash: Crash) -> None:
    effect.on_crash = property(lambda _effect: crash)


def dials_again() -> None:
    """An attempt whose outcome is unknown is made again."""
    _means(Originate, Crash.AT_LEAST_ONCE)


def sends_again() -> None:
    """A text whose outcome is unknown is handed over again, whatever its kind."""
    _means(SendText, Crash.AT_LEAST_ONCE)


def forgets_bridges() -> None:
    """The end of a bridge is not stored."""
    _means(EndBridge, Crash.DROP)


def _changes_writes(change: Any) -> None:
    commit = Store.commit

    async def commits(store: Store, writes: Writes) -> list[Take]:
        change(writes)
        return await commit(store, writes)

    Store.commit = commits  # type: ignore[method-assign, assignment]


def loses_effects() -> None:
    """What must be done after a commit is not stored with it."""
    _changes_writes(lambda writes: writes.outbox.clear())


def loses_records() -> None:
    """Callbacks are not stored."""
    _changes_writes(
        lambda writes: [writes.records.pop(key) for key in list(writes.records) if key[0].name == "callbacks"]
    )


def loses_figures() -> None:
    """The ledger is not written with the facts."""
    _changes_writes(lambda writes: writes.projected.clear())


def answers_early() -> None:
    """A text from a phone is answered before it is on disk."""

    async def settles(engine: Engine, event: Event) -> None:
        engine.submit(event)

    Engine.settle = settles  # type: ignore[method-assign, assignment]
