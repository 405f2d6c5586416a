"""What systemd is to a service: a socket that takes the messages of sd_notify(3)."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator

from tests.testbed.waiting import Changes


class ServiceManager:
    """A unix datagram socket at `address`; `said` has every line that came, in order."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.said: list[str] = []
        self._changes = Changes()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind(f"\0{address[1:]}" if address.startswith("@") else address)

    def _read(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                self.said += self._socket.recv(4096).decode().splitlines()
                self._changes.changed()

    async def hears(self, line: str, *, after: int = 0, within: float = 15) -> int:
        """Wait until a line begins like this, from place `after` on; the place behind it."""

        def look() -> int | None:
            places = (place for place, said in enumerate(self.said) if place >= after and said.startswith(line))
            found = next(places, None)
            return None if found is None else found + 1

        return await self._changes.wait_for(look, within=within, awaited=line, seen=lambda: "\n".join(self.said))

    @contextlib.contextmanager
    def listening(self) -> Iterator[ServiceManager]:
        """Take messages within this context, in the running loop."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._socket, self._read)
        try:
            yield self
        finally:
            loop.remove_reader(self._socket)
            self._socket.close()
