"""Carries out what administrators do with accounts and keys: for the pages, for `/api`, and for commands.

What is asked for is checked against the records, then submitted, then looked for in the records: the answer says what
is on disk.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Literal

from msgspec.structs import replace

from callcentre.features.users.administering import Administering
from callcentre.features.users.bodies import NewKey, NewUser
from callcentre.features.users.events import (
    Changes,
    InvitationRequested,
    InvitationUsed,
    KeyAddRequested,
    KeyRevokeRequested,
    PasswordChosen,
    UserAddRequested,
    UserChangeRequested,
)
from callcentre.features.users.model import (
    FIRST_INVITED_FOR,
    INVITED_FOR,
    Accounts,
    ApiKey,
    Invitation,
    Session,
    User,
    digest,
    folded,
    name_of,
)
from callcentre.features.users.outside.passwords import LONGEST, SHORTEST, Passwords, why_unfit
from callcentre.kernel.actor import Actor
from callcentre.kernel.event import Event
from callcentre.kernel.program import Program
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.web.rights import Rights, Role

KEY: Final = "cc_"
"""How an API key begins."""

_SAYS: Final = {
    "name": ("this cannot be a name", "use up to 64 letters, digits and _.@+- with single blanks between them"),
    "name_taken": ("this name is taken", "choose another one"),
    "organisation": ("there is no such organisation", "see organisations in the configuration"),
    "services": ("there is no such service", "see services in the configuration"),
    "short": ("the password is too short", f"choose one of at least {SHORTEST} characters"),
    "long": ("the password is too long", f"choose one of at most {LONGEST} characters"),
    "same_as_name": ("the password is the name", "choose another one"),
    "last_administrator": ("nobody could administer the organisation any more", "make another administrator first"),
    "unknown_user": ("there is no such account", "see `callcentre user list`"),
    "unknown_key": ("there is no such key", "see `callcentre key list`"),
    "several": ("several organisations have this name", "say which organisation"),
    "rights": ("these rights are not among those of the role", "see the page that explains roles"),
    "role": ("the role may do more than you may", "choose a role that may do less"),
    "device": ("a screen has no account", "make an API key with this role"),
    "not_done": ("it was not done", "load it again, and see what is different now"),
}


class Refused(Exception):  # noqa: N818
    """It cannot be done: `reason` is one word, `error` and `fix` say it in sentences."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        self.error, self.fix = _SAYS[reason]
        super().__init__(f"{self.error}; {self.fix}")


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """Who asks: the actor of the facts, the organisation that they administer (None: all), and what they may.

    `user` is the id of the account that it is, or that made the key. `rights` None: everything. `services` None: all.
    """

    actor: Actor | None = None
    organisation: str | None = None
    user: str | None = None
    rights: frozenset[str] | None = None
    services: Collection[str] | None = None

    def sees(self, key: ApiKey) -> bool:
        """Whether an API key is in the list: administrators see all, others those that they made."""
        return self.rights is None or (self.user is not None and key.maker == self.user)


EVERYTHING: Final = By()
"""A command without the daemon."""


@dataclass(slots=True)
class Administration:
    """An interface that commands and pages use. All methods raise `Refused`."""

    accounts: Accounts
    rules: Administering
    program: Program
    in_force: SettingsInForce
    table: Rights
    passwords: Passwords = field(default_factory=Passwords)

    # --- accounts --------------------------------------------------------------------------------

    async def add_user(self, wanted: NewUser, by: By = EVERYTHING) -> User:
        """Make an account. Raises `Busy` too."""
        organisation = self.organisation_of(wanted.organisation, by)
        self.check_role(wanted.role, by)
        if wanted.role is Role.DEVICE:
            raise Refused("device")
        name = self.fit(wanted.name, wanted.password)
        services = self.known_services(wanted.services, organisation, by)
        at = self.program.clock()
        user = User(
            id=secrets.token_hex(8), name=name, folded=folded(name), organisation=organisation, role=wanted.role,
            services=services, made_at=at, changed_at=at, agent=wanted.agent,
        )  # fmt: skip
        self._check(self.rules.why_not_added(user))
        user = replace(user, password=await self.passwords.hashed(wanted.password))
        await self.settle(UserAddRequested(at=at, actor=by.actor, account=user))
        return self._user_now(user.id)

    async def change(self, user: User, changes: Changes, by: By = EVERYTHING, keeps: str | None = None) -> User:
        """Change an account. Its session `keeps` stays."""
        self._check(self.rules.why_not_changed(user, changes))
        await self.settle(
            UserChangeRequested(
                at=self.program.clock(), actor=by.actor, account=user.id, changes=changes, keeps=keeps
            )
        )  # fmt: skip
        return self._user_now(user.id)

    async def set_password(self, user: User, password: str, by: By = EVERYTHING, keeps: str | None = None) -> None:
        """Give an account another password, and end its sessions but `keeps`. Raises `Busy` too."""
        self.fit(user.name, password)
        hashed = await self.passwords.hashed(password)
        await self.settle(
            PasswordChosen(at=self.program.clock(), actor=by.actor, account=user.id, password=hashed, keeps=keeps)
        )

    def user_named(self, name: str, organisation: str | None, by: By = EVERYTHING) -> User:
        """The account with this id or name, among those that somebody administers."""
        among = by.organisation or organisation
        by_id = self.accounts.users.get(name)
        found = [by_id] if by_id is not None else self.accounts.named(name, among)
        found = [each for each in found if among in (None, each.organisation)]
        if not found:
            raise Refused("unknown_user")
        if len(found) > 1:
            raise Refused("several")
        return found[0]

    # --- invitations -----------------------------------------------------------------------------

    async def invite(
        self,
        role: Role,
        services: Iterable[str],
        organisation: str | None,
        mail: str | None,
        by: By,
        way: Literal["link", "start"] = "link",
    ) -> str:
        """Invite somebody. Returns the token of the link, which is stored nowhere."""
        chosen = self.organisation_of(organisation, by)
        self.check_role(role, by)
        if role is Role.DEVICE:
            raise Refused("device")
        known = self.known_services(services, chosen, by)
        at, token = self.program.clock(), secrets.token_urlsafe(16)
        invitation = Invitation(
            hash=digest(token), organisation=chosen, role=role, services=known, mail=mail, made_at=at,
            expires=at + (FIRST_INVITED_FOR if way == "start" else INVITED_FOR),
        )  # fmt: skip
        await self.settle(InvitationRequested(at=at, actor=by.actor, invitation=invitation, by=way))
        if self.accounts.invitations.get(invitation.hash) is None:
            raise Refused("not_done")
        return token

    async def accept(self, token: str, name: str, password: str, session: Session, language: str) -> User:
        """Make an account by an invitation, and begin the session. Raises `Busy` too."""
        at, token_hash = self.program.clock(), digest(token)
        invitation = self.rules.invited(token_hash, at)
        if invitation is None:
            raise Refused("not_done")
        known = self.fit(name, password)
        user = User(
            id=secrets.token_hex(8), name=known, folded=folded(known), organisation=invitation.organisation,
            role=invitation.role, made_at=at, changed_at=at, language=language,
        )  # fmt: skip
        self._check(self.rules.why_not_added(user))
        user = replace(user, password=await self.passwords.hashed(password))
        actor = Actor(user=known, organisation=invitation.organisation, address=session.address)
        await self.settle(InvitationUsed(at=at, actor=actor, invitation=token_hash, account=user, session=session))
        return self._user_now(user.id)

    # --- keys ------------------------------------------------------------------------------------

    async def add_key(self, wanted: NewKey, by: By = EVERYTHING) -> tuple[str, ApiKey]:
        """Make an API key. Returns what it consists of, which is stored nowhere, and its record."""
        organisation = self.organisation_of(wanted.organisation, by)
        self.check_role(wanted.role, by, wanted.rights)
        name = name_of(wanted.name)
        if name is None:
            raise Refused("name")
        if wanted.rights is not None and not set(wanted.rights) <= self.table.of(wanted.role):
            raise Refused("rights")
        services = self.known_services(wanted.services, organisation, by)
        at = self.program.clock()
        secret = KEY + secrets.token_urlsafe(24)
        key = ApiKey(
            hash=digest(secret), id=secrets.token_hex(4), name=name, folded=folded(name), organisation=organisation,
            role=wanted.role, made_at=at, rights=wanted.rights, services=services,
            maker=by.user, expires=None if wanted.expires_in is None else at + timedelta(seconds=wanted.expires_in),
        )  # fmt: skip
        self._check(self.rules.why_not_keyed(key))
        await self.settle(KeyAddRequested(at=at, actor=by.actor, key=key))
        if self.accounts.keys.get(key.hash) is None:
            raise Refused("not_done")
        return secret, key

    async def revoke_key(self, key: ApiKey, by: By = EVERYTHING) -> None:
        """Have an API key count no more."""
        await self.settle(KeyRevokeRequested(at=self.program.clock(), actor=by.actor, key=key.hash))

    def key_named(self, name: str, organisation: str | None, by: By = EVERYTHING) -> ApiKey:
        """The API key with this id or name, among those that somebody may revoke."""
        found = [each for each in self.accounts.keys_named(name, by.organisation or organisation) if by.sees(each)]
        if not found:
            raise Refused("unknown_key")
        if len(found) > 1:
            raise Refused("several")
        return found[0]

    # --- checks ----------------------------------------------------------------------------------

    def fit(self, name: str, password: str) -> str:
        """The name as it is stored, where name and password are fit for an account."""
        known = name_of(name)
        if known is None:
            raise Refused("name")
        why = why_unfit(password, known)
        if why is not None:
            raise Refused("same_as_name" if why == "name" else why)
        return known

    def organisation_of(self, wanted: str | None, by: By) -> str:
        """The organisation that a new account or key gets."""
        known = self.in_force.settings.organisation_keys
        if wanted is None and by.organisation is None and len(known) > 1:
            raise Refused("organisation")
        chosen = wanted or by.organisation or known[0]
        if chosen not in known or by.organisation not in (None, chosen):
            raise Refused("organisation")
        return chosen

    def check_role(self, role: Role, by: By, among: Collection[str] | None = None) -> None:
        """Nobody gives away rights that they do not have. With `among`, only those of the role that are named there."""
        if by.rights is not None and not self.table.of(role, among) <= by.rights:
            raise Refused("role")

    def known_services(self, services: Iterable[str], organisation: str, by: By) -> tuple[str, ...]:
        """Services of an organisation in the order of the configuration. Nobody gives away those of somebody else."""
        wanted, settings = set(services), self.in_force.settings
        theirs = settings.services_of(organisation)
        known = [each for each in settings.services if each in theirs and (by.services is None or each in by.services)]
        if not wanted <= set(known):
            raise Refused("services")
        return tuple(each for each in known if each in wanted)

    # --- the engine ------------------------------------------------------------------------------

    async def settle(self, event: Event) -> None:
        """Submit an event. Returns when it is decided and on disk."""
        await self.program.settle(event)

    def _check(self, why: str | None) -> None:
        if why is not None:
            raise Refused(why)

    def _user_now(self, name: str) -> User:
        found = self.accounts.users.get(name)
        if found is None:
            raise Refused("not_done")
        return found
