"""Too few file descriptors and little memory: callers are served, and what the daemon cannot have is left out."""

from __future__ import annotations

import asyncio
import re
import resource
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.acceptance.conftest import StartDaemon
from tests.acceptance.faults.after import is_whole
from tests.acceptance.scene import complains, has_figure, together, welcome
from tests.cast import AINO, LIISA, MATTI
from tests.testbed.alone import request_callback
from tests.testbed.callbacks import offered, open_callbacks, rules
from tests.testbed.daemon import Daemon
from tests.testbed.kannel import Kannel
from tests.testbed.pbx import PLAIN_SUPPORT_NUMBER, SUPPORT_NUMBER, Pbx
from tests.testbed.phones import PhoneNetwork


def peak_memory(daemon: Daemon) -> int:
    """The most resident memory that the daemon's process has had, in bytes (VmHWM of proc(5))."""
    status = Path(f"/proc/{daemon.process.pid}/status").read_text(encoding="ascii")
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) * 1024


BUSY = rules(callback={"confirm_by_sms": None, "offer": {"max_open": "5000"}})


@pytest.mark.usefixtures("short_prompts")
@pytest.mark.fault("Resources: 64 file descriptors")
async def test_with_64_descriptors_calls_and_texts_go_on_while_strangers_take_what_they_get(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx, kannel: Kannel
) -> None:
    daemon = await start_daemon(together(rules(), welcome()))
    await daemon.kill()
    plainly = daemon.process.argv
    daemon.process.argv = ["prlimit", "--nofile=64:64", "--", *plainly]
    await daemon.start()
    assert resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE) == (64, 64)
    address = urlsplit(daemon.url)
    strangers = []
    for _ in range(200):
        _, writer = await asyncio.open_connection(address.hostname, address.port)
        strangers.append(writer)
    try:
        for person in (MATTI, LIISA):
            caller = await offered(daemon, network, person, SUPPORT_NUMBER)
            await caller.declines()
            await kannel.phone(person).receives()
        for number in range(20):
            await request_callback(daemon, f"+35840111{number:04}")
        await daemon.fact("sms.accepted", kind="callback_confirmation", count=20, within=20)
        await pbx.restart()
        await daemon.fact("call.ended", count=2)
        await daemon.ready(within=20)
        await (await offered(daemon, network, AINO, SUPPORT_NUMBER)).declines()
    finally:
        for writer in strangers:
            with suppress(ConnectionError):
                writer.transport.abort()
    assert len(await open_callbacks(daemon)) == 20
    assert "descriptors.few" in daemon.process.errors.read_text(encoding="utf-8")
    assert "Traceback" not in daemon.process.errors.read_text(encoding="utf-8")
    is_whole(daemon)


MB = 1_000_000


@pytest.mark.fault("Resources: 150 MB of memory")
async def test_a_busy_daemon_has_enough_with_150_mb(start_daemon: StartDaemon, network: PhoneNetwork) -> None:
    daemon = await start_daemon(BUSY)
    await daemon.kill()
    # For all of its own memory, its files not counted (RLIMIT_DATA): past it, it gets none.
    plainly = daemon.process.argv
    daemon.process.argv = ["prlimit", f"--data={150 * MB}:{150 * MB}", "--", *plainly]
    await daemon.start()
    for hundred in range(10):
        await asyncio.gather(*(request_callback(daemon, f"+35840{hundred}11{number:04}") for number in range(100)))
    for number in range(40):
        await network.call(f"+35841111{number:04}", PLAIN_SUPPORT_NUMBER)
    await has_figure(daemon, 'callcentre_waiting{queue="support"}', 40)
    assert len(await open_callbacks(daemon)) == 1000
    daemon.reload()
    await complains(daemon, "config.read")
    assert peak_memory(daemon) < 150 * MB
    errors = daemon.process.errors.read_text(encoding="utf-8")
    assert "Traceback" not in errors
    assert "MemoryError" not in errors
    is_whole(daemon)
