"""One survey whose link was sent, for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.features.surveys.served import Served, served_in


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    """The daemon's web server with one survey whose link was sent."""
    async with served_in(tmp_path) as running:
        await running.asked()
        yield running
