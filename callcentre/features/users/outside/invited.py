"""`/invitations/{token}`: somebody makes an account. The first start has such a link for the first administrator."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

import structlog
from aiohttp import web

from callcentre.features.users.model import digest
from callcentre.features.users.outside.administration import EVERYTHING, Administration, Refused
from callcentre.features.users.outside.entrance import Entrance
from callcentre.web.access import client
from callcentre.web.languages import language_of
from callcentre.web.pages import Pages
from callcentre.web.rights import Role
from callcentre.web.routes import Route
from callcentre.web.settings import HttpSettings

diagnostics = structlog.get_logger(__name__)

REFUSALS: Final = {
    "name": "This cannot be a name: use letters, digits and _.@+- with single blanks between them.",
    "name_taken": "This name is taken: choose another one.",
    "short": "The password is too short: use at least 8 characters.",
    "long": "The password is too long: use at most 200 characters.",
    "same_as_name": "The password must not be the name.",
    "differ": "The two passwords differ.",
}
_GONE: Final = "not_done"


@dataclass(slots=True)
class Invited:
    """The handlers."""

    pages: Pages
    entrance: Entrance
    administration: Administration

    def routes(self) -> tuple[Route, ...]:
        """The addresses."""
        return (
            Route(method="GET", path="/invitations/{token}", handler=self.shown),
            Route(method="POST", path="/invitations/{token}", handler=self.accepted),
        )

    async def shown(self, request: web.Request) -> web.Response:
        """The form, while the link counts."""
        if (refusal := self.entrance.over_plain_http(request)) is not None:
            return refusal
        token = request.match_info["token"]
        invitation = self.administration.rules.invited(digest(token), self.pages.ports.clock())
        return self._gone(request) if invitation is None else self._form(request, token, invitation.role)

    def _gone(self, request: web.Request) -> web.Response:
        return self.pages.html(request, "users:invitation_gone.html", status=404)

    def _form(
        self, request: web.Request, token: str, role: str, problem: str = "", name: str = "", status: int = 200
    ) -> web.Response:
        return self.pages.html(
            request, "users:invitation.html", status=status, token=token, role=role, problem=problem, name=name
        )

    async def accepted(self, request: web.Request) -> web.Response:
        """Make the account, and log its owner in."""
        sent = await self.entrance.form_of_stranger(request)
        if isinstance(sent, web.Response):
            return sent
        token, name, password = request.match_info["token"], sent.get("username", ""), sent.as_sent("password")
        invitation = self.administration.rules.invited(digest(token), self.pages.ports.clock())
        if invitation is None:
            return self._gone(request)
        log_ins = self.entrance.log_ins
        cookie, session = log_ins.new_session("invitation", client(request), request.headers.get("User-Agent", ""))
        try:
            if password != sent.as_sent("again"):
                problem = self.pages.word(request, REFUSALS["differ"])
                return self._form(request, token, invitation.role, problem, name[:200], 422)
            made = self.administration.accept(token, name, password, session, language_of(request))
            await self.entrance.in_time(made)
        except Refused as refused:
            if refused.reason == _GONE:
                return self._gone(request)
            problem = self.pages.word(request, REFUSALS[refused.reason])
            return self._form(request, token, invitation.role, problem, name[:200], 422)
        return self.entrance.with_session(request, self.pages.back(request, self.entrance.first_page(cookie)), cookie)


@dataclass(slots=True)
class FirstInvitation:
    """Writes a link to the log when there is no account. It is for the first administrator, and counts for an hour."""

    administration: Administration

    async def listen(self) -> None:
        """Invite, and then do nothing until the daemon stops."""
        does = self.administration
        if not does.accounts.any_user(does.program.clock()):
            await self._invite()
        await asyncio.Event().wait()

    async def _invite(self) -> None:
        does = self.administration
        advice = "callcentre user add NAME --role administrator"
        address = self._address()
        if address is None:
            # Over plain HTTP the password would be readable on the way.
            diagnostics.info("users.none", fix=advice)
            return
        organisation = does.in_force.settings.organisation_keys[0]
        try:
            token = await does.invite(Role.ADMINISTRATOR, (), organisation, None, EVERYTHING, "start")
        except Refused:
            return  # Another daemon has made an account meanwhile.
        diagnostics.warning(
            "users.none", link=f"{address}/invitations/{token}", minutes=60, fix=f"open it, or {advice}"
        )

    def _address(self) -> str | None:
        http = self.administration.in_force.settings.section(HttpSettings)
        if http.public_url is not None and http.public_url.startswith("https://"):
            return http.public_url.rstrip("/")
        return f"http://{http.listen}" if http.listen.is_loopback else None
