"""The figures of a span of time by service, queue, agent, hour, day or week, asked of the ledger.

What each figure means and where its formula comes from is in `definitions`. All of them are worked out
here and nowhere else, whether the ledger is that of the database or one made of a log.
"""

from __future__ import annotations

import sqlite3
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from callcentre.statistics.estimation import Interval, mean, mean_interval, percentile, wilson
from callcentre.statistics.periods import Span, periods

By = Literal["service", "queue", "agent", "hour", "day", "week"]
Figure = str | int | float | None
Group = str | None

ALWAYS: Final = Span()

# The column with the time that a record counts at.
_TIMES: Final = {
    "visits": "joined",
    "offers": "at",
    "callback_records": "at",
    "text_records": "at",
    "survey_records": "at",
    "scores": "asked",
}
_WITHOUT_AGENT: Final = {"offers"}

END_STATES: Final = ("completed", "cancelled", "failed", "expired")
TEXT_STATES: Final = ("queued", "accepted", "delivered", "failed", "refused")
_HANDED_OVER: Final = ("accepted", "delivered", "failed")
CLOSED_BY: Final = ("sms", "auto_agent", "customer", "caller_returned", "staff", "api")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked for. `within` is the threshold of the service level and `short` that of a short abandon, in ms."""

    by: By
    zone: ZoneInfo
    span: Span = ALWAYS
    service: str | None = None
    within: int = 20_000
    short: int = 5_000


def figures(ledger: sqlite3.Connection, question: Question) -> list[dict[str, Figure]]:
    """A row for each group in order, all rows with the same figures; lengths are seconds, shares from 0 to 1.

    A figure that nothing was counted for is None where it would be a division by nothing, else 0.
    """
    asked = _Asked(ledger, question)
    visits = _visits(asked)
    groups: dict[Group, dict[str, Figure]] = defaultdict(dict)
    parts: tuple[Mapping[Group, dict[str, Figure]], ...] = (
        {group: counted.figures(question) for group, counted in visits.items()},
        _callbacks(asked),
        _texts(asked),
        _surveys(asked),
    )
    names: dict[str, Figure] = {}
    empty = (_Visits().figures(question), _callback_figures(0, []), _text_figures((), ()), _survey_figures(0, 0, {}))
    for part, nothing in zip(parts, empty, strict=True):
        for row in (nothing, *part.values()):
            names |= {name: nothing.get(name, 0) for name in row}
        for group, row in part.items():
            groups[group] |= row
    titles = asked.titles(groups)
    return [titles[group] | names | groups[group] for group in sorted(groups, key=lambda name: (name is None, name))]


class _Asked:
    """The records that a question is about, each with the group that it belongs to."""

    def __init__(self, ledger: sqlite3.Connection, question: Question) -> None:
        self._ledger = ledger
        self._by = question.by
        self._service = question.service
        self._span = question.span
        self._in_periods = question.by in ("hour", "day", "week")
        if self._in_periods:
            self._make_periods(question)

    def _make_periods(self, question: Question) -> None:
        first, last = self._extent()
        by = question.by
        assert by in ("hour", "day", "week")  # noqa: S101 - asked for by the caller of this
        found = periods(by, first, last, question.zone)
        start, stop = self._span.start, self._span.stop
        rows = [(each.name, max(each.start, start or each.start), min(each.stop, stop or each.stop)) for each in found]
        self._ledger.execute("DROP TABLE IF EXISTS temp.periods")
        self._ledger.execute("CREATE TEMP TABLE periods (name TEXT, start INTEGER, stop INTEGER)")
        self._ledger.executemany("INSERT INTO temp.periods VALUES (?, ?, ?)", rows)

    def _extent(self) -> tuple[int, int]:
        """From the first to after the last moment that anything counts at, within what is asked for."""
        found: list[int] = []
        for table, time in _TIMES.items():
            # Two questions: SQLite answers each from the index at once, but both together by reading everything.
            for which in ("min", "max"):
                (moment,) = self._ledger.execute(f"SELECT {which}({time}) FROM {table}").fetchone()  # noqa: S608
                found += [] if moment is None else [moment]
        if not found:
            return 0, 0
        first, last = min(found), max(found) + 1
        return max(first, self._span.start or first), min(last, self._span.stop or last)

    def of(self, table: str, columns: str, condition: str = "1") -> Iterator[tuple[Any, ...]]:
        """The group and these columns of every record that counts and meets the condition."""
        time = _TIMES[table]
        conditions = ["1"]
        values: list[int | str] = []
        if self._in_periods:
            # The order matters: for each period its records by the index on their time.
            source = f"temp.periods CROSS JOIN {table} ON {time} >= periods.start AND {time} < periods.stop"
            group = "periods.name"
        else:
            source = table
            group = "NULL" if self._by == "agent" and table in _WITHOUT_AGENT else self._by
            for moment, comparison in ((self._span.start, ">="), (self._span.stop, "<")):
                if moment is not None:
                    conditions.append(f"{time} {comparison} ?")
                    values.append(moment)
        if self._service is not None:
            conditions.append("service = ?")
            values.append(self._service)
        where = " AND ".join((*conditions, condition))
        yield from self._ledger.execute(f"SELECT {group}, {columns} FROM {source} WHERE {where}", values)  # noqa: S608

    def titles(self, groups: Iterable[Group]) -> dict[Group, dict[str, Figure]]:
        """How each group is called: by its name, and an agent also by the name that the queue knows."""
        if self._by != "agent":
            return {group: {self._by: group} for group in groups}
        # From the latest back, until all have one: an agent without a name costs one reading, and not one each.
        names: dict[Group, str] = {}
        missing = set(groups) - {None}
        for group, name in self.of("visits", "agent_name", "agent_name IS NOT NULL ORDER BY joined DESC"):
            if group in missing:
                names[group] = name
                missing.discard(group)
            if not missing:
                break
        return {group: {"agent": group, "agent_name": names.get(group)} for group in groups}


# --- the queue -----------------------------------------------------------------------------------


def _lengths() -> array[int]:
    return array("q")


@dataclass(slots=True)
class _Outcome:
    """Lengths in milliseconds of the visits with one outcome: exact, and eight bytes each."""

    waits: array[int] = field(default_factory=_lengths)
    errors: array[int] = field(default_factory=_lengths)
    talks: array[int] = field(default_factory=_lengths)


_NOBODY: Final = _Outcome()


@dataclass(slots=True)
class _Visits:
    """The visits of one group by outcome."""

    outcomes: dict[str | None, _Outcome] = field(default_factory=dict)

    def figures(self, question: Question) -> dict[str, Figure]:
        """What they add up to."""
        offered = sum(len(each.waits) for each in self.outcomes.values())
        answered, abandoned = (self.outcomes.get(name, _NOBODY) for name in ("answered", "abandoned"))
        waits, lost = sorted(answered.waits), sorted(abandoned.waits)
        errors = sorted(answered.errors)
        timed_out = len(self.outcomes.get("timeout", _NOBODY).waits)
        waiting = len(self.outcomes.get(None, _NOBODY).waits)
        in_time = bisect_right(waits, question.within)
        lost_later = len(lost) - bisect_right(lost, question.within)
        return {
            "offered": offered,
            "answered": len(waits),
            "abandoned": len(lost),
            "short_abandoned": bisect_left(lost, question.short),
            "timed_out": timed_out,
            "left_otherwise": offered - len(waits) - len(lost) - timed_out - waiting,
            "waiting": waiting,
            "service_level": _ratio(in_time, len(waits) + lost_later),
            "abandon_rate": _ratio(len(lost), offered),
            "asa": _seconds(_ratio(sum(waits), len(waits), digits=None)),
            "longest_wait": _seconds(max((max(each.waits) for each in self.outcomes.values()), default=None)),
            "handle_time": _seconds(_ratio(sum(answered.talks), len(answered.talks), digits=None)),
            "estimates": len(errors),
            "estimate_error_p50": _seconds(percentile(errors, 0.5) if errors else None),
            "estimate_error_p90": _seconds(percentile(errors, 0.9) if errors else None),
        }


def _visits(asked: _Asked) -> dict[Group, _Visits]:
    groups: dict[Group, _Visits] = {}
    known: dict[tuple[Group, str | None], _Outcome] = {}
    # A million rows come through here: nothing is looked up or called that need not be.
    for group, outcome, wait, error, talk in asked.of("visits", "outcome, wait, abs(estimated - wait), talk"):
        try:
            lengths = known[group, outcome]
        except KeyError:
            lengths = known[group, outcome] = _Outcome()
            groups.setdefault(group, _Visits()).outcomes[outcome] = lengths
        lengths.waits.append(wait)
        if error is not None:
            lengths.errors.append(error)
        if talk is not None:
            lengths.talks.append(talk)
    return groups


# --- callbacks -----------------------------------------------------------------------------------


def _callbacks(asked: _Asked) -> dict[Group, dict[str, Figure]]:
    offered = Counter(group for group, _ in asked.of("offers", "call"))
    rows: dict[Group, list[tuple[Any, ...]]] = {group: [] for group in offered}
    columns = "state, ended_by, attempts, kept, notice"
    for (group, *row), count in Counter(asked.of("callback_records", columns)).items():
        rows.setdefault(group, []).append((*row, count))
    return {group: _callback_figures(offered[group], found) for group, found in rows.items()}


def _callback_figures(offered: int, rows: Iterable[tuple[Any, ...]]) -> dict[str, Figure]:
    states: Counter[str] = Counter()
    closed: Counter[str] = Counter()
    attempts = kept = lost = noticed = answers = 0
    for state, ended_by, tried, is_kept, notice, count in rows:
        states[state] += count
        attempts += tried * count
        kept += count if is_kept == 1 else 0
        lost += count if is_kept == 0 else 0
        noticed += count if notice is not None else 0
        answers += count if notice == "answered" else 0
        if state == "cancelled" and ended_by is not None:
            closed[ended_by] += count
    return {
        "callbacks_offered": offered,
        "callbacks_accepted": states.total(),
        "callbacks_open": states["open"],
        **{f"callbacks_{state}": states[state] for state in END_STATES},
        **{f"callbacks_closed_by_{who}": closed[who] for who in CLOSED_BY},
        "callback_attempts": attempts,
        "attempts_per_success": _ratio(attempts, states["completed"]),
        "places_kept": kept,
        "places_not_kept": lost,
        "callbacks_noticed": noticed,
        "notices_answered": answers,
    }


# --- texts ---------------------------------------------------------------------------------------


def _texts(asked: _Asked) -> dict[Group, dict[str, Figure]]:
    found = Counter(asked.of("text_records", "kind, state, parts"))
    kinds = sorted({kind for _, kind, _, _ in found})
    rows: dict[Group, list[tuple[str, str, int, int]]] = defaultdict(list)
    for (group, kind, state, parts), count in found.items():
        rows[group].append((kind, state, parts, count))
    return {group: _text_figures(kinds, row) for group, row in rows.items()}


def _text_figures(kinds: Iterable[str], rows: Iterable[tuple[str, str, int, int]]) -> dict[str, Figure]:
    """`sms_…` of all texts and `sms_<kind>_…` of each kind; the parts are those that were handed to the gateway."""
    counted: Counter[str] = Counter()
    for kind, state, parts, count in rows:
        handed_over = state in _HANDED_OVER
        for name in ("sms", f"sms_{kind}"):
            counted[name] += count
            counted[f"{name}_{state}"] += count
            counted[f"{name}_parts"] += parts * count if handed_over else 0
        counted["welcome_sent"] += count if handed_over and kind == "welcome" else 0
    names = ["welcome_sent"]
    for name in ("sms", *(f"sms_{kind}" for kind in kinds)):
        names += [name, *(f"{name}_{state}" for state in TEXT_STATES), f"{name}_parts"]
    return {name: counted[name] for name in names}


# --- surveys -------------------------------------------------------------------------------------

Scores = dict[str, Counter[float]]


def _surveys(asked: _Asked) -> dict[Group, dict[str, Figure]]:
    sent: Counter[Group] = Counter()
    answered: Counter[Group] = Counter()
    for (group, has_answers), count in Counter(asked.of("survey_records", "answers > 0")).items():
        sent[group] += count
        answered[group] += count if has_answers else 0
    scores: dict[Group, Scores] = defaultdict(lambda: defaultdict(Counter))
    for (group, metric, value), count in Counter(asked.of("scores", "metric, value")).items():
        if value is not None:
            scores[group][metric][value] += count
    return {group: _survey_figures(sent[group], answered[group], scores[group]) for group in {*sent, *scores}}


def _survey_figures(sent: int, answered: int, scores: Mapping[str, Mapping[float, int]]) -> dict[str, Figure]:
    csat, nps, ces = (dict(scores.get(metric, {})) for metric in ("csat", "nps", "ces"))
    answers = {"csat": sum(csat.values()), "nps": sum(nps.values()), "ces": sum(ces.values())}
    top = sum(count for value, count in csat.items() if value >= 4)
    # Promoters count 1, detractors -1 and the others nothing: the score is a hundred times the mean of these.
    marks: Counter[float] = Counter()
    for value, count in nps.items():
        marks[100 if value >= 9 else -100 if value <= 6 else 0] += count
    return {
        "surveys_sent": sent,
        "surveys_answered": answered,
        "response_rate": _ratio(answered, sent),
        **_interval("response_rate", wilson(answered, sent) if 0 < sent >= answered else None),
        "csat_answers": answers["csat"],
        "csat": _ratio(top, answers["csat"]),
        **_interval("csat", wilson(top, answers["csat"]) if csat else None),
        "nps_answers": answers["nps"],
        "nps": round(mean(marks), 2) if marks else None,
        **_interval("nps", mean_interval(marks, -100, 100)),
        "ces_answers": answers["ces"],
        "ces": round(mean(ces), 3) if ces else None,
        **_interval("ces", mean_interval(ces, 1, 7)),
    }


def _interval(name: str, interval: Interval | None) -> dict[str, Figure]:
    low, high = (None, None) if interval is None else (round(interval.low, 4), round(interval.high, 4))
    return {f"{name}_low": low, f"{name}_high": high}


def _ratio(part: int, whole: int, *, digits: int | None = 4) -> float | None:
    if whole == 0:
        return None
    return part / whole if digits is None else round(part / whole, digits)


def _seconds(length: float | None) -> float | None:
    return None if length is None else round(length / 1000, 3)
