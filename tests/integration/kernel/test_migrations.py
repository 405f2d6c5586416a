"""The migrations make the schema that the code uses, and keep what databases of earlier versions hold."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext

from callcentre.app import ledger_shape
from callcentre.features.callbacks.model import Callback
from callcentre.kernel import migrations, schema
from callcentre.kernel.database import Database
from callcentre.kernel.schema import table_of
from callcentre.statistics.tables import ledger_table
from callcentre.telephony.dialling.outgoing import CallsToNumber
from callcentre.telephony.queue_view.model import Call
from tests.integration.kernel.running import served_in
from tests.testbed.databases import connected


def database_at(path: Path, revision: str, *statements: str) -> None:
    """Make a database as an earlier version left it."""
    with sa.create_engine(f"sqlite:///{path}").begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        for statement in statements:
            connection.execute(sa.text(statement))


def test_callers_who_wait_when_priorities_come_have_none(tmp_path: Path) -> None:
    path = tmp_path / "callcentre.db"
    database_at(
        path,
        "0005",
        "INSERT INTO calls (call, channel, queue, service, number, caller_name, language, stage, joined_at, entered,"
        " position, waited, talked) VALUES ('1.1', 'PJSIP/t-1', 'q', 's', '', '', '', 'waiting', 1, 1, 1, 0, 0)",
        "INSERT INTO callbacks (callback, service, queue, number, caller_name, language, joined_at, taken_at, phase,"
        " attempts) VALUES ('cb-1', 's', 'q', '+358401112222', 'Matti', 'fi', 1, 1, 'waiting', 0)",
    )
    migrations.upgrade(Database.of_file(path))
    with sa.create_engine(f"sqlite:///{path}").connect() as connection:
        for table in (table_of(Call, "calls", "call"), table_of(Callback, "callbacks", "callback")):
            assert connection.execute(sa.select(table.c.priority, table.c.name_prefix)).one() == (0, "")


def test_the_calls_to_each_number_become_rows(tmp_path: Path) -> None:
    path = tmp_path / "callcentre.db"
    database_at(
        path,
        "0014",
        "INSERT INTO dialled (key, day, total, numbers, alarmed)"
        " VALUES ('dialled', '2026-06-03', 3, '{\"aa\": 2, \"bb\": 1}', 0)",
    )
    migrations.upgrade(Database.of_file(path))
    numbers = table_of(CallsToNumber, "dialled_numbers", None, ("day",), shared=True)
    with sa.create_engine(f"sqlite:///{path}").connect() as connection:
        rows = connection.execute(sa.select(numbers.c.key, numbers.c.calls).order_by(numbers.c.key)).all()
        assert [tuple(row) for row in rows] == [("2026-06-03 aa", 2), ("2026-06-03 bb", 1)]
        assert connection.execute(sa.text("SELECT day, total FROM dialled_days")).one() == ("2026-06-03", 3)


@pytest.mark.parametrize("raised", [False, True])
def test_the_caps_of_a_day_become_those_of_all_daemons(tmp_path: Path, *, raised: bool) -> None:
    path = tmp_path / "callcentre.db"
    database_at(
        path,
        "0022",
        f"INSERT INTO dialled (node, key, day, total, alarmed) VALUES ('main', 'dialled', '2026-06-03', 3, {raised})",
        "INSERT INTO sms_budget (node, key, day, used, exhausted)"
        f" VALUES ('main', 'budget', '2026-06-03', 7, {raised})",
    )
    migrations.upgrade(Database.of_file(path))
    with sa.create_engine(f"sqlite:///{path}").connect() as connection:
        assert connection.execute(sa.text("SELECT day, total FROM dialled_days")).all() == [("2026-06-03", 3)]
        assert connection.execute(sa.text("SELECT day, used FROM sms_days")).all() == [("2026-06-03", 7)]
        for table in ("dialled", "sms_budget"):
            alarms = connection.execute(sa.text(f"SELECT node, day FROM {table}")).all()
            assert alarms == [("main", "2026-06-03")] * raised


async def test_the_migrations_make_the_schema_that_the_code_uses(tmp_path: Path) -> None:
    async with served_in(tmp_path):
        pass
    assert {ledger_table(kept).name for kept in ledger_shape().tables} <= schema.metadata.tables.keys()
    with connected(tmp_path) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []
        found = sa.inspect(connection)
        for table in schema.metadata.tables.values():
            keys = found.get_pk_constraint(table.name)["constrained_columns"]
            assert keys == [column.name for column in table.primary_key]


def test_it_stays_known_which_survey_asked_a_person_whose_text_may_still_fail(tmp_path: Path) -> None:
    path = tmp_path / "callcentre.db"
    survey = (
        "INSERT INTO surveys (survey, service, queue, call, number, caller, caller_name, wait, talk, ended_at, state,"
        " place, invalid_told, asked_at)"
        " VALUES ('{survey}', 's', 'q', '1.1', '', '{caller}', '', 0, 60, 1, 'asked', 1, 0, {at})"
    )
    database_at(
        path,
        "0017",
        survey.format(survey="open", caller="aa", at=5),
        survey.format(survey="later", caller="bb", at=9),
        "INSERT INTO surveys_last_asked (caller, at) VALUES ('aa', 5), ('bb', 5), ('cc', 5)",
        "INSERT INTO received (source, at) VALUES ('kannel 1', 5)",
    )
    migrations.upgrade(Database.of_file(path))
    with sa.create_engine(f"sqlite:///{path}").connect() as connection:
        rows = connection.execute(sa.text("SELECT caller, at, survey FROM surveys_last_asked ORDER BY caller")).all()
        assert [tuple(row) for row in rows] == [("aa", 5, "open"), ("bb", 5, None), ("cc", 5, None)]
        assert connection.execute(sa.text("SELECT source, at FROM received")).all() == [("kannel 1", 5)]
