"""Which days there are: one for each boundary, and any number with kills at random moments."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from scripts.kills.boundaries import COMMIT, EFFECT, Boundary, boundaries
from scripts.kills.run import Kill

RANDOM: Final = "at random moments"

_DAY: Final = 35.0
"""Seconds of the run in which a day's first kill comes."""

_RECOVERY: Final = 3.0
"""Seconds after a start in which the daemon still recovers from the kill before."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day to try: the kind of its kills, its name, by which it can be repeated, and the kills."""

    kind: str
    name: str
    kills: tuple[Kill, ...]


def at_boundaries(counted: Mapping[str, int], seed: int = 0) -> Iterator[Day]:
    """A day for each boundary. In every second one the daemon is killed once more, soon after its next start."""
    for number, boundary in enumerate(boundaries(counted)):
        yield at_boundary(boundary, twice=number % 2 == seed % 2)


def at_boundary(boundary: Boundary, *, twice: bool) -> Day:
    """The day of one boundary."""
    # The second kill is at a boundary too: of the first commits and effects after the start.
    kind = EFFECT if boundary.kind == COMMIT else COMMIT
    second = Kill(at=Boundary(kind, 1 + boundary.number % 12, boundary.side))
    kills = (Kill(at=boundary), second) if twice else (Kill(at=boundary),)
    return Day(f"{boundary.side} {'a commit' if boundary.kind == COMMIT else 'an effect'}", str(boundary), kills)


def at_random(seed: int) -> Day:
    """One to three kills at random moments, the later ones often while the daemon recovers from the one before."""
    chance = random.Random(seed)
    kills = [Kill(after=chance.uniform(0.05, _DAY))]
    for _ in range(chance.choice((0, 0, 1, 1, 2))):
        latest = _RECOVERY if chance.random() < 0.6 else _DAY / 2
        kills.append(Kill(after=chance.uniform(0.05, latest)))
    return Day(RANDOM, str(seed), tuple(kills))
