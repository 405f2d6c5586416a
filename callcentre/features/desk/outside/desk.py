"""What the pages and acts of the desk need, and what they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from callcentre.config.settings import Settings
from callcentre.features.callbacks.interface import StaffCallbacks
from callcentre.kernel.closures.interface import ClosedServices
from callcentre.kernel.page_reads.reads import Reads
from callcentre.kernel.program import Program
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.messaging.staff import StaffTexts
from callcentre.telephony.agents.interface import Agents
from callcentre.telephony.ari.agent_control import AgentActions
from callcentre.telephony.ari.agent_reading import AgentReader
from callcentre.telephony.ari.snooping import ListeningActions
from callcentre.telephony.listening.interface import Conversations
from callcentre.web.live.hub import Hub
from callcentre.web.pages import Pages
from callcentre.web.ports import WebPorts
from callcentre.web.visitor import Visitor, visitor


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the handlers need."""

    ports: WebPorts
    pages: Pages
    hub: Hub
    program: Program
    reads: Reads
    rules: SettingsInForce
    agents: Agents
    actions: AgentActions
    reader: AgentReader
    conversations: Conversations
    listening: ListeningActions
    closed: ClosedServices
    callbacks: StaffCallbacks
    texts: StaffTexts

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.rules.settings

    def services(self, who: Visitor) -> Sequence[str]:
        """The services of a visitor, in the order of the configuration."""
        return [name for name in self.settings.services if who.sees(name)]

    def queues(self, who: Visitor) -> Sequence[str]:
        """The queues of these services."""
        return list(dict.fromkeys(self.settings.services[name].queue for name in self.services(who)))

    def service(self, request: web.Request, name: str) -> str:
        """A service that the visitor sees. Raises HTTPNotFound."""
        if not visitor(request).sees(name):
            raise not_found()
        return name

    def moment(self, service: str, written: str) -> datetime | None:
        """A time that a form has (`2026-06-03T14:00`), by the clock of the service; None for what is none."""
        try:
            moment = datetime.fromisoformat(written)
        except ValueError:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self.settings.services[service].timezone)
        return moment

    def done(self, request: web.Request, path: str, message: str, **values: object) -> web.Response:
        """Back to a page, which says that it was done."""
        return self.pages.back(request, path, self.pages.word(request, message, **values))

    def failed(self, request: web.Request, path: str, message: str, **values: object) -> web.Response:
        """Back to a page, which says why it was not done."""
        return self.pages.back(request, path, self.pages.word(request, message, **values), kind="failed")


def not_found() -> web.HTTPNotFound:
    """What is not the visitor's is not there."""
    return web.HTTPNotFound(text="not found\n")
