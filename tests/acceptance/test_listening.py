"""Supervisors listen to conversations, whisper and join: what counts is who hears whom."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

import aiohttp
import pytest_asyncio
from yarl import URL

from tests.acceptance.conftest import StartDaemon
from tests.acceptance.scene import calls_in, ended
from tests.cast import ANNA, MATTI
from tests.testbed.configuration import TOKEN
from tests.testbed.daemon import Daemon
from tests.testbed.pbx import SUPPORT_NUMBER, Pbx
from tests.testbed.phones import Call, PhoneNetwork
from tests.testbed.waiting import until

UNGREETED = {"services": {"support": {"welcome": None}}}
BOSS = "PJSIP/agent3"


@dataclass
class Scene:
    """Matti talks with Anna; the supervisor's phone is agent3."""

    daemon: Daemon
    network: PhoneNetwork
    caller: Call
    agent: Call
    call: str

    async def posts(self, mode: str, phone: str = BOSS) -> int:
        """The supervisor wants to be in the conversation; the status."""
        url = URL(f"{self.daemon.url}/calls/{quote(self.call, safe='')}/{mode}", encoded=True)
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.post(url, data={"phone": phone, "why": "training"}, allow_redirects=False) as answer,
        ):
            return answer.status

    async def is_in(self, mode: str) -> Call:
        """The supervisor is in the conversation; the call to the supervisor's phone."""
        assert await self.posts(mode) == 303
        boss = await self.network.agent("agent3").rings()
        await boss.answer()
        names = {"listen": "call.listened", "whisper": "call.whispered", "join": "call.joined"}
        fact = await self.daemon.fact(names[mode])
        assert (fact["call"], fact["agent"], fact["phone"], fact["user"], fact["why"]) == (
            self.call, ANNA, BOSS, "token", "training",
        )  # fmt: skip
        return boss


@pytest_asyncio.fixture(loop_scope="session")
async def scene(start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx) -> Scene:
    daemon = await start_daemon(UNGREETED)
    caller = await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    await pbx.log_on("support", "agent1", name="Anna")
    agent = await network.agent("agent1").rings()
    await agent.answer()
    answered = await daemon.fact("queue.answered")
    return Scene(daemon, network, caller, agent, answered["call"])


async def hears(listener: Call, speaker: Call) -> bool:
    """Whether one phone hears what another one says."""
    recording = await listener.record()
    await speaker.say(2)
    return bool((await recording.stop()).anything)


async def is_clear(pbx: Pbx) -> None:
    """Wait until neither a channel nor a bridge is left."""
    await pbx.is_silent(within=10)

    async def look() -> bool:
        return not await pbx.ari.get("/bridges")

    await until(look, within=5, awaited="the PBX without a bridge", seen=lambda: "a bridge is left")


async def test_who_listens_hears_both_and_is_heard_by_nobody(scene: Scene) -> None:
    boss = await scene.is_in("listen")
    assert await hears(boss, scene.caller)
    assert await hears(boss, scene.agent)
    assert not await hears(scene.agent, boss)
    assert not await hears(scene.caller, boss)
    assert await hears(scene.agent, scene.caller), "the conversation goes on"


async def test_who_whispers_is_heard_by_the_agent_alone(scene: Scene) -> None:
    boss = await scene.is_in("whisper")
    assert await hears(boss, scene.caller)
    assert await hears(scene.agent, boss)
    assert not await hears(scene.caller, boss)


async def test_who_joins_is_heard_by_both(scene: Scene) -> None:
    boss = await scene.is_in("join")
    assert await hears(boss, scene.caller)
    assert await hears(scene.agent, boss)
    assert await hears(scene.caller, boss)


async def test_the_supervisor_leaves_with_the_conversation(scene: Scene, pbx: Pbx) -> None:
    boss = await scene.is_in("listen")
    await scene.caller.hang_up()
    await ended(scene.daemon, MATTI)
    await boss.ended(within=10)
    await is_clear(pbx)


async def test_a_supervisor_who_hangs_up_ends_nothing_else(scene: Scene, pbx: Pbx) -> None:
    boss = await scene.is_in("listen")
    await boss.hang_up()
    await scene.caller.press("1")
    assert await hears(scene.agent, scene.caller)
    assert scene.agent.is_up
    await scene.caller.hang_up()
    await is_clear(pbx)


async def test_nothing_is_left_after_a_kill(scene: Scene, pbx: Pbx) -> None:
    boss = await scene.is_in("listen")
    await scene.daemon.kill()
    assert scene.agent.is_up
    await scene.daemon.restart()
    await boss.ended(within=15)
    assert scene.agent.is_up
    assert await hears(scene.agent, scene.caller), "the conversation outlasts it"
    await scene.caller.hang_up()
    await is_clear(pbx)


async def test_a_dead_daemon_keeps_no_supervisor_on_the_line(scene: Scene, pbx: Pbx) -> None:
    boss = await scene.is_in("listen")
    await scene.daemon.kill()
    await boss.ended(within=60)
    await scene.caller.hang_up()
    await pbx.is_silent(within=10)


async def test_only_a_phone_that_asterisk_knows_is_rung(scene: Scene) -> None:
    for phone in ("PJSIP/nobody", "PJSIP/+358401112222@trunk", "Local/+358401112222@agents", "agent3"):
        await scene.posts("listen", phone)
    assert not scene.daemon.find("call.listened")
    assert not scene.network.agent("agent3").rung
