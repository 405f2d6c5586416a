"""What came of a what-if: how many, why not, and when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Final
from zoneinfo import ZoneInfo

from callcentre.what_if.rules import Part, Verdict

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_COLUMNS: Final[dict[Part, str]] = {"call": "calls", "welcome": "welcomed", "callback": "offered", "survey": "asked"}
Row = dict[str, str | int | None]


class Summary:
    """Of one service: verdicts go in, rows come out. `parts` are those that the service has rules for.

    Weekdays and hours are those of `zone`; a survey counts when it would have been sent.
    """

    def __init__(self, service: str, zone: ZoneInfo, parts: Collection[Part]) -> None:
        self._service = service
        self._zone = zone
        self._parts = {*parts, "call"}
        self._times: Counter[tuple[int, int, Part]] = Counter()
        self._reasons: Counter[tuple[Part, str | None]] = Counter()

    def take(self, verdict: Verdict) -> None:
        """Count a verdict if it is about the service."""
        if verdict.service != self._service:
            return
        self._reasons[verdict.part, verdict.reason] += 1
        if verdict.reason is None:
            at = verdict.at.astimezone(self._zone)
            self._times[at.weekday(), at.hour, verdict.part] += 1

    @property
    def calls(self) -> int:
        """How many called the service."""
        return self._reasons["call", None]

    def total(self) -> Row:
        """`calls`, `welcomed`, `offered`, `asked` in all; None where the service has no such rules."""
        return self._row({part: self._reasons[part, None] for part in _COLUMNS})

    def by_hour(self) -> Iterator[Row]:
        """The same for each hour of the week in which anything was, from Monday on."""
        for weekday, hour in sorted({(weekday, hour) for weekday, hour, _ in self._times}):
            row = self._row({part: self._times[weekday, hour, part] for part in _COLUMNS})
            yield {"weekday": WEEKDAYS[weekday], "hour": hour, **row}

    def by_weekday(self) -> Iterator[Row]:
        """The same for each weekday on which anything was."""
        for weekday in sorted({weekday for weekday, _, _ in self._times}):
            counts = {part: sum(self._times[weekday, hour, part] for hour in range(24)) for part in _COLUMNS}
            yield {"weekday": WEEKDAYS[weekday], **self._row(counts)}

    def by_reason(self) -> Iterator[Row]:
        """For each rule how often it said yes (`outcome` welcomed, offered, asked) and for what reason no."""
        for part in _COLUMNS:
            if part == "call" or part not in self._parts:
                continue
            yield {"rule": part, "outcome": _COLUMNS[part], "calls": self._reasons[part, None]}
            found = ((reason, count) for (of, reason), count in self._reasons.items() if of == part and reason)
            for reason, count in sorted(found, key=lambda each: (-each[1], each[0])):
                yield {"rule": part, "outcome": reason, "calls": count}

    def _row(self, counts: dict[Part, int]) -> Row:
        return {name: counts[part] if part in self._parts else None for part, name in _COLUMNS.items()}
