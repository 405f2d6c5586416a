"""The test bed of the acceptance tests: PBX, telephone network and SMS gateway once per session, a daemon per test.

Each test finds them as new: no channel, nobody logged on, no text on any phone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.testbed.bed import Bed
from tests.testbed.configuration import merged
from tests.testbed.daemon import Daemon
from tests.testbed.databases import prepare
from tests.testbed.kannel import Kannel
from tests.testbed.pbx import Pbx
from tests.testbed.phones import PhoneNetwork
from tests.testbed.process import OtherTime
from tests.testbed.spare import the_spare

HERE = Path(__file__).parent

ONLY_THE_QUEUE: Mapping[str, Any] = {"services": {"support": {"callback": None, "notify": None, "survey": None}}}
"""Where a test is not about them, nobody is offered a callback, whatever day and hour it is, and nobody is asked."""


def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    """Run every asynchronous test here in the loop in which the test bed lives."""
    for item in items:
        if item.path.is_relative_to(HERE) and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def bed_of_session(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bed]:
    async with Bed(tmp_path_factory.mktemp("bed"), agents=5, spare=the_spare()) as bed:
        yield bed


@pytest_asyncio.fixture(loop_scope="session")
async def bed(bed_of_session: Bed) -> AsyncIterator[Bed]:
    """PBX, network and gateway, cleared after the test, also of what the test killed or wrote over."""
    yield bed_of_session
    await bed_of_session.clear()


@pytest.fixture
def pbx(bed: Bed) -> Pbx:
    return bed.pbx


@pytest.fixture
def network(bed: Bed) -> PhoneNetwork:
    return bed.network


@pytest.fixture
def kannel(bed: Bed) -> Kannel:
    return bed.kannel


class StartDaemon:
    """Starts daemons for a test: `daemon = await start_daemon({"services": {"support": {…}}})`."""

    def __init__(self, bed: Bed, folder: Path) -> None:
        self._bed = bed
        self._folder = folder
        self.daemons: list[Daemon] = []

    async def __call__(
        self, changes: Mapping[str, Any] | None = None, *, ready: bool = True, clock: OtherTime | None = None
    ) -> Daemon:
        """Write the shipped configuration with `changes`, give the PBX what belongs to it, and run the daemon.

        There are callbacks only where `changes` say so. Back when /health says 200, unless `ready` is False. It is
        ended with the test. `clock` is the one that it sees.
        """
        folder = self._folder / f"daemon{len(self.daemons) + 1}"
        folder.mkdir()
        prepare(folder)
        daemon = self._bed.configure(folder / "config.yaml", merged(ONLY_THE_QUEUE, changes or {}))
        self.daemons.append(daemon)
        if clock is not None:
            daemon.lives_in(clock)
        async with asyncio.TaskGroup() as together:
            together.create_task(self._bed.install(daemon.file))
            together.create_task(daemon.start(ready=ready))
        return daemon


@pytest_asyncio.fixture(loop_scope="session")
async def start_daemon(bed: Bed, tmp_path: Path) -> AsyncIterator[StartDaemon]:
    """Starts a daemon with the shipped configuration and a test's changes; see StartDaemon."""
    starter = StartDaemon(bed, tmp_path)
    yield starter
    for daemon in starter.daemons:
        await daemon.close()


@pytest_asyncio.fixture(loop_scope="session")
async def short_prompts(bed: Bed) -> AsyncIterator[None]:
    """Prompts of less than a second for the PBX, as an administrator may record their own, until the test is over."""
    await bed.prompts.give(seconds=0.4)
    yield
    bed.prompts.take()
