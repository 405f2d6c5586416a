"""A database with everything under way is read by this version as the earlier version wrote it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import sqlalchemy as sa

from callcentre.kernel import migrations
from tests.integration.kernel.earlier import database_of_schema_0012


def test_the_upgrade_keeps_every_row_of_what_is_under_way(tmp_path: Path) -> None:
    path = database_of_schema_0012(tmp_path / "callcentre.db")
    migrations.upgrade(path)
    with sa.create_engine(f"sqlite:///{path}").connect() as connection:

        def count(table: str) -> int:
            return int(connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one())

        tables = ("callbacks", "callback_requests", "notices", "surveys", "messages", "timers", "outbox", "journal")
        assert {table: count(table) for table in tables} == {
            "callbacks": 30, "callback_requests": 29, "notices": 9, "surveys": 6, "messages": 24, "timers": 32,
            "outbox": 22, "journal": 210,
        }  # fmt: skip
        phases = Counter(connection.execute(sa.text("SELECT phase FROM callbacks")).scalars())
    assert set(phases) == {"waiting", "reserving", "dialling", "asking", "accepted", "connected", "returned"}
