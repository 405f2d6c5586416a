"""Acts with callbacks, services, texts and numbers: the forms are on the pages of these, and two are here."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import quote

from aiohttp import web

from callcentre.features.callbacks.interface import (
    CallbackDeferred,
    CallbackMovedUp,
    CallbackRequested,
    CallbackWithdrawn,
    OtherServiceWanted,
    WhyNot,
)
from callcentre.features.desk import rights
from callcentre.features.desk.outside.desk import Desk, not_found
from callcentre.kernel.closures.interface import CloseService, OpenService
from callcentre.kernel.event import Event
from callcentre.messaging.events import OptedInByStaff, OptedOutByStaff, TextAgain, TextByStaff
from callcentre.messaging.staff import LONGEST
from callcentre.values.lines import is_line
from callcentre.web.guard import form
from callcentre.web.rights import Right
from callcentre.web.routes import Handler, Route
from callcentre.web.visitor import visitor
from callcentre.web.words import message as _

_LONGEST_NAME: Final = 80

_NOT_DONE: Final[Mapping[WhyNot, str]] = MappingProxyType(
    {
        WhyNot.OVER: _("The callback is not open any more."),
        WhyNot.ON_A_CALL: _("The customer is being called or is on the line. Try again after the call."),
        WhyNot.PASSED: _("Give a time within the next two weeks."),
        WhyNot.SERVICE: _("This service cannot have the callback."),
        WhyNot.EXISTING: _("The customer has a callback for that service already."),
    }
)

_REFUSED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "service": _("This service calls nobody back."),
        "closed": _("The service is closed, and its callbacks end at closing time."),
        "full": _("There are as many open callbacks as there may be."),
        "opted_out": _("The person wants no texts."),
        "own_number": _("This is a number of ours."),
    }
)
_NUMBER_REFUSED: Final = _("This number may not be reached: %(reason)s.")


def routes(desk: Desk) -> Iterator[Route]:
    """The addresses."""

    def post(path: str, handler: Handler, right: Right) -> Route:
        return Route(method="POST", path=path, handler=handler, guard="page", right=right)

    acts = _Acts(desk)
    yield post("/callbacks", acts.add_callback, rights.ADD_CALLBACKS)
    yield post("/callbacks/{id}/cancel", acts.cancel, rights.CANCEL_CALLBACKS)
    yield post("/callbacks/{id}/postpone", acts.postpone, rights.POSTPONE_CALLBACKS)
    yield post("/callbacks/{id}/move_up", acts.move_up, rights.MOVE_CALLBACKS)
    yield post("/callbacks/{id}/reassign", acts.reassign, rights.REASSIGN_CALLBACKS)
    yield post("/messages", acts.write, rights.SEND_TEXTS)
    yield post("/messages/{id}/send_again", acts.send_again, rights.SEND_AGAIN)
    yield post("/numbers/opt_out", acts.opt_out, rights.OPT_OUT)
    yield post("/numbers/opt_in", acts.opt_in, rights.OPT_IN)
    yield Route(method="GET", path="/services", handler=acts.services, guard="page", right=rights.SEE_SERVICES)
    yield post("/services/{service}/close", acts.close, rights.CLOSE_SERVICES)
    yield post("/services/{service}/open", acts.open, rights.CLOSE_SERVICES)
    yield Route(method="GET", path="/contact", handler=acts.contact, guard="page", right=rights.SEND_TEXTS)


class _Acts:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    # --- callbacks -------------------------------------------------------------------------------

    async def add_callback(self, request: web.Request) -> web.Response:
        desk, fields = self._desk, form(request)
        service = desk.service(request, fields.get("service", ""))
        name = fields.get("name", "")
        if len(name) > _LONGEST_NAME or not is_line(name):
            return desk.failed(request, "/contact", _("The name is too long, or has characters that cannot be shown."))
        wanted = CallbackRequested(
            at=desk.ports.clock(), request=secrets.token_hex(8), service=service, number=fields.get("number", ""),
            caller_name=name, by="staff",
        )  # fmt: skip
        await desk.pages.act(request, wanted)
        answer = desk.callbacks.answer(wanted.request)
        if answer is None or answer.callback is None:
            return self._refused(request, "/contact", "" if answer is None else answer.refusal or "")
        said = _("The person has an open callback already.") if answer.existing else _("The callback is added.")
        return desk.done(request, f"/callbacks/{quote(answer.callback, safe='')}", said)

    def _callback(self, request: web.Request) -> str:
        """The id of a callback of a service that the visitor sees. Raises HTTPNotFound, also for one that is over."""
        callback = request.match_info["id"]
        service = self._desk.callbacks.service_of(callback)
        if service is None or not visitor(request).sees(service):
            raise not_found()
        return callback

    async def _with_callback(
        self, request: web.Request, callback: str, why_not: WhyNot | None, event: Event, message: str
    ) -> web.Response:
        path = f"/callbacks/{quote(callback, safe='')}"
        if why_not is not None:
            return self._desk.failed(request, path, _NOT_DONE[why_not])
        await self._desk.pages.act(request, event)
        return self._desk.done(request, path, message)

    async def cancel(self, request: web.Request) -> web.Response:
        callback = self._callback(request)
        event = CallbackWithdrawn(at=self._desk.ports.clock(), callback=callback, by="staff")
        return await self._with_callback(request, callback, None, event, _("The callback is cancelled."))

    async def postpone(self, request: web.Request) -> web.Response:
        desk, callback, at = self._desk, self._callback(request), self._desk.ports.clock()
        until = desk.moment(desk.callbacks.service_of(callback) or "", form(request).get("until", ""))
        why = WhyNot.PASSED if until is None else desk.callbacks.why_not_defer(callback, until, at)
        event = CallbackDeferred(at=at, callback=callback, until=until or at)
        return await self._with_callback(request, callback, why, event, _("The customer is called later."))

    async def move_up(self, request: web.Request) -> web.Response:
        callback = self._callback(request)
        event = CallbackMovedUp(at=self._desk.ports.clock(), callback=callback)
        why = self._desk.callbacks.why_not(callback)
        return await self._with_callback(request, callback, why, event, _("The callback is the first of its queue."))

    async def reassign(self, request: web.Request) -> web.Response:
        desk, callback = self._desk, self._callback(request)
        service = desk.service(request, form(request).get("service", ""))
        event = OtherServiceWanted(at=desk.ports.clock(), callback=callback, service=service)
        why = desk.callbacks.why_not_reassign(callback, service)
        return await self._with_callback(request, callback, why, event, _("The callback has another service."))

    # --- texts -----------------------------------------------------------------------------------

    async def contact(self, request: web.Request) -> web.Response:
        """The forms that begin with a number."""
        desk, who = self._desk, visitor(request)
        may = {name: who.may(right) for name, right in (
            ("add", rights.ADD_CALLBACKS), ("opt_out", rights.OPT_OUT), ("opt_in", rights.OPT_IN),
        )}  # fmt: skip
        return desk.pages.html(
            request, "desk:contact.html", services=desk.services(who), longest=LONGEST, may=may
        )  # fmt: skip

    async def write(self, request: web.Request) -> web.Response:
        desk, fields = self._desk, form(request)
        service = desk.service(request, fields.get("service", ""))
        number, body = fields.get("number", ""), fields.as_sent("text").strip()
        if not body or len(body) > LONGEST:
            return desk.failed(request, "/contact", _("Write a text of at most %(most)s characters."), most=LONGEST)
        if (why := desk.texts.why_not(number)) is not None:
            return self._refused(request, "/contact", why)
        event = TextByStaff(
            at=desk.ports.clock(), message=f"staff-{secrets.token_hex(8)}", number=number, body=body, service=service
        )  # fmt: skip
        await desk.pages.act(request, event)
        return desk.done(request, "/contact", _("The text is on its way."))

    async def send_again(self, request: web.Request) -> web.Response:
        desk, message = self._desk, request.match_info["id"]
        path, text = f"/messages/{quote(message, safe='')}", desk.texts.failed(message)
        if text is None or (text.service is not None and not visitor(request).sees(text.service)):
            return desk.failed(request, "/messages", _("This text can be sent again no more."))
        if (why := desk.texts.why_not(text.number)) is not None:
            return self._refused(request, path, why)
        again = f"staff-{secrets.token_hex(8)}"
        await desk.pages.act(request, TextAgain(at=desk.ports.clock(), message=message, again=again))
        return desk.done(request, path, _("The text is sent again."))

    async def opt_out(self, request: web.Request) -> web.Response:
        return await self._opted(request, OptedOutByStaff, _("No texts go to this number any more."))

    async def opt_in(self, request: web.Request) -> web.Response:
        return await self._opted(request, OptedInByStaff, _("Texts go to this number again."))

    async def _opted(
        self, request: web.Request, kind: type[OptedOutByStaff] | type[OptedInByStaff], message: str
    ) -> web.Response:
        desk, number = self._desk, form(request).get("number", "")
        if desk.texts.e164(number) is None:
            return self._refused(request, "/contact", "invalid")
        await desk.pages.act(request, kind(at=desk.ports.clock(), number=number))
        return desk.done(request, "/contact", message)

    def _refused(self, request: web.Request, path: str, reason: str) -> web.Response:
        if reason in _REFUSED:
            return self._desk.failed(request, path, _REFUSED[reason])
        return self._desk.failed(request, path, _NUMBER_REFUSED, reason=reason or "invalid")

    # --- services --------------------------------------------------------------------------------

    async def services(self, request: web.Request) -> web.Response:
        """Which services are open, until when, and which staff has closed."""
        desk, who, at = self._desk, visitor(request), self._desk.ports.clock()
        rows = [
            {
                "key": name,
                "is_open": hours.is_open(at),
                "closes": hours.closes_at(at),
                "opens": None if hours.is_open(at) else hours.next_opening(at),
                "closure": desk.closed.of(name),
                "ends_callbacks": desk.callbacks.end_at_closing(name),
            }
            for name in desk.services(who)
            for hours in [desk.settings.services[name].opening_hours]
        ]
        return desk.pages.html(
            request, "desk:services.html", rows=rows, may_close=who.may(rights.CLOSE_SERVICES)
        )  # fmt: skip

    async def close(self, request: web.Request) -> web.Response:
        desk, at = self._desk, self._desk.ports.clock()
        service = desk.service(request, request.match_info["service"])
        written = form(request).get("until", "")
        until = desk.moment(service, written) if written else None
        if written and (until is None or until <= at):
            return desk.failed(request, "/services", _("Give a time that is to come, or none."))
        await desk.pages.act(request, CloseService(at=at, service=service, until=until))
        return desk.done(request, "/services", _("The service is closed."))

    async def open(self, request: web.Request) -> web.Response:
        desk = self._desk
        service = desk.service(request, request.match_info["service"])
        await desk.pages.act(request, OpenService(at=desk.ports.clock(), service=service))
        return desk.done(request, "/services", _("The service follows its opening hours again."))
