"""Names and priorities of callers behind a FreePBX: its prefix is for agents, and not for texts."""

from __future__ import annotations

import pytest

from tests.acceptance.conftest import StartDaemon
from tests.acceptance.scene import calls_in, joined, welcome
from tests.cast import LIISA, MATTI
from tests.testbed.bed import FreePbxBed
from tests.testbed.callbacks import open_callbacks, rings_and_accepts, rules
from tests.testbed.freepbx import QUEUE_NUMBER, SUPPORT, FreePbx
from tests.testbed.kannel import Kannel
from tests.testbed.phones import PhoneNetwork

FAST_LANE = "+358912340131"
QUEUE_PRIORITY = f"""
[from-pstn-custom]
exten => {FAST_LANE},1,Set(_QUEUE_PRIO=5)
 same => n,Goto(ext-queues,{SUPPORT},1)
"""


@pytest.mark.parametrize(("name", "said"), [("Matti", "Hei Matti!"), ("", "Hei!")])
async def test_a_text_greets_by_the_name_without_the_prefix_of_the_queue(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel, name: str, said: str
) -> None:
    daemon = await start_daemon(welcome("Hei{{ ' ' + name if name else '' }}!"))
    await calls_in(network, daemon, MATTI, QUEUE_NUMBER, name=name)
    assert (await kannel.phone(MATTI).receives()).body == said


@pytest.mark.usefixtures("short_prompts")
async def test_a_customer_who_is_called_back_is_shown_to_the_agent_as_at_first_and_has_the_priority(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: FreePbx, bed: FreePbxBed
) -> None:
    daemon = await start_daemon(rules())
    await bed.install(daemon.file, more=QUEUE_PRIORITY)
    waiting = await calls_in(network, daemon, LIISA, QUEUE_NUMBER)
    call = await calls_in(network, daemon, MATTI, FAST_LANE, name="Matti")
    assert (await joined(daemon, MATTI))["position"] == 1
    await call.press("*")
    await daemon.fact("callback.offered")
    await call.press("1")
    taken = await daemon.fact("callback.accepted")
    await call.ended()
    assert (await open_callbacks(daemon))[taken["callback"]]["place"] == 1
    await pbx.log_on(SUPPORT, "1001")
    # The agent rings for whoever waits on the line, and is busy with that while the other is called.
    ring = await network.agent("1001").rings()
    assert (ring.caller_number, ring.caller_name) == (LIISA, f"Tuki:{LIISA}")
    await rings_and_accepts(network, MATTI)
    await daemon.fact("callback.queued", callback=taken["callback"])
    await waiting.hang_up()
    ring = await network.agent("1001").rings()
    assert (ring.caller_number, ring.caller_name) == (MATTI, "Tuki:Matti")
