"""The gateway in use. It hands texts over, and is replaced when the settings name another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import structlog

from callcentre.config.settings import Settings
from callcentre.kernel.event import Event
from callcentre.kernel.records import Unreadable
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import Accepted, Handover, Refused, TextHandedOver
from callcentre.messaging.gateways.gateway import Gateway
from callcentre.messaging.settings import SmsSettings, type_of
from callcentre.web.settings import HttpSettings

diagnostics = structlog.get_logger(__name__)


def _reached_by(settings: Settings) -> tuple[SmsSettings, str]:
    """All that the gateway is made of."""
    return settings.section(SmsSettings), settings.section(HttpSettings).token_of_hooks


def gateway_of(settings: Settings) -> Gateway:
    """The gateway that the settings name, ready to send."""
    gateway = type_of(settings)
    section = None if gateway.section is None else settings.section(SmsSettings).section(gateway.section)
    return gateway.make(section, settings.section(HttpSettings).token_of_hooks)


class GatewayInUse:
    """Hands texts to the gateway that the settings name now.

    `unwanted` returns why a text, by its `message`, must no longer be sent; None while it may.
    """

    def __init__(
        self, settings: Settings, clock: Callable[[], datetime], unwanted: Callable[[str, datetime], str | None]
    ) -> None:
        self.gateway = gateway_of(settings)
        self._clock = clock
        self._unwanted = unwanted
        self._closing: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Texts can be sent within this context."""
        try:
            yield
        finally:
            await self.gateway.close()

    def reloaded(self, before: Settings, after: Settings) -> None:
        """Use the gateway of the new settings when they name another one, or another address."""
        if _reached_by(before) == _reached_by(after):
            return
        old, self.gateway = self.gateway, gateway_of(after)
        closing = asyncio.create_task(old.close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def send(self, effect: SendText) -> Event:
        """Hand a text over, unless it is unwanted by now: much may have happened since the decision."""
        outcome = self._refused(effect) or await self._handed_over(effect)
        return TextHandedOver(at=self._clock(), message=effect.message, outcome=outcome)

    async def _handed_over(self, effect: SendText) -> Handover:
        outcome = await self.gateway.send(effect)
        if not isinstance(outcome, Accepted):
            diagnostics.warning("sms.not_accepted", message=effect.message, outcome=repr(outcome))
        return outcome

    def _refused(self, effect: SendText) -> Refused | None:
        """Why the gateway does not get a text; None when it does."""
        try:
            reason = self._unwanted(effect.message, self._clock())
        except Unreadable as error:
            # It is unknown whether the person has opted out meanwhile, so it is tried again later.
            return Refused(f"the database cannot be read: {error}", not_asked=True)
        return None if reason is None else Refused(reason, permanent=True, not_asked=True)
