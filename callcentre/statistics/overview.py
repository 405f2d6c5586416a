"""Figures for people: a table for each story, shares in per cent, and nothing of what did not happen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from callcentre.statistics.figures import CLOSED_BY, END_STATES, TEXT_STATES, Figure

Rows = Sequence[Mapping[str, Figure]]

_SHARES: Final = ("service_level", "abandon_rate", "response_rate", "csat")
_HEADINGS: Final = {"short_abandoned": "short", "left_otherwise": "other"}
_GROUP_COLUMNS: Final = ("service", "queue", "agent", "hour", "day", "week")


@dataclass(frozen=True, slots=True)
class Table:
    """A part of the figures as text."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Story:
    title: str
    figures: tuple[str, ...]
    prefix: str = ""
    needs: str | None = None


_STORIES: Final = (
    _Story(
        "Calls",
        ("offered", "answered", "abandoned", "short_abandoned", "timed_out", "left_otherwise", "waiting"),
    ),
    _Story(
        "Waiting and talking, in seconds",
        ("service_level", "abandon_rate", "asa", "longest_wait", "handle_time"),
        needs="offered",
    ),
    _Story(
        "Estimated against actual wait, error in seconds", ("estimates", "estimate_error_p50", "estimate_error_p90")
    ),
    _Story("Callbacks", ("offered", "accepted", "open", *END_STATES), prefix="callbacks_"),
    _Story("Callbacks closed by", CLOSED_BY, prefix="callbacks_closed_by_"),
    _Story(
        "Callbacks kept",
        ("callback_attempts", "attempts_per_success", "places_kept", "places_not_kept"),
        needs="callbacks_accepted",
    ),
    _Story("Surveys", ("surveys_sent", "surveys_answered", "response_rate")),
    _Story("Satisfaction", ("csat_answers", "csat", "nps_answers", "nps", "ces_answers", "ces")),
)


def tables(rows: Rows) -> Iterator[Table]:
    """The tables that have anything to tell."""
    for story in _STORIES:
        names = {column: f"{story.prefix}{column}" for column in story.figures}
        needed = tuple(names.values()) if story.needs is None else (story.needs,)
        told = [row for row in rows if any(row.get(name) for name in needed)]
        if told:
            yield _table(story.title, told, names)
    yield from _texts(rows)


def _table(title: str, rows: Rows, names: Mapping[str, str]) -> Table:
    group = next(name for name in _GROUP_COLUMNS if name in rows[0])
    lines = tuple(
        {
            group: _title(row, group),
            **{_HEADINGS.get(column, column.replace("_", " ")): _said(row, name) for column, name in names.items()},
        }
        for row in rows
    )
    return Table(title, tuple(lines[0]), lines)


def _title(row: Mapping[str, Figure], group: str) -> str:
    return " ".join(str(name) for name in (row[group], row.get("agent_name")) if name is not None) or "(none)"


def _texts(rows: Rows) -> Iterator[Table]:
    """A line for each group and kind of text."""
    kinds = sorted({_kind(name) for row in rows for name in row if name.startswith("sms_") and name.endswith("_parts")})
    for kind in kinds:
        name = f"sms_{kind}"
        told = [row for row in rows if kind and row.get(name)]
        if told:
            names = {"wanted": name, **{state: f"{name}_{state}" for state in TEXT_STATES}, "parts": f"{name}_parts"}
            yield _table(f"Texts: {kind.replace('_', ' ')}", told, names)


def _kind(name: str) -> str:
    return name.removeprefix("sms_").removesuffix("parts").rstrip("_")


def _said(row: Mapping[str, Figure], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, int | float):
        return "" if value is None else value
    if name in _SHARES:
        return _with_interval(row, name, 100, " %")
    if name in ("nps", "ces"):
        return _with_interval(row, name, 1, "")
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def _with_interval(row: Mapping[str, Figure], name: str, factor: int, unit: str) -> str:
    value, low, high = row[name], row.get(f"{name}_low"), row.get(f"{name}_high")
    assert isinstance(value, int | float)  # noqa: S101 - asked by the caller of this
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        return f"{value * factor:.1f}{unit}"
    return f"{value * factor:.1f}{unit} ({low * factor:.1f} to {high * factor:.1f})"
