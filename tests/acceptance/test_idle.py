"""What the daemon costs a PBX on which nothing happens: no channel, and no line in its log."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa

from callcentre.telephony.events import PROBE
from tests.acceptance.conftest import StartDaemon
from tests.acceptance.scene import calls_in, figures, has_figure, joined
from tests.cast import MATTI
from tests.testbed.ari import Ari
from tests.testbed.callbacks import NEVER_OPEN, cancel, open_callbacks, request_callback, rules, waits_because
from tests.testbed.daemon import Daemon
from tests.testbed.databases import connected
from tests.testbed.pbx import SUPPORT_NUMBER, Pbx
from tests.testbed.phones import PhoneNetwork
from tests.testbed.waiting import until

pytestmark = pytest.mark.usefixtures("short_prompts")

POLLS = 3
MICROSECONDS = 1_000_000
ON_DUTY = 'callcentre_agents_on_duty{queue="support"}'


class Channels:
    """Every channel that Asterisk has made and hung up from now on."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.live: set[str] = set()

    def take(self, text: str) -> None:
        event: dict[str, Any] = json.loads(text)
        if event["type"] == "ChannelCreated":
            self.made.append(event["channel"]["id"])
            self.live.add(event["channel"]["id"])
        elif event["type"] == "ChannelDestroyed":
            self.live.discard(event["channel"]["id"])

    async def are_gone(self) -> None:
        """Wait until all of them are gone."""

        async def nothing_left() -> bool:
            return not self.live

        await until(nothing_left, within=15, awaited="no channel", seen=lambda: str(self.live))


@pytest_asyncio.fixture(loop_scope="session")
async def channels(pbx: Pbx) -> AsyncIterator[Channels]:
    seen, ari = Channels(), Ari(pbx.ari_url)
    await ari.listen("onlooker", seen.take, everything=True)
    yield seen
    await ari.close()


async def polls_pass(daemon: Daemon, count: int = POLLS) -> None:
    """Wait until the daemon has passed so many times at which it would poll: one in two seconds, each on disk."""

    def tick() -> float:
        with connected(daemon.file.parent) as database:
            at = database.execute(sa.text("select at from pulse")).scalar_one()
        return float(at) / MICROSECONDS

    first = tick()

    async def passed() -> bool:
        return tick() - first >= 2 * count

    await until(passed, within=2 * count + 10, awaited=f"{count} polls", every=0.1)


async def test_with_nobody_on_the_line_no_channel_is_made_and_asterisk_logs_nothing(
    start_daemon: StartDaemon, pbx: Pbx, channels: Channels
) -> None:
    daemon = await start_daemon(rules())
    await pbx.log_on("support", "agent1")
    before = pbx.log.stat().st_size
    await polls_pass(daemon)
    assert channels.made == []
    assert pbx.log.read_bytes()[before:].decode().splitlines() == []


async def test_one_channel_is_kept_while_callbacks_wait_for_an_agent_and_no_longer(
    start_daemon: StartDaemon, pbx: Pbx, channels: Channels, network: PhoneNetwork
) -> None:
    daemon = await start_daemon(rules())
    callback = await request_callback(daemon, MATTI)
    await waits_because(daemon, callback, "no_agent")
    await polls_pass(daemon)
    name = f"{PROBE}.callcentre.1"
    assert sorted(channels.made) == [name, f"{name}-other"]
    # Asterisk ends it when the daemon cannot.
    limit = float((await pbx.ari.get(f"/channels/{name}/variable", variable="TIMEOUT(absolute)"))["value"])
    assert 0 < limit <= 120
    # It is found again after a crash.
    await daemon.kill()
    await daemon.start()
    await waits_because(daemon, callback, "no_agent")
    await polls_pass(daemon)
    assert len(channels.made) == 2
    # The customer is called as soon as somebody is on duty, and nobody needs it any more once that is over.
    await pbx.log_on("support", "agent1")
    phone = await network.phone(MATTI).rings(within=10)
    await phone.reject("busy")
    await daemon.fact("callback.postponed", callback=callback)
    await cancel(daemon, callback)
    await channels.are_gone()
    assert await open_callbacks(daemon) == {}


async def test_no_channel_is_kept_for_callbacks_that_nobody_dials_before_the_opening(
    start_daemon: StartDaemon, channels: Channels
) -> None:
    daemon = await start_daemon(rules(hours=NEVER_OPEN))
    await request_callback(daemon, MATTI)
    await channels.are_gone()
    made = len(channels.made)
    await polls_pass(daemon)
    assert len(channels.made) == made


async def test_a_reading_of_agents_sees_them_as_they_are_and_the_next_needs_no_other_channel(
    start_daemon: StartDaemon, pbx: Pbx, channels: Channels
) -> None:
    daemon = await start_daemon(rules())
    await pbx.log_on("support", "agent1")
    assert (await figures(daemon))[ON_DUTY] == 1
    await pbx.log_on("support", "agent2")
    await has_figure(daemon, ON_DUTY, 2, within=5)
    assert len(channels.made) == 2
    # A daemon that is told to stop leaves none behind.
    await daemon.stop()
    await channels.are_gone()


async def test_the_first_caller_to_an_idle_agent_is_offered_nothing_and_to_one_who_has_left_is(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork, channels: Channels
) -> None:
    daemon = await start_daemon(rules())
    await pbx.log_on("support", "agent1")
    call = await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    assert (await joined(daemon, MATTI))["estimated_wait"] == 0.0
    assert daemon.find("callback.offered") == []
    await call.hang_up()
    await channels.are_gone()
    await pbx.log_off("support", "agent1")
    await polls_pass(daemon, 2)
    await network.call(MATTI, SUPPORT_NUMBER)
    await daemon.fact("callback.offered")
