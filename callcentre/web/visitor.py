"""The visitor: who makes a request, and what they may do and see."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final, Protocol

from aiohttp import web

from callcentre.config.settings import Settings
from callcentre.kernel.actor import Actor
from callcentre.kernel.ownership import EVERYBODY, Reach
from callcentre.web.rights import Right, Rights, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """An account with its session, or an API key, as the component of accounts knows it.

    user: the name in facts.
    organisation: the key of the organisation; None: every organisation.
    services: the services that it is restricted to; None: those of its organisation.
    rights: the names of rights that it is restricted to; None: those of its role.
    secret: what the CSRF tokens of its forms are made of; "" for a key, which no browser sends by itself.
    session: the key of the session or of the API key in its table.
    agent: the device of an agent, such as `PJSIP/agent1`.
    """

    user: str
    role: Role
    organisation: str | None
    services: Collection[str] | None = None
    rights: Collection[str] | None = None
    language: str | None = None
    secret: str = ""
    session: str = ""
    agent: str | None = None


class Identities(Protocol):
    """The component of accounts, as the guard needs it."""

    async def of_session(self, cookie: str) -> Identity | None:
        """The account of a session's cookie; None when it is over."""

    async def of_key(self, key: str) -> Identity | None:
        """The API key `cc_…`; None when it is not valid."""

    async def still_valid(self, identity: Identity) -> bool:
        """Whether a session or key is valid still, for streams that stay open. Cheap: it is asked every 3 s."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who makes a request.

    `services` are the keys of the services that they see, as the configuration is now. `reach` is for reads of the
    database (`Reads`).
    """

    identity: Identity
    rights: frozenset[str]
    services: frozenset[str]
    reach: Reach
    language: str
    address: str
    by_cookie: bool = field(default=False)

    @property
    def user(self) -> str:
        """The name in facts."""
        return self.identity.user

    @property
    def role(self) -> Role:
        """What they are."""
        return self.identity.role

    @property
    def organisation(self) -> str | None:
        """The key of their organisation; None: every organisation."""
        return self.identity.organisation

    def may(self, right: Right) -> bool:
        """Whether they have a right."""
        return right.name in self.rights

    def sees(self, service: str | None) -> bool:
        """Whether a service of the configuration is theirs."""
        return service in self.services

    def reaches(self, service: str) -> bool:
        """Whether what belongs to a service is theirs, which may not be in the configuration any more."""
        return self.sees(service) or self.reach == EVERYBODY

    @property
    def is_everybodys(self) -> bool:
        """Whether they see all organisations, or the only one there is without restriction."""
        return self.reach == EVERYBODY

    @property
    def actor(self) -> Actor:
        """Who they are in the facts of what they do."""
        return Actor(user=self.user, organisation=self.organisation, address=self.address)


VISITOR: Final = web.RequestKey("visitor", Visitor)


def visitor(request: web.Request) -> Visitor:
    """Who makes a request to a route whose guard is not `open`."""
    return request[VISITOR]


def visitor_of(
    identity: Identity,
    rights: Rights,
    services: frozenset[str],
    reach: Reach,
    *,
    language: str,
    address: str,
    by_cookie: bool = False,
) -> Visitor:
    """The visitor of an identity. `services` are those of its organisation, `language` is for one without its own."""
    return Visitor(
        identity=identity,
        rights=rights.of(identity.role, identity.rights),
        services=services if identity.services is None else services & frozenset(identity.services),
        reach=reach,
        language=identity.language or language,
        address=address,
        by_cookie=by_cookie,
    )


def services_of(settings: Settings, organisation: str | None) -> frozenset[str]:
    """The keys of the services of an organisation; None: of all of them."""
    return frozenset(settings.services) if organisation is None else settings.services_of(organisation)
