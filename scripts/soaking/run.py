"""One run: the test bed, the load, the faults, and the end, when everybody has got what was promised."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import time
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp
import sqlalchemy as sa
from aiohttp import web

from callcentre.kernel import migrations
from callcentre.kernel.database import Database
from callcentre.kernel.records import CACHED
from callcentre.values.call_hours import CACHED_NUMBERS
from scripts.kills.databases import SQLITE, Kind
from scripts.kills.day import SETTINGS
from scripts.kills.evidence import Evidence, of_database, owed
from scripts.soaking.faults import Faults, Happened
from scripts.soaking.gateway import Mood, MoodyGateway
from scripts.soaking.losses import Entered, add_rings, came_while, entered, not_ready, unseen, visits_of
from scripts.soaking.people import NOT_NOW, People
from scripts.soaking.samples import HEAD, Sample, sampled
from tests.testbed.asterisk import MODULES, conf
from tests.testbed.bed import Bed
from tests.testbed.callbacks import open_callbacks, request_callback
from tests.testbed.configuration import TOKEN, merged
from tests.testbed.daemon import Daemon
from tests.testbed.pbx import queues_conf
from tests.testbed.postgresql import FAST, Server, server
from tests.testbed.process import python_environment
from tests.testbed.wire import Wire

EVERY: Final = 10.0
"""Seconds from one sample to the next."""

STRANGERS: Final = 2 * max(CACHED, CACHED_NUMBERS)
"""Texts from phones before the load, each from another number: most of what is kept about numbers is full from the
beginning, so that only what has no bound can grow."""

_AT_ONCE: Final = 100
_LONGEST_END: Final = 420.0
"""Seconds after the load in which everybody must have got what was promised: a text waits for up to a minute after a
gateway that refused, and a callback for its turn."""
_LETS_GO: Final = 40
_BEGAN: Final = " same => n,Answer()\n"


def _settings(changed: int) -> Mapping[str, Any]:
    """What this run changes in the shipped configuration; again and again something of it is different."""
    service = {
        "wait_estimate": {"handle_time": "10s"},
        "callback": {"offer": {"max_open": 500}, "dial": {"attempts": 2}},
        "survey": {"expires": "20s"},
    }
    return merged(
        SETTINGS,
        {
            "sms": {"per_second": 20 + changed % 3, "per_day": 10**6},
            "dialling": {"in_flight": 40, "per_day": 10**6, "ring": "5s"},
            "services": dict.fromkeys(SETTINGS["services"], service),
            "log": {"file": "facts.jsonl"},
        },
    )


@dataclass(slots=True)
class Outcome:
    """A run that is over."""

    seconds: float
    samples: list[Sample]
    happened: list[Happened]
    evidence: Evidence
    callers: int
    """Callers who came past `Answer()`."""
    cut: int
    """Callers whom Asterisk cut off as it died."""
    let_by: int
    """Callers who came and went while the daemon was not ready."""
    unseen: list[Entered]
    texts: int


@dataclass(slots=True)
class Run:
    """`folder` is new."""

    folder: Path
    kind: Kind
    seconds: float
    rate: float
    seed: int
    environment: Mapping[str, str] = field(default_factory=dict)
    """What the daemon's environment has besides."""
    samples: list[Sample] = field(default_factory=list)
    _answers: list[tuple[float, bool]] = field(default_factory=list)
    _changed: int = 0

    async def go(self) -> Outcome:
        """All of it."""
        async with AsyncExitStack() as stack:
            database = stack.enter_context(self._database())
            gateway = MoodyGateway()
            gateway_url = await stack.enter_async_context(_serving(gateway))
            bed = Bed(self.folder / "bed", agents=round(8 * self.rate) + 4, rtp_ports=600)
            _record_calls(bed)
            await stack.enter_async_context(_begun(bed))
            people = People(bed, gateway, random.Random(self.seed), self.rate)
            gateway.between(bed.http_port, people.gets)
            stack.push_async_callback(people.close)
            wire = await stack.enter_async_context(Wire(bed.pbx.http_port).laid())
            url = database.url("soak") if isinstance(database, Server) else Database.of_file(database).url
            changes = {
                "ari": {"url": f"http://127.0.0.1:{wire.port}/ari"}, "store": {"url": url},
                "sms": {"kannel": {"url": gateway_url}},
            }  # fmt: skip
            file = self.folder / "config.yaml"

            def configure() -> None:
                self._changed += 1
                bed.configure(file, merged(_settings(self._changed), changes))

            configure()
            daemon = Daemon(file, http_port=bed.http_port)
            daemon.process.environment = {**python_environment(), "PYTHONUNBUFFERED": "1", **self.environment}
            await _install(bed, file)
            await daemon.start(within=60)
            stack.push_async_callback(daemon.close)
            held = daemon.descriptors()
            await people.log_on()
            for agent in people.agents:
                people.begin(people.works(agent))
            await self._strangers(people, gateway)
            faults = Faults(
                bed, wire, gateway, daemon, people, random.Random(self.seed), database, configure, time.time
            )
            people.begin(people.have_lunch())
            async with _meanwhile(self._watches(daemon)):
                loaded = time.monotonic()
                async with _meanwhile(self._keeps_sampling(daemon, people, faults), self._asks(daemon, people)):
                    await asyncio.gather(
                        people.keep_calling(time.time, self.seconds), faults.keep_happening(self.seconds)
                    )
                seconds = time.monotonic() - loaded
                print("the load is over", flush=True)
                waiting = await self._comes_to_an_end(url, bed, gateway)
            await gateway.disconnect()
            left = await self._left(bed, daemon, held)
            code = await daemon.stop(within=30)
            evidence = of_database(url, self.folder / "facts.jsonl")
            evidence.left, evidence.waiting = left, waiting
            evidence.mistakes = [*_exceptions(daemon.process.errors)]
            evidence.mistakes += [] if code == 0 else [f"the daemon was stopped and ended with {code}"]
            evidence.mistakes += [
                f"the daemon was not ready again after: {one.name}" for one in faults.happened if not one.recovered
            ]
            return self._outcome(bed, people, gateway, faults, evidence, seconds)

    def _outcome(
        self, bed: Bed, people: People, gateway: MoodyGateway, faults: Faults, evidence: Evidence, seconds: float
    ) -> Outcome:
        callers = entered(_cel(bed))
        evidence.visits, evidence.promises = visits_of(people.visits, callers, people.answered)
        add_rings(evidence, people.rings(), callers, people.requested)
        evidence.handed_over = list(gateway.handed_over)
        evidence.taken = dict(gateway.taken)
        times = not_ready(self._answers)
        overlooked = unseen(callers, evidence.facts)
        let_by = [one for one in overlooked if came_while(times, one)]
        return Outcome(
            seconds=seconds,
            samples=self.samples,
            happened=faults.happened,
            evidence=evidence,
            callers=len(callers),
            cut=sum(visit.cut for visit in people.visits),
            let_by=len(let_by),
            unseen=[one for one in overlooked if one not in let_by],
            texts=len(gateway.handed_over),
        )

    # --- the test bed -------------------------------------------------------------------------------

    @contextmanager
    def _database(self) -> Iterator[Path | Server]:
        if self.kind == SQLITE:
            yield self.folder / "callcentre.db"
            return
        with server(FAST) as running:
            migrations.upgrade(Database(running.make("soak")))
            yield running

    async def _strangers(self, people: People, gateway: MoodyGateway) -> None:
        for _ in range(0, STRANGERS, _AT_ONCE):
            people.strangers_write(_AT_ONCE)
            await gateway.idle()

    # --- looking ------------------------------------------------------------------------------------

    async def _watches(self, daemon: Daemon) -> None:
        """Ask each second whether the daemon is ready."""
        while True:
            began = time.time()
            ready = (await daemon.health())[0] == 200
            self._answers += [(began, ready), (time.time(), ready)] if not ready else [(began, True)]
            await asyncio.sleep(1)

    async def _asks(self, daemon: Daemon, people: People) -> None:
        """Staff look at the callbacks and request some."""
        while True:
            await asyncio.sleep(5)
            with suppress(*NOT_NOW, KeyError):
                await open_callbacks(daemon)
                number = people.requestable()
                people.begin(people.is_requested(number, await request_callback(daemon, number)))

    async def _keeps_sampling(self, daemon: Daemon, people: People, faults: Faults) -> None:
        loop = asyncio.get_running_loop()
        began = due = loop.time()
        headers = {"Authorization": f"Bearer {TOKEN}"}
        limit = aiohttp.ClientTimeout(total=5)
        with (self.folder / "samples.csv").open("w", encoding="ascii", buffering=1) as out:
            out.write(f"{HEAD}\n")
            while True:
                due += EVERY
                await asyncio.sleep(max(0.0, due - loop.time()))
                metrics = ""
                with suppress(*NOT_NOW):
                    async with (
                        aiohttp.ClientSession(headers=headers, timeout=limit) as session,
                        session.get(f"{daemon.url}/metrics") as answer,
                    ):
                        metrics = await answer.text()
                one = sampled(daemon.process.pid, loop.time() - began, metrics)
                self.samples.append(one)
                out.write(f"{one.row()}\n")
                if len(self.samples) % 6 == 0:
                    print(
                        f"{one.at / 60:5.1f} min: {one.rss / 1000:.1f} MB, {one.descriptors} descriptors, "
                        f"{len(people.visits)} calls, {len(faults.happened)} faults"
                        + (f", now: {faults.now}" if faults.now else ""),
                        flush=True,
                    )

    # --- the end ------------------------------------------------------------------------------------

    async def _comes_to_an_end(self, url: str, bed: Bed, gateway: MoodyGateway) -> list[str]:
        """Wait until nobody waits for anything, and return what somebody waits for after a long time."""
        gateway.mood = Mood.TAKES
        open_now: list[str] = []
        ends = time.monotonic() + _LONGEST_END
        quiet = 0
        while quiet < 3 and time.monotonic() < ends:
            await asyncio.sleep(1)
            open_now = await _channels(bed)
            open_now += [] if gateway.is_idle else ["a text, a report or its repetition is under way"]
            with suppress(sa.exc.DBAPIError):
                open_now += owed(url)
            quiet = 0 if open_now else quiet + 1
        return open_now

    async def _left(self, bed: Bed, daemon: Daemon, held: int) -> list[str]:
        left = await _channels(bed)
        left += [f"bridge {one['id']}" for one in await bed.pbx.ari.get("/bridges")]
        for _ in range(_LETS_GO):
            if daemon.descriptors() <= held:
                return left
            await asyncio.sleep(1)
        return [*left, f"{daemon.descriptors() - held} descriptors more than before the first call"]


@asynccontextmanager
async def _meanwhile(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """These go on within this context. An error in one of them, as when the daemon is gone, ends all."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work) for work in works]
        yield
        for task in tasks:
            task.cancel()


@asynccontextmanager
async def _serving(gateway: MoodyGateway) -> AsyncIterator[str]:
    """The gateway within this context, and the address of its sendsms."""
    application = web.Application()
    application.add_routes(gateway.routes())
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with gateway:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}/cgi-bin/sendsms"
    finally:
        await runner.cleanup()


async def _channels(bed: Bed) -> list[str]:
    found = await bed.pbx.ari.get("/channels")
    return [f"channel {one['name']}" for one in found if "callcentre-probe" not in one["name"]]


def _exceptions(diagnostics: Path) -> Iterator[str]:
    """The mistakes of the program that its diagnostics report. Warnings about the configuration are none."""
    for line in diagnostics.read_text(encoding="utf-8").splitlines():
        if line.startswith("{"):
            said = json.loads(line)
            if "exception" in said:
                yield f"{said['event']}: {said['exception'].strip().rpartition(chr(10))[2]}"
        elif line.startswith("Traceback"):
            yield line


def _cel(bed: Bed) -> Path:
    return bed.pbx.folder / "log" / "cel-custom" / "Master.csv"


def _record_calls(bed: Bed) -> None:
    """Have the PBX write down each caller: when they came past Answer(), began to wait, and ended."""
    modules = [*MODULES.split(), "res_cdrel_custom", "cel_custom", "app_celgenuserevent"]
    bed.pbx.write("modules.conf", conf({"modules": {"autoload": "no", "load": [f"{module}.so" for module in modules]}}))
    events = {"enable": "yes", "apps": "queue", "events": "APP_START,CHAN_END,USER_DEFINED"}
    bed.pbx.write("cel.conf", conf({"general": events}))
    row = "${eventtype},${eventtime},${CHANNEL(uniqueid)},${CALLERID(num)}"
    bed.pbx.write("cel_custom.conf", f"[mappings]\nMaster.csv => {row}\n")
    for asterisk in (bed.pbx, bed.network.asterisk):
        asterisk.write("logger.conf", conf({"general": {}, "logfiles": {"full": "notice,warning,error"}}))
    _cel(bed).parent.mkdir()


async def _install(bed: Bed, file: Path) -> None:
    """The dialplan, short prompts, and queues that ring one agent after the other."""
    await bed.prompts.give(seconds=0.4)
    await bed.pbx.write_queues(queues_conf(**{name: {"strategy": "rrmemory"} for name in SETTINGS["services"]}))
    await bed.install(file)
    text = (bed.pbx.etc / "extensions.conf").read_text(encoding="utf-8")
    await bed.pbx.write_extensions(text.replace(_BEGAN, f"{_BEGAN} same => n,CELGenUserEvent(began)\n"))


@asynccontextmanager
async def _begun(bed: Bed) -> AsyncIterator[None]:
    """The test bed within this context."""
    await bed.__aenter__()
    try:
        yield
    finally:
        # Faults leave errors in tasks of the test bed, which it raises at its end: they say nothing new.
        with suppress(*NOT_NOW):
            await bed.close()


def fresh(folder: Path) -> Path:
    """An empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
