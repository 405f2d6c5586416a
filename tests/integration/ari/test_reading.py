"""Reading queues through an ARI that knows dialplan functions, with EVAL and without it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from callcentre.telephony.ari import Client, ServerError
from callcentre.telephony.ari.model import AriError
from callcentre.telephony.ari.probe import Probe
from callcentre.telephony.ari.questions import NothingToAskThrough
from callcentre.telephony.ari.reading import Reader
from callcentre.telephony.events import PROBE, Agents, Member, QueueReading
from callcentre.telephony.queue_view.estimate import duty_of
from tests.testbed.waiting import until

PROBE_1, PROBE_2 = f"{PROBE}.callcentre.1", f"{PROBE}.callcentre.2"


@dataclass
class Queue:
    """Who waits, and the members: interface → the state that app_queue goes by, and whether they are paused."""

    waiting: list[str] = field(default_factory=list)
    members: dict[str, tuple[str, bool]] = field(default_factory=dict)


class FunctionsOfAsterisk:
    """Answers variable questions on live channels as Asterisk does; counts requests, and what it would log."""

    def __init__(self) -> None:
        self.queues: dict[str, Queue] = {"support": Queue()}
        self.devices: dict[str, str] = {}
        self.hints: dict[str, str] = {}
        self.channels: list[str] = ["1.1"]
        self.held: dict[str, str] = {}
        self.bridges: dict[str, list[str]] = {}
        self.knows_eval = True
        self.knows_hints = True
        self.requests = 0
        self.asked: list[str] = []
        self.errors: list[str] = []
        self.made: list[str] = []
        self.limits: dict[str, str] = {}
        self.makes_channels = True
        self.answers = asyncio.Event()
        self.answers.set()
        self.url = ""
        self.ahead = timedelta(0)
        """How far its clock is ahead of ours."""

    @property
    def support(self) -> Queue:
        return self.queues["support"]

    def value(self, function: str) -> str:
        """What a function says; what Asterisk would log as a warning or an error is kept."""
        name, _, inside = function.removesuffix(")").partition("(")
        queue, _, rest = inside.partition(",")
        match name:
            case "QUEUE_EXISTS":
                return str(int(inside in self.queues))
            case "DEVICE_STATE":
                return self.devices.get(inside, "INVALID")
            case "EXTENSION_STATE":
                if not self.knows_hints:
                    self.errors.append(function)
                    return ""
                return self.hints.get(inside, "UNKNOWN")
            case _:
                if queue not in self.queues:
                    self.errors.append(function)
                    return "0"
                return self._of_queue(self.queues[queue], name, rest, function)

    def _of_queue(self, queue: Queue, name: str, rest: str, function: str) -> str:
        states = queue.members.values()
        match name, *rest.split(","):
            case ["QUEUE_WAITING_COUNT", ""]:
                return str(len(queue.waiting))
            case ["QUEUE_GET_CHANNEL", place]:
                if int(place) < 1:
                    self.errors.append(function)
                return queue.waiting[int(place) - 1] if 1 <= int(place) <= len(queue.waiting) else ""
            case ["QUEUE_MEMBER_LIST", ""]:
                return ",".join(queue.members)
            case ["QUEUE_MEMBER", "ready"]:
                return str(sum(state == "NOT_INUSE" and not paused for state, paused in states))
            case ["QUEUE_MEMBER", "logged"]:
                return str(sum(state not in ("UNAVAILABLE", "INVALID") for state, _ in states))
            case ["QUEUE_MEMBER", "count"]:
                return str(len(queue.members))
            case ["QUEUE_MEMBER", "paused", interface]:
                if interface not in queue.members:
                    self.errors.append(function)
                    return "0"
                return str(int(queue.members[interface][1]))
            case _:
                raise AssertionError(f"no such function: {function}")

    async def variable(self, request: web.Request) -> web.Response:
        """GET /channels/{id}/variable."""
        self.requests += 1
        asked = request.query["variable"]
        self.asked.append(asked)
        assert len(request.raw_path) < 4000
        if request.match_info["id"] in self.held:
            self.errors.append("while something is played to a call, this waits")
        if request.match_info["id"] not in self.channels:
            return web.json_response({"message": "Channel not found"}, status=404)
        if not asked.startswith("EVAL("):
            return web.json_response({"value": self.value(asked)})
        if not self.knows_eval:
            return web.json_response({"error": "Unable to read provided function"}, status=500)
        return web.json_response({"value": re.sub(r"\$\{([^}]*)\}", lambda m: self.value(m[1]), asked[5:-1])})

    async def list_channels(self, _request: web.Request) -> web.Response:
        """GET /channels."""
        self.requests += 1
        told: list[dict[str, Any]] = [{"id": channel} for channel in self.channels]
        for channel, data in self.held.items():
            told.append({"id": channel, "dialplan": {"app_name": "Stasis", "app_data": data}})
        return web.json_response(told)

    async def create(self, request: web.Request) -> web.Response:
        """POST /channels/create."""
        self.requests += 1
        await self.answers.wait()
        if not self.makes_channels:
            return web.json_response({"error": "Allocation failed"}, status=500)
        channel = request.query["channelId"]
        if channel in self.channels:
            return web.json_response({"message": "Channel with given unique ID already exists"}, status=409)
        self.limits[channel] = (await request.json())["variables"]["TIMEOUT(absolute)"]
        self.made.append(channel)
        self.channels.append(channel)
        return web.json_response({"id": channel})

    async def hang_up(self, request: web.Request) -> web.Response:
        """DELETE /channels/{id}."""
        self.requests += 1
        if request.match_info["id"] not in self.channels:
            return web.json_response({"message": "Channel not found"}, status=404)
        self.channels.remove(request.match_info["id"])
        return web.Response(status=204)

    async def ping(self, _request: web.Request) -> web.Response:
        """GET /asterisk/ping; what it costs is not counted."""
        told = {"ping": "pong", "asterisk_id": "a", "timestamp": (datetime.now(UTC) + self.ahead).isoformat()}
        return web.json_response(told)

    async def list_bridges(self, _request: web.Request) -> web.Response:
        """GET /bridges."""
        self.requests += 1
        return web.json_response([{"id": bridge, "channels": channels} for bridge, channels in self.bridges.items()])


@pytest.fixture
async def asterisk() -> AsyncIterator[FunctionsOfAsterisk]:
    known = FunctionsOfAsterisk()
    application = web.Application()
    application.router.add_get("/ari/channels/{id}/variable", known.variable)
    application.router.add_get("/ari/channels", known.list_channels)
    application.router.add_post("/ari/channels/create", known.create)
    application.router.add_delete("/ari/channels/{id}", known.hang_up)
    application.router.add_get("/ari/bridges", known.list_bridges)
    application.router.add_get("/ari/asterisk/ping", known.ping)
    runner = web.AppRunner(application, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    known.url = f"http://127.0.0.1:{runner.addresses[0][1]}/ari"
    yield known
    await runner.cleanup()


@pytest.fixture
async def client(asterisk: FunctionsOfAsterisk) -> AsyncIterator[Client]:
    async with Client(asterisk.url, "u", "p") as client:
        yield client


def reader(client: Client, *, alive: list[str], expected: range = range(1, 1)) -> Reader:
    return Reader(
        client, "callcentre", alive=lambda: alive, expected=lambda _queue: expected, clock=lambda: datetime.now(UTC)
    )


async def gone(asterisk: FunctionsOfAsterisk) -> None:
    """Wait until no channel is left."""

    async def nothing_left() -> bool:
        return not asterisk.channels

    await until(nothing_left, within=5, awaited="no channel", seen=lambda: str(asterisk.channels))


# --- places ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("knows_eval", [True, False])
@pytest.mark.parametrize("waiting", [0, 1, 3, 4, 5, 9, 200])
@pytest.mark.parametrize("expected", [range(1, 1), range(1, 2), range(4, 6), range(200, 203)])
async def test_those_expected_and_the_last_are_found_at_their_places(
    asterisk: FunctionsOfAsterisk, client: Client, waiting: int, expected: range, knows_eval: bool
) -> None:
    asterisk.knows_eval = knows_eval
    names = asterisk.support.waiting = [f"PJSIP/trunk-{number:08x}" for number in range(1, waiting + 1)]
    read = await reader(client, alive=["1.1"], expected=expected).queue("support", complete=False, members=False)
    reading = read.reading
    assert reading.waiting == waiting
    assert all(names[place - 1] == name for place, name in reading.places.items())
    assert waiting == 0 or waiting in reading.places
    assert set(expected) & set(range(1, waiting + 1)) <= set(reading.places)
    assert reading.agents is None
    assert asterisk.errors == []


@pytest.mark.parametrize("knows_eval", [True, False])
async def test_a_complete_reading_has_every_place(
    asterisk: FunctionsOfAsterisk, client: Client, knows_eval: bool
) -> None:
    asterisk.knows_eval = knows_eval
    names = asterisk.support.waiting = [f"PJSIP/trunk-{number:08x}" for number in range(1, 151)]
    read = await reader(client, alive=["1.1"]).queue("support", complete=True, members=False)
    assert read.reading.complete
    assert read.reading.places == dict(enumerate(names, 1))
    assert len(asterisk.asked) < 10 or not knows_eval


async def test_a_caller_who_joined_as_expected_costs_one_question(
    asterisk: FunctionsOfAsterisk, client: Client
) -> None:
    asterisk.support.waiting = ["PJSIP/trunk-00000001", "PJSIP/trunk-00000002"]
    asterisk.support.members = {"PJSIP/agent1": ("NOT_INUSE", False)}
    await reader(client, alive=["1.1"], expected=range(2, 3)).queue("support", complete=False, members=True)
    assert len(asterisk.asked) == 1


async def test_channels_that_are_gone_are_passed_over(asterisk: FunctionsOfAsterisk, client: Client) -> None:
    asterisk.support.waiting = ["PJSIP/trunk-00000001"]
    asterisk.channels = ["7.7"]
    asking = reader(client, alive=["1.1", "2.2", "3.3", "4.4"], expected=range(1, 2))
    read = await asking.queue("support", complete=False, members=False)
    assert read.reading.places == {1: "PJSIP/trunk-00000001"}


async def test_the_channel_that_was_named_is_asked_first(asterisk: FunctionsOfAsterisk, client: Client) -> None:
    asterisk.channels = ["7.7"]
    await reader(client, alive=[]).queue("support", complete=False, members=True, through="7.7")
    assert asterisk.requests == 1


# --- who is on duty --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("knows_eval", [True, False])
async def test_members_are_listed_only_when_the_numbers_do_not_say_it(
    asterisk: FunctionsOfAsterisk, client: Client, knows_eval: bool
) -> None:
    asterisk.knows_eval = knows_eval
    asterisk.support.members = {"PJSIP/agent1": ("NOT_INUSE", False), "PJSIP/agent2": ("UNAVAILABLE", True)}
    read = await reader(client, alive=["1.1"]).queue("support", complete=False, members=True)
    assert read.reading.agents == Agents(ready=1, logged=1, count=2)
    assert not any("LIST" in asked for asked in asterisk.asked)


async def test_pause_flags_are_asked_for_when_they_matter_and_states_only_when_they_leave_it_open(
    asterisk: FunctionsOfAsterisk, client: Client
) -> None:
    asterisk.support.members = {"PJSIP/agent1": ("INUSE", False), "Local/100@agents": ("NOT_INUSE", True)}
    read = await reader(client, alive=["1.1"]).queue("support", complete=False, members=True)
    assert read.reading.agents == Agents(
        ready=0, logged=2, count=2, members=(Member("PJSIP/agent1", False), Member("Local/100@agents", True))
    )
    assert duty_of("support", agents_of(read.reading)).on_duty == 1
    assert not any("STATE" in asked for asked in asterisk.asked)
    assert asterisk.errors == []


@pytest.mark.parametrize(
    ("agent1", "paused", "on_duty"),
    [("INUSE", "UNAVAILABLE", 1), ("UNAVAILABLE", "NOT_INUSE", 0)],
)
async def test_devices_are_asked_for_their_state_when_nothing_else_says_it(
    asterisk: FunctionsOfAsterisk, client: Client, agent1: str, paused: str, on_duty: int
) -> None:
    asterisk.support.members = {"PJSIP/agent1": (agent1, False), "PJSIP/agent2": (paused, True)}
    asterisk.devices = {"PJSIP/agent1": agent1, "PJSIP/agent2": paused}
    read = await reader(client, alive=["1.1"]).queue("support", complete=False, members=True)
    assert duty_of("support", agents_of(read.reading)).on_duty == on_duty
    assert not any("DEVICE_STATE(PJSIP/agent2)" in asked for asked in asterisk.asked)


@pytest.mark.parametrize("context", ["ext-local", "from-queue"])
@pytest.mark.parametrize(("knows_hints", "on_duty"), [(True, 0), (False, 1)])
async def test_a_hint_tells_more_of_a_member_behind_a_local_channel(
    asterisk: FunctionsOfAsterisk, client: Client, context: str, knows_hints: bool, on_duty: int
) -> None:
    asterisk.knows_hints = knows_hints
    asterisk.support.members = {
        "Local/201@from-queue/n": ("UNAVAILABLE", False), "Local/202@from-queue/n": ("INUSE", True),
    }  # fmt: skip
    asterisk.devices = dict.fromkeys(asterisk.support.members, "NOT_INUSE")
    asterisk.hints = {f"201@{context}": "UNAVAILABLE", f"202@{context}": "INUSE"}
    asking = reader(client, alive=["1.1"])
    for _ in range(3):
        read = await asking.queue("support", complete=False, members=True)
        assert duty_of("support", agents_of(read.reading)).on_duty == on_duty
    # Where Asterisk does not know the function it logs that once, not at every reading.
    assert len(asterisk.errors) == (0 if knows_hints else 1)


STRANGE = ["PJSIP/${SHELL(x)}", 'PJSIP/"x"', "Local/1(2)@x", "Local/[1]@x", "Local/1\\2@x", "Local/1\x1f2@x"]
USABLE = ["Local/0401112299#@from-queue/n", "Local/*45@from-queue/n", "SIP/a|b", "PJSIP/agent one", "Local/Ä+1:2@q/n"]


async def test_a_member_whose_name_cannot_stand_in_an_expression_is_counted_and_not_asked_about(
    asterisk: FunctionsOfAsterisk, client: Client
) -> None:
    asterisk.support.members = {
        **dict.fromkeys(USABLE, ("NOT_INUSE", True)),
        **dict.fromkeys(STRANGE, ("INUSE", False)),
        "PJSIP/agent1": ("INUSE", False),
    }
    asterisk.devices = {"PJSIP/agent1": "INUSE"}
    read = await reader(client, alive=["1.1"]).queue("support", complete=False, members=True)
    agents = read.reading.agents
    assert agents is not None
    assert {one.interface: one.paused for one in agents.members or ()} == {
        **dict.fromkeys(USABLE, True), **dict.fromkeys(STRANGE), "PJSIP/agent1": False,
    }  # fmt: skip
    assert duty_of("support", agents).on_duty == len(STRANGE) + 1
    assert not any("SHELL" in asked for asked in asterisk.asked)
    assert asterisk.errors == []


async def test_the_end_of_a_list_that_app_queue_cut_is_not_asked_about(
    asterisk: FunctionsOfAsterisk, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"Local/{number:030d}@from-queue/n" for number in range(100)]
    whole = ",".join(names)[:4090].split(",")
    asterisk.support.members = dict.fromkeys((*whole[:-1], "Local/1@x"), ("INUSE", False))
    asterisk.support.members["Local/1@x"] = ("NOT_INUSE", False)
    monkeypatch.setattr(asterisk, "_of_queue", _cut(asterisk, ",".join(whole)))
    read = await reader(client, alive=["1.1"]).queue("support", complete=False, members=True)
    assert len(agents_of(read.reading).members or ()) == len(whole) - 1
    assert asterisk.errors == []


def _cut(asterisk: FunctionsOfAsterisk, listed: str) -> Callable[[Queue, str, str, str], str]:
    whole = asterisk._of_queue

    def of_queue(queue: Queue, name: str, rest: str, function: str) -> str:
        return listed if name == "QUEUE_MEMBER_LIST" else whole(queue, name, rest, function)

    return of_queue


def agents_of(reading: QueueReading) -> Agents:
    """The agents that were read."""
    assert reading.agents is not None
    return reading.agents


# --- many queues -----------------------------------------------------------------------------------------------------


def sixty(states: Mapping[int, tuple[str, bool]]) -> dict[str, Queue]:
    """Sixty queues with ten members each; some of them in these states, the others ready."""
    return {
        f"queue{queue}": Queue(
            members={f"PJSIP/agent{queue * 10 + agent}": states.get(agent, ("NOT_INUSE", False)) for agent in range(10)}
        )
        for queue in range(60)
    }


@pytest.mark.parametrize(
    ("states", "on_duty", "most"),
    [({}, 10, 6), ({0: ("INUSE", False)}, 10, 30), ({0: ("INUSE", False), 1: ("NOT_INUSE", True)}, 9, 30)],
)
async def test_sixty_queues_are_read_in_a_few_requests(
    asterisk: FunctionsOfAsterisk, client: Client, states: dict[int, tuple[str, bool]], on_duty: int, most: int
) -> None:
    asterisk.queues = sixty(states)
    asking = reader(client, alive=["1.1"])
    await asking.queues(tuple(asterisk.queues))
    asterisk.requests = 0
    read = await asking.queues(tuple(asterisk.queues))
    assert [duty_of(one.queue, agents_of(one)).on_duty for one in read.readings] == [on_duty] * 60
    assert asterisk.requests <= most


async def test_callers_of_sixty_queues_are_counted_in_a_few_requests(
    asterisk: FunctionsOfAsterisk, client: Client
) -> None:
    asterisk.queues = sixty({})
    asterisk.queues["queue7"].waiting = ["PJSIP/trunk-00000001"]
    asking = reader(client, alive=["1.1"])
    await asking.queues((), tuple(asterisk.queues))
    asterisk.requests = 0
    read = await asking.queues((), tuple(asterisk.queues))
    assert [one.queue for one in read.readings if one.waiting] == ["queue7"]
    assert all(one.agents is None for one in read.readings)
    assert asterisk.requests <= 3


async def test_of_several_queues_those_expected_are_found_at_their_places(
    asterisk: FunctionsOfAsterisk, client: Client
) -> None:
    names = asterisk.support.waiting = [f"PJSIP/trunk-{number:08x}" for number in range(1, 6)]
    read = await reader(client, alive=["1.1"], expected=range(5, 6)).queues(("support",))
    (reading,) = read.readings
    assert (reading.waiting, reading.places[5], reading.complete) == (5, names[4], False)


async def test_queues_that_asterisk_does_not_have_are_asked_about_without_a_line_in_its_log(
    asterisk: FunctionsOfAsterisk, client: Client
) -> None:
    asking = reader(client, alive=["1.1"])
    for _ in range(3):
        read = await asking.queues(("nosuch", "support"), ("neither",))
        assert [(one.queue, one.waiting) for one in read.readings] == [("nosuch", 0), ("support", 0), ("neither", 0)]
        assert read.readings[0].agents == Agents(ready=0, logged=0, count=0)
        assert read.readings[2].agents is None
    assert asterisk.errors == []
    asterisk.queues["nosuch"] = Queue(waiting=["PJSIP/trunk-00000001"])
    read = await asking.queues(("nosuch", "support"))
    assert read.readings[0].waiting == 1
    # One that is taken away is noticed at the next reading.
    del asterisk.queues["support"]
    await asking.queues(("nosuch", "support"))
    asterisk.errors.clear()
    await asking.queues(("nosuch", "support"))
    assert asterisk.errors == []


# --- a channel of our own --------------------------------------------------------------------------------------------


async def test_with_no_channel_alive_one_is_made_kept_for_the_next_question_and_ended(
    asterisk: FunctionsOfAsterisk, client: Client
) -> None:
    asterisk.channels = []
    asterisk.support.members = {"PJSIP/agent1": ("NOT_INUSE", False)}
    asking = reader(client, alive=["1.1"])
    for _ in range(5):
        read = await asking.queues(("support",), lingers=0.2)
        assert read.readings[0].agents == Agents(ready=1, logged=1, count=1)
    assert asterisk.made == [PROBE_1]
    # Asterisk ends it when we cannot.
    assert asterisk.limits == {PROBE_1: "120"}
    await gone(asterisk)


async def test_a_channel_of_our_own_that_is_gone_is_made_anew(asterisk: FunctionsOfAsterisk, client: Client) -> None:
    asterisk.channels = []
    asking = reader(client, alive=[])
    await asking.queues(("support",))
    asterisk.channels.clear()
    await asking.queues(("support",))
    assert asterisk.made == [PROBE_1, PROBE_2]
    await asking.close()
    assert asterisk.channels == []


async def test_no_channel_is_made_only_to_count(asterisk: FunctionsOfAsterisk, client: Client) -> None:
    asterisk.channels = []
    with pytest.raises(NothingToAskThrough):
        await reader(client, alive=[]).queues((), ("support",))
    assert asterisk.made == []


async def test_a_channel_that_an_earlier_life_left_is_taken_over_and_any_other_ended(
    asterisk: FunctionsOfAsterisk, client: Client
) -> None:
    others = ["callcentre-probe.other.1", "callcentre-probe.callcentre.1.1"]
    asterisk.channels = [PROBE_1, PROBE_2, *others]
    asking = reader(client, alive=[])
    synchronised, _ = await asking.everything(("support",), needed=("support",))
    assert synchronised.channels == ()
    assert len(asterisk.channels) == 3
    assert set(others) < set(asterisk.channels)
    await asking.close()
    assert asterisk.channels == others
    assert asterisk.made == []


async def test_where_the_name_is_taken_another_is_given(asterisk: FunctionsOfAsterisk, client: Client) -> None:
    asterisk.channels = [PROBE_1]
    probe = Probe(client, "callcentre")
    assert await probe.channel() == PROBE_2
    await probe.end()
    assert asterisk.channels == [PROBE_1]


async def test_those_who_ask_at_the_same_time_with_nobody_on_the_line_make_one_channel(
    asterisk: FunctionsOfAsterisk, client: Client
) -> None:
    asterisk.channels = []
    asking = reader(client, alive=[])
    read = await asyncio.gather(*(asking.queue("support", complete=True, members=True) for _ in range(5)))
    assert [one.reading.waiting for one in read] == [0] * 5
    assert asterisk.made == asterisk.channels == [PROBE_1]
    await asking.close()


async def test_a_channel_that_cannot_be_made_is_made_anew_the_next_time(
    asterisk: FunctionsOfAsterisk, client: Client
) -> None:
    asterisk.channels = []
    asterisk.makes_channels = False
    asking = reader(client, alive=[])
    with pytest.raises(ServerError):
        await asking.queue("support", complete=True, members=True)
    asterisk.makes_channels = True
    assert (await asking.queue("support", complete=True, members=True)).reading.waiting == 0
    await asking.close()
    assert asterisk.channels == []


async def test_who_asks_no_longer_does_not_end_it_for_the_others(asterisk: FunctionsOfAsterisk, client: Client) -> None:
    asterisk.channels = []
    asterisk.answers.clear()
    asking = reader(client, alive=[])
    async with asyncio.timeout(5):
        first, second = (asyncio.create_task(asking.queue("support", complete=True, members=True)) for _ in range(2))

        async def both_ask() -> bool:
            return asterisk.requests == 3  # Each looked for a channel, and one is being made for both.

        await until(both_ask, within=5, awaited="two who wait for one channel")
        first.cancel()
        await asyncio.wait([first])
        asterisk.answers.set()
        assert (await second).reading.waiting == 0
    assert asterisk.made == [PROBE_1]
    await asking.close()
    assert asterisk.channels == []


# --- everything ------------------------------------------------------------------------------------------------------


async def test_a_call_that_we_hold_is_not_asked_and_its_arguments_tell_enough(
    asterisk: FunctionsOfAsterisk, client: Client
) -> None:
    asterisk.channels = []
    asterisk.held = {
        "1.1": "callcentre,enter,support,1795325295,",
        "2.2": "callcentre,exit,support,sales,1795325296",
        "3.3": "callcentre,enter,support,1795325297,5",
        # Printed by an earlier version.
        "4.4": "callcentre,enter,support,1795325298",
    }
    asterisk.support.members = {"PJSIP/agent1": ("NOT_INUSE", False)}
    asking = reader(client, alive=[])
    synchronised, held = await asking.everything(("support",))
    assert synchronised.variables == {
        "1.1": {"CALLCENTRE_SERVICE": "support", "CALLCENTRE_JOINED": "1795325295"},
        "2.2": {"CALLCENTRE_SERVICE": "sales", "CALLCENTRE_JOINED": "1795325296"},
        "3.3": {"CALLCENTRE_SERVICE": "support", "CALLCENTRE_JOINED": "1795325297", "QUEUE_PRIO": "5"},
        "4.4": {"CALLCENTRE_SERVICE": "support", "CALLCENTRE_JOINED": "1795325298"},
    }
    assert [started.arguments[0] for started in held] == ["enter", "exit", "enter", "enter"]
    assert synchronised.readings[0].agents == Agents(ready=1, logged=1, count=1)
    assert asterisk.made == [PROBE_1]
    assert asterisk.errors == []
    await asking.close()


async def test_who_is_in_a_bridge_with_whom_is_read_with_everything(
    asterisk: FunctionsOfAsterisk, client: Client
) -> None:
    asterisk.channels = ["1.1", "2.2", "3.3"]
    asterisk.bridges = {"b": ["1.1", "2.2"], "empty": []}
    synchronised, _ = await reader(client, alive=["1.1"]).everything(("support",))
    assert synchronised.bridges == {"b": ("1.1", "2.2"), "empty": ()}
    assert set(synchronised.talking) == {"1.1", "2.2"}


async def test_the_variables_of_a_call_that_is_known_are_read_wherever_it_is(
    asterisk: FunctionsOfAsterisk, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asterisk.channels = ["1.1", "2.2"]
    asterisk.held = {"3.3": "callcentre,enter,support,1795325295,"}
    asked: list[str] = []

    def value(function: str) -> str:
        asked.append(function)
        return "x"

    monkeypatch.setattr(asterisk, "value", value)
    synchronised, _ = await reader(client, alive=["1.1"]).everything((), {"2.2", "3.3"})
    assert set(synchronised.variables) == {"2.2", "3.3"}
    assert synchronised.variables["2.2"]["ABANDONED"] == "x"
    assert "TRANSFERERNAME" in asked
    assert asterisk.errors == []


async def test_everybody_is_found_at_their_places_in_every_queue(asterisk: FunctionsOfAsterisk, client: Client) -> None:
    asterisk.queues["sales"] = Queue(waiting=["PJSIP/trunk-00000009"])
    names = asterisk.support.waiting = [f"PJSIP/trunk-{number:08x}" for number in range(1, 9)]
    synchronised, _ = await reader(client, alive=["1.1"]).everything(("support", "sales", "nosuch"))
    assert [(one.waiting, dict(one.places), one.complete) for one in synchronised.readings] == [
        (8, dict(enumerate(names, 1)), True), (1, {1: "PJSIP/trunk-00000009"}, True), (0, {}, True),
    ]  # fmt: skip


async def test_with_nobody_on_the_line_nothing_is_asked_but_what_is_needed(
    asterisk: FunctionsOfAsterisk, client: Client
) -> None:
    asterisk.channels = []
    asterisk.queues["sales"] = Queue()
    asking = reader(client, alive=[])
    synchronised, held = await asking.everything(("support", "sales"))
    assert (synchronised.channels, held, asterisk.made) == ((), [], [])
    assert [one.agents for one in synchronised.readings] == [None, None]
    synchronised, _ = await asking.everything(("support", "sales"), needed=("sales",))
    assert [one.agents is None for one in synchronised.readings] == [True, False]
    assert asterisk.made == [PROBE_1]
    await asking.close()


async def test_with_nobody_on_the_line_everything_is_read_also_where_no_channel_can_be_made(
    asterisk: FunctionsOfAsterisk, client: Client
) -> None:
    asterisk.channels = []
    asterisk.makes_channels = False
    synchronised, held = await reader(client, alive=[]).everything(("support",), needed=("support",))
    assert (synchronised.channels, held) == ((), [])
    assert synchronised.readings[0].agents is None
    asterisk.held = {"1.1": "callcentre,enter,support,1795325295"}
    with pytest.raises(AriError):
        await reader(client, alive=[]).everything(("support",))


@pytest.mark.parametrize("hours", [-1, 1])
async def test_when_a_caller_joined_is_told_on_our_clock_whatever_asterisks_is(
    asterisk: FunctionsOfAsterisk, client: Client, hours: int
) -> None:
    asterisk.ahead = timedelta(hours=hours)
    joined = int((datetime.now(UTC) - timedelta(seconds=40)).timestamp())
    theirs = joined + hours * 3600
    asterisk.channels = []
    asterisk.held = {"1.1": f"callcentre,enter,support,{theirs},"}
    synchronised, _ = await reader(client, alive=[]).everything(("support",))
    assert abs(int(synchronised.variables["1.1"]["CALLCENTRE_JOINED"]) - joined) <= 1


async def test_nobody_joined_later_than_now(asterisk: FunctionsOfAsterisk, client: Client) -> None:
    asterisk.channels = []
    asterisk.held = {"1.1": f"callcentre,enter,support,{int(datetime.now(UTC).timestamp()) + 3600},"}
    synchronised, _ = await reader(client, alive=[]).everything(("support",))
    assert int(synchronised.variables["1.1"]["CALLCENTRE_JOINED"]) <= synchronised.asked.timestamp()
