"""Run in a copy of the project: a call and a text leave memos, which are listed, and written when their time comes.

Prints the facts and what was answered, one a line.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from prometheus_client import CollectorRegistry

from callcentre.app import components
from callcentre.configuration import read
from callcentre.kernel.component import Performs
from callcentre.kernel.decision import SetTimer
from callcentre.kernel.dispatch import Dispatcher
from callcentre.kernel.event import Event, TimerDue
from callcentre.kernel.program import Health
from callcentre.messaging.events import TextReceived
from callcentre.telephony.events import Channel, StasisStarted
from callcentre.web.ports import WebPorts
from callcentre.web.routes import Route
from callcentre.web.server import WebServer, build
from callcentre.web.settings import HttpSettings

AT = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)
MATTI = "+358401234567"


async def main(file: Path) -> None:
    """Matti calls, and texts; then a minute goes by."""
    settings = read(file).settings
    built = components(settings, b"k" * 32)
    dispatcher = Dispatcher(built)
    performers = {each.effect.__name__: each.perform for each in built.of(Performs)}
    timers: dict[str, datetime] = {}

    async def tell(event: Event) -> None:
        outcomes: list[Any] = []
        for decision in dispatcher.decide(event):
            for fact in decision.facts:
                print(fact.name)
            timers.update({each.timer.key: each.due for each in decision.timers if isinstance(each, SetTimer)})
            for effect in decision.effects:
                if type(effect).__name__ == "WriteMemo":
                    outcomes.append(await performers["WriteMemo"](effect))
                else:
                    print(type(effect).__name__)
        for outcome in outcomes:
            await tell(outcome)

    channel = Channel(id="1795325295.1", name="PJSIP/trunk-1", number=MATTI, exten="200")
    await tell(StasisStarted(at=AT, channel=channel, arguments=("memo",)))
    await tell(
        TextReceived(
            at=AT, gateway="console", gateway_id="1", sender=MATTI, recipient="+358451234567", body="Memo call my wife"
        )
    )
    ports = WebPorts(
        submit=tell,
        token=lambda: settings.section(HttpSettings).token,
        health=lambda: Health(ready=True),
        registry=CollectorRegistry(),
        clock=lambda: AT,
    )
    server = WebServer("127.0.0.1:0", build(ports, built.of(Route)))
    await server.start()
    host, port = server.address
    headers = {"Authorization": f"Bearer {settings.section(HttpSettings).token}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        async with session.get(f"http://{host}:{port}/api/memos") as answer:
            print(answer.status, await answer.text())
        async with session.get(f"http://{host}:{port}/api/openapi.json") as answer:
            print("/api/memos" in (await answer.json())["paths"])
    await server.stop()
    later = AT + timedelta(minutes=1)
    for key, due in sorted(timers.items()):
        if due <= later:
            await tell(TimerDue(at=later, key=key, due=due))


asyncio.run(main(Path(sys.argv[1])))
