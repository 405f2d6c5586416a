"""What became true of agents in queues, in the past tense."""

from __future__ import annotations

from callcentre.kernel.fact import Fact


class AgentPaused(Fact, frozen=True, tag="agent.paused"):
    """An agent was paused in a queue: no caller of it rings at the agent's phone.

    reason: why the agent is paused, in the words of the person who did it.
    """


class AgentResumed(Fact, frozen=True, tag="agent.resumed"):
    """An agent's pause in a queue was ended."""


class AgentLoggedOn(Fact, frozen=True, tag="agent.logged_on"):
    """An agent was made a member of a queue."""


class AgentLoggedOff(Fact, frozen=True, tag="agent.logged_off"):
    """An agent is no member of a queue any more."""


class AgentActionFailed(Fact, frozen=True, tag="agent.action_failed"):
    """An agent was not paused, resumed, logged on or logged off.

    action: pause resume log_on log_off.
    reason: not_member already static unknown_queue unknown_agent dialplan asterisk unclear.
    """

    action: str
