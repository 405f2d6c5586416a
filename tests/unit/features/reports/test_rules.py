"""When a report is made: on time, a little late, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from callcentre.features.reports.effects import MakeReport
from callcentre.features.reports.events import ReportEnded, ReportRequested
from callcentre.features.reports.model import ReportRun
from callcentre.features.reports.outside.scheduled import days, file_name
from callcentre.features.reports.rules import GRACE, INTERRUPTED, LATE
from callcentre.features.reports.settings import ReportSettings
from callcentre.features.reports.timers import ReportDue
from callcentre.kernel.actor import Actor
from callcentre.kernel.event import EffectInterrupted, SettingsChanged, Tick, TimerDue
from tests.unit.rehearsal import NOON, Rehearsal, settings

DAILY = {"name": "daily", "cron": "30 12 * * *", "kind": "stats by agent", "folder": "reports"}


def reports(*several: Mapping[str, Any]) -> dict[str, Any]:
    return {"reports": [{**DAILY, **each} for each in several]}


def reporting(*several: Mapping[str, Any]) -> Rehearsal:
    rehearsal = Rehearsal(reports(*several))
    rehearsal.tell(Tick(at=NOON))
    return rehearsal


def made(rehearsal: Rehearsal) -> list[str]:
    return [effect.report for effect in rehearsal.take(MakeReport)]


def test_a_report_is_made_when_its_time_comes_and_again_the_next_time() -> None:
    rehearsal = reporting({})
    rehearsal.later(29 * 60)
    assert made(rehearsal) == []
    rehearsal.later(60)
    assert made(rehearsal) == ["daily"]
    rehearsal.later(24 * 60 * 60)
    assert made(rehearsal) == ["daily"]


@pytest.mark.parametrize(("late", "expected"), [(GRACE, ["daily"]), (GRACE + timedelta(seconds=1), [])])
def test_after_an_outage_a_report_is_made_only_if_it_is_not_stale(late: timedelta, expected: list[str]) -> None:
    rehearsal = reporting({})
    [(key, due)] = rehearsal.timers.items()
    facts = rehearsal.tell(TimerDue(at=due + late, key=key, due=due))
    assert made(rehearsal) == expected
    assert [(fact.name, fact.reason) for fact in facts] == ([] if expected else [("alarm.raised", "report_daily")])
    assert rehearsal.timers[key] == due + timedelta(days=1)


def test_a_timer_on_disk_makes_the_report_after_a_restart() -> None:
    rehearsal = reporting({})
    after = rehearsal.restarted()
    after.later(30 * 60)
    assert made(after) == ["daily"]


def test_a_failed_report_raises_an_alarm_and_the_next_good_one_clears_it() -> None:
    rehearsal = reporting({})
    alarms = [
        [(fact.name, fact.reason) for fact in rehearsal.tell(event)]
        for event in (
            ReportEnded(at=NOON, report="daily"),
            ReportEnded(at=NOON, report="daily", problem="disk full"),
            ReportEnded(at=NOON, report="daily"),
            EffectInterrupted(at=NOON, effect=MakeReport(report="daily", due=NOON)),
        )
    ]
    raised, cleared = [("alarm.raised", "report_daily")], [("alarm.cleared", "report_daily")]
    assert alarms == [[], raised, cleared, raised]


ANNE = Actor(user="anne", organisation="main", address="192.0.2.1", why="the meeting")


def run_of(rehearsal: Rehearsal) -> ReportRun:
    run: ReportRun = rehearsal.disk[ReportRun, "daily"]
    return run


def test_somebody_has_a_report_made_now_and_the_schedule_stays() -> None:
    rehearsal = reporting({})
    timers = dict(rehearsal.timers)
    [fact] = rehearsal.tell(ReportRequested(at=NOON, report="daily", actor=ANNE))
    assert (fact.name, fact.report) == ("report.requested", "daily")
    [effect] = rehearsal.take(MakeReport)
    assert (effect.report, effect.due) == ("daily", NOON)
    assert rehearsal.timers == timers
    assert run_of(rehearsal) == ReportRun(report="daily", began=NOON, by="anne")


def test_a_report_that_is_being_made_is_not_made_twice() -> None:
    rehearsal = reporting({})
    for _ in range(2):
        rehearsal.tell(ReportRequested(at=NOON, report="daily", actor=ANNE))
    assert made(rehearsal) == ["daily"]
    rehearsal.tell(ReportEnded(at=NOON, report="daily"))
    rehearsal.tell(ReportRequested(at=NOON, report="daily", actor=ANNE))
    assert made(rehearsal) == ["daily"]


def test_a_report_that_is_not_configured_is_not_made() -> None:
    rehearsal = reporting({})
    assert rehearsal.tell(ReportRequested(at=NOON, report="weekly", actor=ANNE)) == []
    assert made(rehearsal) == []


def test_the_last_result_is_remembered_and_a_failure_leaves_the_last_file() -> None:
    rehearsal = reporting({})
    rehearsal.later(30 * 60)
    began, minute = rehearsal.at, timedelta(minutes=1)
    rehearsal.tell(ReportEnded(at=began + minute, report="daily", file="/reports/daily.csv"))
    good = ReportRun(
        report="daily", began=began, ended=began + minute, made=began + minute, file="/reports/daily.csv"
    )  # fmt: skip
    assert run_of(rehearsal) == good
    again = began + 2 * minute
    rehearsal.tell(ReportRequested(at=again, report="daily", actor=ANNE))
    rehearsal.tell(ReportEnded(at=again + minute, report="daily", problem="disk full"))
    failed = replace(good, began=again, ended=again + minute, problem="disk full", by="anne")
    assert run_of(rehearsal) == failed
    after = rehearsal.restarted()
    after.tell(EffectInterrupted(at=again + 2 * minute, effect=MakeReport(report="daily", due=again)))
    assert run_of(after) == replace(failed, ended=again + 2 * minute, problem=INTERRUPTED)


def test_a_report_that_was_left_out_is_a_failure() -> None:
    rehearsal = reporting({})
    [(key, due)] = rehearsal.timers.items()
    late = due + GRACE + timedelta(seconds=1)
    rehearsal.tell(TimerDue(at=late, key=key, due=due))
    assert run_of(rehearsal) == ReportRun(report="daily", began=late, ended=late, problem=LATE)


def test_a_changed_schedule_replaces_the_timers() -> None:
    rehearsal = reporting({}, {"name": "weekly", "cron": "0 7 * * mon"})
    changed = settings(reports({"cron": "0 13 * * *"}))
    rehearsal.tell(SettingsChanged(at=NOON, settings=changed))
    assert rehearsal.timers == {ReportDue(report="daily", cron="0 13 * * *").key: NOON + timedelta(hours=1)}
    rehearsal.later(60 * 60)
    assert made(rehearsal) == ["daily"]


def test_a_timer_of_a_report_that_is_not_configured_any_more_makes_nothing() -> None:
    rehearsal = reporting({})
    rehearsal.tell(SettingsChanged(at=NOON, settings=settings()))
    timer = ReportDue(report="daily", cron="30 12 * * *")
    assert rehearsal.tell(TimerDue(at=NOON, key=timer.key, due=NOON)) == []
    assert made(rehearsal) == []


@pytest.mark.parametrize(
    ("period", "first", "last", "name"),
    [
        ("yesterday", "2026-03-01", "2026-03-01", "daily_2026-03-01.csv"),
        ("last_week", "2026-02-23", "2026-03-01", "daily_2026-02-23_2026-03-01.csv"),
        ("last_month", "2026-02-01", "2026-02-28", "daily_2026-02-01_2026-02-28.csv"),
        ("today", "2026-03-02", "2026-03-02", "daily_2026-03-02.csv"),
        ("this_week", "2026-03-02", "2026-03-02", "daily_2026-03-02.csv"),
        ("this_month", "2026-03-01", "2026-03-02", "daily_2026-03-01_2026-03-02.csv"),
        ("all", None, None, "daily_2026-03-02.csv"),
    ],
)
def test_a_period_is_whole_days_and_names_the_file(period: Any, first: str | None, last: str | None, name: str) -> None:
    monday = date(2026, 3, 2)
    assert days(period, monday) == tuple(None if day is None else date.fromisoformat(day) for day in (first, last))
    [report] = settings(reports({"period": period})).sections(ReportSettings)
    assert file_name(report, monday) == name
