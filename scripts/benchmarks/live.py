"""What a live call costs: SIPp calls a real Asterisk, past a plain `Queue()`, the floor program, and the daemon.

Every caller stays two seconds in the queue and hangs up. All programs share the processors of the machine, so the
figures of one run are compared with each other only. The way into the queue is measured by Asterisk's own clock, with
two rows of CEL for each call: one behind `Answer()`, one when `Queue()` begins.
"""

from __future__ import annotations

import asyncio
import csv
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec

from callcentre.configuration import read
from callcentre.telephony import dialplan
from callcentre.telephony.ari.wire import WANTED
from scripts.benchmarks.bench import Bench
from scripts.benchmarks.figures import Figure, percentile
from scripts.benchmarks.recording import APP, FIRST_NUMBER, SERVICES
from scripts.benchmarks.replaying import cpu_seconds
from scripts.benchmarks.stalling import EVERY_SECONDS, STALL_SECONDS
from tests.testbed.asterisk import MODULES, conf
from tests.testbed.configuration import merged, write_configuration
from tests.testbed.daemon import Daemon
from tests.testbed.pbx import SUPPORT_NUMBER, Pbx, extensions_conf
from tests.testbed.ports import PortBlock
from tests.testbed.process import CHECKOUT, Process, program, python_environment
from tests.testbed.waiting import until

STEADY = (20, 65)
"""Calls a second at which costs are compared."""
RISING = (100, 130, 160, 200, 240, 280)
"""Calls a second, one after the other, until a load is not carried any more."""
SECONDS = {20: 15.0, 65: 20.0}
RISING_SECONDS = 8.0
OVERLOAD_SECONDS = 30.0
ROUNDS = 3

IN_QUEUE_SECONDS = 2.0
ANSWER_SECONDS = 0.5
"""`Answer()` waits so long for the caller's first sound, and SIPp makes none."""

CARRIED_OK_MS = 200.0
CARRIED_WAY_MS = 1000.0
"""A load is carried while p99 of the 200 OK and of the way into the queue are below, and no call fails."""

COST_AIM, ASTERISK_AIM_MS, CAPACITY_AIM, WAY_AIM_MS = 1.5, 0.5, 0.85, 20.0

_LARGEST_ID = 10**6
RTP_PORTS = 3000

_SCENARIO = f"""<?xml version="1.0" encoding="UTF-8"?>
<scenario name="caller">
  <send retrans="500" start_rtd="1"><![CDATA[
INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: <sip:[field0]@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:[field0]@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=caller 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000
]]></send>
  <recv response="100" optional="true"/>
  <recv response="180" optional="true"/>
  <recv response="183" optional="true"/>
  <recv response="200" rtd="1"/>
  <send><![CDATA[
ACK sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: <sip:[field0]@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
  <pause milliseconds="{(IN_QUEUE_SECONDS + ANSWER_SECONDS) * 1000:.0f}"/>
  <send retrans="500"><![CDATA[
BYE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: <sip:[field0]@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
  <recv response="200"/>
</scenario>
"""

_BEGAN = "began"


@dataclass(frozen=True, slots=True)
class Load:
    """What came of one load. Times are milliseconds: a call's of the processor, the others as percentiles' values.

    `seen` is how many callers the program beside Asterisk saw, `connections` how often it connected to Asterisk.
    """

    rate: int
    calls: int
    failed: int
    resent: int
    ok: Sequence[float]
    way: Sequence[float]
    asterisk: float
    program: float
    seen: int
    connections: int

    @property
    def carried(self) -> bool:
        """Whether every call went well."""
        return (
            self.failed == 0
            and len(self.way) == self.calls == self.seen
            and percentile(self.ok, 0.99) < CARRIED_OK_MS
            and percentile(self.way, 0.99) < CARRIED_WAY_MS
        )

    def __str__(self) -> str:
        ok, way = (
            f"{percentile(values, 0.5):.0f} / {percentile(values, 0.99):.0f} ms" if values else "none"
            for values in (self.ok, self.way)
        )
        return (
            f"{self.rate} calls/s: {self.calls} calls, {self.failed} failed, {self.resent} sent again, 200 OK {ok}, "
            f"into the queue {way} ({len(self.way)}), Asterisk {self.asterisk:.2f} ms, program {self.program:.2f} ms, "
            f"seen {self.seen}, connections {self.connections}"
        )


@dataclass(frozen=True, slots=True)
class Beside:
    """The program beside Asterisk. `seen` counts the callers that it has seen, `connections` its connections."""

    pid: int | None
    seen: Callable[[], int]
    connections: Callable[[], int]


class Line:
    """One Asterisk with one program beside it, and SIPp to call it."""

    def __init__(self, folder: Path, pbx: Pbx, sip_port: int, beside: Beside) -> None:
        self._folder = folder
        self._pbx = pbx
        self._sip_port = sip_port
        self._beside = beside
        self._callers = 0
        self._rows = 0
        self._runs = 0

    @property
    def _cel(self) -> Path:
        return self._pbx.folder / "log" / "cel-custom" / "Master.csv"

    async def drive(self, rate: int, seconds: float) -> Load:
        """Call so many times a second, and wait until all is over."""
        calls = int(rate * seconds)
        self._runs += 1
        folder = self._folder / f"sipp-{self._runs}"
        folder.mkdir()
        numbers = "".join(f"+{FIRST_NUMBER + self._callers + n}\n" for n in range(calls))
        (folder / "numbers.csv").write_text(f"SEQUENTIAL\n{numbers}", encoding="ascii")
        (folder / "caller.xml").write_text(_SCENARIO, encoding="ascii")
        self._callers = (self._callers + calls) % _LARGEST_ID
        before = self._used()
        seen, connections = self._beside.seen(), self._beside.connections()
        await self._call(folder, rate, calls)
        if self._beside.pid is not None:
            await self._has_seen(seen + calls)
        after = self._used()
        statistics_ = self._statistics(folder)
        return Load(
            rate=rate,
            calls=calls,
            failed=int(statistics_["FailedCall(C)"]),
            resent=int(statistics_["Retransmissions(C)"]),
            ok=_response_times(folder),
            way=self._ways(),
            asterisk=(after[0] - before[0]) / calls * 1000,
            program=(after[1] - before[1]) / calls * 1000,
            seen=calls if self._beside.pid is None else self._beside.seen() - seen,
            connections=self._beside.connections() - connections,
        )

    async def _call(self, folder: Path, rate: int, calls: int) -> None:
        arguments = {
            "-sf": "caller.xml", "-inf": "numbers.csv", "-s": SUPPORT_NUMBER, "-r": rate, "-m": calls, "-l": 10_000,
            "-i": "127.0.0.2", "-p": self._sip_port, "-mi": "127.0.0.2", "-min_rtp_port": 6000, "-max_rtp_port": 6001,
            "-timeout": "120s", "-fd": 1, "-stf": "statistics.csv", "-rtt_freq": 1,
        }  # fmt: skip
        flat = [str(part) for pair in arguments.items() for part in pair]
        address = f"127.0.0.1:{self._pbx.sip_port}"
        sipp = Process(
            "sipp", [program("sipp"), address, *flat, "-nostdin", "-trace_stat", "-trace_rtt"], folder=folder
        )
        await sipp.start()
        try:
            await sipp.wait(within=180)
        finally:
            await sipp.kill()

    async def _has_seen(self, count: int) -> None:
        """Wait until the program has seen so many, or sees no more of them."""
        last, since = self._beside.seen(), 0.0
        while self._beside.seen() < count and since < 5:
            await asyncio.sleep(0.2)
            now = self._beside.seen()
            last, since = (now, 0.0) if now > last else (last, since + 0.2)

    def _used(self) -> tuple[float, float]:
        return cpu_seconds(self._pbx.process.pid), 0.0 if self._beside.pid is None else cpu_seconds(self._beside.pid)

    @staticmethod
    def _statistics(folder: Path) -> dict[str, str]:
        with (folder / "statistics.csv").open(encoding="ascii", newline="") as file:
            return list(csv.DictReader(file, delimiter=";"))[-1]

    def _ways(self) -> list[float]:
        """From behind Answer() to Queue(), of the calls since this was last asked, by the rows of CEL."""
        began: dict[str, float] = {}
        ways: dict[str, float] = {}
        lines = self._cel.read_text(encoding="utf-8").splitlines() if self._cel.exists() else []
        for line in lines[self._rows :]:
            kind, at, call = line.split(",")[:3]
            if kind == "APP_START":
                if call in began and call not in ways:
                    ways[call] = (float(at) - began[call]) * 1000
            else:
                began.setdefault(call, float(at))
        self._rows = len(lines)
        return list(ways.values())


def _response_times(folder: Path) -> list[float]:
    found: list[float] = []
    for file in folder.glob("*_rtt.csv"):
        for line in file.read_text(encoding="ascii").splitlines()[1:]:
            fields = line.split(";")
            if len(fields) > 1:
                found.append(float(fields[1]))
    return found


@asynccontextmanager
async def _ports() -> AsyncIterator[PortBlock]:
    ports = PortBlock(RTP_PORTS + 100)
    try:
        yield ports
    finally:
        ports.close()


@asynccontextmanager
async def _pbx(folder: Path, ports: PortBlock, sip_port: int) -> AsyncIterator[Pbx]:
    pbx = Pbx(folder, ports=ports, network_port=sip_port, agents=1, rtp_ports=RTP_PORTS)
    modules = [*MODULES.split(), "res_cdrel_custom", "cel_custom", "app_celgenuserevent"]
    pbx.write("modules.conf", conf({"modules": {"autoload": "no", "load": [f"{module}.so" for module in modules]}}))
    events = {"enable": "yes", "apps": "queue", "events": "APP_START,USER_DEFINED"}
    pbx.write("cel.conf", conf({"general": events}))
    pbx.write("cel_custom.conf", "[mappings]\nMaster.csv => ${eventtype},${eventtime},${CHANNEL(uniqueid)}\n")
    pbx.write("logger.conf", conf({"general": {}, "logfiles": {"full": "notice,warning,error"}}))
    (folder / "log" / "cel-custom").mkdir()
    try:
        await pbx.start()
        yield pbx
    finally:
        await pbx.close()


def _measured(extensions: str) -> str:
    """A dialplan that says when a call is behind Answer()."""
    return extensions.replace(" same => n,Answer()\n", f" same => n,Answer()\n same => n,CELGenUserEvent({_BEGAN})\n")


_PLAIN = """
[callcentre-queue]
exten => support,1,NoOp()
 same => n,Answer()
 same => n,Queue(support)
 same => n,Hangup()
"""


@asynccontextmanager
async def plain(folder: Path) -> AsyncIterator[Line]:
    """Nothing beside Asterisk."""
    async with _ports() as ports, _pbx(folder / "pbx", ports, sip_port := ports.port()) as pbx:
        await pbx.write_extensions(extensions_conf(_measured(_PLAIN)))
        yield Line(folder, pbx, sip_port, Beside(None, lambda: 0, lambda: 0))


@asynccontextmanager
async def floor(folder: Path) -> AsyncIterator[Line]:
    """The floor program, with the daemon's dialplan."""
    async with _ports() as ports, _pbx(folder / "pbx", ports, sip_port := ports.port()) as pbx:
        file = write_configuration(
            folder / "config.yaml", ari_url=pbx.ari_url, http_port=ports.port(), changes=SERVICES
        )
        await pbx.write_extensions(extensions_conf(_measured(dialplan.extensions(read(file).settings, 22))))
        process = Process(
            "floor",
            [sys.executable, "-m", "scripts.benchmarks.floor", pbx.ari_url, APP, msgspec.json.encode(WANTED).decode()],
            folder=folder,
            environment={**python_environment(), "PYTHONPATH": str(CHECKOUT)},
        )

        def count(column: int) -> int:
            lines = process.output.read_text(encoding="ascii").splitlines()
            return int(lines[-1].split()[column]) if lines else 0

        async def connected() -> bool:
            return count(1) > 0

        await process.start()
        try:
            await until(connected, within=20, awaited="the floor program", seen=process.last_words)
            yield Line(folder, pbx, sip_port, Beside(process.pid, lambda: count(0), lambda: count(1)))
        finally:
            await process.kill()


@asynccontextmanager
async def daemon(folder: Path, code: Path = CHECKOUT, module: str = "callcentre") -> AsyncIterator[Line]:
    """The daemon of the checkout `code`. `module` is what Python runs with the daemon's arguments."""
    log = folder / "facts.jsonl"
    async with _ports() as ports, _pbx(folder / "pbx", ports, sip_port := ports.port()) as pbx:
        http_port = ports.port()
        changes = merged(SERVICES, {"log": {"file": str(log)}})
        file = write_configuration(folder / "config.yaml", ari_url=pbx.ari_url, http_port=http_port, changes=changes)
        await pbx.write_extensions(extensions_conf(_measured(dialplan.extensions(read(file).settings, 22))))
        running = Daemon(file, http_port=http_port)
        running.process.environment = {**python_environment(), "PYTHONPATH": str(code)}
        running.process.argv[running.process.argv.index("callcentre")] = module

        def seen() -> int:
            return log.read_bytes().count(b'"queue.joined"')

        def lost() -> int:
            errors = running.process.errors
            return errors.read_bytes().count(b"ari.lost") if errors.exists() else 0

        try:
            await running.start()
            yield Line(folder, pbx, sip_port, Beside(running.process.pid, seen, lost))
        finally:
            await running.close()


COMPARED = {"plain Queue()": plain, "the floor": floor, "the daemon": daemon}
_PLAIN_NAME, _FLOOR_NAME, _DAEMON_NAME = COMPARED
_STALLING_NAME = "the daemon on a stalling disk"
VARIANTS: dict[str, Callable[[Path], AbstractAsyncContextManager[Line]]] = {
    **COMPARED,
    _STALLING_NAME: partial(daemon, module="scripts.benchmarks.stalling"),
}


async def measured(bench: Bench, name: str, rates: Sequence[tuple[int, float]]) -> list[Load]:
    """These loads on a new Asterisk: calls a second and seconds. A load that is not carried is the last."""
    loads: list[Load] = []
    async with VARIANTS[name](bench.folder(name.replace(" ", "-"))) as line:
        for rate, seconds in rates:
            loads.append(await line.drive(rate, seconds))
            bench.say(f"  {name}: {loads[-1]}")
            if not loads[-1].carried:
                break
    return loads


async def run(bench: Bench) -> list[Figure]:
    """All three in turn, several times; then twice the load that the daemon carries."""
    rates = [*((rate, SECONDS[rate]) for rate in STEADY), *((rate, RISING_SECONDS) for rate in RISING)]
    found: dict[str, list[list[Load]]] = {name: [] for name in COMPARED}
    for number in range(ROUNDS):
        bench.say(f"live calls, round {number + 1} of {ROUNDS}")
        for name in COMPARED:
            found[name].append(await measured(bench, name, rates))
    limit = int(_median(_most(loads) for loads in found[_DAEMON_NAME]))
    overload = [(2 * limit, OVERLOAD_SECONDS)]
    over: dict[str, list[Load]] = {_FLOOR_NAME: [], _DAEMON_NAME: []}
    for _ in range(ROUNDS):
        for name, loads in over.items():
            loads += await measured(bench, name, overload)
    half = [(limit // 2, SECONDS[STEADY[-1]])]
    at_half, stalling = [(await measured(bench, name, half))[0] for name in (_DAEMON_NAME, _STALLING_NAME)]
    return [
        *(_steady(rate, found) for rate in STEADY),
        *_limits(found),
        _half(at_half, ""),
        _half(stalling, f", and the disk stalls for {STALL_SECONDS:g} s every {EVERY_SECONDS:g} s"),
        _overload(over),
    ]


def _median(values: Iterable[float]) -> float:
    return percentile(values, 0.5)


def _most(loads: Sequence[Load]) -> int:
    """The most calls a second that were carried."""
    return max((load.rate for load in loads if load.carried), default=0)


def _steady(rate: int, found: Mapping[str, list[list[Load]]]) -> Figure:
    at_rate = {
        name: [load for loads in rounds for load in loads if load.rate == rate] for name, rounds in found.items()
    }
    asterisk = {name: _median(load.asterisk for load in loads) for name, loads in at_rate.items()}
    program_ = {name: _median(load.program for load in loads) for name, loads in at_rate.items()}
    ways = [_median(percentile(load.way, share) for load in at_rate[_DAEMON_NAME]) for share in (0.5, 0.99)]
    parts = [f"{name}: Asterisk {asterisk[name]:.1f} ms, program {program_[name]:.1f} ms" for name in found]
    ratio = program_[_DAEMON_NAME] / program_[_FLOOR_NAME]
    more = asterisk[_DAEMON_NAME] - asterisk[_FLOOR_NAME]
    aimed = rate == STEADY[-1]
    return Figure(
        f"A live call at {rate} calls a second, processor time",
        f"{'; '.join(parts)}; daemon ÷ floor {ratio:.2f}; into the queue p50 {ways[0]:.0f}, p99 {ways[1]:.0f} ms",
        f"at most {COST_AIM:g} times the floor, Asterisk at most {ASTERISK_AIM_MS:g} ms more" if aimed else "",
        ratio <= COST_AIM and more <= ASTERISK_AIM_MS if aimed else None,
    )


def _limits(found: Mapping[str, list[list[Load]]]) -> Iterator[Figure]:
    most = {name: _median(_most(loads) for loads in rounds) for name, rounds in found.items()}
    yield Figure(
        "Most calls a second that are carried",
        "; ".join(f"{name}: {rate:.0f}" for name, rate in most.items()),
        f"at least {CAPACITY_AIM:.0%} of the floor's",
        most[_DAEMON_NAME] >= CAPACITY_AIM * most[_FLOOR_NAME],
    )


def _half(load: Load, while_: str) -> Figure:
    half, way = (percentile(load.way, share) for share in (0.5, 0.99))
    name = f"The way into the queue at half the limit, {load.rate} calls a second{while_}"
    return Figure(name, f"p50 {half:.0f}, p99 {way:.0f} ms", f"p99 below {WAY_AIM_MS:g} ms", way < WAY_AIM_MS)


def _overload(over: Mapping[str, Sequence[Load]]) -> Figure:
    ok = {name: _median(percentile(load.ok, 0.99) for load in loads) for name, loads in over.items()}
    loads = over[_DAEMON_NAME]
    seen, queued = sum(load.seen for load in loads), sum(len(load.way) for load in loads)
    well = {
        name: 1 - sum(load.failed for load in found) / sum(load.calls for load in found) for name, found in over.items()
    }
    connections = sum(load.connections for load in loads)
    return Figure(
        f"Twice the limit for {OVERLOAD_SECONDS:.0f} s, {loads[0].rate} calls a second, {len(loads)} times",
        f"{seen} of {queued} callers in the queue seen, {connections} connections lost, "
        f"200 OK p99 {ok[_DAEMON_NAME]:.0f} ms, {well[_DAEMON_NAME]:.0%} of the calls went well; "
        f"with the floor {ok[_FLOOR_NAME]:.0f} ms, {well[_FLOOR_NAME]:.0%}",
        "every caller seen, no connection lost, 200 OK no later than with the floor",
        seen >= queued and connections == 0 and ok[_DAEMON_NAME] <= ok[_FLOOR_NAME],
    )
