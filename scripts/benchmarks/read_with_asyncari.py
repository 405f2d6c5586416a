"""Reads events with asyncari and does nothing with them: `python read_with_asyncari.py URL APP EVENTS`."""

import asyncio
import logging
import sys

import asyncari  # type: ignore[import-not-found,import-untyped,unused-ignore]

# It warns of most events of calls that it did not begin; writing that down is not what is measured.
logging.disable(logging.CRITICAL)


async def main(url: str, app: str, events: int) -> None:
    """Say so after so many events, and wait to be ended."""
    left = events
    async with asyncari.connect(url, app, "callcentre", "callcentre") as client:
        async for _event in client:
            left -= 1
            if left == 0:
                print("read", flush=True)


asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
