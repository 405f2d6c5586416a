"""The page of the scheduled reports: what there is, when it is made, how it went, and now, please."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

from aiohttp import web

from callcentre.features.reports.events import ReportRequested
from callcentre.features.reports.model import ReportRun
from callcentre.features.reports.settings import ReportSettings
from callcentre.kernel.collection import Collection
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.web.pages import HEADERS, NavigationEntry, Pages
from callcentre.web.ports import WebPorts
from callcentre.web.rights import SUPERVISORS, Right
from callcentre.web.routes import Route
from callcentre.web.visitor import Visitor, visitor

SEE: Final = Right("reports.see", "See scheduled reports and get their files", SUPERVISORS)
RUN: Final = Right("reports.run", "Have a scheduled report made now", SUPERVISORS)

NAVIGATION: Final = NavigationEntry("/reports", "Reports", SEE, 55)

_TYPES: Final = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A report on the page. `next` is when it is made next; `size` is the octets of its last file, if that is there."""

    settings: ReportSettings
    next: datetime | None
    run: ReportRun | None
    going_on: bool
    size: int | None


@dataclass(frozen=True, slots=True)
class ReportPages:
    """The handlers. `configuration` is the file of the daemon, beside which folders are."""

    ports: WebPorts
    pages: Pages
    settings: SettingsInForce
    runs: Collection[ReportRun]
    configuration: Path

    async def page(self, request: web.Request) -> web.Response:
        """`GET /reports`."""
        who, at, zone = visitor(request), self.ports.clock(), self.settings.settings.timezone
        found = []
        for report in self._theirs(who):
            run = self.runs.get(report.name)
            going_on = run is not None and run.is_going_on(at)
            file = self._file(report)
            size = None if file is None else await asyncio.to_thread(_size, file)
            found.append(Shown(report, report.next_after(at, zone), run, going_on, size))
        return self.pages.html(request, "reports:reports.html", reports=found, may_run=who.may(RUN))

    async def run(self, request: web.Request) -> web.Response:
        """`POST /reports/{name}/run`."""
        report, at = self._report(request), self.ports.clock()
        run = self.runs.get(report.name)
        if run is not None and run.is_going_on(at):
            word = self.pages.word(request, "The report %(report)s is being made already.", report=report.name)
            return self.pages.back(request, "/reports", word, kind="failed")
        await self.pages.act(request, ReportRequested(at=at, report=report.name))
        word = self.pages.word(request, "The report %(report)s is being made.", report=report.name)
        return self.pages.back(request, "/reports", word)

    async def file(self, request: web.Request) -> web.StreamResponse:
        """`GET /reports/{name}/file`."""
        report = self._report(request)
        file = self._file(report)
        if file is None or await asyncio.to_thread(_size, file) is None:
            raise web.HTTPNotFound(text="not found\n")
        name = quote(file.name, safe="")
        headers = {
            **HEADERS,
            "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
            "Content-Type": _TYPES[report.format],
        }
        return web.FileResponse(file, headers=headers)

    # --- what is whose ---------------------------------------------------------------------------

    def _theirs(self, who: Visitor) -> Iterator[ReportSettings]:
        """The reports that a visitor may see: of one of their services, or of all where all are theirs."""
        settings = self.settings.settings
        sees_all = settings.services.keys() <= who.services
        for report in settings.sections(ReportSettings):
            if sees_all if report.service is None else who.sees(report.service):
                yield report

    def _report(self, request: web.Request) -> ReportSettings:
        """That of the address. Raises HTTPNotFound, for one that is not theirs too."""
        name = request.match_info["name"]
        for report in self._theirs(visitor(request)):
            if report.name == name:
                return report
        raise web.HTTPNotFound(text="not found\n")

    def _file(self, report: ReportSettings) -> Path | None:
        """The last file, as long as the report has the folder in which that is."""
        run = self.runs.get(report.name)
        if run is None or run.file is None or report.folder is None:
            return None
        file = Path(run.file)
        return file if file.parent == self.configuration.absolute().parent / report.folder else None


def _size(file: Path) -> int | None:
    """How many octets it has; None: it is not there."""
    try:
        return file.stat().st_size if file.is_file() and not file.is_symlink() else None
    except OSError:
        return None


def routes(reports: ReportPages) -> tuple[Route, ...]:
    """The addresses."""
    return (
        Route(method="GET", path="/reports", handler=reports.page, guard="page", right=SEE),
        Route(method="POST", path="/reports/{name}/run", handler=reports.run, guard="page", right=RUN),
        Route(
            method="GET", path="/reports/{name}/file", handler=reports.file, guard="page", right=SEE, allow_head=False
        ),
    )  # fmt: skip
