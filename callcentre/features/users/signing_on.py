"""Single sign-on: what the provider says of a person, and what becomes of the account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from msgspec.structs import replace

from callcentre.features.users.events import SignedOn
from callcentre.features.users.facts import UserAdded, UserChanged, UserLoggedIn, UserRefused
from callcentre.features.users.model import Accounts, User, digest, name_of
from callcentre.kernel.decision import Change, Decision, Delete, Put
from callcentre.kernel.fact import Fact
from callcentre.web.rights import Role

_NAMES: Final = ("preferred_username", "email", "name")
"""Claims that may be the name of an account, the best first (OpenID Connect Core, section 5.1)."""


def values_of(claims: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """The values of a claim: a text, or a list of texts."""
    found = claims.get(name)
    if isinstance(found, str):
        return (found,)
    return tuple(each for each in found if isinstance(each, str)) if isinstance(found, list) else ()


def role_of(claims: Mapping[str, Any], claim: str, roles: Mapping[str, str]) -> Role | None:
    """The role of a person: of several the first in the order of the roles."""
    had = {roles[value] for value in values_of(claims, claim) if value in roles}
    return next((role for role in Role if role.value in had), None)


def account_name(claims: Mapping[str, Any], subject: str) -> str:
    """A name for the account of a person."""
    texts = (claims[each] for each in _NAMES if isinstance(claims.get(each), str))
    return next((name for text in texts if (name := name_of(text)) is not None), f"sso-{digest(subject)[:12]}")


@dataclass(slots=True)
class SigningOn:
    """The rule."""

    accounts: Accounts

    def signed_on(self, event: SignedOn, at: datetime) -> Decision:
        """Begin a session of the person's account, which is made or follows what the provider says."""
        known = next(iter(self.accounts.users.find("subject", event.subject)), None)
        if (why := self._why_not(event, known)) is not None:
            refused = UserRefused(account=None if known is None else known.name, reason=why, address=event.address)
            ended = () if known is None or event.allowed else tuple(self._ended(known, at))
            return Decision(changes=ended, facts=(refused,))
        user, changes, facts = self._followed(event, known, at)
        session = replace(event.session, user=user.id, organisation=user.organisation, generation=user.generation)
        logged_in = UserLoggedIn(
            account=user.name, role=user.role, by=session.by,
            user=user.name, organisation=user.organisation, address=event.address,
        )  # fmt: skip
        return Decision(changes=(*changes, Put(session)), facts=(*facts, logged_in))

    def _why_not(self, event: SignedOn, known: User | None) -> str | None:
        if not event.allowed:
            return "no_role"
        if known is not None:
            return "disabled" if known.disabled else None
        # Somebody else may have chosen the name: the provider's word is no proof for that account.
        return "other_account" if self.accounts.named(event.account.name, event.account.organisation) else None

    def _followed(
        self, event: SignedOn, known: User | None, at: datetime
    ) -> tuple[User, tuple[Change, ...], tuple[Fact, ...]]:
        said = event.account
        if known is None:
            user = replace(said, subject=event.subject)
            return user, (Put(user),), (UserAdded(account=user.name, role=user.role, by="oidc"),)
        different = [each for each in ("role", "services", "mail") if getattr(known, each) != getattr(said, each)]
        if not different:
            return known, (), ()
        user = replace(known, role=said.role, services=said.services, mail=said.mail, changed_at=at)
        fact = UserChanged(account=user.name, role=user.role, what=" ".join(different), by="oidc")
        if different == ["mail"]:
            return user, (Put(user),), (fact,)
        ended = tuple(self._ended(user, at))
        return replace(user, generation=user.generation + 1), ended, (fact,)

    def _ended(self, user: User, at: datetime) -> Iterator[Change]:
        """The account with another generation, and without its sessions."""
        yield Put(replace(user, generation=user.generation + 1, changed_at=at))
        for session in self.accounts.sessions.find("user", user.id):
            yield Delete(session)
