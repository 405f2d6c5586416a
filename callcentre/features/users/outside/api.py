"""`/api/users` and `/api/keys`: accounts and API keys, for the commands and for scripts of administrators."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any, Final, TypeVar

import msgspec
import structlog
from aiohttp import web

from callcentre.features.users import openapi
from callcentre.features.users.bodies import ListedKey, ListedUser, MadeKey, NewKey, NewPassword, NewUser
from callcentre.features.users.events import Changes
from callcentre.features.users.outside.administration import Administration, By, Refused
from callcentre.features.users.outside.identities import AccountIdentities
from callcentre.features.users.outside.listing import Rows, keys_of, listed_key, listed_user, of_visitor, users_of
from callcentre.features.users.outside.passwords import Busy
from callcentre.features.users.rights import MANAGE_KEYS, MANAGE_USERS
from callcentre.kernel.actor import Actor
from callcentre.kernel.errors import StoreError
from callcentre.kernel.page_reads.reads import Reads
from callcentre.values.json_errors import NOT_JSON
from callcentre.values.lines import is_line
from callcentre.web.exchange import ApiRefusal, in_time, json_answer, json_body
from callcentre.web.ports import WebPorts
from callcentre.web.problem import Problem
from callcentre.web.rights import Right
from callcentre.web.routes import Handler, Route
from callcentre.web.visitor import visitor

_EXAMPLES: Final[Mapping[type[Any], str]] = {
    NewUser: 'send {"name": "anna", "role": "supervisor", "password": "…"}',
    NewKey: 'send {"name": "wallboard", "role": "device"}',
    NewPassword: 'send {"password": "…"}',
}
_CONFLICTS: Final = frozenset({"name_taken", "last_administrator", "several", "not_done"})
_UNKNOWN: Final = frozenset({"unknown_user", "unknown_key"})
_AGAIN: Final = "look whether it was done, and ask again"

_log = structlog.get_logger(__name__)

T = TypeVar("T")


def routes(
    ports: WebPorts, administration: Administration, identities: AccountIdentities, reads: Reads
) -> tuple[Route, ...]:
    """The addresses."""
    api = _Api(ports, administration, identities, reads)

    def route(method: str, path: str, handler: Handler, right: Right, operation: Mapping[str, Any]) -> Route:
        return Route(
            method=method, path=path, handler=handler, guard="api", right=right, allow_head=False, operation=operation,
            parameters=(openapi.NAME,) if "{name}" in path else (),
            types=(NewUser, NewPassword, ListedUser, NewKey, MadeKey, ListedKey),
        )  # fmt: skip

    return (
        route("GET", "/api/users", api.users, MANAGE_USERS, openapi.LIST_USERS),
        route("POST", "/api/users", api.add_user, MANAGE_USERS, openapi.ADD_USER),
        route("POST", "/api/users/{name}/disable", api.disable, MANAGE_USERS, openapi.DISABLE_USER),
        route("POST", "/api/users/{name}/enable", api.enable, MANAGE_USERS, openapi.ENABLE_USER),
        route("POST", "/api/users/{name}/password", api.password, MANAGE_USERS, openapi.SET_PASSWORD),
        route("GET", "/api/keys", api.keys, MANAGE_KEYS, openapi.LIST_KEYS),
        route("POST", "/api/keys", api.add_key, MANAGE_KEYS, openapi.ADD_KEY),
        route("POST", "/api/keys/{name}/revoke", api.revoke_key, MANAGE_KEYS, openapi.REVOKE_KEY),
    )


class _Api:
    """The handlers of the requests."""

    def __init__(
        self, ports: WebPorts, administration: Administration, identities: AccountIdentities, reads: Reads
    ) -> None:
        self._ports = ports
        self._does = administration
        self._identities = identities
        self._reads = reads

    # --- accounts --------------------------------------------------------------------------------

    async def users(self, request: web.Request) -> web.Response:
        found = await self._read(users_of(self._rows(request), self._does.accounts))
        return json_answer(200, [listed_user(each) for each in found])

    async def add_user(self, request: web.Request) -> web.Response:
        by, wanted = self._by(request), await self._body(request, NewUser)
        user = await self._done(self._does.add_user(wanted, by))
        return json_answer(201, listed_user(user))

    async def disable(self, request: web.Request) -> web.Response:
        return await self._changed(request, Changes(disabled=True))

    async def enable(self, request: web.Request) -> web.Response:
        return await self._changed(request, Changes(disabled=False))

    async def _changed(self, request: web.Request, changes: Changes) -> web.Response:
        async def change(by: By) -> None:
            user = self._does.user_named(request.match_info["name"], _organisation(request), by)
            await self._does.change(user, changes, by)

        await self._done(change(self._by(request)))
        return web.Response(status=204)

    async def password(self, request: web.Request) -> web.Response:
        by, wanted = self._by(request), await self._body(request, NewPassword)

        async def change() -> None:
            user = self._does.user_named(request.match_info["name"], _organisation(request), by)
            await self._does.set_password(user, wanted.password, by)

        await self._done(change())
        return web.Response(status=204)

    # --- keys ------------------------------------------------------------------------------------

    async def keys(self, request: web.Request) -> web.Response:
        by = self._by(request, reads=True)
        found = await self._read(keys_of(self._rows(request), self._does.accounts))
        return json_answer(200, [listed_key(each) for each in found if by.sees(each)])

    async def add_key(self, request: web.Request) -> web.Response:
        by, wanted = self._by(request), await self._body(request, NewKey)
        secret, key = await self._done(self._does.add_key(wanted, by))
        return json_answer(201, MadeKey(key=secret, listed=listed_key(key)))

    async def revoke_key(self, request: web.Request) -> web.Response:
        async def revoke(by: By) -> None:
            key = self._does.key_named(request.match_info["name"], _organisation(request), by)
            await self._does.revoke_key(key, by)

        await self._done(revoke(self._by(request)))
        return web.Response(status=204)

    # --- parts of all of them --------------------------------------------------------------------

    def _rows(self, request: web.Request) -> Rows:
        return of_visitor(self._reads, visitor(request).reach)

    def _by(self, request: web.Request, *, reads: bool = False) -> By:
        who = visitor(request)
        if not reads and who.by_cookie and not self._identities.is_confirmed(who.identity):
            fix = "give the password once more at /account/confirm; it counts for ten minutes"
            raise ApiRefusal(403, Problem("users and keys are changed only after the password", fix, "confirm"))
        return self._identities.by(who, Actor(user=who.user, organisation=who.organisation, address=who.address))

    async def _body(self, request: web.Request, kind: type[T]) -> T:
        example = _EXAMPLES[kind]
        sent = await in_time(json_body(request, example), self._ports.answer_within, _AGAIN)
        try:
            wanted = msgspec.json.decode(sent, type=kind)
        except NOT_JSON as error:
            raise ApiRefusal(400, Problem(f"the request body makes no sense: {error}", example)) from None
        for text in _lines(wanted):
            if not is_line(text):
                raise ApiRefusal(400, Problem("a text holds a character that cannot be printed", example))
        return wanted

    async def _done(self, work: Awaitable[T]) -> T:
        try:
            return await in_time(work, self._ports.answer_within, _AGAIN)
        except Refused as refused:
            status = 404 if refused.reason in _UNKNOWN else 409 if refused.reason in _CONFLICTS else 422
            raise ApiRefusal(status, Problem(refused.error, refused.fix, refused.reason)) from None
        except Busy:
            raise ApiRefusal(503, Problem("many people are logging in", "ask again in some seconds")) from None

    async def _read(self, work: Awaitable[T]) -> T:
        try:
            return await in_time(work, self._ports.answer_within, "ask again")
        except StoreError as error:
            _log.error("users not read", error=str(error))
            fix = "ask again later; the log of the daemon says why"
            raise ApiRefusal(503, Problem("the database cannot be read just now", fix)) from None


def _organisation(request: web.Request) -> str | None:
    given = request.query.getall("organisation", [])
    if len(given) > 1:
        raise ApiRefusal(400, Problem("the organisation is given twice", "send it once"))
    return given[0] if given else None


def _lines(wanted: Any) -> list[str]:
    """The texts of a body that are shown somewhere."""
    found = [wanted.name, wanted.organisation or ""] if hasattr(wanted, "name") else []
    return [*found, *getattr(wanted, "services", ()), *(getattr(wanted, "rights", None) or ())]
