"""The live page, the wallboard, and `/api/live`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec
from aiohttp import web

from callcentre.features.live.states import (
    AgentsNow,
    AlarmsNow,
    CallbacksNow,
    LiveAgent,
    LiveAlarm,
    LiveCallback,
    ServiceNow,
    States,
    TextsNow,
    WaitingCaller,
    WaitingNow,
)
from callcentre.web.exchange import ApiRefusal, json_answer
from callcentre.web.live.hub import Hub
from callcentre.web.live.panel import Panel
from callcentre.web.openapi import body, responses
from callcentre.web.pages import Pages
from callcentre.web.problem import Problem
from callcentre.web.rights import PEOPLE, SCREENS, VIEWERS, Right
from callcentre.web.routes import Route
from callcentre.web.visitor import Visitor, visitor

SEE_LIVE: Final = Right("live.see", "See who waits, the callbacks and the agents of one's services now", VIEWERS)
SEE_BOARD: Final = Right("live.board", "See the figures of one's services now", SCREENS)
SEE_ALARMS: Final = Right("alarms.see", "See which alarms are raised", VIEWERS)
ENTER: Final = Right("pages.enter", "Open the pages", PEOPLE)


class LiveService(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about a service now. `alarms` is null for those who may not see them."""

    now: ServiceNow
    callers: WaitingNow
    callbacks: CallbacksNow
    agents: AgentsNow
    texts: TextsNow
    alarms: AlarmsNow | None


class LiveNow(msgspec.Struct, frozen=True, kw_only=True):
    """Everything now. `at` is milliseconds since 1970; `alarms` is null for those who may not see them."""

    at: int
    services: tuple[LiveService, ...]
    alarms: AlarmsNow | None


_LIVE: Final = {
    "operationId": "live",
    "summary": "Queues, callers, callbacks, agents and alarms now. Numbers are masked.",
    "parameters": [
        {
            "name": "service", "in": "query", "required": False, "schema": {"type": "string"},
            "description": "Only this service.",
        }
    ],
    "responses": responses(
        {"200": {"description": "What there is now.", "content": body("LiveNow")}},
        _403="The key has no right to it.",
        _404="There is no service of this name for you.",
    ),
}  # fmt: skip


def panels(states: States) -> tuple[Panel, ...]:
    """The panels of the live page."""
    return (
        Panel(name="service", right=SEE_BOARD, template="live:panel_service.html", state=states.service),
        Panel(name="waiting", right=SEE_LIVE, template="live:panel_waiting.html", state=states.waiting),
        Panel(name="callbacks", right=SEE_LIVE, template="live:panel_callbacks.html", state=states.open_callbacks),
        Panel(name="agents", right=SEE_LIVE, template="live:panel_agents.html", state=states.agents_of),
        Panel(name="texts", right=SEE_LIVE, template="live:panel_texts.html", state=states.texts_of),
        Panel(name="service_alarms", right=SEE_ALARMS, template="live:panel_alarms.html", state=states.alarms_of),
        Panel(name="alarms", right=SEE_ALARMS, template="live:panel_alarms.html", state=states.alarms, of_program=True),
    )


def routes(pages: Pages, hub: Hub, states: States, clock: Callable[[], Any]) -> Iterator[Route]:
    """`/`, `/wallboard` and `/api/live`."""

    def shown(who: Visitor, names: frozenset[str] | None = None) -> dict[tuple[str, str], str]:
        """The HTML of each panel by name and service."""
        return {
            (panel.name, subject): hub.html(panel, subject, who.language)
            for panel, subject in hub.panels_of(who)
            if isinstance(subject, str) and (names is None or panel.name in names)
        }

    async def live(request: web.Request) -> web.Response:
        who = visitor(request)
        if not who.may(SEE_LIVE):
            # An agent has a page of their own; others begin at the account.
            raise web.HTTPSeeOther("/agent" if who.identity.agent else "/account")
        return pages.html(request, "live:live.html", services=sorted(who.services), panels=shown(who))

    async def wallboard(request: web.Request) -> web.Response:
        who = visitor(request)
        wanted = request.query.getall("service", [])
        services = [key for key in (wanted or sorted(who.services)) if who.sees(key)]
        key = request.query.get("key", "")
        html = shown(who, frozenset({"service"}))
        return pages.html(request, "live:wallboard.html", services=services, panels=html, key=key)

    async def api(request: web.Request) -> web.Response:
        who = visitor(request)
        wanted = request.query.get("service")
        if wanted is not None and not who.sees(wanted):
            raise ApiRefusal(404, Problem("no such service", "name one of yours, or leave it out"))
        at = clock()
        services = tuple(
            LiveService(
                now=states.service(key, at),
                callers=states.waiting(key, at),
                callbacks=states.open_callbacks(key, at),
                agents=states.agents_of(key, at),
                texts=states.texts_of(key, at),
                alarms=states.alarms_of(key, at) if who.may(SEE_ALARMS) else None,
            )
            for key in sorted(who.services)
            if wanted in (None, key)
        )
        alarms = states.alarms("", at) if who.may(SEE_ALARMS) else None
        return json_answer(200, LiveNow(at=round(at.timestamp() * 1000), services=services, alarms=alarms))

    yield Route(method="GET", path="/", handler=live, guard="page", right=ENTER)
    yield Route(
        method="GET", path="/wallboard", handler=wallboard, guard="page", right=SEE_BOARD, key_in_query=True
    )  # fmt: skip
    yield Route(
        method="GET", path="/api/live", handler=api, guard="api", right=SEE_LIVE, allow_head=False, operation=_LIVE,
        types=(
            LiveNow, LiveService, ServiceNow, WaitingNow, WaitingCaller, CallbacksNow, LiveCallback, AgentsNow,
            LiveAgent, TextsNow, AlarmsNow, LiveAlarm,
        ),
    )  # fmt: skip
