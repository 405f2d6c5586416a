"""`/users`: who has an account. Administrators invite, change and disable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import structlog
from aiohttp import web

from callcentre.features.users.events import Changes, InvitationWithdrawn, SecondFactorChosen
from callcentre.features.users.model import User
from callcentre.features.users.outside.administration import Administration, By, Refused
from callcentre.features.users.outside.listing import invitations_of, of_visitor, users_of
from callcentre.features.users.outside.own_account import OwnAccount
from callcentre.features.users.rights import MANAGE_USERS, READ_ROLES
from callcentre.kernel.errors import StoreError
from callcentre.kernel.page_reads.reads import Reads
from callcentre.web.forms import Form
from callcentre.web.guard import form
from callcentre.web.pages import Pages
from callcentre.web.rights import Role
from callcentre.web.routes import Handler, Route
from callcentre.web.visitor import visitor

_log = structlog.get_logger(__name__)

REFUSALS: Final = {
    "services": "There is no such service.",
    "organisation": "There is no such organisation.",
    "role": "The role may do more than you may.",
    "device": "A screen has no account: make an API key with this role.",
    "last_administrator": "Nobody could administer the organisation any more: make another administrator first.",
    "name": "This cannot be a name: use letters, digits and _.@+- with single blanks between them.",
    "name_taken": "This name is taken: choose another one.",
    "not_done": "It was not done: load the page again, and see what is different now.",
    "mail": "This is not a mail address.",
    "length": "This is not a number of days from 1 to 3650.",
    "no_role": "There is no such role.",
}
_LONGEST_MAIL: Final = 254
_LONGEST_AGENT: Final = 80


@dataclass(slots=True)
class Staff:
    """The handlers."""

    pages: Pages
    own_account: OwnAccount
    administration: Administration
    reads: Reads

    def routes(self) -> tuple[Route, ...]:
        """The addresses."""

        def route(method: str, path: str, handler: Handler) -> Route:
            return Route(method=method, path=path, handler=handler, guard="page", right=MANAGE_USERS)

        return (
            route("GET", "/users", self.listed),
            route("GET", "/users/invite", self.inviting),
            route("POST", "/users/invite", self.invite),
            route("POST", "/users/withdraw", self.withdraw),
            route("GET", "/users/{id}", self.shown),
            route("POST", "/users/{id}/change", self.change),
            route("POST", "/users/{id}/disable", self.disable),
            route("POST", "/users/{id}/enable", self.enable),
            route("POST", "/users/{id}/second-factor/remove", self.remove_second_factor),
            Route(method="GET", path="/roles", handler=self.roles, guard="page", right=READ_ROLES),
        )

    # --- reading ---------------------------------------------------------------------------------

    async def listed(self, request: web.Request) -> web.Response:
        """All accounts of the organisation, and the invitations that count."""
        rows = of_visitor(self.reads, visitor(request).reach)
        accounts, at = self.administration.accounts, self.pages.ports.clock()
        try:
            users, invitations = await users_of(rows, accounts), await invitations_of(rows, accounts, at)
        except StoreError as error:
            raise unreadable(error) from None
        several = len({each.organisation for each in users}) > 1
        return self.pages.html(request, "users:users.html", users=users, invitations=invitations, several=several)

    async def shown(self, request: web.Request) -> web.Response:
        """One account, and what can be changed."""
        user = self._user(request)
        return self._page_of(request, user)

    def _page_of(self, request: web.Request, user: User, problem: str = "", status: int = 200) -> web.Response:
        return self.pages.html(
            request, "users:user.html", status=status, user=user, problem=problem, **self._choices(request, user)
        )

    def _choices(self, request: web.Request, user: User | None = None) -> dict[str, Any]:
        by = self._by(request)
        organisation = user.organisation if user is not None else by.organisation
        settings = self.administration.in_force.settings
        every = frozenset(settings.services) if organisation is None else settings.services_of(organisation)
        services = [each for each in settings.services if each in every and (not by.services or each in by.services)]
        return {
            "choices": [each.value for each in Role if each is not Role.DEVICE],
            "services": services,
            "organisations": settings.organisation_keys if organisation is None else (organisation,),
        }

    def _user(self, request: web.Request) -> User:
        found = self.administration.accounts.users.get(request.match_info["id"])
        ours = visitor(request).organisation
        if found is None or ours not in (None, found.organisation):
            raise web.HTTPNotFound
        return found

    def _by(self, request: web.Request) -> By:
        return self.own_account.entrance.identities.by(visitor(request), self.pages.actor(request))

    async def roles(self, request: web.Request) -> web.Response:
        """What each role may do, from the table of rights."""
        rights = sorted(self.administration.table, key=lambda right: right.name)
        table = [(self.pages.word(request, right.about), right.roles) for right in rights]
        return self.pages.html(request, "users:roles.html", table=table, every_role=list(Role))

    # --- inviting --------------------------------------------------------------------------------

    async def inviting(self, request: web.Request) -> web.Response:
        """The form."""
        to_confirm = self.own_account.to_confirm(request, "/users/invite")
        return to_confirm or self._invite_form(request)

    def _invite_form(self, request: web.Request, problem: str = "", status: int = 200) -> web.Response:
        return self.pages.html(request, "users:invite.html", status=status, problem=problem, **self._choices(request))

    async def invite(self, request: web.Request) -> web.Response:
        """Make the link, which is shown once."""
        if (to_confirm := self.own_account.to_confirm(request, "/users/invite")) is not None:
            return to_confirm
        sent = form(request)
        try:
            role, mail = _role(sent), _mail(sent)
            organisation = sent.get("organisation") or None
            token = await self.administration.invite(role, sent.every("service"), organisation, mail, self._by(request))
        except Refused as refused:
            return self._invite_form(request, self._says(request, refused), 422)
        except Mistake as mistake:
            return self._invite_form(request, self.pages.word(request, REFUSALS[str(mistake)]), 422)
        return self.pages.html(
            request, "users:invited.html", link=f"{self.own_account.entrance.origin(request)}/invitations/{token}"
        )

    async def withdraw(self, request: web.Request) -> web.Response:
        """An invitation counts no more."""
        if (to_confirm := self.own_account.to_confirm(request, "/users")) is not None:
            return to_confirm
        found = self.administration.accounts.invitations.get(form(request).get("invitation", ""))
        if found is None or visitor(request).organisation not in (None, found.organisation):
            raise web.HTTPNotFound
        await self.pages.act(request, InvitationWithdrawn(at=self.pages.ports.clock(), invitation=found.hash))
        return self._done(request, "/users", "The invitation counts no more.")

    # --- changing --------------------------------------------------------------------------------

    async def change(self, request: web.Request) -> web.Response:
        """Another role, other services, mail address or phone."""
        user = self._user(request)
        if (to_confirm := self.own_account.to_confirm(request, f"/users/{user.id}")) is not None:
            return to_confirm
        sent, by = form(request), self._by(request)
        try:
            role = _role(sent)
            self.administration.check_role(role, by)
            services = self.administration.known_services(sent.every("service"), user.organisation, by)
            changes = Changes(
                role=role, services=services, mail=_mail(sent), agent=sent.get("agent", "")[:_LONGEST_AGENT] or None
            )
            await self.administration.change(user, changes, by, keeps=visitor(request).identity.session)
        except Refused as refused:
            return self._page_of(request, user, self._says(request, refused), 422)
        except Mistake as mistake:
            return self._page_of(request, user, self.pages.word(request, REFUSALS[str(mistake)]), 422)
        return self._done(request, f"/users/{user.id}", "The account is changed.")

    async def disable(self, request: web.Request) -> web.Response:
        """Nobody can log in with the account any more."""
        return await self._switched(request, Changes(disabled=True), "The account is disabled.")

    async def enable(self, request: web.Request) -> web.Response:
        """The account can be used again."""
        return await self._switched(request, Changes(disabled=False), "The account can be used again.")

    async def _switched(self, request: web.Request, changes: Changes, message: str) -> web.Response:
        user = self._user(request)
        if (to_confirm := self.own_account.to_confirm(request, f"/users/{user.id}")) is not None:
            return to_confirm
        try:
            await self.administration.change(user, changes, self._by(request))
        except Refused as refused:
            return self._page_of(request, user, self._says(request, refused), 422)
        return self._done(request, f"/users/{user.id}", message)

    async def remove_second_factor(self, request: web.Request) -> web.Response:
        """For somebody who has lost the phone and the recovery codes."""
        user = self._user(request)
        if (to_confirm := self.own_account.to_confirm(request, f"/users/{user.id}")) is not None:
            return to_confirm
        event = SecondFactorChosen(at=self.pages.ports.clock(), account=user.id, totp=None)
        await self.pages.act(request, event)
        return self._done(request, f"/users/{user.id}", "The second factor is removed.")

    # --- answers ---------------------------------------------------------------------------------

    def _says(self, request: web.Request, refused: Refused) -> str:
        return self.pages.word(request, REFUSALS[refused.reason])

    def _done(self, request: web.Request, path: str, message: str) -> web.Response:
        return self.pages.back(request, path, self.pages.word(request, message))


class Mistake(Exception):  # noqa: N818
    """A field of a form makes no sense; the text is a key of `REFUSALS`."""


def unreadable(error: StoreError) -> web.HTTPException:
    """The page of a list while the database cannot be read."""
    _log.error("users not read", error=str(error))
    return web.HTTPServiceUnavailable(text="the database cannot be read just now: try again\n")


def _role(sent: Form) -> Role:
    try:
        return Role(sent.get("role", ""))
    except ValueError:
        raise Mistake("no_role") from None


def _mail(sent: Form) -> str | None:
    mail = sent.get("mail", "")
    name, _, domain = mail.rpartition("@")
    if mail and (len(mail) > _LONGEST_MAIL or not name or not domain or not mail.isprintable() or " " in mail):
        raise Mistake("mail")
    return mail or None
