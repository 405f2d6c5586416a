"""`/rules`: the configuration file in the browser."""

from __future__ import annotations

import os
import pwd
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from callcentre.features.rule_editor.events import RulesWritten
from callcentre.features.rule_editor.outside.checker import NoAnswer
from callcentre.features.rule_editor.outside.editing import Conflict, Editing, View
from callcentre.features.rule_editor.outside.file import CannotWrite
from callcentre.features.rule_editor.outside.messages import Tried, Verdict
from callcentre.kernel.errors import StoreError
from callcentre.kernel.ownership import EVERYBODY
from callcentre.kernel.program import Reloaded
from callcentre.web.guard import form
from callcentre.web.pages import NavigationEntry, Pages, Templates
from callcentre.web.rights import ADMINISTRATOR, Right
from callcentre.web.routes import Route
from callcentre.web.visitor import visitor
from callcentre.web.words import message as _

SEE: Final = Right("rules.see", _("See the rules: the configuration file, without its secrets"), ADMINISTRATOR)
CHANGE: Final = Right("rules.change", _("Change the rules: the configuration file"), ADMINISTRATOR)
RIGHTS: Final = (SEE, CHANGE)
TEMPLATES: Final = Templates("rules", "callcentre.features.rule_editor")
ENTRY: Final = NavigationEntry("/rules", _("Rules"), SEE, 80, of_everything=True)

LONGEST_TEXT: Final = 256 * 1024
"""Characters of a file that can be edited in the browser."""
DAYS: Final = (1, 7, 14, 28)
"""For how many days new rules can be tried on calls."""
_LONGEST_BODY: Final = 4 * LONGEST_TEXT + 8 * 1024
"""Octets of the form: letters take one each, the end of a line six, and other characters up to twelve."""

_Act = Callable[[web.Request], Awaitable[web.Response]]


@dataclass(frozen=True, slots=True)
class Rules:
    """Answers requests for the pages of the rules."""

    pages: Pages
    editing: Editing

    # --- pages -----------------------------------------------------------------------------------

    async def page(self, request: web.Request) -> web.Response:
        """The file, ready to be edited."""
        return await self._page(request)

    async def _page(self, request: web.Request, *, status: int = 200, **shown: Any) -> web.Response:
        """The page of the file. `shown` are the text of the visitor, and what was found of it."""
        view = shown.pop("view", None) or await self.editing.view()
        values: dict[str, Any] = {
            "text": view.sight.text or "", "base": view.token, "seen": None, "verdict": None, "restarts": (),
            "conflict": None, "tried": None, "days": DAYS[1], "why": "", "refused": None,
        }  # fmt: skip
        return self.pages.html(
            request, "rules:rules.html", status=status, view=view, versions=await self._versions(request),
            may_change=visitor(request).may(CHANGE), account=_account(), all_days=DAYS,
            file=self.editing.program.configuration, **(values | shown),
        )  # fmt: skip

    async def _versions(self, request: web.Request) -> list[dict[str, Any]] | None:
        """The versions; None while the database cannot be read, which must keep nobody from correcting the file."""
        try:
            return await self.editing.listed(visitor(request).reach)
        except StoreError:
            return None

    async def check(self, request: web.Request) -> web.Response:
        """What is wrong with a text: the findings alone for a page that asks while somebody writes."""
        text = self._text(request)
        verdict = await self.editing.check(text)
        restarts = await self.editing.restarts(verdict.ready)
        if "HX-Request" in request.headers:
            return self.pages.html(request, "rules:findings.html", verdict=verdict, restarts=restarts, refused=None)
        return await self._page(request, **self._kept(request), verdict=verdict, restarts=restarts)

    async def what_if(self, request: web.Request) -> web.Response:
        """What a text would have done with the calls of the last days."""
        days = form(request).get("days", "")
        asked = int(days) if days in map(str, DAYS) else DAYS[1]
        tried: Tried = await self.editing.try_out(self._text(request), asked)
        if "HX-Request" in request.headers:
            return self.pages.html(request, "rules:past.html", tried=tried, days=asked)
        return await self._page(request, **self._kept(request), tried=tried, days=asked)

    def _text(self, request: web.Request) -> str:
        text = form(request).as_sent("text")
        if len(text) > LONGEST_TEXT:
            raise web.HTTPRequestEntityTooLarge(LONGEST_TEXT, text="form too long\n")
        return text

    def _kept(self, request: web.Request) -> dict[str, Any]:
        """What the visitor has written stays in the form, which is still one of the text that it was made from."""
        sent = form(request)
        return {"text": self._text(request), "base": sent.get("base", ""), "why": sent.get("why", "")}

    # --- saving ----------------------------------------------------------------------------------

    async def save(self, request: web.Request) -> web.Response:
        """Replace the file by the visitor's text."""
        sent = form(request)
        base = sent["seen"] if "merged" in sent and "seen" in sent else sent.get("base", "")
        return await self._save(request, self._kept(request), base)

    async def restore(self, request: web.Request) -> web.Response:
        """Replace the file by an earlier version of it."""
        version = await self._version(request)
        base = form(request).get("base", "")
        return await self._save(request, {"text": version["text"], "base": base}, base, restored=version["version"])

    async def _save(
        self, request: web.Request, kept: dict[str, Any], base: str, restored: str | None = None
    ) -> web.Response:
        try:
            outcome = await self.editing.save(kept["text"], base, restored)
        except CannotWrite:
            # The page says why: it looks again.
            return await self._page(request, status=409, **kept, refused="cannot_write")
        match outcome:
            case RulesWritten():
                return await self._applied(request, outcome)
            case Conflict():
                view: View = await self.editing.view()
                return await self._page(request, status=409, **kept, view=view, conflict=outcome, seen=view.token)
            case Verdict():
                return await self._page(request, status=422, **kept, verdict=outcome, refused="problems")
            case None:
                word = self.pages.word(request, "The file has this text already. Nothing was changed.")
                return self.pages.back(request, "/rules", word)

    async def _applied(self, request: web.Request, event: RulesWritten) -> web.Response:
        """Record what was written, and let it apply: the one also where the other fails."""
        try:
            await self.pages.act(request, event)
        finally:
            reloaded = await self.editing.program.reload()
        kind, words = self._in_words(request, reloaded, event.restored is not None)
        return self.pages.back(request, "/rules", words, kind=kind)

    def _in_words(self, request: web.Request, reloaded: Reloaded, restored: bool) -> tuple[str, str]:
        word = self.pages.word
        done = word(request, "The earlier version is back.") if restored else word(request, "Saved.")
        if reloaded.problems:
            why = "; ".join(problem.message for problem in reloaded.problems[:3])
            sentence = word(
                request, _("The daemon did not take the file, and goes on with the rules before: %(why)s"), why=why
            )
            return "failed", f"{done} {sentence}"
        if reloaded.needs_restart:
            names = ", ".join(reloaded.needs_restart)
            sentence = word(request, "It applies now, except for %(names)s: restart the daemon for these.", names=names)
            return "done", f"{done} {sentence}"
        return "done", f"{done} {word(request, 'It applies now.')}"

    # --- versions --------------------------------------------------------------------------------

    async def version(self, request: web.Request) -> web.Response:
        """An earlier version, as what going back to it would change."""
        version = await self._version(request)
        view = await self.editing.view()
        changes = await self.editing.since(version["text"])
        return self.pages.html(
            request, "rules:version.html", version=version, view=view, changes=changes,
            may_change=visitor(request).may(CHANGE),
        )  # fmt: skip

    async def _version(self, request: web.Request) -> dict[str, Any]:
        found = await self.editing.version(visitor(request).reach, request.match_info["version"])
        if found is None:
            raise web.HTTPNotFound
        return found

    # --- refusals --------------------------------------------------------------------------------

    def guarded(self, handler: _Act) -> _Act:
        """The handler for visitors who may see all of the file, with the pages of what can go wrong."""

        async def handle(request: web.Request) -> web.Response:
            if visitor(request).reach != EVERYBODY:
                why = _("The file has the rules of all organisations: only an administrator of all of them sees it.")
                return self.pages.refusal(request, 403, why)
            try:
                return await handler(request)
            except NoAnswer as error:
                return self._no_answer(request, error)
            except StoreError:
                return self.pages.refusal(request, 503, "The database cannot be read now. Try again in a minute.")

        return handle

    def _no_answer(self, request: web.Request, error: NoAnswer) -> web.Response:
        why = {
            "busy": _("The check is busy with other texts. Try again in a few seconds."),
            "slow": _("The check took too long and was ended. Is the text a configuration?"),
            "failed": _("The check failed. The diagnostics of the daemon say more."),
        }[error.reason]
        if "HX-Request" in request.headers:
            return self.pages.html(
                request, "rules:findings.html", verdict=None, restarts=(), refused=self.pages.word(request, why)
            )  # fmt: skip
        return self.pages.refusal(request, 503, why)


def _account() -> str:
    """The user of the system that the daemon runs as."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def routes(pages: Pages, editing: Editing) -> tuple[Route, ...]:
    """The addresses."""
    rules = Rules(pages, editing)

    def route(method: str, path: str, handler: _Act, right: Right) -> Route:
        return Route(
            method=method, path=path, handler=rules.guarded(handler), guard="page", right=right,
            longest_body=_LONGEST_BODY, allow_head=False,
        )  # fmt: skip

    return (
        route("GET", "/rules", rules.page, SEE),
        route("POST", "/rules/check", rules.check, SEE),
        route("POST", "/rules/what-if", rules.what_if, SEE),
        route("POST", "/rules/save", rules.save, CHANGE),
        route("GET", "/rules/versions/{version}", rules.version, SEE),
        route("POST", "/rules/versions/{version}/restore", rules.restore, CHANGE),
    )
