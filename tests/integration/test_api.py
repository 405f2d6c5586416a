"""`/api/callbacks` and `callcentre callbacks`, on a running engine with a real database and real sockets."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from callcentre.cli.main import main
from callcentre.features.callbacks import web as callbacks_web
from callcentre.features.callbacks.facts import CallbackAccepted, CallbackCancelled, CallbackOffered
from callcentre.features.callbacks.model import Phase, Postponed
from callcentre.features.callbacks.outside.story import story_of
from callcentre.features.callbacks.ports import ports_of
from callcentre.features.callbacks.views import Views
from callcentre.features.surveys.web import routes as survey_routes
from callcentre.kernel.daemon import measured
from callcentre.kernel.effect import Effect
from callcentre.kernel.engine import Engine
from callcentre.kernel.event import Event, SettingsChanged
from callcentre.kernel.journal import FactLog, stamp
from callcentre.kernel.outbox import Outbox
from callcentre.kernel.program import Health, Measured, Program
from callcentre.kernel.store import Store, Writes
from callcentre.kernel.timers import Timers
from callcentre.messaging.effects import SendText
from callcentre.telephony.effects import HangUp
from callcentre.telephony.facts import QueueJoined
from callcentre.web.component import Figures
from callcentre.web.openapi import description
from callcentre.web.ports import WebPorts
from callcentre.web.routes import Route
from callcentre.web.server import WebServer, build
from tests.testbed.configuration import TOKEN, merged, write_configuration
from tests.testbed.json_schema import mistakes
from tests.unit.features.callbacks.states import in_phase
from tests.unit.rehearsal import NOON, settings
from tests.unit.world import World, components

CHANGES = {
    "services": {
        "support": {"callback": {"offer": {"max_open": "3"}}, "notify": None},
        "mute": {"queue": "mute", "name": {"fi": "Mykkä"}},
    }
}
AINO = {"number": "0401112222", "service": "support", "name": "Aino"}
EINO = {"number": "+358401113333", "service": "support"}


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Served:
    """A daemon without Asterisk; `at` is its clock, and `gate` holds back what is to be stored."""

    folder: Path
    engine: Engine
    world: World
    done: list[Effect]
    at: datetime = NOON
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""
    routes: Sequence[Route] = ()
    http: aiohttp.ClientSession | None = None

    async def submit(self, event: Event) -> None:
        await self.gate.wait()
        await self.engine.settle(event)

    async def ask(self, method: str, path: str, body: Any = None, token: str = TOKEN, **headers: str) -> Answer:
        """`body` goes out as it is when it is octets, else as JSON."""
        assert self.http is not None
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"Authorization": f"Bearer {token}"} | sent
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        if data is not None:
            sent = {"Content-Type": "application/json"} | sent
        async with self.http.request(method, f"{self.url}{path}", data=data, headers=sent) as response:
            return Answer(response.status, response.headers, await response.read())

    async def requested(self, requested: Any, key: str | None = None) -> Answer:
        return await self.ask("POST", "/api/callbacks", requested, **({} if key is None else {"Idempotency_Key": key}))

    async def command(self, *arguments: str) -> Result:
        """`callcentre callbacks …` for the configuration of this daemon."""
        return await run("callbacks", *arguments, "-c", self.configured())

    def configured(self) -> str:
        """A file of the configuration of this daemon."""
        port = int(self.url.rpartition(":")[2])
        file = self.folder / "config.yaml"
        return str(write_configuration(file, ari_url="http://127.0.0.1:1/ari", http_port=port, changes=CHANGES))

    def facts(self, name: str) -> list[dict[str, Any]]:
        lines = map(json.loads, (self.folder / "facts.jsonl").read_text().splitlines())
        return [line for line in lines if line["event"] == name]


async def run(*words: str) -> Result:
    """`callcentre …` to its end."""
    return await asyncio.to_thread(CliRunner().invoke, main, words, env={"COLUMNS": "200"}, catch_exceptions=False)


@asynccontextmanager
async def served_in(folder: Path, answer_within: float = 5.0) -> AsyncIterator[Served]:
    store = Store(folder / "callcentre.db")
    await store.open()
    world = World(settings=settings(CHANGES), key=b"k" * 32)
    done: list[Effect] = []
    served: Served

    async def perform(effect: Effect) -> None:
        done.append(effect)

    outbox = Outbox(
        {HangUp: perform, SendText: perform}, lambda event, row: engine.report(event, row), lambda: served.at
    )
    scheduler = AsyncIOScheduler(timezone=UTC)
    timers = Timers(scheduler, lambda due: engine.submit(due), lambda: served.at)
    facts = FactLog(folder / "facts.jsonl", "json")
    built = components(world)
    engine = Engine(built, store=store, timers=timers, outbox=outbox, facts=facts, clock=lambda: served.at)
    served = Served(folder, engine, world, done)
    served.gate.set()
    figures = CollectorRegistry(auto_describe=False)
    figures.register(
        Figures(
            lambda: [
                *measured(engine, outbox, timers),
                *(figure for each in built.of(Measured) for figure in each.collect()),
            ]
        )
    )
    ports = WebPorts(
        submit=served.submit,
        token=lambda: TOKEN,
        health=lambda: Health(ready=True),
        registry=figures,
        clock=lambda: served.at,
        answer_within=answer_within,
    )
    await engine.load()
    running = asyncio.create_task(engine.run())
    program = Program(settled=engine.settled, database=store.path)
    served.routes = [
        *callbacks_web.routes(ports, ports_of(world.for_callbacks, program)),
        *survey_routes(ports, world.surveys, world),
    ]
    server = WebServer("127.0.0.1:0", build(ports, served.routes))
    await server.start()
    served.url = f"http://127.0.0.1:{server.address[1]}"
    try:
        async with aiohttp.ClientSession() as served.http:
            yield served
    finally:
        await server.stop()
        engine.stop()
        await outbox.drain(1)
        await running
        facts.close()
        await store.close()


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with served_in(tmp_path) as running:
        yield running


# --- a wish --------------------------------------------------------------------------------------


async def test_a_wish_is_on_disk_when_it_is_answered(tmp_path: Path) -> None:
    async with served_in(tmp_path) as served:
        answer = await served.requested(AINO)
        assert answer.status == 201
        assert answer.json == {"id": answer.json["id"], "service": "support", "place": 1}
        assert answer.headers["Location"] == f"/api/callbacks/{answer.json['id']}"
        [accepted] = served.facts("callback.accepted")
        assert (accepted["by"], accepted["callback"], accepted["number"]) == ("api", answer.json["id"], "+35840•••22")
    async with served_in(tmp_path) as served:
        [listed] = (await served.ask("GET", "/api/callbacks")).json
        assert listed["id"] == answer.json["id"]


async def test_nothing_is_answered_before_it_is_stored(served: Served) -> None:
    served.gate.clear()
    asking = asyncio.create_task(served.requested(AINO))
    assert (await served.ask("GET", "/api/callbacks")).json == []
    assert not asking.done()
    served.gate.set()
    assert (await asking).status == 201


async def test_what_cannot_be_stored_in_time_is_asked_for_again(tmp_path: Path) -> None:
    async with served_in(tmp_path, answer_within=0.05) as served:
        served.gate.clear()
        answer = await served.requested(AINO)
        served.gate.set()
        assert answer.status == 503
        assert answer.json["error"] == "not done in time"


async def test_nothing_is_told_that_is_not_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with served_in(tmp_path, answer_within=0.2) as served:
        with monkeypatch.context() as patched:
            full = asyncio.Event()

            async def refuse(*_: object) -> None:
                full.set()
                raise OSError(28, "No space left on device")

            patched.setattr(Store, "commit", refuse)
            requested = asyncio.create_task(served.requested(AINO))
            await full.wait()
            [name] = served.world.callbacks
            for method, path in (("GET", ""), ("GET", f"/{name}"), ("DELETE", f"/{name}")):
                assert (await served.ask(method, f"/api/callbacks{path}")).status == 503
            assert (await requested).status == 503
        async with asyncio.timeout(5):
            await served.engine.settled()
        assert [one["id"] for one in (await served.ask("GET", "/api/callbacks")).json] == [name]


async def test_the_name_reaches_the_callback_and_staff_the_fact(served: Served) -> None:
    name = (await served.requested(AINO | {"by": "staff"})).json["id"]
    assert served.world.callbacks[name].caller_name == "Aino"
    assert [fact["by"] for fact in served.facts("callback.accepted")] == ["staff"]


async def test_a_number_that_has_a_callback_gets_its_id_and_place_instead(served: Served) -> None:
    await served.requested(EINO)
    served.at += timedelta(seconds=1)
    first = await served.requested(AINO)
    again = await served.requested(AINO | {"number": "+358 40 1112222", "name": ""})
    assert (first.status, again.status) == (201, 200)
    assert again.json == first.json == {"id": first.json["id"], "service": "support", "place": 2}
    assert len(served.facts("callback.accepted")) == 2


# --- the idempotency key -------------------------------------------------------------------------


async def test_the_same_wish_with_the_same_key_gets_the_same_answer_and_nothing_happens(served: Served) -> None:
    first, again = await served.requested(AINO, "key-1"), await served.requested(AINO, "key-1")
    assert (again.status, again.body) == (first.status, first.body) == (201, first.body)
    assert len(served.facts("callback.accepted")) == 1


async def test_a_wish_made_twice_at_once_is_one(served: Served) -> None:
    both = await asyncio.gather(served.requested(AINO, "key-1"), served.requested(AINO, "key-1"))
    assert [answer.status for answer in both] == [201, 201]
    assert both[0].body == both[1].body


async def test_a_key_is_remembered_over_a_restart_and_beyond_the_callback(tmp_path: Path) -> None:
    async with served_in(tmp_path) as served:
        first = await served.requested(AINO, "key-1")
        assert (await served.ask("DELETE", f"/api/callbacks/{first.json['id']}")).status == 204
    async with served_in(tmp_path) as served:
        again = await served.requested(AINO, "key-1")
        assert (again.status, again.json) == (201, first.json | {"place": None})
        assert len(served.world.callbacks) == 0


async def test_the_same_key_with_another_wish_is_a_mistake(served: Served) -> None:
    await served.requested(AINO, "key-1")
    for other in (EINO, AINO | {"name": "Eino"}, AINO | {"service": "mute"}):
        assert (await served.requested(other, "key-1")).status == 409
    assert len(served.world.callbacks) == 1


async def test_a_refusal_is_remembered_too(served: Served) -> None:
    refused = await served.requested(AINO | {"number": "112"}, "key-1")
    again = await served.requested(AINO | {"number": "112"}, "key-1")
    assert (again.status, again.body) == (refused.status, refused.body) == (422, refused.body)


async def test_a_key_of_yesterday_cannot_take_the_place_of_a_callback_that_is_open(served: Served) -> None:
    name = (await served.requested(AINO, "daily")).json["id"]
    served.at += timedelta(days=2)
    assert (await served.requested(AINO | {"number": "0401114444"}, "another")).status == 201
    assert (await served.requested(EINO, "daily")).status == 409
    assert served.world.callbacks[name].number == "+358401112222"


async def test_a_key_is_forgotten_after_a_day_when_its_callback_is_over(served: Served) -> None:
    name = (await served.requested(AINO, "key-1")).json["id"]
    await served.ask("DELETE", f"/api/callbacks/{name}")
    served.at += timedelta(days=2)
    assert (await served.requested(EINO, "key-2")).status == 201
    assert len(served.world.callbacks.requests) == 1


async def test_what_comes_from_outside_names_nothing_of_ours(served: Served) -> None:
    name = (await served.requested(AINO, "PJSIP/evil&Local/1@x")).json["id"]
    assert re.fullmatch(r"cb-[0-9a-f]{16}", name)


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "ä"])
async def test_a_key_that_is_none_is_nonsense(served: Served, key: str) -> None:
    assert (await served.requested(AINO, key)).status == 400
    assert len(served.world.callbacks) == 0


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"number": "112"}, "emergency"),
        ({"number": "+4670123456"}, "invalid"),
        ({"number": "+46701234567"}, "foreign"),
        ({"number": "0600123456"}, "premium_rate"),
        ({"number": "PJSIP/evil"}, "invalid"),
        ({"number": "anonymous"}, "withheld"),
        ({"service": "nobody"}, "service"),
        ({"service": "mute"}, "service"),
    ],
)
async def test_a_wish_that_cannot_be_kept_is_refused_with_its_reason(
    served: Served, change: dict[str, str], reason: str
) -> None:
    answer = await served.requested(AINO | change)
    assert (answer.status, answer.json["reason"]) == (422, reason)
    assert set(answer.json) == {"error", "mend", "reason"}
    assert len(served.world.callbacks) == 0


async def test_no_more_are_taken_than_may_be_open(served: Served) -> None:
    for last in range(3):
        assert (await served.requested(AINO | {"number": f"040111222{last}"})).status == 201
    answer = await served.requested(EINO)
    assert (answer.status, answer.json["reason"]) == (422, "full")


EXPIRE = {"services": {"support": {"callback": {"at_closing": "expire"}}}}
CLOSED = datetime(2026, 6, 5, 18, 0, tzinfo=UTC)
"""A Friday, 21:00 in Helsinki."""


@pytest.mark.parametrize(
    ("at", "at_closing", "status"),
    [(NOON, "expire", 201), (CLOSED, "carry_over", 201), (CLOSED, "expire", 422)],
)
async def test_a_wish_that_would_expire_at_once_is_refused(
    served: Served, at: datetime, at_closing: str, status: int
) -> None:
    changed = settings(merged(CHANGES, EXPIRE if at_closing == "expire" else {}))
    await served.engine.settle(SettingsChanged(at=served.at, settings=changed))
    served.at = at
    answer = await served.requested(AINO)
    assert answer.status == status
    if status == 422:
        assert answer.json["reason"] == "closed"
        assert (len(served.world.callbacks), served.facts("callback.accepted")) == (0, [])
        result = await served.command("add", "0401112222", "--service", "support")
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr == (
            "the service is closed, and its callbacks do not outlast closing (at_closing: expire); "
            "ask again when it is open, with another Idempotency-Key where one was sent\n"
        )


NONSENSE = [
    b"", b"{", b"[]", b"null", b"\xff", b'"x"', b"[" * 5000,
    {}, {"number": "040"}, {"service": "support"}, AINO | {"number": 401112222}, AINO | {"number": ""},
    AINO | {"number": "0" * 41}, AINO | {"extra": "x"}, AINO | {"name": "x" * 81}, AINO | {"name": None},
    AINO | {"name": "a\nb"}, AINO | {"name": "a\u202eb"}, AINO | {"name": "\ud800"}, AINO | {"service": "a\x00"},
    AINO | {"by": "customer"},
]  # fmt: skip


@pytest.mark.parametrize("body", NONSENSE, ids=repr)
async def test_nonsense_is_told_as_such(served: Served, body: Any) -> None:
    answer = await served.requested(body)
    assert (answer.status, set(answer.json)) == (400, {"error", "mend"})
    assert len(served.world.callbacks.requests) == 0


@given(body=st.binary(max_size=200))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
async def test_no_octets_break_the_api(served: Served, body: bytes) -> None:
    with capture_logs() as logged:
        answer = await served.requested(body)
    assert answer.status == 400
    assert logged == []


@pytest.mark.parametrize(
    "headers", [{"Content_Type": "application/x-www-form-urlencoded"}, {"Content_Encoding": "gzip"}]
)
async def test_a_body_that_is_no_json_is_nonsense(served: Served, headers: dict[str, str]) -> None:
    assert (await served.ask("POST", "/api/callbacks", json.dumps(AINO).encode(), **headers)).status == 400


async def test_a_body_too_long_is_refused(served: Served) -> None:
    for size in (9_000, 100_000):
        answer = await served.requested(b" " * size)
        assert (answer.status, answer.json["error"]) == (413, "body too long")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/callbacks"), ("POST", "/api/callbacks"), ("GET", "/api/callbacks/x"),
        ("DELETE", "/api/callbacks/x"), ("GET", "/api/openapi.json"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("token", ["", "wrong"])
async def test_without_the_token_nothing_is_looked_at(served: Served, method: str, path: str, token: str) -> None:
    answer = await served.ask(method, path, b"{" if method == "POST" else None, token=token)
    assert (answer.status, answer.json["error"]) == (401, "wrong or missing token")


@pytest.mark.parametrize("token", [TOKEN, "of-hooks", "wrong"])
async def test_a_token_in_the_address_opens_nothing(served: Served, token: str) -> None:
    answer = await served.ask("GET", f"/api/callbacks?token={token}", Authorization="")
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="callcentre"')
    assert answer.json["error"] == "a token in the address does not count here"
    assert "http.token" in answer.json["mend"]
    assert (await served.ask("GET", f"/api/callbacks?token={token}")).status == 200


async def test_the_token_of_hooks_opens_no_api(served: Served) -> None:
    assert (await served.ask("GET", "/api/callbacks", token="of-hooks")).status == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/", 404), ("GET", "/api/nowhere", 404), ("PUT", "/api/callbacks", 405),
        ("POST", "/api/callbacks/x", 405),
    ],
)  # fmt: skip
async def test_other_paths_and_methods_are_refused_in_json(served: Served, method: str, path: str, status: int) -> None:
    answer = await served.ask(method, path)
    assert (answer.status, set(answer.json)) == (status, {"error", "mend"})
    assert answer.headers["Content-Type"] == "application/json"


async def test_a_mistake_of_ours_tells_nothing_outside(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Views, "place", lambda *_args: 1 / 0)
    with capture_logs() as logged:
        answer = await served.requested(AINO)
    assert (answer.status, answer.json["error"]) == (500, "internal error")
    assert [line["error"] for line in logged] == ["ZeroDivisionError"]


# --- looking at them -----------------------------------------------------------------------------


async def test_the_open_ones_are_listed_with_their_place_and_why_they_wait(served: Served) -> None:
    first = (await served.requested(AINO)).json["id"]
    served.at += timedelta(seconds=10)
    second = (await served.requested(EINO)).json["id"]
    served.at += timedelta(seconds=80)
    answer = await served.ask("GET", "/api/callbacks")
    assert [(one["id"], one["place"], one["age"], one["number"]) for one in answer.json] == [
        (first, 1, 90.0, "+35840•••22"), (second, 2, 80.0, "+35840•••33")
    ]  # fmt: skip
    assert {(one["next_step"], one["why"]) for one in answer.json} == {("dial", "asterisk")}
    assert b"Aino" not in answer.body


async def test_the_list_can_be_of_one_service(served: Served) -> None:
    await served.requested(AINO)
    assert len((await served.ask("GET", "/api/callbacks?service=support")).json) == 1
    assert (await served.ask("GET", "/api/callbacks?service=nobody")).status == 404
    assert (await served.ask("GET", "/api/callbacks?service=support&service=mute")).status == 400


async def test_one_is_told_with_all_its_facts_also_when_it_is_over(served: Served) -> None:
    name = (await served.requested(AINO)).json["id"]
    served.at += timedelta(seconds=1)
    await served.requested(EINO)
    story = (await served.ask("GET", f"/api/callbacks/{name}")).json
    assert (story["id"], story["open"]["place"]) == (name, 1)
    assert [fact["event"] for fact in story["facts"]] == ["callback.accepted", "sms.queued"]
    await served.ask("DELETE", f"/api/callbacks/{name}?by=staff")
    story = (await served.ask("GET", f"/api/callbacks/{name}")).json
    assert story["open"] is None
    assert [(fact["event"], fact.get("by")) for fact in story["facts"]] == [
        ("callback.accepted", "api"), ("sms.queued", None), ("callback.cancelled", "staff")
    ]  # fmt: skip


@pytest.mark.parametrize("broken", ["gone", "no database"])
async def test_a_story_that_cannot_be_read_is_asked_for_again(served: Served, broken: str) -> None:
    name = (await served.requested(AINO)).json["id"]
    database = served.folder / "callcentre.db"
    hidden = database.rename(served.folder / "elsewhere.db")
    if broken == "no database":
        database.write_bytes(b"this is no database" * 100)
    with capture_logs() as logged:
        answer = await served.ask("GET", f"/api/callbacks/{name}")
    hidden.rename(database)
    assert (answer.status, answer.json) == (
        503,
        {"error": "the database cannot be read just now", "mend": "ask again later; the log of the daemon says why"},
    )
    assert "story not read" in [line["event"] for line in logged]
    assert (await served.ask("GET", f"/api/callbacks/{name}")).status == 200


async def test_the_story_holds_what_befell_its_calls_and_nothing_of_other_callbacks(tmp_path: Path) -> None:
    store = Store(tmp_path / "callcentre.db")
    await store.open()
    facts = [
        QueueJoined(call="1.1", queue="support", position=2, waiting=2),
        CallbackOffered(call="1.1", position=2),
        CallbackAccepted(call="1.1", callback="cb-1.1", by="customer"),
        QueueJoined(call="2.2", queue="support", position=1, waiting=1),
        CallbackCancelled(call="3.3", callback="cb-1.1", by="customer"),
        CallbackAccepted(call="3.3", callback="cb-3.3", by="customer"),
    ]
    await store.commit(Writes(journal=[stamp(fact, number, NOON) for number, fact in enumerate(facts, 1)]))
    await store.close()
    assert [fact["id"] for fact in await story_of("cb-1.1", tmp_path / "callcentre.db")] == [1, 2, 3, 5]


@pytest.mark.parametrize("name", ["x", "%00", "..%2fx", "%27%20or%201=1--", "x" * 300])
async def test_what_is_not_known_is_not_found(served: Served, name: str) -> None:
    await served.requested(AINO)
    for method in ("GET", "DELETE"):
        assert (await served.ask(method, f"/api/callbacks/{name}")).status == 404
    assert len(served.world.callbacks) == 1


async def test_open_callbacks_and_those_in_flight_are_counted_by_service(served: Served) -> None:
    async def figures() -> dict[str, float]:
        lines = (await served.ask("GET", "/metrics")).body.decode().splitlines()
        ours = (line.rpartition(" ") for line in lines if line.startswith("callcentre_callbacks_"))
        return {name: float(value) for name, _, value in ours}

    def reported(open_now: int, in_flight: int) -> dict[str, float]:
        both = {"callcentre_callbacks_open": open_now, "callcentre_callbacks_in_flight": in_flight}
        return {f'{name}{{service="support"}}': count for name, count in both.items()}

    assert await figures() == reported(0, 0)
    names = [(await served.requested(requested)).json["id"] for requested in (AINO, EINO)]
    assert await figures() == reported(2, 0)
    first = served.world.callbacks[names[0]]
    for phase, in_flight in ((Phase.DIALLING, 1), (Phase.ASKING, 1), (Phase.ACCEPTED, 1), (Phase.CONNECTED, 0)):
        served.world.callbacks.put(replace(first, state=in_phase(phase), attempts=1))
        assert await figures() == reported(2, in_flight)
    served.world.callbacks.put(replace(first, service="no more"))
    assert (await figures())['callcentre_callbacks_open{service="no more"}'] == 1


# --- taking them back ----------------------------------------------------------------------------


async def test_one_taken_back_is_gone_and_not_found_again(served: Served) -> None:
    name = (await served.requested(AINO)).json["id"]
    answer = await served.ask("DELETE", f"/api/callbacks/{name}")
    assert (answer.status, answer.body) == (204, b"")
    assert len(served.world.callbacks) == 0
    assert (await served.ask("DELETE", f"/api/callbacks/{name}")).status == 404


async def test_a_phone_that_rings_for_one_taken_back_stops(served: Served) -> None:
    name = (await served.requested(AINO)).json["id"]
    ringing = replace(served.world.callbacks[name], state=in_phase(Phase.DIALLING, f"{name}-1"))
    served.world.callbacks.put(ringing)
    assert (await served.ask("DELETE", f"/api/callbacks/{name}")).status == 204
    assert [one.call for one in served.done if isinstance(one, HangUp)] == [f"{name}-1"]


async def test_nobody_is_torn_out_of_a_conversation(served: Served) -> None:
    name = (await served.requested(AINO)).json["id"]
    talking = replace(served.world.callbacks[name], state=in_phase(Phase.CONNECTED, f"{name}-1"))
    served.world.callbacks.put(talking)
    assert (await served.ask("DELETE", f"/api/callbacks/{name}")).status == 204
    assert not [one for one in served.done if isinstance(one, HangUp)]
    assert len(served.world.callbacks) == 0


async def test_on_whose_behalf_must_be_known(served: Served) -> None:
    name = (await served.requested(AINO)).json["id"]
    assert (await served.ask("DELETE", f"/api/callbacks/{name}?by=customer")).status == 400


# --- the description -----------------------------------------------------------------------------


async def test_every_answer_is_as_the_description_says(served: Served) -> None:
    top = (await served.ask("GET", "/api/openapi.json")).json
    assert top["openapi"].startswith("3.1.")
    seen: set[tuple[str, str, str]] = set()

    def check(method: str, path: str, answer: Answer) -> Answer:
        seen.add((path, method, str(answer.status)))
        said = top["paths"][path][method.lower()]["responses"][str(answer.status)]
        assert bool(said.get("content")) == bool(answer.body)
        if answer.body:
            assert answer.headers["Content-Type"] == "application/json"
            assert mistakes(answer.json, said["content"]["application/json"]["schema"], top) == []
        assert set(said.get("headers", ())) <= set(answer.headers)
        return answer

    async def ask(method: str, path: str, name: str = "", query: str = "", **more: Any) -> Answer:
        return check(method, path, await served.ask(method, path.replace("{id}", name) + query, **more))

    all_of_them, one = "/api/callbacks", "/api/callbacks/{id}"
    taken = await ask("POST", all_of_them, body=AINO, Idempotency_Key="a")
    name = taken.json["id"]
    await ask("POST", all_of_them, body=AINO, token="wrong")
    await ask("POST", all_of_them, body=AINO)
    await ask("POST", all_of_them, body=EINO, Idempotency_Key="a")
    await ask("POST", all_of_them, body=b"{")
    await ask("POST", all_of_them, body=b" " * 9_000)
    await ask("POST", all_of_them, body=AINO | {"number": "112"})
    await ask("GET", all_of_them)
    await ask("GET", all_of_them, query="?service=nobody")
    await ask("GET", all_of_them, query="?service=a&service=b")
    await ask("GET", all_of_them, token="wrong")
    await ask("GET", one, name)
    await ask("GET", one, "nobody")
    await ask("GET", one, name, token="wrong")
    await ask("DELETE", one, name, query="?by=nobody")
    await ask("DELETE", one, name, token="wrong")
    open_one = served.world.callbacks[name]
    served.world.callbacks.put(replace(open_one, state=in_phase(Phase.CONNECTED)))
    await ask("GET", one, name)
    served.world.callbacks.put(replace(open_one, state=Postponed(until=NOON + timedelta(minutes=3), why="busy")))
    await ask("GET", all_of_them)
    await ask("DELETE", one, name)
    await ask("DELETE", one, name)
    await ask("GET", one, name)
    await ask("GET", "/api/openapi.json")
    await ask("GET", "/api/openapi.json", token="wrong")

    described = {
        (path, method.upper(), status)
        for path, operations in top["paths"].items()
        for method, operation in operations.items()
        if method != "parameters"
        for status in operation["responses"]
        if not path.startswith("/api/surveys")
    }
    # Late answers, mistakes of ours and surveys have tests of their own.
    assert described - seen == {entry for entry in described if entry[2] in ("429", "500", "503")}


async def test_the_description_has_every_page_there_is(served: Served) -> None:
    top = (await served.ask("GET", "/api/openapi.json")).json
    ports = WebPorts(
        submit=served.submit, token=lambda: TOKEN, health=lambda: Health(ready=True), registry=CollectorRegistry(),
        clock=lambda: NOON,
    )  # fmt: skip
    callbacks = ports_of(
        served.world.for_callbacks, Program(settled=served.engine.settled, database=served.folder / "callcentre.db")
    )
    app = build(
        ports, [*callbacks_web.routes(ports, callbacks), *survey_routes(ports, served.world.surveys, served.world)]
    )
    reachable = {
        (route.resource.canonical, route.method)
        for route in app.router.routes()
        if route.resource is not None and route.resource.canonical.startswith("/api/")
    }
    described = {
        (path, method.upper())
        for path, operations in top["paths"].items()
        for method in operations
        if method != "parameters"
    }
    assert reachable == described


# Every border of what may stand in a wish: lengths, controls, what is invisible, what turns the writing around.
PIECES = st.sampled_from(
    ["", " ", "a", "0401112222", "support", "ä€😀", "\n", "a\n", "\x00", "\x7f", "\x85", "\xa0", "\xad", "\u200b",
     "\u202e", "\u2066", "\u2028", "\u3000", "\ufeff", "\uffff", "\ue000", "\U000f0000", "\U000e0041", "x" * 40,
     "x" * 80]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=3).map("".join)
REQUESTS = st.fixed_dictionaries(
    {"number": TEXTS, "service": TEXTS},
    optional={"name": TEXTS | st.none() | st.integers(), "by": st.sampled_from(["api", "staff", "x"]), "more": TEXTS},
)


@given(requested=REQUESTS)
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
async def test_what_is_nonsense_is_what_the_description_forbids(served: Served, requested: dict[str, Any]) -> None:
    top = description(served.routes)
    forbidden = mistakes(requested, {"$ref": "#/components/schemas/NewCallback"}, top) != []
    assert ((await served.requested(requested)).status == 400) is forbidden


@pytest.mark.parametrize("body", [one for one in NONSENSE if isinstance(one, dict)], ids=repr)
async def test_what_the_description_forbids_is_refused_and_what_it_allows_is_not(served: Served, body: Any) -> None:
    top = (await served.ask("GET", "/api/openapi.json")).json
    requested = {"$ref": "#/components/schemas/NewCallback"}
    assert mistakes(AINO, requested, top) == mistakes(EINO, requested, top) == []
    # Half a pair of surrogates is no text at all, which no schema needs to say.
    assert mistakes(body, requested, top) != [] or "\ud800" in body.values()


# --- the commands --------------------------------------------------------------------------------


async def test_the_command_lists_the_open_ones_when_nothing_is_said(served: Served) -> None:
    await served.requested(AINO)
    shown = await served.command()
    assert shown.exit_code == 0
    assert "+35840•••22" in shown.stdout
    assert shown.stdout == (await served.command("list")).stdout


async def test_the_list_comes_for_programs_in_figures_and_names_only(served: Served) -> None:
    name = (await served.requested(AINO)).json["id"]
    [row] = json.loads((await served.command("--format", "json")).stdout)
    assert row == {
        "id": name, "service": "support", "queue": "support", "number": "+35840•••22", "phase": "waiting", "place": 1,
        "age": 0.0, "attempts": 0, "next_step": "dial", "why": "asterisk", "until": None,
        "told": None, "opted_out": False,
    }  # fmt: skip
    header, line = (await served.command("--format", "csv", "--service", "support")).stdout.splitlines()
    assert header.split(",") == list(row)
    assert line.startswith(f"{name},support,support,")


async def test_the_configuration_may_be_named_before_what_is_to_be_done(served: Served) -> None:
    name = (await served.requested(AINO)).json["id"]
    file = served.configured()
    for words, said in (
        (("-c", file, "list", "--format", "json"), f'"id": "{name}"'),
        (("--service", "support", f"--config={file}", "list"), name),
        (("-c", file, "show", name), "callback.accepted"),
        (("--format", "csv", "-c", file, "show", name), "callback.accepted"),
        (("-c", file, "add", "0401112223", "--service", "support"), ": taken, place "),
        (("-c", file, "cancel", name), f"{name}: cancelled"),
    ):
        result = await run("callbacks", *words)
        assert result.exit_code == 0, result.stderr
        assert said in result.stdout
    # A file may be called as a command is.
    assert (await run("callbacks", "-c", "list")).stderr.startswith("list: cannot be read")
    assert (await run("callbacks", "-c", file, "nonsense")).exit_code == 2


async def test_staff_can_add_one_and_take_it_back(served: Served) -> None:
    added = await served.command("add", "040 111 2222", "--service", "support", "--name", "Aino")
    [name] = served.world.callbacks
    assert (added.exit_code, added.stdout) == (0, f"{name}: taken, place 1\n")
    again = await served.command("add", "0401112222", "--service", "support")
    assert (again.exit_code, again.stdout) == (0, f"{name}: open already, place 1\n")
    cancelled = await served.command("cancel", name)
    assert (cancelled.exit_code, cancelled.stdout) == (0, f"{name}: cancelled\n")
    assert [fact["by"] for fact in served.facts("callback.accepted") + served.facts("callback.cancelled")] == [
        "staff", "staff"
    ]  # fmt: skip


async def test_an_id_means_itself_whatever_is_in_it(served: Served) -> None:
    name = (await served.requested(AINO)).json["id"]
    strange = "cb-1/../%2F?x#y z"
    served.world.callbacks.put(replace(served.world.callbacks[name], callback=strange))
    assert (await served.command("cancel", strange)).exit_code == 0
    assert strange not in served.world.callbacks


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["add", "112", "--service", "support"], 1, "this number may not be dialled: emergency; send another number"),
        (["add", "0401112222", "--service", "mute"], 1, "no service of that name calls people back; name one of: s"),
        (["add", "0401112222", "--service", "nobody"], 2, "has no such service; it has: support, mute"),
        (["add", "0401112222"], 2, "Missing option '--service'"),
        (["list", "--service", "nobody"], 1, "no service of that name calls people back"),
        (["cancel", "cb-1/../x?"], 1, "no open callback has this id; GET /api/callbacks lists the open ones"),
        (["show", "cb-1"], 1, "no fact of a callback cb-1"),
        (["nonsense"], 2, "No such command 'nonsense'"),
    ],
)
async def test_what_cannot_be_done_is_told_with_what_to_do(
    served: Served, arguments: list[str], code: int, said: str
) -> None:
    result = await served.command(*arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert said in result.stderr


async def test_the_story_of_one_is_shown_with_and_without_the_daemon(tmp_path: Path) -> None:
    async with served_in(tmp_path) as served:
        name = (await served.requested(AINO)).json["id"]
        shown = await served.command("show", name)
        assert shown.exit_code == 0
        assert shown.stdout.startswith("support, +35840•••22: place 1, waits for the connection to Asterisk\n")
        assert "callback.accepted" in shown.stdout
        facts = json.loads((await served.command("show", name, "--format", "json")).stdout)
    alone = await served.command("show", name, "--format", "json")
    assert (alone.exit_code, json.loads(alone.stdout)) == (0, facts)
    assert "only a running daemon knows" in alone.stderr
    assert (await served.command("show", "nobody")).exit_code == 1


async def test_without_the_daemon_the_commands_say_how_to_start_it(tmp_path: Path) -> None:
    async with served_in(tmp_path) as served:
        pass
    for arguments in ([], ["cancel", "x"], ["add", "0401112222", "--service", "support"]):
        result = await served.command(*arguments)
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr == (
            f"the daemon does not answer at {served.url}: Connection refused; start it with "
            f"`callcentre run -c {tmp_path}/config.yaml`, or see http.listen\n"
        )


async def test_a_daemon_with_another_token_is_told_as_such(served: Served) -> None:
    await served.command()
    file = served.folder / "config.yaml"
    data = yaml.safe_load(file.read_text())
    data["http"]["token"] = "another-token-of-ours"
    file.write_text(yaml.safe_dump(data))
    result = await run("callbacks", "-c", str(file))
    assert result.exit_code == 1
    assert "has another http.token than" in result.stderr
