"""`callcentre install asterisk` into a real Asterisk: what it writes is in force, and calls go through it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from callcentre.cli.dialplan import NOTHING_PRINTED
from tests.acceptance.conftest import ONLY_THE_QUEUE
from tests.acceptance.scene import SALES, Installing, calls_in, joined
from tests.cast import LIISA, MATTI
from tests.testbed.bed import Bed
from tests.testbed.configuration import merged
from tests.testbed.daemon import Daemon
from tests.testbed.pbx import PLAIN_SALES_NUMBER, SUPPORT_NUMBER, Pbx, extensions_conf, queues_conf
from tests.testbed.phones import PhoneNetwork
from tests.testbed.waiting import until

UNGREETED = merged(ONLY_THE_QUEUE, {"services": {"support": {"welcome": None}}})

OWN = """
[own-exit]
exten => 5,1,Set(GLOBAL(CAME_OUT)=${CALLERID(num)})
 same => n,Hangup()
"""


@pytest_asyncio.fixture(loop_scope="session")
async def installing(bed: Bed, pbx: Pbx, tmp_path: Path) -> AsyncIterator[Installing]:
    """A PBX of somebody who has an exit context already and no prompts, and the commands for it."""
    bed.prompts.take()
    await pbx.write_extensions(extensions_conf(OWN))
    await pbx.write_queues(queues_conf(support={"context": "own-exit"}))
    yield Installing(pbx, tmp_path)
    bed.prompts.take()
    for file in pbx.etc.glob("callcentre*.conf"):
        file.unlink()


@pytest_asyncio.fixture(loop_scope="session")
async def daemon(bed: Bed, tmp_path: Path) -> AsyncIterator[Daemon]:
    """Configured, and not started."""
    made = bed.configure(tmp_path / "config.yaml", UNGREETED)
    yield made
    await made.close()


async def test_calls_go_through_what_was_installed_and_the_keys_of_before_stay(
    installing: Installing, daemon: Daemon, pbx: Pbx, network: PhoneNetwork
) -> None:
    before = {file.name: file.read_bytes() for file in pbx.etc.iterdir()}
    said = await installing.install("asterisk", daemon.file)
    assert said.code == 0, said.errors
    for command in ("dialplan reload", "queue reload all", "module reload sounds"):
        assert f'asterisk -rx "{command}": done' in said.output
    assert "exit context own-exit" in said.output
    assert "ok    dialplan for service support" in said.output
    assert "ok    sounds in fi" in said.output

    await daemon.start()
    await pbx.log_on("support", "agent1", name="Anna")
    network.agent("agent1").behaviour = "busy"
    matti, liisa = [await calls_in(network, daemon, who, SUPPORT_NUMBER) for who in (MATTI, LIISA)]
    await matti.press("*")
    await joined(daemon, MATTI, count=2)
    await liisa.press("5")
    await liisa.ended()
    assert (await pbx.ari.get("/asterisk/variable", variable="CAME_OUT"))["value"] == LIISA
    network.agent("agent1").behaviour = "answer"
    assert (await daemon.fact("queue.answered"))["agent_name"] == "Anna"
    await matti.hang_up()

    again = await installing.install("asterisk", daemon.file)
    assert "nothing to write" in again.output
    assert (await installing.uninstall()).code == 0
    assert {file.name: file.read_bytes() for file in pbx.etc.iterdir()} == before
    assert "no existence of 'callcentre-queue'" in await pbx.cli("dialplan show callcentre-queue")
    assert not list(pbx.sounds.iterdir())


async def test_a_queue_that_is_deleted_later_takes_no_other_queue_with_it(
    bed: Bed, installing: Installing, daemon: Daemon, pbx: Pbx, network: PhoneNetwork
) -> None:
    bed.configure(daemon.file, merged(UNGREETED, SALES))
    assert (await installing.install("asterisk", daemon.file)).code == 0
    before = pbx.log.stat().st_size
    await pbx.write_queues((pbx.etc / "queues.conf").read_text().replace("[support]", "[other]"))
    shown = await pbx.cli("queue show")
    assert "other has 0 calls" in shown
    assert "support has" not in shown
    assert "Category addition requested" not in pbx.log.read_text()[before:]
    # The lines of sales come after those of support: its exit key is ours.
    call = await network.call(MATTI, PLAIN_SALES_NUMBER)
    await pbx.has_waiting("sales", 1)
    await call.press("*")

    async def came_to_ours() -> bool:
        places = [channel["dialplan"]["context"] for channel in await pbx.ari.get("/channels")]
        return "callcentre-exit-sales" in places

    await until(came_to_ours, within=5, awaited="the caller in callcentre-exit-sales")


@pytest.mark.parametrize(("file", "reload"), [
    ("callcentre.conf", "dialplan reload"), ("callcentre-queues.conf", "queue reload all"),
])  # fmt: skip
async def test_asterisk_warns_of_what_a_pipe_gets_when_there_is_nothing_to_print_and_reads_the_rest(
    installing: Installing, daemon: Daemon, pbx: Pbx, file: str, reload: str
) -> None:
    assert (await installing.install("asterisk", daemon.file)).code == 0
    pbx.write(file, NOTHING_PRINTED)
    before = pbx.log.stat().st_size
    await pbx.cli(reload)

    async def warned() -> bool:
        word = "#callcentre-dialplan-printed-nothing-print-it-again-with-the-option-output"
        return f"Unknown directive '{word}' at line 4 of {pbx.etc / file}" in pbx.log.read_text()[before:]

    await until(warned, within=5, awaited="a warning of Asterisk")
    assert "'5' =>" in await pbx.cli("dialplan show own-exit")
    assert "support has 0 calls" in await pbx.cli("queue show")
