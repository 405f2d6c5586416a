"""Strangers without a token open connections by the thousand, and say nothing, or say it slowly."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from tests.acceptance.conftest import StartDaemon
from tests.cast import MATTI, REPLY_NUMBER
from tests.testbed.alone import alone, http_port
from tests.testbed.callbacks import offered, rules
from tests.testbed.configuration import TOKEN
from tests.testbed.daemon import Daemon
from tests.testbed.pbx import SUPPORT_NUMBER, Pbx
from tests.testbed.phones import PhoneNetwork
from tests.testbed.waiting import until

MANY = 1100
FEW_DESCRIPTORS = 256
"""Of which the web server may have 96: the rest is for Asterisk, the database and the gateway."""

KANNEL: Mapping[str, Any] = {
    "gateway": "kannel",
    "kannel": {
        "url": "http://127.0.0.1:1/", "username": "u", "password": "p", "report_url": "http://127.0.0.1:1/hooks/kannel/dlr"
    },
}  # fmt: skip
TEXT = {"token": TOKEN, "from": MATTI, "to": REPLY_NUMBER, "text": "SOITA", "ts": "1"}

SAYING = (
    b"",
    # A slow head, a slow body of a hook, and one of a survey's page.
    b"POST /hooks/kannel/mo HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    b"POST /hooks/kannel/mo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nid=",
    b"POST /s/abcdefghijklmnop HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\nsatis",
)


class Strangers:
    """Connections to a daemon that are held as long as it lets them."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon
        self._open: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def come(self, count: int, saying: Sequence[bytes] = (b"",)) -> None:
        """Open so many more, and send one of these on each, in turn."""
        address = urlsplit(self._daemon.url)
        for _, octets in zip(range(count), cycle(saying), strict=False):
            reader, writer = await asyncio.open_connection(address.hostname, address.port)
            with suppress(ConnectionError):
                writer.write(octets)
            self._open.append((reader, writer))

    async def drip(self) -> None:
        """An octet more on each that said something, until cancelled."""
        while True:
            for _, writer in self._open[1 :: len(SAYING)]:
                with suppress(ConnectionError):
                    writer.write(b"x")
            await asyncio.sleep(0.5)

    async def are_sent_away(self) -> None:
        """Wait until the daemon has closed every one of them."""

        async def closed(reader: asyncio.StreamReader) -> None:
            with suppress(ConnectionError):
                await reader.read()

        async with asyncio.timeout(60):
            await asyncio.gather(*(closed(reader) for reader, _ in self._open))

    def go(self) -> None:
        for _, writer in self._open:
            writer.transport.abort()
        self._open.clear()


@asynccontextmanager
async def strangers_at(daemon: Daemon) -> AsyncIterator[Strangers]:
    strangers = Strangers(daemon)
    try:
        yield strangers
    finally:
        strangers.go()


async def text_is_stored(daemon: Daemon, number: int) -> None:
    """A gateway brings a text on a connection of its own, and gets its answer."""
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session,
        session.get(f"{daemon.url}/hooks/kannel/mo", params={**TEXT, "id": f"u-{number}"}) as answer,
    ):
        assert answer.status == 200
    await daemon.fact("sms.received", count=number)


def said_little(daemon: Daemon) -> list[str]:
    """What it said on standard error: a few lines, and no traceback."""
    lines = daemon.process.errors.read_text().splitlines()
    # `ari.lost` comes each time that it looks for an Asterisk which is not there.
    assert len([line for line in lines if "ari." not in line]) <= 12, lines
    assert not [line for line in lines if "Traceback" in line]
    return lines


async def test_eleven_hundred_clients_that_say_little_hold_up_nobody_and_are_sent_away(tmp_path: Path) -> None:
    limit = ("prlimit", f"--nofile=64:{FEW_DESCRIPTORS}", "--")
    with http_port() as port:
        async with alone(tmp_path, port, KANNEL, under=limit) as daemon, strangers_at(daemon) as strangers:
            # It raised the soft limit, 64, to the hard one.
            assert resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE) == (FEW_DESCRIPTORS, FEW_DESCRIPTORS)
            before = daemon.descriptors()
            await text_is_stored(daemon, 1)
            await strangers.come(MANY, SAYING)
            dripping = asyncio.create_task(strangers.drip())
            for number in range(2, 7):
                await text_is_stored(daemon, number)
                assert (await daemon.health())[0] == 503  # Only for its Asterisk, which is not there.
                assert daemon.descriptors() <= before + 96 + 8
            await strangers.are_sent_away()
            dripping.cancel()
            await text_is_stored(daemon, 7)
            assert any("connection closed" in line for line in said_little(daemon))


async def test_without_any_descriptor_left_it_says_so_once_and_goes_on(tmp_path: Path) -> None:
    """The reserve is taken away from below it: what it has open is nearly all that it may have."""
    with http_port() as port:
        async with alone(tmp_path, port, KANNEL) as daemon, strangers_at(daemon) as strangers:
            await text_is_stored(daemon, 1)
            daemon.limit_descriptors(daemon.descriptors() + 2)
            await strangers.come(200)
            for number in (2, 3, 4):
                await text_is_stored(daemon, number)
            await strangers.are_sent_away()
            lines = said_little(daemon)
            assert len([line for line in lines if "connection not accepted" in line]) == 1


@pytest.mark.usefixtures("short_prompts")
async def test_a_caller_hears_the_prompts_and_asterisk_is_found_again_meanwhile(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork
) -> None:
    daemon = await start_daemon(rules())
    daemon.limit_descriptors(FEW_DESCRIPTORS)
    async with strangers_at(daemon) as strangers:
        await strangers.come(MANY)
        caller = await offered(daemon, network, MATTI, SUPPORT_NUMBER, name="Matti")
        await strangers.come(MANY // 2)
        taken = await caller.takes()
        recording = await caller.call.record()
        assert await caller.call.ended() == "Normal Clearing"
        assert (await recording.stop()).anything
        assert await daemon.fact("callback.accepted", callback=taken)
        await pbx.restart()
        await strangers.come(MANY)

        async def well() -> bool:
            return (await daemon.health())[0] == 200

        await until(well, within=20, awaited="Asterisk, found again", seen=daemon.last_words)
        said_little(daemon)
