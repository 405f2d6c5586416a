"""`/search`, `/calls/{call}`, `/callbacks`, `/messages`, `/people/{caller}`, and `POST /numbers/show`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web

from callcentre.features.callbacks.interface import (
    SEE_CALLBACKS,
    CallbackList,
    ListedCallback,
    Phase,
    SomeCallbacks,
)
from callcentre.features.search.events import NumberAsked
from callcentre.features.search.numbers import Numbers
from callcentre.features.search.outside.reading import Facts, Stored
from callcentre.features.search.outside.statements import SPAN, Part, WhichTexts
from callcentre.features.search.query import Query, has_name, is_id, query_of
from callcentre.features.search.rights import FIND, SEE_CALLS, SEE_MESSAGES, SEE_PEOPLE, SHOW_NUMBERS
from callcentre.features.search.story import Day, Teller, path_of
from callcentre.features.search.words.texts import KINDS, STATES
from callcentre.features.search.words.waiting import NEXT_STEPS, PHASES, WHY
from callcentre.kernel.errors import StoreError
from callcentre.kernel.people import People
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.messaging.interface import Texts
from callcentre.messaging.staff import StaffTexts
from callcentre.telephony.queue_view.interface import QueueView
from callcentre.values.numbers import mask
from callcentre.web.fact_words import FactWords
from callcentre.web.guard import form
from callcentre.web.pages import Pages
from callcentre.web.rights import Right
from callcentre.web.routes import Handler, Route
from callcentre.web.visitor import Visitor, visitor

ON_A_PAGE: Final = 50
"""Rows of a list."""

MOST_NAMED: Final = 20
"""People found by their name."""

_LINKED: Final[Mapping[str, Right]] = {
    "call": SEE_CALLS,
    "callback": SEE_CALLBACKS,
    "message": SEE_MESSAGES,
    "caller": SEE_PEOPLE,
}
"""The right that the page of each field needs."""

_MOST_DIGITS: Final = 18
_LONGEST_HASH: Final = 64

_NOTHING: Final = "There is no such page, or it is of a service that is not yours."


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where the pages get what they show."""

    stored: Stored
    callbacks: CallbackList
    texts: Texts
    staff_texts: StaffTexts
    queues: QueueView
    numbers: Numbers
    people: People
    rules: SettingsInForce
    words: Callable[[], Mapping[str, FactWords]]


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a page about one call, callback, text or person shows.

    field, value: as in facts. facts: in their order. number: masked. caller: the keyed hash; "" for a withheld number.
    """

    field: str
    value: str
    facts: Facts
    number: str
    caller: str
    values: Mapping[str, Any]

    @property
    def service(self) -> str | None:
        """The key of the service, when all facts are of one."""
        found = {str(fact["service"]) for fact in self.facts if fact.get("service")}
        return found.pop() if len(found) == 1 else None


def routes(pages: Pages, sources: Sources) -> tuple[Route, ...]:
    """The addresses."""
    search = _Search(pages, sources)

    def route(method: str, path: str, handler: Handler, right: Right) -> Route:
        return Route(method=method, path=path, handler=_when_readable(handler), guard="page", right=right)

    return (
        route("GET", "/search", search.found, FIND),
        route("POST", "/search", search.asked, FIND),
        route("GET", "/calls/{id}", search.page_of("call"), SEE_CALLS),
        route("GET", "/callbacks", search.callbacks, SEE_CALLBACKS),
        route("GET", "/callbacks/{id}", search.page_of("callback"), SEE_CALLBACKS),
        route("GET", "/messages", search.messages, SEE_MESSAGES),
        route("GET", "/messages/{id}", search.page_of("message"), SEE_MESSAGES),
        route("GET", "/people/{id}", search.page_of("caller"), SEE_PEOPLE),
        route("POST", "/numbers/show", search.show_number, SHOW_NUMBERS),
    )


def _when_readable(handler: Handler) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except StoreError:
            text = "The database cannot be read just now. Load the page again; the log of the daemon says why."
            raise web.HTTPServiceUnavailable(text=text) from None

    return handle


class _Search:
    def __init__(self, pages: Pages, sources: Sources) -> None:
        self._pages = pages
        self._of = sources

    # --- search ----------------------------------------------------------------------------------

    async def found(self, request: web.Request) -> web.StreamResponse:
        """`GET /search?q=`."""
        return await self._answer(request, request.query.get("q", ""))

    async def asked(self, request: web.Request) -> web.StreamResponse:
        """`POST /search`: as the form of our pages sends it, since browsers and proxies remember addresses.

        A number leads to the page of the person, whose address does not have it.
        """
        return await self._answer(request, form(request).get("q", ""))

    async def _answer(self, request: web.Request, written: str) -> web.StreamResponse:
        who, query = visitor(request), query_of(written, self._of.rules.settings.region)
        if query.is_id and (path := await self._path_of_id(who, query.text)) is not None:
            return self._pages.back(request, path)
        caller = self._caller_of(query)
        person = await self._person(who, caller) if caller and who.may(SEE_PEOPLE) else None
        if person is not None and request.method == "POST":
            return self._pages.back(request, path_of("caller", person.value))
        named = self._named(who, query.name) if query.name and who.may(SEE_PEOPLE) else ()
        days = () if person is None else self._days(request, person, newest_first=True)
        return self._pages.html(
            request, "search:search.html", path_of=path_of, query=query, person=person, named=named, days=days,
            may_see_people=who.may(SEE_PEOPLE),
        )  # fmt: skip

    async def _path_of_id(self, who: Visitor, value: str) -> str | None:
        if who.may(SEE_CALLBACKS) and self._live_callback(who, value) is not None:
            return path_of("callback", value)
        field = await self._of.stored.about(who.reach, value)
        return path_of(field, value) if field is not None and who.may(_LINKED[field]) else None

    def _caller_of(self, query: Query) -> str:
        return "" if query.number is None else self._of.people.caller(query.number)

    def _named(self, who: Visitor, name: str) -> Sequence[Mapping[str, Any]]:
        """Callers and customers by name, as far as that is known now."""
        calls = self._of.queues.calls.calls
        rows = [
            {"name": one.caller_name, "field": "callback", "value": one.callback, "service": one.service,
             "number": mask(one.number)}
            for one in self._of.callbacks.of_services(who.services)
            if has_name(one.caller_name, name)
        ]  # fmt: skip
        rows += [
            {"name": one.caller_name, "field": "call", "value": one.call, "service": one.service,
             "number": self._of.people.who(one.number).get("number", "")}
            for one in calls.values()
            if who.sees(one.service) and has_name(one.caller_name, name)
        ]  # fmt: skip
        return [row | {"path": path_of(row["field"], row["value"])} for row in rows[:MOST_NAMED]]

    # --- the pages about one thing ---------------------------------------------------------------

    def page_of(self, field: str) -> Handler:
        """The page about a call, a callback, a text or a person."""

        async def page(request: web.Request) -> web.StreamResponse:
            return self._page(request, await self._about(request, field, request.match_info["id"]))

        return page

    async def _about(self, request: web.Request, field: str, value: str) -> About:
        """What is known of it within the reach of the visitor. Raises HTTPNotFound."""
        who = visitor(request)
        about: About | None = None
        if is_id(value):
            match field:
                case "call":
                    about = await self._call(who, value)
                case "callback":
                    about = await self._callback(who, value)
                case "message":
                    about = await self._message(who, value)
                case "caller":
                    about = await self._person(who, value, _part_of(request))
        if about is None:
            raise web.HTTPNotFound(text=_NOTHING)
        return about

    def _page(self, request: web.Request, about: About, *, shown: str = "", gone: bool = False) -> web.Response:
        """`shown`: the full number. `gone`: it was asked for, and nothing has it any more."""
        newest_first = about.field == "caller" and _part_of(request).newest_first
        return self._pages.html(
            request, f"search:{about.field}.html", about=about,
            days=self._days(request, about, newest_first=newest_first), shown=shown, gone=gone,
            service=about.service,
            may_show=visitor(request).may(SHOW_NUMBERS) and bool(about.caller),
            services=sorted(visitor(request).services),
            path_of=path_of, **about.values,
        )  # fmt: skip

    async def _call(self, who: Visitor, call: str) -> About | None:
        facts = await self._of.stored.of_call(who.reach, call)
        if not facts:
            return None
        live = self._of.queues.calls.calls.get(call)
        known = live if live is not None and who.sees(live.service) else None
        name = "" if known is None else known.caller_name
        return _about("call", call, facts, {"name": name, "is_over": facts[-1]["event"] == "call.ended"})

    async def _callback(self, who: Visitor, callback: str) -> About | None:
        facts = await self._of.stored.of_callback(who.reach, callback)
        live = self._live_callback(who, callback)
        if not facts and live is None:
            return None
        about = _about("callback", callback, facts, {"waiting": live, **_WAITING_WORDS})
        return about if live is None else _with_number(about, live.number)

    def _live_callback(self, who: Visitor, callback: str) -> ListedCallback | None:
        live = self._of.callbacks.found(callback, self._pages.ports.clock())
        return live if live is not None and who.sees(live.service) else None

    async def _message(self, who: Visitor, message: str) -> About | None:
        facts = await self._of.stored.of_message(who.reach, message)
        if not facts:
            return None
        live, failed = self._of.texts.get(message), self._of.staff_texts.failed(message)
        known = next((text for text in (live, failed) if text is not None and _is_of(text.service, who)), None)
        of_text = [fact for fact in facts if fact.get("kind")]
        values = {
            "body": None if known is None else known.body, "can_be_sent_again": known is not None and known is failed,
            "kind": of_text[0]["kind"] if of_text else None, "kinds": KINDS, "states": STATES,
            "state": str(of_text[-1]["event"]).removeprefix("sms.") if of_text else "",
        }  # fmt: skip
        return _about("message", message, facts, values)

    async def _person(self, who: Visitor, caller: str, part: Part | None = None) -> About | None:
        if not _is_hash(caller):
            return None
        part = part or Part()
        found = await self._of.stored.of_person(who.reach, caller, part)
        if not found.facts and part.since is None:
            return None
        further = None if found.further is None else _further(caller, found.further, part)
        return About(
            field="caller", value=caller, facts=found.facts, number=found.number, caller=caller,
            values={
                "further": further, "newest_first": part.newest_first,
                "opted_out": self._of.texts.is_opted_out(caller), "begins": part.since is None,
            },
        )  # fmt: skip

    # --- numbers ---------------------------------------------------------------------------------

    async def show_number(self, request: web.Request) -> web.StreamResponse:
        """`POST /numbers/show`: the page once more, with the full number, after the fact of it is on disk."""
        fields = form(request)
        field, value = fields.get("field", ""), fields.get("value", "")
        right = _LINKED.get(field)
        if right is None or not visitor(request).may(right):
            raise web.HTTPNotFound(text=_NOTHING)
        about = await self._about(request, field, value)
        if not fields.get("why", ""):
            message = self._pages.word(request, "Say why you want to see the number.")
            return self._pages.back(request, path_of(field, value), message, kind="failed")
        number = self._of.numbers.of(about.caller, about.facts) if about.caller else None
        if number is None:
            return self._page(request, about, gone=True)
        service = next((str(fact["service"]) for fact in reversed(about.facts) if fact.get("service")), None)
        await self._pages.act(
            request,
            NumberAsked(
                at=self._pages.ports.clock(), service=service, number=mask(number), caller=about.caller,
                call=value if field == "call" else None, callback=value if field == "callback" else None,
                message=value if field == "message" else None,
            ),
        )  # fmt: skip
        return self._page(request, about, shown=number)

    # --- lists -----------------------------------------------------------------------------------

    async def callbacks(self, request: web.Request) -> web.StreamResponse:
        """`GET /callbacks?service=&phase=&page=`: the open ones."""
        who = visitor(request)
        service, phase = _service_of(request, who), request.query.get("phase", "")
        place = _whole(request.query.get("page", ""), 1)
        which = SomeCallbacks(
            services=who.services if service is None else {service},
            phase=Phase(phase) if phase in list(Phase) else None,
            skip=(place - 1) * ON_A_PAGE, most=ON_A_PAGE,
        )  # fmt: skip
        rows, count = self._of.callbacks.page(which, self._pages.ports.clock())

        def at(number: int) -> str:
            return "" if number < 1 else f"/callbacks?{_query(service=service, phase=which.phase, page=number)}"

        return self._pages.html(
            request, "search:callbacks.html", rows=rows, count=count, service=service, phase=which.phase,
            services=sorted(who.services), newer=at(place - 1),
            older=at(place + 1) if which.skip + len(rows) < count else "", is_filtered=bool(service or which.phase),
            path_of=path_of, **_WAITING_WORDS,
        )  # fmt: skip

    async def messages(self, request: web.Request) -> web.StreamResponse:
        """`GET /messages?service=&state=&day=&before=`: the last texts."""
        who, now = visitor(request), self._pages.ports.clock()
        service, state = _service_of(request, who), request.query.get("state", "")
        day = _day(request.query.get("day", ""))
        states = (state,) if state in STATES else ()
        before = _cursor(request.query.get("before", ""))
        which = self._which(service, states, day, before, now)
        rows, earlier = await self._of.stored.texts(who.reach, which)
        filters = {"service": service, "state": state if states else None, "day": None if day is None else str(day)}
        older = ""
        if len(rows) == which.most:
            older = "{}.{}".format(*rows[-1].cursor)
        elif earlier and day is None:
            older = f"{round(which.begin.timestamp() * 1000)}.0"
        return self._pages.html(
            request, "search:messages.html", rows=rows, service=service, state=filters["state"], day=day,
            services=sorted(who.services), states=STATES, kinds=KINDS, path_of=path_of,
            newer=f"/messages?{_query(**filters)}" if before else "",
            older=f"/messages?{_query(**filters, before=older)}" if older else "",
            is_filtered=any(filters.values()), begin=which.begin,
        )  # fmt: skip

    def _which(
        self, service: str | None, states: Sequence[str], day: date | None, before: tuple[int, int] | None,
        now: datetime,
    ) -> WhichTexts:  # fmt: skip
        zone = self._of.rules.settings.timezone
        if day is not None:
            begin = datetime(day.year, day.month, day.day, tzinfo=zone)
            end = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(days=1)
        else:
            # The clock may have been set back: a text of the hours ahead is still one of the last.
            last = now if before is None else (_moment_of(before[0] / 1000) or now)
            end = last + timedelta(days=1)
            begin = last - SPAN
        return WhichTexts(begin=begin, end=end, states=states, service=service, before=before, most=ON_A_PAGE)

    # --- words -----------------------------------------------------------------------------------

    def _days(self, request: web.Request, about: About, *, newest_first: bool = False) -> Sequence[Day]:
        who, settings = visitor(request), self._of.rules.settings

        def service(key: str) -> str:
            known = settings.services.get(key)
            return key if known is None else known.name.get(who.language) or known.title

        teller = Teller(
            words=self._of.words(), say=lambda message: self._pages.word(request, message), service=service,
            zone=settings.timezone, linked=[name for name, right in _LINKED.items() if who.may(right)],
        )  # fmt: skip
        known = {about.field: about.value, "caller": about.caller, "service": about.service or ""}
        return teller.days(about.facts, known, newest_first=newest_first)


def _is_of(service: str | None, who: Visitor) -> bool:
    return service is None or who.sees(service)


_WAITING_WORDS: Final[Mapping[str, Any]] = {"phases": PHASES, "steps": NEXT_STEPS, "reasons": WHY}


def _about(field: str, value: str, facts: Facts, values: Mapping[str, Any]) -> About:
    """With the person whom the latest fact names."""
    named = next((fact for fact in reversed(facts) if fact.get("caller")), {})
    return About(
        field=field, value=value, facts=facts, number=str(named.get("number", "")),
        caller=str(named.get("caller", "")), values=values,
    )  # fmt: skip


def _with_number(about: About, number: str) -> About:
    return About(
        field=about.field, value=about.value, facts=about.facts, number=number, caller=about.caller,
        values=about.values,
    )  # fmt: skip


# --- reading requests ----------------------------------------------------------------------------


def _service_of(request: web.Request, who: Visitor) -> str | None:
    """The service that a list is of; one that is not theirs is as one that is not."""
    service = request.query.get("service", "")
    return service if who.sees(service) else None


def _part_of(request: web.Request) -> Part:
    newest_first = request.query.get("order") != "oldest"
    since = _whole(request.query.get("from", ""), -1)
    return Part(since=_moment_of(since / 1e6) if since >= 0 else None, newest_first=newest_first)


def _further(caller: str, since: datetime, part: Part) -> str:
    order = None if part.newest_first else "oldest"
    return f"{path_of('caller', caller)}?{_query(order=order, **{'from': round(since.timestamp() * 1e6)})}"


def _moment_of(seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _cursor(text: str) -> tuple[int, int] | None:
    """The time in milliseconds and the number of the fact after which a list goes on."""
    milliseconds, _dot, number = text.partition(".")
    cursor = _whole(milliseconds, -1), _whole(number, -1)
    return cursor if min(cursor) >= 0 and _moment_of(cursor[0] / 1000) is not None else None


def _whole(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else default


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1970 < found.year < 9999 else None


def _query(**fields: Any) -> str:
    return urlencode({name: str(value) for name, value in fields.items() if value is not None and value != ""})


def _is_hash(text: str) -> bool:
    return len(text) % 2 == 0 and 0 < len(text) <= _LONGEST_HASH and all(each in "0123456789abcdef" for each in text)
