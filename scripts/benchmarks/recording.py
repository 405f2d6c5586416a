"""Real calls through a real Asterisk, and every event it sends of them.

The recorder connects as the daemon does, under the daemon's name, with everything subscribed and nothing filtered; it
lets each call go on into its queue, so that the events are those of a call on the daemon's own way in.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

from callcentre.telephony.lease import model as lease
from tests.testbed.ari import Ari, AriError
from tests.testbed.bed import Bed
from tests.testbed.pbx import SALES_NUMBER, SUPPORT_NUMBER, queues_conf
from tests.testbed.phones import Call, Phone, PhoneNetwork
from tests.testbed.waiting import Background, NotSeenError

APP = "callcentre"
FIRST_NUMBER = 358400000000
ROUNDS = 4
TALK_SECONDS = 0.6
CLOSED = {
    "weekdays": dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "closed"),
    "exceptions": {"2026-12-23": "closed"},
}
"""Hours at which nobody is offered a callback, or called back."""

SERVICES = {
    "services": {
        "support": {"hours": CLOSED},
        "sales": {
            "queue": "sales",
            "numbers": [SALES_NUMBER],
            "name": {"fi": "Myynti"},
            "welcome": {"min_waiting": "3", "cooldown": "1h", "text": "Jonossa on {{ waiting }} soittajaa."},
        },
    }
}
"""What is added to the shipped configuration: a second service behind a queue of its own.

The first is closed, whatever the day: its callers are refused a callback, and hear no offer that would take seconds.
"""

BASE_PATH = "BASE-PATH"
"""Takes the place of the address that the description of ARI was read from."""

AGENTS = {"support": ("agent1", "agent2", "agent3", "agent4"), "sales": ("agent5", "agent6")}


@dataclass(frozen=True, slots=True)
class Heard:
    """One event: seconds since the recording began, and its JSON as it came."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Recording:
    """All events of some calls, and the description that this Asterisk gives of its ARI, by file name."""

    events: list[Heard]
    calls: int
    api_docs: dict[str, str]


class _Recorder:
    """Keeps all events, and lets the calls that come to us go on."""

    def __init__(self, ari: Ari) -> None:
        self.events: list[Heard] = []
        self._ari = ari
        self._background = Background()
        self._began = time.monotonic()

    async def start(self) -> None:
        await self._ari.listen(APP, self._hear, everything=True)
        self._background.start(self._hold_the_lease())

    async def _hold_the_lease(self) -> None:
        while True:
            value = lease.value_of(int(time.time()) + lease.SECONDS)
            await self._ari.post("/asterisk/variable", variable=lease.VARIABLE, value=value)
            await asyncio.sleep(1)

    def _hear(self, text: str) -> None:
        self.events.append(Heard(time.monotonic() - self._began, text))
        if '"StasisStart"' in text:
            self._background.start(self._continue(msgspec.json.decode(text)["channel"]["id"]))

    async def _continue(self, channel: str) -> None:
        with contextlib.suppress(AriError):
            await self._ari.post(f"/channels/{channel}/continue")

    async def close(self) -> None:
        await self._background.close()


class _People:
    """Who calls, and how each call goes."""

    def __init__(self, network: PhoneNetwork) -> None:
        self._network = network
        self._numbers = count(1)
        self.calls = 0

    async def _call(self, to: str) -> Call:
        self.calls += 1
        caller = f"+{FIRST_NUMBER + next(self._numbers)}"
        return await self._network.call(caller, to, name=f"Caller {self.calls}")

    async def patient(self, to: str) -> None:
        """Waits until an agent answers and hangs up again."""
        call = await self._call(to)
        await call.ended(within=60)

    async def impatient(self, to: str, *, seconds: float) -> None:
        """Hangs up after so long in the queue."""
        call = await self._call(to)
        await call.answered()
        await asyncio.sleep(seconds)
        await call.hang_up()
        await call.ended()

    async def pressing(self, to: str) -> None:
        """Presses the exit key while waiting, and waits on."""
        call = await self._call(to)
        await call.answered()
        await asyncio.sleep(0.6)
        with contextlib.suppress(AriError):  # An agent may have been quicker, and hung up already.
            await call.press("*")
        await call.ended(within=60)

    def round(self) -> list[Coroutine[Any, Any, None]]:
        """A dozen callers of all kinds, into both queues."""
        return [
            *(self.patient(SUPPORT_NUMBER) for _ in range(5)),
            *(self.patient(SALES_NUMBER) for _ in range(3)),
            self.impatient(SUPPORT_NUMBER, seconds=0.5),
            self.impatient(SALES_NUMBER, seconds=1.5),
            self.pressing(SUPPORT_NUMBER),
            self.pressing(SALES_NUMBER),
        ]


async def _works(agent: Phone) -> None:
    """An agent: answers whatever rings, talks, and hangs up; until cancelled."""
    while True:
        try:
            call = await agent.rings(within=3600)
            await call.answer()
            await asyncio.sleep(TALK_SECONDS)
            await call.hang_up()
        except (AriError, NotSeenError):
            continue  # The caller hung up while it rang.


async def record(folder: Path) -> Recording:
    """Make the calls and record them; about a quarter of a minute."""
    async with Bed(folder, agents=6) as bed:
        pbx, network = bed.pbx, bed.network
        await pbx.write_queues(queues_conf(support={"strategy": "rrmemory"}, sales={"strategy": "rrmemory"}))
        await bed.install(bed.configure(folder / "config.yaml", SERVICES).file)
        recorder = _Recorder(pbx.ari)
        await recorder.start()
        for queue, agents in AGENTS.items():
            for agent in agents:
                await pbx.log_on(queue, agent, name=f"Agent {agent[-1]}")
        agents_at_work = [asyncio.create_task(_works(network.agent(agent))) for agent in pbx.agents]
        people = _People(network)
        try:
            for _ in range(ROUNDS):
                await asyncio.gather(*people.round())
            await pbx.is_silent()
        finally:
            for task in agents_at_work:
                task.cancel()
            await asyncio.gather(*agents_at_work, return_exceptions=True)
            await recorder.close()
        return Recording(recorder.events, people.calls, await _api_docs(pbx.ari))


async def _api_docs(ari: Ari) -> dict[str, str]:
    listing = await ari.get("/api-docs/resources.json")
    names = ["resources.json", *(api["path"].rpartition("/")[2].format(format="json") for api in listing["apis"])]
    texts = [msgspec.json.encode(await ari.get(f"/api-docs/{name}")).decode() for name in names]
    return {name: text.replace(ari.url, BASE_PATH) for name, text in zip(names, texts, strict=True)}
