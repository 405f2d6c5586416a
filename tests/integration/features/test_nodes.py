"""Two daemons on one PostgreSQL: a person is one person to both, and what is allowed is allowed to both together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from callcentre.features.callbacks.events import CallbackRequested
from callcentre.features.callbacks.model import Callback, Phase, Returned, Waiting
from callcentre.features.surveys.asking import Asking
from callcentre.features.surveys.timers import SurveyDue
from callcentre.kernel.database import Database
from callcentre.kernel.decision import Put
from callcentre.kernel.event import Tick, TimerDue
from callcentre.kernel.nodes.listening import Listening
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import TextReceived
from callcentre.telephony.events import (
    AgentAnswered,
    BridgeEntered,
    ChannelDestroyed,
    QueueReading,
    Synchronised,
    VariableSet,
)
from callcentre.values.days import day_of
from tests.cast import AINO, ANNA, MATTI, REPLY_NUMBER
from tests.integration.kernel.running import Served, caller, clock, served_in
from tests.testbed.databases import connected_to, database_of_server


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


async def talked(served: Served, call: str) -> TimerDue:
    """Matti has talked with Anna. Returns when he is to be asked how it went."""
    await served.engine.settle(caller(call))
    phone, at = f"{ANNA}-0000002a", clock()
    for event in (
        AgentAnswered(at=at, call=call, agent_channel=phone, when=at),
        VariableSet(at=at, call=call, name="MEMBERINTERFACE", value=ANNA, when=at),
        VariableSet(at=at, call=call, name="QUEUEPOSITION", value="1", when=at),
        BridgeEntered(at=at, call=call, bridge="b", when=at, channels=(call, phone)),
        ChannelDestroyed(at=at, call=call, cause=16, when=at),
    ):
        await served.engine.settle(event)
    (survey,) = served.world.surveys.values()
    due = survey.ended_at + timedelta(minutes=1)
    return TimerDue(at=due, key=SurveyDue(survey=survey.survey).key, due=due)


@pytest.mark.parametrize(("guarded", "asked"), [(True, 1), (False, 2)])
async def test_of_two_surveys_that_fall_due_at_once_one_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, guarded: bool, asked: int
) -> None:
    if not guarded:
        monkeypatch.setattr(Asking, "_turn", lambda _self, asking, _at: Put(asking))
    survey = {"after": "1m", "min_talk": "0s", "between": None}
    changes = {"services": {"support": {"welcome": None, "survey": survey}}, "sms": {"quiet_hours": None}}
    async with two_nodes(tmp_path, changes) as both:
        due = [await talked(one, f"{number}.1") for number, one in enumerate(both)]
        for one, timer in zip(both, due, strict=True):
            # Both decide before either of them stores it.
            one.engine.submit(timer)
        for one in both:
            await one.engine.settled()
            await one.engine.settled()
        lines = [line for one in both for line in one.lines()]
        # The other one's text was ordered. The gateway does not get a text that is refused by now.
        for event in ("survey.skipped", "sms.refused"):
            assert [line["reason"] for line in lines if line["event"] == event] == ["quarantine"] * (2 - asked)
        asking = [survey for one in both for survey in one.world.surveys.values() if survey.is_open]
        assert len(asking) == asked


# --- a callback of one daemon, and a caller of the other ---------------------------------------------

CALLS_BACK: Mapping[str, Any] = {"services": {"support": {"welcome": None, "notify": None}}}


async def accepts(served: Served) -> Callback:
    """Matti's callback, for which staff asked."""
    await served.engine.settle(
        CallbackRequested(at=clock(), request="1", service="support", number=MATTI, caller_name="Matti", by="staff")
    )
    (callback,) = served.world.callbacks.values()
    return callback


async def hears(served: Served) -> None:
    """Commands of other daemons are decided, and a tick after them; all is stored with what it led to."""
    Listening(served.world.nodes, served.engine.submit, clock).look()
    await served.engine.settle(Tick(at=clock()))


def messages(served: Served) -> list[tuple[str, str]]:
    """Who is to hear which command."""
    with connected_to(served.store.database) as connection:
        rows = connection.execute(sa.text("SELECT recipient, command FROM node_messages ORDER BY id"))
        return [(recipient, command) for recipient, command in rows]


def gone() -> Synchronised:
    """Nobody is in the queue any more."""
    empty = QueueReading(queue="support", waiting=0, places={}, complete=True)
    return Synchronised(at=clock(), asked=clock(), channels=(), readings=(empty,), variables={}, talking={})


async def test_a_customer_who_calls_the_other_daemon_is_not_dialled_while_waiting_there(tmp_path: Path) -> None:
    async with two_nodes(tmp_path, CALLS_BACK) as (north, south):
        callback = await accepts(north)
        await south.engine.settle(caller("9.1"))
        assert messages(south) == [("north", "HoldCallback")]
        await hears(north)
        assert messages(north) == []
        state = north.world.callbacks[callback.callback].state
        assert state == Returned(call="9.1", on_node="south")
        # The callback is stored with that state, and a start of the daemon finds it.
        await south.engine.settle(gone())
        assert messages(south) == [("north", "ReleaseCallback")]
        await hears(north)
        assert north.world.callbacks[callback.callback].state == Waiting()
        assert messages(north) == []
        assert south.world.callbacks.of_owner("support", MATTI) is None


async def test_a_daemon_that_was_killed_hears_at_its_start_what_came_meanwhile(tmp_path: Path) -> None:
    url = database_of_server()
    folders = {name: tmp_path / name for name in ("north", "south")}
    for folder in folders.values():
        folder.mkdir()
    async with served_in(folders["south"], changes=CALLS_BACK, database=Database(url, "south")) as south:
        async with served_in(
            folders["north"], changes=CALLS_BACK, database=Database(url, "north"), crash=True
        ) as north:
            callback = await accepts(north)
        await south.engine.settle(caller("9.1"))
        async with served_in(
            folders["north"], changes=CALLS_BACK, database=Database(url, "north"), crash=True
        ) as north:
            assert north.world.callbacks[callback.callback].is_queued
            await hears(north)
        async with served_in(folders["north"], changes=CALLS_BACK, database=Database(url, "north")) as north:
            assert north.world.callbacks[callback.callback].phase is Phase.RETURNED
            await hears(north)
            assert north.world.callbacks[callback.callback].phase is Phase.RETURNED
            assert messages(north) == []


async def test_a_request_to_the_other_daemon_makes_no_second_callback(tmp_path: Path) -> None:
    async with two_nodes(tmp_path, CALLS_BACK) as (north, south):
        callback = await accepts(north)
        await south.engine.settle(
            CallbackRequested(at=clock(), request="2", service="support", number=MATTI, caller_name="", by="api")
        )
        answer = south.world.callbacks.requests["2"]
        assert (answer.callback, answer.existing) == (callback.callback, True)
        assert list(south.world.callbacks) == []


async def test_a_text_that_reaches_the_other_daemon_cancels_the_callback_that_it_answers(tmp_path: Path) -> None:
    notify = {"at_position": 3, "by": "sms", "text": "Hei", "cancel_words": ["cancel"]}
    always = {
        "weekdays": dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "00:00-24:00"),
        "holidays": None,
    }
    support = {"welcome": None, "notify": notify, "hours": always}
    changes = {"services": {"support": support}, "sms": {"reply_number": REPLY_NUMBER}}
    async with two_nodes(tmp_path, changes) as (north, south):
        callback = await accepts(north)
        await hears(north)
        await north.outside.has_done(SendText)
        text = TextReceived(
            at=clock(), gateway="kannel", gateway_id="7", sender=MATTI, recipient=REPLY_NUMBER, body="Cancel"
        )
        await south.engine.settle(text)
        assert [one.answer_to for one in north.world.notices.values()] == [REPLY_NUMBER]
        assert messages(south) == [("north", "TextForNode")]
        await hears(north)
        assert callback.callback not in north.world.callbacks
        assert [line["by"] for line in north.lines() if line["event"] == "callback.cancelled"] == ["sms"]
        assert [one for one in (*north.lines(), *south.lines()) if one["event"] == "number.opted_out"] == []
        # The same text once more, at the other daemon: it was handled.
        await north.engine.settle(text)
        received = [one for one in (*north.lines(), *south.lines()) if one["event"] == "sms.received"]
        assert len(received) == 1
