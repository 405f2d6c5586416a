"""A daemon that two organisations share. Whatever belongs to the other one, and is not the same in both, has a mark."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from callcentre.features.callbacks.events import CallbackRequested
from callcentre.features.callbacks.facts import CallbackAccepted, CallbackOffered
from callcentre.features.users.model import digest
from callcentre.kernel.collection import Collection
from callcentre.kernel.fact import Fact
from callcentre.kernel.ownership import Owner, owner_of
from callcentre.kernel.schema import Hash, Instant, metadata
from callcentre.messaging.facts import SmsFailed, SmsQueued, SmsReceived
from callcentre.messaging.model import State, Text
from callcentre.telephony.agents.interface import Agents
from callcentre.telephony.agents.model import KnownAgent, Membership, Pause
from callcentre.telephony.facts import CallEnded, QueueAnswered, QueueJoined
from callcentre.telephony.queue_view.model import Call, Stage
from callcentre.web.rights import Role
from tests.cast import MATTI
from tests.integration.visited import Visited, person, visited_in
from tests.testbed.configuration import write_configuration
from tests.testbed.databases import connected, prepare
from tests.unit.rehearsal import NOON

MARK: Final = "zzvault"
"""In everything of the other organisation that ours does not have too."""

OURS, THEIRS = "posti", MARK
OURS_SERVICE, THEIRS_SERVICE = "support", MARK

CALL: Final = "1772435662.2"
"""A call of ours. Another daemon has one of theirs with the same id."""
CALLBACK: Final = "cb-ours"
MESSAGE: Final = "m-ours"

SETTINGS: Final[Mapping[str, Any]] = {
    "organisations": {OURS: {"name": "Posti"}, THEIRS: {"name": "Zzvault Oy"}},
    "services": {
        "support": {"organisation": OURS, "callback": {}, "notify": None},
        THEIRS_SERVICE: {
            "organisation": THEIRS, "queue": MARK, "name": {"fi": "Zzvault-palvelu", "en": "Zzvault service"},
            "language": "fi", "callback": {},
        },
    },
    "reports": [
        {"name": "ours", "cron": "0 7 * * mon", "kind": "stats by agent", "service": OURS_SERVICE, "folder": "reports"},
        {"name": MARK, "cron": "0 7 * * mon", "kind": "stats by agent", "service": MARK, "folder": "reports"},
        {"name": "zzvault-all", "cron": "0 7 * * mon", "kind": "stats by service", "folder": "reports"},
    ],
}  # fmt: skip

PEOPLE: Final = {
    **{role.value: person(role.value, role, organisation=OURS) for role in Role},
    "narrow": person("narrow", Role.SUPERVISOR, organisation=OURS, services=set()),
}
"""Visitors of ours in each role, and one who is restricted to no service."""

_TIME_OF_LEDGER: Final = ("at", "joined", "left_at", "ended", "taken", "asked")
_WORDS: Final = {
    "outcome": "answered", "state": "delivered", "kind": "welcome", "metric": "csat", "event": "queue.joined",
    "role": "viewer", "by": "sms", "further": "{}", "question": "satisfaction", "taken_by": "customer",
}  # fmt: skip
"""Words that mean something to the program."""


def owned(visited: Visited) -> Iterator[sa.Table]:
    """The tables with rows of organisations that no daemon has in memory."""
    live = {each.table for each in visited.built.of(Collection) if each.table is not None}
    for table in metadata.sorted_tables:
        if owner_of(table) is not Owner.PROGRAM and table not in live and table.name != "journal":
            yield table


def row_of(table: sa.Table, service: str, organisation: str, mark: str) -> dict[str, Any]:
    """A row of an organisation with its mark in each column that takes a text."""
    return {column.name: _value(column, service, organisation, mark) for column in table.c}


def _value(column: sa.Column[Any], service: str, organisation: str, mark: str) -> Any:
    name, kind = column.name, column.type
    at = NOON - timedelta(hours=1)
    known = {"node": "main2", "service": service, "queue": service, "organisation": organisation, **_WORDS}
    if name == "folded":
        return f"{mark}-name"
    if isinstance(kind, Hash) or name in ("hash", "caller"):
        return digest(f"{mark} {column.table.name} {name}")[:16] if isinstance(kind, Hash) else digest(mark)
    if name in known:
        return known[name]
    if isinstance(kind, Instant):
        return at + timedelta(days=30) if name == "expires" else at
    if isinstance(kind, sa.Boolean):
        return False
    if isinstance(kind, sa.Integer | sa.BigInteger):
        return int(at.timestamp() * 1000) if name.startswith(_TIME_OF_LEDGER) else 1
    if isinstance(kind, sa.Float):
        return 1.0
    if isinstance(kind, sa.JSON):
        return []
    if name == "number":
        return "+35840•••22"
    return f"{mark}-{name}"


def facts(visited: Visited, service: str, mark: str, *, call: str, message: str, callback: str) -> list[Fact]:
    """A day of a service. The numbers are the same in each, and so are most words."""
    about: dict[str, Any] = {"service": service, "queue": service, **visited.world.who(MATTI)}
    agent: dict[str, Any] = {"agent": f"PJSIP/{mark}1", "agent_name": f"{mark} Anna"}
    return [
        QueueJoined(position=1, waiting=1, call=call, **about),
        CallbackOffered(position=1, call=call, **about),
        SmsQueued(kind="welcome", parts=1, message=message, call=call, **about),
        SmsFailed(kind="welcome", parts=1, message=message, reason=f"{mark} refused", call=call, **about),
        QueueAnswered(wait=5.0, call=call, **about, **agent),
        CallEnded(wait=5.0, talk=60.0, call=call, **about, **agent),
        CallbackAccepted(position=1, callback=callback, by="staff", **about),
        SmsReceived(message=f"{mark}-received", **about),
    ]


@asynccontextmanager
async def shared_in(folder: Path, *, with_theirs: bool) -> AsyncIterator[Visited]:
    """The daemon. Without what is theirs, it is the daemon that ours must not be able to tell from this one."""
    folder.mkdir(exist_ok=True)  # noqa: ASYNC240 - a test has time
    prepare(folder)
    file = write_configuration(
        folder / "config.yaml", ari_url="http://127.0.0.1:1/ari", http_port=8090, changes=SETTINGS
    )
    async with visited_in(folder, SETTINGS, PEOPLE, file) as visited:
        visited.people |= {f"cc_{name}": identity for name, identity in PEOPLE.items()}
        await _begin(visited, folder, OURS, OURS_SERVICE, "plain", CALL, MESSAGE, "ours")
        if with_theirs:
            await _begin(visited, folder, THEIRS, THEIRS_SERVICE, MARK, f"{MARK}-1.1", f"{MARK}-m", MARK)
            same = facts(visited, THEIRS_SERVICE, MARK, call=CALL, message=MESSAGE, callback=CALLBACK)
            await visited.store_facts(*same, node="main2")
        yield visited


async def _begin(
    visited: Visited, folder: Path, organisation: str, service: str, mark: str, call: str, message: str, request: str
) -> None:
    with connected(folder) as connection, connection.begin():
        for table in owned(visited):
            if organisation == THEIRS or table.name == "users":
                connection.execute(sa.insert(table), [row_of(table, service, organisation, mark)])
        if organisation == OURS:
            _let_in(connection)
    await visited.store_facts(*facts(visited, service, mark, call=call, message=message, callback=f"cb-{request}"))
    act = CallbackAccepted(
        position=1, callback=f"cb-{request}", service=service, user=f"{mark}-user", organisation=organisation,
        address="192.0.2.7", why=f"{mark}-why",
    )  # fmt: skip
    await visited.store_facts(act)
    named = f"{mark} Matti"
    await visited.settle(
        CallbackRequested(at=NOON, request=request, service=service, number=MATTI, caller_name=named, by="staff")
    )
    text = Text(
        message=f"{mark}-open", kind="welcome", number=MATTI, sender="Neuvonta", body=f"{mark} body", parts=1,
        state=State.QUEUED, wanted_at=NOON, service=service, queue=service,
    )  # fmt: skip
    visited.world.texts.open.put(text)
    waiting = Call(
        call=f"{mark}-live", channel=f"PJSIP/trunk-{mark}", queue=service, service=service, number=MATTI,
        caller_name=f"{mark} Liisa", language="fi", stage=Stage.WAITING, joined_at=NOON, entered=NOON, position=1,
    )  # fmt: skip
    visited.world.calls.calls.put(waiting)
    agents, device = visited.one(Agents).records, f"PJSIP/{mark}1"
    agents.known.put(KnownAgent(agent=device, name=f"{mark} Anna"))
    agents.memberships.put(Membership(queue=service, agent=device, paused=True, device="NOT_INUSE", since=NOON))
    agents.pauses.put(Pause(queue=service, agent=device, reason=f"{mark} lunch", since=NOON))


def _let_in(connection: sa.Connection) -> None:
    """The accounts and sessions of the visitors, as their own pages read them."""
    users, sessions = metadata.tables["users"], metadata.tables["sessions"]
    for name, identity in PEOPLE.items():
        user = row_of(users, "", OURS, name) | {
            "id": f"u-{name}", "name": name, "folded": name, "role": identity.role.value, "language": "en",
            "agent": None, "mail": None, "password": None, "totp": None, "subject": None,
        }  # fmt: skip
        session = row_of(sessions, "", OURS, name) | {
            "hash": identity.session, "user": f"u-{name}", "generation": 1, "expires": datetime(2036, 1, 1, tzinfo=UTC),
            "confirmed_at": NOON,
        }  # fmt: skip
        connection.execute(sa.insert(users), [user])
        connection.execute(sa.insert(sessions), [session])


def theirs_now(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of theirs, as they are stored now."""
    with connected(folder) as connection:
        found = {}
        for table in metadata.sorted_tables:
            if owner_of(table) is Owner.PROGRAM:
                continue
            whose = [
                table.c[name] == mark
                for name, mark in (("organisation", THEIRS), ("service", THEIRS_SERVICE))
                if name in table.c
            ]
            rows = connection.execute(sa.select(table).where(sa.or_(*whose))).all()
            found[table.name] = sorted((tuple(row) for row in rows), key=repr)
        return found
