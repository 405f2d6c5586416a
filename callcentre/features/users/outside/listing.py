"""Lists of accounts, keys, sessions and invitations, read from the database beside the engine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from callcentre.features.users.bodies import ListedKey, ListedUser
from callcentre.features.users.model import Accounts, ApiKey, Invitation, Session, User
from callcentre.kernel.database import Database
from callcentre.kernel.ownership import Reach
from callcentre.kernel.page_reads.reads import Reads
from callcentre.kernel.reading import read
from callcentre.kernel.schema import record_of

MOST: Final = 5_000
"""Rows of a list."""

Rows = Callable[[sa.Select[Any]], Awaitable[Sequence[dict[str, Any]]]]
"""Reads the rows of a statement. Raises `StoreError`."""


def of_visitor(reads: Reads, reach: Reach) -> Rows:
    """Rows that a visitor may see."""
    return lambda statement: reads.rows(reach, statement)


def of_command(database: Database) -> Rows:
    """All rows, for a command."""

    async def rows(statement: sa.Select[Any]) -> Sequence[dict[str, Any]]:
        (found,) = await read(database, [statement])
        return found

    return rows


async def users_of(rows: Rows, accounts: Accounts) -> list[User]:
    """The accounts by name."""
    return [record_of(row, User) for row in await rows(_by_name(accounts.users.table))]


async def keys_of(rows: Rows, accounts: Accounts) -> list[ApiKey]:
    """The API keys by name."""
    return [record_of(row, ApiKey) for row in await rows(_by_name(accounts.keys.table))]


async def invitations_of(rows: Rows, accounts: Accounts, at: datetime) -> list[Invitation]:
    """The invitations that count, the latest first."""
    table = accounts.invitations.table
    statement = sa.select(table).where(table.c.expires > at).order_by(table.c.made_at.desc()).limit(MOST)
    return [record_of(row, Invitation) for row in await rows(statement)]


async def sessions_of(rows: Rows, accounts: Accounts, user: User) -> list[Session]:
    """The sessions of an account, the latest first."""
    table = accounts.sessions.table
    statement = sa.select(table).where(table.c.user == user.id).order_by(table.c.seen_at.desc()).limit(MOST)
    return [record_of(row, Session) for row in await rows(statement)]


def _by_name(table: sa.Table) -> sa.Select[Any]:
    return sa.select(table).order_by(table.c.organisation, table.c.folded).limit(MOST)


def listed_user(user: User) -> ListedUser:
    """An account as lists show it."""
    return ListedUser(
        id=user.id, name=user.name, organisation=user.organisation, role=user.role, services=user.services,
        mail=user.mail, second_factor=user.totp is not None, disabled=user.disabled, made_at=user.made_at,
    )  # fmt: skip


def listed_key(key: ApiKey) -> ListedKey:
    """An API key as lists show it."""
    return ListedKey(
        id=key.id, name=key.name, organisation=key.organisation, role=key.role, services=key.services,
        rights=key.rights, made_at=key.made_at, expires=key.expires, used_at=key.used_at,
    )  # fmt: skip
