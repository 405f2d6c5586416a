"""`/agents`: what agents do now, and what supervisors do with them."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import quote

from aiohttp import web

from callcentre.features.desk.outside.desk import Desk, not_found
from callcentre.features.desk.rights import CONTROL_AGENTS, LISTEN, SEE_AGENTS
from callcentre.telephony.agents.interface import Action, KnownAgent, Outcome
from callcentre.telephony.listening.interface import ListeningRequested, Mode, WhyNot
from callcentre.web.guard import form
from callcentre.web.routes import Handler, Route
from callcentre.web.visitor import Visitor, visitor
from callcentre.web.words import message as _

_DONE: Final[Mapping[Action, str]] = MappingProxyType(
    {
        Action.PAUSE: _("%(agent)s is paused in %(queue)s."),
        Action.RESUME: _("%(agent)s is not paused in %(queue)s any more."),
        Action.LOG_ON: _("%(agent)s is logged on to %(queue)s."),
        Action.LOG_OFF: _("%(agent)s is logged off from %(queue)s."),
    }
)

_NOT_DONE: Final[Mapping[Outcome, str]] = MappingProxyType(
    {
        Outcome.NOT_MEMBER: _("The agent is not logged on to this queue."),
        Outcome.ALREADY: _("The agent is logged on already."),
        Outcome.STATIC: _("queues.conf lists this agent, who cannot be logged off here. Pause the agent instead."),
        Outcome.UNKNOWN_QUEUE: _("There is no such queue."),
        Outcome.UNKNOWN_AGENT: _("Asterisk has no such phone. Write it as PJSIP/agent1."),
        Outcome.DIALPLAN: _("The dialplan is of an earlier version: print it anew with callcentre dialplan."),
        Outcome.ASTERISK: _("Asterisk did not do it. The log of the daemon says more."),
        Outcome.UNCLEAR: _("Asterisk did not answer. Look at the agent, and try again."),
    }
)

_NOT_HEARD: Final[Mapping[WhyNot, str]] = MappingProxyType(
    {
        WhyNot.OVER: _("The conversation is over."),
        WhyNot.NO_PHONE: _("Asterisk has no such phone. Write it as PJSIP/agent1."),
        WhyNot.BUSY: _("This phone listens already."),
        WhyNot.ASTERISK: _("There is no connection to Asterisk."),
    }
)


def routes(desk: Desk) -> Iterator[Route]:
    """The addresses."""

    async def listed(request: web.Request) -> web.Response:
        who = visitor(request)
        await desk.reader.look(desk.queues(who))
        panels = {
            service: desk.hub.html(panel, service, who.language)
            for panel, service in desk.hub.panels_of(who)
            if panel.name == "agents"
        }
        return desk.pages.html(
            request, "desk:agents.html", services=desk.services(who), panels=panels, queues=desk.queues(who),
            known=_known(desk, who), may_control=who.may(CONTROL_AGENTS),
        )  # fmt: skip

    async def one(request: web.Request) -> web.Response:
        who, agent = visitor(request), request.match_info["interface"]
        queues = desk.queues(who)
        await desk.reader.look(queues)
        here = [now for now in desk.agents.of_agent(agent) if now.queue in queues]
        if not here and agent not in {one.agent for one in _known(desk, who)}:
            raise not_found()
        call = next((now.call for now in here if now.call is not None), None)
        talk = None if call is None else desk.conversations.talking(call)
        return desk.pages.html(
            request, "desk:agent.html", agent=agent, name=desk.agents.name_of(agent) or agent, here=here,
            address=_path(agent),
            others=[queue for queue in queues if queue not in {now.queue for now in here}],
            call=call if talk is not None and who.sees(talk.service) else None,
            may_control=who.may(CONTROL_AGENTS),
            modes=[mode.value for mode, right in LISTEN.items() if who.may(right)], phone=who.identity.agent or "",
        )  # fmt: skip

    yield Route(method="GET", path="/agents", handler=listed, guard="page", right=SEE_AGENTS)
    yield Route(method="POST", path="/agents/log_on", handler=_log_on(desk), guard="page", right=CONTROL_AGENTS)
    yield Route(method="GET", path="/agents/{interface}", handler=one, guard="page", right=SEE_AGENTS)
    for action in Action:
        yield Route(
            method="POST", path=f"/agents/{{interface}}/{action}", handler=_acting(desk, action), guard="page",
            right=CONTROL_AGENTS,
        )  # fmt: skip
    for mode, right in LISTEN.items():
        yield Route(
            method="POST", path=f"/calls/{{call}}/{mode}", handler=_hearing(desk, mode), guard="page", right=right
        )  # fmt: skip


def _known(desk: Desk, who: Visitor) -> list[KnownAgent]:
    """The agents that a visitor may know of: those of the visitor's queues, or all that were ever seen."""
    if who.is_everybodys:
        return list(desk.agents.known())
    theirs = {now.agent for queue in desk.queues(who) for now in desk.agents.in_queue(queue)}
    return [one for one in desk.agents.known() if one.agent in theirs]


def _path(agent: str) -> str:
    return f"/agents/{quote(agent, safe='')}"


def _acting(desk: Desk, action: Action) -> Handler:
    async def act(request: web.Request) -> web.Response:
        return await _act(desk, request, action, request.match_info["interface"])

    return act


def _log_on(desk: Desk) -> Handler:
    async def act(request: web.Request) -> web.Response:
        return await _act(desk, request, Action.LOG_ON, form(request).get("agent", ""), back="/agents")

    return act


async def _act(desk: Desk, request: web.Request, action: Action, agent: str, back: str = "") -> web.Response:
    fields, who = form(request), visitor(request)
    queue, back = fields.get("queue", ""), back or _path(agent)
    if queue not in desk.queues(who):
        raise not_found()
    actor = desk.pages.actor(request)
    # It goes on when the browser goes away.
    acting = asyncio.ensure_future(
        desk.actions.act(action, queue, agent, actor=actor, reason=actor.why or "", name=fields.get("name", ""))
    )
    try:
        async with asyncio.timeout(desk.ports.answer_within):
            outcome = await asyncio.shield(acting)
    except TimeoutError:
        outcome = Outcome.UNCLEAR
    if outcome is not Outcome.DONE:
        return desk.failed(request, back, _NOT_DONE[outcome])
    return desk.done(request, back, _DONE[action], agent=desk.agents.name_of(agent) or agent, queue=queue)


def _hearing(desk: Desk, mode: Mode) -> Handler:
    async def hear(request: web.Request) -> web.Response:
        call, phone = request.match_info["call"], form(request).get("phone", "")
        known = desk.conversations.talking(call)
        # A call of another service is as one that does not exist.
        if known is None or not visitor(request).sees(known.service):
            return desk.failed(request, "/agents", _NOT_HEARD[WhyNot.OVER])
        back = "/agents" if known.agent is None else _path(known.agent)
        if (why := await desk.listening.why_not(call, phone)) is not None:
            return desk.failed(request, back, _NOT_HEARD[why])
        event = ListeningRequested(
            at=desk.ports.clock(), request=secrets.token_hex(8), mode=mode, call=call, phone=phone
        )  # fmt: skip
        await desk.pages.act(request, event)
        return desk.done(request, back, _("Your phone rings. Answer it to be in the conversation."))

    return hear
