"""Reports by the clock, on a whole daemon: what it makes on its own, and what it leaves out after an outage."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from callcentre.features.reports.timers import ReportDue
from callcentre.kernel.schema import timers
from tests.acceptance.conftest import StartDaemon
from tests.testbed.daemon import Daemon
from tests.testbed.databases import changing, connected
from tests.testbed.waiting import until

REPORTS = {
    "reports": [
        {"name": name, "cron": "0 7 1 jan *", "kind": kind, "period": "all", "folder": "reports"}
        for name, kind in (("agents", "stats by agent"), ("answers", "export surveys"), ("late", "stats by day"))
    ]
}


def move(daemon: Daemon, report: str, due: datetime) -> None:
    """Have a report be due at another time than in January; the daemon must be stopped."""
    key = ReportDue(report=report, cron="0 7 1 jan *").key
    with changing(daemon.file.parent) as database:
        moved = database.execute(sa.update(timers).where(timers.c.key == key).values(due=due)).rowcount
    assert moved == 1


async def test_a_report_is_made_on_its_own_up_to_a_quarter_of_an_hour_late(start_daemon: StartDaemon) -> None:
    daemon = await start_daemon(REPORTS)
    folder = daemon.file.parent / "reports"

    async def planned() -> bool:
        with connected(daemon.file.parent) as database:
            of_reports = sa.select(sa.func.count()).select_from(timers).where(timers.c.key.contains("report_due"))
            return bool(database.execute(of_reports).scalar_one() == 3)

    await until(planned, within=5, awaited="the timers of three reports")
    assert await daemon.stop() == 0
    now = datetime.now(UTC)
    move(daemon, "agents", now - timedelta(minutes=14))
    move(daemon, "answers", now)
    move(daemon, "late", now - timedelta(minutes=16))
    await daemon.start()
    await daemon.fact("alarm.raised", reason="report_late")

    async def made() -> bool:
        return folder.exists() and sorted(file.name.partition("_")[0] for file in folder.iterdir()) == [
            "agents", "answers",
        ]  # fmt: skip

    await until(made, within=20, awaited="two reports in their folder", seen=daemon.last_words)
    assert len(daemon.find("alarm.raised")) == 1
    # Each has its next time.
    await until(planned, within=5, awaited="the timers of three reports")
