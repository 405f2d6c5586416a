"""Who has an account or an API key, and with which role: why not, and the rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import msgspec
from msgspec.structs import replace

from callcentre.features.users.events import (
    Changes,
    InvitationRequested,
    InvitationUsed,
    InvitationWithdrawn,
    KeyAddRequested,
    KeyRevokeRequested,
    PasswordChosen,
    SecondFactorChosen,
    UserAddRequested,
    UserChangeRequested,
)
from callcentre.features.users.facts import (
    KeyAdded,
    KeyRevoked,
    UserAdded,
    UserChanged,
    UserDisabled,
    UserEnabled,
    UserInvited,
    UserLoggedIn,
    UserUninvited,
)
from callcentre.features.users.model import Accounts, ApiKey, Invitation, Session, User
from callcentre.kernel.decision import NOTHING, Change, Decision, Delete, Put
from callcentre.kernel.fact import Fact


def changed(user: User, changes: Changes) -> tuple[User, tuple[str, ...]]:
    """The account with changes, and the names of the fields that are different."""
    wanted = {
        name: value for name in changes.__struct_fields__ if (value := getattr(changes, name)) is not msgspec.UNSET
    }
    different = tuple(name for name, value in wanted.items() if getattr(user, name) != value)
    return replace(user, **{name: wanted[name] for name in different}), different


ENDS_SESSIONS = frozenset({"role", "services", "agent", "disabled"})
"""What a session was begun with: when it changes, the person logs in again."""


@dataclass(slots=True)
class Administering:
    """The rules of accounts, invitations and keys."""

    accounts: Accounts

    # --- why not ---------------------------------------------------------------------------------

    def why_not_added(self, user: User) -> str | None:
        """Why an account cannot be made, in one word; None when it can."""
        return "name_taken" if self.accounts.named(user.name, user.organisation) else None

    def why_not_changed(self, user: User, changes: Changes) -> str | None:
        """Why an account cannot be changed so, in one word: nobody could administer the organisation; None: it can."""
        after, _ = changed(user, changes)
        if user.role != "administrator" or user.disabled or (after.role == user.role and not after.disabled):
            return None
        others = [each for each in self.accounts.administrators(user.organisation) if each.id != user.id]
        return None if others else "last_administrator"

    def why_not_keyed(self, key: ApiKey) -> str | None:
        """Why an API key cannot be made, in one word; None when it can."""
        return "name_taken" if self.accounts.keys_named(key.name, key.organisation) else None

    # --- accounts --------------------------------------------------------------------------------

    def add(self, event: UserAddRequested, _at: datetime) -> Decision:
        """Make an account."""
        return self._added(event.account, "command") if self.why_not_added(event.account) is None else NOTHING

    def _added(self, user: User, by: str) -> Decision:
        return Decision(changes=(Put(user),), facts=(UserAdded(account=user.name, role=user.role, by=by),))

    def change(self, event: UserChangeRequested, at: datetime) -> Decision:
        """Change an account. Its other sessions are over where they were begun with something else."""
        user = self.accounts.users.get(event.account)
        if user is None or self.why_not_changed(user, event.changes) is not None:
            return NOTHING
        after, different = changed(user, event.changes)
        if not different:
            return NOTHING
        fact: Fact = UserChanged(account=after.name, role=after.role, what=" ".join(different))
        if different == ("disabled",):
            fact = (UserDisabled if after.disabled else UserEnabled)(account=after.name, role=after.role)
        if ENDS_SESSIONS.isdisjoint(different):
            return Decision(changes=(Put(replace(after, changed_at=at)),), facts=(fact,))
        return self._anew(after, event.keeps, fact, at)

    def password(self, event: PasswordChosen, at: datetime) -> Decision:
        """An account has another password."""
        user = self.accounts.users.get(event.account)
        if user is None:
            return NOTHING
        fact = UserChanged(account=user.name, role=user.role, what="password")
        return self._anew(replace(user, password=event.password), event.keeps, fact, at)

    def second_factor(self, event: SecondFactorChosen, at: datetime) -> Decision:
        """An account has a second factor, or none."""
        user = self.accounts.users.get(event.account)
        if user is None:
            return NOTHING
        fact = UserChanged(account=user.name, role=user.role, what="second_factor")
        after = replace(user, totp=event.totp, totp_step=event.step, recovery=event.recovery)
        return self._anew(after, event.keeps, fact, at)

    def _anew(self, user: User, keeps: str | None, fact: Fact, at: datetime) -> Decision:
        """Store an account, and end all its sessions but the one that is kept."""
        after = replace(user, changed_at=at, generation=user.generation + 1)
        changes = (Put(after), *self._sessions_of(after, keeps))
        return Decision(changes=changes, facts=(fact,))

    def _sessions_of(self, user: User, keeps: str | None) -> Iterator[Change]:
        for session in self.accounts.sessions.find("user", user.id):
            yield Put(replace(session, generation=user.generation)) if session.hash == keeps else Delete(session)

    # --- invitations -----------------------------------------------------------------------------

    def invite(self, event: InvitationRequested, at: datetime) -> Decision:
        """Somebody may make an account by a link. The first start invites only while there is no account."""
        if event.by == "start" and self.accounts.any_user(at):
            return NOTHING
        return Decision(changes=(Put(event.invitation),), facts=(UserInvited(role=event.invitation.role, by=event.by),))

    def invited(self, token_hash: str, at: datetime) -> Invitation | None:
        """The invitation with this token, while it counts. That of the first start makes the first account only."""
        found = self.accounts.invitations.get(token_hash)
        if found is None or found.expires <= at:
            return None
        return None if found.is_first and self.accounts.any_user(at) else found

    def withdraw(self, event: InvitationWithdrawn, _at: datetime) -> Decision:
        """An invitation counts no more."""
        found = self.accounts.invitations.get(event.invitation)
        if found is None:
            return NOTHING
        return Decision(changes=(Delete(found),), facts=(UserUninvited(role=found.role),))

    def accept(self, event: InvitationUsed, at: datetime) -> Decision:
        """An account is made by an invitation, and the invitation counts no more."""
        invitation = self.invited(event.invitation, at)
        if invitation is None:
            return NOTHING
        user = replace(
            event.account, organisation=invitation.organisation, role=invitation.role, services=invitation.services,
            mail=invitation.mail,
        )  # fmt: skip
        if self.why_not_added(user) is not None:
            return NOTHING
        session: Session = replace(
            event.session, user=user.id, organisation=user.organisation, generation=user.generation
        )
        logged_in = UserLoggedIn(account=user.name, role=user.role, by=session.by)
        return self._added(user, "invitation") + Decision(
            changes=(Delete(invitation), Put(session)), facts=(logged_in,)
        )

    # --- keys ------------------------------------------------------------------------------------

    def add_key(self, event: KeyAddRequested, _at: datetime) -> Decision:
        """Make an API key."""
        key = event.key
        if self.why_not_keyed(key) is not None:
            return NOTHING
        return Decision(changes=(Put(key),), facts=(KeyAdded(key=key.name, role=key.role),))

    def revoke_key(self, event: KeyRevokeRequested, _at: datetime) -> Decision:
        """An API key counts no more."""
        key = self.accounts.keys.get(event.key)
        if key is None:
            return NOTHING
        return Decision(changes=(Delete(key),), facts=(KeyRevoked(key=key.name, role=key.role),))
