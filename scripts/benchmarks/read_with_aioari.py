"""Reads events with aioari and does nothing with them: `python read_with_aioari.py URL APP EVENTS`."""

import asyncio
import sys

import aioari  # type: ignore[import-not-found,import-untyped,unused-ignore]


async def main(url: str, app: str, events: int) -> None:
    """Say so after so many events, and wait to be ended."""
    left = events

    def nothing(_event: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            print("read", flush=True)

    client = await aioari.connect(url, "callcentre", "callcentre")
    client.on_event("*", nothing)
    await client.run(app)


asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
