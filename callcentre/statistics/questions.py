"""Questions for figures, and what components answer them with: the records that a question selects, in its groups."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, cast, get_args
from zoneinfo import ZoneInfo

from callcentre.statistics.periods import Period, Span, Unit, periods
from callcentre.statistics.records import Record, RecordTable

# SQLAlchemy, and modules that need it, are imported with the first question: the help of a command would wait for it.
if TYPE_CHECKING:
    import sqlalchemy as sa

By = Literal["service", "queue", "agent", "node", "minute", "quarter_hour", "hour", "day", "week"]
UNITS: Final = get_args(Unit)
"""The groups that are periods of time."""
Figure = str | int | float | None
Group = str | None | tuple[str | None, str | None]
"""The name of a group; with `each_service` a service before it."""

ALWAYS: Final = Span()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked for. `within` is the threshold of the service level and `short` that of a short abandon, in ms.

    by: what makes a group; None: all records are one group.
    service: only what belongs to it; None: to any service or to none.
    each_service: each service has groups of its own, by a period of time.
    """

    by: By | None
    zone: ZoneInfo
    span: Span = ALWAYS
    service: str | None = None
    each_service: bool = False
    within: int = 20_000
    short: int = 5_000


@dataclass(frozen=True, slots=True)
class Counted:
    """The figures of one component: for each group that has records, and for a group that has none.

    Figures are in the order of the columns; lengths are seconds, shares from 0 to 1. A figure that is a division by
    nothing is None.

    merged: the figures of larger groups, by a function from each group to the larger one; None: they can be had only by
    another question.
    """

    groups: Mapping[Group, Mapping[str, Figure]]
    nothing: Mapping[str, Figure]
    merged: Callable[[Callable[[Group], Group]], Counted] | None = None


class Selection:
    """The records that a question is about, each with the group that it belongs to."""

    def __init__(self, ledger: sa.Connection, tables: Sequence[RecordTable], question: Question) -> None:
        from callcentre.statistics.tables import ledger_table

        self.question = question
        self._ledger = ledger
        self._times = {
            kept.record: ledger_table(kept).c[kept.counts_at] for kept in tables if kept.counts_at is not None
        }
        self._name_agents = [kept.record for kept in tables if kept.names_agents]
        self._periods: Sequence[Period] | None = None if question.by not in UNITS else list(self._found_periods())
        self._places = {each.name: place for place, each in enumerate(self._periods or ())}

    def of(self, kind: type[Record], *columns: str) -> Iterator[tuple[Any, ...]]:
        """The group and these columns of every record of a class that counts."""
        from callcentre.statistics.queries import streamed

        rows = streamed(self._ledger, self._query(kind, *columns))
        if self._periods is None:
            yield from rows
            return
        starts, names = [each.start for each in self._periods], [each.name for each in self._periods]
        # Its time tells the period of a record. The database would take as long to join the two.
        if not self.question.each_service:
            for row in rows:
                yield (names[bisect_right(starts, row[0]) - 1], *row[1:])
            return
        for time, *found, service in rows:
            yield ((service, names[bisect_right(starts, time) - 1]), *found)

    def _query(self, kind: type[Record], *columns: str) -> sa.Select[Any]:
        """Asks for these columns of the records that count, and first for their group, or time where that tells it."""
        from sqlalchemy import null

        from callcentre.statistics.queries import counted

        time, question = self._times[kind], self.question
        table = time.table
        group = time if self._periods is not None else table.c.get(question.by or "", null())
        asked = (group, *(table.c[name] for name in columns))
        if question.each_service:
            asked = (*asked, table.c.service)
        return counted(asked, time, question.span, question.service)

    def _found_periods(self) -> Iterator[Period]:
        """The periods from the first to the last moment that anything counts at, within what is asked for."""
        from callcentre.statistics.queries import extent

        known = extent(self._ledger, self._times.values())
        if known is not None:
            span = self.question.span
            first, stop = max(known[0], span.start or known[0]), min(known[1] + 1, span.stop or known[1] + 1)
            yield from periods(cast("Unit", self.question.by), first, stop, self.question.zone)

    def order(self, group: Group) -> tuple[Any, ...]:
        """What groups are sorted by: periods by time, all others by name, and what belongs to none last."""
        service, name = group if isinstance(group, tuple) else ("", group)
        place = 0 if self._periods is None else self._places[name or ""]
        return service is None, service or "", name is None, place, name or ""

    def titles(self, groups: Iterable[Group]) -> dict[Group, dict[str, Figure]]:
        """How each group is called: by its name, and an agent also by the latest name that the records have."""
        by = self.question.by
        if by != "agent":
            return {group: self._title(group) for group in groups}
        # From the latest back, until all have one: an agent without a name costs one reading, and not one each.
        names: dict[Group, str] = {}
        missing = set(groups) - {None}
        with closing(self._agent_names()) as latest_first:
            for group, name in latest_first:
                if group in missing:
                    names[group] = name
                    missing.discard(group)
                if not missing:
                    break
        return {group: {**self._title(group), "agent_name": names.get(group)} for group in groups}

    def _title(self, group: Group) -> dict[str, Figure]:
        by = self.question.by
        if isinstance(group, tuple):
            return {"service": group[0], by or "": group[1]}
        return {} if by is None else {by: group}

    def _agent_names(self) -> Generator[tuple[Any, ...]]:
        from callcentre.statistics.queries import streamed

        for kind in self._name_agents:
            time = self._times[kind]
            named = self._query(kind, "agent_name").where(time.table.c.agent_name.is_not(None))
            # Of records with the same time, in every database the same first.
            latest = (time.desc(), *(key.desc() for key in time.table.primary_key))
            yield from streamed(self._ledger, named.order_by(*latest))


def ratio(part: int, whole: int, *, digits: int | None = 4) -> float | None:
    """A part of a whole, rounded; None of nothing."""
    if whole == 0:
        return None
    return part / whole if digits is None else round(part / whole, digits)


def seconds(length: float | None) -> float | None:
    """Milliseconds as seconds."""
    return None if length is None else round(length / 1000, 3)
