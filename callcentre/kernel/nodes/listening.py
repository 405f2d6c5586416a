"""Looks for what other daemons have sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from callcentre.kernel.event import Event
from callcentre.kernel.nodes.model import MessageArrived, Nodes
from callcentre.kernel.records import Unreadable

LOOKS_EVERY: Final = 0.5
"""Seconds."""


@dataclass(slots=True)
class Listening:
    """Submits each command that waits for this daemon once, in their order."""

    nodes: Nodes
    submit: Callable[[Event], None]
    clock: Callable[[], datetime]
    _submitted: frozenset[str] = field(default_factory=frozenset)

    async def listen(self) -> None:
        """Look until it is cancelled. The first look is over before anything is heard of Asterisk."""
        while True:
            self.look()
            await asyncio.sleep(LOOKS_EVERY)

    def look(self) -> None:
        """Submit what is new. While the database cannot be read, nothing is."""
        try:
            found = self.nodes.messages.find("recipient", self.nodes.name)
        except Unreadable:
            return
        waiting = sorted(message.id for message in found)
        for message in waiting:
            if message not in self._submitted:
                self.submit(MessageArrived(at=self.clock(), message=message))
        self._submitted = frozenset(waiting)
