"""`/agent`: an agent's own queues, who calls, and notes about people."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote

from aiohttp import web

from callcentre.features.agent_page.events import NoteAdded, NoteEdited, NoteRemoved
from callcentre.features.agent_page.model import LONGEST_NOTE, cleaned
from callcentre.features.agent_page.outside.reading import Reading, Row, Stored
from callcentre.features.agent_page.states import Known, OwnStates
from callcentre.features.callbacks.interface import CallbackList, ListedCallback
from callcentre.features.surveys.interface import SCALES
from callcentre.kernel.errors import StoreError
from callcentre.telephony.agents.interface import Action, Agents, Outcome
from callcentre.telephony.agents.model import LONGEST_REASON
from callcentre.telephony.ari.agent_control import AgentActions
from callcentre.values.lines import is_line
from callcentre.web.guard import form
from callcentre.web.live.hub import as_agent
from callcentre.web.live.panel import AsAgent, Panel
from callcentre.web.pages import NavigationEntry, Pages
from callcentre.web.rights import AGENTS, SUPERVISORS, Right
from callcentre.web.routes import Handler, Route
from callcentre.web.visitor import Visitor, visitor
from callcentre.web.words import message as _

SEE_OWN: Final = Right(
    "agent.page", "See one's own queues as an agent, who calls, and what is known of the caller", AGENTS
)
CONTROL_SELF: Final = Right("agent.self", "Pause and resume oneself, and log oneself on and off", AGENTS)
WRITE_NOTES: Final = Right("notes.write", "Write notes about the people of one's own calls", AGENTS)
SEE_ALL_SCORES: Final = Right(
    "agent.scores", "See a caller's survey answers about all agents, not only about oneself", SUPERVISORS
)

RIGHTS: Final = (SEE_OWN, CONTROL_SELF, WRITE_NOTES, SEE_ALL_SCORES)
NAVIGATION: Final = NavigationEntry("/agent", "My calls", SEE_OWN, 15)

_UNREADABLE: Final = _("The database cannot be read just now. Load the page again; the log of the daemon says why.")

_DONE: Final[Mapping[Action, str]] = MappingProxyType(
    {
        Action.PAUSE: _("You are paused."),
        Action.RESUME: _("You are no longer paused."),
        Action.LOG_ON: _("You are logged on."),
        Action.LOG_OFF: _("You are logged off."),
    }
)

_NOT_DONE: Final[Mapping[Outcome, str]] = MappingProxyType(
    {
        Outcome.NOT_MEMBER: _("You are not logged on to this queue."),
        Outcome.ALREADY: _("You are logged on already."),
        Outcome.STATIC: _("The file queues.conf lists your phone: pause yourself instead."),
        Outcome.UNKNOWN_QUEUE: _("There is no such queue for you."),
        Outcome.UNKNOWN_AGENT: _("Asterisk does not know your phone. Ask an administrator to correct your account."),
        Outcome.DIALPLAN: _(
            "The dialplan of Asterisk is of an earlier version. Ask an administrator to print it anew."
        ),
        Outcome.ASTERISK: _("Asterisk did not do it. Try again, then ask an administrator."),
        Outcome.UNCLEAR: _("Asterisk did not answer. Look at your queues, and try again."),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentPages:
    """What the handlers need."""

    pages: Pages
    states: OwnStates
    reading: Reading
    callbacks: CallbackList
    agents: Agents
    actions: AgentActions

    def panels(self) -> Iterator[Panel]:
        """The panels of the agent."""
        folder, states = "agent_page:panel_", self.states
        yield Panel(name="caller", right=SEE_OWN, template=f"{folder}caller.html", of_agent=states.caller_now)
        yield Panel(name="own_queues", right=SEE_OWN, template=f"{folder}own_queues.html", of_agent=states.queues_now)

    def routes(self) -> Iterator[Route]:
        """The addresses."""
        yield Route(method="GET", path="/agent", handler=self.page, guard="page", right=SEE_OWN)
        yield Route(method="GET", path="/agent/caller/{call}", handler=self.caller, guard="page", right=SEE_OWN)
        for action in Action:
            yield Route(
                method="POST", path=f"/agent/{action}", handler=self._acting(action), guard="page", right=CONTROL_SELF
            )
        yield Route(method="POST", path="/agent/notes", handler=self.write, guard="page", right=WRITE_NOTES)
        yield Route(method="POST", path="/agent/notes/{note}", handler=self.edit, guard="page", right=WRITE_NOTES)
        yield Route(
            method="POST", path="/agent/notes/{note}/delete", handler=self.delete, guard="page", right=WRITE_NOTES
        )

    # --- pages -----------------------------------------------------------------------------------

    async def page(self, request: web.Request) -> web.Response:
        """The page. `call` in the query: the person of that call of the agent's in place of the present one."""
        who = visitor(request)
        own = as_agent(who)
        if own is None:
            return self.pages.html(request, "agent_page:agent.html", agent=None, known=None)
        at = self.pages.ports.clock()
        caller_now = self.states.caller_now(own, at)
        present = caller_now.caller
        call = request.query.get("call") or (present.call if present is not None and not present.ringing else "")
        about = await self._about(request, await self._known(who, own, call) if call else None)
        return self.pages.html(
            request, "agent_page:agent.html", agent=own.agent, service=own.agent, caller_now=caller_now,
            queues_now=self.states.queues_now(own, at), **about,
        )  # fmt: skip

    async def caller(self, request: web.Request) -> web.Response:
        """What is known of the person of a call of the agent's, as a part of the page."""
        call = request.match_info["call"]
        if "HX-Request" not in request.headers:
            raise web.HTTPSeeOther(f"/agent?call={quote(call, safe='')}")
        return await self._caller(request, await self._theirs(request, call))

    async def _caller(self, request: web.Request, known: Known, words: str = "", state: str = "ok") -> web.Response:
        about = await self._about(request, known)
        return self.pages.html(request, "agent_page:caller.html", said_here=words, said_state=state, **about)

    async def _known(self, who: Visitor, own: AsAgent, call: str) -> Known | None:
        known = self.states.known(own, call)
        try:
            return known or await self.reading.person_of(who.reach, call, own.agent)
        except StoreError:
            raise web.HTTPServiceUnavailable(text=_UNREADABLE) from None

    async def _theirs(self, request: web.Request, call: str) -> Known:
        """The person of a call; HTTPNotFound for a call that the agent did not answer."""
        who = visitor(request)
        own = as_agent(who)
        known = await self._known(who, own, call) if own is not None else None
        if known is None:
            raise web.HTTPNotFound(text="not found\n")
        return known

    async def _about(self, request: web.Request, known: Known | None) -> dict[str, Any]:
        who = visitor(request)
        stored, failed = Stored(), False
        if known is not None:
            try:
                scores_of = None if who.may(SEE_ALL_SCORES) else who.identity.agent
                stored = await self.reading.about(who.reach, known, scores_of)
            except StoreError:
                failed = True
        return {
            "known": known, "calls": stored.calls, "scores": stored.scores, "notes": stored.notes, "failed": failed,
            "scales": SCALES, "longest": LONGEST_NOTE, "callbacks": self._callbacks(who, known),
            "may_see_calls": "calls.see" in who.rights, "may_write": who.may(WRITE_NOTES),
        }  # fmt: skip

    def _callbacks(self, who: Visitor, known: Known | None) -> Sequence[ListedCallback]:
        if known is None or not known.number:
            return ()
        at = self.pages.ports.clock()
        open_now = self.states.callbacks.of_number(known.number)
        # Not the one that this call keeps.
        theirs = [one for one in open_now if who.sees(one.service) and known.call not in one.calls]
        return [listed for one in theirs if (listed := self.callbacks.found(one.callback, at)) is not None]

    # --- the agent's own state -------------------------------------------------------------------

    def _acting(self, action: Action) -> Handler:
        async def act(request: web.Request) -> web.Response:
            sent = form(request)
            own = as_agent(visitor(request))
            queues = () if own is None else self._queues(own, sent.get("queue", ""), action)
            reason = sent.get("reason", "")
            if own is None or not queues:
                return self._back(request, Outcome.UNKNOWN_QUEUE)
            if len(reason) > LONGEST_REASON or not is_line(reason):
                words = self.pages.word(request, _("The reason is too long, or has characters that cannot be printed."))
                return self.pages.back(request, "/agent", words, kind="failed")
            for queue in queues:
                # It goes on when the browser goes away.
                acting = asyncio.ensure_future(
                    self.actions.act(
                        action, queue, own.agent, actor=self.pages.actor(request), reason=reason,
                        name=self.agents.records.name(own.agent) or visitor(request).user,
                    )
                )  # fmt: skip
                try:
                    async with asyncio.timeout(self.pages.ports.answer_within):
                        outcome = await asyncio.shield(acting)
                except TimeoutError:
                    outcome = Outcome.UNCLEAR
                if outcome is not Outcome.DONE:
                    return self._back(request, outcome)
            return self.pages.back(request, "/agent", self.pages.word(request, _DONE[action]))

        return act

    def _queues(self, own: AsAgent, queue: str, action: Action) -> Sequence[str]:
        """The queue that the form names; without one, all to which the agent is logged on."""
        theirs = self.states.queues_of(own)
        if queue or action is Action.LOG_ON:
            return [queue] if queue in theirs else []
        return [each for each in theirs if self.agents.member(each, own.agent) is not None]

    def _back(self, request: web.Request, outcome: Outcome) -> web.Response:
        return self.pages.back(request, "/agent", self.pages.word(request, _NOT_DONE[outcome]), kind="failed")

    # --- notes -----------------------------------------------------------------------------------

    async def write(self, request: web.Request) -> web.Response:
        """Keep a note about the person of a call of the agent's."""
        sent = form(request)
        known = await self._theirs(request, sent.get("call", ""))
        organisation = self.states.settings.settings.organisation_of(known.service)
        if known.caller is None or organisation is None:
            raise web.HTTPNotFound(text="not found\n")
        if (why := self._why_not(request)) is None:
            await self.pages.act(
                request,
                NoteAdded(
                    at=self.pages.ports.clock(), note=secrets.token_hex(8), organisation=organisation,
                    service=known.service, call=known.call, caller=known.caller, number=known.masked or None,
                    text=sent.as_sent("text"),
                ),
            )  # fmt: skip
        return await self._shown(request, known, why, _("The note is kept."))

    async def edit(self, request: web.Request) -> web.Response:
        """Change a note of one's own."""
        note, known = await self._own_note(request)
        if (why := self._why_not(request)) is None:
            text = form(request).as_sent("text")
            await self.pages.act(request, NoteEdited(at=self.pages.ports.clock(), note=note["note"], text=text))
        return await self._shown(request, known, why, _("The note is changed."))

    async def delete(self, request: web.Request) -> web.Response:
        """Delete a note of one's own."""
        note, known = await self._own_note(request)
        await self.pages.act(request, NoteRemoved(at=self.pages.ports.clock(), note=note["note"]))
        return await self._shown(request, known, None, _("The note is deleted."))

    async def _own_note(self, request: web.Request) -> tuple[Row, Known]:
        """A note of the visitor's, and the person of the call that the form comes from."""
        who = visitor(request)
        try:
            note = await self.reading.note(who.reach, request.match_info["note"])
        except StoreError:
            raise web.HTTPServiceUnavailable(text=_UNREADABLE) from None
        if note is None or note["user"] != who.user:
            raise web.HTTPNotFound(text="not found\n")
        known = await self._theirs(request, form(request).get("call", "") or note["call"])
        return note, known

    def _why_not(self, request: web.Request) -> str | None:
        """Why a text cannot be kept as a note."""
        text = cleaned(form(request).as_sent("text"))
        if not text:
            return self.pages.word(request, _("The note is empty."))
        if len(text) > LONGEST_NOTE:
            words = _("The note has %(length)s characters; it may have %(most)s.")
            return self.pages.word(request, words, length=len(text), most=LONGEST_NOTE)
        return None

    async def _shown(self, request: web.Request, known: Known, why_not: str | None, done: str) -> web.Response:
        """What is known of the person after the change: as a part of the page, or by the whole page."""
        words = why_not or self.pages.word(request, done)
        if "HX-Request" in request.headers:
            return await self._caller(request, known, words, "ok" if why_not is None else "critical")
        kind = "done" if why_not is None else "failed"
        return self.pages.back(request, f"/agent?call={quote(known.call, safe='')}", words, kind=kind)
