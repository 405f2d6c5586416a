"""A database with everything under way is read by this version as the earlier version wrote it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from callcentre.features.callbacks.collection import Callbacks
from callcentre.features.callbacks.model import (
    Accepted,
    Asking,
    Bridge,
    Callback,
    Connected,
    Dialling,
    Postponed,
    Reserving,
    Returned,
    State,
    Waiting,
)
from callcentre.features.callbacks.timers import CallbackWaits
from callcentre.features.notices.model import CallDue, Delivered, Ended, How, Notice, Notices, Ringing, Talking, Texted
from callcentre.features.reports.timers import ReportDue
from callcentre.features.surveys.model import Answered, Asked, Due, Ordered, Survey, Surveys
from callcentre.kernel import migrations, schema
from callcentre.kernel.component import On
from callcentre.kernel.database import Database
from callcentre.kernel.store import Store
from callcentre.kernel.timer import Timer, TimerReader
from callcentre.messaging.model import TextDue
from tests.cast import ANNA
from tests.integration.kernel.earlier import database_of_schema_0012
from tests.testbed.databases import of_a_file
from tests.unit.rehearsal import NOON, settings
from tests.unit.world import World, components

pytestmark = of_a_file

TURN = NOON + timedelta(seconds=2)
"""When callbacks of the dump were dialled."""


BEFORE_0021 = sa.table("timers", sa.column("key", sa.Text), sa.column("due", schema.Instant))
"""The timers when they had no node."""


def agent(name: str) -> str:
    return f"callcentre-agent-cb-{name}-{TURN.timestamp():.3f}"


def postponed(why: str, until: datetime) -> Postponed:
    return Postponed(until=until, why=why)


STATES: dict[str, State] = {
    "waiting": Waiting(),
    "no-route": Waiting(),
    "busy": postponed("busy", TURN + timedelta(minutes=3)),
    "later": postponed("customer", TURN + timedelta(minutes=15)),
    "per-number": postponed("per_number", NOON + timedelta(hours=12)),
    "call-hours": postponed("busy", NOON + timedelta(hours=20)),
    "at-call-hours": postponed("call_hours", NOON + timedelta(hours=1)),
    "broken-off": postponed("caller_returned", TURN + timedelta(minutes=10)),
    "reserving": Reserving(agent_call=agent("reserving")),
    "dialling": Dialling(call="cb-dialling-1", dialled_at=TURN),
    "agent-dialling": Dialling(call="cb-agent-dialling-1", dialled_at=TURN, agent_call=agent("agent-dialling")),
    "asking": Asking(call="cb-asking-1", dialled_at=TURN),
    "agent-asking": Asking(call="cb-agent-asking-1", dialled_at=TURN, agent_call=agent("agent-asking")),
    "accepted": Accepted(call="cb-accepted-1"),
    "agent-accepted": Accepted(call="cb-agent-accepted-1", agent_call=agent("agent-accepted")),
    "connected": Connected(call="cb-connected-1", agent=ANNA, agent_name="Anna"),
    "agent-connected": Connected(
        call="cb-agent-connected-1", agent=ANNA, agent_name="Anna",
        bridge=Bridge(agent_call=agent("agent-connected"), since=TURN),
    ),
    "returned": Returned(call="1795325295.12001"),
    "returned-later": Returned(
        call="1795325295.13002", agreed=postponed("caller_returned", TURN + timedelta(minutes=10))
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of schema 0012 after its upgrade."""
    path = database_of_schema_0012(tmp_path_factory.mktemp("upgrade") / "callcentre.db")
    migrations.upgrade(Database.of_file(path))
    return path


def test_the_upgrade_keeps_every_row_of_what_is_under_way(upgraded: Path) -> None:
    with sa.create_engine(f"sqlite:///{upgraded}").connect() as connection:

        def count(table: str) -> int:
            return int(connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one())

        tables = ("callbacks", "callback_requests", "notices", "surveys", "messages", "timers", "outbox", "journal")
        assert {table: count(table) for table in tables} == {
            "callbacks": 30, "callback_requests": 29, "notices": 9, "surveys": 6, "messages": 24, "timers": 32,
            "outbox": 22, "journal": 210,
        }  # fmt: skip


async def test_each_open_callback_goes_on_doing_what_it_did_before_the_upgrade(upgraded: Path) -> None:
    store, table = Store(Database.of_file(upgraded)), Callbacks().table
    assert table is not None
    await store.open()
    try:
        records = await store.records(table, Callback)
    finally:
        await store.close()
    found = {record.callback.removeprefix("cb-"): record for record in records}
    assert {name: found[name].state for name in STATES} == STATES
    taken = next(record for name, record in found.items() if name.startswith("1795325295.15"))
    assert (taken.priority, taken.name_prefix, taken.caller_name, taken.attempts) == (5, "VIP:", "Liisa", 0)
    assert [record.number for record in records if record.withheld] == ["+358401110014"]
    assert found["dialling"].attempts == 1


async def test_each_notice_goes_on_doing_what_it_did_before_the_upgrade(upgraded: Path) -> None:
    store, table = Store(Database.of_file(upgraded)), Callbacks().table
    assert table is not None
    await store.open()
    try:
        table = Notices().table
        assert table is not None
        records = await store.records(table, Notice)
    finally:
        await store.close()
    found = {record.callback.removeprefix("cb-notice-"): record for record in records}
    assert {name: (record.state, record.ended) for name, record in found.items()} == {
        "texted": (Texted(), None),
        "delivered": (Delivered(), None),
        "kept": (Delivered(), None),
        "moved": (Delivered(), None),
        "ringing": (Ringing(call="cb-notice-ringing-notice-1"), None),
        "talking": (Talking(call="cb-notice-talking-notice-1"), None),
        "dialled": (Delivered(), Ended(how=How.DIALLED)),
        "cancelled": (Delivered(), Ended(how=How.CANCELLED)),
        "retry": (CallDue(not_before=datetime(2026, 6, 3, 9, 3, 2, tzinfo=UTC)), None),
    }
    assert {name for name, record in found.items() if record.replies} == {"moved", "cancelled"}
    assert found["retry"].attempts == 1


async def test_each_survey_is_in_the_state_that_it_had_before_the_upgrade(upgraded: Path) -> None:
    store, table = Store(Database.of_file(upgraded)), Surveys().table
    assert table is not None
    with sa.create_engine(f"sqlite:///{upgraded}").connect() as connection:
        rows = connection.execute(sa.text("SELECT survey, state, question, asked_at IS NULL FROM surveys")).all()
    await store.open()
    try:
        records = {record.survey: record for record in await store.records(table, Survey)}
    finally:
        await store.close()
    kinds = {"due": Due, "asking": Ordered, "asked": Asked, "answered": Answered}
    assert {state for _, state, _, _ in rows} >= {"due", "asked", "answered"}
    for survey, state, question, never_asked in rows:
        assert type(records[survey].state) is kinds[state]
        assert (records[survey].question, never_asked) == (question, state == "due")


def timers_of(database: Path) -> dict[str, Timer]:
    """The timers of a database by the keys of their rows, read as the components that handle them do."""
    handled = [heard.heard for heard in components(World(settings=settings(), key=b"k" * 32)).of(On)]
    reader = TimerReader(heard for heard in handled if issubclass(heard, Timer))
    with sa.create_engine(f"sqlite:///{database}").connect() as connection:
        return {row.key: reader.read(row.key, row.due) for row in connection.execute(sa.select(schema.timers))}


def test_each_timer_goes_to_the_component_that_set_it(upgraded: Path) -> None:
    timers = timers_of(upgraded)
    assert Counter(type(timer).__name__ for timer in timers.values()) == {
        "AnswerAwaited": 7, "AutoAgentRings": 1, "CallbackWaits": 6, "ClockSettles": 1, "CustomerRings": 5,
        "DeliveryAwaited": 1, "NoticeForgotten": 1, "ReportDue": 1, "SurveyDue": 2, "SurveyExpires": 4, "TextDue": 3,
    }  # fmt: skip
    (report,) = (timer for timer in timers.values() if isinstance(timer, ReportDue))
    assert report == ReportDue(report="daily", cron="0 7 * * *", due=datetime(2026, 6, 4, 4, 0, tzinfo=UTC))
    assert CallbackWaits(callback="cb-busy") in timers.values()
    keys = {timer.key for timer in timers.values() if not isinstance(timer, ReportDue)}
    assert keys == {key for key in timers if "report_due" not in key}, "setting one again finds its row"


def test_a_text_whose_turn_was_set_joins_the_line_at_that_time(tmp_path: Path) -> None:
    path = database_of_schema_0012(tmp_path / "callcentre.db")
    with sa.create_engine(f"sqlite:///{path}").begin() as connection:
        connection.execute(sa.delete(BEFORE_0021))
        rows = [{"key": key, "due": NOON} for key in ("text turn m1", 'text with "quotes"')]
        connection.execute(sa.insert(BEFORE_0021), rows)
    migrations.upgrade(Database.of_file(path))
    expected: list[Timer] = [TextDue(message="m1"), TextDue(message='with "quotes"')]
    assert list(timers_of(path).values()) == expected


def test_the_key_of_a_timer_that_no_version_set_stays_as_it_is(tmp_path: Path) -> None:
    path = database_of_schema_0012(tmp_path / "callcentre.db")
    with sa.create_engine(f"sqlite:///{path}").begin() as connection:
        connection.execute(sa.delete(BEFORE_0021))
        connection.execute(sa.insert(BEFORE_0021), [{"key": "of a later version", "due": NOON}])
    migrations.upgrade(Database.of_file(path))
    with sa.create_engine(f"sqlite:///{path}").connect() as connection:
        assert connection.execute(sa.select(schema.timers.c.key)).scalars().all() == ["of a later version"]
