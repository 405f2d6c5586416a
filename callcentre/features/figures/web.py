"""The statistics: a page, its figures as a file, and `GET /api/statistics`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web

from callcentre.config.settings import Settings
from callcentre.features.figures.charts import readings
from callcentre.features.figures.jobs import File, FileFormat, Job, Reading
from callcentre.features.figures.outside.figure_process import FigureProcess, NoFigures
from callcentre.features.figures.parameters import (
    COMPARISONS,
    GROUPS,
    PERIODS,
    ApiQuestion,
    Fields,
    Mistake,
    Wanted,
    asked_by_api,
    period_of,
    spans,
    wanted,
)
from callcentre.features.figures.view import View, Words
from callcentre.kernel.database import Database
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.web.exchange import ApiRefusal
from callcentre.web.openapi import JSON, responses
from callcentre.web.pages import HEADERS, NavigationEntry, Pages
from callcentre.web.ports import WebPorts
from callcentre.web.problem import Problem
from callcentre.web.rights import SUPERVISORS, VIEWERS, Right
from callcentre.web.routes import Route
from callcentre.web.visitor import Visitor, visitor

SEE: Final = Right("statistics.see", "See the figures of one's services", VIEWERS)
SEE_AGENTS: Final = Right("statistics.agents", "See survey results of each agent", SUPERVISORS)

NAVIGATION: Final = NavigationEntry("/statistics", "Statistics", SEE, 50)

_TYPES: Final[Mapping[FileFormat, str]] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_PARAMETERS: Final = ("period", "from", "to", "service", "by", "compare")
_PIECE: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Statistics:
    """The handlers."""

    ports: WebPorts
    pages: Pages
    settings: SettingsInForce
    database: Database
    process: FigureProcess

    # --- the page --------------------------------------------------------------------------------

    async def page(self, request: web.Request) -> web.Response:
        """`GET /statistics`."""
        found, fields = self._wanted(request)
        if found is None:
            return self._page(request, fields, 400)
        now, zone = self.ports.clock(), self._settings.timezone
        span, before = spans(found, now, zone)
        who = visitor(request)
        services = 1 if found.service else len(who.services)
        asked = readings(found, span, before, services=services, of_agents=who.may(SEE_AGENTS))
        try:
            done = await self.process.answer(self._job(who, *asked.values()))
        except NoFigures as why:
            return self._page(request, fields, 503, failed=str(why))
        answers = dict(zip(asked, done.answers, strict=True))
        view = View(wanted=found, zone=zone, now=now, words=self._words(request))
        # A page of some thousand figures takes longer than other requests should wait.
        return await asyncio.to_thread(self._figures, request, fields, found, view, answers)

    def _figures(
        self, request: web.Request, fields: Fields, found: Wanted, view: View, answers: Mapping[str, Any]
    ) -> web.Response:
        parts = view.parts(answers)
        tiles = view.tiles(answers) if parts else []
        return self._page(request, fields, 200, found=found, tiles=tiles, parts=parts, days=view.days())

    def _page(self, request: web.Request, fields: Fields, status: int, **values: Any) -> web.Response:
        sent = {name: fields[name] for name in _PARAMETERS if fields[name]}
        empty = {"found": None, "days": "", "tiles": (), "parts": (), "failed": ""}
        return self.pages.html(
            request, "figures:statistics.html", status=status, fields=fields, period=period_of(fields),
            mistakes={name: self._said(request, mistake) for name, mistake in fields.mistakes.items()},
            services=[key for key in self._settings.services if key in visitor(request).services],
            periods=PERIODS, groups=GROUPS, comparisons=COMPARISONS, query=urlencode(sent), **empty | values,
        )  # fmt: skip

    def _said(self, request: web.Request, mistake: Mistake) -> str:
        return self.pages.word(request, mistake.message, **mistake.values)

    def _words(self, request: web.Request) -> Words:
        language = visitor(request).language

        def service(key: str) -> str:
            known = self._settings.services.get(key)
            return key if known is None else known.name.get(language) or known.title

        return Words(
            language=language,
            word=lambda message, **values: self.pages.word(request, message, **values),
            service=service,
        )

    # --- files -----------------------------------------------------------------------------------

    async def csv(self, request: web.Request) -> web.StreamResponse:
        """`GET /statistics.csv`."""
        return await self._file(request, "csv")

    async def xlsx(self, request: web.Request) -> web.StreamResponse:
        """`GET /statistics.xlsx`."""
        return await self._file(request, "xlsx")

    async def _file(self, request: web.Request, form: FileFormat) -> web.StreamResponse:
        found, fields = self._wanted(request)
        if found is None:
            return self._page(request, fields, 400)
        who = visitor(request)
        span, _ = spans(found, self.ports.clock(), self._settings.timezone)
        name = f"statistics_{found.by}_{found.days.first}_{found.days.last}.{form}"
        with TemporaryDirectory(prefix="callcentre.") as folder:
            path = Path(folder, name)
            spreadsheet = who.language if form == "csv" else None
            reading = _reading(found, span.start, span.stop, who)
            try:
                await self.process.answer(self._job(who, reading, file=File(str(path), form, spreadsheet)))
            except NoFigures as why:
                return self._page(request, fields, 503, failed=str(why))
            return await _sent(request, path, form, name)

    # --- /api ------------------------------------------------------------------------------------

    async def api(self, request: web.Request) -> web.Response:
        """`GET /api/statistics`."""
        who = visitor(request)
        today = self.ports.clock().astimezone(self._settings.timezone).date()
        asked, mistakes = asked_by_api(request.query, zone=self._settings.timezone, today=today)
        if asked is None:
            words = [f"{name}: {mistake.message % mistake.values}" for name, mistake in mistakes.items()]
            raise ApiRefusal(
                400,
                Problem("the question makes no sense", "see /api/openapi.json for what may be asked", mistakes=words),
            )
        if asked.service is not None and not who.sees(asked.service):
            raise ApiRefusal(404, Problem("there is no such service", "ask for one of yours", "service"))
        reading = _reading(asked, asked.span.start, asked.span.stop, who)
        try:
            done = await self.process.answer(self._job(who, reading, as_json=True))
        except NoFigures as why:
            raise ApiRefusal(503, Problem(str(why), "ask again")) from None
        answer = web.Response(text=done.json, content_type="application/json", headers={"Cache-Control": "no-store"})
        answer.enable_compression()
        return answer

    # --- what they share -------------------------------------------------------------------------

    @property
    def _settings(self) -> Settings:
        return self.settings.settings

    def _wanted(self, request: web.Request) -> tuple[Wanted | None, Fields]:
        today = self.ports.clock().astimezone(self._settings.timezone).date()
        return wanted(request.query, today=today, services=visitor(request).services)

    def _job(self, who: Visitor, *asked: Reading, as_json: bool = False, file: File | None = None) -> Job:
        reach = who.reach
        return Job(
            url=self.database.url, node=self.database.node, zone=self._settings.timezone.key,
            organisation=reach.organisation, services=tuple(sorted(reach.services)), readings=asked, as_json=as_json,
            file=file,
        )  # fmt: skip


def _reading(asked: Wanted | ApiQuestion, start: int | None, stop: int | None, who: Visitor) -> Reading:
    of_agents = asked.by != "agent" or who.may(SEE_AGENTS)
    return Reading(by=asked.by, start=start, stop=stop, service=asked.service, of_agents=of_agents)


async def _sent(request: web.Request, path: Path, form: FileFormat, name: str) -> web.StreamResponse:
    headers = {**HEADERS, "Content-Type": _TYPES[form], "Content-Disposition": f'attachment; filename="{name}"'}
    answer = web.StreamResponse(headers=headers)
    file = await asyncio.to_thread(path.open, "rb")
    with file:
        answer.content_length = (await asyncio.to_thread(path.stat)).st_size
        await answer.prepare(request)
        while piece := await asyncio.to_thread(file.read, _PIECE):
            await answer.write(piece)
    await answer.write_eof()
    return answer


# --- routes ------------------------------------------------------------------------------------------

_DAY: Final = {"type": "string", "format": "date"}
_QUERY: Final = (
    ("by", "A row for each; left out: service.", {"type": "string", "enum": list(GROUPS), "default": "service"}),
    ("from", "The first day, in the timezone of the configuration; left out: from the start.", _DAY),
    ("to", "The last day, included; left out: up to now.", _DAY),
    ("service", "Only this service, by its key.", {"type": "string"}),
)  # fmt: skip
_DESCRIPTION: Final = {
    "operationId": "readStatistics",
    "summary": "Figures, as `callcentre stats --format json` has them: a row for each group, lengths in seconds, "
    "shares from 0 to 1. Only of the services of the key; results of surveys by agent only for supervisors.",
    "parameters": [
        {"name": name, "in": "query", "required": False, "description": about, "schema": schema}
        for name, about, schema in _QUERY
    ],
    "responses": responses(
        {
            "200": {
                "description": "The groups in order; a group in which nothing happened is left out.",
                "content": {
                    JSON: {
                        "schema": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "additionalProperties": {"type": ["string", "number", "null"]},
                            },
                        }
                    }
                },
            }
        },
        _400="The parameters make no sense, or ask for too much.",
        _403="The key has no right to figures.",
        _404="There is no such service.",
        _503="The figures cannot be read now.",
    ),
}


def routes(statistics: Statistics) -> tuple[Route, ...]:
    """The addresses."""
    return (
        Route(method="GET", path="/statistics", handler=statistics.page, guard="page", right=SEE),
        Route(method="GET", path="/statistics.csv", handler=statistics.csv, guard="page", right=SEE, allow_head=False),
        Route(
            method="GET", path="/statistics.xlsx", handler=statistics.xlsx, guard="page", right=SEE, allow_head=False
        ),
        Route(
            method="GET", path="/api/statistics", handler=statistics.api, guard="api", right=SEE, allow_head=False,
            operation=_DESCRIPTION,
        ),
    )  # fmt: skip
