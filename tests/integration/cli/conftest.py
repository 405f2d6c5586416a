"""A machine with Asterisk's folders for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.cli.machine import PLAIN, Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path)
    made.has(PLAIN)
    return made
