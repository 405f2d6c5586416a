"""`callcentre install freepbx` into a PBX with the shape of FreePBX."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.acceptance.conftest import ONLY_THE_QUEUE
from tests.acceptance.scene import Installing, calls_in, joined
from tests.cast import LIISA, MATTI
from tests.testbed.bed import FreePbxBed
from tests.testbed.configuration import merged
from tests.testbed.daemon import Daemon
from tests.testbed.freepbx import CALLBACK_NUMBER, SUPPORT, FreePbx
from tests.testbed.phones import PhoneNetwork

UNGREETED = merged(ONLY_THE_QUEUE, {"services": {"support": {"welcome": None}}})


@pytest_asyncio.fixture(loop_scope="session")
async def daemon(bed: FreePbxBed, tmp_path: Path) -> AsyncIterator[Daemon]:
    """Configured, and not started."""
    made = bed.configure(tmp_path / "config.yaml", UNGREETED)
    yield made
    await made.close()


@pytest_asyncio.fixture(loop_scope="session")
async def installing(bed: FreePbxBed, pbx: FreePbx, tmp_path: Path) -> AsyncIterator[Installing]:
    bed.prompts.take()
    yield Installing(pbx, tmp_path)
    bed.prompts.take()
    (pbx.etc / "callcentre.conf").unlink(missing_ok=True)


async def test_calls_go_through_what_was_installed_and_freepbx_s_own_files_stay(
    installing: Installing, daemon: Daemon, pbx: FreePbx, network: PhoneNetwork
) -> None:
    before = {file.name: file.read_bytes() for file in pbx.etc.iterdir()}
    said = await installing.install("freepbx", daemon.file)
    assert said.code == 0, said.errors
    assert "exit context ivr-1" in said.output
    assert "Custom Destination" in said.output
    after = {file.name: file.read_bytes() for file in pbx.etc.iterdir()}
    assert {name for name in after if after[name] != before.get(name)} == {
        "callcentre.conf", "extensions_custom.conf", "queues_post_custom.conf",
    }  # fmt: skip

    await daemon.start()
    matti, liisa = [await calls_in(network, daemon, who, CALLBACK_NUMBER) for who in (MATTI, LIISA)]
    await matti.press("*")
    await joined(daemon, MATTI, count=2)
    await liisa.press("2")
    assert await pbx.came_to() == f"broke-out {LIISA}"
    network.agent("1001").behaviour = "answer"
    await pbx.log_on(SUPPORT, "1001", name="Anna")
    answered = await daemon.fact("queue.answered")
    assert answered["agent_name"] == "Anna"
    await matti.hang_up()

    assert "nothing to write" in (await installing.install("freepbx", daemon.file)).output
    assert (await installing.uninstall()).code == 0
    assert {file.name: file.read_bytes() for file in pbx.etc.iterdir()} == before
