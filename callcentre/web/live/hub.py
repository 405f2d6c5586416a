"""The hub: it finds what has changed in the panels that somebody looks at, and sends it to each viewer.

It hears each commit, and looks once a second, since not every change is a fact. A panel is asked and rendered once for
all viewers of a service and a language, and viewers who see the same get the same octets. A viewer who reads too slowly
gets nothing more until the rest has been read, and then loads all panels anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol

import msgspec

from callcentre.kernel.fact import Fact
from callcentre.kernel.journal import Entry
from callcentre.kernel.log import where
from callcentre.kernel.seldom import Seldom
from callcentre.web.live.panel import AsAgent, Panel, Subject, concerns, name_of
from callcentre.web.visitor import Visitor

SPACING: Final = 0.1
"""The fewest seconds from one paint to the next: at most ten a second."""

FOR_EACH: Final = 0.002
"""Seconds more for each viewer, when they are many: what is sent costs some microseconds for each of them."""

LOOK: Final = 1.0
"""Seconds from one look at the panels to the next, when no fact is committed."""

LONGEST_QUEUE: Final = 256
"""Events that may wait for a viewer who is sent what was missed."""

_NAMES: Final = ("id", "at", "event", "further", *Fact.__struct_fields__)
"""The values of an entry's row."""

_SERVICE: Final = _NAMES.index("service")

_ABOUT: Final = ("service", "queue", "call", "callback", "message", "survey", "agent", "agent_name", "reason", "by")
"""The fields of a fact that browsers get. Who did something, from where, and numbers are on pages with rights of their
own."""

_encode = msgspec.json.Encoder().encode


def event(name: str, data: bytes, number: str | None = None) -> bytes:
    """A server-sent event (HTML Living Standard, section 9.2), with its id. `data` is one line."""
    head = b"" if number is None else b"id: %b\n" % number.encode()
    return b"%bevent: %b\ndata: %b\n\n" % (head, name.encode(), data)


def fact_event(fact: Mapping[str, Any], node: str) -> bytes:
    """The event of a fact, from its columns in the journal."""
    data = {"event": fact["event"], "at": fact["at"], "id": fact["id"], "node": node}
    data |= {name: value for name in _ABOUT if (value := fact[name]) is not None}
    return event("fact", _encode(data), f"{node}:{fact['id']}")


class PanelEvent(msgspec.Struct, frozen=True):
    """What a browser gets of a panel."""

    panel: str
    service: str
    html: str


class Facts(StrEnum):
    """Which facts a viewer gets."""

    NONE = "none"
    OF_SERVICES = "of services"
    """Those of the services that they see."""
    ALL = "all"
    """Also those of no service, such as alarms."""


class Wire(Protocol):
    """Where the events of a viewer go."""

    def send(self, octets: bytes) -> None:
        """Send whole events, without waiting."""

    @property
    def is_full(self) -> bool:
        """Whether the client reads too slowly."""
        ...

    @property
    def is_gone(self) -> bool:
        """Whether the client is gone."""
        ...


@dataclass(slots=True, eq=False)
class Viewer:
    """Somebody who looks."""

    visitor: Visitor
    panels: frozenset[tuple[str, Subject]]
    """Names, each with what it is about."""
    facts: Facts
    known: int = 0
    """The number of the last fact that they have from before they joined, or from the journal."""
    wire: Wire | None = None
    """None: they get what they missed first, and events wait."""
    waiting: list[tuple[int, bytes]] = field(default_factory=list)
    overrun: bool = False
    over: bool = False
    """The session is over."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, events: Sequence[tuple[int, bytes]], together: bytes) -> None:
        """Send events, each with the number of its fact or 0; `together` are their octets."""
        if self.wire is None:
            self.waiting.extend(events)
            self.overrun = len(self.waiting) > LONGEST_QUEUE
            return
        if self.wire.is_gone:
            self.ended.set()
        elif self.overrun or self.wire.is_full:
            self.overrun = True
        elif any(0 < number <= self.known for number, _ in events):
            self.wire.send(self._unknown(events))
        else:
            self.wire.send(together)

    def begin(self, wire: Wire) -> None:
        """What they missed has been sent: from now on events go there."""
        self.wire = wire
        waiting, self.waiting = self.waiting, []
        if not self.overrun:
            wire.send(self._unknown(waiting))

    def _unknown(self, events: Sequence[tuple[int, bytes]]) -> bytes:
        return b"".join(octets for number, octets in events if number == 0 or number > self.known)

    def catch_up(self, resync: bytes) -> None:
        """Have a viewer who has read everything at last load the panels anew."""
        if self.overrun and self.wire is not None and not self.wire.is_full:
            self.overrun = False
            self.wire.send(resync)

    def end(self) -> None:
        """The session is over."""
        self.over = True
        self.ended.set()

    def sees(self, service: str | None, organisation: str | None) -> bool:
        """Whether a fact is theirs."""
        if self.facts is Facts.NONE:
            return False
        if service is not None:
            return self.visitor.sees(service)
        return self.facts is Facts.ALL and self.visitor.organisation in (None, organisation)

    @property
    def alike(self) -> tuple[Any, ...]:
        """Viewers of whom this is the same see the same."""
        who = self.visitor
        return (who.services, who.organisation, who.language, self.facts, self.panels)


@dataclass(slots=True)
class _Group:
    """Viewers who see the same: the events that wait for them, and the panels as they have them."""

    viewers: list[Viewer] = field(default_factory=list)
    events: list[tuple[int, bytes]] = field(default_factory=list)
    painted: dict[tuple[str, Subject], bytes] = field(default_factory=dict)


@dataclass(slots=True)
class _Shown:
    """A panel as it was shown last."""

    state: bytes = b""
    value: Any = None
    rendered: dict[str, bytes] = field(default_factory=dict)
    """The data of its event by language."""


class Hub:
    """Keeps viewers current. `render(panel, name, state, language)` is the HTML of a panel about what has this name."""

    def __init__(
        self,
        panels: Sequence[Panel],
        *,
        node: Callable[[], str],
        clock: Callable[[], datetime],
        render: Callable[[Panel, str, Any, str], str],
    ) -> None:
        self._declared = panels
        self._node = node
        self._clock = clock
        self._render = render
        self._groups: dict[tuple[Any, ...], _Group] = {}
        self._shown: dict[tuple[str, Subject], _Shown] = {}
        self._facts: list[Entry] = []
        self._woken = asyncio.Event()
        self._seldom = Seldom()
        self.latest = 0
        """The number of the last fact that is on disk; 0 before the first of this run."""

    # --- what is committed -----------------------------------------------------------------------

    def heard(self, entries: Sequence[Entry]) -> None:
        """Facts are on disk."""
        if entries:
            self.latest = entries[-1].id
            if self._groups:
                self._facts.extend(entries)
                self._woken.set()

    # --- viewers ---------------------------------------------------------------------------------

    def panels_of(self, visitor: Visitor) -> list[tuple[Panel, Subject]]:
        """The panels that a visitor may see, each with what it is about."""
        mine = [panel for panel in self._declared if visitor.may(panel.right)]
        found: list[tuple[Panel, Subject]] = []
        for panel in mine:
            if panel.state is not None and not panel.of_program:
                found += [(panel, key) for key in sorted(visitor.services)]
        found += [(panel, "") for panel in mine if panel.of_program]
        own = as_agent(visitor)
        return found if own is None else [*found, *((panel, own) for panel in mine if panel.of_agent is not None)]

    def state(self, panel: Panel, subject: Subject) -> Any:
        """What a panel shows now."""
        return panel.shows(subject, self._clock())

    def html(self, panel: Panel, subject: Subject, language: str) -> str:
        """A panel as it is now, for a page; "" when it cannot be read or rendered."""
        with self._isolated(panel):
            return self._render(panel, name_of(subject), self.state(panel, subject), language)
        return ""

    def join(self, visitor: Visitor, facts: Facts) -> Viewer:
        """Begin to keep events for somebody."""
        mine = frozenset((panel.name, key) for panel, key in self.panels_of(visitor))
        viewer = Viewer(visitor, mine, facts)
        self._groups.setdefault(viewer.alike, _Group()).viewers.append(viewer)
        return viewer

    def leave(self, viewer: Viewer) -> None:
        """Somebody looks no more."""
        group = self._groups.get(viewer.alike)
        if group is not None and viewer in group.viewers:
            group.viewers.remove(viewer)
            if not group.viewers:
                del self._groups[viewer.alike]

    @property
    def viewers(self) -> list[Viewer]:
        """Everybody who looks now."""
        return [viewer for group in self._groups.values() for viewer in group.viewers]

    def all_panels(self, viewer: Viewer) -> bytes:
        """Every panel of a viewer as it is now."""
        chunks: list[bytes] = []
        for panel, subject in self.panels_of(viewer.visitor):
            shown = self._look(panel, subject)
            data = None if shown is None else self._data(panel, subject, shown, viewer.visitor.language)
            if data is not None:
                chunks.append(event("panel", data))
        return b"".join(chunks)

    # --- the loop --------------------------------------------------------------------------------

    async def run(self) -> None:
        """Paint until cancelled."""
        loop = asyncio.get_running_loop()
        looked = loop.time()
        while True:
            try:
                async with asyncio.timeout_at(looked + LOOK):
                    await self._woken.wait()
            except TimeoutError:
                pass
            self._woken.clear()
            if every := loop.time() >= looked + LOOK:
                looked = loop.time()
            if self._groups:
                self.paint(every=every)
            await asyncio.sleep(max(SPACING, FOR_EACH * sum(len(group.viewers) for group in self._groups.values())))

    def paint(self, *, every: bool = True) -> None:
        """Send the facts since the last time, and the panels that have changed.

        Not `every` panel is asked then, but those of the services that the facts are about.
        """
        facts, self._facts = self._facts, []
        self._pass_on(facts)
        looked_at = frozenset[tuple[str, Subject]]().union(
            *(group.viewers[0].panels for group in self._groups.values())
        )
        for gone in self._shown.keys() - looked_at:
            del self._shown[gone]
        about = {entry.row[_SERVICE] or "" for entry in facts}
        named = {panel.name: panel for panel in self._declared}
        for name, subject in sorted(looked_at, key=lambda place: (place[0], name_of(place[1]))):
            if every or concerns(subject, about):
                self._paint(named[name], subject)
        resync = self.resync()
        for group in tuple(self._groups.values()):
            events, group.events = group.events, []
            together = b"".join(octets for _, octets in events)
            for viewer in tuple(group.viewers):
                if events:
                    viewer.put(events, together)
                viewer.catch_up(resync)

    def resync(self) -> bytes:
        """The event after which a page loads its panels anew."""
        return event("resync", b"{}", f"{self._node()}:{self.latest}")

    def send_to_all(self, octets: bytes) -> None:
        """Send an event to every viewer at once."""
        for viewer in self.viewers:
            viewer.put([(0, octets)], octets)

    def _pass_on(self, facts: Sequence[Entry]) -> None:
        node = self._node()
        for entry in facts:
            fact = dict(zip(_NAMES, entry.row, strict=True))
            octets: bytes | None = None
            for group in self._groups.values():
                if group.viewers[0].sees(fact["service"], fact["organisation"]):
                    octets = octets or fact_event(fact, node)
                    group.events.append((entry.id, octets))

    def _paint(self, panel: Panel, subject: Subject) -> None:
        shown = self._look(panel, subject)
        if shown is None:
            return
        place = (panel.name, subject)
        for group in self._groups.values():
            one = group.viewers[0]
            if place in one.panels and group.painted.get(place) != shown.state:
                data = self._data(panel, subject, shown, one.visitor.language)
                if data is not None:
                    group.painted[place] = shown.state
                    group.events.append((0, event("panel", data)))

    def _look(self, panel: Panel, subject: Subject) -> _Shown | None:
        """The panel as it is now; None when it cannot be read."""
        with self._isolated(panel):
            value = self.state(panel, subject)
            state = _encode(value)
            shown = self._shown.get((panel.name, subject))
            if shown is None or shown.state != state:
                shown = self._shown[panel.name, subject] = _Shown(state, value)
            return shown
        return None

    def _data(self, panel: Panel, subject: Subject, shown: _Shown, language: str) -> bytes | None:
        """The data of its event; None when it cannot be rendered."""
        if language not in shown.rendered:
            with self._isolated(panel):
                html = self._render(panel, name_of(subject), shown.value, language)
                shown.rendered[language] = _encode(PanelEvent(panel.name, name_of(subject), html))
        return shown.rendered.get(language)

    @contextmanager
    def _isolated(self, panel: Panel) -> Iterator[None]:
        """A mistake in one panel must not stop the others, nor the clock by which a page knows that it is live."""
        try:
            yield
        except Exception as error:
            # Once a second for each viewer, so only now and then in the log.
            name, kind, place = panel.name, type(error).__name__, where(error)
            self._seldom.say("error", "panel failed", kind=name, panel=name, error=kind, where=place)


def as_agent(visitor: Visitor) -> AsAgent | None:
    """A visitor as an agent; None: the account has no phone."""
    agent = visitor.identity.agent
    return None if agent is None else AsAgent(agent, visitor.services)
