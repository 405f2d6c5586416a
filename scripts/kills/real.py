"""The same with a real Asterisk, a real Kannel and telephones that ring: fewer people, in real time, a few days.

It shows that the simulated Asterisk of the other days is no kinder than the real one. What reached the telephones is
what the network of the test bed saw.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from callcentre.kernel.database import Database
from scripts.kills.day import SETTINGS, End
from scripts.kills.evidence import Evidence, of_database, owed
from scripts.kills.gateway import HandedOver
from tests.cast import AINO, LIISA, MATTI, PEKKA
from tests.testbed.bed import Bed
from tests.testbed.configuration import merged
from tests.testbed.daemon import Daemon
from tests.testbed.pbx import SALES_NUMBER, SUPPORT_NUMBER
from tests.testbed.phones import Call
from tests.testbed.waiting import until

_LOG_ON: Final = 12.0
"""Seconds after which the agents begin to work."""

_DAY: Final = 25.0
"""Seconds in which the daemon is killed."""

_LONGEST: Final = 120.0
_LETS_GO: Final = 25
"""Seconds in which connections without a request must be closed."""
_TALK: Final = 3.0
_RESTART_AFTER: Final = 1.0

_BODIES: Final = {
    "Kiitos soitostasi": "welcome",
    "Soitamme takaisin": "callback_confirmation",
    "Emme tavoittaneet": "callback_given_up",
    "Hei, soitamme": "callback_notice",
    "Kuinka hyvin": "survey",
}
"""The kinds of the day's texts, by how they begin."""


@dataclass
class Visit:
    """A person's call to us: the number, and what the caller does."""

    number: str
    to: str
    presses: bool = False
    patience: float | None = None
    call: Call | None = field(default=None, repr=False)
    hung_up: bool = False


def _masked(facts: Iterable[dict[str, Any]], number: str) -> set[str]:
    """How facts name this number."""
    return {fact["number"] for fact in facts if fact.get("number", "").endswith(number[-2:])}


class RealDay:
    """One day with the test bed."""

    def __init__(self, bed: Bed, folder: Path, seed: int) -> None:
        self._bed = bed
        self._folder = folder
        self._chance = random.Random(seed)
        self._tasks: list[asyncio.Task[None]] = []
        self._visits = [
            Visit(MATTI, SUPPORT_NUMBER, presses=True),
            Visit(LIISA, SUPPORT_NUMBER),
            Visit(AINO, SALES_NUMBER, presses=True),
            Visit(PEKKA, SUPPORT_NUMBER, patience=8.0),
        ]
        self.kills = 0
        self._answered: Counter[str] = Counter()

    async def go(self) -> Evidence:
        """Let the day go by."""
        self._folder.mkdir(parents=True)
        expires = {name: {"survey": {"expires": "5s"}} for name in SETTINGS["services"]}
        daemon = self._bed.configure(self._folder / "config.yaml", merged(SETTINGS, {"services": expires}))
        await self._bed.install(daemon.file)
        await daemon.start(within=40)
        url = Database.of_file(self._folder / "callcentre.db").url
        held = daemon.descriptors()
        waiting: list[str] = []
        try:
            self._tasks = [asyncio.ensure_future(work) for work in self._works()]
            kills = asyncio.ensure_future(self._kill(daemon))
            try:
                async with asyncio.timeout(_LONGEST):
                    await asyncio.sleep(_LOG_ON)
                    for agent, queue in (("agent1", "support"), ("agent2", "support"), ("agent3", "sales")):
                        await self._bed.pbx.log_on(queue, agent)
                    await kills
                    await self._is_over(url)
            except TimeoutError:
                waiting = [*owed(url), *await self._channels()]
            await asyncio.gather(kills, return_exceptions=True)
            more = await self._more_descriptors(daemon, held)
            code = await daemon.stop()
            return await self._evidence(url, daemon, waiting, more, code)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await daemon.close()

    async def _kill(self, daemon: Daemon) -> None:
        for _ in range(self._chance.choice((1, 2, 2, 3))):
            await asyncio.sleep(self._chance.uniform(0.5, _DAY / 2))
            await daemon.kill()
            self.kills += 1
            await asyncio.sleep(_RESTART_AFTER)
            await daemon.start(within=40)

    # --- people -------------------------------------------------------------------------------------

    def _works(self) -> Iterable[Any]:
        for place, visit in enumerate(self._visits):
            yield self._calls(visit, place * 0.7)
            yield self._is_called(visit.number)
        for name in ("agent1", "agent2", "agent3"):
            yield self._works_as(name)

    async def _calls(self, visit: Visit, after: float) -> None:
        await asyncio.sleep(after)
        visit.call = await self._bed.network.call(visit.number, visit.to)
        await visit.call.answered(within=30)
        if visit.patience is not None:
            await asyncio.sleep(visit.patience)
            visit.hung_up = True
            await visit.call.hang_up()
        if visit.presses:
            await self._keeps_pressing(visit.call)

    async def _is_called(self, number: str) -> None:
        phone = self._bed.network.phone(number)
        phone.behaviour = "answer"
        while True:
            call = await phone.rings(within=_LONGEST)
            await self._keeps_pressing(call)

    async def _keeps_pressing(self, call: Call) -> None:
        """Press 1 now and then: whatever was asked, and whoever asks anew after a restart, gets that answer."""
        while call.ended_because is None:
            await asyncio.sleep(1.5)
            if call.is_up:
                await call.press("1")

    async def _works_as(self, name: str) -> None:
        agent = self._bed.network.agent(name)
        agent.behaviour = "answer"
        while True:
            call = await agent.rings(within=_LONGEST)
            self._tasks.append(asyncio.ensure_future(self._talks(call)))

    async def _talks(self, call: Call) -> None:
        """The agent talks for a while, and hangs up."""
        await call.answered(within=20)
        self._answered[call.caller_number] += 1
        await asyncio.sleep(_TALK)
        await call.hang_up()

    # --- the end ------------------------------------------------------------------------------------

    async def _channels(self) -> list[str]:
        found = await self._bed.pbx.ari.get("/channels")
        return [f"channel {one['name']}" for one in found if "callcentre-probe" not in one["name"]]

    async def _more_descriptors(self, daemon: Daemon, held: int) -> int:
        """How many more descriptors the daemon has than before the first call, once unused connections are closed."""
        for _ in range(_LETS_GO):
            if daemon.descriptors() <= held:
                return 0
            await asyncio.sleep(1)
        return daemon.descriptors() - held

    async def _is_over(self, url: str) -> None:
        async def look() -> bool:
            return not await self._channels() and not owed(url)

        for _ in range(3):
            await until(look, within=_LONGEST, awaited="the end of the day", every=0.5)
            await asyncio.sleep(1)

    async def _evidence(self, url: str, daemon: Daemon, waiting: list[str], more: int, code: int | None) -> Evidence:
        evidence = of_database(url, self._folder / "facts.jsonl")
        evidence.logged = daemon.facts
        evidence.waiting = waiting
        evidence.mistakes = [] if code == 0 else [f"the daemon was stopped and ended with {code}"]
        accepted = [fact for fact in evidence.facts if fact["event"] == "callback.accepted"]
        for visit in self._visits:
            names = _masked(evidence.facts, visit.number)
            promised = any(fact["number"] in names for fact in accepted)
            ended = visit.call is not None and visit.call.ended_because is not None
            end = End.LOST
            if visit.hung_up:
                end = End.HUNG_UP
            elif self._answered[visit.number]:
                end = End.ANSWERED
            elif promised:
                end = End.PROMISED
            evidence.visits[visit.number] = end if ended else None
            self._rings(evidence, visit.number, [one["callback"] for one in accepted if one["number"] in names])
        evidence.handed_over = self._texts(evidence.facts)
        left = [f"bridge {one['id']}" for one in await self._bed.pbx.ari.get("/bridges")]
        left += [f"channel {one['name']}" for one in await self._bed.pbx.ari.get("/channels")]
        evidence.left = left + ([f"{more} descriptors more than before the first call"] if more else [])
        return evidence

    def _rings(self, evidence: Evidence, number: str, callbacks: list[str]) -> None:
        """The rings of a phone, as calls for the attempts to reach it, in their order."""
        attempts = [
            f"{fact['callback']}-{fact['attempt']}"
            for fact in evidence.facts
            if fact["event"] == "callback.dialled" and fact["callback"] in callbacks
        ]
        for place, _ in enumerate(self._bed.network.phone(number).calls):
            attempt = attempts[min(place, len(attempts) - 1)] if attempts else f"call to {number}"
            evidence.originated[attempt] = evidence.originated.get(attempt, 0) + 1

    def _texts(self, facts: list[dict[str, Any]]) -> list[HandedOver]:
        """The texts that phones got, each with the message of its number and kind."""
        messages: dict[tuple[str, str], list[str]] = defaultdict(list)
        for fact in facts:
            if fact["event"] == "sms.queued":
                messages[fact["number"][-2:], fact["kind"]].append(fact["message"])
        found = []
        for text in self._bed.kannel.texts:
            kind = next(kind for begin, kind in _BODIES.items() if text.body.startswith(begin))
            known = messages[text.number[-2:], kind]
            # Each try of a text comes as one more of its kind: beyond the messages of the journal it is the last one's.
            message = known.pop(0) if len(known) > 1 else (known or ["unknown"])[0]
            found.append(HandedOver(message, text.number, text.body))
        return found
