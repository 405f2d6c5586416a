"""Decides on what other daemons have sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
from msgspec.structs import replace

from callcentre.kernel.command import Command
from callcentre.kernel.decision import NOTHING, Decision, Delete
from callcentre.kernel.event import Tick
from callcentre.kernel.nodes.model import FromNodes, NodeMessage, Nodes, NodeStarted

AT_ONCE: Final = 100
"""Most commands of other daemons that are decided in one event."""


@dataclass(slots=True)
class Receiving:
    """The rule for commands of other daemons."""

    nodes: Nodes
    declared: Sequence[FromNodes]

    def look(self, _event: Tick | NodeStarted, at: datetime) -> Decision:
        """Decide on them in their order. Those that this version does not know stay, for a newer one."""
        if not self.nodes.shared:
            return NOTHING
        waiting = sorted(self.nodes.messages.find("recipient", self.nodes.name), key=lambda one: one.id)
        decision = NOTHING
        for message in waiting[:AT_ONCE]:
            command = self._read(message, at)
            if command is not None:
                decision += Decision(changes=(Delete(message),), commands=(command,))
        return decision

    def _read(self, message: NodeMessage, at: datetime) -> Command | None:
        for each in self.declared:
            if each.command.__name__ == message.command:
                try:
                    # The clocks of two machines differ: to this one it happens now.
                    return replace(msgspec.json.decode(message.body, type=each.command), at=at)
                except msgspec.MsgspecError:
                    return None
        return None
