"""Logs people in: looks at name, password and code, and begins a session.

A name that nobody has takes as long as one that somebody has, and gets the same answer.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

import msgspec

from callcentre.features.users.events import LogInTried, Match
from callcentre.features.users.limits import closed_until
from callcentre.features.users.model import Accounts, Session, User, browser_of, digest, tries_of
from callcentre.features.users.outside.codes import recovery_hash, step_of
from callcentre.features.users.outside.passwords import LONGEST, Passwords
from callcentre.features.users.sessions import why_not
from callcentre.features.users.settings import LoginSettings
from callcentre.kernel.people import People
from callcentre.kernel.program import Program
from callcentre.kernel.settings_in_force.interface import SettingsInForce

HALF_WAY: Final = timedelta(minutes=5)
"""How long somebody who gave the password may take for the code."""

_MOST_ALIKE: Final = 4
"""Accounts of several organisations with one name whose passwords are tried."""


class Problem(Enum):
    """Why nobody is logged in. The value is a sentence in English for the page."""

    WRONG = "The name or the password is wrong."
    CODE = "The code is wrong, or was used already."
    CLOSED = "There were too many wrong passwords. Try again later."


@dataclass(frozen=True, slots=True)
class Begun:
    """Somebody is logged in: `cookie` is the id of the session, which only the browser keeps."""

    cookie: str


@dataclass(frozen=True, slots=True)
class CodeNeeded:
    """The password was right. `half` proves it, for the request that brings the code."""

    half: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Nobody is logged in. `until`: when a password counts again."""

    problem: Problem
    until: datetime | None = None


Outcome = Begun | CodeNeeded | Refused


class _Half(msgspec.Struct, frozen=True, array_like=True):
    """That somebody gave the password of an account of this generation."""

    user: str
    generation: int
    until: float


@dataclass(slots=True)
class LogIns:
    """The log-in with a password."""

    accounts: Accounts
    program: Program
    in_force: SettingsInForce
    people: People
    passwords: Passwords

    # --- with a password -------------------------------------------------------------------------

    async def by_password(self, name: str, password: str, code: str, address: str, browser: str) -> Outcome:
        """Log somebody in. Raises `Busy`."""
        tries = tries_of(name, address)
        if (until := closed_until(self.accounts.tries.get(tries), self.program.clock())) is not None:
            return Refused(Problem.CLOSED, until)
        known = self._named(name)
        matches = [user for user in known if await self._has_password(user, password)]
        if not known:
            await self._has_password(None, password)
        if len(matches) == 1 and not code and why_not(matches[0], self._match(matches[0], "")) == "code":
            return CodeNeeded(self._half_of(matches[0]))
        return await self._tried(tries, address, browser, known, [self._match(user, code) for user in matches])

    async def by_code(self, half: str, code: str, address: str, browser: str) -> Outcome:
        """Log somebody in who gave the password some minutes ago."""
        user = self._of_half(half)
        if user is None:
            return Refused(Problem.WRONG)
        tries = tries_of(user.name, address)
        if (until := closed_until(self.accounts.tries.get(tries), self.program.clock())) is not None:
            return Refused(Problem.CLOSED, until)
        return await self._tried(tries, address, browser, [user], [self._match(user, code)])

    def _named(self, name: str) -> list[User]:
        """The accounts with a name, which may be followed by @ and the organisation."""
        before, at, organisation = name.strip().rpartition("@")
        found = self.accounts.named(name)
        if not found and at and organisation in self.in_force.settings.organisation_keys:
            found = self.accounts.named(before, organisation)
        return found[:_MOST_ALIKE]

    async def _has_password(self, user: User | None, password: str) -> bool:
        return await self.passwords.is_right(password[: LONGEST + 1], None if user is None else user.password)

    def _match(self, user: User, code: str) -> Match:
        step = None if user.totp is None or not code else step_of(user.totp, code, self.program.clock())
        recovery = recovery_hash(code) if code and step is None else None
        return Match(user=user.id, generation=user.generation, step=step, recovery=recovery)

    async def _tried(
        self, tries: str, address: str, browser: str, known: Sequence[User], matches: Sequence[Match]
    ) -> Outcome:
        at = self.program.clock()
        cookie, session = self.new_session("password", address, browser)
        reason = why_not(self.accounts.users.get(matches[0].user), matches[0]) if len(matches) == 1 else "wrong"
        await self.program.settle(
            LogInTried(
                at=at, tries=tries, address=address, session=session, matches=tuple(matches),
                known=tuple(user.name for user in known),
            )
        )  # fmt: skip
        if self.accounts.sessions.get(session.hash) is not None:
            return Begun(cookie)
        if (until := closed_until(self.accounts.tries.get(tries), self.program.clock())) is not None:
            return Refused(Problem.CLOSED, until)
        return Refused(Problem.CODE if reason in {"code", "code_used"} else Problem.WRONG)

    # --- the password once more ------------------------------------------------------------------

    async def is_password_of(self, user: User, password: str) -> bool:
        """Whether this is the password of an account. Raises `Busy`."""
        return await self._has_password(user, password)

    def closed_until(self, user: User, address: str) -> datetime | None:
        """Until when no password of an account counts from an address."""
        return closed_until(self.accounts.tries.get(tries_of(user.name, address)), self.program.clock())

    # --- sessions --------------------------------------------------------------------------------

    def new_session(self, by: str, address: str, browser: str) -> tuple[str, Session]:
        """A cookie of 128 random bits, and the session that it will be, once it has an account."""
        at, cookie = self.program.clock(), secrets.token_urlsafe(16)
        length = self.in_force.settings.section(LoginSettings).session
        session = Session(
            hash=digest(cookie), user="", organisation="", generation=0, by=by, made_at=at, seen_at=at,
            confirmed_at=at, expires=at + length, address=address, browser=browser_of(browser),
        )  # fmt: skip
        return cookie, session

    # --- half way --------------------------------------------------------------------------------

    def _half_of(self, user: User) -> str:
        until = (self.program.clock() + HALF_WAY).timestamp()
        said = msgspec.json.encode(_Half(user.id, user.generation, until))
        return base64.urlsafe_b64encode(self._signature(said) + said).decode()

    def _of_half(self, half: str) -> User | None:
        try:
            octets = base64.urlsafe_b64decode(half.encode("ascii", "replace"))
            signature, said = octets[:32], octets[32:]
            if not hmac.compare_digest(signature, self._signature(said)):
                return None
            found = msgspec.json.decode(said, type=_Half)
        except (ValueError, msgspec.MsgspecError):
            return None
        user = self.accounts.users.get(found.user)
        if user is None or user.generation != found.generation or found.until < self.program.clock().timestamp():
            return None
        return user

    def _signature(self, said: bytes) -> bytes:
        return hmac.digest(self.people.key, b"half a log-in\n" + said, "sha256")
