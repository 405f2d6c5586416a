"""Open streams of live pages, in a process of their own: `python -m scripts.benchmarks.viewers URL TOKEN COUNT`.

It writes `open` once all streams have begun. After a line on standard input it writes the milliseconds from each
fact's time to its arrival, as a JSON array, and ends.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from datetime import datetime

import aiohttp


async def _view(session: aiohttp.ClientSession, url: str, begun: asyncio.Semaphore, waits: list[float]) -> None:
    async with session.get(f"{url}/live", timeout=aiohttp.ClientTimeout(total=None)) as response:
        response.raise_for_status()
        name = b""
        async for line in response.content:
            now = time.time()
            if line.startswith(b"event: "):
                name = line[7:].strip()
                if name == b"start":
                    begun.release()
            elif name == b"fact" and line.startswith(b"data: "):
                at = datetime.fromisoformat(json.loads(line[6:])["at"])
                waits.append((now - at.timestamp()) * 1000)


async def main(url: str, token: str, count: int) -> None:
    """Look until a line comes in."""
    waits: list[float] = []
    begun = asyncio.Semaphore(0)
    connector = aiohttp.TCPConnector(limit=0)
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(connector=connector, headers=headers, read_bufsize=2**20) as session:
        views = [asyncio.create_task(_view(session, url, begun, waits)) for _ in range(count)]
        for _ in range(count):
            await begun.acquire()
        print("open", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        print(json.dumps(waits), flush=True)
        for view in views:
            view.cancel()
        await asyncio.gather(*views, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
