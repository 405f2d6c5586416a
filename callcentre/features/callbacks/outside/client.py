"""The client of `/api/callbacks`, for the commands."""

from __future__ import annotations

from urllib.parse import quote

import msgspec

from callcentre.features.callbacks.bodies import NewCallback, Story, Taken
from callcentre.features.callbacks.listing import ListedCallback
from callcentre.web.client import Client, DaemonAwayError, DaemonError, NotFoundError, read

__all__ = ["Daemon", "DaemonAwayError", "DaemonError", "NotFoundError"]


class Daemon(Client):
    """The daemon of this configuration. Every request raises `DaemonError`."""

    async def listed(self, service: str | None) -> list[ListedCallback]:
        """The open callbacks, of one service or of all."""
        query = {} if service is None else {"service": service}
        return read(await self.call("GET", "/api/callbacks", query=query), list[ListedCallback])

    async def story(self, callback: str) -> Story:
        """One callback with its facts."""
        return read(await self.call("GET", f"/api/callbacks/{quote(callback, safe='')}"), Story)

    async def request(self, wanted: NewCallback) -> tuple[Taken, bool]:
        """Request a callback. The result also says whether it is new."""
        status, body = await self.call("POST", "/api/callbacks", body=msgspec.json.encode(wanted))
        return read((status, body), Taken), status == 201

    async def withdraw(self, callback: str) -> None:
        """Cancel a callback, in the name of staff."""
        await self.call("DELETE", f"/api/callbacks/{quote(callback, safe='')}", query={"by": "staff"})
