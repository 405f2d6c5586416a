"""What is done in Asterisk so that a supervisor is in a conversation."""

from __future__ import annotations

from callcentre.kernel.effect import Crash, Effect
from callcentre.telephony.listening.model import Mode


class RingSupervisor(Effect, frozen=True, tag="ring_supervisor"):
    """Ring a supervisor's phone. `channel` is the id of its channel. After a crash the phone is not rung again."""

    request: str
    channel: str
    phone: str

    @property
    def lane(self) -> str:
        return self.channel

    @property
    def on_crash(self) -> Crash:
        return Crash.AT_MOST_ONCE


class Snoop(Effect, frozen=True, tag="snoop"):
    """Make a channel that hears another one and, by the mode, speaks into it. After a crash nobody is there for it."""

    request: str
    snoop: str
    spied: str
    mode: Mode

    @property
    def lane(self) -> str:
        return self.snoop
