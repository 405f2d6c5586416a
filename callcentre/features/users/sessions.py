"""Who may log in, and which sessions last: pure functions, and the rules of sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from callcentre.features.users.events import Confirmed, KeyUsed, LogInTried, Match, SessionSeen, SessionsEnded
from callcentre.features.users.facts import UserLocked, UserLoggedIn, UserLoggedOut, UserRefused
from callcentre.features.users.limits import after_wrong, closed_until
from callcentre.features.users.model import Accounts, ApiKey, Session, User
from callcentre.kernel.decision import NOTHING, Change, Decision, Delete, Put

SEEN_AGAIN: Final = timedelta(minutes=1)
"""A session or key that is used all the time is written once in this time."""


def why_not(user: User | None, match: Match) -> str | None:
    """Why somebody with the password of an account is not logged in, in one word; None: nothing is against it."""
    if user is None or user.generation != match.generation:
        return "wrong"
    if user.disabled:
        return "disabled"
    if user.totp is None or match.recovery in user.recovery:
        return None
    if match.step is None:
        return "code"
    return None if match.step > user.totp_step else "code_used"


def with_code_used(user: User, match: Match) -> User:
    """The account after a log-in: its code, or recovery code, counts no more."""
    if match.recovery in user.recovery:
        return replace(user, recovery=tuple(each for each in user.recovery if each != match.recovery))
    return user if match.step is None else replace(user, totp_step=max(match.step, user.totp_step))


def is_valid(session: Session | None, user: User | None, at: datetime) -> bool:
    """Whether a session is one of this account now."""
    return (
        session is not None
        and user is not None
        and session.user == user.id
        and session.generation == user.generation
        and not user.disabled
        and at < session.expires
    )


def is_usable(key: ApiKey, maker: User | None, at: datetime) -> bool:
    """Whether an API key counts now. `maker` is the account that made it, if it is known and there still."""
    if key.expires is not None and key.expires <= at:
        return False
    return key.maker is None or (maker is not None and not maker.disabled)


@dataclass(slots=True)
class Sessions:
    """The rules of sessions."""

    accounts: Accounts

    def tried(self, event: LogInTried, at: datetime) -> Decision:
        """Begin a session, or count a wrong password. While no password counts, nothing is looked at."""
        before = self.accounts.tries.get(event.tries)
        if closed_until(before, at) is not None:
            return NOTHING
        open_to = [(self.accounts.users.get(match.user), match) for match in event.matches]
        reasons = [why_not(user, match) for user, match in open_to]
        if len(open_to) != 1 or reasons[0] is not None:
            reason = "wrong" if not open_to else "ambiguous" if len(open_to) > 1 else reasons[0]
            account = event.known[0] if len(event.known) == 1 else None
            return self._wrong(event.tries, event.address, account, reason, at)
        (user, match) = open_to[0]
        assert user is not None  # noqa: S101 - `why_not` says so
        session = replace(event.session, user=user.id, organisation=user.organisation, generation=user.generation)
        changes: tuple[Change, ...] = (Put(session),)
        after = with_code_used(user, match)
        changes += () if after == user else (Put(after),)
        changes += () if before is None else (Delete(before),)
        return Decision(
            changes=changes,
            facts=(
                UserLoggedIn(
                    account=user.name, role=user.role, by=session.by,
                    user=user.name, organisation=user.organisation, address=event.address,
                ),
            ),
        )  # fmt: skip

    def _wrong(self, tries: str, address: str, account: str | None, reason: str | None, at: datetime) -> Decision:
        after = after_wrong(self.accounts.tries.get(tries), tries, at)
        refused = UserRefused(account=account, reason=reason, address=address)
        if after.closed_until is None:
            return Decision(changes=(Put(after),), facts=(refused,))
        until = after.closed_until.isoformat(timespec="seconds")
        return Decision(
            changes=(Put(after),), facts=(refused, UserLocked(account=account, address=address, until=until))
        )

    def confirmed(self, event: Confirmed, at: datetime) -> Decision:
        """The person may change users and keys for some minutes, or a wrong password counts."""
        session = self.accounts.sessions.get(event.session)
        if session is None or closed_until(self.accounts.tries.get(event.tries), at) is not None:
            return NOTHING
        if event.right:
            return Decision(changes=(Put(replace(session, confirmed_at=at)),))
        user = self.accounts.users.get(session.user)
        return self._wrong(event.tries, event.address, None if user is None else user.name, "wrong", at)

    def seen(self, event: SessionSeen, at: datetime) -> Decision:
        """Write when a session was last seen."""
        session = self.accounts.sessions.get(event.session)
        if session is None or abs(at - session.seen_at) < SEEN_AGAIN:
            return NOTHING
        return Decision(changes=(Put(replace(session, seen_at=at)),))

    def used(self, event: KeyUsed, at: datetime) -> Decision:
        """Write when an API key was last used."""
        key = self.accounts.keys.get(event.key)
        if key is None or (key.used_at is not None and abs(at - key.used_at) < SEEN_AGAIN):
            return NOTHING
        return Decision(changes=(Put(replace(key, used_at=at)),))

    def ended(self, event: SessionsEnded, _at: datetime) -> Decision:
        """These sessions are over."""
        ended = [each for name in event.sessions if (each := self.accounts.sessions.get(name)) is not None]
        if not ended:
            return NOTHING
        user = self.accounts.users.get(ended[0].user)
        account, role = (None, None) if user is None else (user.name, user.role)
        return Decision(
            changes=tuple(Delete(each) for each in ended),
            facts=(UserLoggedOut(account=account, role=role, sessions=len(ended), by=event.by),),
        )
