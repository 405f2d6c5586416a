"""Where the daemon can be killed: at each commit and at each effect, before it and after it.

The parts here replace those of the kernel in a daemon that a run has started. No other daemon has them.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, cast, get_args

import msgspec

from callcentre.kernel.daemon import Substitutes
from callcentre.kernel.decision import Take
from callcentre.kernel.effect import Effect
from callcentre.kernel.event import Event
from callcentre.kernel.outbox import Outbox, Perform
from callcentre.kernel.store import Store, Writes
from scripts.kills.tempo import elapsed, wall

Side = Literal["before", "after"]
COMMIT: Final = "commit"
EFFECT: Final = "effect"


@dataclass(frozen=True, slots=True)
class Boundary:
    """One place: the `number`-th of a kind in a daemon's life, counted from 1, before it or after it.

    The kind is `commit` or `effect`. With the name of a fact only the commits that store one are counted, with a class
    of effects only those.
    Before a commit the batch is closed and not on disk. After it the batch is on disk, and no effect of it has gone
    out. After an effect it is carried out, and its outcome is not reported.
    """

    kind: str
    number: int
    side: Side

    def __str__(self) -> str:
        return f"{self.kind}:{self.number}:{self.side}"

    @classmethod
    def parse(cls, text: str) -> Boundary:
        """From the form of `str`. Raises `ValueError`."""
        kind, number, side = text.split(":")
        if side not in get_args(Side):
            raise ValueError(f"{text}: a boundary is commit:NUMBER:before, effect:NUMBER:after, Originate:NUMBER:after")
        return cls(kind, int(number), cast("Side", side))


def boundaries(counted: Mapping[str, int]) -> Iterator[Boundary]:
    """All boundaries of a daemon that made so many commits and effects."""
    for kind in (COMMIT, EFFECT):
        for side in get_args(Side):
            for number in range(1, counted.get(kind, 0) + 1):
                yield Boundary(kind, number, side)


class _Fact(msgspec.Struct):
    event: str


_event = msgspec.json.Decoder(_Fact).decode


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass(slots=True)
class Switch:
    """Kills this process at a boundary. It counts what was reached, and which effects there were."""

    at: Boundary | None = None
    reached: Callable[[], None] = _kill
    counted: dict[str, int] = field(default_factory=dict)
    """How many there were of each kind."""

    def substitutes(self) -> Substitutes:
        """The parts of a daemon that has this switch."""
        switch = self

        class SwitchedStore(Store):
            async def commit(self, writes: Writes) -> list[Take]:
                here = switch.begins(COMMIT, *{_event(entry.line).event for entry in writes.journal})
                switch.passes(here, "before")
                lost = await super().commit(writes)
                switch.passes(here, "after")
                return lost

        class SwitchedOutbox(Outbox):
            def __init__(self, performers: Mapping[type[Effect], Perform], *others: Any) -> None:
                switched = {kind: switch.around(kind, perform) for kind, perform in performers.items()}
                super().__init__(switched, *others)

        return Substitutes(wall=wall, elapsed=elapsed, store=SwitchedStore, outbox=SwitchedOutbox)

    def around(self, kind: type[Effect], perform: Perform) -> Perform:
        """An effect's performer between its two boundaries."""

        async def switched(effect: Any) -> Event | None:
            here = self.begins(EFFECT, kind.__name__)
            self.passes(here, "before")
            outcome = await perform(effect)
            self.passes(here, "after")
            return outcome

        return switched

    def begins(self, *kinds: str) -> Mapping[str, int]:
        """Count one more, which is of each of these kinds; its number in each."""
        for kind in kinds:
            self.counted[kind] = self.counted.get(kind, 0) + 1
        return {kind: self.counted[kind] for kind in kinds}

    def passes(self, here: Mapping[str, int], side: Side) -> None:
        """The daemon is at a boundary."""
        if self.at is not None and self.at.side == side and here.get(self.at.kind) == self.at.number:
            self.reached()
