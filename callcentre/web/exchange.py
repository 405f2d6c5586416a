"""The conventions of `/api`: JSON in, JSON out, refusals with advice, and time limits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, Final, TypeVar

import msgspec
import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from callcentre.web.problem import Problem

PREFIX: Final = "/api/"
LONGEST_BODY: Final = 8 * 1024
READ_AGAIN: Final = "see /api/openapi.json for what may be asked"

_R = TypeVar("_R")

_log = structlog.get_logger(__name__)


class ApiRefusal(Exception):  # noqa: N818
    """The request to `/api` is refused."""

    def __init__(self, status: int, problem: Problem) -> None:
        super().__init__(problem.error)
        self.status = status
        self.problem = problem

    def answer(self) -> web.Response:
        """The refusal as JSON."""
        return json_answer(self.status, self.problem)


_FIXES: Final = {
    401: "send Authorization: Bearer with http.token of the configuration, or with an API key",
    404: READ_AGAIN,
    405: READ_AGAIN,
    429: "wait a minute, then send Authorization: Bearer with http.token of the configuration, or with an API key",
    413: f"send at most {LONGEST_BODY} octets",
    500: "look into the log of the daemon, which says more",
}


def plain_refusal(status: int, text: str) -> web.Response:
    """A refusal that does not come from `/api` itself, as JSON like all others below it."""
    return json_answer(status, Problem(text.strip(), _FIXES.get(status, READ_AGAIN)))


def json_answer(status: int, said: Any) -> web.Response:
    """An answer that must not be cached."""
    return web.Response(
        status=status,
        body=msgspec.json.encode(said),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


async def json_body(request: web.Request, mend: str) -> bytes:
    """The body of a request that says it is JSON. Raises ApiRefusal 400 with `mend`, or HTTPRequestEntityTooLarge."""
    if request.content_length is not None and request.content_length > LONGEST_BODY:
        raise web.HTTPRequestEntityTooLarge(LONGEST_BODY, text="body too long\n")
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise ApiRefusal(400, Problem("the body is compressed", mend))
    if request.content_type != "application/json":
        raise ApiRefusal(400, Problem("the body is not said to be application/json", mend))
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise web.HTTPRequestEntityTooLarge(LONGEST_BODY, text="body too long\n") from None
    except (HttpProcessingError, web.RequestPayloadError):
        raise ApiRefusal(400, Problem("the body is broken", mend)) from None
    if len(body) > LONGEST_BODY:
        raise web.HTTPRequestEntityTooLarge(LONGEST_BODY, text="body too long\n")
    return body


async def in_time(work: Awaitable[_R], seconds: float, mend: str) -> _R:
    """The result of an awaitable within this many seconds. Raises ApiRefusal 503."""
    try:
        async with asyncio.timeout(seconds):
            return await work
    except TimeoutError:
        _log.warning("api too slow", seconds=seconds)
        raise ApiRefusal(503, Problem("not done in time", mend)) from None
