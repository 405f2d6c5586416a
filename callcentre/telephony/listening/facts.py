"""What became true of supervisors in conversations, in the past tense."""

from __future__ import annotations

from callcentre.kernel.fact import Fact


class SupervisorFact(Fact, frozen=True):
    """Base of these facts. `agent` is who talks with the caller.

    phone: the supervisor's device, such as `PJSIP/boss`.
    """

    phone: str


class CallListened(SupervisorFact, frozen=True, tag="call.listened"):
    """A supervisor began to listen to a conversation."""


class CallWhispered(SupervisorFact, frozen=True, tag="call.whispered"):
    """A supervisor began to listen to a conversation, and is heard by the agent."""


class CallJoined(SupervisorFact, frozen=True, tag="call.joined"):
    """A supervisor joined a conversation, and is heard by both."""
