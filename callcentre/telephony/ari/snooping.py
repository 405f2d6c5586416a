"""Rings supervisors' phones, and makes the channels by which they hear a conversation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

import structlog

from callcentre.kernel.event import Event
from callcentre.telephony.ari.channels import SnoopDirection
from callcentre.telephony.ari.client import Client
from callcentre.telephony.ari.model import AriError, Conflict, NotFound, Unreachable
from callcentre.telephony.contexts import LISTEN_CONTEXT
from callcentre.telephony.events import OriginateFailed
from callcentre.telephony.listening.effects import RingSupervisor, Snoop
from callcentre.telephony.listening.interface import Conversations
from callcentre.telephony.listening.model import Mode, WhyNot

log = structlog.get_logger(__name__)

RING: Final = 30
"""Seconds that a supervisor's phone rings."""

_INTO: Final[Mapping[Mode, SnoopDirection]] = MappingProxyType(
    {Mode.LISTEN: "none", Mode.WHISPER: "out", Mode.JOIN: "both"}
)
"""Where the supervisor is heard: `out` is what the agent hears, and `in` goes the way of what the agent says."""


@dataclass(frozen=True, slots=True)
class ListeningActions:
    """What pages ask before a supervisor is rung."""

    client: Client
    conversations: Conversations

    async def why_not(self, call: str, phone: str) -> WhyNot | None:
        """Why a phone cannot be in the conversation of a call; None where it can.

        Only a phone that Asterisk knows by this very name is rung: no number, and no way through the dialplan.
        """
        if (why := self.conversations.why_not(call, phone)) is not None:
            return why
        tech, _, resource = phone.partition("/")
        try:
            await self.client.endpoints.get(tech, resource)
        except NotFound:
            return WhyNot.NO_PHONE
        except AriError:
            return WhyNot.ASTERISK
        return None


@dataclass(frozen=True, slots=True)
class Snooping:
    """Carries out the effects. `app` is our Stasis application."""

    client: Client
    app: str
    clock: Callable[[], datetime]

    async def ring(self, effect: RingSupervisor) -> Event | None:
        """Ring the phone. When it is answered, our dialplan brings it to us."""
        try:
            await self.client.channels.originate_with_id(
                effect.channel, endpoint=effect.phone, context=LISTEN_CONTEXT, extension="answered", priority=1,
                caller_id="callcentre", timeout=RING, variables={"CALLCENTRE_LISTEN": effect.request},
            )  # fmt: skip
        except Conflict:
            return None  # It rings already.
        except Unreachable as error:
            log.warning("call.unclear", call=effect.channel, error=str(error))
            return None  # The next connection shows whether it rings.
        except AriError as error:
            return OriginateFailed(at=self.clock(), call=effect.channel, reason=str(error))
        return None

    async def snoop(self, effect: Snoop) -> Event | None:
        """Make the channel. Its `StasisStart` says that it is there."""
        try:
            await self.client.channels.snoop_channel_with_id(
                effect.spied, effect.snoop, app=self.app, spy="both", whisper=_INTO[effect.mode],
                app_args=f"snoop,{effect.request}",
            )  # fmt: skip
        except AriError as error:
            # The agent has hung up, or Asterisk cannot do it: the supervisor would hear nothing.
            log.warning("call.not_snooped", call=effect.spied, error=str(error))
            return OriginateFailed(at=self.clock(), call=effect.snoop, reason=str(error))
        return None
