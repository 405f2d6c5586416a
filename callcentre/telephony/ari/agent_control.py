"""Has our dialplan do what only the dialplan can do with a queue's members.

A Local channel of our own runs one application there, says in a variable what came of it, and stays for a moment so
that the variable can be read. Nobody is on it, and no phone rings.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import structlog

from callcentre.kernel.actor import Actor
from callcentre.kernel.program import Program
from callcentre.telephony.agents.effects import ControlAgent
from callcentre.telephony.agents.events import AgentActionDone, AgentActionRequested
from callcentre.telephony.agents.interface import Agents
from callcentre.telephony.agents.model import LONGEST_REASON, Action, Outcome
from callcentre.telephony.ari.client import Client
from callcentre.telephony.ari.model import AriError, NotFound, Unreachable
from callcentre.telephony.contexts import AGENTS_CONTEXT, AGENTS_SECONDS, AGENTS_WAIT
from callcentre.telephony.events import PROBE

log = structlog.get_logger(__name__)

_AGAIN: Final = 0.02
"""Seconds between two looks at the variable."""

_NOT_PLAIN: Final = re.compile(r"[^\w .:+-]+")
"""What has a meaning in an argument of the dialplan, and all else that is not a letter, a digit or a mark."""

_LOCAL: Final = re.compile(r"Local/([0-9]+)@from-queue/n")
"""An agent as FreePBX makes it. Its state is that of the extension's hint, since a Local channel is always idle."""

_OUTCOMES: Final[Mapping[str, Outcome]] = MappingProxyType(
    {
        "PAUSED": Outcome.DONE,
        "UNPAUSED": Outcome.DONE,
        "ADDED": Outcome.DONE,
        "REMOVED": Outcome.DONE,
        "NOTFOUND": Outcome.NOT_MEMBER,
        "NOTINQUEUE": Outcome.NOT_MEMBER,
        "MEMBERALREADY": Outcome.ALREADY,
        "NOTDYNAMIC": Outcome.STATIC,
        "NOSUCHQUEUE": Outcome.UNKNOWN_QUEUE,
    }
)
"""The values of PQMSTATUS, UPQMSTATUS, AQMSTATUS and RQMSTATUS."""


def plain(text: str) -> str:
    """A text of a person as it may be in a variable of the dialplan."""
    return " ".join(_NOT_PLAIN.sub(" ", text).split())[:LONGEST_REASON]


@dataclass(slots=True)
class AgentActions:
    """Pauses, resumes, logs on and logs off agents, and says what came of it."""

    program: Program
    _waiting: dict[str, asyncio.Future[Outcome]] = field(default_factory=dict)

    async def act(
        self, action: Action, queue: str, agent: str, *, actor: Actor | None, reason: str = "", name: str = ""
    ) -> Outcome:
        """Do it. Returns when the outcome is on disk."""
        request = secrets.token_hex(8)
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting[request] = outcome
        try:
            requested = AgentActionRequested(
                at=self.program.clock(), actor=actor, request=request, action=action, queue=queue, agent=agent,
                reason=reason, name=name,
            )  # fmt: skip
            await self.program.settle(requested)
            return await outcome
        finally:
            del self._waiting[request]

    def came_of(self, request: str, outcome: Outcome) -> None:
        """The outcome of a request is known."""
        waiting = self._waiting.get(request)
        if waiting is not None and not waiting.done():
            waiting.set_result(outcome)


@dataclass(slots=True)
class AgentControl:
    """Carries out `ControlAgent`."""

    client: Client
    agents: Agents
    actions: AgentActions
    program: Program

    async def control(self, effect: ControlAgent) -> None:
        """Do it, have the outcome stored, and pass it to the request that waits."""
        outcome = self.agents.why_not(effect.queue, effect.agent) or await self._done(effect)
        done = AgentActionDone(
            at=self.program.clock(), actor=effect.actor, request=effect.request, action=effect.action,
            queue=effect.queue, agent=effect.agent, outcome=outcome, reason=effect.reason, name=effect.name,
        )  # fmt: skip
        await self.program.settle(done)
        self.actions.came_of(effect.request, outcome)

    async def _done(self, effect: ControlAgent) -> Outcome:
        try:
            if effect.action is Action.LOG_ON and not effect.known and not await self._has_phone(effect.agent):
                return Outcome.UNKNOWN_AGENT
            return await self._run(effect)
        except Unreachable as error:
            log.warning("agent.unclear", agent=effect.agent, error=str(error))
            return Outcome.UNCLEAR
        except AriError as error:
            log.warning("agent.not_controlled", agent=effect.agent, error=str(error))
            return Outcome.ASTERISK

    async def _has_phone(self, agent: str) -> bool:
        tech, _, resource = agent.partition("/")
        try:
            await self.client.endpoints.get(tech, resource)
        except NotFound:
            return False
        return True

    async def _run(self, effect: ControlAgent) -> Outcome:
        channel = f"{PROBE}-agents.{effect.request}"
        other = f"{channel}-other"
        local = _LOCAL.fullmatch(effect.agent)
        await self.client.channels.originate_with_id(
            channel, endpoint=f"Local/{effect.action}@{AGENTS_CONTEXT}/n", context=AGENTS_CONTEXT, extension="over",
            priority=1, timeout=AGENTS_WAIT, other_channel_id=other,
            variables={
                "CALLCENTRE_QUEUE": effect.queue, "CALLCENTRE_AGENT": effect.agent,
                "CALLCENTRE_REASON": plain(effect.reason), "CALLCENTRE_NAME": plain(effect.name),
                "CALLCENTRE_STATE": f"hint:{local[1]}@ext-local" if local else "",
            },
        )  # fmt: skip
        try:
            async with asyncio.timeout(AGENTS_SECONDS):
                return await self._result(other)
        except TimeoutError:
            return Outcome.UNCLEAR
        finally:
            await self._hang_up(channel)

    async def _result(self, channel: str) -> Outcome:
        """What the dialplan says; `DIALPLAN` when the channel ends without a word, because it has no such extension."""
        while True:
            try:
                result = await self.client.channels.get_channel_var(channel, variable="CALLCENTRE_RESULT")
                return _OUTCOMES.get(result.value, Outcome.ASTERISK)
            except NotFound:
                # ARI says so of a variable that is not set yet as well as of a channel that is gone.
                if not await self._exists(channel):
                    return Outcome.DIALPLAN
            await asyncio.sleep(_AGAIN)

    async def _exists(self, channel: str) -> bool:
        try:
            await self.client.channels.get(channel)
        except NotFound:
            return False
        return True

    async def _hang_up(self, channel: str) -> None:
        try:
            await self.client.channels.hangup(channel)
        except NotFound:
            pass
        except AriError as error:
            # The dialplan ends it.
            log.info("probe.not_hung_up", error=str(error))
