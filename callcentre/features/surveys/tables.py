"""The tables of surveys under way, of who was asked when, and of answers."""

from sqlalchemy import Boolean, Column, Float, Integer, Table, Text

from callcentre.kernel.schema import Instant, metadata

surveys = Table(
    "surveys",
    metadata,
    Column("survey", Text, primary_key=True),
    Column("service", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("call", Text, nullable=False),
    Column("agent", Text),
    Column("agent_name", Text),
    Column("number", Text, nullable=False),
    Column("caller", Text, nullable=False),
    Column("caller_name", Text, nullable=False),
    Column("wait", Float, nullable=False),
    Column("talk", Float, nullable=False),
    Column("ended_at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("place", Integer, nullable=False),
    Column("question", Text),
    Column("sender", Text),
    Column("asked_at", Instant),
    Column("invalid_told", Boolean, nullable=False),
    Column("heard", Text),
)

last_asked = Table(
    "surveys_last_asked",
    metadata,
    Column("caller", Text, primary_key=True),
    Column("at", Instant, nullable=False),
)

# For statistics and exports. No rule reads it.
answers = Table(
    "survey_answers",
    metadata,
    Column("key", Text, primary_key=True),
    Column("survey", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("at", Instant, nullable=False, index=True),
    Column("service", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("call", Text, nullable=False),
    Column("agent", Text),
    Column("agent_name", Text),
    Column("caller", Text, nullable=False),
    Column("wait", Float, nullable=False),
    Column("talk", Float, nullable=False),
    Column("answer", Text),
    Column("value", Integer),
    Column("metric", Text, nullable=False),
    Column("by", Text, nullable=False),
)
