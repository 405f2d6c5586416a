"""The least that a web server does for a hook: `python -m scripts.benchmarks.bare_server`.

It reads the query of each request and answers 200. Nothing is stored. The port is in its first line of output.
"""

from __future__ import annotations

import asyncio
import contextlib

from aiohttp import web


async def _taken(request: web.Request) -> web.Response:
    return web.Response(text="" if request.query["text"] else "no text")


async def main() -> None:
    """Serve until killed."""
    application = web.Application()
    application.router.add_get("/hooks/kannel/mo", _taken)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())
