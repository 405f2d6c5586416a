"""Pages: templates with the frame, the navigation and the words of the visitor's language, and acts of the visitor."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from http import HTTPStatus
from typing import Any, Final

import msgspec
import structlog
from aiohttp import web
from jinja2 import Environment, PackageLoader, PrefixLoader, StrictUndefined

from callcentre.config.settings import Settings
from callcentre.kernel.actor import Actor
from callcentre.kernel.event import Event
from callcentre.kernel.ownership import EVERYBODY
from callcentre.values.characters import cleaned
from callcentre.web.guard import form
from callcentre.web.languages import language_of
from callcentre.web.origins import csrf_token, is_https
from callcentre.web.ports import WebPorts
from callcentre.web.rights import Right
from callcentre.web.static_files import StaticFiles
from callcentre.web.visitor import VISITOR, Visitor
from callcentre.web.words import message as _
from callcentre.web.words import translations

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "object-src 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}
"""Headers of every page."""

LONGEST_REASON: Final = 200
"""Characters of the reason that a user writes."""

_TOO_SLOW: Final = _("It was not done in time: look whether it happened, and try again if not.")

_REFUSALS: Final = {
    400: _("The request cannot be understood."),
    404: _("There is no such page, or it is not yours."),
    405: _("This page cannot do that."),
    413: _("That was too much at once: make it shorter."),
    429: _("Too many requests: wait a moment."),
}
"""What a page says instead of the usual phrase of a status."""

_SAID: Final = "callcentre_said"
"""The cookie that brings a message to the next page."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Templates:
    """The declaration of templates: `name:x.html` is `pages/x.html` of a package, whose words are in `locale/`."""

    name: str
    package: str
    folder: str = "pages"


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    """The declaration of a page in the navigation, for visitors with the right.

    `label` is in English; `order` sorts. `of_everything`: only for visitors who see everything, where there are several
    organisations.
    """

    path: str
    label: str
    right: Right
    order: int
    of_everything: bool = False

    def is_for(self, visitor: Visitor) -> bool:
        """Whether a visitor may open the page."""
        return visitor.may(self.right) and (not self.of_everything or visitor.reach == EVERYBODY)


@dataclass(frozen=True, slots=True)
class Said:
    """What a page says of the act before it: `kind` is `done` or `failed`."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class _Place:
    """An entry of the navigation as it is shown."""

    path: str
    label: str
    current: bool


@dataclass
class Pages:
    """Answers with pages, and carries out what visitors do. An interface that components `need`."""

    ports: WebPorts
    settings: Callable[[], Settings]
    static: StaticFiles
    templates: Sequence[Templates]
    entries: Sequence[NavigationEntry]
    _rendering: dict[str, Environment] = field(default_factory=dict)

    # --- pages -----------------------------------------------------------------------------------

    def html(self, request: web.Request, template: str, *, status: int = 200, **values: Any) -> web.Response:
        """Answer with a page. `template` is `name:page.html`.

        Every template has `visitor` (None before the log-in), `language`, `navigation`, `said`, `csrf`, `now`,
        `static(name)`, `path` and gettext's functions. Filters: `clock`, `day`, `moment` for times in the timezone of
        the configuration (also as ISO 8601), `duration` for seconds, `service` for the name of a service.
        """
        found = request.get(VISITOR)
        language = found.language if found is not None else language_of(request)
        said = _said(request)
        text = self.text(
            template,
            language,
            visitor=found,
            navigation=self._navigation(found, request.path, language),
            said=said,
            csrf=csrf_token(found.identity.secret) if found is not None and found.identity.secret else "",
            path=request.path,
            is_fragment="HX-Request" in request.headers,
            **values,
        )
        response = web.Response(
            status=status, text=text, content_type="text/html", charset="utf-8", headers=HEADERS
        )  # fmt: skip
        response.enable_compression()
        if said is not None:
            response.del_cookie(_SAID, path="/")
        return response

    def text(self, template: str, language: str, **values: Any) -> str:
        """A template as text, for parts of pages that are made without a request."""
        values = {"visitor": None, "said": None, "csrf": "", "navigation": (), "path": "", "is_fragment": True} | values
        return self._environment(language).get_template(template).render(
            language=language, now=self.ports.clock(), **values
        )  # fmt: skip

    def word(self, request: web.Request, message: str, **values: Any) -> str:
        """A message in the visitor's language; `%(name)s` in it is replaced where values are given."""
        found = request.get(VISITOR)
        language = found.language if found is not None else language_of(request)
        text = str(self._words(language).gettext(message))
        return text % values if values else text

    def refusal(self, request: web.Request, status: int, why: str) -> web.Response:
        """The page of a request that is refused. `why` is a sentence in English, or the usual phrase of the status."""
        why = why.strip()
        if why.casefold() == HTTPStatus(status).phrase.casefold():
            why = _REFUSALS.get(status, why)
        return self.html(request, "web:error.html", status=status, why=self.word(request, why))

    # --- acts ------------------------------------------------------------------------------------

    def actor(self, request: web.Request) -> Actor:
        """The visitor of a request as the actor of an event, with the reason that the form has in `why`."""
        found: Visitor = request[VISITOR]
        why = " ".join(form(request).get("why", "").split())[:LONGEST_REASON]
        return Actor(
            user=found.user, organisation=found.organisation, address=found.address, why=why or None
        )  # fmt: skip

    async def act(self, request: web.Request, event: Event) -> None:
        """Submit an event of the visitor. Returns when it is decided and on disk. Raises HTTPServiceUnavailable."""
        event = msgspec.structs.replace(event, actor=self.actor(request))
        try:
            async with asyncio.timeout(self.ports.answer_within):
                await self.ports.submit(event)
        except TimeoutError:
            _log.warning("page too slow", seconds=self.ports.answer_within)
            raise web.HTTPServiceUnavailable(text=f"{_TOO_SLOW}\n") from None

    def back(self, request: web.Request, path: str, message: str = "", *, kind: str = "done") -> web.Response:
        """Send the browser to one of our pages by a GET, which then shows the message (a translated one)."""
        response = web.Response(status=303, headers={**HEADERS, "Location": path})
        if message:
            value = base64.urlsafe_b64encode(msgspec.json.encode([kind, message[:1000]])).decode()
            response.set_cookie(
                _SAID, value, max_age=60, path="/", httponly=True, samesite="Strict", secure=is_https(request)
            )  # fmt: skip
        return response

    # --- rendering -------------------------------------------------------------------------------

    @cached_property
    def _translations(self) -> Mapping[str, Any]:
        return translations(each.package for each in self._all_templates)

    @property
    def _all_templates(self) -> tuple[Templates, ...]:
        return (Templates("web", "callcentre.web", "templates"), *self.templates)

    def _words(self, language: str) -> Any:
        return self._translations.get(language) or self._translations["en"]

    def _navigation(self, found: Visitor | None, path: str, language: str) -> tuple[_Place, ...]:
        if found is None:
            return ()
        entries = sorted((each for each in self.entries if each.is_for(found)), key=lambda each: each.order)
        words = self._words(language)
        return tuple(_Place(each.path, words.gettext(each.label), _is_at(path, each.path)) for each in entries)

    def _environment(self, language: str) -> Environment:
        known = self._rendering.get(language)
        if known is None:
            known = self._rendering[language] = self._new_environment(language)
        return known

    def _new_environment(self, language: str) -> Environment:
        loaders = {each.name: PackageLoader(each.package, each.folder) for each in self._all_templates}
        environment = Environment(
            loader=PrefixLoader(loaders, delimiter=":"), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True, auto_reload=False, extensions=["jinja2.ext.i18n"],
            finalize=_harmless,
        )  # fmt: skip
        words = self._words(language)
        environment.install_gettext_callables(  # type: ignore[attr-defined]
            words.gettext, words.ngettext, newstyle=True
        )
        environment.globals["static"] = self.static.address

        def service(key: str | None) -> str:
            known = self.settings().services.get(key or "")
            return (key or "") if known is None else known.name.get(language) or known.title

        def local(at: datetime | str) -> datetime:
            moment = datetime.fromisoformat(at) if isinstance(at, str) else at
            return moment.astimezone(self.settings().timezone)

        def clock(at: datetime | str | None) -> str:
            return "" if at is None else f"{local(at):%H:%M:%S}"

        def day(at: datetime | date | str | None) -> str:
            from babel.dates import format_date

            if at is None:
                return ""
            on = at if isinstance(at, date) and not isinstance(at, datetime) else local(at).date()
            return format_date(on, "medium", locale="en_GB" if language == "en" else language)

        def moment(at: datetime | str | None) -> str:
            return "" if at is None else f"{day(at)} {local(at):%H:%M}"

        environment.filters |= {"service": service, "clock": clock, "day": day, "moment": moment, "duration": duration}
        return environment


def duration(seconds: float | None) -> str:
    """Seconds as a clock shows them: 0:07, 2:41, 1:02:03; "" for None."""
    if seconds is None:
        return ""
    whole = max(0, int(seconds))
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def _harmless(value: Any) -> Any:
    """What a template shows, without characters that do something: those of terminals, and marks of direction.

    A text that must stay as it is, such as a file to be edited, is `Markup(escape(text))`.
    """
    return cleaned(value) if type(value) is str else value


def _is_at(path: str, entry: str) -> bool:
    return path == entry or (entry != "/" and path.startswith(f"{entry}/"))


def _said(request: web.Request) -> Said | None:
    value = request.cookies.get(_SAID)
    if not value:
        return None
    try:
        kind, text = msgspec.json.decode(base64.urlsafe_b64decode(value), type=tuple[str, str])
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        return None
    return Said(kind if kind in {"done", "failed"} else "done", text)
