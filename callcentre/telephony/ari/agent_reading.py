"""Reads the agents of the queues that somebody looks at."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from callcentre.kernel.program import Program
from callcentre.telephony.agents.events import MembersRead
from callcentre.telephony.agents.interface import Agents, differences
from callcentre.telephony.ari.link import AsteriskLink
from callcentre.telephony.ari.model import AriError
from callcentre.telephony.ari.questions import NothingToAskThrough

WATCHED: Final = 6.0
"""Seconds for which a queue is read after somebody looked at its agents."""

EVERY: Final = 1.0
"""Seconds between two readings."""

_CONTINUOUS: Final = 4.0
"""A change that is read so many seconds after the reading before happened now."""

_LINGERS: Final = 5.0
"""Seconds that a channel made for a reading is kept."""


@dataclass(slots=True)
class AgentReader:
    """Reads, and submits what has changed."""

    agents: Agents
    link: AsteriskLink
    program: Program
    _looked_at: dict[str, float] = field(default_factory=dict)
    _read_at: dict[str, float] = field(default_factory=dict)

    async def listen(self) -> None:
        """Read until cancelled."""
        while True:
            await asyncio.sleep(EVERY)
            if queues := self._watched():
                await self._read(queues)

    def _watched(self) -> list[str]:
        """The queues whose agents somebody looks at."""
        now = asyncio.get_running_loop().time()
        looked = self._looked_at | dict.fromkeys(self.agents.looked_at(), now)
        self._looked_at = {queue: at for queue, at in looked.items() if now - at < WATCHED}
        return list(self._looked_at)

    async def look(self, queues: Sequence[str]) -> None:
        """Read the agents of these queues now, if they were not read lately. What cannot be read stays as it is."""
        now = asyncio.get_running_loop().time()
        old = [queue for queue in queues if now - self._read_at.get(queue, -_CONTINUOUS) >= EVERY]
        if old:
            await self._read(old)

    async def _read(self, queues: Sequence[str]) -> None:
        if not self.agents.queues.calls.link.up:
            return
        asked, now = self.program.clock(), asyncio.get_running_loop().time()
        with suppress(AriError, NothingToAskThrough, TimeoutError):
            async with asyncio.timeout(EVERY):
                members = await self.link.members(queues, _LINGERS)
                lately = {queue for queue in queues if now - self._read_at.get(queue, -_CONTINUOUS) < _CONTINUOUS}
                self._read_at |= dict.fromkeys(queues, now)
                changed = set(differences(self.agents.records, members))
                for continuous in (True, False):
                    some = {queue: members[queue] for queue in changed if (queue in lately) is continuous}
                    if some:
                        event = MembersRead(at=self.program.clock(), queues=some, asked=asked, continuous=continuous)
                        await self.program.settle(event)
