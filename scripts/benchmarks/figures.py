"""What a benchmark found out, and how it is shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `aim` is empty and `met` None for what is only told."""

    name: str
    measured: str
    aim: str = ""
    met: bool | None = None


_WORDS = {True: "yes", False: "no", None: ""}


def table(figures: Iterable[Figure]) -> str:
    """The figures as a Markdown table."""
    rows = [("what", "measured", "aim", "met"), ("---", "---", "---", "---")]
    rows += [(figure.name, figure.measured, figure.aim, _WORDS[figure.met]) for figure in figures]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest of the values that at least this share of them (0 to 1) does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-len(ordered) * share // 1) - 1)]
