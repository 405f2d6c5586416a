"""Run in a copy of the project: two memos are left, in the log and in a database that the steps of the schema made.

Prints in what this database differs from the tables that the code uses.
"""

from __future__ import annotations

import sqlite3
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

# The recipe makes this module, in the copy only.
from callcentre.features.memo.facts import MemoLeft  # type: ignore[import-untyped]
from sqlalchemy.dialects.sqlite import dialect

from callcentre.app import components, ledger_shape
from callcentre.configuration import read
from callcentre.kernel import migrations, schema
from callcentre.kernel.database import Database
from callcentre.kernel.journal import stamp
from callcentre.kernel.settings import database_of
from callcentre.kernel.statements import upsert_into
from callcentre.statistics.projection import LedgerProjection
from callcentre.statistics.tables import ledger_table

AT = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)

configuration = read(Path(sys.argv[1]))
components(configuration.settings, b"k" * 32)
file = database_of(configuration).path
assert file is not None
migrations.upgrade(Database.of_file(file))
projection = LedgerProjection(ledger_shape())
with Path("facts.jsonl").open("w", encoding="utf-8") as log, sqlite3.connect(file) as database:
    for number, by in enumerate(("call", "sms"), 1):
        at = AT + timedelta(minutes=number - 1)
        fact = MemoLeft(by=by, number="+35840•••67")
        projection.feed(fact, number, at)
        log.write(stamp(fact, number, at).line.decode() + "\n")
    for table, rows in projection.take():
        upsert_into(table, dialect()).run_in_order(database.cursor(), [("main", *row) for row in rows])
database.close()
for kept in ledger_shape().tables:
    ledger_table(kept)
with sa.create_engine(f"sqlite:///{file}").connect() as connection:
    print(compare_metadata(MigrationContext.configure(connection), schema.metadata))
