"""From figures to what the page shows: tiles, charts, and the table below each chart with the same figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, cast
from zoneinfo import ZoneInfo

from callcentre.features.figures.charts import (
    BY_AGENT,
    BY_SERVICE,
    CHARTS,
    OF_SERVICES,
    TILES,
    UNITS_OF_CHARTS,
    Chart,
    Column,
    Kind,
)
from callcentre.features.figures.jobs import Figures
from callcentre.features.figures.parameters import Days, Wanted
from callcentre.statistics.periods import Period, midnight, milliseconds, periods

if TYPE_CHECKING:
    from callcentre.statistics.periods import Unit
    from callcentre.statistics.questions import By, Figure

Row = Mapping[str, "Figure"]
Rows = Mapping[str | None, Row]

_NOTHING: Final[Row] = {}
_SPACE: Final = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure: as `callcentre stats` has it, and as people read it."""

    value: Figure
    shown: str


@dataclass(frozen=True, slots=True)
class Tile:
    """A large figure. `detail` is the comparison, if there is one."""

    label: str
    cell: Cell
    detail: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table."""

    label: str
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Part:
    """A chart and its table. `first` heads the first column; `drawn` is empty when there is nothing to draw."""

    name: str
    title: str
    first: str
    headings: Sequence[str]
    lines: Sequence[Line]
    drawn: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Group:
    """A group of figures. `at` is when it begins, in seconds since 1970, if it is a time."""

    name: str | None
    label: str
    at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of the visitor's language: of a message, of a service's key, of a number of something."""

    language: str
    word: Callable[..., str]
    service: Callable[[str], str]

    @property
    def locale(self) -> str:
        """The day comes before the month."""
        return "en_GB" if self.language == "en" else self.language


# --- the page --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Makes the parts of the page from the answers to `readings`."""

    wanted: Wanted
    zone: ZoneInfo
    now: datetime
    words: Words

    def tiles(self, answers: Mapping[str, Figures]) -> list[Tile]:
        """The figures of all the time."""
        total, before = (_only(answers.get(name)) for name in ("total", "total_before"))
        compares = "total_before" in answers
        return [
            Tile(
                self.words.word(column.label),
                self._cell(total, column),
                self._against(total.get(column.figure), before.get(column.figure), column.kind) if compares else "",
            )
            for column in TILES
        ]

    def parts(self, answers: Mapping[str, Figures]) -> list[Part]:
        """The charts that have anything to show."""
        by = self.wanted.by
        rows = _rows(answers["groups"], by)
        groups = self._groups(rows)
        before = _rows(answers["groups_before"], by) if "groups_before" in answers else None
        compared = None if before is None else self._placed(before, groups)
        found = [self._part(chart, groups, rows, compared, by) for chart in CHARTS]
        if "of_services" in answers:
            found += self._of_services(answers["of_services"], groups)
        if "by_service" in answers:
            of_services = _rows(answers["by_service"], "service")
            known = answers.get("by_service_before")
            earlier = None if known is None else _rows(known, "service")
            found.insert(
                0, self._part(BY_SERVICE, self._named(of_services, "service"), of_services, earlier, "service")
            )
        if "by_agent" in answers:
            of_agents = _rows(answers["by_agent"], "agent")
            found.append(self._part(BY_AGENT, self._named(of_agents, "agent"), of_agents, None, "agent"))
        return [part for part in found if part.lines]

    def days(self) -> str:
        """The days, and those that they are compared with, in words."""
        shown, earlier = self._days(self.wanted.days), self.wanted.earlier
        if earlier is None:
            return shown
        today = self.now.astimezone(self.zone)
        if self.wanted.days.last != today.date():
            return self.words.word("%(days)s, compared with %(earlier)s", days=shown, earlier=self._days(earlier))
        return self.words.word(
            "%(days)s, compared with %(earlier)s until %(time)s", days=shown, earlier=self._days(earlier),
            time=f"{today:%H:%M}",
        )  # fmt: skip

    def _days(self, days: Days) -> str:
        from babel.dates import format_date

        first, last = (format_date(day, "medium", locale=self.words.locale) for day in (days.first, days.last))
        return first if first == last else f"{first} – {last}"

    # --- groups ----------------------------------------------------------------------------------

    def _groups(self, rows: Rows) -> list[Group]:
        if not self.wanted.over_time:
            return self._named(rows, self.wanted.by)
        found = self._times(self.wanted.days, milliseconds(self.now) + 1)
        clocks = Counter(each.name[:16] for each in found)
        return [
            Group(each.name, self._time(each.name, clocks[each.name[:16]] > 1), each.start // 1000) for each in found
        ]

    def _times(self, days: Days, limit: int | None = None) -> list[Period]:
        start, stop = (milliseconds(midnight(day, self.zone)) for day in (days.first, days.last + timedelta(days=1)))
        stop = stop if limit is None else min(stop, limit)
        return list(periods(cast("Unit", self.wanted.by), start, stop, self.zone)) if start < stop else []

    def _time(self, name: str, twice: bool) -> str:
        from babel.dates import format_skeleton

        locale = self.words.locale
        if self.wanted.by == "week":
            year, _, week = name.partition("-W")
            return self.words.word("Week %(week)s, %(year)s", week=int(week), year=year)
        if self.wanted.by == "day":
            return format_skeleton("yMEd", date.fromisoformat(name), locale=locale)
        # Of two hours of the same name, which a clock put back makes, the offset says which one it is.
        clock = f"{name[11:16]} ({name[16:]})" if twice else name[11:16]
        if self.wanted.days.number == 1:
            return clock
        return f"{format_skeleton('MEd', date.fromisoformat(name[:10]), locale=locale)} {clock}"

    def _named(self, rows: Rows, by: By) -> list[Group]:
        return [Group(name, self._name(name, row, by)) for name, row in rows.items()]

    def _name(self, name: str | None, row: Row, by: By) -> str:
        if name is None:
            return self.words.word("None")
        if by == "service":
            return self.words.service(name)
        agent = row.get("agent_name")
        return name if agent is None else f"{agent} ({name})"

    def _placed(self, before: Rows, groups: Sequence[Group]) -> Rows:
        """The earlier figures under the name of the group that is compared with them."""
        if not self.wanted.over_time or self.wanted.earlier is None:
            return before
        known = {self._place(each, number, self.wanted.earlier): each.name for number, each in enumerate(
            self._times(self.wanted.earlier))}  # fmt: skip
        places = (
            (group.name, known.get(self._place(Period(group.name or "", 0, 0), number, self.wanted.days)))
            for number, group in enumerate(groups)
        )
        return {name: before[there] for name, there in places if there in before}

    def _place(self, period: Period, number: int, days: Days) -> tuple[int, str, int]:
        """Which day of them it is, and which time of that day."""
        if self.wanted.by in ("day", "week"):
            return number, "", 0
        at = datetime.fromisoformat(period.name)
        return (at.date() - days.first).days, period.name[11:16], at.astimezone(self.zone).fold

    # --- a chart and its table -------------------------------------------------------------------

    def _part(self, chart: Chart, groups: Sequence[Group], rows: Rows, before: Rows | None, by: By) -> Part:
        word = self.words.word
        # Those of agents may be left out.
        columns = [
            column
            for column in chart.columns
            if any(column.figure in row for row in (*rows.values(), *(before or {}).values()))
        ]
        compared = () if before is None else tuple(each for each in columns if each.figure in chart.compared)
        lines = []
        for group in groups:
            row, earlier = rows.get(group.name, _NOTHING), (before or {}).get(group.name, _NOTHING)
            if _has_any(row, columns) or _has_any(earlier, compared):
                cells = [self._cell(row, column) for column in columns]
                for column in compared:
                    now, then = row.get(column.figure), earlier.get(column.figure)
                    cells += [self._cell(earlier, column), Cell(None, self._difference(now, then, column.kind))]
                lines.append(Line(group.label, cells))
        headings = [word(column.label) for column in columns]
        for column in compared:
            headings += [word("%(figure)s, earlier", figure=word(column.label)), word("Difference")]
        first = word(_FIRST[by])
        drawn = self._drawn(columns, compared, groups, rows, before) if lines else {}
        return Part(chart.name, word(chart.title), first, headings, lines, drawn and {**drawn, "label": first})

    def _of_services(self, answer: Figures, groups: Sequence[Group]) -> list[Part]:
        by = self.wanted.by
        found: dict[str | None, dict[str | None, Row]] = {}
        for row in answer.dicts():
            found.setdefault(_text(row["service"]), {})[_text(row[by])] = row
        names = [self.words.word("None") if key is None else self.words.service(key) for key in found]
        parts = []
        for chart in OF_SERVICES:
            (column,) = chart.columns
            lines = [
                Line(group.label, [self._cell(rows.get(group.name, _NOTHING), column) for rows in found.values()])
                for group in groups
                if any(_has_any(rows.get(group.name, _NOTHING), (column,)) for rows in found.values())
            ]
            series = [
                {"label": name, "values": _values(groups, rows, column)}
                for name, rows in zip(names, found.values(), strict=True)
            ]
            title, first = self.words.word(chart.title), self.words.word(_FIRST[by])
            along = {**self._along(groups), "label": first}
            drawn = {**along, "unit": UNITS_OF_CHARTS[column.kind], "series": series} if lines else {}
            parts.append(Part(chart.name, title, first, names, lines, drawn))
        return parts

    def _drawn(
        self,
        columns: Iterable[Column],
        compared: Iterable[Column],
        groups: Sequence[Group],
        rows: Rows,
        before: Rows | None,
    ) -> dict[str, Any]:
        word = self.words.word
        shown = [column for column in columns if column.drawn]
        series: list[dict[str, Any]] = [
            {"label": word(each.label), "values": _values(groups, rows, each), "kind": each.drawn, "colour": place}
            for place, each in enumerate(shown)
        ]
        series += [
            {
                "label": word("%(figure)s, earlier", figure=word(each.label)),
                "values": _values(groups, before or {}, each),
                "dashed": True,
                "colour": 4,
            }
            for each in compared
        ]
        return {**self._along(groups), "unit": UNITS_OF_CHARTS[shown[0].kind], "series": series} if shown else {}

    def _along(self, groups: Sequence[Group]) -> dict[str, Any]:
        """The x axis."""
        if groups and groups[0].at is not None:
            return {"x": [group.at for group in groups], "time": True, "zone": self.zone.key}
        return {"x": list(range(len(groups))), "ticks": [group.label for group in groups]}

    # --- figures as people read them -------------------------------------------------------------

    def _cell(self, row: Row, column: Column) -> Cell:
        value = row.get(column.figure)
        return Cell(value, self._shown(value, column.kind))

    def _shown(self, value: Figure, kind: Kind) -> str:
        if not isinstance(value, int | float):
            return "–" if value is None else value
        match kind:
            case "count":
                return self._decimal(value, "#,##0")
            case "seconds":
                return length(value)
            case "share":
                return f"{self._decimal(value * 100, '#,##0.0')}{_SPACE}%"
            case "score":
                return self._decimal(value, "#,##0.0")

    def _decimal(self, value: float, pattern: str) -> str:
        return _formatted(round(value, 1), pattern, self.words.locale)

    def _difference(self, now: Figure, then: Figure, kind: Kind) -> str:
        """How much more it is now; of counts in per cent too."""
        if not isinstance(now, int | float) or not isinstance(then, int | float):
            return ""
        more = now - then
        sign = "+" if more > 0 else "−" if more < 0 else "±"
        match kind:
            case "count":
                share = f" ({sign}{self._decimal(abs(more) / then * 100, '#,##0')}{_SPACE}%)" if then else ""
                return f"{sign}{self._decimal(abs(more), '#,##0')}{share}"
            case "seconds":
                return f"{sign}{length(abs(more))}"
            case "share":
                return self.words.word("%(points)s points", points=f"{sign}{self._decimal(abs(more) * 100, '#,##0.0')}")
            case "score":
                return f"{sign}{self._decimal(abs(more), '#,##0.0')}"

    def _against(self, now: Figure, then: Figure, kind: Kind) -> str:
        if not isinstance(then, int | float):
            return self.words.word("Nothing to compare with")
        earlier = self.words.word("before %(figure)s", figure=self._shown(then, kind))
        difference = self._difference(now, then, kind)
        return f"{earlier} · {difference}" if difference else earlier


_FIRST: Final[Mapping[str, str]] = {
    "service": "Service", "queue": "Queue", "agent": "Agent", "node": "Node", "minute": "Time", "quarter_hour": "Time",
    "hour": "Time", "day": "Day", "week": "Week",
}  # fmt: skip
"""What heads the first column of a table by each group."""


def length(seconds: float) -> str:
    """A length as 0:07, 2:41 or 1:02:03, rounded to whole seconds."""
    whole = round(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


@lru_cache(maxsize=8192)
def _formatted(value: float, pattern: str, locale: str) -> str:
    """A number as it is written in a language. Most figures of a page are the same few: each takes long to write."""
    from babel.numbers import format_decimal

    return format_decimal(value, format=pattern, locale=locale)


def _only(answer: Figures | None) -> Row:
    return next(iter(answer.dicts()), _NOTHING) if answer is not None else _NOTHING


def _rows(answer: Figures, by: By) -> Rows:
    return {_text(row[by]): row for row in answer.dicts()}


def _text(value: Figure) -> str | None:
    return None if value is None else str(value)


def _has_any(row: Row, columns: Iterable[Column]) -> bool:
    return any(row.get(column.figure) for column in columns)


def _values(groups: Iterable[Group], rows: Rows, column: Column) -> list[float | None]:
    return [_value(rows.get(group.name), column) for group in groups]


def _value(row: Row | None, column: Column) -> float | None:
    if row is None:
        return 0 if column.kind == "count" else None
    value = row.get(column.figure)
    if not isinstance(value, int | float):
        return None
    return round(value * 100, 2) if column.kind == "share" else value
