"""What is done with agents in Asterisk."""

from __future__ import annotations

from callcentre.kernel.actor import Actor
from callcentre.kernel.effect import Crash, Effect
from callcentre.telephony.agents.model import Action


class ControlAgent(Effect, frozen=True, tag="control_agent"):
    """Pause, resume, log on or log off an agent in a queue, by our dialplan.

    The fields are those of `AgentActionRequested`. `known`: the agent is known to be one. Otherwise Asterisk must have
    such a phone. After a crash it is not done again: a supervisor may have decided otherwise meanwhile.
    """

    request: str
    action: Action
    queue: str
    agent: str
    reason: str
    name: str
    known: bool
    actor: Actor | None

    @property
    def lane(self) -> str:
        return f"agent {self.agent}"

    @property
    def on_crash(self) -> Crash:
        return Crash.AT_MOST_ONCE
