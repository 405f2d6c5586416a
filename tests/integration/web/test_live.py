"""The stream of live pages over real sockets: nothing is lost and nothing is shown twice, however often it is cut."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from structlog.testing import capture_logs

from callcentre.kernel.fact import Fact
from callcentre.kernel.journal import Entry, stamp
from callcentre.kernel.ownership import Reach
from callcentre.web.live import stream as streaming
from callcentre.web.live.hub import LONGEST_QUEUE, Facts, Hub
from callcentre.web.live.panel import Panel
from callcentre.web.live.stream import Stream
from callcentre.web.rights import VIEWERS, Right, Role
from callcentre.web.visitor import VISITOR, Identity, Visitor
from tests.testbed.waiting import until

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SEE = Right("live.see", "See", VIEWERS)
_NAMES = ("id", "at", "event", "further", *Fact.__struct_fields__)


class Happened(Fact, frozen=True, tag="test.happened"):
    """A fact."""


class Shown(msgspec.Struct, frozen=True):
    """The state of the panel of these tests."""

    facts: int


@dataclass
class Journal:
    """Facts that are on disk, and the hub that hears of them."""

    entries: list[Entry] = field(default_factory=list)
    identity: Identity = field(default_factory=lambda: Identity(user="aino", role=Role.SUPERVISOR, organisation="main"))
    services: frozenset[str] = frozenset({"support"})
    valid: bool = True
    hub: Hub = field(init=False)

    def __post_init__(self) -> None:
        panel = Panel(name="count", right=SEE, template="", state=lambda _service, _at: Shown(len(self.entries)))
        self.hub = Hub(
            [panel],
            node=lambda: "main",
            clock=lambda: AT,
            render=lambda _panel, service, state, language: f"<b>{service} {state.facts} {language}</b>",
        )

    def commit(self, service: str | None = "support") -> None:
        entry = stamp(Happened(service=service, number="+35840•••33", user="bo"), len(self.entries) + 1, AT)
        self.entries.append(entry)
        self.hub.heard([entry])

    async def missed(self, _who: Visitor, after: int, most: int) -> Sequence[Mapping[str, Any]]:
        found = [entry for entry in self.entries if entry.id > after][:most]
        await asyncio.sleep(0)  # A fact may be committed while the journal is read.
        return [dict(zip(_NAMES, entry.row, strict=True)) for entry in found]

    async def newest(self) -> int:
        return len(self.entries)

    async def still_valid(self, _who: Visitor) -> bool:
        return self.valid

    async def watched(self) -> None:
        """Wait until somebody looks."""

        async def look() -> bool | None:
            return True if list(self.hub.viewers) else None

        await until(look, within=5, awaited="a viewer")

    def visitor(self) -> Visitor:
        return Visitor(
            identity=self.identity,
            rights=frozenset({SEE.name}),
            services=self.services,
            reach=Reach(self.identity.organisation, self.services),
            language="fi",
            address="192.0.2.1",
        )


@asynccontextmanager
async def served(journal: Journal, facts: Facts = Facts.OF_SERVICES) -> AsyncIterator[TestServer]:
    stream = Stream(
        journal.hub, lambda: "main", lambda: AT, lambda _who: facts, journal.missed, journal.newest, journal.still_valid
    )

    async def live(request: web.Request) -> web.StreamResponse:
        request[VISITOR] = journal.visitor()
        return await stream.handler(request)

    app = web.Application()
    app.router.add_get("/live", live)
    server = TestServer(app)
    await server.start_server()
    tasks = [asyncio.create_task(journal.hub.run()), asyncio.create_task(stream.look_at_sessions())]
    try:
        yield server
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.close()


@dataclass
class Browser:
    """What an EventSource does: it takes whole events, and remembers the id of the last one."""

    server: TestServer
    last: str = ""
    events: list[tuple[str, Any]] = field(default_factory=list)
    _rest: bytes = b""

    async def read(self, session: ClientSession, until: Any, chunk: int = 65_536) -> None:
        """Read until the condition holds."""
        headers = {"Last-Event-ID": self.last} if self.last else {}
        self._rest = b""
        async with session.get(self.server.make_url("/live"), headers=headers) as response:
            assert response.status == 200
            async for octets in response.content.iter_chunked(chunk):
                self._take(octets)
                if until():
                    return

    def _take(self, octets: bytes) -> None:
        *whole, self._rest = (self._rest + octets).split(b"\n\n")
        for each in whole:
            fields = dict(line.split(": ", 1) for line in each.decode().split("\n") if ": " in line)
            self.last = fields.get("id", self.last)
            if "event" in fields:
                self.events.append((fields["event"], json.loads(fields["data"])))

    def of(self, name: str) -> list[Any]:
        return [data for event, data in self.events if event == name]


async def test_a_new_viewer_gets_the_clock_the_latest_id_and_every_panel() -> None:
    journal = Journal()
    journal.commit()
    async with served(journal) as server, ClientSession() as session:
        browser = Browser(server)
        await browser.read(session, lambda: browser.of("panel"))
    assert [event for event, _ in browser.events] == ["clock", "start", "panel"]
    assert browser.last == "main:1"
    assert browser.of("clock") == [{"now": 1772442000000}]
    assert browser.of("panel") == [{"panel": "count", "service": "support", "html": "<b>support 1 fi</b>"}]


async def test_a_fact_reaches_the_viewers_of_its_service_without_number_and_without_who_did_it() -> None:
    journal = Journal()
    async with served(journal) as server, ClientSession() as session:
        browser = Browser(server)
        reading = asyncio.create_task(browser.read(session, lambda: len(browser.of("fact")) == 2))
        await journal.watched()
        for service in ("support", "sales", None, "support"):
            journal.commit(service)
        await reading
    assert browser.of("fact") == [
        {"event": "test.happened", "at": "2026-03-02T09:00:00Z", "id": number, "node": "main", "service": "support"}
        for number in (1, 4)
    ]


@pytest.mark.parametrize(("facts", "seen"), [(Facts.NONE, []), (Facts.OF_SERVICES, [1]), (Facts.ALL, [1, 2])])
async def test_facts_of_no_service_are_for_those_who_may_see_them(facts: Facts, seen: list[int]) -> None:
    journal = Journal(identity=Identity(user="bo", role=Role.ADMINISTRATOR, organisation=None))
    journal.entries = [stamp(Happened(service="support"), 1, AT), stamp(Happened(), 2, AT)]
    async with served(journal, facts) as server, ClientSession() as session:
        browser = Browser(server, last="main:0")
        await browser.read(session, lambda: browser.of("panel"))
    assert [fact["id"] for fact in browser.of("fact")] == seen


async def test_a_thousand_cuts_lose_no_fact_and_show_none_twice() -> None:
    journal = Journal()
    journal.commit()
    choice = random.Random(14)
    async with served(journal) as server, ClientSession() as session:
        browser = Browser(server, last="main:0")
        for _ in range(1000):
            commits = choice.randint(0, 3)
            # The clock, the facts and the panel.
            enough = len(browser.events) + choice.randint(1, 2 + commits)
            for _ in range(commits):
                journal.commit()
            chunk = choice.randint(1, 80)
            await browser.read(session, lambda enough=enough: len(browser.events) >= enough, chunk=chunk)
        newest = len(journal.entries)
        await browser.read(session, lambda: browser.last == f"main:{newest}")
    assert [fact["id"] for fact in browser.of("fact")] == list(range(1, newest + 1))


async def test_a_client_that_missed_too_much_loads_the_panels_anew() -> None:
    journal = Journal()
    for _ in range(streaming.MOST_MISSED + 1):
        journal.commit()
    async with served(journal) as server, ClientSession() as session:
        browser = Browser(server, last="main:0")
        await browser.read(session, lambda: browser.of("panel"))
    assert (browser.of("fact"), browser.of("resync")) == ([], [{}])
    assert browser.last == f"main:{streaming.MOST_MISSED + 1}"


@pytest.mark.parametrize("last", ["other:3", "main:x", "main:-1", "nonsense", "main:9999999999999999999"])
async def test_an_id_that_is_none_of_ours_is_answered_by_resync(last: str) -> None:
    journal = Journal()
    journal.commit()
    async with served(journal) as server, ClientSession() as session:
        browser = Browser(server, last=last)
        await browser.read(session, lambda: browser.of("panel"))
    assert browser.of("resync") == [{}]


@dataclass
class SlowWire:
    """A client that may read too slowly."""

    is_full: bool = False
    is_gone: bool = False
    sent: list[bytes] = field(default_factory=list)

    def send(self, octets: bytes) -> None:
        self.sent.append(octets)


async def test_a_viewer_who_reads_too_slowly_gets_nothing_more_and_then_loads_the_panels_anew() -> None:
    journal = Journal()
    viewer = journal.hub.join(journal.visitor(), Facts.OF_SERVICES)
    wire = SlowWire(is_full=True)
    viewer.begin(wire)
    wire.sent.clear()
    for _ in range(3):
        journal.commit()
        journal.hub.paint()
    assert wire.sent == []
    wire.is_full = False
    journal.hub.paint()
    assert [octets.partition(b"\ndata")[0] for octets in wire.sent] == [b"id: main:3\nevent: resync"]
    journal.commit()
    journal.hub.paint()
    assert b"id: main:4\nevent: fact" in wire.sent[-1]


async def test_a_viewer_who_gets_too_much_while_the_journal_is_read_loads_the_panels_anew() -> None:
    journal = Journal()
    viewer = journal.hub.join(journal.visitor(), Facts.OF_SERVICES)
    for _ in range(LONGEST_QUEUE + 1):
        journal.commit()
    journal.hub.paint()
    wire = SlowWire()
    viewer.begin(wire)
    journal.hub.paint()
    assert [octets.partition(b"\ndata")[0] for octets in wire.sent] == [b"id: main:257\nevent: resync"]


async def test_a_fact_that_is_on_its_way_to_all_does_not_come_twice_to_somebody_who_has_it() -> None:
    journal = Journal()
    journal.hub.join(journal.visitor(), Facts.OF_SERVICES)
    journal.commit()
    # It is committed and not passed on yet, and somebody joins who reads it from the journal.
    late, wire = journal.hub.join(journal.visitor(), Facts.OF_SERVICES), SlowWire()
    late.known = 1
    late.begin(wire)
    journal.commit()
    journal.hub.paint()
    assert b"".join(wire.sent).count(b"event: fact") == 1
    assert b"id: main:2" in b"".join(wire.sent)


async def test_a_panel_that_changed_before_somebody_joined_still_changes_for_the_others() -> None:
    journal = Journal()
    first, wire = journal.hub.join(journal.visitor(), Facts.NONE), SlowWire()
    first.begin(wire)
    journal.hub.paint()
    journal.commit()
    second = journal.hub.join(journal.visitor(), Facts.NONE)
    assert b"support 1 fi" in journal.hub.all_panels(second)
    journal.hub.paint()
    assert b"support 1 fi" in wire.sent[-1]


async def test_a_client_that_is_gone_is_left() -> None:
    journal = Journal()
    viewer = journal.hub.join(journal.visitor(), Facts.OF_SERVICES)
    viewer.begin(SlowWire(is_gone=True))
    journal.hub.send_to_all(b"x")
    assert viewer.ended.is_set()


async def test_a_stream_ends_when_its_session_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "CHECK", 0.01)
    journal = Journal(
        identity=Identity(user="aino", role=Role.SUPERVISOR, organisation="main", session="s")
    )  # fmt: skip
    async with served(journal) as server, ClientSession() as session:
        browser = Browser(server)
        reading = asyncio.create_task(browser.read(session, lambda: False))
        await journal.watched()
        journal.valid = False
        await reading  # The server ended it.
    assert browser.events[-1] == ("ended", {})
    assert not list(journal.hub.viewers)


@pytest.mark.parametrize("breaks", ["state", "render"])
async def test_a_panel_with_a_mistake_does_not_stop_the_others_nor_the_clock(breaks: str) -> None:
    journal = Journal()
    shown = journal.hub._render

    def state(_service: str, _at: datetime) -> Shown:
        if breaks == "state":
            raise ValueError
        return Shown(len(journal.entries))

    def render(panel: Panel, service: str, value: Any, language: str) -> str:
        if panel.name == "broken":
            raise ValueError
        return shown(panel, service, value, language)

    journal.hub._declared = [Panel(name="broken", right=SEE, template="", state=state), *journal.hub._declared]
    journal.hub._render = render
    with capture_logs() as logged:
        async with served(journal) as server, ClientSession() as session:
            browser = Browser(server)
            reading = asyncio.create_task(browser.read(session, lambda: len(browser.of("panel")) == 3))
            await journal.watched()
            for paints in (2, 3):
                journal.commit()
                await until(count_of(browser, paints), within=5, awaited=f"{paints} paints")
            await reading
    assert {each["panel"] for each in browser.of("panel")} == {"count"}
    assert [line["panel"] for line in logged if line["event"] == "panel failed"] == ["broken"]


def count_of(browser: Browser, paints: int) -> Callable[[], Awaitable[bool | None]]:
    """Whether the browser has got so many panels."""

    async def look() -> bool | None:
        return len(browser.of("panel")) >= paints or None

    return look
