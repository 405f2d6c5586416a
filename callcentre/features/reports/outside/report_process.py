"""The report process: it makes a scheduled report separately from the daemon, so that no call waits for it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from callcentre.features.reports.effects import MakeReport
from callcentre.features.reports.events import ReportEnded

diagnostics = structlog.get_logger(__name__)

LONGEST: Final = timedelta(hours=1)
_LAST_WORDS: Final = 2_000


class ReportMaker:
    """Starts `callcentre report NAME` and waits for its end. `grace` is how late a report may begin after a crash."""

    def __init__(self, config: Path, clock: Callable[[], datetime], grace: timedelta) -> None:
        self._config = config.absolute()
        self._clock = clock
        self._grace = grace

    async def make(self, effect: MakeReport, zone: ZoneInfo) -> ReportEnded:
        """Make a report for the day that it was due on. A problem is an outcome, and is logged."""
        problem, file = await self._made(effect, zone)
        if problem is not None:
            diagnostics.error("report.failed", report=effect.report, problem=problem)
        else:
            diagnostics.info("report.made", report=effect.report)
        return ReportEnded(at=self._clock(), report=effect.report, problem=problem, file=file)

    async def _made(self, effect: MakeReport, zone: ZoneInfo) -> tuple[str | None, str | None]:
        """Why it was not made, or None; and its file, if it has one."""
        if self._clock() - effect.due > self._grace:
            return f"was due at {effect.due.isoformat()} and is too late now", None
        day = effect.due.astimezone(zone).date()
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "callcentre", "report", effect.report, "-c", str(self._config),
                "--day", day.isoformat(),
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
        except OSError as error:
            return f"cannot be started: {error}", None
        try:
            async with asyncio.timeout(LONGEST.total_seconds()):
                shown, said = await process.communicate()
        except TimeoutError:
            return f"took longer than {LONGEST} and was ended", None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode == 0:
            # It shows the file in a line, and the recipients of a mail in another.
            first = shown.decode(errors="replace").partition("\n")[0]
            return None, first if first.startswith("/") else None
        return said.decode(errors="replace").strip()[-_LAST_WORDS:] or f"ended with {process.returncode}", None
