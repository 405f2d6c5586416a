"""The daemon's status: `/health` in one word for everybody, and with details for clients with the token."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from callcentre.web.access import admit, brings_token
from callcentre.web.ports import WebPorts
from callcentre.web.routes import Route


def routes(ports: WebPorts) -> tuple[Route, ...]:
    """`/health` and `/metrics`."""

    async def health(request: web.Request) -> web.Response:
        now = ports.health()
        said: dict[str, Any] = {"status": "ready" if now.ready else "not ready"}
        if not now.ready:
            # One word: outside monitors need no figures, versions or paths.
            said["reason"] = next(iter(now.reasons), "unknown")
        if brings_token(request):
            admit(request, ports.token())
            said |= {"reasons": list(now.reasons.values())} if now.reasons else {}
            said |= {"details": now.details} if now.details else {}
        return web.Response(
            status=200 if now.ready else 503,
            body=msgspec.json.encode(said),
            content_type="application/json",
            headers={"Cache-Control": "no-store"},
        )

    async def metrics(request: web.Request) -> web.Response:
        admit(request, ports.token())
        await ports.look()
        return web.Response(body=generate_latest(ports.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return (
        Route(method="GET", path="/health", handler=health),
        Route(method="GET", path="/metrics", handler=metrics),
    )
