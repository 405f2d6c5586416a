"""A daemon as a process, without Asterisk: texts go out and come in all the same."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.testbed.configuration import TOKEN, merged, write_configuration
from tests.testbed.daemon import Daemon
from tests.testbed.databases import ON_SERVER, database_in
from tests.testbed.ports import PortBlock
from tests.testbed.spare import the_spare

WORDS = "Soitamme sinulle takaisin: paikkasi on {{ position }}. Hyvää päivää €!"
"""What is sent to whoever a callback is wanted for."""

_ALWAYS_OPEN: dict[str, Any] = {
    "services": {"support": {"hours": None, "callback": {"confirm_by_sms": WORDS}, "notify": None, "survey": None}}
}


@contextmanager
def http_port() -> Iterator[int]:
    """A port for http.listen that nobody else takes."""
    block = PortBlock(1)
    try:
        yield block.port()
    finally:
        block.close()


@asynccontextmanager
async def alone(
    folder: Path, port: int, sms: Mapping[str, Any], *, http: Mapping[str, Any] | None = None,
    changes: Mapping[str, Any] | None = None, under: Sequence[str] = (),
) -> AsyncIterator[Daemon]:  # fmt: skip
    """A daemon with these settings below `sms` and `http`, and `changes` elsewhere; back when it takes requests.

    It never finds its Asterisk. Its database is that of the folder (`databases.py`). `under` comes before its command,
    such as prlimit(1) with its options.
    """
    database = {"store": {"url": database_in(folder).url}} if ON_SERVER else {}
    wanted = merged(merged(database, _ALWAYS_OPEN), {"sms": dict(sms), "http": dict(http or {})})
    file = write_configuration(
        folder / "config.yaml",
        ari_url="http://127.0.0.1:1/ari",
        http_port=port,
        changes=merged(wanted, changes or {}),
    )
    daemon = Daemon(file, http_port=port, spare=the_spare())
    daemon.process.argv = [*under, *daemon.process.argv]
    try:
        await daemon.start(ready=False)
        await daemon.unready()
        yield daemon
    finally:
        await daemon.close()


async def request_callback(daemon: Daemon, number: str) -> None:
    """Want a callback for a number, which is then confirmed by a text."""
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as session,
        session.post(f"{daemon.url}/api/callbacks", json={"number": number, "service": "support"}) as response,
    ):
        assert response.status == 201, await response.text()


async def restarted(daemon: Daemon) -> None:
    """Kill it and start it anew."""
    await daemon.kill()
    await daemon.start(ready=False)
    await daemon.unready()
