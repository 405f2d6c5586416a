"""`POST /api/person/erase`: a person is forgotten. The number is in the body: addresses are logged on the way."""

from __future__ import annotations

import asyncio
from typing import Final

import msgspec
from aiohttp import web

from callcentre.features.privacy.bodies import ErasedPerson, PersonToErase
from callcentre.kernel.erasure.performing import Erasures, Report
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.values.json_errors import NOT_JSON
from callcentre.values.lines import is_line
from callcentre.values.numbers import normalise
from callcentre.web.exchange import ApiRefusal, in_time, json_answer, json_body
from callcentre.web.openapi import LATE, body, responses
from callcentre.web.ports import WebPorts
from callcentre.web.problem import Problem
from callcentre.web.rights import ADMINISTRATOR, Right
from callcentre.web.routes import Route
from callcentre.web.visitor import visitor

ANSWER_WITHIN: Final = 120.0
"""Seconds. The journal is read to its end, and the log is written anew."""

ERASE: Final = Right("persons.erase", "Have a person forgotten", ADMINISTRATOR)

_EXAMPLE: Final = 'send {"number": "+358401234567"}'
_ERASE: Final = {
    "operationId": "erasePerson",
    "summary": "Forget a person: what is open ends, and rows and lines of the log no longer lead to the person.",
    "requestBody": {"required": True, "content": body("PersonToErase")},
    "responses": responses(
        {"200": {"description": "Done; the answer says what stays and why.", "content": body("ErasedPerson")}},
        _400="The body makes no sense.",
        _403="Several organisations share the daemon, and a person is erased for all of them.",
        _409="A call with this number is going on.",
        _413="The body is too long.",
        _422="Nobody can have this number.",
        _503=LATE,
    ),
}


def routes(ports: WebPorts, erasures: Erasures, rules: SettingsInForce) -> tuple[Route, ...]:
    """The address."""

    async def erase(request: web.Request) -> web.Response:
        if not visitor(request).is_everybodys:
            fix = "ask who runs this daemon: http.token may, and `callcentre person erase`"
            raise ApiRefusal(403, Problem("a person is erased for all organisations of this daemon", fix, "right"))
        wanted = _wanted(await in_time(json_body(request, _EXAMPLE), ports.answer_within, "send it again"))
        number = normalise(wanted.number, rules.settings.region)
        if number is None:
            raise ApiRefusal(422, Problem("nobody can have this number", "send it as +358401234567", "number"))
        await in_time(erasures.program.settled(), ports.answer_within, "send it again")
        if (why := erasures.why_not_now(number)) is not None:
            raise ApiRefusal(409, Problem(why, "send it again then", "on_the_line"))
        # It goes on when the client goes away.
        erased = asyncio.ensure_future(erasures.erase(number, wanted.by))
        report = await in_time(asyncio.shield(erased), ANSWER_WITHIN, "it goes on; send the same again later, to see")
        return json_answer(200, answer_of(report))

    return (
        Route(
            method="POST", path="/api/person/erase", handler=erase, guard="api", right=ERASE,
            allow_head=False, operation=_ERASE,
            types=(PersonToErase, ErasedPerson),
        ),
    )  # fmt: skip


def _wanted(sent: bytes) -> PersonToErase:
    try:
        wanted = msgspec.json.decode(sent, type=PersonToErase)
    except NOT_JSON as error:
        raise ApiRefusal(400, Problem(f"the request body names no person: {error}", _EXAMPLE)) from None
    if not is_line(wanted.number):
        raise ApiRefusal(400, Problem("number holds a character that cannot be printed", _EXAMPLE))
    return wanted


def answer_of(report: Report) -> ErasedPerson:
    """A report, as it is answered."""
    return ErasedPerson(
        complete=report.complete, rows=report.rows, kept=report.kept, left=report.left, lines=report.lines,
        failed=report.failed, notes=report.notes,
    )  # fmt: skip
