"""What becomes true of users, their sessions, and API keys.

Who did it is in the fields that every fact may have. A password, a code, a key or a token is in no fact.
"""

from __future__ import annotations

from callcentre.kernel.fact import Fact


class UserFact(Fact, frozen=True):
    """Base of the facts about accounts.

    account: the name of the account.
    role: its role.
    """

    account: str | None = None
    role: str | None = None


class UserInvited(UserFact, frozen=True, tag="user.invited"):
    """Somebody may make an account by a link.

    by: link, mail, or start: the daemon wrote the link to its log, since there was no account.
    """


class UserUninvited(UserFact, frozen=True, tag="user.uninvited"):
    """An invitation counts no more, before anybody used it."""


class UserAdded(UserFact, frozen=True, tag="user.added"):
    """There is a new account.

    by: command, invitation, or oidc.
    """


class UserChanged(UserFact, frozen=True, tag="user.changed"):
    """An account was changed.

    by: oidc, where the provider of single sign-on says so.
    what: what is different, such as `password`, `second_factor`, or `role services`.
    """

    what: str | None = None


class UserDisabled(UserFact, frozen=True, tag="user.disabled"):
    """An account cannot be used any more. Its sessions are over."""


class UserEnabled(UserFact, frozen=True, tag="user.enabled"):
    """A disabled account can be used again."""


class UserLoggedIn(UserFact, frozen=True, tag="user.logged_in"):
    """Somebody logged in.

    by: password, invitation, or oidc.
    """


class UserLoggedOut(UserFact, frozen=True, tag="user.logged_out"):
    """A session is over because somebody ended it.

    sessions: how many were ended.
    by: user: by the person in it; other: from another session of the account.
    """

    sessions: int = 1


class UserRefused(UserFact, frozen=True, tag="user.refused"):
    """A log-in was refused. An account is named only where there is one.

    reason: wrong, code, code_used, disabled, ambiguous (accounts of several organisations have this name and password),
        or, with single sign-on, no_role, other_account.
    """


class UserLocked(UserFact, frozen=True, tag="user.locked"):
    """After many wrong passwords from one address, no password counts for this name from there for a while.

    until: the end of that, ISO 8601.
    """

    until: str | None = None


class KeyFact(Fact, frozen=True):
    """Base of the facts about API keys.

    key: the name of the key.
    role: its role.
    """

    key: str | None = None
    role: str | None = None


class KeyAdded(KeyFact, frozen=True, tag="key.added"):
    """There is a new API key."""


class KeyRevoked(KeyFact, frozen=True, tag="key.revoked"):
    """An API key counts no more."""
