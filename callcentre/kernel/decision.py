"""What a component concludes from an event: new state, facts, effects, timers, and commands to other components.

A decision is only a value. The engine puts its changes into memory, commits them together with the facts, and lets
the effects go after that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol

from callcentre.kernel.command import Signal
from callcentre.kernel.effect import Effect
from callcentre.kernel.fact import Fact
from callcentre.kernel.timer import Timer


class Record(Protocol):
    """A piece of state: a frozen dataclass whose `key` no other of its class has.

    When the wall clock is set, every time in it is moved by as much. It may name the fields whose times mean the wall,
    and stay, in `wall_times`: a frozenset of names, as a class variable or a property (`moments.py`).
    """

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def key(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Put:
    """This record holds from now on, in place of the one with its key."""

    record: Record


@dataclass(frozen=True, slots=True)
class Delete:
    """This record holds no more."""

    record: Record


@dataclass(frozen=True, slots=True)
class DeleteBelow:
    """No record of this class whose field is below `value` holds any more. For `Records`, with an index for the field.

    Records that the same batch puts are deleted too, where they are below.
    """

    record: type[Record]
    field: str
    value: Any


Change = Put | Delete | DeleteBelow


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Deliver this timer to its owner at `due`; it replaces the same timer that is set already.

    `wall`: it means that time of day, such as midnight. Without it, it means the time that passes until then: when the
    wall clock is set meanwhile, the timer is moved with it.
    """

    timer: Timer
    due: datetime
    wall: bool = False


@dataclass(frozen=True, slots=True)
class CancelTimer:
    """Cancel this timer, where it is set."""

    timer: Timer


TimerChange = SetTimer | CancelTimer


@dataclass(frozen=True, slots=True)
class Decision:
    """What is concluded; decisions add up in order."""

    changes: tuple[Change, ...] = ()
    facts: tuple[Fact, ...] = ()
    effects: tuple[Effect, ...] = ()
    timers: tuple[TimerChange, ...] = ()
    commands: tuple[Signal, ...] = ()

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
        )


NOTHING = Decision()
