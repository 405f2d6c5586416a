"""Decides on what other daemons have sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from msgspec.structs import replace

from callcentre.kernel.command import Command
from callcentre.kernel.decision import NOTHING, Decision, Delete
from callcentre.kernel.nodes.model import FromNodes, MessageArrived, NodeMessage, Nodes


@dataclass(slots=True)
class Receiving:
    """The rule for commands of other daemons. Each is an event of its own, so a mistake in one costs no other."""

    nodes: Nodes
    declared: Sequence[FromNodes]

    def arrived(self, event: MessageArrived, at: datetime) -> Decision:
        """Hand a command to its component. One that this version does not know stays, for a newer one."""
        message = self.nodes.messages.get(event.message)
        command = None if message is None else self._read(message, at)
        if message is None or command is None:
            return NOTHING
        return Decision(changes=(Delete(message),), commands=(command,))

    def _read(self, message: NodeMessage, at: datetime) -> Command | None:
        for each in self.declared:
            if each.command.__name__ == message.command:
                try:
                    # The clocks of two machines differ: to this one it happens now.
                    return replace(msgspec.json.decode(message.body, type=each.command), at=at)
                except msgspec.MsgspecError:
                    return None
        return None
