"""When a report is made, and when it is too late for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from callcentre.features.reports.effects import MakeReport
from callcentre.features.reports.events import ReportEnded
from callcentre.features.reports.settings import ReportSettings
from callcentre.features.reports.state import Failing, Plan, Plans
from callcentre.kernel.decision import NOTHING, CancelTimer, Decision, Delete, Put, SetTimer
from callcentre.kernel.event import EffectInterrupted, SettingsChanged, Tick, TimerDue
from callcentre.kernel.fact import AlarmCleared, AlarmRaised
from callcentre.world import World

if TYPE_CHECKING:
    from callcentre.config.settings import Settings

GRACE: Final = timedelta(minutes=15)
"""A report that is later than this, after an outage, is left out: nobody waits for it any more."""

_TIMER: Final = "report "


def _key(report: ReportSettings) -> str:
    """The key of a report's timer. It holds the schedule, so that the timer of an earlier schedule means nothing."""
    return f"{_TIMER}{report.name} {report.cron}"


@dataclass(slots=True)
class Reporting:
    """The rules of scheduled reports."""

    world: World
    plans: Plans

    def tick(self, _event: Tick, at: datetime) -> Decision:
        """Set the timers with the first tick after the start."""
        return NOTHING if self.plans.plan is not None else self._plan(self.world.settings, at)

    def settings_changed(self, event: SettingsChanged, at: datetime) -> Decision:
        """Set the timers again if the schedule is another than before."""
        return self._plan(event.settings, at)

    def _plan(self, settings: Settings, at: datetime) -> Decision:
        plan, before = Plan(reports=settings.sections(ReportSettings), zone=settings.timezone), self.plans.plan
        if plan == before:
            return NOTHING
        keys = {_key(report) for report in plan.reports}
        gone = {_key(report) for report in before.reports} - keys if before is not None else set()
        decision = Decision(changes=(Put(plan),), timers=tuple(CancelTimer(key) for key in sorted(gone)))
        return sum((self._next(report, at, plan.zone) for report in plan.reports), decision)

    def _next(self, report: ReportSettings, at: datetime, zone: ZoneInfo) -> Decision:
        """Set the timer for the next time of a report."""
        due = report.next_after(at, zone)
        return NOTHING if due is None else Decision(timers=(SetTimer(_key(report), due, wall=True),))

    def due(self, event: TimerDue, at: datetime) -> Decision:
        """It is time for a report, or it was while the daemon did not run."""
        settings = self.world.settings
        report = next((each for each in settings.sections(ReportSettings) if _key(each) == event.key), None)
        if report is None:
            return NOTHING
        planned = self._next(report, at, settings.timezone)
        if event.at - event.due > GRACE:
            return planned + self._failed(report.name)
        return planned + Decision(effects=(MakeReport(report=report.name, due=event.due),))

    def ended(self, event: ReportEnded, _at: datetime) -> Decision:
        """A report was made, or was not: raise or clear its alarm."""
        if event.problem is not None:
            return self._failed(event.report)
        if event.report not in self.plans.failing:
            return NOTHING
        gone = Decision(changes=(Delete(Failing(report=event.report)),))
        return gone + Decision(facts=(AlarmCleared(reason=f"report_{event.report}"),))

    def interrupted(self, event: EffectInterrupted, _at: datetime) -> Decision:
        """The daemon stopped while a report was made, so nobody knows whether it was delivered."""
        return self._failed(event.effect.report) if isinstance(event.effect, MakeReport) else NOTHING

    def _failed(self, report: str) -> Decision:
        failing = Decision(changes=(Put(Failing(report=report)),))
        return failing + Decision(facts=(AlarmRaised(reason=f"report_{report}"),))
