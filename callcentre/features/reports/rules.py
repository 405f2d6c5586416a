"""When a report is made, and when it is too late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from callcentre.features.reports.effects import MakeReport
from callcentre.features.reports.events import ReportEnded
from callcentre.features.reports.model import Failing, Plan
from callcentre.features.reports.settings import ReportSettings
from callcentre.features.reports.timers import ReportDue
from callcentre.kernel.alarm import Alarm
from callcentre.kernel.collection import Collection
from callcentre.kernel.decision import NOTHING, CancelTimer, Decision, Delete, Put, SetTimer
from callcentre.kernel.event import EffectInterrupted, SettingsChanged, Tick

if TYPE_CHECKING:
    from callcentre.config.settings import Settings
    from callcentre.kernel.settings_in_force.interface import SettingsInForce

GRACE: Final = timedelta(minutes=15)
"""A report that is later than this, after an outage, is not made: nobody waits for it any more."""

FAILED_ALARM: Final = Alarm(
    reason="report_",
    each="the report's name",
    when="a scheduled report failed, or was left out",
    until="it is made",
    remedy="the diagnostics say why",
)


@dataclass(slots=True)
class Reporting:
    """The rules of scheduled reports."""

    in_force: SettingsInForce
    plans: Collection[Plan]
    failing: Collection[Failing]

    def tick(self, _event: Tick, at: datetime) -> Decision:
        """Set the timers with the first tick after the start."""
        return NOTHING if self.plans.only is not None else self._plan(self.in_force.settings, at)

    def settings_changed(self, event: SettingsChanged, at: datetime) -> Decision:
        """Set the timers again if the schedule has changed."""
        return self._plan(event.settings, at)

    def _plan(self, settings: Settings, at: datetime) -> Decision:
        plan, before = Plan(reports=settings.sections(ReportSettings), zone=settings.timezone), self.plans.only
        if plan == before:
            return NOTHING
        timers = {_timer(report) for report in plan.reports}
        gone = [] if before is None else [_timer(report) for report in before.reports]
        cancelled = tuple(CancelTimer(timer) for timer in gone if timer not in timers)
        decision = Decision(changes=(Put(plan),), timers=cancelled)
        return sum((_next(report, at, plan.zone) for report in plan.reports), decision)

    def due(self, timer: ReportDue, at: datetime) -> Decision:
        """It is time for a report, or it was while the daemon did not run."""
        settings = self.in_force.settings
        reports = settings.sections(ReportSettings)
        report = next((each for each in reports if (each.name, each.cron) == (timer.report, timer.cron)), None)
        if report is None or timer.due is None:
            return NOTHING
        planned = _next(report, at, settings.timezone)
        if at - timer.due > GRACE:
            return planned + self._failed(report.name)
        return planned + Decision(effects=(MakeReport(report=report.name, due=timer.due),))

    def ended(self, event: ReportEnded, _at: datetime) -> Decision:
        """A report was made, or failed: raise or clear its alarm."""
        if event.problem is not None:
            return self._failed(event.report)
        failing = self.failing.get(event.report)
        if failing is None:
            return NOTHING
        return Decision(changes=(Delete(failing),), facts=(FAILED_ALARM.cleared(event.report),))

    def interrupted(self, event: EffectInterrupted, _at: datetime) -> Decision:
        """The daemon stopped while a report was made, so it is unknown whether it was delivered."""
        return self._failed(event.effect.report) if isinstance(event.effect, MakeReport) else NOTHING

    def _failed(self, report: str) -> Decision:
        return Decision(changes=(Put(Failing(report=report)),), facts=(FAILED_ALARM.raised(report),))


def _timer(report: ReportSettings) -> ReportDue:
    return ReportDue(report=report.name, cron=report.cron)


def _next(report: ReportSettings, at: datetime, zone: ZoneInfo) -> Decision:
    """Set the timer for the next time of a report."""
    due = report.next_after(at, zone)
    return NOTHING if due is None else Decision(timers=(SetTimer(_timer(report), due, wall=True),))
