"""Who is on duty and who is ready, in every state that an agent of a real queue can be in.

The daemon's figures are held against app_queue, which goes by each member's state interface. None of this may leave a
line in Asterisk's log.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.acceptance.conftest import StartDaemon
from tests.acceptance.scene import calls_in, ended, has_figure
from tests.cast import ANNA, MATTI
from tests.testbed.bed import Bed
from tests.testbed.callbacks import request_callback, rules, waits_because
from tests.testbed.daemon import Daemon
from tests.testbed.pbx import SUPPORT_NUMBER, Pbx, queues_conf
from tests.testbed.phones import PhoneNetwork

UNGREETED = {"services": {"support": {"welcome": None}}}
DIALPLAN = """
[from-queue]
exten => _X.,1,Dial(PJSIP/agent${EXTEN:-1})
exten => _*X.,1,Dial(PJSIP/agent1)
exten => talk,1,Wait(60)

[ext-local]
exten => 201,hint,PJSIP/agent1&Custom:DND201
exten => 202,hint,PJSIP/agent2&Custom:DND202
exten => 203,hint,PJSIP/nobody
"""
CUSTOM = ("Custom:cecilia", "Custom:DND201", "Custom:DND202")


class Log:
    """What Asterisk warns of from now on."""

    def __init__(self, pbx: Pbx) -> None:
        self._log = pbx.log
        self._from = pbx.log.stat().st_size

    def warnings(self) -> list[str]:
        text = self._log.read_bytes()[self._from :].decode(errors="replace")
        return [line for line in text.splitlines() if "WARNING[" in line or "ERROR[" in line]


@pytest_asyncio.fixture(loop_scope="session")
async def daemon(start_daemon: StartDaemon, bed: Bed, pbx: Pbx) -> AsyncIterator[Daemon]:
    for device in CUSTOM:
        await pbx.device_state(device, "NOT_INUSE")
    running = await start_daemon(UNGREETED)
    await bed.install(running.file, more=DIALPLAN)
    log = Log(pbx)
    yield running
    assert log.warnings() == []


async def are(daemon: Daemon, *, on_duty: int, ready: int) -> None:
    """Wait until the daemon counts so many agents."""
    await has_figure(daemon, 'callcentre_agents_ready{queue="support"}', ready)
    await has_figure(daemon, 'callcentre_agents_on_duty{queue="support"}', on_duty)


async def test_a_state_interface_says_whether_a_member_can_be_reached(daemon: Daemon, pbx: Pbx) -> None:
    await pbx.add_member("support", "Local/agent3@agents/n", name="Cecilia", state_interface="Custom:cecilia")
    for state, on_duty, ready in (
        ("NOT_INUSE", 1, 1), ("UNAVAILABLE", 0, 0), ("INUSE", 1, 0), ("BUSY", 1, 0), ("INVALID", 0, 0),
        ("RINGING", 1, 0),
    ):  # fmt: skip
        await pbx.device_state("Custom:cecilia", state)
        await are(daemon, on_duty=on_duty, ready=ready)


async def test_no_customer_is_rung_while_the_only_agent_cannot_be_reached(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork
) -> None:
    daemon = await start_daemon(rules())
    await pbx.add_member("support", "Local/agent3@agents/n", name="Cecilia", state_interface="Custom:cecilia")
    await pbx.device_state("Custom:cecilia", "UNAVAILABLE")
    callback = await request_callback(daemon, MATTI)
    await are(daemon, on_duty=0, ready=0)
    await waits_because(daemon, callback, "no_agent")
    assert not daemon.find("callback.dialled", callback=callback)
    await pbx.device_state("Custom:cecilia", "NOT_INUSE")
    await network.phone(MATTI).rings(within=10)
    assert len(daemon.find("callback.dialled", callback=callback)) == 1


async def test_hints_do_not_disturb_and_wrong_extensions(daemon: Daemon, pbx: Pbx) -> None:
    """Members as FreePBX makes them: a Local channel to the queue's own dialplan, and the hint of the extension."""
    for extension in ("201", "202", "203"):
        await pbx.add_member(
            "support", f"Local/{extension}@from-queue/n", name=extension, state_interface=f"hint:{extension}@ext-local"
        )
    # 203 has no phone.
    await are(daemon, on_duty=2, ready=2)
    await pbx.device_state("Custom:DND201", "INUSE")
    await are(daemon, on_duty=2, ready=1)
    # Paused and busy at once: only the hint of 203 tells that its phone is not there, since a Local channel always is.
    await pbx.pause_member("support", "Local/202@from-queue/n")
    await are(daemon, on_duty=1, ready=0)


async def test_an_agent_on_an_ordinary_call_is_on_duty_and_not_ready(
    daemon: Daemon, pbx: Pbx, network: PhoneNetwork
) -> None:
    await pbx.log_on("support", "agent1")
    await pbx.log_on("support", "agent2")
    await are(daemon, on_duty=2, ready=2)
    await pbx.ari.post("/channels", endpoint=ANNA, context="from-queue", extension="talk", priority=1)
    call = await network.agent("agent1").rings()
    await are(daemon, on_duty=2, ready=1)
    await call.answer()
    await are(daemon, on_duty=2, ready=1)
    await pbx.pause("support", "agent2")
    await are(daemon, on_duty=1, ready=0)
    await call.hang_up()
    await are(daemon, on_duty=1, ready=1)


async def test_an_agent_in_wrap_up_time_is_on_duty_and_not_ready(
    daemon: Daemon, pbx: Pbx, network: PhoneNetwork, bed: Bed
) -> None:
    await pbx.write_queues(queues_conf(support={"wrapuptime": "40"}))
    await bed.install(daemon.file, more=DIALPLAN)
    await pbx.log_on("support", "agent1")
    await are(daemon, on_duty=1, ready=1)
    await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    talk = await network.agent("agent1").rings()
    await talk.answer()
    await daemon.fact("queue.answered")
    await are(daemon, on_duty=1, ready=0)
    await talk.hang_up()
    await ended(daemon, MATTI)
    # Asterisk has no channel any more: the device itself is not in use.
    await pbx.is_silent()
    await are(daemon, on_duty=1, ready=0)


@pytest.mark.parametrize("interface", ["Local/0401112291#@from-queue/n", "Local/*451@from-queue/n"])
async def test_an_interface_with_any_sign_that_may_be_dialled_counts(daemon: Daemon, pbx: Pbx, interface: str) -> None:
    await pbx.cli(f"queue add member {interface} to support")
    await pbx.log_on("support", "agent2")
    await are(daemon, on_duty=2, ready=2)
    await pbx.cli(f"queue pause member {interface} queue support")
    await are(daemon, on_duty=1, ready=1)


async def test_a_phone_that_is_not_registered_is_not_on_duty(daemon: Daemon, pbx: Pbx) -> None:
    for agent in ("agent1", "agent2", "ghost"):
        await pbx.log_on("support", agent)
    await are(daemon, on_duty=2, ready=2)
    await pbx.pause("support", "agent1")
    await are(daemon, on_duty=1, ready=1)
    await pbx.pause("support", "ghost")
    await are(daemon, on_duty=1, ready=1)
