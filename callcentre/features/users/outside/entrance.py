"""`/login` and `/logout`: the door of the pages, and the cookie of a session."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from aiohttp import web

from callcentre.features.users.events import SessionsEnded
from callcentre.features.users.model import digest
from callcentre.features.users.outside.identities import AccountIdentities
from callcentre.features.users.outside.log_in import Begun, CodeNeeded, LogIns, Outcome, Problem, Refused
from callcentre.features.users.outside.passwords import Busy
from callcentre.features.users.rights import OWN_ACCOUNT
from callcentre.features.users.settings import LoginSettings
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.values.languages import LANGUAGES
from callcentre.web.access import client
from callcentre.web.forms import Form, form_of
from callcentre.web.languages import COOKIE as LANGUAGE_COOKIE
from callcentre.web.origins import cookie_name, is_https, is_ours, local_path
from callcentre.web.pages import Pages
from callcentre.web.ports import WebPorts
from callcentre.web.rights import Role
from callcentre.web.routes import Route
from callcentre.web.visitor import visitor

T = TypeVar("T")

_LANGUAGE_FOR: Final = 365 * 24 * 3600
"""Seconds."""

_CODE: Final = "The password was right. Now write the code."


@dataclass(slots=True)
class Entrance:
    """The handlers."""

    ports: WebPorts
    pages: Pages
    log_ins: LogIns
    identities: AccountIdentities
    in_force: SettingsInForce

    def routes(self) -> tuple[Route, ...]:
        """The addresses."""
        return (
            Route(method="GET", path="/login", handler=self.shown),
            Route(method="POST", path="/login", handler=self.entered),
            Route(method="POST", path="/login/language", handler=self.language),
            Route(method="POST", path="/logout", handler=self.left, guard="page", right=OWN_ACCOUNT),
        )

    async def shown(self, request: web.Request) -> web.Response:
        """The form."""
        if (refusal := self.over_plain_http(request)) is not None:
            return refusal
        wanted = local_path(request.query.get("next"))
        cookie = request.cookies.get(cookie_name(request))
        if cookie and await self.identities.of_session(cookie) is not None:
            return self.pages.back(request, wanted)
        return self._form(request, wanted)

    def _form(
        self, request: web.Request, wanted: str, *, problem: str = "", name: str = "", half: str = "", status: int = 200
    ) -> web.Response:
        return self.pages.html(
            request, "users:login.html", status=status, next=wanted, problem=problem, name=name, half=half,
            single_sign_on=self.in_force.settings.section(LoginSettings).oidc is not None,
            nobody=not self.identities.accounts.any_user(self.ports.clock()),
        )  # fmt: skip

    async def entered(self, request: web.Request) -> web.Response:
        """Somebody logs in."""
        form = await self.form_of_stranger(request)
        if isinstance(form, web.Response):
            return form
        wanted, name = local_path(form.get("next")), form.get("username", "")[:200]
        address, browser = client(request), request.headers.get("User-Agent", "")
        half, code = form.get("half", ""), form.get("code", "")[:40]
        tried: Awaitable[Outcome]
        if half:
            tried = self.log_ins.by_code(half, code, address, browser)
        else:
            tried = self.log_ins.by_password(name, form.as_sent("password"), code, address, browser)
        match await self.in_time(tried):
            case Begun(cookie):
                return self.with_session(request, self.pages.back(request, self.first_page(cookie, wanted)), cookie)
            case CodeNeeded(half):
                return self._form(request, wanted, name=name, half=half)
            case Refused(Problem.CODE as problem):
                # With the password given, only the code is asked for again.
                again = half if half else ""
                return self._form(
                    request, wanted, problem=self.word(request, problem), name=name, half=again, status=401
                )  # fmt: skip
            case Refused(problem):
                status = 429 if problem is Problem.CLOSED else 401
                return self._form(request, wanted, problem=self.word(request, problem), name=name, status=status)

    def word(self, request: web.Request, problem: Problem) -> str:
        """The sentence of a problem in the visitor's language."""
        return self.pages.word(request, problem.value)

    async def language(self, request: web.Request) -> web.Response:
        """The language of the pages before the log-in."""
        form = await self.form_of_stranger(request)
        if isinstance(form, web.Response):
            return form
        response = self.pages.back(request, local_path(form.get("next"), "/login"))
        if (chosen := form.get("language", "")) in LANGUAGES:
            response.set_cookie(
                LANGUAGE_COOKIE, chosen, max_age=_LANGUAGE_FOR, path="/", httponly=True, samesite="Lax",
                secure=is_https(request),
            )  # fmt: skip
        return response

    async def left(self, request: web.Request) -> web.Response:
        """Somebody logs out."""
        session = visitor(request).identity.session
        await self.pages.act(request, SessionsEnded(at=self.ports.clock(), sessions=(session,), by="user"))
        return self.without_session(request, self.pages.back(request, "/login"))

    # --- what other pages before the log-in need too ---------------------------------------------

    def first_page(self, cookie: str, wanted: str = "/") -> str:
        """Where somebody goes after the log-in: to the page that they wanted, or to the first one that they may see."""
        found = self.identities.found(digest(cookie))
        if found is None:
            return wanted
        session, user = found
        if self.identities.must_enrol(user, session):
            return "/account/second-factor"
        if wanted != "/":
            return wanted
        rights = self.identities.table.of(Role(user.role))
        seen = [each for each in self.pages.entries if each.right.name in rights]
        return min(seen, key=lambda each: each.order).path if seen else "/account"

    def origin(self, request: web.Request) -> str:
        """The address of the pages for links: the public one, or the one that this browser uses."""
        public = self.ports.public_url()
        return (public or f"{'https' if is_https(request) else 'http'}://{request.host}").rstrip("/")

    def over_plain_http(self, request: web.Request) -> web.Response | None:
        """The page for a browser of another machine without TLS: everybody on the way could read the password."""
        if is_https(request) or _is_this_machine(request):
            return None
        return self.pages.html(request, "users:plain_http.html", status=403)

    async def form_of_stranger(self, request: web.Request) -> Form | web.Response:
        """The form of somebody without a session, from a page of ours; or the refusal."""
        if (refusal := self.over_plain_http(request)) is not None:
            return refusal
        if not is_ours(request, self.ports.public_url()):
            raise web.HTTPForbidden(text="the request comes from a page of another site\n")
        return await form_of(request)

    async def in_time(self, work: Awaitable[T]) -> T:
        """The result of something that checks a password. Raises HTTPServiceUnavailable."""
        try:
            async with asyncio.timeout(self.ports.answer_within):
                return await work
        except (TimeoutError, Busy):
            headers = {"Retry-After": "5"}
            text = "many people are logging in: try again in some seconds\n"
            raise web.HTTPServiceUnavailable(text=text, headers=headers) from None

    def with_session(self, request: web.Request, response: web.Response, cookie: str) -> web.Response:
        """The answer that begins a session in the browser."""
        length = self.in_force.settings.section(LoginSettings).session
        _set(request, response, cookie, max_age=int(length.total_seconds()))
        return response

    def without_session(self, request: web.Request, response: web.Response) -> web.Response:
        """The answer that ends the session in the browser."""
        _set(request, response, "", max_age=0)
        return response


def _set(request: web.Request, response: web.Response, value: str, **more: Any) -> None:
    # A cookie whose name begins with __Host- needs all of these (RFC 6265bis, section 4.1.3.2).
    response.set_cookie(
        cookie_name(request), value, path="/", httponly=True, samesite="Lax", secure=is_https(request), **more
    )


def _is_this_machine(request: web.Request) -> bool:
    """Whether the browser is on this machine. A proxy here that is not trusted brings browsers from elsewhere."""
    if any(name in request.headers for name in ("X-Forwarded-For", "X-Forwarded-Proto", "Forwarded")):
        return False
    try:
        return ipaddress.ip_address(client(request)).is_loopback
    except ValueError:
        return False
