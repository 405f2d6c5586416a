"""Where the records are kept: beside the journal, written in the same transaction as their facts."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Index, Integer, Table, Text, text

from callcentre.kernel.schema import metadata
from callcentre.statistics.records import CallbackRecord, Offer, Record, Score, Served, SurveyRecord, TextRecord, Visit


def _table(name: str, *columns: Column[object]) -> Table:
    key = Column("key", Integer, primary_key=True, autoincrement=False)
    table = Table(name, metadata, key, Column("open", Boolean, nullable=False), *columns)
    # Only those that may still change are read at the start: few of many.
    Index(f"ix_{name}_open", table.c.key, sqlite_where=text("open"))
    return table


visits = _table(
    "visits",
    Column("call", Text, nullable=False),
    Column("service", Text),
    Column("queue", Text),
    Column("number", Text),
    Column("caller", Text),
    Column("joined", Integer, nullable=False, index=True),
    Column("position", Integer),
    Column("waiting", Integer),
    Column("estimated", Integer),
    Column("outcome", Text),
    Column("left_at", Integer),
    Column("wait", Integer, nullable=False),
    Column("agent", Text),
    Column("agent_name", Text),
    Column("talk", Integer),
)

offers = _table(
    "offers",
    Column("call", Text, nullable=False),
    Column("at", Integer, nullable=False, index=True),
    Column("service", Text),
    Column("queue", Text),
)

callback_records = _table(
    "callback_records",
    Column("callback", Text, nullable=False),
    Column("at", Integer, nullable=False, index=True),
    Column("service", Text),
    Column("queue", Text),
    Column("number", Text),
    Column("caller", Text),
    Column("taken_by", Text),
    Column("position", Integer),
    Column("served", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("ended", Integer),
    Column("ended_by", Text),
    Column("reason", Text),
    Column("connected", Integer),
    Column("wait", Integer),
    Column("agent", Text),
    Column("agent_name", Text),
    Column("kept", Boolean),
    Column("notice", Text),
    Column("notice_by", Text),
)

text_records = _table(
    "text_records",
    Column("message", Text, nullable=False),
    Column("at", Integer, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("parts", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("service", Text),
    Column("queue", Text),
    Column("call", Text),
    Column("agent", Text),
    Column("agent_name", Text),
    Column("number", Text),
    Column("caller", Text),
    Column("reason", Text),
    Column("changed", Integer),
)

survey_records = _table(
    "survey_records",
    Column("survey", Text, nullable=False),
    Column("at", Integer, nullable=False, index=True),
    Column("service", Text),
    Column("queue", Text),
    Column("call", Text),
    Column("agent", Text),
    Column("agent_name", Text),
    Column("answers", Integer, nullable=False),
    Column("invalid", Integer, nullable=False),
    Column("state", Text, nullable=False),
)

scores = _table(
    "scores",
    Column("survey", Text),
    Column("question", Text),
    Column("metric", Text),
    Column("value", Float),
    Column("at", Integer, nullable=False),
    Column("asked", Integer, nullable=False, index=True),
    Column("service", Text),
    Column("queue", Text),
    Column("call", Text),
    Column("agent", Text),
    Column("agent_name", Text),
    Column("wait", Integer),
    Column("talk", Integer),
)

served = Table(
    "served",
    metadata,
    Column("queue", Text, primary_key=True),
    Column("answered", Integer, nullable=False),
)

TABLES: dict[type[Record], Table] = {
    Visit: visits,
    Offer: offers,
    CallbackRecord: callback_records,
    TextRecord: text_records,
    SurveyRecord: survey_records,
    Score: scores,
    Served: served,
}
