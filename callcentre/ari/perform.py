"""Carries out the effects that Asterisk does. A call that is gone meanwhile is normal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import structlog

from callcentre.ari.client import Client
from callcentre.ari.model import AriError, Conflict, NotFound
from callcentre.ari.reading import NothingToAskThrough, Reader
from callcentre.domain.effects import ContinueCall, Effect, ReadQueue, RenewLease, Synchronise
from callcentre.domain.events import Event, QueueRead

if TYPE_CHECKING:
    from callcentre.engine.outbox import Perform

log = structlog.get_logger(__name__)

LEASE_VARIABLE = "CALLCENTRE_LEASE"
"""The global variable that the dialplan compares with its clock before `Stasis()`."""


class AsteriskPerformer:
    """What the engine has done in Asterisk. `reconnect` ends the connection with a reason: the next begins anew."""

    def __init__(self, client: Client, reader: Reader, reconnect: Callable[[str], None]) -> None:
        self._client = client
        self._reader = reader
        self._reconnect = reconnect

    def performers(self) -> Mapping[type[Effect], Perform]:
        """What this carries out, by the class of the effect."""
        return {
            ContinueCall: self._continue_call,
            ReadQueue: self._read_queue,
            RenewLease: self._renew_lease,
            Synchronise: self._read_everything,
        }

    async def _continue_call(self, effect: ContinueCall) -> Event | None:
        try:
            await self._client.channels.continue_in_dialplan(effect.call)
        except (NotFound, Conflict):
            pass  # It hung up, or its time limit let it go: it needs us no more.
        except AriError as error:
            log.warning("call.not_continued", call=effect.call, error=str(error))
        return None

    async def _read_queue(self, effect: ReadQueue) -> QueueRead | None:
        try:
            return await self._reader.queue(effect.queue, complete=effect.complete, members=effect.members)
        except NothingToAskThrough:
            return None
        except AriError as error:
            log.warning("queue.not_read", queue=effect.queue, error=str(error))
            return None

    async def _renew_lease(self, effect: RenewLease) -> Event | None:
        try:
            await self._client.asterisk.set_global_var(variable=LEASE_VARIABLE, value=str(effect.until))
        except AriError as error:
            log.warning("lease.not_renewed", error=str(error))
        return None

    async def _read_everything(self, _effect: Synchronise) -> Event | None:
        # Only a new connection holds back events while everything is read: else the old would follow the new.
        self._reconnect("app_queue counts other callers than we do")
        return None
