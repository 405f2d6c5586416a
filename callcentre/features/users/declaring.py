"""The records of users, and which rule decides about which event."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from callcentre.features.users.administering import Administering
from callcentre.features.users.events import (
    Confirmed,
    InvitationRequested,
    InvitationUsed,
    InvitationWithdrawn,
    KeyAddRequested,
    KeyRevokeRequested,
    KeyUsed,
    LogInTried,
    PasswordChosen,
    SecondFactorChosen,
    SessionSeen,
    SessionsEnded,
    SignedOn,
    UserAddRequested,
    UserChangeRequested,
)
from callcentre.features.users.model import Accounts
from callcentre.features.users.sessions import Sessions
from callcentre.features.users.signing_on import SigningOn
from callcentre.kernel.component import on


def declared(accounts: Accounts) -> Iterator[Any]:
    """What the component declares of records and rules."""
    sessions, administering = Sessions(accounts), Administering(accounts)
    yield from (accounts.users, accounts.sessions, accounts.keys, accounts.invitations, accounts.tries)
    yield on(LogInTried, sessions.tried)
    yield on(SignedOn, SigningOn(accounts).signed_on)
    yield on(Confirmed, sessions.confirmed)
    yield on(SessionSeen, sessions.seen)
    yield on(SessionsEnded, sessions.ended)
    yield on(KeyUsed, sessions.used)
    yield on(UserAddRequested, administering.add)
    yield on(UserChangeRequested, administering.change)
    yield on(PasswordChosen, administering.password)
    yield on(SecondFactorChosen, administering.second_factor)
    yield on(InvitationRequested, administering.invite)
    yield on(InvitationUsed, administering.accept)
    yield on(InvitationWithdrawn, administering.withdraw)
    yield on(KeyAddRequested, administering.add_key)
    yield on(KeyRevokeRequested, administering.revoke_key)
