"""ARI of the simulated Asterisk: the operations that the daemon uses, and the stream of events."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from aiohttp import web

from callcentre.telephony.events import PROBE
from scripts.kills.pbx import PROMPT_SECONDS, Pbx
from scripts.kills.telephones import Channel
from scripts.kills.tempo import wall


class Ari:
    """Serves one exchange."""

    def __init__(self, pbx: Pbx) -> None:
        self.pbx = pbx

    def routes(self) -> list[web.RouteDef]:
        """The routes of ARI."""

        def on(handler: Callable[[web.Request, Channel], web.Response]) -> Any:
            async def handle(request: web.Request) -> web.Response:
                channel = self.pbx.channels.get(request.match_info["id"])
                return _error(404, "Channel not found") if channel is None else handler(request, channel)

            return handle

        return [
            web.get("/ari/events", self._events),
            web.get("/ari/channels", self._list_channels),
            web.post("/ari/channels/create", self._create),
            web.post("/ari/channels/{id}", self._dial),
            web.get("/ari/channels/{id}", on(lambda _request, channel: web.json_response(channel.as_json()))),
            web.delete("/ari/channels/{id}", on(self._delete)),
            web.get("/ari/channels/{id}/variable", on(self._get_variable)),
            web.post("/ari/channels/{id}/variable", on(self._set_variable)),
            web.post("/ari/channels/{id}/continue", on(self._continue)),
            web.post("/ari/channels/{id}/play/{playback}", on(self._play)),
            web.delete("/ari/playbacks/{playback}", self._stop),
            web.get("/ari/bridges", self._list_bridges),
            web.post("/ari/bridges/{bridge}", self._create_bridge),
            web.post("/ari/bridges/{bridge}/addChannel", self._add_channel),
            web.delete("/ari/bridges/{bridge}", self._destroy_bridge),
            web.post("/ari/applications/{name}/subscription", self._subscribe),
            web.put("/ari/applications/{name}/eventFilter", self._application),
            web.post("/ari/asterisk/variable", self._set_global),
            web.get("/ari/asterisk/ping", self._ping),
            web.get("/ari/deviceStates/{name:.*}", self._device_state),
        ]

    async def _events(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False)
        try:
            await socket.prepare(request)
        except ConnectionError:
            raise web.HTTPGone from None
        # A daemon that is killed closes its connections in the middle of anything.
        with suppress(ConnectionError):
            self.pbx.socket, self.pbx.subscribed, self.pbx.outgoing = socket, False, asyncio.Queue()
            sending = asyncio.ensure_future(_pump(socket, self.pbx.outgoing))
            try:
                async for _ in socket:
                    pass
            finally:
                sending.cancel()
                if self.pbx.socket is socket:
                    self.pbx.socket, self.pbx.subscribed = None, False
        return socket

    async def _list_channels(self, _request: web.Request) -> web.Response:
        return web.json_response([channel.as_json() for channel in self.pbx.channels.values()])

    async def _create(self, request: web.Request) -> web.Response:
        query = request.query
        if query["channelId"] in self.pbx.channels:
            return _error(409, "Channel with given unique ID already exists")
        name = query["endpoint"]
        near = self.pbx.make(f"{name}-{{}};1", key=query["channelId"])
        far = self.pbx.make(f"{name}-{{}};2", key=query["otherChannelId"])
        near.other, far.other = far.key, near.key
        self.pbx.limit(near, 120)
        return web.json_response(near.as_json())

    async def _dial(self, request: web.Request) -> web.Response:
        key = request.match_info["id"]
        if key in self.pbx.channels:
            return _error(409, "Channel with given unique ID already exists")
        variables = (await request.json()).get("variables", {}) if request.can_read_body else {}
        return web.json_response(self.pbx.originate(key, request.query, variables).as_json())

    def _delete(self, _request: web.Request, channel: Channel) -> web.Response:
        self.pbx.hang_up(channel, soft=True)
        return web.Response(status=204)

    def _get_variable(self, request: web.Request, channel: Channel) -> web.Response:
        return web.json_response({"value": self.pbx.value(channel, request.query["variable"])})

    def _set_variable(self, request: web.Request, channel: Channel) -> web.Response:
        if channel.held is None and not channel.key.startswith(PROBE):
            return _error(409, "Channel not in Stasis application")
        name, value = request.query["variable"], request.query.get("value", "")
        match name:
            case "TIMEOUT(absolute)":
                self.pbx.limit(channel, float(value))
            case "CALLERID(num)":
                channel.number = value
            case "CALLERID(name)":
                channel.caller_name = value
            case _:
                self.pbx.sets(channel, name, value)
        return web.Response(status=204)

    def _continue(self, _request: web.Request, channel: Channel) -> web.Response:
        if channel.held is None or channel.held.done():
            return _error(409, "Channel not in Stasis application")
        channel.held.set_result(None)
        return web.Response(status=204)

    def _play(self, request: web.Request, channel: Channel) -> web.Response:
        if channel.held is None:
            return _error(409, "Channel not in Stasis application")
        playback = request.match_info["playback"]
        self.pbx.stops(channel)
        channel.playback = playback
        media = [word for value in request.query.getall("media") for word in value.split(",")]
        prompts = tuple(word.removeprefix("sound:callcentre/") for word in media)

        def over() -> None:
            if channel.playback == playback:
                self.pbx.stops(channel)

        asyncio.get_running_loop().call_later(PROMPT_SECONDS, over)
        self.pbx.people.hears(channel, prompts)
        about = {"id": playback, "media_uri": media[0], "target_uri": f"channel:{channel.key}", "state": "queued"}
        return web.json_response(about, status=201)

    async def _stop(self, request: web.Request) -> web.Response:
        for channel in self.pbx.channels.values():
            if channel.playback == request.match_info["playback"]:
                self.pbx.stops(channel)
                return web.Response(status=204)
        return _error(404, "Playback not found")

    async def _list_bridges(self, _request: web.Request) -> web.Response:
        return web.json_response([self.pbx.bridge(bridge) for bridge in self.pbx.bridges])

    async def _create_bridge(self, request: web.Request) -> web.Response:
        bridge = request.match_info["bridge"]
        self.pbx.bridges.setdefault(bridge, set())
        return web.json_response(self.pbx.bridge(bridge))

    async def _add_channel(self, request: web.Request) -> web.Response:
        bridge = request.match_info["bridge"]
        if bridge not in self.pbx.bridges:
            return _error(404, "Bridge not found")
        ids = [key for value in request.query.getall("channel") for key in value.split(",")]
        if any(key not in self.pbx.channels for key in ids):
            return _error(400, "Channel not found")
        if any(self.pbx.channels[key].held is None for key in ids):
            return _error(422, "Channel not in Stasis application")
        for key in ids:
            self.pbx.enters_bridge(self.pbx.channels[key], bridge)
        self.pbx.joined(bridge)
        return web.Response(status=204)

    async def _destroy_bridge(self, request: web.Request) -> web.Response:
        bridge = request.match_info["bridge"]
        if bridge not in self.pbx.bridges:
            return _error(404, "Bridge not found")
        for key in list(self.pbx.bridges[bridge]):
            self.pbx.leaves_bridge(self.pbx.channels[key])
        del self.pbx.bridges[bridge]
        return web.Response(status=204)

    async def _subscribe(self, request: web.Request) -> web.Response:
        self.pbx.subscribed = True
        return await self._application(request)

    async def _application(self, request: web.Request) -> web.Response:
        lists: dict[str, list[str]] = {key: [] for key in ("channel_ids", "bridge_ids", "endpoint_ids", "device_names")}
        return web.json_response({"name": request.match_info["name"], **lists})

    async def _set_global(self, request: web.Request) -> web.Response:
        self.pbx.globals[request.query["variable"]] = request.query.get("value", "")
        return web.Response(status=204)

    async def _ping(self, _request: web.Request) -> web.Response:
        stamp = wall().isoformat(timespec="milliseconds").replace("+00:00", "+0000")
        return web.json_response({"asterisk_id": "simulated", "ping": "pong", "timestamp": stamp})

    async def _device_state(self, request: web.Request) -> web.Response:
        return web.json_response({"name": request.match_info["name"], "state": "NOT_INUSE"})


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"message": message}, status=status)


async def _pump(socket: web.WebSocketResponse, frames: asyncio.Queue[str]) -> None:
    with suppress(ConnectionError):
        while True:
            await socket.send_str(await frames.get())
