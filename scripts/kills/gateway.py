"""A gateway for texts that outlives the daemon: sendsms, delivery reports and texts from phones, as Kannel does it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import aiohttp
from aiohttp import web
from yarl import URL

from tests.testbed.configuration import TOKEN

_DELIVERED_AFTER: Final = 0.3
_TRIES: Final = 40
"""How often a hook is tried. Kannel does it four times by default; here no text from a phone is to be given up."""
_BETWEEN: Final = 0.5
_PATIENCE: Final = 10.0


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A text that the daemon handed over: the daemon's own id of it, the phone and the text."""

    message: str
    number: str
    body: str


class Gateway:
    """`hooks` is the address of the daemon's hooks of Kannel; `arrives` is called with each text that a phone gets."""

    def __init__(self, hooks: str, arrives: Callable[[str, str], None]) -> None:
        self._hooks = hooks
        self._arrives = arrives
        self.handed_over: list[HandedOver] = []
        self.taken: dict[str, int] = defaultdict(int)
        """The texts from phones by their id, and how often the daemon answered 200 to them."""
        self.refused: list[str] = []
        """The texts from phones that the daemon never took."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None
        self._sent = 0
        self.too_late: list[HandedOver] = []
        """The texts that came after the day was over."""

    async def __aenter__(self) -> Gateway:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_PATIENCE))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.disconnect()

    async def disconnect(self) -> None:
        """Close the connections to the daemon, which are kept for later requests."""
        if self._session is not None:
            await self._session.close()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is on its way to a phone or to the daemon."""
        return not self._tasks

    def routes(self) -> list[web.RouteDef]:
        """The address of sendsms."""
        return [web.get("/cgi-bin/sendsms", self._sendsms)]

    async def _sendsms(self, request: web.Request) -> web.Response:
        query = request.query
        report = URL(query["dlr-url"].replace("%%", "%"), encoded=True)
        text = HandedOver(report.query["message"], query["to"], query["text"])
        self.handed_over.append(text)
        if self._session is None or self._session.closed:
            self.too_late.append(text)
            return web.Response(status=202, text="0: Accepted for delivery")
        self._begin(self._delivers(text, query["dlr-url"]))
        return web.Response(status=202, text="0: Accepted for delivery")

    def _begin(self, work: object) -> None:
        task = asyncio.ensure_future(work)  # type: ignore[call-overload]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _delivers(self, text: HandedOver, report: str) -> None:
        await asyncio.sleep(_DELIVERED_AFTER)
        self._arrives(text.number, text.body)
        for mask in ("8", "1"):
            await self._asks(report.replace("%d", mask).replace("%%", "%"))

    def sends(self, number: str, body: str, *, recipient: str, twice: bool = False) -> None:
        """A text from a phone. With `twice` the gateway brings it once more although it was taken."""
        self._sent += 1
        source = f"mo-{self._sent}"
        query = {"token": TOKEN, "id": source, "from": number, "to": recipient, "text": body}
        self.taken[source] = 0
        self._begin(self._brings(source, str(URL(f"{self._hooks}/mo").with_query(query)), 2 if twice else 1))

    async def _brings(self, source: str, url: str, times: int) -> None:
        for _ in range(times):
            if not await self._asks(url):
                self.refused.append(source)
                return
            self.taken[source] += 1

    async def _asks(self, url: str) -> bool:
        """Bring something to the daemon until it answers 200; False when it never does."""
        assert self._session is not None
        for _ in range(_TRIES):
            try:
                async with self._session.get(URL(url, encoded=True)) as response:
                    if response.status == 200:
                        return True
            except (aiohttp.ClientError, TimeoutError):
                pass
            await asyncio.sleep(_BETWEEN)
        return False
