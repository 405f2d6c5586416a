"""When a report is made, and when it is too late for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from callcentre.features.reports.effects import MakeReport
from callcentre.features.reports.events import ReportEnded
from callcentre.features.reports.state import Failing, Plan, Plans
from callcentre.kernel.decision import NOTHING, CancelTimer, Decision, Delete, Put, SetTimer
from callcentre.kernel.event import EffectInterrupted, Tick, TimerDue
from callcentre.kernel.fact import AlarmCleared, AlarmRaised
from callcentre.world import World

if TYPE_CHECKING:
    from callcentre.features.reports.settings import ReportSettings

GRACE: Final = timedelta(minutes=15)
"""A report that is later than this, after an outage, is left out: nobody waits for it any more."""

_TIMER: Final = "report "


def _key(report: ReportSettings) -> str:
    """A timer of a time that is configured no more means nothing, so its key holds the time."""
    return f"{_TIMER}{report.name} {report.cron}"


@dataclass(slots=True)
class Reporting:
    """The rules of scheduled reports, over what they look at."""

    world: World
    plans: Plans

    def beat(self, _event: Tick, at: datetime) -> Decision:
        """Set the timers when the plan is another than before."""
        settings, before = self.world.settings, self.plans.plan
        plan = Plan(reports=settings.reports, zone=settings.timezone)
        if plan == before or not (before or plan.reports):
            return NOTHING
        keys = {_key(report) for report in plan.reports}
        gone = {_key(report) for report in before.reports} - keys if before is not None else set()
        decision = Decision(changes=(Put(plan),), timers=tuple(CancelTimer(key) for key in sorted(gone)))
        return sum((self._planned(report, at) for report in plan.reports), decision)

    def _planned(self, report: ReportSettings, at: datetime) -> Decision:
        due = report.next_after(at, self.world.settings.timezone)
        return NOTHING if due is None else Decision(timers=(SetTimer(_key(report), due, wall=True),))

    def due(self, event: TimerDue, at: datetime) -> Decision:
        """The time has come for a report, or came while we were away."""
        report = next((each for each in self.world.settings.reports if _key(each) == event.key), None)
        if report is None:
            return NOTHING
        planned = self._planned(report, at)
        if event.at - event.due > GRACE:
            return planned + self._failed(report.name)
        return planned + Decision(effects=(MakeReport(report=report.name, due=event.due),))

    def ended(self, event: ReportEnded, _at: datetime) -> Decision:
        """What came of it."""
        if event.problem is not None:
            return self._failed(event.report)
        if event.report not in self.plans.failing:
            return NOTHING
        gone = Decision(changes=(Delete(Failing(report=event.report)),))
        return gone + Decision(facts=(AlarmCleared(reason=f"report_{event.report}"),))

    def interrupted(self, event: EffectInterrupted, _at: datetime) -> Decision:
        """Nobody knows what came of it."""
        return self._failed(event.effect.report) if isinstance(event.effect, MakeReport) else NOTHING

    def _failed(self, report: str) -> Decision:
        failing = Decision(changes=(Put(Failing(report=report)),))
        return failing + Decision(facts=(AlarmRaised(reason=f"report_{report}"),))
