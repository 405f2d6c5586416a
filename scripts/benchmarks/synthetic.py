"""A synthetic year of calls: the facts that a daemon writes, in a database as a daemon leaves it.

Everything is generated from one seed, so that two runs measure the same year.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from callcentre.app import ledger_shape
from callcentre.features.callbacks.facts import (
    CallbackAccepted,
    CallbackCompleted,
    CallbackConnected,
    CallbackDialled,
    CallbackOffered,
)
from callcentre.kernel import migrations, schema
from callcentre.kernel.database import Database
from callcentre.kernel.fact import Fact
from callcentre.kernel.journal import CURSOR, Entry, stamp
from callcentre.kernel.statements import insert_into
from callcentre.messaging.facts import SmsAccepted, SmsDelivered, SmsQueued
from callcentre.statistics.ledger import Ledger
from callcentre.statistics.statements import Changes, put
from callcentre.telephony.facts import CallEnded, QueueAnswered, QueueJoined, QueueLeft

YEAR = 2025
AGENTS, SERVICES = 40, 6
BATCH = 5_000
"""Facts of one transaction."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Microseconds that adding a fact took, in each tenth of the year."""

    tenths: tuple[float, ...]


def calls(number: int, people: int | None = None) -> Iterator[tuple[datetime, Fact]]:
    """The facts of so many calls, spread evenly over the year; one in seven hangs up, one in fifty is called back.

    `people`: so many people call, each with the hash `hash_of`; None: everybody calls once.
    """
    chance = random.Random(YEAR)
    begin = datetime(YEAR, 1, 1, tzinfo=UTC)
    interval = timedelta(days=365) / number
    for place in range(number):
        caller = chance.getrandbits(64)
        caller_hash = f"{caller:016x}" if people is None else hash_of(caller % people)
        yield from _call(chance, begin + place * interval, place, caller_hash)


def hash_of(person: int) -> str:
    """The keyed hash of a person. Neighbours are far apart, as those of real numbers are."""
    return hashlib.sha256(str(person).encode()).hexdigest()[:16]


def _call(chance: random.Random, at: datetime, place: int, caller: str) -> Iterator[tuple[datetime, Fact]]:
    agent = chance.randrange(AGENTS)
    service = f"service{agent % SERVICES}"
    call = f"{at.timestamp():.0f}.{place}"
    about: dict[str, Any] = {
        "service": service, "queue": service, "call": call,
        "number": f"+35840•••{place % 100:02}", "caller": caller,
    }  # fmt: skip
    wait = round(chance.expovariate(1 / 60), 3)
    estimate = round(max(0.0, wait + chance.gauss(0, 30)), 3)
    position = 1 + int(wait // 20)
    yield at, QueueJoined(position=position, waiting=position, estimated_wait=estimate, **about)
    if chance.random() < 0.2:
        text: dict[str, Any] = {
            "service": service,
            "queue": service,
            "call": call,
            "message": f"welcome-{call}",
            "parts": 1,
        }
        yield at, SmsQueued(kind="welcome", **text)
        yield at, SmsAccepted(kind="welcome", **text)
        yield at, SmsDelivered(kind="welcome", **text)
    if chance.random() < 0.02:
        yield at, CallbackOffered(position=position, **about)
        back: dict[str, Any] = {**about, "callback": f"cb-{call}"}
        yield at, CallbackAccepted(position=position, by="customer", **back)
        yield at, CallbackDialled(attempt=1, **back)
        yield at, CallbackConnected(wait=2.0, agent=f"PJSIP/agent{agent}", **back)
        yield at, CallbackCompleted(**back)
    end = at + timedelta(seconds=wait)
    if chance.random() < 1 / 7:
        yield end, QueueLeft(wait=wait, reason="abandoned", **about)
        yield end, CallEnded(wait=wait, talk=0.0, **about)
        return
    talk = round(chance.uniform(20, 600), 3)
    who: dict[str, Any] = {"agent": f"PJSIP/agent{agent}", "agent_name": f"Agent {agent}"}
    yield end, QueueAnswered(wait=wait, **about, **who)
    yield end, QueueLeft(wait=wait, reason="answered", **about, **who)
    yield end + timedelta(seconds=talk), CallEnded(wait=wait, talk=talk, **about, **who)


def make(database: Database, number: int, people: int | None = None) -> Pace:
    """Write a year of so many calls, each batch in a transaction; how fast that went from its beginning to its end.

    `people` is as in `calls`.
    """
    migrations.upgrade(database)
    engine = sa.create_engine(database.url, poolclass=NullPool)
    with engine.connect() as connection:
        if database.path is not None:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            connection.commit()
        pace = _entered(connection, database.node, number, people)
    engine.dispose()
    return pace


def _entered(connection: sa.Connection, node: str, number: int, people: int | None) -> Pace:
    shape = ledger_shape()
    ledger = Ledger(shape)
    seconds, counted = [0.0] * 10, [0] * 10
    entries: list[Entry] = []
    changes = Changes(shape)
    began = time.process_time()
    calls_before = 0
    key = 0
    for key, (at, fact) in enumerate(calls(number, people), 1):
        entry = stamp(fact, key, at, node)
        entries.append(entry)
        changes.take(ledger.feed(shape.read(entry.line)))
        calls_before += isinstance(fact, QueueJoined)
        if len(entries) == BATCH:
            _commit(connection, node, entries, changes)
            tenth = min(9, calls_before * 10 // number)
            now = time.process_time()
            seconds[tenth] += now - began
            counted[tenth] += BATCH
            began, entries, changes = now, [], Changes(shape)
    _commit(connection, node, entries, changes)
    _mark(connection, node, key)
    return Pace(tuple(took / many * 1e6 for took, many in zip(seconds, counted, strict=True)))


def _commit(connection: sa.Connection, node: str, entries: list[Entry], changes: Changes) -> None:
    journal = insert_into(schema.journal, connection.dialect)
    with connection.begin():
        journal.run_in_order(connection.connection.cursor(), ((node, *entry.row) for entry in entries))
        put(connection, node, changes.rows())


def _mark(connection: sa.Connection, node: str, last: int) -> None:
    """As a daemon notes it: the facts up to this one are in the ledger, and in the log."""
    marks = [{"node": node, "key": key, "value": str(last)} for key in ("entered", CURSOR)]
    with connection.begin():
        connection.execute(sa.insert(schema.meta), marks)
