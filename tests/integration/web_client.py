"""A web server of a test with what is behind it, and a client that speaks to it in octets."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote

from aiohttp import web
from prometheus_client import CollectorRegistry

from callcentre.kernel.event import Event
from callcentre.kernel.program import Health
from callcentre.messaging import hooks
from callcentre.messaging.events import Delivery, DeliveryReported, TextReceived
from callcentre.messaging.gateways.gateway import Gateway
from callcentre.messaging.gateways.kannel import KannelGateway
from callcentre.web.peers import Network
from callcentre.web.ports import WebPorts
from callcentre.web.server import build
from tests.cast import MATTI

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TOKEN = "s3cret/ä"
API_TOKEN = "other/ö"
MO = f"/hooks/kannel/mo?token={quote(TOKEN)}&id=u-1&from=%2B358401112222&to=18222&text=SOITA&ts=1"
DLR = f"/hooks/kannel/dlr?token={quote(TOKEN)}&message=m-1&type=1"
RECEIVED = TextReceived(at=AT, gateway="kannel", gateway_id="u-1", sender=MATTI, recipient="18222", body="SOITA")
REPORTED = DeliveryReported(at=AT, message="m-1", delivery=Delivery.DELIVERED)


@dataclass
class Daemon:
    """What is behind the ports: everything that a test may change."""

    gateway: Gateway = field(
        default_factory=lambda: KannelGateway("http://127.0.0.1:1/", "u", "p", "http://127.0.0.1:2/", TOKEN)
    )
    token: str = API_TOKEN
    hook_token: str = TOKEN
    proxies: list[Network] = field(default_factory=list)
    health: Health = field(default_factory=lambda: Health(ready=True))
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    stored: list[Event] = field(default_factory=list)
    storing: asyncio.Event = field(default_factory=asyncio.Event)
    open: asyncio.Event = field(default_factory=asyncio.Event)
    broken: Exception | None = None

    async def submit(self, event: Event) -> None:
        self.storing.set()
        await self.open.wait()
        if self.broken is not None:
            raise self.broken
        self.stored.append(event)

    def app(self, answer_within: float = 5.0) -> web.Application:
        """The addresses of hooks, over these ports."""
        ports = WebPorts(
            submit=self.submit,
            token=lambda: self.token,
            health=lambda: self.health,
            registry=self.registry,
            clock=lambda: AT,
            trusted_proxies=lambda: self.proxies,
            answer_within=answer_within,
        )
        return build(ports, hooks.routes(ports, lambda: self.gateway, lambda: self.hook_token))


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


class Client:
    """Speaks to the server in octets, so that nothing puts a request right on its way."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.address = address

    async def send(self, octets: bytes, *, head: bool = False) -> Answer:
        """The first answer to these octets; `head`: an answer to HEAD, which has no body."""
        reader, writer = await asyncio.open_connection(*self.address)
        try:
            with suppress(ConnectionError):
                writer.write(octets)
            return await read_answer(reader, head=head)
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def ask(self, method: str, target: str | bytes, body: bytes = b"", **headers: str) -> Answer:
        form = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        fields = {"Host": "x", "Connection": "close", "Content-Length": str(len(body))} | form
        fields |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        path = target.encode() if isinstance(target, str) else target
        first = method.encode() + b" " + path + b" HTTP/1.1\r\n"
        return await self.send(first + lines.encode() + b"\r\n" + body, head=method == "HEAD")

    async def get(self, target: str | bytes, **headers: str) -> Answer:
        return await self.ask("GET", target, b"", **headers)

    async def post(self, target: str | bytes, body: bytes, **headers: str) -> Answer:
        return await self.ask("POST", target, body, **headers)


async def read_answer(reader: asyncio.StreamReader, *, head: bool = False) -> Answer:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("ascii").strip().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines[1:])
    body = b"" if head else await reader.readexactly(int(headers["Content-Length"]))
    return Answer(int(lines[0].split(" ")[1]), headers, body)
