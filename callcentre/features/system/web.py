"""`/system`: whether everything works, what does not, and what to press or type."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any, Final

from aiohttp import web

from callcentre.features.live.interface import RaisedAlarms
from callcentre.features.system.outside.doctor import Doctor
from callcentre.features.system.prose import commands, pieces
from callcentre.features.system.remedies import KnownAlarm, with_remedies
from callcentre.kernel.alarm import Alarm
from callcentre.kernel.database import Database
from callcentre.kernel.ownership import EVERYBODY
from callcentre.kernel.program import Health
from callcentre.telephony.queue_view.interface import QueueView
from callcentre.web.live.hub import Hub
from callcentre.web.pages import NavigationEntry, Pages
from callcentre.web.rights import ADMINISTRATOR, SUPERVISORS, Right
from callcentre.web.routes import Route
from callcentre.web.visitor import Visitor, visitor

SEE_SYSTEM: Final = Right("system.see", "See whether the system works, and which alarms are raised", SUPERVISORS)
EXAMINE: Final = Right("system.examine", "Have the whole system examined, and see what was found", ADMINISTRATOR)
NAVIGATION: Final = NavigationEntry("/system", "System", SEE_SYSTEM, 90)

PATIENCE: Final = 4.0
"""Seconds that a click waits for the end of an examination. Then the page shows that it goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """What the page needs. `health` is called at each request; `connections` counts what the database has open."""

    pages: Pages
    doctor: Doctor
    alarms: RaisedAlarms
    declared: Sequence[Alarm]
    queues: QueueView
    hub: Hub
    health: Callable[[], Health]
    clock: Callable[[], datetime]
    database: Callable[[], Database]
    started: datetime

    def routes(self) -> Iterator[Route]:
        """The addresses."""
        yield Route(method="GET", path="/system", handler=self.page, guard="page", right=SEE_SYSTEM)
        yield Route(method="GET", path="/system/findings", handler=self.findings, guard="page", right=EXAMINE)
        yield Route(method="POST", path="/system/check", handler=self.check, guard="page", right=EXAMINE)

    async def page(self, request: web.Request) -> web.Response:
        """Alarms, health, and for administrators the findings and technical values."""
        who = visitor(request)
        in_detail = self._in_detail(who)
        return self.pages.html(
            request,
            "system:system.html",
            alarms=tuple(self._alarms(who)),
            health=self.health(),
            in_detail=in_detail,
            technical=self._technical() if in_detail else None,
            # The sentences of alarms are in English, and the identifiers of their translations.
            translated=lambda sentence: self.pages.word(request, sentence),
            **self._examined(),
        )

    async def findings(self, request: web.Request) -> web.Response:
        """The part of the page that changes while an examination goes on."""
        self._refuse_others(request)
        return self.pages.html(request, "system:findings.html", **self._examined())

    async def check(self, request: web.Request) -> web.Response:
        """Examine everything again."""
        self._refuse_others(request)
        await self.doctor.examine(PATIENCE)
        return self.pages.back(request, "/system")

    def _examined(self) -> dict[str, Any]:
        return {
            "examined": self.doctor.last, "examining": self.doctor.is_examining, "pieces": pieces,
            "commands": commands, "file": self.doctor.configuration,
        }  # fmt: skip

    def _technical(self) -> dict[str, Any]:
        database, health = self.database(), self.health()
        return {
            "version": version("callcentre"), "node": database.node, "started": self.started,
            "database": "SQLite" if database.path is not None else "PostgreSQL", "where": str(database),
            "streams": sum(1 for _ in self.hub.viewers), "calls": health.details.get("calls"),
            "backlog": health.details.get("backlog"),
        }  # fmt: skip

    def _alarms(self, who: Visitor) -> Iterator[KnownAlarm]:
        for alarm in with_remedies(self.alarms.all(), self.declared):
            queue = alarm.raised.queue
            # The names of queues are for those who have a service of theirs.
            if who.reach == EVERYBODY or queue is None or any(map(who.sees, self.queues.services_of(queue))):
                yield alarm

    def _in_detail(self, who: Visitor) -> bool:
        return who.may(EXAMINE) and who.reach == EVERYBODY

    def _refuse_others(self, request: web.Request) -> None:
        """The findings name queues, numbers and files of everybody: an organisation among several does not see them."""
        if not self._in_detail(visitor(request)):
            raise web.HTTPNotFound(text="not found\n")
