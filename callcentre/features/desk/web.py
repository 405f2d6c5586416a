"""`POST /api/agents/{interface}/pause|resume|log_on|log_off`, and the pages and acts of the desk."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec
from aiohttp import web

from callcentre.features.desk.bodies import AgentInQueue, AgentIs
from callcentre.features.desk.openapi import INTERFACE, described
from callcentre.features.desk.outside import acts, agents, audit
from callcentre.features.desk.outside.desk import Desk
from callcentre.features.desk.rights import CONTROL_AGENTS
from callcentre.telephony.agents.interface import Action, Outcome
from callcentre.values.json_errors import NOT_JSON
from callcentre.values.lines import is_line
from callcentre.web.exchange import ApiRefusal, in_time, json_answer, json_body
from callcentre.web.problem import Problem
from callcentre.web.routes import Handler, Route
from callcentre.web.visitor import visitor

_EXAMPLE: Final = 'send e.g. {"queue": "support", "reason": "lunch"}'

_REFUSALS: Final[Mapping[Outcome, tuple[int, str, str]]] = MappingProxyType(
    {
        Outcome.NOT_MEMBER: (404, "the agent is not logged on to this queue", "log the agent on first"),
        Outcome.UNKNOWN_AGENT: (404, "Asterisk has no such agent", "send a device such as PJSIP%2Fagent1"),
        Outcome.UNKNOWN_QUEUE: (404, "no service has this queue", "send the name of a queue of the configuration"),
        Outcome.ALREADY: (409, "the agent is logged on already", "nothing is to be done"),
        Outcome.STATIC: (409, "queues.conf lists this agent", "remove the agent there, or pause the agent"),
        Outcome.DIALPLAN: (503, "the dialplan is of an earlier version", "print it with `callcentre dialplan`"),
        Outcome.ASTERISK: (503, "Asterisk did not do it", "look into the log of the daemon, which says more"),
        Outcome.UNCLEAR: (503, "Asterisk did not answer", "look at the agent, and send it again"),
    }
)


def routes(desk: Desk) -> tuple[Route, ...]:
    """The addresses."""
    return (*agents.routes(desk), *acts.routes(desk), *audit.routes(desk), *_api(desk))


def _api(desk: Desk) -> tuple[Route, ...]:
    return tuple(
        Route(
            method="POST", path=f"/api/agents/{{interface}}/{action}", handler=_acting(desk, action), guard="api",
            right=CONTROL_AGENTS, allow_head=False, operation=described(action), parameters=(INTERFACE,),
            types=(AgentInQueue, AgentIs),
        )
        for action in Action
    )  # fmt: skip


def _acting(desk: Desk, action: Action) -> Handler:
    async def act(request: web.Request) -> web.Response:
        agent, wanted = request.match_info["interface"], await _wanted(desk, request)
        if not desk.agents.is_seen(wanted.queue, visitor(request).services):
            raise _refused(Outcome.UNKNOWN_QUEUE)
        # It goes on when the client goes away.
        acting = asyncio.ensure_future(
            desk.actions.act(
                action, wanted.queue, agent, actor=visitor(request).actor, reason=wanted.reason, name=wanted.name
            )
        )  # fmt: skip
        outcome = await in_time(asyncio.shield(acting), desk.ports.answer_within, "it goes on; look at the agent")
        if outcome is not Outcome.DONE:
            raise _refused(outcome)
        return json_answer(200, AgentIs(agent=agent, queue=wanted.queue, done=action.value))

    return act


async def _wanted(desk: Desk, request: web.Request) -> AgentInQueue:
    sent = await in_time(json_body(request, _EXAMPLE), desk.ports.answer_within, "send it again")
    try:
        wanted = msgspec.json.decode(sent, type=AgentInQueue)
    except NOT_JSON as error:
        raise ApiRefusal(400, Problem(f"the request body is not valid: {error}", _EXAMPLE)) from None
    for field, value in (("reason", wanted.reason), ("name", wanted.name)):
        if not is_line(value):
            raise ApiRefusal(400, Problem(f"{field} holds a character that cannot be printed", _EXAMPLE))
    return wanted


def _refused(outcome: Outcome) -> ApiRefusal:
    status, error, fix = _REFUSALS[outcome]
    return ApiRefusal(status, Problem(error, fix, outcome.value))
