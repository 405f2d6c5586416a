"""Figures for people: a table for each story, shares in per cent, and nothing of what did not happen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from callcentre.statistics.questions import Figure

Rows = Sequence[Mapping[str, Figure]]

_GROUP_COLUMNS: Final = ("service", "queue", "agent", "node", "minute", "quarter_hour", "hour", "day", "week")


@dataclass(frozen=True, slots=True)
class Table:
    """A part of the figures as text."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class Story:
    """Figures that are shown in one table, for the groups in which `needs` (None: any of them) was counted.

    columns: the figure of each heading, in order; see `headed`.
    shares: the figures that are shown in per cent. An interval, which other figures name `<figure>_low` and
        `<figure>_high`, is shown with its figure.
    """

    title: str
    columns: Mapping[str, str]
    needs: str | None = None
    shares: frozenset[str] = frozenset()


def headed(*names: str, prefix: str = "") -> dict[str, str]:
    """Columns with their figures: each is headed by the name of its figure, without the prefix that all share."""
    return {name.replace("_", " "): f"{prefix}{name}" for name in names}


def tables(rows: Rows, stories: Iterable[Story]) -> Iterator[Table]:
    """The tables that have anything to show."""
    for story in stories:
        needed = tuple(story.columns.values()) if story.needs is None else (story.needs,)
        counted = [row for row in rows if any(row.get(name) for name in needed)]
        if counted:
            yield _table(story, counted)


def _table(story: Story, rows: Rows) -> Table:
    group = next(name for name in _GROUP_COLUMNS if name in rows[0])
    lines = tuple(
        {
            group: _title(row, group),
            **{heading: _text(row, name, name in story.shares) for heading, name in story.columns.items()},
        }
        for row in rows
    )
    return Table(story.title, tuple(lines[0]), lines)


def _title(row: Mapping[str, Figure], group: str) -> str:
    return " ".join(str(name) for name in (row[group], row.get("agent_name")) if name is not None) or "(none)"


def _text(row: Mapping[str, Figure], name: str, is_share: bool) -> str:
    value = row.get(name)
    if not isinstance(value, int | float):
        return "" if value is None else value
    factor, unit = (100, " %") if is_share else (1, "")
    low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
    if isinstance(low, int | float) and isinstance(high, int | float):
        return f"{value * factor:.1f}{unit} ({low * factor:.1f} to {high * factor:.1f})"
    return f"{value * factor:.1f}{unit}" if is_share or isinstance(value, float) else str(value)
