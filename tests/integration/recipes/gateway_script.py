"""Run in a copy of the project: a text goes out through the gateway of config.yaml, and its hooks are heard.

Prints what the hooks answered and which facts followed, one a line.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from prometheus_client import CollectorRegistry

from callcentre.app import components
from callcentre.configuration import read
from callcentre.kernel.dispatch import Dispatcher
from callcentre.kernel.event import Event
from callcentre.kernel.program import Health
from callcentre.messaging import hooks
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import TextHandedOver
from callcentre.messaging.model import TextWanted
from callcentre.messaging.sending import gateway_of
from callcentre.web.ports import WebPorts
from callcentre.web.server import WebServer, build
from callcentre.web.settings import HttpSettings

AT = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)
MATTI = "+358401234567"


async def main(file: Path) -> None:
    """Send a text to Matti, who gets it and answers STOP."""
    settings = read(file).settings
    dispatcher = Dispatcher(components(settings, b"k" * 32))
    gateway = gateway_of(settings)
    sent: list[SendText] = []

    async def submit(event: Event) -> None:
        for decision in dispatcher.decide(event):
            sent.extend(effect for effect in decision.effects if isinstance(effect, SendText))
            for fact in decision.facts:
                print(fact.name)

    ports = WebPorts(
        submit=submit,
        token=lambda: settings.section(HttpSettings).token,
        health=lambda: Health(ready=True),
        registry=CollectorRegistry(),
        clock=lambda: AT,
    )
    token = settings.section(HttpSettings).token_of_hooks
    server = WebServer("127.0.0.1:0", build(ports, hooks.routes(ports, lambda: gateway, lambda: token)))
    await server.start()
    host, port = server.address
    at = f"http://{host}:{port}/hooks/{gateway.name}"
    # A command is decided on as an event is.
    wanted: Any = TextWanted(
        at=AT, message="m1", kind="callback_confirmation", number=MATTI, sender="Neuvonta", body="Hei Matti!"
    )
    await submit(wanted)
    (text,) = sent
    await submit(TextHandedOver(at=AT, message="m1", outcome=await gateway.send(text)))
    async with aiohttp.ClientSession() as session:
        arrived = {"token": token, "message": "m1", "status": "arrived"}
        answered = {"token": token, "id": "1", "from": MATTI, "to": "18222", "text": "STOP"}
        for hook, query in (("dlr", arrived), ("mo", answered)):
            async with session.get(f"{at}/{hook}", params=query) as answer:
                print(hook, answer.status, await answer.text())
    await server.stop()
    await gateway.close()


asyncio.run(main(Path(sys.argv[1])))
