"""Carries out effects in Asterisk. A call that has ended meanwhile is normal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import TYPE_CHECKING

import structlog
from msgspec.structs import replace

from callcentre.kernel.effect import Effect
from callcentre.kernel.event import Event
from callcentre.telephony.ari.client import Client
from callcentre.telephony.ari.model import AriError, Conflict, NotFound, ServerError, Unreachable
from callcentre.telephony.ari.questions import NothingToAskThrough
from callcentre.telephony.ari.reading import Reader
from callcentre.telephony.ari.wire import channel_of
from callcentre.telephony.effects import (
    AskTime,
    ConnectCalls,
    ContinueCall,
    EndBridge,
    HangUp,
    HoldLonger,
    LookAt,
    Originate,
    Play,
    ReadQueue,
    ReadQueues,
    RenewLease,
    ReportUnknownPurpose,
    StopPlayback,
    Synchronise,
)
from callcentre.telephony.events import (
    ChannelSeen,
    OriginateFailed,
    PlaybackFinished,
    QueueNotRead,
    QueueRead,
    QueuesRead,
)
from callcentre.telephony.lease import model as lease
from callcentre.telephony.queue_view.callers import PRESENTATION

if TYPE_CHECKING:
    from callcentre.kernel.outbox import Perform

log = structlog.get_logger(__name__)


@contextmanager
def _unless_gone(failed: str, **about: str) -> Iterator[None]:
    """Ignore that a call hung up or was released by its time limit: an event reports that. Else log what `failed`."""
    try:
        yield
    except (NotFound, Conflict):
        pass
    except AriError as error:
        log.warning(failed, error=str(error), **about)


class AsteriskPerformer:
    """Carries out the effects of telephony.

    `read_again` has everything read again, for a reason; `give_up` has the connection closed and made anew.
    `to_be_asked` names the calls on their way into a queue whose presentation (withheld or not) must be read.
    `is_wanted` says whether a call of ours that is about to be dialled still has to be.
    """

    def __init__(
        self,
        client: Client,
        reader: Reader,
        read_again: Callable[[str], None],
        clock: Callable[[], datetime],
        *,
        give_up: Callable[[str], None],
        to_be_asked: Callable[[str], Iterable[str]],
        is_wanted: Callable[[str], bool],
    ) -> None:
        self._client = client
        self._to_be_asked = to_be_asked
        self._is_wanted = is_wanted
        self._clock = clock
        self._reader = reader
        self._read_again = read_again
        self._give_up = give_up
        self._not_renewed = 0
        self.has_lease = False
        """Whether the dialplan sends callers through us, by the last renewal of the lease."""
        self._unknown_purposes: set[str] = set()

    def performers(self) -> Mapping[type[Effect], Perform]:
        """The effects that this carries out, by their class."""
        return {
            ContinueCall: self._continue_call,
            HoldLonger: self._hold_longer,
            Play: self._play,
            StopPlayback: self._stop_playback,
            HangUp: self._hang_up,
            Originate: self._originate,
            ConnectCalls: self._connect_calls,
            EndBridge: self._end_bridge,
            ReadQueue: self._read_queue,
            LookAt: self._look_at,
            ReadQueues: self._read_queues,
            RenewLease: self._renew_lease,
            AskTime: self._ask_time,
            ReportUnknownPurpose: self._report_unknown_purpose,
            Synchronise: self._read_everything,
        }

    async def _continue_call(self, effect: ContinueCall) -> Event | None:
        with _unless_gone("call.not_continued", call=effect.call):
            for name, value in effect.variables:
                ours = self._reader.in_asterisks_time(name, value)
                await self._client.channels.set_channel_var(effect.call, variable=name, value=ours)
            await self._client.channels.continue_in_dialplan(effect.call)
        return None

    async def _hold_longer(self, effect: HoldLonger) -> Event | None:
        with _unless_gone("call.not_held", call=effect.call):
            await self._client.channels.set_channel_var(effect.call, variable="TIMEOUT(absolute)", value=effect.seconds)
        return None

    async def _play(self, effect: Play) -> Event | None:
        media = [f"sound:callcentre/{prompt}" for prompt in effect.prompts]
        try:
            await self._client.channels.play_with_id(effect.call, effect.playback, media=media, lang=effect.language)
        except (NotFound, Conflict):
            return None  # Gone: an event reports that.
        except AriError as error:
            log.warning("prompt.not_played", call=effect.call, error=str(error))
            return PlaybackFinished(at=self._clock(), playback=effect.playback)
        return None

    async def _stop_playback(self, effect: StopPlayback) -> Event | None:
        with _unless_gone("prompt.not_stopped", call=effect.call):
            await self._client.playbacks.stop(effect.playback)
        return None

    async def _hang_up(self, effect: HangUp) -> Event | None:
        with _unless_gone("call.not_hung_up", call=effect.call):
            await self._client.channels.hangup(effect.call)
        return None

    async def _originate(self, effect: Originate) -> Event | None:
        if not self._is_wanted(effect.call):
            return None  # Much may have happened since the decision, and what happened is known.
        try:
            await self._client.channels.originate_with_id(
                effect.call,
                endpoint=effect.endpoint,
                context=effect.context,
                extension="answered",
                priority=1,
                caller_id=effect.caller_id,
                timeout=effect.ring,
                variables=dict(effect.variables),
                other_channel_id=effect.other,
                formats=effect.codec,
            )
        except Conflict:
            return None  # The same attempt exists already.
        except Unreachable as error:
            # It is unknown whether it rings: an event reports its fate, or the next connection shows it.
            log.warning("call.unclear", call=effect.call, error=str(error))
            return None
        except AriError as error:
            log.warning("call.not_dialled", call=effect.call, error=str(error))
            return OriginateFailed(at=self._clock(), call=effect.call, reason=str(error))
        return None

    async def _connect_calls(self, effect: ConnectCalls) -> Event | None:
        with _unless_gone("calls.not_connected", bridge=effect.bridge):
            await self._client.bridges.create_with_id(effect.bridge, type="mixing")
            for call in effect.calls:
                await self._client.channels.set_channel_var(call, variable="TIMEOUT(absolute)", value="0")
            await self._client.bridges.add_channel(effect.bridge, channel=effect.calls)
        return None

    async def _end_bridge(self, effect: EndBridge) -> Event | None:
        with _unless_gone("bridge.not_ended", bridge=effect.bridge):
            await self._client.bridges.destroy(effect.bridge)
        return None

    async def _read_queue(self, effect: ReadQueue) -> QueueRead | QueueNotRead:
        try:
            read = await self._reader.queue(
                effect.queue, complete=effect.complete, members=effect.members, through=effect.through
            )
            # After the reading: callers who come meanwhile are asked about at the next one.
            return replace(read, presentations=await self._presentations([effect.queue]))
        except NothingToAskThrough:
            pass
        except AriError as error:
            log.warning("queue.not_read", queue=effect.queue, error=str(error))
        return QueueNotRead(at=self._clock(), queue=effect.queue)

    async def _read_queues(self, effect: ReadQueues) -> QueuesRead | None:
        try:
            read = await self._reader.queues(effect.queues, effect.counted)
            return replace(read, presentations=await self._presentations(effect.queues))
        except NothingToAskThrough:
            return None
        except AriError as error:
            log.warning("queues.not_read", queues=effect.queues, error=str(error))
            return None

    async def _presentations(self, queues: Iterable[str]) -> Mapping[str, str]:
        """The presentation of the numbers of callers on their way into queues; "" for a call that is gone."""

        async def ask(call: str) -> str:
            with suppress(NotFound, Conflict, ServerError):
                return (await self._client.channels.get_channel_var(call, variable=PRESENTATION)).value
            return ""

        calls = tuple(call for queue in queues for call in self._to_be_asked(queue))
        return dict(zip(calls, await asyncio.gather(*map(ask, calls)), strict=True))

    async def _look_at(self, effect: LookAt) -> Event | None:
        with _unless_gone("channel.not_seen", call=effect.call):
            channel = await self._client.channels.get(effect.call)
            return ChannelSeen(at=self._clock(), channel=channel_of(channel))
        return None

    async def _renew_lease(self, _effect: RenewLease) -> Event | None:
        try:
            # The dialplan compares it with Asterisk's clock, which may differ from ours, or may just have been set.
            until = int((await self._reader.asterisks_time()).timestamp()) + lease.SECONDS
            await self._client.asterisk.set_global_var(variable=lease.VARIABLE, value=lease.value_of(until))
        except AriError as error:
            self.has_lease = False
            self._not_renewed += 1
            if self._not_renewed == 1:
                log.warning("lease.not_renewed", error=str(error))
            else:
                # Events alone are of no use: no call can be held or let go. The next connection says what is wrong, and
                # is live when requests are answered again.
                self._give_up(f"Asterisk sends events and answers no request: {error}")
        else:
            self.has_lease = True
            self._not_renewed = 0
        return None

    async def _ask_time(self, _effect: AskTime) -> Event | None:
        with suppress(AriError):  # It is asked again in a second.
            await self._reader.asterisks_time()
        return None

    async def _report_unknown_purpose(self, effect: ReportUnknownPurpose) -> Event | None:
        if effect.purpose not in self._unknown_purposes:
            self._unknown_purposes.add(effect.purpose)
            log.warning(
                "stasis.unknown_purpose", purpose=effect.purpose,
                fix="the calls go on in the dialplan; give Stasis() a purpose of this version of the dialplan",
            )  # fmt: skip
        return None

    async def _read_everything(self, _effect: Synchronise) -> Event | None:
        self._read_again("app_queue counts other callers than we do")
        return None
