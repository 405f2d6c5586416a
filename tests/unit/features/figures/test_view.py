"""What the page shows of figures: names of times when the clock is changed, differences, and numbers of a language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from callcentre.features.figures.jobs import Figures
from callcentre.features.figures.parameters import Days, Wanted
from callcentre.features.figures.view import View, Words, length
from callcentre.statistics.questions import By

HELSINKI = ZoneInfo("Europe/Helsinki")
LATER = datetime(2026, 12, 24, tzinfo=UTC)


def word(message: str, **values: Any) -> str:
    return message % values if values else message


def days(first: str, last: str | None = None) -> Days:
    return Days(first=date.fromisoformat(first), last=date.fromisoformat(last or first))


def view(by: By, shown: Days, earlier: Days | None = None, language: str = "en", now: datetime = LATER) -> View:
    wanted = Wanted(days=shown, by=by, earlier=earlier)
    return View(wanted=wanted, zone=HELSINKI, now=now, words=Words(language=language, word=word, service=str.title))


def answer(by: str, rows: Mapping[str | None, Mapping[str, Any]]) -> Figures:
    names = list(next(iter(rows.values())))
    return Figures([by, *names], [[group, *(row[name] for name in names)] for group, row in rows.items()])


def offered(by: str, counts: Mapping[str | None, int]) -> Figures:
    return answer(by, {group: {"offered": count} for group, count in counts.items()})


def lines(found: View, **answers: Figures) -> Sequence[tuple[str, list[str]]]:
    (part,) = found.parts(answers)
    return [(line.label, [cell.shown for cell in line.cells]) for line in part.lines]


def test_times_in_which_nothing_happened_are_drawn_and_not_listed() -> None:
    found = view("hour", days("2026-11-29"))
    (part,) = found.parts({"groups": offered("hour", {"2026-11-29T10:00+02:00": 3})})
    assert [line.label for line in part.lines] == ["10:00"]
    assert len(part.drawn["x"]) == 24
    assert part.drawn["series"][0]["values"] == [0] * 10 + [3] + [0] * 13


def test_the_day_is_drawn_until_now() -> None:
    now = datetime(2026, 11, 29, 8, 15, tzinfo=UTC)
    (part,) = view("hour", days("2026-11-29"), now=now).parts(
        {"groups": offered("hour", {"2026-11-29T10:00+02:00": 3})}
    )  # fmt: skip
    assert len(part.drawn["x"]) == 11


def test_of_two_hours_of_one_name_the_offset_says_which() -> None:
    counts: dict[str | None, int] = {"2026-10-25T03:00+03:00": 1, "2026-10-25T03:00+02:00": 2}
    found = lines(view("hour", days("2026-10-25")), groups=offered("hour", counts))
    assert found == [("03:00 (+03:00)", ["1"]), ("03:00 (+02:00)", ["2"])]


@pytest.mark.parametrize(
    ("by", "shown", "name", "language", "label"),
    [
        ("hour", days("2026-11-29"), "2026-11-29T08:00+02:00", "en", "08:00"),
        ("hour", days("2026-11-28", "2026-11-29"), "2026-11-29T08:00+02:00", "en", "Sun 29/11 08:00"),
        ("hour", days("2026-11-28", "2026-11-29"), "2026-11-29T08:00+02:00", "fi", "su 29.11. 08:00"),
        ("day", days("2026-11-28", "2026-11-29"), "2026-11-29", "sv", "sön, 2026-11-29"),
        ("week", days("2026-11-02", "2026-11-29"), "2026-W48", "en", "Week 48, 2026"),
    ],
)
def test_a_time_is_named_as_people_write_it(by: By, shown: Days, name: str, language: str, label: str) -> None:
    assert lines(view(by, shown, language=language), groups=offered(by, {name: 1})) == [(label, ["1"])]


def test_groups_without_a_name_are_named() -> None:
    found = view("service", days("2026-11-29"))
    assert lines(found, groups=offered("service", {"support": 1, None: 2})) == [("Support", ["1"]), ("None", ["2"])]


@pytest.mark.parametrize(
    ("shown", "earlier", "hour", "before"),
    [
        (days("2026-11-29"), days("2026-11-22"), "2026-11-29T10:00+02:00", "2026-11-22T10:00+02:00"),
        # Monday is compared with the Sunday on which the clock was put back: the first of the two hours is the one.
        (days("2026-10-26"), days("2026-10-25"), "2026-10-26T03:00+02:00", "2026-10-25T03:00+03:00"),
        (days("2026-10-26"), days("2026-10-25"), "2026-10-26T05:00+02:00", "2026-10-25T05:00+02:00"),
        # An hour that the clock put forward has left out is compared with nothing.
        (days("2026-03-30"), days("2026-03-29"), "2026-03-30T03:00+03:00", None),
        (days("2026-03-30"), days("2026-03-29"), "2026-03-30T04:00+03:00", "2026-03-29T04:00+03:00"),
    ],
)
def test_a_time_is_compared_with_the_same_time_of_the_wall_clock(
    shown: Days, earlier: Days, hour: str, before: str | None
) -> None:
    others = {f"{earlier.first}T{number:02}:00{offset}" for number in range(24) for offset in ("+02:00", "+03:00")}
    counts: dict[str | None, int] = dict.fromkeys(sorted(others - {before or ""}), 7)
    if before is not None:
        counts[before] = 2
    found = lines(
        view("hour", shown, earlier), groups=offered("hour", {hour: 5}), groups_before=offered("hour", counts)
    )  # fmt: skip
    cells = dict(found)[f"{hour[11:16]}"]
    assert cells == (["5", "–", ""] if before is None else ["5", "2", "+3 (+150\N{NO-BREAK SPACE}%)"])


@pytest.mark.parametrize(
    ("figure", "now", "then", "detail"),
    [
        ("offered", 12, 10, "before 10 · +2 (+20\N{NO-BREAK SPACE}%)"),
        ("offered", 10, 0, "before 0 · +10"),
        ("offered", 10, 10, "before 10 · ±0 (±0\N{NO-BREAK SPACE}%)"),
        ("service_level", 0.8, 0.9, "before 90.0\N{NO-BREAK SPACE}% · −10.0 points"),
        ("asa", 65.4, 5, "before 0:05 · +1:00"),
        ("csat", None, 0.5, "before 50.0\N{NO-BREAK SPACE}%"),
        ("csat", 0.5, None, "Nothing to compare with"),
    ],
)
def test_a_tile_says_what_was_before(figure: str, now: float | None, then: float | None, detail: str) -> None:
    answers = {"total": Figures([figure], [[now]]), "total_before": Figures([figure], [[then]])}
    tiles = view("hour", days("2026-11-29"), days("2026-11-22")).tiles(answers)
    assert detail in [tile.detail for tile in tiles]


@pytest.mark.parametrize(
    ("language", "shown"), [("en", "1,234"), ("fi", "1\N{NO-BREAK SPACE}234"), ("sv", "1\N{NO-BREAK SPACE}234")]
)
def test_numbers_are_written_as_in_the_language(language: str, shown: str) -> None:
    (_, (cell, *_)), *_ = lines(
        view("day", days("2026-11-29"), language=language), groups=offered("day", {"2026-11-29": 1234})
    )  # fmt: skip
    assert cell == shown


@pytest.mark.parametrize(("seconds", "shown"), [(6.6, "0:07"), (59.6, "1:00"), (161, "2:41"), (3723, "1:02:03")])
def test_a_length_is_shown_as_a_clock_shows_it(seconds: float, shown: str) -> None:
    assert length(seconds) == shown


def test_the_days_are_named_with_those_that_they_are_compared_with() -> None:
    now = datetime(2026, 11, 29, 8, 15, tzinfo=UTC)
    assert view("hour", days("2026-11-28")).days() == "28 Nov 2026"
    earlier = days("2026-11-22")
    assert view("hour", days("2026-11-29"), earlier).days() == "29 Nov 2026, compared with 22 Nov 2026"
    assert view("hour", days("2026-11-29"), earlier, now=now).days().endswith("22 Nov 2026 until 10:15")
