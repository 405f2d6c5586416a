"""When a report is made, and when it is too late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from callcentre.features.reports.effects import MakeReport
from callcentre.features.reports.events import ReportEnded, ReportRequested
from callcentre.features.reports.facts import ReportWasRequested
from callcentre.features.reports.model import Failing, Plan, ReportRun
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

LATE: Final = "the daemon was away when it was due, and it is too late now"
INTERRUPTED: Final = "the daemon stopped while it was made; it may have been delivered"

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
    runs: Collection[ReportRun]

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
            late = replace(self._begun(report.name, at), ended=at, problem=LATE)
            return planned + self._failed(report.name) + Decision(changes=(Put(late),))
        return planned + self._make(report.name, timer.due, at)

    def requested(self, event: ReportRequested, at: datetime) -> Decision:
        """Somebody asks for a report. One that is being made is not made a second time meanwhile."""
        reports = self.in_force.settings.sections(ReportSettings)
        report = next((each for each in reports if each.name == event.report), None)
        run = self.runs.get(event.report)
        if report is None or (run is not None and run.is_going_on(at)):
            return NOTHING
        fact = ReportWasRequested(report=report.name, service=report.service)
        by = None if event.actor is None else event.actor.user
        return Decision(facts=(fact,)) + self._make(report.name, at, at, by)

    def _make(self, report: str, due: datetime, at: datetime, by: str | None = None) -> Decision:
        began = Put(self._begun(report, at, by))
        return Decision(changes=(began,), effects=(MakeReport(report=report, due=due),))

    def _begun(self, report: str, at: datetime, by: str | None = None) -> ReportRun:
        """A report that begins to be made. What is known of the last one that was made stays."""
        before = self.runs.get(report)
        made, file = (None, None) if before is None else (before.made, before.file)
        return ReportRun(report=report, began=at, by=by, made=made, file=file)

    def ended(self, event: ReportEnded, at: datetime) -> Decision:
        """A report was made, or failed: remember it, and raise or clear its alarm."""
        run = self.runs.get(event.report) or self._begun(event.report, at)
        if event.problem is not None:
            run = replace(run, ended=at, problem=event.problem)
            return self._failed(event.report) + Decision(changes=(Put(run),))
        run = replace(run, ended=at, problem=None, made=at, file=event.file)
        failing = self.failing.get(event.report)
        cleared = () if failing is None else (FAILED_ALARM.cleared(event.report),)
        forgotten = () if failing is None else (Delete(failing),)
        return Decision(changes=(Put(run), *forgotten), facts=cleared)

    def interrupted(self, event: EffectInterrupted, at: datetime) -> Decision:
        """The daemon stopped while a report was made, so it is unknown whether it was delivered."""
        if not isinstance(event.effect, MakeReport):
            return NOTHING
        report = event.effect.report
        run = replace(self.runs.get(report) or self._begun(report, at), ended=at, problem=INTERRUPTED)
        return self._failed(report) + Decision(changes=(Put(run),))

    def _failed(self, report: str) -> Decision:
        return Decision(changes=(Put(Failing(report=report)),), facts=(FAILED_ALARM.raised(report),))


def _timer(report: ReportSettings) -> ReportDue:
    return ReportDue(report=report.name, cron=report.cron)


def _next(report: ReportSettings, at: datetime, zone: ZoneInfo) -> Decision:
    """Set the timer for the next time of a report."""
    due = report.next_after(at, zone)
    return NOTHING if due is None else Decision(timers=(SetTimer(_timer(report), due, wall=True),))
