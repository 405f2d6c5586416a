"""Decides on what other daemons have sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

import msgspec
from msgspec.structs import replace

from callcentre.kernel.command import Command
from callcentre.kernel.decision import NOTHING, Decision, Delete
from callcentre.kernel.event import Tick
from callcentre.kernel.nodes.model import FromNodes, NodeMessage, Nodes, NodeStarted

AT_ONCE: Final = 100
"""Most commands of other daemons that are decided in one tick."""


@dataclass(slots=True)
class Receiving:
    """The rule for commands of other daemons."""

    nodes: Nodes
    declared: Sequence[FromNodes]

    def look(self, event: Tick | NodeStarted, at: datetime) -> Decision:
        """Decide on them in their order. Those that this version does not know stay, for a newer one."""
        if not self.nodes.shared:
            return NOTHING
        waiting = sorted(self.nodes.messages.find("recipient", self.nodes.name), key=lambda one: one.id)
        read = ((message, self._read(message, at)) for message in waiting)
        known = ((message, command) for message, command in read if command is not None)
        # At the start all: the last of them may say that a customer was served, who would be called otherwise.
        decided = list(islice(known, None if isinstance(event, NodeStarted) else AT_ONCE))
        if not decided:
            return NOTHING
        return Decision(
            changes=tuple(Delete(message) for message, _ in decided), commands=tuple(command for _, command in decided)
        )

    def _read(self, message: NodeMessage, at: datetime) -> Command | None:
        for each in self.declared:
            if each.command.__name__ == message.command:
                try:
                    # The clocks of two machines differ: to this one it happens now.
                    return replace(msgspec.json.decode(message.body, type=each.command), at=at)
                except msgspec.MsgspecError:
                    return None
        return None
