"""Reading queues through an ARI that knows dialplan functions, with EVAL and without it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from aiohttp import web

from callcentre.ari import Client, ServerError
from callcentre.ari.model import AriError
from callcentre.ari.reading import Reader
from callcentre.domain.events import PROBE, Member
from tests.testbed.waiting import until


class FunctionsOfAsterisk:
    """Answers variable questions on live channels as Asterisk does; counts them."""

    def __init__(self) -> None:
        self.waiting: list[str] = []
        self.members: dict[str, tuple[str, bool]] = {}
        self.channels: list[str] = ["1.1"]
        self.held: dict[str, str] = {}
        self.knows_eval = True
        self.asked: list[str] = []
        self.errors: list[str] = []
        self.made: list[str] = []
        self.makes_channels = True
        self.answers = asyncio.Event()
        self.answers.set()
        self.url = ""

    def value(self, function: str) -> str:
        """What a function says; what app_queue would log as an error is kept."""
        match re.split(r"[(),]", function):
            case ["QUEUE_WAITING_COUNT", "support", ""]:
                return str(len(self.waiting))
            case ["QUEUE_GET_CHANNEL", "support", place, ""]:
                if int(place) < 1:
                    self.errors.append(function)
                return self.waiting[int(place) - 1] if 1 <= int(place) <= len(self.waiting) else ""
            case ["QUEUE_MEMBER_LIST", "support", ""]:
                return ",".join(self.members)
            case ["DEVICE_STATE", interface, ""]:
                return self.members[interface][0]
            case ["QUEUE_MEMBER", "support", "paused", interface, ""]:
                if interface not in self.members:
                    self.errors.append(function)
                return str(int(self.members[interface][1]))
            case _:
                return ""

    async def variable(self, request: web.Request) -> web.Response:
        """GET /channels/{id}/variable."""
        asked = request.query["variable"]
        self.asked.append(asked)
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
        told = [{"id": channel} for channel in self.channels]
        for channel, data in self.held.items():
            told.append({"id": channel, "dialplan": {"app_name": "Stasis", "app_data": data}})
        return web.json_response(told)

    async def create(self, request: web.Request) -> web.Response:
        """POST /channels/create."""
        await self.answers.wait()
        if not self.makes_channels:
            return web.json_response({"error": "Allocation failed"}, status=500)
        self.made.append(request.query["channelId"])
        self.channels.append(request.query["channelId"])
        return web.json_response({"id": request.query["channelId"]})

    async def hang_up(self, request: web.Request) -> web.Response:
        """DELETE /channels/{id}."""
        self.channels.remove(request.match_info["id"])
        return web.Response(status=204)

    async def list_bridges(self, _request: web.Request) -> web.Response:
        """GET /bridges."""
        return web.json_response([])


@pytest.fixture
async def asterisk() -> AsyncIterator[FunctionsOfAsterisk]:
    known = FunctionsOfAsterisk()
    application = web.Application()
    application.router.add_get("/ari/channels/{id}/variable", known.variable)
    application.router.add_get("/ari/channels", known.list_channels)
    application.router.add_post("/ari/channels/create", known.create)
    application.router.add_delete("/ari/channels/{id}", known.hang_up)
    application.router.add_get("/ari/bridges", known.list_bridges)
    runner = web.AppRunner(application, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    known.url = f"http://127.0.0.1:{runner.addresses[0][1]}/ari"
    yield known
    await runner.cleanup()


def reader(client: Client, *, alive: list[str], expected: range) -> Reader:
    return Reader(
        client, "callcentre", alive=lambda: alive, expected=lambda _queue: expected, clock=lambda: datetime.now(UTC)
    )


@pytest.mark.parametrize("knows_eval", [True, False])
@pytest.mark.parametrize("waiting", [0, 1, 3, 4, 5, 9, 200])
@pytest.mark.parametrize("expected", [range(1, 1), range(1, 2), range(4, 6), range(200, 203)])
async def test_those_expected_and_the_last_are_found_at_their_places(asterisk, waiting, expected, knows_eval):
    asterisk.knows_eval = knows_eval
    asterisk.waiting = [f"PJSIP/trunk-{number:08x}" for number in range(1, waiting + 1)]
    async with Client(asterisk.url, "u", "p") as client:
        read = await reader(client, alive=["1.1"], expected=expected).queue("support", complete=False, members=False)
    reading = read.reading
    assert reading.waiting == waiting
    assert all(asterisk.waiting[place - 1] == name for place, name in reading.places.items())
    assert waiting == 0 or waiting in reading.places
    assert set(expected) & set(range(1, waiting + 1)) <= set(reading.places)
    assert reading.members is None
    assert asterisk.errors == []


@pytest.mark.parametrize("knows_eval", [True, False])
async def test_a_complete_reading_has_every_place(asterisk, knows_eval):
    asterisk.knows_eval = knows_eval
    asterisk.waiting = [f"PJSIP/trunk-{number:08x}" for number in range(1, 151)]
    async with Client(asterisk.url, "u", "p") as client:
        read = await reader(client, alive=["1.1"], expected=range(1, 1)).queue("support", complete=True, members=False)
    assert read.reading.complete
    assert read.reading.places == dict(enumerate(asterisk.waiting, 1))
    assert len(asterisk.asked) < 10 or not knows_eval


async def test_a_caller_who_joined_as_expected_costs_one_question(asterisk):
    asterisk.waiting = ["PJSIP/trunk-00000001", "PJSIP/trunk-00000002"]
    async with Client(asterisk.url, "u", "p") as client:
        await reader(client, alive=["1.1"], expected=range(2, 3)).queue("support", complete=False, members=False)
    assert len(asterisk.asked) == 1


async def test_members_are_told_with_pause_and_state_and_strange_ones_are_not_asked_about(asterisk):
    asterisk.members = {
        "PJSIP/agent1": ("NOT_INUSE", False),
        "Local/100@agents": ("UNAVAILABLE", True),
        "PJSIP/${SHELL(x)}": ("NOT_INUSE", False),
    }
    async with Client(asterisk.url, "u", "p") as client:
        read = await reader(client, alive=["1.1"], expected=range(1, 1)).queue("support", complete=False, members=True)
    assert read.reading.members == (
        Member("PJSIP/agent1", paused=False, state="NOT_INUSE"),
        Member("Local/100@agents", paused=True, state="UNAVAILABLE"),
    )
    assert not any("SHELL" in asked for asked in asterisk.asked)
    assert asterisk.errors == []


async def test_channels_that_are_gone_are_passed_over(asterisk):
    asterisk.waiting = ["PJSIP/trunk-00000001"]
    asterisk.channels = ["7.7"]
    async with Client(asterisk.url, "u", "p") as client:
        read = await reader(client, alive=["1.1", "2.2", "3.3", "4.4"], expected=range(1, 2)).queue(
            "support", complete=False, members=False
        )
    assert read.reading.places == {1: "PJSIP/trunk-00000001"}


async def test_with_no_channel_alive_one_is_made_to_ask_through_and_ended(asterisk):
    asterisk.channels = []
    asterisk.members = {"PJSIP/agent1": ("NOT_INUSE", False)}
    async with Client(asterisk.url, "u", "p") as client:
        read = await reader(client, alive=["1.1"], expected=range(1, 2)).queue("support", complete=False, members=True)
    assert read.reading.members == (Member("PJSIP/agent1", paused=False, state="NOT_INUSE"),)
    assert asterisk.made == [f"{PROBE}-1"]
    assert asterisk.channels == []


async def test_a_call_that_we_hold_is_not_asked_and_its_arguments_tell_enough(asterisk):
    asterisk.channels = []
    asterisk.held = {
        "1.1": "callcentre,enter,support,1795325295,",
        "2.2": "callcentre,exit,support,sales,1795325296",
        "3.3": "callcentre,enter,support,1795325297,5",
        # Printed by an earlier version.
        "4.4": "callcentre,enter,support,1795325298",
    }
    asterisk.members = {"PJSIP/agent1": ("NOT_INUSE", False)}
    async with Client(asterisk.url, "u", "p") as client:
        synchronised, held = await reader(client, alive=[], expected=range(1, 1)).everything(("support",))
    assert synchronised.variables == {
        "1.1": {"CALLCENTRE_SERVICE": "support", "CALLCENTRE_JOINED": "1795325295"},
        "2.2": {"CALLCENTRE_SERVICE": "sales", "CALLCENTRE_JOINED": "1795325296"},
        "3.3": {"CALLCENTRE_SERVICE": "support", "CALLCENTRE_JOINED": "1795325297", "QUEUE_PRIO": "5"},
        "4.4": {"CALLCENTRE_SERVICE": "support", "CALLCENTRE_JOINED": "1795325298"},
    }
    assert [started.arguments[0] for started in held] == ["enter", "exit", "enter", "enter"]
    assert synchronised.readings[0].members == (Member("PJSIP/agent1", paused=False, state="NOT_INUSE"),)
    assert asterisk.made == [f"{PROBE}-1"]
    assert asterisk.errors == []


async def test_with_nobody_on_the_line_everything_is_read_also_where_no_channel_can_be_made(asterisk):
    asterisk.channels = []
    asterisk.makes_channels = False
    async with Client(asterisk.url, "u", "p") as client:
        synchronised, held = await reader(client, alive=[], expected=range(1, 1)).everything(("support",))
        assert (synchronised.channels, held) == ((), [])
        assert synchronised.readings[0].members is None
        asterisk.held = {"1.1": "callcentre,enter,support,1795325295"}
        with pytest.raises(AriError):
            await reader(client, alive=[], expected=range(1, 1)).everything(("support",))


async def test_when_everything_is_read_the_agents_are_too_with_nobody_on_the_line(asterisk):
    asterisk.channels = []
    asterisk.members = {"PJSIP/agent1": ("NOT_INUSE", False)}
    async with Client(asterisk.url, "u", "p") as client:
        synchronised, held = await reader(client, alive=[], expected=range(1, 1)).everything(("support",))
    assert (synchronised.channels, held, asterisk.channels) == ((), [], [])
    assert synchronised.readings[0].members == (Member("PJSIP/agent1", paused=False, state="NOT_INUSE"),)


async def test_those_who_ask_at_the_same_time_with_nobody_on_the_line_make_one_channel(asterisk):
    asterisk.channels = []
    async with Client(asterisk.url, "u", "p") as client:
        asking = reader(client, alive=[], expected=range(1, 1))
        queues = [asking.queue("support", complete=True, members=True) for _ in range(5)]
        read = await asyncio.gather(*queues)
        assert [one.reading.waiting for one in read] == [0] * 5
        assert (len(asterisk.made), asterisk.channels) == (1, [])
        await asking.queue("support", complete=True, members=True)
    assert (len(set(asterisk.made)), asterisk.channels) == (2, [])


async def test_a_channel_that_cannot_be_made_is_made_anew_the_next_time(asterisk):
    asterisk.channels = []
    asterisk.makes_channels = False
    async with Client(asterisk.url, "u", "p") as client:
        asking = reader(client, alive=[], expected=range(1, 1))
        with pytest.raises(ServerError):
            await asking.queue("support", complete=True, members=True)
        asterisk.makes_channels = True
        assert (await asking.queue("support", complete=True, members=True)).reading.waiting == 0
    assert asterisk.channels == []


async def test_who_asks_no_longer_does_not_end_it_for_the_others(asterisk):
    asterisk.channels = []
    asterisk.answers.clear()
    async with Client(asterisk.url, "u", "p") as client, asyncio.timeout(5):
        asking = reader(client, alive=[], expected=range(1, 1))
        first, second = (asyncio.create_task(asking.queue("support", complete=True, members=True)) for _ in range(2))

        async def both_ask() -> bool:
            return asking._probed == 2

        await until(both_ask, within=5, awaited="two who wait for one channel")
        first.cancel()
        await asyncio.wait([first])
        asterisk.answers.set()
        assert (await second).reading.waiting == 0
    assert asterisk.channels == []
