"""`/api/callbacks`: other systems request callbacks, read the open ones, and cancel them.

A request is stored before it is answered. The same request with the same `Idempotency-Key` gets the same answer, so a
system that got no answer can send it again.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec
import structlog
from aiohttp import web

from callcentre.features.callbacks import openapi
from callcentre.features.callbacks.bodies import LONGEST_KEY, NewCallback, Story, Taken
from callcentre.features.callbacks.events import CallbackRequested, CallbackWithdrawn
from callcentre.features.callbacks.listing import ListedCallback
from callcentre.features.callbacks.model import Request
from callcentre.features.callbacks.ports import CallbackPorts
from callcentre.features.callbacks.rights import CHANGE_CALLBACKS, SEE_CALLBACKS
from callcentre.kernel.errors import StoreError
from callcentre.kernel.event import Event
from callcentre.values.json_errors import NOT_JSON
from callcentre.values.lines import is_line
from callcentre.web.exchange import ApiRefusal, in_time, json_answer, json_body
from callcentre.web.ports import WebPorts
from callcentre.web.problem import Problem
from callcentre.web.routes import Handler, Route
from callcentre.web.visitor import Visitor, visitor

_log = structlog.get_logger(__name__)

_LONGEST_ID: Final = 200
_EXAMPLE: Final = 'send e.g. {"number": "+358401234567", "service": "support"}'
_KEY: Final = re.compile(rf"[!-~]{{1,{LONGEST_KEY}}}")
_R = TypeVar("_R")


def routes(ports: WebPorts, callbacks: CallbackPorts) -> tuple[Route, ...]:
    """`/api/callbacks` and `/api/callbacks/{id}`."""
    api = _Api(ports, callbacks)

    def route(method: str, path: str, handler: Handler, operation: Mapping[str, Any]) -> Route:
        parameters = (openapi.ID,) if path.endswith("}") else ()
        return Route(
            method=method, path=path, handler=handler, guard="api", allow_head=False, operation=operation,
            right=SEE_CALLBACKS if method == "GET" else CHANGE_CALLBACKS,
            parameters=parameters, types=(NewCallback, Taken, ListedCallback, Story), public_names=openapi.PUBLIC_NAMES,
        )  # fmt: skip

    return (
        route("GET", "/api/callbacks", api.listed, openapi.LIST),
        route("POST", "/api/callbacks", api.requested, openapi.REQUEST),
        route("GET", "/api/callbacks/{id}", api.story, openapi.STORY),
        route("DELETE", "/api/callbacks/{id}", api.withdrawn, openapi.WITHDRAW),
    )


class _Api:
    """The handlers of the requests."""

    def __init__(self, ports: WebPorts, callbacks: CallbackPorts) -> None:
        self._ports = ports
        self._callbacks = callbacks

    async def listed(self, request: web.Request) -> web.Response:
        who, service = visitor(request), _once(request.query.getall("service", []), "the query's service")
        await self._in_time(self._callbacks.settled())
        found = [one for one in self._callbacks.listed(service, self._ports.clock()) if who.reaches(one.service)]
        services = self._services(who)
        if service is not None and not found and service not in services:
            raise ApiRefusal(404, Problem("no service of that name calls people back", _one_of(services)))
        return json_answer(200, found)

    def _services(self, who: Visitor) -> list[str]:
        return [service for service in self._callbacks.services() if who.reaches(service)]

    def _found(self, who: Visitor, name: str) -> ListedCallback | None:
        """An open callback, if it is one of a service of the visitor."""
        found = self._callbacks.found(name, self._ports.clock())
        return found if found is not None and who.reaches(found.service) else None

    async def story(self, request: web.Request) -> web.Response:
        who, name = visitor(request), _id(request)
        try:
            facts = await self._in_time(self._callbacks.story(who.reach, name))
        except StoreError as error:
            _log.error("story not read", error=str(error))
            fix = "ask again later; the log of the daemon says why"
            raise ApiRefusal(503, Problem("the database cannot be read just now", fix)) from None
        await self._in_time(self._callbacks.settled())
        now = self._found(who, name)
        if now is None and not facts:
            raise _unknown("there was never a callback of this id")
        return json_answer(200, Story(id=name, open=now, facts=facts))

    async def requested(self, request: web.Request) -> web.Response:
        who, at = visitor(request), self._ports.clock()
        key = _once(request.headers.getall("Idempotency-Key", []), "the Idempotency-Key")
        if key is not None and not _KEY.fullmatch(key):
            fix = f"send 1 to {LONGEST_KEY} visible ASCII characters, such as a UUID"
            raise ApiRefusal(400, Problem("the Idempotency-Key is not valid", fix))
        wanted = _new_callback(await self._in_time(json_body(request, _EXAMPLE)))
        if not who.reaches(wanted.service):
            raise _refused("service", self._services(who))
        event = CallbackRequested(
            at=at,
            actor=who.actor,
            request=_request_id(key, who.organisation),
            service=wanted.service,
            number=wanted.number,
            caller_name=wanted.name,
            by=wanted.by,
        )
        await self._store(event)
        answer = self._callbacks.answer(event)
        if answer is None:
            raise ApiRefusal(
                409,
                Problem("this Idempotency-Key was sent with another request", "send another key with another request"),
            )
        return self._answered(answer, wanted, self._services(who))

    def _answered(self, answer: Request, wanted: NewCallback, services: Sequence[str]) -> web.Response:
        if answer.callback is None:
            raise _refused(answer.refusal or "unknown", services)
        now = self._callbacks.found(answer.callback, self._ports.clock())
        taken = Taken(id=answer.callback, service=wanted.service, place=None if now is None else now.place)
        response = json_answer(200 if answer.existing else 201, taken)
        response.headers["Location"] = f"/api/callbacks/{answer.callback}"
        return response

    async def withdrawn(self, request: web.Request) -> web.Response:
        who, name, at = visitor(request), _id(request), self._ports.clock()
        by = _once(request.query.getall("by", []), "the query's by") or "api"
        if by not in ("api", "staff"):
            raise ApiRefusal(400, Problem("by is neither api nor staff", "leave it out, or send by=staff"))
        await self._in_time(self._callbacks.settled())
        if self._found(who, name) is None:
            raise _unknown("no open callback has this id")
        await self._store(CallbackWithdrawn(at=at, actor=who.actor, callback=name, by=by))
        return web.Response(status=204)

    async def _store(self, event: Event) -> None:
        await self._in_time(self._ports.submit(event))

    async def _in_time(self, work: Awaitable[_R]) -> _R:
        return await in_time(
            work, self._ports.answer_within, "ask again, with the same Idempotency-Key where there is one"
        )


# --- reading requests ----------------------------------------------------------------------------


def _new_callback(body: bytes) -> NewCallback:
    try:
        wanted = msgspec.json.decode(body, type=NewCallback)
    except NOT_JSON as error:
        raise _nonsense(f"the request body is not a valid callback request: {error}") from None
    for field, value in (("number", wanted.number), ("service", wanted.service), ("name", wanted.name)):
        # A name is shown on telephones and in texts: no line breaks, no marks that turn the direction of writing.
        if not is_line(value):
            raise _nonsense(f"{field} holds a character that cannot be printed")
    return wanted


def _request_id(key: str | None, organisation: str | None) -> str:
    # An outside key must not be the name of a channel, timer or message of ours. Two organisations may choose the same:
    # no visible character comes between them and the key.
    whose = "" if organisation is None else f"{organisation}\n"
    return secrets.token_hex(8) if key is None else hashlib.sha256(f"{whose}{key}".encode()).hexdigest()[:16]


def _id(request: web.Request) -> str:
    name = request.match_info["id"]
    if len(name) > _LONGEST_ID or not name.isprintable():
        raise _unknown("no callback has such an id")
    return name


def _once(values: Sequence[str], what: str) -> str | None:
    if len(values) > 1:
        raise _nonsense(f"{what} is given twice")
    return values[0] if values else None


# --- refusals ------------------------------------------------------------------------------------


def _nonsense(error: str) -> ApiRefusal:
    return ApiRefusal(400, Problem(error, _EXAMPLE))


def _unknown(error: str) -> ApiRefusal:
    return ApiRefusal(404, Problem(error, "GET /api/callbacks lists the open ones"))


def _one_of(services: Sequence[str]) -> str:
    if not services:
        return "give a service of the configuration a callback section, and the configuration a dialling section"
    return f"name one of: {', '.join(services)}"


def _refused(reason: str, services: Sequence[str]) -> ApiRefusal:
    match reason:
        case "service":
            error, fix = "no service of that name calls people back", _one_of(services)
        case "request":
            error, fix = "an old request with this Idempotency-Key is still open", "send a key that was never used"
        case "full":
            error = "as many callbacks are open as may be (offer.max_open, or the cap of the organisation)"
            fix = "ask again later, with another Idempotency-Key where one was sent"
        case "closed":
            error = "the service is closed, and its callbacks do not outlast closing (at_closing: expire)"
            fix = "ask again when it is open, with another Idempotency-Key where one was sent"
        case "own_number":
            error = "this number may not be dialled: own_number, the call would come back to us"
            fix = "send another number; services.*.numbers, dialling.caller_id and sms.reply_number are ours"
        case _:
            error = f"this number may not be dialled: {reason}"
            fix = "send another number, or change numbers in the configuration"
    return ApiRefusal(422, Problem(error, fix, reason))
