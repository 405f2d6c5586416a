"""The statements of search. Each finds its rows by an index, in a year of a million calls too."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from callcentre.kernel import stories
from callcentre.kernel.schema import journal, leads_to_caller
from callcentre.messaging.statistics import TEXTS
from callcentre.statistics.tables import ledger_table

MOST_FACTS: Final = 1000
"""Facts of one story. A person reads no longer one."""

SPAN: Final = timedelta(days=31)
"""How far back one page of texts looks: a filter that few texts pass must not read a whole year."""

RECEIVED: Final = "received"
"""The state of a text that came from a phone."""

Reading = sa.Select[Any] | sa.CompoundSelect[Any]

texts: Final = ledger_table(TEXTS)


def of_call(call: str) -> Reading:
    """The facts of a call."""
    return stories.of_call(call).limit(MOST_FACTS)


def of_callback(callback: str) -> Reading:
    """The facts of a callback and of its calls."""
    return stories.of_callback(callback).limit(MOST_FACTS)


def of_message(message: str) -> Reading:
    """The facts of a text."""
    return stories.of_message(message).limit(MOST_FACTS)


def names_it(column: sa.Column[str], value: str) -> Reading:
    """One row when any fact names this call, callback or text."""
    return sa.select(column).where(column == value).limit(1)


# --- a person ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a list: at most `most` rows from `since` on, newest or oldest first; None: from its beginning."""

    since: datetime | None = None
    newest_first: bool = True
    most: int = 60


def contacts(caller: str, part: Part) -> Reading:
    """The facts that lead to a person, which are one or more for each call, callback and text of theirs."""
    found = sa.select(
        journal.c.node, journal.c.id, journal.c.at, journal.c.call, journal.c.callback, journal.c.message,
        journal.c.number,
    ).where(journal.c.caller == caller, leads_to_caller())  # fmt: skip
    if part.since is not None:
        found = found.where(journal.c.at <= part.since if part.newest_first else journal.c.at >= part.since)
    order = journal.c.at.desc() if part.newest_first else journal.c.at
    return found.order_by(order).limit(part.most)


def of_contacts(rows: Sequence[Any]) -> list[Reading]:
    """The facts of the calls and callbacks of these contacts, and the contacts that are neither."""
    calls = sorted({row["call"] for row in rows if row["call"] and not row["callback"]})
    callbacks = sorted({row["callback"] for row in rows if row["callback"]})
    alone = [(row["node"], row["id"]) for row in rows if not row["call"] and not row["callback"]]
    found: list[Reading] = []
    if calls:
        of_calls = sa.select(journal).where(journal.c.call.in_(calls), journal.c.callback.is_(None))
        found.append(of_calls.limit(MOST_FACTS))
    if callbacks:
        found.append(sa.select(journal).where(journal.c.callback.in_(callbacks)).limit(MOST_FACTS))
    for node in sorted({node for node, _number in alone}):
        numbers = [number for of_node, number in alone if of_node == node]
        found.append(sa.select(journal).where(journal.c.node == node, journal.c.id.in_(numbers)))
    return found


# --- texts ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class WhichTexts:
    """Which texts a page lists, the newest first: those of a time, in some states, for some services.

    before: only texts before that one, by its time in milliseconds and the number of its first fact.
    """

    begin: datetime
    end: datetime
    states: Collection[str] = ()
    service: str | None = None
    before: tuple[int, int] | None = None
    most: int = 50


def sent_texts(which: WhichTexts) -> Reading:
    """Texts of ours."""
    at, key = texts.c.at, texts.c.key
    found = sa.select(
        texts.c.node, key.label("id"), at, texts.c.message, texts.c.kind, texts.c.state, texts.c.service,
        texts.c.number, texts.c.caller, texts.c.reason,
    ).where(at >= _milliseconds(which.begin), at < _milliseconds(which.end))  # fmt: skip
    if which.states:
        found = found.where(texts.c.state.in_(sorted(which.states)))
    if which.service is not None:
        found = found.where(texts.c.service == which.service)
    if which.before is not None:
        when, number = which.before
        found = found.where(at <= when, sa.or_(at < when, key < number))
    return found.order_by(at.desc(), key.desc()).limit(which.most)


def received_texts(which: WhichTexts) -> Reading:
    """Texts from phones. Their facts have no words, and belong to no service."""
    at = journal.c.at
    found = sa.select(journal.c.node, journal.c.id, at, journal.c.number, journal.c.caller, journal.c.service).where(
        journal.c.event == _literal("sms.received"), at >= which.begin, at < which.end
    )
    if which.service is not None:
        found = found.where(journal.c.service == which.service)
    if which.before is not None:
        when, number = moment(which.before[0]), which.before[1]
        found = found.where(at < when + timedelta(milliseconds=1), sa.or_(at < when, journal.c.id < number))
    return found.order_by(at.desc(), journal.c.id.desc()).limit(which.most)


def any_text_before(end: datetime) -> Reading:
    """One row when there is any text before a time."""
    return sa.select(texts.c.at).where(texts.c.at < _milliseconds(end)).order_by(texts.c.at.desc()).limit(1)


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def moment(milliseconds: int) -> datetime:
    """A time of the ledger."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _literal(text: str) -> sa.BindParameter[str]:
    # In the statement's text: a partial index is only taken when the database sees its condition.
    return sa.bindparam(None, text, sa.Text, literal_execute=True)
