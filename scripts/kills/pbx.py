"""An Asterisk that outlives the daemon: ARI, the dialplan that `callcentre dialplan` prints, app_queue and telephones.

It does what was seen on Asterisk 22 as far as the daemon uses it. Events that happen without a connection are lost.
Channels in `Stasis()` stay there when the daemon dies, until their time limit lets them go on in the dialplan.
Days with a real Asterisk (`real.py`) show that it is no kinder.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Iterator
from contextlib import suppress
from typing import Any, Final

import msgspec
from aiohttp import web

from callcentre.telephony.contexts import NOTICE_CONTEXT, RESERVE_CONTEXT
from callcentre.telephony.dialplan import HOLD_SECONDS, RESERVE_SECONDS
from callcentre.telephony.events import PROBE
from callcentre.telephony.lease.model import LONGEST, PERIOD
from scripts.kills.telephones import Agent, Channel, Json, Left, People, Waiting
from scripts.kills.tempo import wall

APP: Final = "callcentre"

PROMPT_SECONDS: Final = 0.6
"""How long any prompt takes here."""

_FUNCTION: Final = re.compile(r"\$\{([^{}]*)\}")
_CALL: Final = re.compile(r"(\w+)\((.*)\)")

_NORMAL: Final = 16
_BUSY: Final = 17


class Pbx:
    """The exchange. `services` has the queue of each service."""

    def __init__(self, services: dict[str, str], people: People) -> None:
        self.services = services
        self.people = people
        self.channels: dict[str, Channel] = {}
        self.bridges: dict[str, set[str]] = {}
        self.queues: dict[str, list[Waiting]] = {queue: [] for queue in services.values()}
        self.agents: list[Agent] = []
        self.originated: Counter[str] = Counter()
        """How often a channel with this id was made."""
        self.mistakes: list[str] = []
        self.globals: dict[str, str] = {}
        self.socket: web.WebSocketResponse | None = None
        self.subscribed = False
        self.outgoing: asyncio.Queue[str] = asyncio.Queue()
        self._made = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()

    # --- tasks ------------------------------------------------------------------------------------

    def begin(self, work: Awaitable[None]) -> asyncio.Task[None]:
        """Run something of this exchange until `close`."""
        task = asyncio.ensure_future(self._run(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _run(self, work: Awaitable[None]) -> None:
        try:
            await work
        except asyncio.CancelledError:
            raise
        except Exception as error:  # A mistake in here must not look like one of the daemon.
            self.mistakes.append(f"the simulation failed: {error!r}")
            raise

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- events -----------------------------------------------------------------------------------

    def tell(self, kind: str, **more: Any) -> None:
        if self.socket is None or not (self.subscribed or kind.startswith("Stasis")):
            return
        head = {"variable": more.pop("variable")} if "variable" in more else {}
        stamp = wall().isoformat(timespec="milliseconds").replace("+00:00", "+0000")
        event = {**head, "type": kind, "timestamp": stamp, "application": APP, **more}
        self.outgoing.put_nowait(msgspec.json.encode(event).decode())

    def _about(self, kind: str, channel: Channel, **more: Any) -> None:
        self.tell(kind, **more, channel=channel.as_json())

    def sets(self, channel: Channel, name: str, value: str) -> None:
        channel.variables[name] = value
        self._about("ChannelVarset", channel, variable=name, value=value)

    def _runs(self, channel: Channel, app: str, data: str) -> None:
        channel.app, channel.app_data = app, data
        self._about("ChannelDialplan", channel, dialplan_app=app, dialplan_app_data=data)

    # --- channels ---------------------------------------------------------------------------------

    def make(self, name: str, *, key: str | None = None, number: str = "", caller_name: str = "") -> Channel:
        """A new channel; `{}` in its name is replaced by a number."""
        self._made += 1
        key = key or f"{int(wall().timestamp())}.{self._made}"
        channel = Channel(key, name.format(f"{self._made:08x}"), number, caller_name)
        self.channels[key] = channel
        self._about("ChannelCreated", channel)
        return channel

    def hang_up(self, channel: Channel, cause: int = _NORMAL, *, soft: bool = False) -> None:
        """The channel ends, whatever it does."""
        if self.channels.pop(channel.key, None) is None:
            return
        self._about("ChannelHangupRequest", channel, cause=cause, soft=soft)
        if channel.waits is not None:
            self.sets(channel, "ABANDONED", "TRUE")
            self._leaves(channel.waits)
        self.leaves_bridge(channel)
        self.limit(channel, 0)
        self.stops(channel)
        if channel.held is not None:
            channel.held.cancel()
            channel.held = None
            self._about("StasisEnd", channel)
        self._about("ChannelDestroyed", channel, cause=cause, cause_txt="")
        channel.gone.set()
        if channel.task is not None and channel.task is not asyncio.current_task():
            channel.task.cancel()
        for agent in self.agents:
            if agent.channel is channel:
                agent.channel = None
        other = self.channels.get(channel.other or "")
        if other is not None:
            self.hang_up(other, cause)
        self._changed.set()

    def limit(self, channel: Channel, seconds: float) -> None:
        """TIMEOUT(absolute)."""
        if channel.limit is not None:
            channel.limit.cancel()
        channel.limit = None
        if seconds > 0:
            channel.limit = asyncio.get_running_loop().call_later(seconds, self._over, channel)

    def _over(self, channel: Channel) -> None:
        channel.limit = None
        if channel.held is not None and not channel.held.done():
            channel.held.set_exception(Left())
        elif channel.key.startswith(PROBE):
            self.hang_up(channel)

    async def _stasis(self, channel: Channel, *arguments: str) -> None:
        """`Stasis()`: until it is continued. Raises `Left`. Without a daemon it fails at once."""
        if self.socket is None:
            return
        self.limit(channel, HOLD_SECONDS)
        channel.held = asyncio.get_running_loop().create_future()
        self._runs(channel, "Stasis", ",".join((APP, *arguments)))
        self._about("StasisStart", channel, args=list(arguments))
        try:
            await channel.held
        finally:
            if channel.held is not None:
                channel.held = None
                self.stops(channel)
                self.leaves_bridge(channel)
                self._about("StasisEnd", channel)

    def stops(self, channel: Channel, state: str = "done") -> None:
        playback, channel.playback = channel.playback, None
        if playback is not None:
            about = {"id": playback, "media_uri": "", "target_uri": f"channel:{channel.key}", "state": state}
            self.tell("PlaybackFinished", playback=about)

    def leaves_bridge(self, channel: Channel) -> None:
        if channel.bridge is None:
            return
        bridge, channel.bridge = channel.bridge, None
        self.bridges.get(bridge, set()).discard(channel.key)
        self._about("ChannelLeftBridge", channel, bridge=self.bridge(bridge))

    def enters_bridge(self, channel: Channel, bridge: str) -> None:
        self.leaves_bridge(channel)
        channel.bridge = bridge
        self.bridges[bridge].add(channel.key)
        self._about("ChannelEnteredBridge", channel, bridge=self.bridge(bridge))

    def bridge(self, bridge: str) -> Json:
        return {
            "id": bridge, "technology": "simple_bridge", "bridge_type": "mixing", "bridge_class": "base",
            "creator": "", "name": "", "channels": sorted(self.bridges.get(bridge, ())),
            "creationtime": "2026-06-03T00:00:00.000+0000",
            "video_mode": "none",
        }  # fmt: skip

    # --- callers ----------------------------------------------------------------------------------

    def calls(self, number: str, service: str) -> Channel:
        """Somebody calls the number of a service."""
        channel = self.make("PJSIP/trunk-{}", number=number)
        channel.task = self.begin(self._entry(channel, service))
        return channel

    def has_lease(self) -> bool:
        """Whether the dialplan sends callers through the daemon."""
        value = int(self.globals.get("ENV(CALLCENTRE_LEASE)", "") or 0)
        return value != 0 and (value + PERIOD - 1 - int(wall().timestamp()) % PERIOD) % PERIOD < LONGEST

    def sends_calls(self) -> bool:
        """Whether a daemon is connected that callers are sent through."""
        return self.subscribed and self.has_lease()

    async def _entry(self, channel: Channel, service: str) -> None:
        joined = str(int(wall().timestamp()))
        self.sets(channel, "CALLCENTRE_SERVICE", service)
        channel.variables |= {"CALLCENTRE_JOINED": joined, "CALLCENTRE_SINCE": joined}
        if self.has_lease():
            with suppress(Left):
                await self._stasis(channel, "enter", service, joined, channel.variables.get("QUEUE_PRIO", ""))
        await self._waits(channel, service)

    async def _waits(self, channel: Channel, service: str) -> None:
        """The label `waiting` of the entry: into the queue, out by the exit key, and in again."""
        queue = self.services[service]
        while True:
            self.limit(channel, 0)
            self.sets(channel, "CALLCENTRE_IN", queue)
            position = channel.variables.get("CALLCENTRE_POSITION", "")
            how = await self._queue(channel, queue, f"{queue},,,,,,,,{position}", position)
            if how != "key":
                break
            channel.variables["CALLCENTRE_POSITION"] = channel.variables["QUEUEPOSITION"]
            if self.has_lease():
                arguments = (queue, service, channel.variables.get("CALLCENTRE_JOINED", ""))
                with suppress(Left):
                    await self._stasis(channel, "exit", *arguments)
        self.sets(channel, "CALLCENTRE_IN", "")
        self.sets(channel, "CALLCENTRE_SERVICE", "")
        self.hang_up(channel)

    def press(self, channel: Channel, key: str) -> None:
        """A person presses a key."""
        if channel.key not in self.channels:
            return
        self._about("ChannelDtmfReceived", channel, digit=key, duration_ms=100)
        if key == "*" and channel.waits is not None and not channel.waits.rung:
            # Asterisk tells of Queue() once more when the exit key is pressed.
            self._runs(channel, "Queue", channel.app_data)
            self._leaves(channel.waits, "key")

    # --- app_queue --------------------------------------------------------------------------------

    async def _queue(
        self, channel: Channel, queue: str, data: str, position: str = "", seconds: float | None = None
    ) -> str:
        """`Queue()`; how it was left: answered, key or timeout."""
        self._runs(channel, "Queue", data)
        entry = Waiting(channel, queue, asyncio.get_running_loop().time(), asyncio.get_running_loop().create_future())
        self._join(entry, int(position or 0))
        channel.waits = entry
        self._changed.set()
        try:
            async with asyncio.timeout(seconds):
                how = await asyncio.shield(entry.left)
        except TimeoutError:
            self.sets(channel, "ABANDONED", "TRUE")
            self._leaves(entry, "timeout")
            self.sets(channel, "QUEUESTATUS", "TIMEOUT")
            return "timeout"
        if how == "answered":
            await entry.over.wait()
        return how

    def _join(self, entry: Waiting, position: int) -> None:
        """As `join_queue`: before the first of a lower priority, or at a place among equals and lower."""

        def priority(one: Waiting) -> int:
            return int(one.channel.variables.get("QUEUE_PRIO", "") or 0)

        waiting, ours = self.queues[entry.queue], priority(entry)
        for place, other in enumerate(waiting, 1):
            if ours > priority(other) or (ours >= priority(other) and position and position <= place):
                waiting.insert(place - 1, entry)
                return
        waiting.append(entry)

    def _leaves(self, entry: Waiting, how: str = "gone") -> None:
        waiting = self.queues[entry.queue]
        place = waiting.index(entry) + 1
        waiting.remove(entry)
        entry.channel.waits = None
        self.sets(entry.channel, "QUEUEPOSITION", str(place))
        if not entry.left.done():
            entry.left.set_result(how)
        self._changed.set()

    def log_on(self, agent: Agent) -> None:
        """An agent begins to work."""
        agent.paused = False
        self._changed.set()

    async def serves(self) -> None:
        """app_queue: rings free agents for the first callers, until `close`."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            for queue, waiting in self.queues.items():
                for entry in list(waiting):
                    free = [a for a in self.agents if a.queue == queue and not a.paused and a.channel is None]
                    if free and not entry.rung:
                        entry.rung = True
                        agent = free[0]
                        agent.channel = self.make(f"{agent.interface}-{{}}")
                        self.begin(self._ring(entry, agent, agent.channel))

    async def _ring(self, entry: Waiting, agent: Agent, phone: Channel) -> None:
        caller = entry.channel
        for status in ("", "RINGING"):
            self.tell("Dial", caller=caller.as_json(), peer=phone.as_json(), dialstatus=status, dialstring="")
        await asyncio.sleep(0.4)
        if caller.waits is not entry:
            self.hang_up(phone)
            return
        self.tell("Dial", caller=caller.as_json(), peer=phone.as_json(), dialstatus="ANSWER", dialstring="")
        self.sets(caller, "MEMBERINTERFACE", agent.interface)
        self.sets(caller, "MEMBERNAME", agent.interface)
        caller.variables["_AGENT"] = phone.key
        held = int(asyncio.get_running_loop().time() - entry.since)
        self.sets(caller, "QEHOLDTIME", str(held))
        caller.variables["QEORIGINALPOS"] = str(self.queues[entry.queue].index(entry) + 1)
        self._leaves(entry, "answered")
        bridge = f"talk-{phone.key}"
        self.bridges[bridge] = set()
        self.enters_bridge(phone, bridge)
        self.enters_bridge(caller, bridge)
        if caller.other is not None:
            near = self.channels.get(caller.other)
            if near is not None and near.task is None:
                self._dials(near, "ANSWER")
                near.task = self.begin(self._agent_context(near))
            await self._until_gone(phone, caller)
        else:
            seconds = self.people.talks(caller)
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._until_gone(phone, caller)
        self.leaves_bridge(caller)
        self.leaves_bridge(phone)
        self.bridges.pop(bridge, None)
        self.hang_up(phone)
        entry.over.set()
        if caller.other is not None:
            self.hang_up(caller)

    async def _until_gone(self, *channels: Channel) -> None:
        gone = [asyncio.ensure_future(channel.gone.wait()) for channel in channels]
        try:
            await asyncio.wait(gone, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in gone:
                each.cancel()

    # --- calls that the daemon makes ----------------------------------------------------------------

    def _dials(self, channel: Channel, status: str) -> None:
        self.tell("Dial", peer=channel.as_json(), dialstatus=status, dialstring="")

    def originate(self, key: str, query: Any, variables: dict[str, str]) -> Channel:
        endpoint, context, ring = query["endpoint"], query["context"], float(query.get("timeout", 30))
        self.originated[key] += 1
        if endpoint.startswith("Local/"):
            service = endpoint.removeprefix("Local/").partition("@")[0]
            self._made += 1
            name = f"Local/{service}@{RESERVE_CONTEXT}-{self._made:08x}"
            near, far = self.make(f"{name};1", key=key), self.make(f"{name};2", key=query["otherChannelId"])
            near.other, far.other = far.key, near.key
            near.variables |= variables
            self._dials(near, "")
            far.task = self.begin(self._reservation(far, service, dict(variables)))
            return near
        channel = self.make("PJSIP/trunk-{}", key=key, number=endpoint.removeprefix("PJSIP/").partition("@")[0])
        channel.variables |= variables
        channel.task = self.begin(self._customer(channel, context, ring))
        return channel

    async def _customer(self, channel: Channel, context: str, ring: float) -> None:
        self._dials(channel, "")
        await asyncio.sleep(0.05)
        self._dials(channel, "RINGING")
        reaction = self.people.rung(channel.number)
        if reaction != "answer":
            await asyncio.sleep(0.5 if reaction == "busy" else min(ring, 3))
            self._dials(channel, "BUSY" if reaction == "busy" else "NOANSWER")
            self.hang_up(channel, _BUSY if reaction == "busy" else 19)
            return
        await asyncio.sleep(0.5)
        self._dials(channel, "ANSWER")
        kind = "notice" if context == NOTICE_CONTEXT else "callback"
        with suppress(Left):
            await self._stasis(channel, kind, channel.variables.get("CALLCENTRE_CALLBACK", ""))
        if kind == "callback" and channel.variables.get("CALLCENTRE_ACCEPTED") == "yes":
            service = channel.variables["CALLCENTRE_SERVICE"]
            self.sets(channel, "CALLCENTRE_SERVICE", service)
            await self._waits(channel, service)
            return
        await asyncio.sleep(PROMPT_SECONDS)  # Playback(callcentre/call-later)
        self.hang_up(channel)

    async def _reservation(self, far: Channel, service: str, variables: dict[str, str]) -> None:
        self.sets(far, "CALLCENTRE_SERVICE", service)
        far.number, far.caller_name = variables["CALLCENTRE_NUMBER"], variables["CALLCENTRE_NAME"]
        if "QUEUE_PRIO" in variables:
            self.sets(far, "QUEUE_PRIO", variables["QUEUE_PRIO"])
        queue, place = self.services[service], variables["CALLCENTRE_POSITION"]
        data = f"{queue},,,callcentre/agent-whisper,{RESERVE_SECONDS},,,,{place}"
        if await self._queue(far, queue, data, place, RESERVE_SECONDS) != "answered":
            self.hang_up(far)

    async def _agent_context(self, near: Channel) -> None:
        with suppress(Left):
            await self._stasis(near, "agent", near.variables["CALLCENTRE_CALLBACK"])
        self.hang_up(near)

    def joined(self, bridge: str) -> None:
        """A customer in a bridge with an agent talks, and hangs up."""
        for key in self.bridges[bridge]:
            channel = self.channels[key]
            if channel.other is None:
                self.begin(self._talks(channel))

    async def _talks(self, customer: Channel) -> None:
        await asyncio.sleep(self.people.talks(customer))
        self.hang_up(customer)

    # --- questions ----------------------------------------------------------------------------------

    def value(self, channel: Channel, asked: str) -> str:
        if asked.startswith("EVAL("):
            return _FUNCTION.sub(lambda found: self.value(channel, found[1]), asked[len("EVAL(") : -1])
        call = _CALL.fullmatch(asked)
        if call is None:
            return channel.variables.get(asked, "")
        name, arguments = call[1], call[2].split(",")
        members = [agent for agent in self.agents if agent.queue == arguments[0]]
        waiting = self.queues.get(arguments[0], [])
        match name, *arguments:
            case "QUEUE_EXISTS", queue:
                return "1" if queue in self.queues else "0"
            case "QUEUE_WAITING_COUNT", _:
                return str(len(waiting))
            case "QUEUE_GET_CHANNEL", _, place:
                return waiting[int(place) - 1].channel.name if 0 < int(place) <= len(waiting) else ""
            case "QUEUE_MEMBER", _, "ready":
                return str(sum(not one.paused and one.channel is None for one in members))
            case "QUEUE_MEMBER", _, "logged" | "count":
                return str(len(members))
            case "QUEUE_MEMBER", _, "paused", interface:
                return str(int(any(one.paused for one in members if one.interface == interface)))
            case "QUEUE_MEMBER_LIST", _:
                return ",".join(one.interface for one in members)
            case "DEVICE_STATE", interface:
                return next((one.state for one in self.agents if one.interface == interface), "INVALID")
            case "CALLERID", "num-pres":
                return "allowed_not_screened"
            case _:
                return ""

    def channels_of_people(self) -> Iterator[Channel]:
        """All channels but those through which the daemon asks questions."""
        return (channel for channel in self.channels.values() if not channel.key.startswith(PROBE))
