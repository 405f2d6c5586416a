"""Finds the visitor of a request, and admits only what a route declares.

Nothing else of a request is looked at before: neither its body nor what its path names.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from aiohttp import web

from callcentre.web.access import bearer_tokens, client, refuse_token
from callcentre.web.exchange import ApiRefusal
from callcentre.web.forms import Form, form_of
from callcentre.web.languages import language_of
from callcentre.web.origins import CSRF_FIELD, CSRF_HEADER, SAFE, cookie_name, is_csrf_token, is_ours
from callcentre.web.ports import WebPorts
from callcentre.web.problem import Problem
from callcentre.web.rights import Rights, Role
from callcentre.web.routes import Handler, Route
from callcentre.web.turns import TooManyRequests, Turns
from callcentre.web.visitor import VISITOR, Identities, Identity, visitor_of
from callcentre.web.words import message as _

KEY: Final = "cc_"
"""How an API key begins."""

_FORM: Final = web.RequestKey("form", Form)

_OWNER: Final = Identity(user="token", role=Role.ADMINISTRATOR, organisation=None)
"""Who brings `http.token`: a script of an administrator of every organisation."""


_NUL: Final = "\0"
_LACKING: Final = _("This needs a right that your account does not have. The page of roles says who has it.")
_OF_ANOTHER_SITE: Final = _("This came from a page of another site, and was not done.")
_OLD_FORM: Final = _("The form is too old, or was made for somebody else: load the page again.")
_TOO_MANY: Final = _("Your organisation sends too many requests: wait a moment.")


class UndeclaredRightError(Exception):
    """A route asks for no right, or for one that no component declares."""


@dataclass(frozen=True, slots=True)
class Identifies:
    """The declaration of the component of accounts."""

    identities: Identities


def form(request: web.Request) -> Form:
    """The form of a request to a guarded page; empty where it brought none."""
    return request.get(_FORM) or Form([])


@dataclass(frozen=True, slots=True)
class Guard:
    """Admits requests to guarded routes. Without a component of accounts, `http.token` alone is admitted."""

    ports: WebPorts
    rights: Rights
    declared: Sequence[Identifies] = ()
    turns: Turns = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "turns", Turns(self.ports.requests_per_second))

    @classmethod
    def of_token(cls, ports: WebPorts, routes: Iterable[Route]) -> Guard:
        """A guard for these routes that admits `http.token` alone, as in a program without accounts."""
        return cls(ports, Rights([route.right for route in routes if route.right is not None]))

    def check(self, route: Route) -> None:
        """Raises UndeclaredRightError."""
        if route.guard == "open":
            return
        if route.right is None:
            raise UndeclaredRightError(
                f"{route.method} {route.path} declares no right: give it one, or say that its guard is open"
            )
        if route.right not in self.rights:
            raise UndeclaredRightError(
                f"{route.method} {route.path} asks for {route.right.name}, which no component declares"
            )

    def guarded(self, route: Route) -> Handler:
        """The handler of a route, after the checks."""
        if route.guard == "open":
            return route.handler
        is_page = route.guard == "page"

        async def handle(request: web.Request) -> web.StreamResponse:
            identity, by_cookie = await self._identity(request, route)
            found = visitor_of(
                identity, self.rights, self.ports.services(identity.organisation),
                self.ports.reach(identity.organisation, identity.services), language=language_of(request),
                address=client(request), by_cookie=by_cookie,
            )  # fmt: skip
            await self._turn(identity, is_page)
            request[VISITOR] = found
            if _NUL in request.path:
                # No database of ours has a text with it, and PostgreSQL takes none.
                raise web.HTTPNotFound
            assert route.right is not None  # noqa: S101 - see `check`
            if not found.may(route.right):
                raise _forbidden(is_page, _LACKING if is_page else route.right.about)
            if request.method not in SAFE:
                await self._look_at_origin(request, identity, by_cookie, is_page, route)
            return await route.handler(request)

        # What a handler declares about itself, such as that it stays open, is declared of this one too.
        handle.__dict__.update(route.handler.__dict__)
        return handle

    async def _turn(self, identity: Identity, is_page: bool) -> None:
        """Wait until the organisation of the visitor may have one more request."""
        try:
            await self.turns.turn(identity.organisation)
        except TooManyRequests:
            if is_page:
                raise web.HTTPTooManyRequests(text=f"{_TOO_MANY}\n", headers={"Retry-After": "2"}) from None
            fix = "send fewer in a second (caps.requests_per_second of the organisation)"
            raise ApiRefusal(429, Problem("the organisation sends too many requests", fix, "requests")) from None

    async def _identity(self, request: web.Request, route: Route) -> tuple[Identity, bool]:
        offered = bearer_tokens(request)
        if offered:
            return await self._of_bearer(request, offered), False
        if route.key_in_query and (key := request.query.get("key")):
            return await self._of_device(request, key), False
        cookie = request.cookies.get(cookie_name(request))
        for each in self.declared:
            if cookie and (identity := await each.identities.of_session(cookie)) is not None:
                return identity, True
        if route.guard == "page":
            raise _to_login(request)
        raise refuse_token(request, by_query=False)

    async def _of_bearer(self, request: web.Request, offered: Sequence[str]) -> Identity:
        """Every token that a request brings must be right; http.token is compared in constant time."""
        token = self.ports.token()
        found: list[Identity] = []
        for value in offered:
            if token and hmac.compare_digest(_octets(value), _octets(token)):
                found.append(_OWNER)
            elif value.startswith(KEY):
                known = [await each.identities.of_key(value) for each in self.declared]
                found += [identity for identity in known if identity is not None][:1]
        if len(found) != len(offered):
            raise refuse_token(request, by_query=False)
        return found[0]

    async def _of_device(self, request: web.Request, key: str) -> Identity:
        """Addresses are in histories and logs: the key of nobody but a device counts there."""
        for each in self.declared:
            identity = await each.identities.of_key(key)
            if identity is not None and identity.role is Role.DEVICE:
                return identity
        raise refuse_token(request)

    async def _look_at_origin(
        self, request: web.Request, identity: Identity, by_cookie: bool, is_page: bool, route: Route
    ) -> None:
        """A browser sends the cookie with forms of other sites too: only our own pages have a token of the session."""
        if by_cookie and not is_ours(request, self.ports.public_url()):
            raise _forbidden(is_page, _OF_ANOTHER_SITE)
        token = request.headers.get(CSRF_HEADER, "")
        if is_page:
            request[_FORM] = await form_of(request, route.longest_body)
            token = token or request[_FORM].get(CSRF_FIELD, "")
        if by_cookie and not is_csrf_token(token, identity.secret):
            raise _forbidden(is_page, _OLD_FORM)


def _octets(value: str) -> bytes:
    return value.encode("utf-8", "surrogateescape")


def _forbidden(is_page: bool, why: str) -> Exception:
    if is_page:
        return web.HTTPForbidden(text=f"{why}\n")
    return ApiRefusal(403, Problem("you may not do this", f"ask an administrator for the right: {why}", "right"))


def _to_login(request: web.Request) -> Exception:
    """A page goes to the log-in; a script in a page learns that it must."""
    if request.headers.get("Sec-Fetch-Dest", "document") != "document" or "HX-Request" in request.headers:
        return web.HTTPUnauthorized(text="log in again\n", headers={"HX-Redirect": "/login"})
    if request.method in SAFE and request.path != "/":
        return web.HTTPSeeOther(f"/login?next={quote(request.path_qs, safe='')}")
    return web.HTTPSeeOther("/login")
