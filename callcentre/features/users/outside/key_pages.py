"""`/keys`: the API keys of scripts and screens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aiohttp import web

from callcentre.features.users.bodies import NewKey
from callcentre.features.users.outside.administration import Administration, By, Refused
from callcentre.features.users.outside.listing import keys_of, of_visitor
from callcentre.features.users.outside.own_account import OwnAccount
from callcentre.features.users.outside.staff import REFUSALS, Mistake, unreadable
from callcentre.features.users.rights import MANAGE_KEYS
from callcentre.kernel.errors import StoreError
from callcentre.kernel.page_reads.reads import Reads
from callcentre.web.forms import Form
from callcentre.web.guard import form
from callcentre.web.pages import Pages
from callcentre.web.rights import Role
from callcentre.web.routes import Handler, Route
from callcentre.web.visitor import visitor

_DAY: Final = 24 * 3600
_MOST_DAYS: Final = 3650


@dataclass(slots=True)
class KeyPages:
    """The handlers."""

    pages: Pages
    own_account: OwnAccount
    administration: Administration
    reads: Reads

    def routes(self) -> tuple[Route, ...]:
        """The addresses."""

        def route(method: str, path: str, handler: Handler) -> Route:
            return Route(method=method, path=path, handler=handler, guard="page", right=MANAGE_KEYS)

        return (
            route("GET", "/keys", self.listed),
            route("GET", "/keys/add", self.adding),
            route("POST", "/keys/add", self.add),
            route("POST", "/keys/{id}/revoke", self.revoke),
        )

    def _by(self, request: web.Request) -> By:
        return self.own_account.entrance.identities.by(visitor(request), self.pages.actor(request))

    async def listed(self, request: web.Request) -> web.Response:
        """All keys that the visitor may revoke."""
        by = self._by(request)
        try:
            found = await keys_of(of_visitor(self.reads, visitor(request).reach), self.administration.accounts)
        except StoreError as error:
            raise unreadable(error) from None
        keys = [each for each in found if by.sees(each)]
        return self.pages.html(
            request, "users:keys.html", keys=keys, several=len({each.organisation for each in keys}) > 1
        )

    async def adding(self, request: web.Request) -> web.Response:
        """The form."""
        to_confirm = self.own_account.to_confirm(request, "/keys/add")
        return to_confirm or self._form(request)

    def _form(self, request: web.Request, problem: str = "", status: int = 200) -> web.Response:
        by, settings = self._by(request), self.administration.in_force.settings
        organisation = by.organisation
        every = frozenset(settings.services) if organisation is None else settings.services_of(organisation)
        table = self.administration.table
        return self.pages.html(
            request, "users:key_add.html", status=status, problem=problem, sent=form(request),
            choices=[each.value for each in Role if by.rights is None or table.of(each) <= by.rights],
            services=[each for each in settings.services if each in every and (not by.services or each in by.services)],
            organisations=settings.organisation_keys if organisation is None else (organisation,),
        )  # fmt: skip

    async def add(self, request: web.Request) -> web.Response:
        """Make a key, which is shown once."""
        if (to_confirm := self.own_account.to_confirm(request, "/keys/add")) is not None:
            return to_confirm
        try:
            secret, key = await self.administration.add_key(_wanted(form(request)), self._by(request))
        except Refused as refused:
            return self._form(request, self.pages.word(request, REFUSALS[refused.reason]), 422)
        except Mistake as mistake:
            return self._form(request, self.pages.word(request, REFUSALS[str(mistake)]), 422)
        wallboard = (
            f"{self.own_account.entrance.origin(request)}/wallboard?key={secret}" if key.role == Role.DEVICE else ""
        )
        return self.pages.html(request, "users:key_added.html", key=key, secret=secret, wallboard=wallboard)

    async def revoke(self, request: web.Request) -> web.Response:
        """A key counts no more."""
        if (to_confirm := self.own_account.to_confirm(request, "/keys")) is not None:
            return to_confirm
        by = self._by(request)
        try:
            key = self.administration.key_named(request.match_info["id"], None, by)
        except Refused:
            raise web.HTTPNotFound from None
        await self.administration.revoke_key(key, by)
        return self.pages.back(request, "/keys", self.pages.word(request, "The key counts no more."))


def _wanted(sent: Form) -> NewKey:
    try:
        role = Role(sent.get("role", ""))
    except ValueError:
        raise Mistake("no_role") from None
    days = sent.get("days", "")
    if days and not (days.isascii() and days.isdecimal() and 1 <= int(days[:5]) <= _MOST_DAYS):
        raise Mistake("length")
    return NewKey(
        name=sent.get("name", ""), role=role, services=sent.every("service"),
        organisation=sent.get("organisation") or None, expires_in=int(days) * _DAY if days else None,
    )  # fmt: skip
