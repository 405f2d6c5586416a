"""Two daemons on one PostgreSQL: a person is one person to both, and what is allowed is allowed to both together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from callcentre.kernel.database import Database
from callcentre.messaging.effects import SendText
from callcentre.values.days import day_of
from tests.cast import AINO, MATTI
from tests.integration.kernel.running import Served, caller, clock, served_in
from tests.testbed.databases import database_of_server


def greets(cooldown: str, **sms: Any) -> dict[str, Any]:
    welcome = {"min_waiting": "1", "cooldown": cooldown, "text": "Hei"}
    return {"services": {"support": {"welcome": welcome}}, "sms": sms}


@asynccontextmanager
async def two_nodes(folder: Path, changes: Mapping[str, Any]) -> AsyncIterator[tuple[Served, Served]]:
    """Two daemons. What is outside answers at once."""
    url = database_of_server()
    (folder / "north").mkdir()
    (folder / "south").mkdir()
    async with (
        served_in(folder / "north", changes=changes, database=Database(url, "north")) as north,
        served_in(folder / "south", changes=changes, database=Database(url, "south")) as south,
    ):
        north.outside.gate.set()
        south.outside.gate.set()
        yield north, south


@pytest.mark.parametrize(("cooldown", "reason"), [("1h", "cooldown"), ("0s", None)])
async def test_a_caller_whom_one_daemon_welcomed_is_not_welcomed_by_the_other(
    tmp_path: Path, cooldown: str, reason: str | None
) -> None:
    async with two_nodes(tmp_path, greets(cooldown)) as (north, south):
        await north.engine.settle(caller())
        await north.outside.has_done(SendText)
        # The other Asterisk may give its call the same id.
        await south.engine.settle(caller())
        skipped = [line["reason"] for line in south.lines() if line["event"] == "welcome.skipped"]
        assert skipped == ([] if reason is None else [reason])
        if reason is None:
            await south.outside.has_done(SendText)


async def test_the_last_text_of_the_day_is_sent_by_one_daemon_alone(tmp_path: Path) -> None:
    async with two_nodes(tmp_path, greets("1h", per_day="1")) as (north, south):
        # Both have read that nothing was sent yet.
        today = day_of(clock(), zone_of(south))
        assert south.world.texts.budget.get(today) is None
        await north.engine.settle(caller(number=MATTI))
        await north.outside.has_done(SendText)
        await south.engine.settle(caller(number=AINO))
        await south.engine.settled()
        assert [line["reason"] for line in south.lines() if line["event"] == "sms.refused"] == ["budget"]
        assert [line["reason"] for line in south.lines() if line["event"] == "alarm.raised"] == ["sms_budget"]
        budget = south.world.texts.budget.get(today)
        assert budget is not None
        assert budget.used == 1


def zone_of(served: Served) -> ZoneInfo:
    return served.world.settings.timezone
