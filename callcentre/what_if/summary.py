"""The result of a what-if: how many people, why not, and when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final
from zoneinfo import ZoneInfo

from callcentre.what_if.past import Verdict

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Row = dict[str, str | int | None]


class Summary:
    """Collects the verdicts of one service and returns rows.

    `columns` names for each rule the column that counts its yes, `configured` the rules that the service has. Weekdays
    and hours are those of `zone`; a survey counts when it would have been sent.
    """

    def __init__(self, service: str, zone: ZoneInfo, columns: Mapping[str, str], configured: Iterable[str]) -> None:
        self._service = service
        self._zone = zone
        self._columns = {"call": "calls", **columns}
        self._configured = {*configured, "call"}
        self._times: Counter[tuple[int, int, str]] = Counter()
        self._reasons: Counter[tuple[str, str | None]] = Counter()

    def take(self, verdict: Verdict) -> None:
        """Count a verdict if it is about the service."""
        if verdict.service != self._service:
            return
        self._reasons[verdict.rule, verdict.reason] += 1
        if verdict.reason is None:
            at = verdict.at.astimezone(self._zone)
            self._times[at.weekday(), at.hour, verdict.rule] += 1

    @property
    def calls(self) -> int:
        """The number of calls to the service."""
        return self._reasons["call", None]

    def total(self) -> Row:
        """`calls`, and a figure for each rule, in total; None where the service has no such rule."""
        return self._row({rule: self._reasons[rule, None] for rule in self._columns})

    def by_hour(self) -> Iterator[Row]:
        """The same for each hour of the week with any figure, from Monday on."""
        for weekday, hour in sorted({(weekday, hour) for weekday, hour, _ in self._times}):
            row = self._row({rule: self._times[weekday, hour, rule] for rule in self._columns})
            yield {"weekday": WEEKDAYS[weekday], "hour": hour, **row}

    def by_weekday(self) -> Iterator[Row]:
        """The same for each weekday with any figure."""
        for weekday in sorted({weekday for weekday, _, _ in self._times}):
            counts = {rule: sum(self._times[weekday, hour, rule] for hour in range(24)) for rule in self._columns}
            yield {"weekday": WEEKDAYS[weekday], **self._row(counts)}

    def by_reason(self) -> Iterator[Row]:
        """For each rule the number of its yes (`outcome` is the column of the rule) and of each reason for no."""
        for rule in self._columns:
            if rule == "call" or rule not in self._configured:
                continue
            yield {"rule": rule, "outcome": self._columns[rule], "calls": self._reasons[rule, None]}
            found = ((reason, count) for (of, reason), count in self._reasons.items() if of == rule and reason)
            for reason, count in sorted(found, key=lambda each: (-each[1], each[0])):
                yield {"rule": rule, "outcome": reason, "calls": count}

    def _row(self, counts: dict[str, int]) -> Row:
        return {name: counts[rule] if rule in self._configured else None for rule, name in self._columns.items()}
