"""A daemon that lives through a night: the hour that comes twice, and the midnight before a leap day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import StartDaemon
from tests.acceptance.faults.after import is_whole
from tests.acceptance.scene import calls_in, ended, joined, masked, together, welcome
from tests.cast import AINO, LIISA, MATTI
from tests.testbed.callbacks import ALWAYS_OPEN, rules
from tests.testbed.configuration import merged
from tests.testbed.daemon import Daemon
from tests.testbed.kannel import Kannel
from tests.testbed.pbx import SUPPORT_NUMBER
from tests.testbed.phones import PhoneNetwork
from tests.testbed.process import OtherTime
from tests.testbed.waiting import until


class Night:
    """A clock that shows the daemon the seconds around a moment: the minutes before it at first."""

    def __init__(self, moment: datetime, folder: Path) -> None:
        self.moment = moment
        self.clock = OtherTime(folder / "clock")
        self._ahead = timedelta(0)
        self._begin(timedelta(minutes=5))

    def _begin(self, before: timedelta) -> None:
        self._ahead = self.moment - before - datetime.now(UTC)
        self.clock.set(self._ahead.total_seconds())

    async def comes(self, daemon: Daemon) -> None:
        """The moment comes while the daemon runs, or on a very busy machine while it starts."""
        await daemon.stop()
        self._begin(timedelta(seconds=6))
        await daemon.start()

        async def look() -> bool:
            return datetime.now(UTC) + self._ahead > self.moment + timedelta(seconds=0.1)

        await until(look, within=15, awaited=str(self.moment))


def without_steps(daemon: Daemon) -> bool:
    """Whether it has taken nothing for a clock that was set."""
    return not daemon.find("clock.stepped") and not daemon.find("alarm.raised", reason="clock_stepped")


@pytest.mark.parametrize(
    ("zone", "quiet"),
    [pytest.param("Europe/Helsinki", "21:00-03:30", marks=pytest.mark.fault("Time: autumn night in Helsinki"))],
)
async def test_in_the_hour_that_comes_twice_texts_go_out_waits_go_on_and_a_report_is_made(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel, tmp_path: Path, zone: str, quiet: str
) -> None:
    report = {"name": "hourly", "cron": "0 * * * *", "kind": "stats by hour", "period": "today", "folder": "reports"}
    night = Night(datetime(2027, 10, 31, 1, tzinfo=UTC), tmp_path)
    changes: dict[str, Any] = {"timezone": zone, "sms": {"quiet_hours": quiet}, "reports": [report]}
    daemon = await start_daemon(together(welcome(), changes), clock=night.clock)
    first = await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    assert datetime.fromisoformat((await joined(daemon, MATTI))["at"]) < night.moment
    assert (await kannel.phone(MATTI).receives()).body == "Tervetuloa"
    await night.comes(daemon)
    # Quiet hours that ended in the first of the two hours do not begin again in the second.
    await calls_in(network, daemon, LIISA, SUPPORT_NUMBER)
    assert datetime.fromisoformat((await joined(daemon, LIISA))["at"]) > night.moment
    assert (await joined(daemon, LIISA))["position"] == 2
    assert (await kannel.phone(LIISA).receives()).body == "Tervetuloa"
    await first.hang_up()
    assert 0 < (await ended(daemon, MATTI))["wait"] < 600
    folder = daemon.file.parent / "reports"

    async def made() -> bool:
        return folder.exists() and len(list(folder.iterdir())) == 1

    await until(made, within=20, awaited="the report of the hour", seen=daemon.last_words)
    assert without_steps(daemon)
    is_whole(daemon)


@pytest.mark.usefixtures("short_prompts")
@pytest.mark.fault("Time: midnight", "Time: leap day")
async def test_at_the_midnight_before_a_leap_day_its_hours_and_the_budget_of_a_new_day_begin(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel, tmp_path: Path
) -> None:
    hours = merged(ALWAYS_OPEN, {"exceptions": {"2028-02-29": "closed"}})
    night = Night(datetime(2028, 2, 28, 22, tzinfo=UTC), tmp_path)
    daemon = await start_daemon(together(rules(hours=hours), welcome(), {"sms": {"per_day": "1"}}), clock=night.clock)
    for number in (MATTI, LIISA):
        await calls_in(network, daemon, number, SUPPORT_NUMBER)
    await daemon.fact("callback.refused", number=masked(MATTI), reason="closing_soon")
    assert (await kannel.phone(MATTI).receives()).body == "Tervetuloa"
    await daemon.fact("sms.refused", number=masked(LIISA), reason="budget")
    assert datetime.fromisoformat((await daemon.fact("alarm.raised", reason="sms_budget"))["at"]) < night.moment
    await night.comes(daemon)
    await calls_in(network, daemon, AINO, SUPPORT_NUMBER)
    await daemon.fact("callback.refused", number=masked(AINO), reason="closed")
    assert (await kannel.phone(AINO).receives()).body == "Tervetuloa"
    await daemon.fact("alarm.cleared", reason="sms_budget")
    assert [(await joined(daemon, number))["position"] for number in (MATTI, LIISA, AINO)] == [1, 2, 3]
    assert without_steps(daemon)
    is_whole(daemon)
