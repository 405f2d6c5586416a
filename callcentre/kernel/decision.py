"""What a component concludes from an event: new state, facts, effects, timers, and commands to other components.

A decision is only a value. The engine applies its changes in memory, commits them together with the facts, and then
releases the effects.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from callcentre.kernel.command import Signal
from callcentre.kernel.effect import Effect
from callcentre.kernel.event import Event
from callcentre.kernel.fact import Fact
from callcentre.kernel.timer import Timer


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all pieces of state: a `key` that is unique in its class, and values that do not change.

    A rule replaces a record by a changed copy (`msgspec.structs.replace`).

    When the wall clock is set, every time in it is moved by the same amount. Fields that mean the wall clock are not
    moved: `wall_times` names them, a frozenset of names as a class variable or a property (`moments.py`).

    A record of an organisation has a field `organisation` or `service`. A class with neither has the class variable
    `of_program = True`: its rows are the program's own, and no page reads them (`ownership.py`).
    """

    @property
    def key(self) -> str:
        """What no other record of its class has."""
        raise NotImplementedError


class Put(msgspec.Struct, frozen=True):
    """Store this record; it replaces the one with its key."""

    record: Record


class Delete(msgspec.Struct, frozen=True):
    """Delete this record."""

    record: Record


class Take(msgspec.Struct, frozen=True):
    """Add `n` to the count in a field of a record that all daemons share, while the sum stays at most `most`.

    `record` is what it is after that, as far as this daemon knows. Other daemons count in the same row: the transaction
    adds to what the row then has, and leaves it alone where the sum would be above `most`. `lost` is decided then,
    before the effects of the transaction go out; None: there is nothing to do. An addition without `most` is always
    made.
    """

    record: Record
    field: str
    n: int = 1
    most: int | None = None
    lost: Event | None = None


Change = Put | Delete | Take


class Rewrite(msgspec.Struct, frozen=True):
    """Change a stored row that is no record: one of the journal, or of a projection.

    `table` is its name, `key` the value of its key without the node. `values` are the columns that change; None: the
    row is deleted. A projection that remembers the row follows.
    """

    table: str
    key: int | str
    values: Mapping[str, Any] | None


class SetTimer(msgspec.Struct, frozen=True):
    """Deliver this timer to its owner at `due`. It replaces the same timer where that is set already.

    With `wall`, `due` is a time of day, such as midnight. Without it, `due` means the time that passes until then: when
    the wall clock is set meanwhile, the timer is moved with it.
    """

    timer: Timer
    due: datetime
    wall: bool = False


class CancelTimer(msgspec.Struct, frozen=True):
    """Cancel this timer if it is set."""

    timer: Timer


TimerChange = SetTimer | CancelTimer


class Decision(msgspec.Struct, frozen=True):
    """The conclusion of a rule. Decisions can be added; the order stays."""

    changes: tuple[Change, ...] = ()
    facts: tuple[Fact, ...] = ()
    effects: tuple[Effect, ...] = ()
    timers: tuple[TimerChange, ...] = ()
    commands: tuple[Signal, ...] = ()
    rewrites: tuple[Rewrite, ...] = ()

    def __add__(self, other: Decision) -> Decision:
        if other is NOTHING:
            return self
        if self is NOTHING:
            return other
        return Decision(
            self.changes + other.changes,
            self.facts + other.facts,
            self.effects + other.effects,
            self.timers + other.timers,
            self.commands + other.commands,
            self.rewrites + other.rewrites,
        )


NOTHING = Decision()
