"""Who a cookie or an API key is: what the guard of the web server asks.

Records are read by index, and what was read lately is in memory (`kernel/records.py`). So a look-up costs some
microseconds with a file. With a server the records are read anew after each commit, for some hundred microseconds each:
there the sessions that were looked up are remembered for a second, or until a fact about users.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from callcentre.features.users.events import KeyUsed, SessionSeen
from callcentre.features.users.model import CONFIRMED_FOR, Accounts, ApiKey, Session, User, digest
from callcentre.features.users.outside.administration import By
from callcentre.features.users.rights import OWN_ACCOUNT
from callcentre.features.users.sessions import SEEN_AGAIN, is_usable, is_valid
from callcentre.features.users.settings import LoginSettings
from callcentre.kernel.actor import Actor
from callcentre.kernel.journal import Entry
from callcentre.kernel.program import Program
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.web.rights import Rights, Role
from callcentre.web.visitor import Identities, Identity, Visitor

REMEMBERED: Final = 1.0
"""Seconds."""
MOST_REMEMBERED: Final = 2_000

_OF_USERS: Final = b'{"event":"user.'
"""How the line of a fact about users begins."""


@dataclass(slots=True)
class AccountIdentities(Identities):
    """The identities of accounts and API keys."""

    accounts: Accounts
    program: Program
    in_force: SettingsInForce
    table: Rights
    elapsed: Callable[[], float] = time.monotonic
    _known: dict[str, tuple[float, Session, User]] = field(default_factory=dict)
    """Sessions with their accounts, by the hash of the session, and when they were read."""

    async def of_session(self, cookie: str) -> Identity | None:
        """The account of a session's cookie; None when the session is over."""
        found = self._lately(digest(cookie))
        if found is None:
            return None
        session, user = found
        now = self.program.clock()
        if now - session.seen_at >= SEEN_AGAIN:
            self.program.submit(SessionSeen(at=now, session=session.hash))
        return Identity(
            user=user.name,
            role=Role(user.role),
            organisation=user.organisation,
            services=user.services or None,
            rights=(OWN_ACCOUNT.name,) if self.must_enrol(user, session) else None,
            language=user.language,
            secret=digest(f"csrf {cookie}"),
            session=session.hash,
            agent=user.agent,
        )

    def must_enrol(self, user: User, session: Session) -> bool:
        """Whether the person can only set up a second factor. The provider of single sign-on has its own."""
        login = self.in_force.settings.section(LoginSettings)
        return login.second_factor == "required" and user.totp is None and session.by != "oidc"

    async def of_key(self, key: str) -> Identity | None:
        """The API key; None when it does not count."""
        found = self._key(digest(key))
        if found is None:
            return None
        known, maker = found
        now = self.program.clock()
        if known.used_at is None or now - known.used_at >= SEEN_AGAIN:
            self.program.submit(KeyUsed(at=now, key=known.hash))
        return Identity(
            user=f"key:{known.name}",
            role=Role(known.role),
            organisation=known.organisation,
            services=_both(known.services, () if maker is None else maker.services),
            rights=self._rights(known, maker),
            session=known.hash,
        )

    def _rights(self, key: ApiKey, maker: User | None) -> frozenset[str] | None:
        if key.rights is None and maker is None:
            return None
        own = self.table.of(Role(key.role), key.rights)
        return own if maker is None else own & self.table.of(Role(maker.role))

    async def still_valid(self, identity: Identity) -> bool:
        """Whether a session or key counts still. It is asked every few seconds for each open stream."""
        if identity.user.startswith("key:"):
            return self._key(identity.session) is not None
        return self._lately(identity.session) is not None

    def _lately(self, session_hash: str) -> tuple[Session, User] | None:
        """A session that lasts, or lasted a second ago, with its account."""
        if self.program.database.path is not None:
            return self.found(session_hash)
        now, remembered = self.elapsed(), self._known.get(session_hash)
        if remembered is not None and now < remembered[0] + REMEMBERED:
            _, session, user = remembered
            return (session, user) if is_valid(session, user, self.program.clock()) else None
        found = self.found(session_hash)
        if found is None:
            self._known.pop(session_hash, None)
            return None
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[session_hash] = (now, *found)
        return found

    def heard(self, committed: Sequence[Entry]) -> None:
        """Forget what was remembered when a fact about users is on disk."""
        if any(entry.line.startswith(_OF_USERS) for entry in committed):
            self._known.clear()

    # --- what the pages of users need besides ----------------------------------------------------

    def found(self, session_hash: str) -> tuple[Session, User] | None:
        """A session that lasts, with its account."""
        session = self.accounts.sessions.get(session_hash)
        user = None if session is None else self.accounts.users.get(session.user)
        if session is None or user is None or not is_valid(session, user, self.program.clock()):
            return None
        return session, user

    def _key(self, key_hash: str) -> tuple[ApiKey, User | None] | None:
        key = self.accounts.keys.get(key_hash)
        if key is None:
            return None
        maker = None if key.maker is None else self.accounts.users.get(key.maker)
        return (key, maker) if is_usable(key, maker, self.program.clock()) else None

    def is_confirmed(self, identity: Identity) -> bool:
        """Whether the person in a session gave the password within the last minutes."""
        found = self.found(identity.session)
        return found is not None and _is_recent(found[0].confirmed_at, self.program.clock)

    def by(self, who: Visitor, actor: Actor) -> By:
        """The visitor as somebody who administers."""
        everything = who.role is Role.ADMINISTRATOR and who.identity.rights is None
        return By(
            actor=actor,
            organisation=who.organisation,
            user=self._account_of(who.identity),
            rights=None if everything else who.rights,
            services=who.identity.services,
        )

    def _account_of(self, identity: Identity) -> str | None:
        """The id of the account, or of the account that made the API key."""
        if (of_session := self.found(identity.session)) is not None:
            return of_session[1].id
        of_key = self._key(identity.session)
        return None if of_key is None else of_key[0].maker


def _is_recent(at: datetime, clock: Callable[[], datetime]) -> bool:
    return abs(clock() - at) < CONFIRMED_FOR


def _both(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...] | None:
    """The services that two lists allow; an empty list allows all, and None is all."""
    if not one or not other:
        return one or other or None
    return tuple(each for each in one if each in other)
