"""Alarms about the queues: agents whose phones cannot ring."""

from __future__ import annotations

from tests.acceptance.conftest import StartDaemon
from tests.acceptance.scene import calls_in, has_figure
from tests.cast import MATTI
from tests.testbed.bed import Bed
from tests.testbed.pbx import SUPPORT_NUMBER, Pbx, queues_conf
from tests.testbed.phones import PhoneNetwork

GUARD = """
[guarded]
exten => _X.,1,GotoIf($["${NODEST}" = ""]?hangup)
 same => n,Dial(PJSIP/agent1)
 same => n(hangup),Hangup()
"""
"""As FreePBX's from-queue: agents are dialled only for callers who came through a dialplan that sets NODEST."""


async def test_agents_behind_a_guard_raise_an_alarm_and_one_who_rings_clears_it(
    start_daemon: StartDaemon, bed: Bed, network: PhoneNetwork, pbx: Pbx
) -> None:
    daemon = await start_daemon()
    await bed.install(daemon.file, more=GUARD)
    # A member whose extension is not there yet is invalid to app_queue, and stays so.
    await pbx.write_queues(queues_conf(support={"member": "Local/1001@guarded/n"}))
    await bed.install(daemon.file, more=GUARD)
    await has_figure(daemon, 'callcentre_agents_ready{queue="support"}', 1)
    caller = await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    raised = await daemon.fact("alarm.raised", within=60)
    assert (raised["reason"], raised["queue"]) == ("nobody_rings_support", "support")
    assert not network.agent("agent1").rung
    await pbx.cli("queue add member Local/agent2@agents/n to support")
    await network.agent("agent2").rings()
    cleared = await daemon.fact("alarm.cleared")
    assert (cleared["reason"], cleared["queue"]) == ("nobody_rings_support", "support")
    await caller.hang_up()
