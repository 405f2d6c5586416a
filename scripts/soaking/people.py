"""Who calls, who answers, and what they do: a steady stream of callers, each with a number of their own."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import aiohttp

from scripts.kills.gateway import Gateway
from tests.cast import REPLY_NUMBER
from tests.testbed.ari import AriError
from tests.testbed.bed import Bed
from tests.testbed.pbx import SALES_NUMBER, SUPPORT_NUMBER
from tests.testbed.phones import Call
from tests.testbed.waiting import NotSeenError

NOT_NOW: Final = (AriError, NotSeenError, aiohttp.ClientError, OSError, TimeoutError)
"""What an exchange raises that is down at this moment."""

_EVER: Final = 10.0**6
_ENTERS_WITHIN: Final = 40.0
_PRESSES: Final = 8
_SUPPORT_AGENTS, _SALES_AGENTS = 5, 3
"""Agents for each call a second."""
LUNCH_EVERY: Final = 90.0
LUNCH: Final = 35.0
"""Seconds. At lunch most agents of support are paused, so that people wait and are offered callbacks."""


class Plan(StrEnum):
    """What a caller wants."""

    AGENT = "waits for an agent"
    CALLBACK = "takes a callback"
    LEAVES = "hangs up while waiting"


@dataclass(eq=False)
class Visit:
    """One call of a person to us. `began` is the wall clock, in seconds since the epoch."""

    number: str
    plan: Plan
    began: float
    patience: float | None = None
    call: Call | None = field(default=None, repr=False)
    entered: bool = False
    hung_up: bool = False
    cut: bool = False
    """Asterisk died during the call."""

    @property
    def is_over(self) -> bool:
        return self.call is None or self.call.ended_because is not None


@dataclass
class Habits:
    """What a person does when we call or write: `rings` counts the calls so far."""

    reactions: tuple[str, ...] = ("answer",)
    notice: str | None = None
    survey: str | None = None
    rings: int = 0


class People:
    """All of them. `numbers` begin at a number of the seed's."""

    def __init__(self, bed: Bed, gateway: Gateway, chance: random.Random, rate: float) -> None:
        self._bed = bed
        self._gateway = gateway
        self._chance = chance
        self._rate = rate
        self._tasks: set[asyncio.Task[None]] = set()
        self._next = 0
        self.visits: list[Visit] = []
        self.requested: dict[str, str] = {}
        """The callbacks that staff requested, by number."""
        self.answered: Counter[str] = Counter()
        """How often an agent answered somebody with this number."""
        self._habits: dict[str, Habits] = {}
        self._replied: Counter[tuple[str, str]] = Counter()
        support = round(_SUPPORT_AGENTS * rate) + 1
        self.agents = {
            f"agent{number}": "support" if number <= support else "sales"
            for number in range(1, support + round(_SALES_AGENTS * rate) + 2)
        }

    # --- who there is -------------------------------------------------------------------------------

    def number(self, *, landline: bool = False) -> str:
        """A number that nobody had before."""
        self._next += 1
        return f"+3589{23_000_000 + self._next}" if landline else f"+35840{1_000_000 + self._next}"

    def _person(self) -> str:
        number = self.number(landline=self._chance.random() < 0.05)
        self._habits[number] = Habits(
            reactions=self._chance.choice((("answer",), ("answer",), ("busy", "answer"), ("silent", "answer"))),
            notice=self._chance.choice((None, "kyllä", "EI", "ehkä", "040 7654321")),
            survey=self._chance.choice((None, "5", "9", "3")),
        )
        return number

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Let something go on until it ends or the run does."""
        task = asyncio.ensure_future(self._kept(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _kept(self, work: Coroutine[Any, Any, None]) -> None:
        with suppress(*NOT_NOW):
            await work

    async def close(self) -> None:
        """Everybody stops."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- callers ------------------------------------------------------------------------------------

    async def keep_calling(self, wall: Callable[[], float], seconds: float) -> None:
        """So many calls a second, at moments as they come by chance, for so many seconds."""
        loop = asyncio.get_running_loop()
        ends = due = loop.time()
        ends += seconds
        while (due := due + self._chance.expovariate(self._rate)) < ends:
            await asyncio.sleep(max(0.0, due - loop.time()))
            plan = self._chance.choices(list(Plan), (5, 3, 2))[0]
            patience = self._chance.uniform(2, 15) if plan is Plan.LEAVES else None
            visit = Visit(self._person(), plan, wall(), patience)
            self.visits.append(visit)
            to = SUPPORT_NUMBER if self._chance.random() < 0.8 else SALES_NUMBER
            self.begin(self._calls(visit, to))

    async def _calls(self, visit: Visit, to: str) -> None:
        network = self._bed.network
        if visit.plan is Plan.CALLBACK:
            self.begin(self._is_called(visit.number))
        call = visit.call = await network.call(visit.number, to)
        try:
            await call.answered(within=_ENTERS_WITHIN)
        except NotSeenError:
            await call.hang_up()
            return
        visit.entered = True
        if visit.plan is Plan.CALLBACK:
            await self._keeps_pressing(call, "1")
        elif visit.plan is Plan.AGENT:
            await asyncio.sleep(1)
            await call.press("3")
        else:
            with suppress(NotSeenError):
                await call.ended(within=visit.patience or _EVER)
                return
            visit.hung_up = True
            await call.hang_up()

    async def _keeps_pressing(self, call: Call, key: str) -> None:
        """Whatever is asked, and whoever asks anew after a fault, gets that answer."""
        for _ in range(_PRESSES):
            await asyncio.sleep(1.2)
            if call.ended_because is not None:
                return
            if call.is_up:
                with suppress(*NOT_NOW):
                    await call.press(key)

    # --- people whom we call ------------------------------------------------------------------------

    async def _is_called(self, number: str) -> None:
        habits = self._habits[number]
        phone = self._bed.network.phone(number)
        while True:
            call = await phone.rings(within=_EVER)
            reaction = habits.reactions[min(habits.rings, len(habits.reactions) - 1)]
            habits.rings += 1
            self.begin(self._reacts(call, reaction))

    async def _reacts(self, call: Call, reaction: str) -> None:
        await asyncio.sleep(self._chance.uniform(0.2, 1.0))
        if reaction == "busy":
            await call.reject()
        elif reaction == "answer":
            await call.answer()
            await self._keeps_pressing(call, "1")

    def rings(self) -> dict[str, int]:
        """How often the phone of each person rang. Of the numbers to which people moved callbacks nothing is known."""
        return {number: len(self._bed.network.phone(number).calls) for number in self._habits}

    async def is_requested(self, number: str, callback: str) -> None:
        """Staff requested a callback for a number."""
        self.requested[callback] = number
        await self._is_called(number)

    def requestable(self) -> str:
        """A person for whom staff may request a callback."""
        return self._person()

    # --- agents -------------------------------------------------------------------------------------

    async def log_on(self) -> None:
        """Make all agents members of their queues. Raises what an exchange raises that is down."""
        for agent, queue in self.agents.items():
            await self._bed.pbx.log_on(queue, agent)

    async def works(self, agent: str) -> None:
        """Answer every call, talk for some seconds, and hang up."""
        phone = self._bed.network.agent(agent)
        while True:
            self.begin(self._talks(await phone.rings(within=_EVER), sells=self.agents[agent] == "sales"))

    async def _talks(self, call: Call, *, sells: bool) -> None:
        await asyncio.sleep(0.3)
        await call.answer()
        self.answered[call.caller_number] += 1
        # An agent who is reserved for somebody first hears a whisper, and then waits for them.
        with suppress(NotSeenError):
            await call.ended(within=self._chance.uniform(6, 9) if sells else self._chance.uniform(2, 4))
            return
        await call.hang_up()

    async def have_lunch(self) -> None:
        """Again and again most agents of support are away."""
        away = [agent for agent, queue in self.agents.items() if queue == "support"][2:]
        while True:
            await asyncio.sleep(LUNCH_EVERY - LUNCH)
            for agent in away:
                with suppress(*NOT_NOW):
                    await self._bed.pbx.cli(f"queue pause member PJSIP/{agent} queue support reason lunch")
            await asyncio.sleep(LUNCH)
            for agent in away:
                with suppress(*NOT_NOW):
                    await self._bed.pbx.cli(f"queue unpause member PJSIP/{agent} queue support")

    # --- texts --------------------------------------------------------------------------------------

    def gets(self, number: str, body: str) -> None:
        """A text arrives at a phone. Some answer it, once."""
        habits = self._habits.get(number)
        if habits is None:
            return
        for piece, reply in (("soitamme sinulle pian", habits.notice), ("Kuinka hyvin", habits.survey)):
            if reply is not None and piece in body and not self._replied[number, piece]:
                self._replied[number, piece] += 1
                self._gateway.sends(number, reply, recipient=REPLY_NUMBER, twice=self._chance.random() < 0.2)
        if "Kiitos soitostasi" in body and self._chance.random() < 0.05:
            self._gateway.sends(number, "STOP", recipient=REPLY_NUMBER)

    def strangers_write(self, count: int) -> None:
        """Texts from people who never called."""
        for _ in range(count):
            self._gateway.sends(self.number(), "Hei!", recipient=REPLY_NUMBER)
