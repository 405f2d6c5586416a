"""What pages may read about supervisors in conversations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from callcentre.telephony.agents.model import is_interface
from callcentre.telephony.listening.events import ListeningRequested
from callcentre.telephony.listening.model import Listeners, Listening, Mode, WhyNot
from callcentre.telephony.queue_view.interface import QueueView
from callcentre.telephony.queue_view.model import Call, Stage

__all__ = ["Conversations", "ListeningRequested", "Mode", "WhyNot"]


@dataclass(frozen=True, slots=True)
class Conversations:
    """The conversations that supervisors may be in."""

    queues: QueueView
    listeners: Listeners

    def talking(self, call: str) -> Call | None:
        """A call whose caller talks with an agent whose channel is known."""
        known = self.queues.calls.calls.get(call)
        if known is None or known.stage is not Stage.TALKING or known.consultation:
            return None
        return known if known.beside in self.queues.calls.live else None

    def why_not(self, call: str, phone: str) -> WhyNot | None:
        """Why a phone cannot be in the conversation of a call; None where it can, as far as is known."""
        if self.talking(call) is None:
            return WhyNot.OVER
        if not is_interface(phone):
            return WhyNot.NO_PHONE
        if not self.queues.calls.link.up:
            return WhyNot.ASTERISK
        return WhyNot.BUSY if self.listeners.has_phone(phone) else None

    def in_call(self, call: str) -> Sequence[Listening]:
        """The supervisors in the conversation of a call."""
        return self.listeners.of_call(call)
