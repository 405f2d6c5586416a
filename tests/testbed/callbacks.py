"""What the acceptance tests of callbacks share: rules that offer them at any hour, requests, and who waits in line."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.testbed.configuration import TOKEN, merged, shipped
from tests.testbed.daemon import Daemon
from tests.testbed.pbx import Pbx
from tests.testbed.phones import Call, PhoneNetwork
from tests.testbed.waiting import until

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALWAYS_OPEN: Mapping[str, Any] = {
    "weekdays": dict.fromkeys(DAYS, "00:00-24:00"),
    "holidays": None,
    "exceptions": {},
}
NEVER_OPEN: Mapping[str, Any] = {"weekdays": dict.fromkeys(DAYS, "closed"), "holidays": None, "exceptions": {}}
SOON: Mapping[str, str] = {"busy": "10s", "no_answer": "10s", "failed": "10s"}
"""The shortest times after which an attempt may be made again."""


def rules(*, offer: Mapping[str, Any] | None = None, dial: Mapping[str, Any] | None = None, **more: Any) -> Any:
    """The shipped rules of callbacks for a support that is always open.

    `offer` and `dial` are laid over those of its callback, `more` over support itself; `dialling` over dialling.
    """
    dialling = more.pop("dialling", {})
    ours = shipped()["services"]["support"]
    changes = merged({"hours": ALWAYS_OPEN, "callback": {"offer": offer or {}, "dial": dial or {}}}, more)
    service = merged({"callback": ours["callback"], "notify": None}, changes)
    return {"services": {"support": service}, "dialling": dialling}


@asynccontextmanager
async def _session() -> AsyncIterator[aiohttp.ClientSession]:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with aiohttp.ClientSession(headers=headers, raise_for_status=True) as session:
        yield session


async def request_callback(daemon: Daemon, number: str, *, name: str = "", service: str = "support") -> str:
    """Staff request a callback; its id."""
    body = {"number": number, "service": service, "name": name, "by": "staff"}
    async with _session() as session, session.post(f"{daemon.url}/api/callbacks", json=body) as answer:
        taken: dict[str, Any] = await answer.json()
    return str(taken["id"])


async def cancel(daemon: Daemon, callback: str) -> None:
    """Staff take a callback back."""
    async with _session() as session, session.delete(f"{daemon.url}/api/callbacks/{callback}") as answer:
        await answer.read()


async def open_callbacks(daemon: Daemon) -> dict[str, dict[str, Any]]:
    """The open callbacks by their ids, as `GET /api/callbacks` lists them."""
    async with _session() as session, session.get(f"{daemon.url}/api/callbacks") as answer:
        return {one["id"]: one for one in await answer.json()}


async def waits_because(daemon: Daemon, callback: str, why: str, *, within: float = 8) -> None:
    """Wait until a callback is listed as waiting for this reason."""
    seen: dict[str, Any] = {}

    async def look() -> bool:
        seen.update((await open_callbacks(daemon))[callback])
        return bool(seen["why"] == why)

    await until(look, within=within, awaited=f"{callback} waiting because of {why}", seen=lambda: str(seen))


async def in_line(pbx: Pbx, queue: str = "support") -> list[str]:
    """The numbers of those who wait in a queue, its head first, as app_queue and Asterisk tell them."""
    shown = await pbx.cli(f"queue show {queue}")
    numbers = {one["name"]: one["caller"]["number"] for one in await pbx.ari.get("/channels")}
    names = re.findall(r"^\s+\d+\. (\S+) \(wait:", shown, re.MULTILINE)
    return [numbers.get(name, name) for name in names]


async def until_in_line(pbx: Pbx, *numbers: str, queue: str = "support", within: float = 5) -> None:
    """Wait until exactly these numbers wait in a queue, its head first."""
    seen: list[str] = []

    async def look() -> bool:
        seen[:] = await in_line(pbx, queue)
        return seen == list(numbers)

    await until(look, within=within, awaited=f"{', '.join(numbers)} in {queue}", seen=lambda: ", ".join(seen))


class Caller:
    """Somebody who calls support, and what the daemon tells about that call alone."""

    def __init__(self, daemon: Daemon, call: Call, offers: int) -> None:
        self.call = call
        self._daemon = daemon
        self._offers = offers

    async def declines(self) -> None:
        """Another key while the offer is spoken: into the queue."""
        await self.call.press("9")
        await self._daemon.fact("callback.declined", reason="key", call=self.channel)
        await self._daemon.fact("queue.joined", call=self.channel)

    async def takes(self) -> str:
        """1 while the offer is spoken; the callback's id."""
        await self.call.press("1")
        taken = await self._daemon.fact("callback.accepted", call=self.channel)
        return str(taken["callback"])

    @property
    def channel(self) -> str:
        """The call's id at the PBX."""
        return str(self._daemon.find("callback.offered")[self._offers]["call"])


async def offered(daemon: Daemon, network: PhoneNetwork, number: str | None, to: str, *, name: str = "") -> Caller:
    """Somebody calls and begins to hear the offer; nobody else may call at the same time."""
    offers = len(daemon.find("callback.offered"))
    call = await network.call(number, to, name=name)
    await daemon.fact("callback.offered", count=offers + 1)
    return Caller(daemon, call, offers)


async def rings_and_accepts(network: PhoneNetwork, number: str, *, within: float = 15) -> Call:
    """The customer's phone rings; they answer and press 1."""
    call = await network.phone(number).rings(within=within)
    await call.answer()
    await call.press(",1")
    return call
