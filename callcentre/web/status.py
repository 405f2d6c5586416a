"""What the daemon says of itself: `/health` to everybody, `/metrics` to those who know the token."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from callcentre.web.access import admit
from callcentre.web.ports import WebPorts


def add_status(app: web.Application, ports: WebPorts) -> None:
    """Add `/health` and `/metrics`."""

    async def health(_request: web.Request) -> web.Response:
        now = ports.health()
        said: dict[str, Any] = {"status": "ready" if now.ready else "not ready"}
        if not now.ready:
            said |= {"reasons": now.reasons, "reason": "; ".join(now.reasons)}
        if now.details:
            said["details"] = now.details
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

    app.router.add_get("/health", health)
    app.router.add_get("/metrics", metrics)
