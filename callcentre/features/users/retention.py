"""How long the records of users are kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from callcentre.features.users.limits import KEPT_FOR
from callcentre.features.users.model import Accounts
from callcentre.kernel.retention.model import Retention


def _now(at: datetime) -> datetime:
    return at


def retentions(accounts: Accounts) -> Iterator[Retention]:
    """What the component declares. Nothing in these tables leads to a caller."""
    yield Retention(
        accounts.users,
        holds="Accounts: name, role, mail address, the hash of the password, the secret of the second factor",
        keeps="for ever; an administrator disables an account",
        why="people log in, and facts name them",
    )
    yield Retention(
        accounts.sessions,
        holds="Sessions: the hash of the cookie, when it was last seen, from which address and browser",
        keeps="until the session ends, after `login.session` at the latest",
        why="a browser stays logged in, and each session can be ended",
        since="expires",
        below=_now,
    )
    yield Retention(
        accounts.keys,
        holds="API keys: name, role, the hash of the key, when it was last used",
        keeps="until the key is revoked; one that has expired stays in the list",
        why="scripts and screens are admitted",
    )
    yield Retention(
        accounts.invitations,
        holds="Invitations: the hash of the link, the mail address of the invited person",
        keeps="until an account is made, or the invitation expires after 72 h",
        why="a person makes an account",
        since="expires",
        below=_now,
    )
    yield Retention(
        accounts.tries,
        holds="Wrong passwords lately: a hash of the name and the address, and the times",
        keeps=KEPT_FOR,
        why="passwords are not guessed",
    )
