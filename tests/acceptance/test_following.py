"""One person is one call: Local channels that optimise away, transfers and consultations, on the real Asterisk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from tests.acceptance.conftest import StartDaemon
from tests.acceptance.scene import SALES, ended, has_figure, has_stored, joined, masked, reported, together
from tests.cast import ANNA, BO, LIISA, MATTI
from tests.testbed.bed import Bed
from tests.testbed.daemon import Daemon
from tests.testbed.pbx import Pbx
from tests.testbed.phones import Call, PhoneNetwork
from tests.testbed.waiting import until

pytestmark = pytest.mark.usefixtures("short_prompts")

LOCAL, RECEPTION = "+358912340400", "+358912340200"
DIALPLAN = f"""
exten => {LOCAL},1,Dial(Local/400@from-internal)
exten => 400,1,Set(__TRANSFER_CONTEXT=from-internal)
 same => n,Goto(from-internal,400,1)
exten => 401,1,Goto(from-internal,401,1)
exten => {RECEPTION},1,Set(__TRANSFER_CONTEXT=from-internal)
 same => n,Dial(PJSIP/agent1,,tT)

[from-internal]
exten => 400,1,Answer()
 same => n,Queue(support,tT)
exten => 401,1,Answer()
 same => n,Queue(sales,tT)
exten => _age[n]tX,1,Dial(PJSIP/${{EXTEN}},,tT)
exten => _+X.,1,Dial(PJSIP/${{EXTEN}}@trunk)

[agents](+)
exten => 400,1,Goto(from-internal,400,1)
exten => 401,1,Goto(from-internal,401,1)
"""


def two_queues(**more: Any) -> dict[str, Any]:
    """Support and sales, each behind a queue; nobody is greeted."""
    quiet = {"welcome": None, "callback": None, "notify": None, "survey": None, **more}
    return together(SALES, {"services": {"support": quiet, "sales": quiet}})


TRANSFERRED = [
    "queue.joined", "queue.answered", "queue.left answered", "queue.joined", "queue.answered", "queue.left answered",
    "call.ended",
]  # fmt: skip
"""The facts of a caller whom two agents served one after the other."""

SERVED = ["queue.joined", "queue.answered", "queue.left answered", "call.ended"]


@pytest_asyncio.fixture(loop_scope="session")
async def daemon(start_daemon: StartDaemon, bed: Bed) -> Daemon:
    daemon = await start_daemon(two_queues())
    await bed.install(daemon.file, more=DIALPLAN)
    return daemon


async def in_queue(pbx: Pbx, interface: str, queue: str) -> None:
    """Make a member of a queue whatever its interface is."""
    answer = await pbx.cli(f"queue add member {interface} to {queue}")
    assert "Added" in answer, answer


async def talks(network: PhoneNetwork, pbx: Pbx, number: str = "400") -> tuple[Call, Call]:
    """A caller of support and the agent who answered: agent1."""
    if "agent1" not in await pbx.cli("queue show support"):
        await pbx.log_on("support", "agent1")
    call = await network.call(MATTI, number)
    agent = await network.agent("agent1").rings()
    await agent.answer()
    return call, agent


# --- Local channels that optimise away -------------------------------------------------------------


async def gone(pbx: Pbx, name: str) -> None:
    """Wait until no channel of this name is left."""
    seen: list[str] = []

    async def look() -> bool:
        seen[:] = [one["name"] for one in await pbx.ari.get("/channels") if name in one["name"]]
        return not seen

    await until(look, within=5, awaited=f"no channel {name}", seen=lambda: ", ".join(seen))


@pytest.mark.parametrize("hangs_up", ["caller", "agent"])
@pytest.mark.parametrize("restart", [False, True], ids=["", "restart"])
async def test_a_call_goes_on_when_the_local_channel_to_the_caller_optimises_away(
    daemon: Daemon, network: PhoneNetwork, pbx: Pbx, hangs_up: str, restart: bool
) -> None:
    call, agent = await talks(network, pbx, LOCAL)
    answered = await daemon.fact("queue.answered", number=masked(MATTI))
    await gone(pbx, "Local/")
    if restart:
        await daemon.restart()
    await has_figure(daemon, "callcentre_talking", 1)
    assert not daemon.find("call.ended")
    await (call if hangs_up == "caller" else agent).hang_up()
    end = await ended(daemon, MATTI)
    assert end["call"] == answered["call"]
    assert end["agent"] == ANNA
    assert end["talk"] > 0
    assert reported(daemon, MATTI) == SERVED
    await has_figure(daemon, "callcentre_talking", 0)


async def test_a_local_channel_that_optimises_away_while_we_are_away_is_followed(
    daemon: Daemon, network: PhoneNetwork, pbx: Pbx
) -> None:
    await pbx.log_on("support", "agent1")
    call = await network.call(MATTI, LOCAL)
    agent = await network.agent("agent1").rings()
    await joined(daemon, MATTI)
    await daemon.kill()
    await agent.answer()
    await gone(pbx, "Local/")
    await daemon.start()
    await has_figure(daemon, "callcentre_talking", 1)
    await call.hang_up()
    end = await ended(daemon, MATTI)
    assert end["agent"] == ANNA
    assert reported(daemon, MATTI) == SERVED


# --- transfers into another queue ------------------------------------------------------------------


async def answers(network: PhoneNetwork, agent: str = "agent2") -> Call:
    ringing = await network.agent(agent).rings()
    await ringing.answer()
    return ringing


@dataclass
class Scene:
    """A caller on the line with agent1; `call_again` is what agent1's phone consults with."""

    network: PhoneNetwork
    pbx: Pbx
    agent: Call

    async def second_call(self) -> Call:
        """The agent's phone calls sales while the caller is on hold."""
        return await self.network.call("agent1", "401")


async def blind(scene: Scene) -> Call:
    await scene.agent.transfer("401")
    await scene.pbx.log_on("sales", "agent2")
    return await answers(scene.network)


async def blind_by_code(scene: Scene) -> Call:
    await scene.agent.press("#1,401")
    await scene.pbx.log_on("sales", "agent2")
    return await answers(scene.network)


async def attended_by_code_while_waiting(scene: Scene) -> Call:
    await scene.agent.press("*2,401")
    await scene.pbx.has_waiting("sales", 1)
    await scene.agent.hang_up()
    await scene.agent.ended()
    await scene.pbx.log_on("sales", "agent2")
    return await answers(scene.network)


async def attended_by_code_once_answered(scene: Scene) -> Call:
    await scene.pbx.log_on("sales", "agent2")
    await scene.agent.press("*2,401")
    other = await answers(scene.network)
    await scene.agent.hang_up()
    return other


async def attended_by_phone_while_waiting(scene: Scene) -> Call:
    second = await scene.second_call()
    await scene.pbx.has_waiting("sales", 1)
    await scene.agent.transfer_to(second, "401")
    await second.ended()
    await scene.pbx.log_on("sales", "agent2")
    return await answers(scene.network)


async def attended_by_phone_once_answered(scene: Scene) -> Call:
    await scene.pbx.log_on("sales", "agent2")
    second = await scene.second_call()
    other = await answers(scene.network)
    await scene.agent.transfer_to(second, "401")
    return other


Way = Callable[[Scene], Awaitable[Call]]
BLIND: tuple[Way, ...] = (blind, blind_by_code)
ATTENDED: tuple[Way, ...] = (
    attended_by_code_while_waiting, attended_by_code_once_answered, attended_by_phone_while_waiting,
    attended_by_phone_once_answered,
)  # fmt: skip


def named(ways: Iterable[Way]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("way", ways, ids=lambda way: way.__name__)


@named((*BLIND, *ATTENDED))
@pytest.mark.parametrize("member", ["PJSIP/agent1", "Local/agent1@from-internal/n", "Local/agent1@from-internal"])
async def test_a_caller_who_is_transferred_into_another_queue_is_one_call_with_two_visits(
    daemon: Daemon, network: PhoneNetwork, pbx: Pbx, way: Way, member: str
) -> None:
    await in_queue(pbx, member, "support")
    call, agent = await talks(network, pbx)
    first = await daemon.fact("queue.answered", number=masked(MATTI))
    other = await way(Scene(network, pbx, agent))
    second = await daemon.fact("queue.answered", number=masked(MATTI), queue="sales")
    assert (first["queue"], second["agent"]) == ("support", BO)
    assert other.is_up
    await has_figure(daemon, "callcentre_talking", 1)
    await call.hang_up()
    end = await ended(daemon, MATTI)
    assert (end["queue"], end["agent"]) == ("sales", BO)
    assert reported(daemon, MATTI) == TRANSFERRED
    assert {fact["call"] for fact in daemon.facts if "call" in fact} == {first["call"]}
    await pbx.is_silent()
    await has_figure(daemon, "callcentre_talking", 0)
    await has_figure(daemon, 'callcentre_waiting{queue="sales"}', 0)


async def while_away_and_waiting(scene: Scene, daemon: Daemon) -> None:
    second = await scene.second_call()
    await has_stored(daemon, "waiting", 1)
    await daemon.kill()
    await scene.agent.transfer_to(second, "401")
    await second.ended()
    await daemon.start()
    await daemon.fact("queue.joined", number=masked(MATTI), queue="sales")
    await scene.pbx.log_on("sales", "agent2")
    await answers(scene.network)


async def while_away_and_answered(scene: Scene, daemon: Daemon) -> None:
    await scene.pbx.log_on("sales", "agent2")
    second = await scene.second_call()
    await answers(scene.network)
    await has_stored(daemon, "talking", 2)
    await daemon.kill()
    await scene.agent.transfer_to(second, "401")
    await second.ended()
    await daemon.start()


async def by_code_while_away(scene: Scene, daemon: Daemon) -> None:
    await scene.agent.press("*2,401")
    await has_stored(daemon, "waiting", 1)
    await daemon.kill()
    await scene.agent.hang_up()
    await scene.agent.ended()
    await daemon.start()
    await daemon.fact("queue.joined", number=masked(MATTI), queue="sales")
    await scene.pbx.log_on("sales", "agent2")
    await answers(scene.network)


async def in_the_consultation(scene: Scene, daemon: Daemon) -> None:
    await scene.agent.press("*2,401")
    await has_figure(daemon, 'callcentre_waiting{queue="sales"}', 1)
    await daemon.restart()
    await scene.agent.hang_up()
    await scene.agent.ended()
    await scene.pbx.log_on("sales", "agent2")
    await answers(scene.network)


async def after_the_transfer(scene: Scene, daemon: Daemon) -> None:
    await attended_by_phone_once_answered(scene)
    await daemon.fact("queue.answered", queue="sales")
    await daemon.restart()


@pytest.mark.parametrize(
    "way",
    [while_away_and_waiting, while_away_and_answered, by_code_while_away, in_the_consultation, after_the_transfer],
)
async def test_a_transfer_survives_a_restart(
    daemon: Daemon, network: PhoneNetwork, pbx: Pbx, way: Callable[[Scene, Daemon], Awaitable[None]]
) -> None:
    await pbx.log_on("support", "agent1")
    call, agent = await talks(network, pbx)
    await daemon.fact("queue.answered", number=masked(MATTI))
    await way(Scene(network, pbx, agent), daemon)
    await daemon.fact("queue.answered", number=masked(MATTI), queue="sales")
    await call.hang_up()
    await ended(daemon, MATTI)
    assert reported(daemon, MATTI) == TRANSFERRED
    assert len({fact["call"] for fact in daemon.facts if "call" in fact}) == 1


@named(ATTENDED)
async def test_a_caller_whom_the_receptionist_transfers_is_the_one_who_joined(
    daemon: Daemon, network: PhoneNetwork, pbx: Pbx, way: Way
) -> None:
    call = await network.call(MATTI, RECEPTION)
    receptionist = await network.agent("agent1").rings()
    await receptionist.answer()
    await way(Scene(network, pbx, receptionist))
    answered = await daemon.fact("queue.answered", number=masked(MATTI), queue="sales")
    await call.hang_up()
    end = await ended(daemon, MATTI)
    assert end["call"] == answered["call"]
    assert reported(daemon, MATTI) == SERVED
    assert {fact.get("number") for fact in daemon.facts if "call" in fact} == {masked(MATTI)}


async def gives_up_by_code(scene: Scene) -> None:
    await scene.agent.press("*2,401")
    await scene.pbx.has_waiting("sales", 1)
    await scene.agent.press("*1")


async def gives_up_by_phone(scene: Scene) -> None:
    second = await scene.second_call()
    await scene.pbx.has_waiting("sales", 1)
    await second.hang_up()


async def gives_up_after_talking(scene: Scene) -> None:
    await scene.pbx.log_on("sales", "agent2")
    second = await scene.second_call()
    await answers(scene.network)
    await second.hang_up()


@pytest.mark.parametrize("way", [gives_up_by_code, gives_up_by_phone, gives_up_after_talking])
async def test_a_consultation_that_is_given_up_is_no_visit(
    daemon: Daemon, network: PhoneNetwork, pbx: Pbx, way: Callable[[Scene], Awaitable[None]]
) -> None:
    await pbx.log_on("support", "agent1")
    call, agent = await talks(network, pbx)
    await daemon.fact("queue.answered", number=masked(MATTI))
    await way(Scene(network, pbx, agent))
    await pbx.has_waiting("sales", 0)
    await has_figure(daemon, 'callcentre_waiting{queue="sales"}', 0)
    await call.hang_up()
    await ended(daemon, MATTI)
    assert reported(daemon, MATTI) == SERVED
    assert {fact["queue"] for fact in daemon.facts if "queue" in fact} == {"support"}


async def test_a_consultation_takes_a_place_in_the_queue(daemon: Daemon, network: PhoneNetwork, pbx: Pbx) -> None:
    await pbx.log_on("support", "agent1")
    _, agent = await talks(network, pbx)
    await Scene(network, pbx, agent).second_call()
    await has_figure(daemon, 'callcentre_waiting{queue="sales"}', 1)
    await network.call(LIISA, "401")
    assert (await daemon.fact("queue.joined", number=masked(LIISA)))["position"] == 2
