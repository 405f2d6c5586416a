"""The test bed of the acceptance tests: PBX, telephone network and SMS gateway once per session, a daemon per test.

Each test finds them as new: no channel, nobody logged on, no text on any phone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.testbed.daemon import Daemon
from tests.testbed.kannel import Kannel
from tests.testbed.pbx import Pbx
from tests.testbed.phones import PhoneNetwork
from tests.testbed.surroundings import Surroundings

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    """Run every asynchronous test here in the loop in which the test bed lives."""
    for item in items:
        if item.path.is_relative_to(HERE) and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def bed_of_session(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Surroundings]:
    async with Surroundings(tmp_path_factory.mktemp("bed")) as bed:
        yield bed


@pytest_asyncio.fixture(loop_scope="session")
async def bed(bed_of_session: Surroundings) -> AsyncIterator[Surroundings]:
    """PBX, network and gateway, cleared after the test, also of what the test killed or wrote over."""
    yield bed_of_session
    await bed_of_session.clear()


@pytest.fixture
def pbx(bed: Surroundings) -> Pbx:
    return bed.pbx


@pytest.fixture
def network(bed: Surroundings) -> PhoneNetwork:
    return bed.network


@pytest.fixture
def kannel(bed: Surroundings) -> Kannel:
    return bed.kannel


class StartDaemon:
    """Starts daemons for a test: `daemon = await start_daemon({"services": {"support": {…}}})`."""

    def __init__(self, bed: Surroundings, folder: Path) -> None:
        self._bed = bed
        self._folder = folder
        self.daemons: list[Daemon] = []

    async def __call__(self, changes: Mapping[str, Any] | None = None, *, ready: bool = True) -> Daemon:
        """Write the shipped configuration with `changes`, give the PBX what belongs to it, and run the daemon.

        Back when /health says 200, unless `ready` is False. It is ended with the test.
        """
        folder = self._folder / f"daemon{len(self.daemons) + 1}"
        folder.mkdir()
        daemon = self._bed.configure(folder / "config.yaml", changes)
        self.daemons.append(daemon)
        await self._bed.install(daemon.file)
        await daemon.start(ready=ready)
        return daemon


@pytest_asyncio.fixture(loop_scope="session")
async def start_daemon(bed: Surroundings, tmp_path: Path) -> AsyncIterator[StartDaemon]:
    """Starts a daemon with the shipped configuration and a test's changes; see StartDaemon."""
    starter = StartDaemon(bed, tmp_path)
    yield starter
    for daemon in starter.daemons:
        await daemon.close()
