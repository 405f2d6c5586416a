"""The same fixtures as beside the plain PBX, around one with the shape of FreePBX."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.testbed.bed import FreePbxBed
from tests.testbed.freepbx import FreePbx
from tests.testbed.spare import the_spare


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def bed_of_session(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FreePbxBed]:
    async with FreePbxBed(tmp_path_factory.mktemp("freepbx"), spare=the_spare()) as bed:
        yield bed


@pytest.fixture
def pbx(bed: FreePbxBed) -> FreePbx:
    return bed.pbx
