"""Every statement of search finds its rows by an index, within the reach of a visitor too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from callcentre.features.search.outside import statements
from callcentre.features.search.outside.statements import Part, Reading, WhichTexts
from callcentre.kernel.ownership import EVERYBODY, Reach
from callcentre.kernel.page_reads.scoping import scoped
from callcentre.kernel.schema import journal
from tests.testbed.databases import ON_SERVER, connected_to, database_in, prepare
from tests.unit.rehearsal import NOON

CALLER = "ab" * 8
OURS = Reach("main", frozenset({"support", "sales"}))
WHICH = WhichTexts(begin=NOON - timedelta(days=31), end=NOON)
CONTACTS = [
    {"node": "main", "id": 1, "call": "1.1", "callback": None},
    {"node": "main", "id": 2, "call": None, "callback": "cb-1"},
    {"node": "main", "id": 3, "call": None, "callback": None},
]


def all_statements() -> Iterator[tuple[str, Reading]]:
    yield "a call", statements.of_call("1.1")
    yield "a callback", statements.of_callback("cb-1")
    yield "a text", statements.of_message("m-1")
    for column in (journal.c.call, journal.c.callback, journal.c.message):
        yield f"whether it is a {column.name}", statements.names_it(column, "x")
    yield "the newest of a person", statements.contacts(CALLER, Part())
    yield "the oldest of a person", statements.contacts(CALLER, Part(newest_first=False))
    yield "more of a person", statements.contacts(CALLER, Part(since=NOON))
    for number, each in enumerate(statements.of_contacts(CONTACTS)):
        yield f"facts of a person {number}", each
    yield "texts of ours", statements.sent_texts(WHICH)
    failed = WhichTexts(begin=WHICH.begin, end=NOON, states=("failed",), service="support", before=(1, 1))
    yield "failed texts", statements.sent_texts(failed)
    yield "texts from phones", statements.received_texts(WHICH)
    yield "more texts from phones", statements.received_texts(failed)
    yield "earlier texts", statements.any_text_before(NOON)


ALL = dict(all_statements())


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Connection]:
    folder: Path = tmp_path_factory.mktemp("plans")
    prepare(folder)
    with connected_to(database_in(folder)) as connected:
        yield connected


def plan(connection: sa.Connection, statement: Reading, reach: Reach) -> str:
    """How the database would find the rows: a line for each table."""
    finished: Any = scoped(statement, reach).compile(
        dialect=connection.dialect, compile_kwargs={"render_postcompile": True}
    )  # fmt: skip
    parameters: Any = finished.construct_params()
    converted = {
        name: process(value) if (process := finished._bind_processors.get(name)) else value
        for name, value in parameters.items()
    }
    if not ON_SERVER:
        values = tuple(converted[name] for name in finished.positiontup or ())
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {finished}", values)
        return "\n".join(row[3] for row in rows)
    # The tables are empty: a server reads an empty table through, unless it is told not to.
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    return "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {finished}", converted))


def reads_all(shown: str) -> bool:
    """Whether a table is read from one end to the other."""
    return re.search(r"\bSCAN (?:journal|text_records)\b(?! USING INDEX)|Seq Scan on", shown) is not None


@pytest.mark.parametrize("reach", [EVERYBODY, OURS], ids=["everybody", "ours"])
@pytest.mark.parametrize("name", ALL)
def test_rows_are_found_by_an_index(connection: sa.Connection, name: str, reach: Reach) -> None:
    shown = plan(connection, ALL[name], reach)
    assert not reads_all(shown), shown
    used = re.findall(r"USING (?:COVERING )?INDEX (\w+)|PRIMARY KEY|Index.* (?:using|on) (\w+)", shown)
    assert used, shown


INDEXES = {
    "a call": "ix_journal_call",
    "a callback": "ix_journal_callback",
    "a text": "ix_journal_message",
    "the newest of a person": "ix_journal_caller",
    "the oldest of a person": "ix_journal_caller",
    "more of a person": "ix_journal_caller",
    "texts of ours": "ix_text_records_at",
    "failed texts": "ix_text_records_at",
    "texts from phones": "ix_journal_received",
    "more texts from phones": "ix_journal_received",
}


@pytest.mark.parametrize(("name", "index"), INDEXES.items())
def test_it_is_the_index_made_for_it(connection: sa.Connection, name: str, index: str) -> None:
    assert index in plan(connection, ALL[name], OURS)


def test_a_statement_without_an_index_is_found(connection: sa.Connection) -> None:
    assert reads_all(plan(connection, sa.select(journal).where(journal.c.agent == "x"), OURS))
