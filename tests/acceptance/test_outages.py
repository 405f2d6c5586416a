"""The daemon, its wire to Asterisk, Asterisk itself or the gateway goes away and comes back, in the middle of calls.

Afterwards the view is right, what happened meanwhile is told, and nobody is greeted twice or not at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.acceptance.conftest import StartDaemon
from tests.acceptance.scene import (
    calls_in,
    check_numbering,
    complains,
    ended,
    has_figure,
    joined,
    masked,
    reported,
    together,
    view_is_right,
    welcome,
)
from tests.cast import AINO, BO, KALLE, LIISA, MATTI, PEKKA
from tests.testbed.ari import Recorder
from tests.testbed.bed import Bed
from tests.testbed.callbacks import offered, rules
from tests.testbed.configuration import TOKEN
from tests.testbed.daemon import Daemon
from tests.testbed.kannel import Kannel
from tests.testbed.pbx import PLAIN_SUPPORT_NUMBER, SUPPORT_NUMBER, Pbx
from tests.testbed.phones import Call, PhoneNetwork
from tests.testbed.wire import Wire

WAITING = 'callcentre_waiting{queue="support"}'
EVERYBODY = (MATTI, LIISA, PEKKA, AINO, KALLE)


class Scene:
    """Five callers through an outage of the daemon or of its wire.

    Before: Matti talks with agent1, Liisa and Pekka wait. Meanwhile: Pekka hangs up, Aino joins and is taken by agent2
    before Liisa could be, who hung up as well; Kalle joins. Afterwards all end.
    """

    def __init__(self, daemon: Daemon, network: PhoneNetwork, pbx: Pbx, kannel: Kannel) -> None:
        self.daemon, self.network, self.pbx, self.kannel = daemon, network, pbx, kannel
        self.calls: dict[str, Call] = {}

    async def before(self) -> None:
        daemon, network = self.daemon, self.network
        for number in (MATTI, LIISA, PEKKA):
            self.calls[number] = await calls_in(network, daemon, number, SUPPORT_NUMBER)
            await self.kannel.phone(number).receives()
            await daemon.fact("sms.accepted", number=masked(number))
        network.agent("agent1").behaviour = "answer"
        await self.pbx.log_on("support", "agent1", name="Anna")
        await daemon.fact("queue.answered", number=masked(MATTI))
        await has_figure(daemon, WAITING, 2)

    async def meanwhile(self) -> None:
        network, pbx = self.network, self.pbx
        await self.calls[PEKKA].hang_up()
        await pbx.has_waiting("support", 1)
        self.calls[AINO] = await network.call(AINO, PLAIN_SUPPORT_NUMBER)
        await pbx.has_waiting("support", 2)
        network.agent("agent2").behaviour = "answer"
        await pbx.log_on("support", "agent2", name="Bo")
        await pbx.has_waiting("support", 1)
        self.calls[KALLE] = await network.call(KALLE, PLAIN_SUPPORT_NUMBER)
        await pbx.has_waiting("support", 2)

    async def afterwards(self, *, pekka_left: str) -> None:
        """Liisa was taken by agent2 meanwhile; Aino and Kalle, who joined meanwhile, wait at places 1 and 2."""
        daemon = self.daemon
        await daemon.ready()
        await ended(daemon, PEKKA)
        answered = await daemon.fact("queue.answered", number=masked(LIISA))
        assert (answered["agent"], answered["agent_name"]) == (BO, "Bo")
        for number in (AINO, KALLE):
            await joined(daemon, number)
            assert (await self.kannel.phone(number).receives()).body == "Tervetuloa"
        await has_figure(daemon, WAITING, 2)
        await has_figure(daemon, "callcentre_talking", 2)
        await view_is_right(daemon, self.pbx)
        last = await calls_in(self.network, daemon, "+358401112206", SUPPORT_NUMBER)
        assert (await joined(daemon, "+358401112206"))["position"] == 3
        await last.hang_up()
        for number, call in self.calls.items():
            await call.hang_up()
            await ended(daemon, number)
        assert (await ended(daemon, MATTI))["talk"] > 0
        assert (await ended(daemon, LIISA))["talk"] > 0
        await has_figure(daemon, WAITING, 0)
        greeted = ["queue.joined", "sms.queued"]
        talked = ["queue.answered", "queue.left answered", "call.ended"]
        for number, expected in {
            MATTI: [*greeted, *talked],
            LIISA: [*greeted, *talked],
            PEKKA: [*greeted, f"queue.left {pekka_left}", "call.ended"],
            AINO: [*greeted, "queue.left abandoned", "call.ended"],
            KALLE: [*greeted, "queue.left abandoned", "call.ended"],
        }.items():
            of_the_text = ("sms.accepted", "sms.delivered")
            assert [fact for fact in reported(daemon, number) if fact not in of_the_text] == expected
        texts = Counter(text.number for text in self.kannel.texts)
        assert all(texts[number] == 1 for number in EVERYBODY)


async def test_a_daemon_killed_in_the_middle_of_calls_takes_them_up_again(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx, kannel: Kannel
) -> None:
    daemon = await start_daemon(welcome())
    scene = Scene(daemon, network, pbx, kannel)
    await scene.before()
    await daemon.kill()
    await scene.meanwhile()
    await daemon.start()
    await scene.afterwards(pekka_left="unknown")
    check_numbering(daemon, killed=True)


async def test_a_daemon_frozen_in_the_middle_of_calls_takes_them_up_again(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx, kannel: Kannel
) -> None:
    daemon = await start_daemon(welcome())
    scene = Scene(daemon, network, pbx, kannel)
    await scene.before()
    daemon.freeze()
    await scene.meanwhile()
    daemon.thaw()
    # Asterisk kept the events for it: nothing was missed.
    await scene.afterwards(pekka_left="abandoned")
    check_numbering(daemon)


@pytest_asyncio.fixture(loop_scope="session")
async def wire(bed: Bed) -> AsyncIterator[Wire]:
    async with Wire(bed.pbx.http_port).laid() as wire:
        yield wire


async def test_a_cut_wire_to_asterisk_in_the_middle_of_calls_costs_nothing(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx, kannel: Kannel, wire: Wire
) -> None:
    daemon = await start_daemon(together(welcome(), {"ari": {"url": f"http://127.0.0.1:{wire.port}/ari"}}))
    scene = Scene(daemon, network, pbx, kannel)
    await scene.before()
    wire.cut()
    await daemon.unready()
    assert "not connected to Asterisk" in (await daemon.health(TOKEN))[1]
    await scene.meanwhile()
    wire.repair()
    await scene.afterwards(pekka_left="unknown")
    check_numbering(daemon)


@pytest.mark.fault("Asterisk: killed")
async def test_an_asterisk_killed_and_started_again_takes_its_calls_with_it_and_new_ones_work(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx, kannel: Kannel
) -> None:
    daemon = await start_daemon(welcome())
    await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    await calls_in(network, daemon, LIISA, SUPPORT_NUMBER)
    network.agent("agent1").behaviour = "answer"
    await pbx.log_on("support", "agent1")
    await daemon.fact("queue.answered", number=masked(MATTI))
    for number in (MATTI, LIISA):
        await kannel.phone(number).receives()
    await pbx.kill()
    await daemon.unready()
    await pbx.start()
    await daemon.ready()
    assert (await ended(daemon, MATTI))["talk"] >= 0
    left = await daemon.fact("queue.left", number=masked(LIISA))
    assert left["reason"] == "unknown"
    assert left["wait"] == (await ended(daemon, LIISA))["wait"]
    await has_figure(daemon, WAITING, 0)
    await has_figure(daemon, "callcentre_talking", 0)
    call = await calls_in(network, daemon, PEKKA, SUPPORT_NUMBER)
    assert (await joined(daemon, PEKKA))["position"] == 1
    await kannel.phone(PEKKA).receives()
    await call.hang_up()
    await ended(daemon, PEKKA)
    assert len(kannel.texts) == 3
    check_numbering(daemon)


@pytest.mark.fault("Gateway: refused")
async def test_texts_await_a_gateway_that_is_away_and_arrive_once_for_those_who_wait_still(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel
) -> None:
    daemon = await start_daemon(welcome())
    await kannel.kill()
    await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    leaving = await calls_in(network, daemon, LIISA, SUPPORT_NUMBER)
    await daemon.fact("sms.queued", count=2)
    await complains(daemon, "sms.not_accepted")
    await leaving.hang_up()
    await daemon.fact("sms.refused", number=masked(LIISA), reason="left")
    # The text lives on disk, not in the process that promised it.
    await daemon.kill()
    await kannel.start()
    await daemon.start()
    assert (await kannel.phone(MATTI).receives(within=15)).body == "Tervetuloa"
    await daemon.fact("sms.delivered", number=masked(MATTI))
    await calls_in(network, daemon, PEKKA, SUPPORT_NUMBER)
    await kannel.phone(PEKKA).receives()
    assert Counter(text.number for text in kannel.texts) == {MATTI: 1, PEKKA: 1}
    assert "call.ended" in reported(daemon, LIISA)
    check_numbering(daemon, killed=True)


async def test_a_customer_who_hears_a_long_prompt_when_the_daemon_is_killed_is_spoken_to_again_before_it_is_over(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork, tmp_path: Path
) -> None:
    daemon = await start_daemon(rules())
    async with Recorder(pbx.ari_url, tmp_path / "events.jsonl") as recorder:
        caller = await offered(daemon, network, MATTI, SUPPORT_NUMBER)
        # Until then a short time limit lets them go.
        await recorder.event("PlaybackStarted")
    await daemon.kill()
    await daemon.start(ready=False)
    # The recordings are as they are, the first of eight seconds.
    await daemon.fact("callback.offered", call=caller.channel, count=2, within=6)
