"""An Asterisk that evaluates the dialplan functions of app_queue."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from callcentre.telephony.ari import Client
from callcentre.telephony.ari.reading import Reader
from callcentre.telephony.events import PROBE, Agents, QueueReading
from tests.testbed.waiting import until

PROBE_1, PROBE_2 = f"{PROBE}.callcentre.1", f"{PROBE}.callcentre.2"


@dataclass
class Queue:
    """Who waits, and the members: interface → the state that app_queue goes by, and whether they are paused."""

    waiting: list[str] = field(default_factory=list)
    members: dict[str, tuple[str, bool]] = field(default_factory=dict)


class FunctionsOfAsterisk:
    """Answers variable questions on live channels as Asterisk does; counts requests, and what it would log."""

    def __init__(self) -> None:
        self.queues: dict[str, Queue] = {"support": Queue()}
        self.devices: dict[str, str] = {}
        self.hints: dict[str, str] = {}
        self.channels: list[str] = ["1.1"]
        self.held: dict[str, str] = {}
        self.bridges: dict[str, list[str]] = {}
        self.knows_eval = True
        self.knows_hints = True
        self.requests = 0
        self.asked: list[str] = []
        self.errors: list[str] = []
        self.made: list[str] = []
        self.limits: dict[str, str] = {}
        self.makes_channels = True
        self.answers = asyncio.Event()
        self.answers.set()
        self.url = ""
        self.ahead = timedelta(0)
        """How far its clock is ahead of ours."""

    @property
    def support(self) -> Queue:
        return self.queues["support"]

    def value(self, function: str) -> str:
        """What a function says; what Asterisk would log as a warning or an error is kept."""
        name, _, inside = function.removesuffix(")").partition("(")
        queue, _, rest = inside.partition(",")
        match name:
            case "QUEUE_EXISTS":
                return str(int(inside in self.queues))
            case "DEVICE_STATE":
                return self.devices.get(inside, "INVALID")
            case "EXTENSION_STATE":
                if not self.knows_hints:
                    self.errors.append(function)
                    return ""
                return self.hints.get(inside, "UNKNOWN")
            case _:
                if queue not in self.queues:
                    self.errors.append(function)
                    return "0"
                return self._of_queue(self.queues[queue], name, rest, function)

    def _of_queue(self, queue: Queue, name: str, rest: str, function: str) -> str:
        states = queue.members.values()
        match name, *rest.split(","):
            case ["QUEUE_WAITING_COUNT", ""]:
                return str(len(queue.waiting))
            case ["QUEUE_GET_CHANNEL", place]:
                if int(place) < 1:
                    self.errors.append(function)
                return queue.waiting[int(place) - 1] if 1 <= int(place) <= len(queue.waiting) else ""
            case ["QUEUE_MEMBER_LIST", ""]:
                return ",".join(queue.members)
            case ["QUEUE_MEMBER", "ready"]:
                return str(sum(state == "NOT_INUSE" and not paused for state, paused in states))
            case ["QUEUE_MEMBER", "logged"]:
                return str(sum(state not in ("UNAVAILABLE", "INVALID") for state, _ in states))
            case ["QUEUE_MEMBER", "count"]:
                return str(len(queue.members))
            case ["QUEUE_MEMBER", "paused", interface]:
                if interface not in queue.members:
                    self.errors.append(function)
                    return "0"
                return str(int(queue.members[interface][1]))
            case _:
                raise AssertionError(f"no such function: {function}")

    async def variable(self, request: web.Request) -> web.Response:
        """GET /channels/{id}/variable."""
        self.requests += 1
        asked = request.query["variable"]
        self.asked.append(asked)
        assert len(request.raw_path) < 4000
        if request.match_info["id"] in self.held:
            self.errors.append("while something is played to a call, this waits")
        if request.match_info["id"] not in self.channels:
            return web.json_response({"message": "Channel not found"}, status=404)
        if not asked.startswith("EVAL("):
            return web.json_response({"value": self.value(asked)})
        if not self.knows_eval:
            return web.json_response({"error": "Unable to read provided function"}, status=500)
        return web.json_response({"value": re.sub(r"\$\{([^}]*)\}", lambda m: self.value(m[1]), asked[5:-1])})

    async def list_channels(self, _request: web.Request) -> web.Response:
        """GET /channels."""
        self.requests += 1
        reported: list[dict[str, Any]] = [{"id": channel} for channel in self.channels]
        for channel, data in self.held.items():
            reported.append({"id": channel, "dialplan": {"app_name": "Stasis", "app_data": data}})
        return web.json_response(reported)

    async def create(self, request: web.Request) -> web.Response:
        """POST /channels/create."""
        self.requests += 1
        await self.answers.wait()
        if not self.makes_channels:
            return web.json_response({"error": "Allocation failed"}, status=500)
        channel = request.query["channelId"]
        if channel in self.channels:
            return web.json_response({"message": "Channel with given unique ID already exists"}, status=409)
        self.limits[channel] = (await request.json())["variables"]["TIMEOUT(absolute)"]
        self.made.append(channel)
        self.channels.append(channel)
        return web.json_response({"id": channel})

    async def hang_up(self, request: web.Request) -> web.Response:
        """DELETE /channels/{id}."""
        self.requests += 1
        if request.match_info["id"] not in self.channels:
            return web.json_response({"message": "Channel not found"}, status=404)
        self.channels.remove(request.match_info["id"])
        return web.Response(status=204)

    async def ping(self, _request: web.Request) -> web.Response:
        """GET /asterisk/ping; what it costs is not counted."""
        reported = {"ping": "pong", "asterisk_id": "a", "timestamp": (datetime.now(UTC) + self.ahead).isoformat()}
        return web.json_response(reported)

    async def list_bridges(self, _request: web.Request) -> web.Response:
        """GET /bridges."""
        self.requests += 1
        return web.json_response([{"id": bridge, "channels": channels} for bridge, channels in self.bridges.items()])


def reader(client: Client, *, alive: list[str], expected: range = range(1, 1)) -> Reader:
    return Reader(
        client, "callcentre", alive=lambda: alive, expected=lambda _queue: expected, clock=lambda: datetime.now(UTC)
    )


async def gone(asterisk: FunctionsOfAsterisk) -> None:
    """Wait until no channel is left."""

    async def nothing_left() -> bool:
        return not asterisk.channels

    await until(nothing_left, within=5, awaited="no channel", seen=lambda: str(asterisk.channels))


def agents_of(reading: QueueReading) -> Agents:
    """The agents that were read."""
    assert reading.agents is not None
    return reading.agents
