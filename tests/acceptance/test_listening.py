"""Supervisors listen to conversations, whisper and join: what counts is who hears whom."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.testbed.daemon import Daemon
from tests.testbed.phones import Call

UNGREETED = {"services": {"support": {"welcome": None}}}
BOSS = "PJSIP/agent3"

LOUD = 1000
"""A tone is louder than this, and a quiet line is not."""


@dataclass
class Scene:
    """Matti talks with Anna."""

    daemon: Daemon
    caller: Call
    agent: Call
    call: str


@pytest.fixture
def anything() -> None:
    """Nothing."""
