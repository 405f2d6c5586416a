"""A daemon with a mistake that only a crash reveals contradicts its invariant. `scripts/chaos` has days without one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from scripts.kills.boundaries import Boundary
from scripts.kills.databases import Files
from scripts.kills.day import Person
from scripts.kills.invariants import violations
from scripts.kills.run import Kill, Outcome, Run
from scripts.kills.tempo import Loop
from tests.cast import AINO, MATTI
from tests.integration.kills import spoiled
from tests.testbed.ports import PortBlock


@dataclass(frozen=True)
class Mistake:
    """One mistake, where the kill is that reveals it, whose day it is, and what it contradicts."""

    spoils: Callable[[], None]
    at: str
    person: Callable[[], Person]
    contradicts: str

    @property
    def name(self) -> str:
        return self.spoils.__name__


def _calls(number: str = MATTI, **more: Any) -> Person:
    return Person(number, 0.0, replies={"Kuinka hyvin": ["5"], "Kiitos soitostasi": ["Hei"]}, **more)


MISTAKES = (
    Mistake(spoiled.dials_again, "Originate:1:after", lambda: _calls(key="1", reactions=["busy", "answer"]),
            "one call per attempt"),
    Mistake(spoiled.sends_again, "SendText:1:after", _calls, "no text twice"),
    Mistake(spoiled.forgets_bridges, "EndBridge:1:before", lambda: _calls(service="sales", key="1"),
            "nothing left over"),
    Mistake(spoiled.loses_effects, "SendText:1:before", lambda: _calls(key="1"), "every text handed over"),
    Mistake(spoiled.loses_records, "Originate:1:before", lambda: _calls(key="1"), "every callback in one state"),
    Mistake(spoiled.loses_figures, "queue.joined:1:after", _calls, "ledger equals journal"),
    # The gateway brings the texts of this number once.
    Mistake(spoiled.answers_early, "sms.received:1:before", lambda: _calls(AINO), "received texts have one row"),
)  # fmt: skip


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """How the day of each mistake ended; all days side by side."""
    folder = tmp_path_factory.mktemp("days")
    databases = Files(folder)
    ports = PortBlock(100)

    async def day(mistake: Mistake) -> Outcome:
        kill = Kill(at=Boundary.parse(mistake.at))
        run = Run(
            folder / mistake.name, databases, ports.port(), [kill], people=[mistake.person()], prepare=mistake.spoils,
            longest=60,
        )  # fmt: skip
        return await run.go()

    async def all_days() -> dict[str, Outcome]:
        found = await asyncio.gather(*map(day, MISTAKES))
        return {mistake.name: each for mistake, each in zip(MISTAKES, found, strict=True)}

    try:
        with asyncio.Runner(loop_factory=Loop) as runner:
            return runner.run(all_days())
    finally:
        ports.close()


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_kill_reveals_the_mistake(outcomes: dict[str, Outcome], mistake: Mistake) -> None:
    outcome = outcomes[mistake.name]
    assert outcome.kills == 1
    assert violations(outcome.evidence)[mistake.contradicts]
