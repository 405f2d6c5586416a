"""The gateway for texts, which fails when it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from aiohttp import web

from scripts.kills.gateway import Gateway


class Mood(StrEnum):
    """What the gateway does with a text."""

    TAKES = "takes it"
    REFUSES = "refuses it for now"
    SLOW = "takes it and answers late"
    GARBAGE = "takes it and answers nonsense"
    BREAKS = "takes it and breaks the connection"


_LATE = 8.0


class MoodyGateway(Gateway):
    """In every mood but `REFUSES` the text arrives, whatever the daemon is told."""

    mood = Mood.TAKES

    def __init__(self) -> None:
        super().__init__("", lambda _number, _body: None)

    def between(self, http_port: int, arrives: Callable[[str, str], None]) -> None:
        """Bring reports and texts from phones to the daemon that listens there; `arrives` gets each text to a phone."""
        self._hooks = f"http://127.0.0.1:{http_port}/hooks/kannel"
        self._arrives = arrives

    async def idle(self) -> None:
        """Wait until nothing is on its way."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/cgi-bin/sendsms", self._in_mood)]

    async def _in_mood(self, request: web.Request) -> web.Response:
        mood = self.mood
        if mood is Mood.REFUSES:
            return web.Response(status=503, text="Sender rejected for now")
        answer = await self._sendsms(request)
        if mood is Mood.SLOW:
            await asyncio.sleep(_LATE)
        elif mood is Mood.GARBAGE:
            return web.Response(status=200, text="<html>\0{{{ hello")
        elif mood is Mood.BREAKS:
            transport: Any = request.transport
            transport.abort()
        return answer
