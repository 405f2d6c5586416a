"""The hooks of SMS gateways: `mo`, texts from phones, and `dlr`, delivery reports.

A gateway treats our 200 as a promise and then forgets the text, so 200 is sent only after the event is stored. After
any other answer a gateway tries again as often as it is configured to, and then forgets the text too.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from urllib.parse import parse_qsl

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from callcentre.kernel.event import Event
from callcentre.messaging.gateways.gateway import BadHook, Gateway, HookName, HookRequest
from callcentre.web.access import SELDOM, admit, client
from callcentre.web.ports import WebPorts
from callcentre.web.routes import Route

LONGEST_QUERY = 8 * 1024
LONGEST_BODY = 64 * 1024
_MOST_FIELDS = 100

_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_FORM = "application/x-www-form-urlencoded"

_Read = Callable[[Gateway, Mapping[str, str], datetime], Event | None]


def routes(ports: WebPorts, gateway: Callable[[], Gateway], token: Callable[[], str]) -> tuple[Route, ...]:
    """`/hooks/{gateway}/mo` and `/hooks/{gateway}/dlr`.

    `gateway` and `token` are called for every request. A gateway that waits longer than `ports.answer_within` gets 503
    and tries again.
    """

    def hook(kind: HookName, read: _Read) -> tuple[Route, ...]:
        async def handle(request: web.Request) -> web.Response:
            return await _handle(request, ports, gateway(), token(), kind, read)

        return tuple(
            Route(method=method, path=f"/hooks/{{gateway}}/{kind}", handler=handle, allow_head=False)
            for method in ("GET", "POST")
        )

    return (
        *hook("mo", lambda gateway, query, at: gateway.read_text(query, at)),
        *hook("dlr", lambda gateway, query, at: gateway.read_report(query, at)),
    )


async def _handle(
    request: web.Request, ports: WebPorts, gateway: Gateway, token: str, kind: HookName, read: _Read
) -> web.Response:
    at = ports.clock()
    said = partial(request.app[SELDOM].say, "warning")
    try:
        admit(request, token)
    except (web.HTTPUnauthorized, web.HTTPTooManyRequests) as refusal:
        # A refused text is lost for good: an administrator must be informed, once.
        said("hook refused", hook=kind, reason="wrong or missing token", address=client(request))
        if isinstance(refusal, web.HTTPTooManyRequests):
            raise
        # 403 without a challenge: gateways read 401 as "log in", and their administrators know this answer of ours.
        raise web.HTTPForbidden(text="wrong or missing token\n") from None
    if request.match_info["gateway"] != gateway.name:
        said("hook refused", hook=kind, reason=f"sms.gateway is {gateway.name}")
        raise web.HTTPNotFound(text="no such gateway\n")
    try:
        async with asyncio.timeout(ports.answer_within):
            query, form = await _fields(request)
            signed = HookRequest(kind, request.rel_url.raw_query_string, form, request.headers)
            if not gateway.is_genuine(signed):
                said("hook refused", hook=kind, gateway=gateway.name, reason="wrong or missing signature")
                raise web.HTTPForbidden(text="wrong or missing signature\n")
            event = read(gateway, _once_each([*query.items(), *form.items()]), at)
            if event is not None:
                await ports.submit(event)
    except BadHook as wrong:
        said("hook refused", hook=kind, gateway=gateway.name, reason=str(wrong))
        raise web.HTTPBadRequest(text=f"{wrong}\n") from None
    except TimeoutError:
        said("hook too slow", hook=kind, gateway=gateway.name, seconds=ports.answer_within)
        raise web.HTTPServiceUnavailable(text="not stored in time, try again\n") from None
    answer = gateway.hook_answer
    if not answer.body:
        return web.Response(status=answer.status, content_type=answer.content_type)
    return web.Response(status=answer.status, content_type=answer.content_type, text=answer.body)


async def _fields(request: web.Request) -> tuple[dict[str, str], dict[str, str]]:
    """The fields of the query, and those of a posted form."""
    query = request.rel_url.raw_query_string
    if len(query) > LONGEST_QUERY:
        raise web.HTTPRequestEntityTooLarge(LONGEST_QUERY, text="query too long\n")
    pairs = _pairs(query)
    posted = _pairs(await _form(request)) if request.method == "POST" else []
    return _once_each(pairs), _once_each(posted)


def _once_each(pairs: list[tuple[str, str]]) -> dict[str, str]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise BadHook("a field is given twice")
    return fields


async def _form(request: web.Request) -> str:
    if request.content_length is not None and request.content_length > LONGEST_BODY:
        raise web.HTTPRequestEntityTooLarge(LONGEST_BODY, text="body too long\n")
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise BadHook("the body is compressed")
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise web.HTTPRequestEntityTooLarge(LONGEST_BODY, text="body too long\n") from None
    except (HttpProcessingError, web.RequestPayloadError):
        raise BadHook("the body is broken") from None
    if body and request.content_type != _FORM:
        raise BadHook("the body is not a form")
    return body.decode("latin-1")


def _pairs(encoded: str) -> list[tuple[str, str]]:
    if _BROKEN_ESCAPE.search(encoded):
        raise BadHook("a percent sign does not begin an escape")
    if not encoded.isascii():
        raise BadHook("characters other than ASCII must be escaped")
    try:
        return parse_qsl(encoded, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except UnicodeDecodeError:
        raise BadHook("an escape is not UTF-8") from None
    except ValueError:
        raise BadHook(f"more than {_MOST_FIELDS} fields") from None
