"""`/system` as a browser gets it, with a process in place of `callcentre doctor`."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from callcentre.features.live.interface import RaisedAlarm, RaisedAlarms
from callcentre.features.live.model import LiveRecords
from callcentre.features.system.outside.doctor import Doctor
from callcentre.features.system.web import EXAMINE, NAVIGATION, SEE_SYSTEM, System
from callcentre.kernel.alarm import Alarm
from callcentre.kernel.database import Database
from callcentre.kernel.ownership import reach_of
from callcentre.kernel.program import Health
from callcentre.telephony.queue_view.interface import QueueView
from callcentre.web import status
from callcentre.web.guard import Guard, Identifies
from callcentre.web.live.hub import Hub
from callcentre.web.pages import Pages, Templates
from callcentre.web.ports import WebPorts
from callcentre.web.rights import Right, Rights, Role
from callcentre.web.server import DESCRIPTION, WebServer, build
from callcentre.web.static_files import StaticFiles
from callcentre.web.visitor import Identities, Identity, services_of
from tests.integration.web_client import Answer, Client
from tests.unit.rehearsal import settings
from tests.unit.world import World

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>"
ALARM = Alarm(reason="nobody_rings_", each="the queue's name", when="w", until="`a phone` rings", remedy="run `it now`")
ONE: Mapping[str, Any] = {}
TWO = {
    "organisations": {"north": {}, "south": {}},
    "services": {
        "support": {"queue": "support", "organisation": "north"},
        "sales": {"queue": "sales", "name": {"fi": "Myynti"}, "organisation": "south"},
    },
}


def row(what: str, fix: str | None = None, state: str = "ok") -> dict[str, Any]:
    return {"what": what, "ok": fix is None, "fix": fix, "note": None, "area": "machine", "state": state}


ROWS = (row("the disk"), row(HOSTILE, "type `df -i` & wait", "error"), row("clock", "set it", "warning"))


class Accounts(Identities):
    """A cookie is a role and an organisation: `administrator:north`."""

    async def of_session(self, cookie: str) -> Identity | None:
        role, _, organisation = cookie.partition(":")
        return Identity(user=role, role=Role(role), organisation=organisation or "main", secret="s", session="x")

    async def of_key(self, _key: str) -> Identity | None:
        return None

    async def still_valid(self, _identity: Identity) -> bool:
        return True


@dataclass
class Served:
    """The page, and what a test changes behind it."""

    client: Client
    doctor: Doctor
    records: LiveRecords
    health: Health = field(default_factory=lambda: Health(ready=True, details={"calls": 3, "backlog": 0}))

    async def get(self, path: str, visitor: str = "administrator", language: str = "en") -> Answer:
        cookie = f"callcentre={visitor}; callcentre_language={language}"
        return await self.client.get(path, Cookie=cookie, Sec_Fetch_Dest="document")

    async def page(self, visitor: str = "administrator", language: str = "en") -> str:
        answer = await self.get("/system", visitor, language)
        assert answer.status == 200, answer.body
        return answer.body.decode()

    async def check(self) -> Answer:
        return await self.client.post("/system/check", b"x=1", Authorization="Bearer token")


async def _nothing(_event: object) -> None:
    """No event is expected."""


@asynccontextmanager
async def served(script: str, changes: Mapping[str, Any], folder: Path, longest: float = 30.0) -> AsyncIterator[Served]:
    program = folder / "doctor.py"
    program.write_text(script)
    world = World(settings(changes), b"key")
    records = LiveRecords()
    doctor = Doctor(folder / "config.yaml", lambda: NOW, longest, (sys.executable, str(program)))
    ports = WebPorts(
        submit=_nothing, token=lambda: "token", health=lambda: page.health, registry=CollectorRegistry(),
        clock=lambda: NOW, services=lambda organisation: services_of(world.settings, organisation),
        reach=lambda organisation, services: reach_of(world.settings, organisation, services),
    )  # fmt: skip
    static = StaticFiles()
    pages = Pages(
        ports, lambda: world.settings, static, [Templates("system", "callcentre.features.system")], [NAVIGATION]
    )
    hub = Hub([], node=lambda: "main", clock=lambda: NOW, render=lambda *_: "")
    system = System(
        pages=pages, doctor=doctor, alarms=RaisedAlarms(records), declared=[ALARM],
        queues=QueueView(world, world.calls), hub=hub, health=lambda: page.health, clock=lambda: NOW,
        database=lambda: Database.of_file(Path("/var/lib/cc.db"), "north"), started=NOW,
    )  # fmt: skip
    of_status = [each for each in vars(status).values() if isinstance(each, Right)]
    rights = [SEE_SYSTEM, EXAMINE, DESCRIPTION, *of_status]
    routes = [*system.routes(), static.route()]
    server = WebServer(
        "127.0.0.1:0", build(ports, routes, Guard(ports, Rights(rights), [Identifies(Accounts())]), pages.refusal)
    )
    async with doctor.open():
        await server.start()
        try:
            page = Served(Client(server.address), doctor, records)
            yield page
        finally:
            await server.stop()


def printing(rows: Sequence[Mapping[str, Any]]) -> str:
    return f"import sys\nprint({json.dumps(json.dumps(list(rows)))})\nsys.exit(1)\n"


@pytest.fixture
async def one(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(printing(ROWS), ONE, tmp_path) as page:
        yield page


async def test_before_the_first_examination_the_page_says_what_to_press(one: Served) -> None:
    html = await one.page()
    assert "Nothing was examined since the start" in html
    assert 'action="/system/check"' in html
    assert "Works" in html


async def test_a_click_shows_the_findings_with_the_worst_first_and_commands_to_copy(one: Served) -> None:
    answer = await one.check()
    assert (answer.status, answer.headers["Location"]) == (303, "/system")
    html = await one.page()
    assert HOSTILE not in html
    escaped = "&lt;script&gt;alert(1)&lt;/script&gt;"
    assert html.index(escaped) < html.index("clock") < html.index("the disk")
    assert '<code id="command-1-1">df -i</code>' in html
    assert 'data-copy="#command-1-1"' in html


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("import sys\nsys.stderr.write('config.yaml:3: unknown key')\nsys.exit(2)", "config.yaml:3: unknown key"),
        ("print('[{\"what\": 1}]')", "the examination ended early"),
        ("print('no JSON')", "the examination ended early"),
        ("import os\nos.kill(os.getpid(), 9)", "the examination ended early"),
    ],
)
async def test_a_doctor_that_cannot_examine_says_why(script: str, says: str, tmp_path: Path) -> None:
    async with served(script, ONE, tmp_path) as page:
        await page.check()
        html = await page.page()
    assert "It could not be examined" in html
    assert says in html


async def test_a_doctor_that_does_not_end_is_ended(tmp_path: Path) -> None:
    async with served("import time\ntime.sleep(600)", ONE, tmp_path, longest=0.3) as page:
        await page.check()
        assert "did not end within 0.3 s" in await page.page()


async def test_an_examination_goes_on_behind_the_page_and_is_not_begun_twice(tmp_path: Path) -> None:
    times = tmp_path / "times"
    slow = f"import time\nopen({str(times)!r}, 'a').write('x')\ntime.sleep(600)"
    async with served(slow, ONE, tmp_path) as page:
        await page.doctor.examine(0)
        await page.doctor.examine(0)
        html = await page.page()
        assert 'hx-get="/system/findings"' in html
        assert 'action="/system/check"' not in html
        while not times.exists():
            await page.doctor.examine(0.01)
    assert times.read_text() == "x"
    assert not page.doctor.is_examining


async def test_an_alarm_has_its_remedy(one: Served) -> None:
    one.records.alarms.put(RaisedAlarm(reason=f"nobody_rings_{HOSTILE}", since=NOW, queue="support"))
    html = await one.page()
    assert HOSTILE not in html
    assert "no phone rings" in html
    assert "run <code>it now</code>." in html
    assert "<code>a phone</code> rings." in html


async def test_what_does_not_work_is_said_in_plain_words_to_supervisors_and_in_detail_to_administrators(
    one: Served,
) -> None:
    one.health = Health(ready=False, reasons={"asterisk": "127.0.0.1:8088 refused it"})
    for_supervisors = await one.page("supervisor")
    assert "There is no connection to Asterisk." in for_supervisors
    assert "8088" not in for_supervisors
    assert "8088" in await one.page("administrator")


async def test_supervisors_see_no_findings_and_no_technical_values(one: Served) -> None:
    await one.check()
    html = await one.page("supervisor")
    assert "df -i" not in html
    assert "/var/lib" not in html
    assert (await one.get("/system/findings", "supervisor")).status == 403
    assert (await one.get("/system", "agent")).status == 403


async def test_an_organisation_among_several_sees_nothing_of_the_others(tmp_path: Path) -> None:
    async with served(printing(ROWS), TWO, tmp_path) as page:
        await page.check()
        page.records.alarms.put(RaisedAlarm(reason="nobody_rings_sales", since=NOW, queue="sales"))
        north = await page.page("administrator:north")
        assert "sales" not in north
        assert "df -i" not in north
        assert (await page.get("/system/findings", "administrator:north")).status == 404
        assert "nobody_rings_sales" in await page.page("administrator:south")


@pytest.mark.parametrize(("language", "says"), [("fi", "Mitään ei ole tarkastettu"), ("sv", "Inget har kontrollerats")])
async def test_the_page_speaks_the_language(one: Served, language: str, says: str) -> None:
    assert says in await one.page(language=language)
