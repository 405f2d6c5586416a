"""The statements of the agents' page. Each finds its rows by an index."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from callcentre.features.surveys.interface import given_answers
from callcentre.kernel.schema import journal, leads_to_caller

MOST_CALLS: Final = 10
MOST_SCORES: Final = 10
MOST_NOTES: Final = 50

_answers: Final = given_answers().table.c

Reading = sa.Select[Any]


def of_call(call: str, agent: str) -> Reading:
    """The fact that an agent answered a call: its service, and the hash and the masked number of the caller."""
    row = journal.c
    found = sa.select(row.service, row.caller, row.number).where(
        row.call == call, row.event == "queue.answered", row.agent == agent
    )
    return found.order_by(row.at.desc()).limit(1)


def earlier_calls(caller: str, call: str) -> Reading:
    """How the latest calls of a person left their queues, without this call."""
    row = journal.c
    found = sa.select(row.at, row.call, row.service, row.reason, row.agent_name, row.agent).where(
        row.caller == caller, leads_to_caller(), row.event == "queue.left", row.call != call
    )
    return found.order_by(row.at.desc()).limit(MOST_CALLS)


def scores(caller: str, agent: str | None) -> Reading:
    """The latest answers of a person that are figures; with an agent, only those about calls with this agent."""
    found = sa.select(
        _answers.at, _answers.service, _answers.question, _answers.metric, _answers.value, _answers.agent_name
    ).where(_answers.caller == caller, _answers.value.is_not(None))
    if agent is not None:
        found = found.where(_answers.agent == agent)
    return found.order_by(_answers.at.desc()).limit(MOST_SCORES)


def notes_about(notes: sa.Table, caller: str) -> Reading:
    """The notes about a person, the newest first."""
    return sa.select(notes).where(notes.c.caller == caller).order_by(notes.c.at.desc()).limit(MOST_NOTES)


def note(notes: sa.Table, name: str) -> Reading:
    """One note."""
    return sa.select(notes).where(notes.c.note == name)
