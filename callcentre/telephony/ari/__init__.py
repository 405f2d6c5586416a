"""A client of the Asterisk REST Interface, in the style of ari-py, which can be used alone.

```python
import asyncio

from callcentre.telephony.ari import Client


async def main() -> None:
    async with Client("http://127.0.0.1:8088/ari", "callcentre", "callcentre") as client:

        async def greet(event: dict) -> None:
            channel = event["channel"]["id"]
            await client.channels.answer(channel)
            await client.channels.play(channel, media="sound:hello-world")

        client.on_event("StasisStart", greet)
        await client.run(apps="demo")


asyncio.run(main())
```
"""

from callcentre.telephony.ari.client import Client
from callcentre.telephony.ari.connection import Backoff, Connection, ConnectionState, Phase, Replaced
from callcentre.telephony.ari.model import (
    AriError,
    Conflict,
    Forbidden,
    InvalidAnswer,
    InvalidArgument,
    NotFound,
    ReadOnly,
    ServerError,
    Unreachable,
)

__all__ = [
    "AriError",
    "Backoff",
    "Client",
    "Conflict",
    "Connection",
    "ConnectionState",
    "Forbidden",
    "InvalidAnswer",
    "InvalidArgument",
    "NotFound",
    "Phase",
    "ReadOnly",
    "Replaced",
    "ServerError",
    "Unreachable",
]
