"""Questions to Asterisk, through a channel that rings nowhere: dialplan functions are evaluated only on a channel."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from callcentre.telephony.ari.client import Client
from callcentre.telephony.ari.model import Conflict, NotFound, ServerError

PROBE: Final = "callcentre-doctor"

_HEARTBEAT: Final = 10.0
_YES: Final = "1"


class Questions:
    """Asks one Asterisk through one channel of it. Each method raises what the client raises."""

    def __init__(self, client: Client, channel: str) -> None:
        self.client = client
        self._channel = channel

    async def ask(self, expression: str) -> str:
        """The value of a function or variable such as `QUEUE_MEMBER(support,count)`.

        Every part of an expression comes from the configuration or was checked before: never pass anything else.
        """
        return (await self.client.channels.get_channel_var(self._channel, variable=expression)).value

    async def exists(self, context: str, extension: str | None = None, priority: str = "1") -> bool:
        """Whether the dialplan has a context, or an extension of it."""
        place = context if extension is None else f"{context},{extension},{priority}"
        return await self.ask(f"DIALPLAN_EXISTS({place})") == _YES

    async def hint_exists(self, hint: str) -> bool | None:
        """Whether the dialplan has a hint such as `1001@ext-local`; None when func_extstate is not loaded."""
        try:
            # DIALPLAN_EXISTS does not find hints.
            return await self.ask(f"EXTENSION_STATE({hint})") != "UNKNOWN"
        except ServerError:
            return None

    async def queue_exists(self, queue: str) -> bool:
        """Whether app_queue knows a queue."""
        return await self.ask(f"QUEUE_EXISTS({queue})") == _YES

    async def count(self, queue: str, what: str) -> int:
        """One of app_queue's counts of a queue's members: `count`, `logged` (reachable) or `ready`."""
        said = await self.ask(f"QUEUE_MEMBER({queue},{what})")
        return int(said) if said.isdecimal() else 0

    async def endpoint_state(self, technology: str, resource: str) -> str | None:
        """The state of a phone or trunk: `online`, `offline` or `unknown`; None when there is none of that name."""
        try:
            return (await self.client.endpoints.get(technology, resource)).state
        except NotFound:
            return None


@asynccontextmanager
async def questions(client: Client) -> AsyncIterator[Questions]:
    """A channel to ask through within this context."""
    # Asterisk hangs up a channel made for an application without a connected client.
    listening = await client.connect_events(PROBE, heartbeat=_HEARTBEAT)
    try:
        # A channel left behind by an interrupted doctor will do as well.
        with suppress(Conflict):
            await client.channels.create(
                endpoint=f"Local/s@{PROBE}", app=PROBE, channel_id=PROBE, other_channel_id=f"{PROBE}-other"
            )
        try:
            yield Questions(client, PROBE)
        finally:
            with suppress(NotFound):
                await client.channels.hangup(PROBE)
    finally:
        await listening.close()
