"""Run in a copy of the project: two memos are left, in the log and in a database that the steps of the schema made.

Prints in what this database differs from the tables that the code uses.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

# The recipe makes this module, in the copy only.
from callcentre.features.memo.facts import MemoLeft  # type: ignore[import-untyped]

from callcentre.app import components, ledger_shape
from callcentre.configuration import read
from callcentre.kernel import migrations, schema
from callcentre.kernel.journal import stamp
from callcentre.kernel.settings import database_of
from callcentre.statistics.projection import LedgerProjection
from callcentre.statistics.statements import put
from callcentre.statistics.tables import ledger_table

AT = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)

configuration = read(Path(sys.argv[1]))
components(configuration.settings, b"k" * 32)
database = database_of(configuration)
migrations.upgrade(database)
projection = LedgerProjection(ledger_shape())
with Path("facts.jsonl").open("w", encoding="utf-8") as log, sa.create_engine(database.url).begin() as connection:
    for number, by in enumerate(("call", "sms"), 1):
        at = AT + timedelta(minutes=number - 1)
        fact = MemoLeft(by=by, number="+35840•••67")
        projection.feed(fact, number, at)
        log.write(stamp(fact, number, at).line.decode() + "\n")
    put(connection, database.node, projection.take())
    for kept in ledger_shape().tables:
        ledger_table(kept)
    print(compare_metadata(MigrationContext.configure(connection), schema.metadata))
