"""Two daemons, each with an Asterisk of its own, on one PostgreSQL: a customer of one calls the other."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.acceptance.conftest import StartDaemon
from tests.cast import LIISA
from tests.testbed.bed import Bed
from tests.testbed.callbacks import open_callbacks, request_callback, rings_and_accepts, rules, until_in_line
from tests.testbed.daemon import Daemon
from tests.testbed.databases import database_of_server
from tests.testbed.pbx import SUPPORT_NUMBER, Pbx
from tests.testbed.phones import PhoneNetwork
from tests.testbed.spare import the_spare
from tests.testbed.waiting import until

pytestmark = pytest.mark.usefixtures("short_prompts")


async def has_phase(daemon: Daemon, callback: str, phase: str) -> None:
    """Wait until a callback is in this phase."""
    seen = ""

    async def look() -> bool:
        nonlocal seen
        seen = (await open_callbacks(daemon)).get(callback, {}).get("phase", "over")
        return bool(seen == phase)

    await until(look, within=10, awaited=f"{callback} {phase}", seen=lambda: seen)


async def test_a_customer_who_calls_the_other_pbx_keeps_the_callback_and_is_not_called_meanwhile(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork, tmp_path: Path
) -> None:
    url = await asyncio.to_thread(database_of_server)
    changes = rules()
    north = await start_daemon({**changes, "store": {"url": url}, "node": "north"})
    callback = await request_callback(north, LIISA)
    async with Bed(tmp_path / "south", spare=the_spare()) as bed:
        await bed.prompts.give(seconds=0.4)
        starter = StartDaemon(bed, tmp_path / "south")
        south = await starter({**changes, "store": {"url": url}, "node": "south"})
        try:
            first = await bed.network.call(LIISA, SUPPORT_NUMBER)
            await first.answered()
            await first.press(",1")
            await until_in_line(bed.pbx, LIISA)
            await has_phase(north, callback, "returned")
            # An agent of the first PBX is free for the callback. Nobody is called while the customer waits there.
            await pbx.log_on("support", "agent1")
            await bed.pbx.log_on("support", "agent1")
            await (await bed.network.agent("agent1").rings()).answer()
            cancelled = await north.fact("callback.cancelled", callback=callback)
            assert (cancelled["by"], cancelled["node"]) == ("caller_returned", "north")
            assert not south.find("callback.accepted")

            await pbx.log_off("support", "agent1")
            again = await request_callback(north, LIISA)
            await first.hang_up()
            await south.fact("call.ended")
            second = await bed.network.call(LIISA, SUPPORT_NUMBER)
            await second.answered()
            await second.press(",1")
            await has_phase(north, again, "returned")
            await second.hang_up()
            await has_phase(north, again, "waiting")
            assert not network.phone(LIISA).calls
            await pbx.log_on("support", "agent1")
            await rings_and_accepts(network, LIISA)
            await north.fact("callback.queued", callback=again, attempt=1)
        finally:
            await south.close()
    assert len(network.phone(LIISA).calls) == 1
    assert len(north.find("callback.dialled")) == 1
