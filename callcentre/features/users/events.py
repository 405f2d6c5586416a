"""What people and commands do with accounts, sessions and keys.

An event brings hashes: no password, code or key is in memory for longer than it is checked.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from callcentre.features.users.model import ApiKey, Invitation, Session, User
from callcentre.kernel.event import Event


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """An account whose password was given: that of its `generation`.

    `step` is the time step of the code of the second factor, `recovery` the hash of the recovery code; both None: no
    right code was given.
    """

    user: str
    generation: int
    step: int | None = None
    recovery: str | None = None


class LogInTried(Event, frozen=True, kw_only=True):
    """Somebody gave a name and a password. `matches` are the accounts that have both: mostly one or none.

    `tries` is the key of the wrong ones before. `known` are the names of the accounts with this name. `session` begins
    if nothing is against it; its user, organisation and generation are those of the account.
    """

    tries: str
    address: str
    session: Session
    matches: tuple[Match, ...] = ()
    known: tuple[str, ...] = ()


class SignedOn(Event, frozen=True, kw_only=True):
    """The provider of single sign-on says who somebody is.

    `subject` is the person at the provider. `account` is what the provider says: it is made when there is none of this
    subject, else the account gets its role, services and mail address. `allowed`: the person has a role and a service.
    `session` begins; its user, organisation and generation are those of the account.
    """

    subject: str
    account: User
    allowed: bool
    address: str
    session: Session


class Confirmed(Event, frozen=True, kw_only=True):
    """The person in a session gave the password once more; `right`: it was the right one."""

    session: str
    tries: str
    address: str
    right: bool


class SessionSeen(Event, frozen=True, kw_only=True):
    """A browser made a request in a session that was last seen a minute ago or earlier."""

    session: str


class SessionsEnded(Event, frozen=True, kw_only=True):
    """The person in a session ended it, or other sessions of the account."""

    sessions: tuple[str, ...]
    by: Literal["user", "other"]


class UserAddRequested(Event, frozen=True, kw_only=True):
    """An account is to be made."""

    account: User


class Changes(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an account is to have instead. What is unset stays."""

    role: str | msgspec.UnsetType = msgspec.UNSET
    services: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    language: str | msgspec.UnsetType | None = msgspec.UNSET
    agent: str | msgspec.UnsetType | None = msgspec.UNSET
    mail: str | msgspec.UnsetType | None = msgspec.UNSET
    disabled: bool | msgspec.UnsetType = msgspec.UNSET


class UserChangeRequested(Event, frozen=True, kw_only=True):
    """An account is to be changed. With `keeps`, its session of this hash stays."""

    account: str
    changes: Changes
    keeps: str | None = None


class PasswordChosen(Event, frozen=True, kw_only=True):
    """An account has another password, by its argon2id hash. With `keeps`, its session of this hash stays."""

    account: str
    password: str
    keeps: str | None = None


class SecondFactorChosen(Event, frozen=True, kw_only=True):
    """An account has a second factor, or none. `step` is the time step of the code that proved it.

    With `keeps`, its session of this hash stays.
    """

    account: str
    totp: str | None
    step: int = 0
    recovery: tuple[str, ...] = ()
    keeps: str | None = None


class InvitationRequested(Event, frozen=True, kw_only=True):
    """Somebody is to be invited."""

    invitation: Invitation
    by: Literal["link", "mail", "start"]


class InvitationWithdrawn(Event, frozen=True, kw_only=True):
    """An invitation is to count no more; `invitation` is its hash."""

    invitation: str


class InvitationUsed(Event, frozen=True, kw_only=True):
    """Somebody made an account by an invitation, with a name and a password. `session` begins."""

    invitation: str
    account: User
    session: Session


class KeyAddRequested(Event, frozen=True, kw_only=True):
    """An API key is to be made."""

    key: ApiKey


class KeyRevokeRequested(Event, frozen=True, kw_only=True):
    """An API key is to count no more; `key` is its hash."""

    key: str


class KeyUsed(Event, frozen=True, kw_only=True):
    """A request brought an API key that was last used a minute ago or earlier."""

    key: str
