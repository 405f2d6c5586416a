"""The client against a real Asterisk: its own description of ARI, and what it does when it goes away."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any, get_args, get_origin

import aiohttp
import msgspec
import pytest
import pytest_asyncio

from callcentre.telephony.ari import (
    Client,
    Conflict,
    Connection,
    ConnectionState,
    NotFound,
    Phase,
    Replaced,
    ServerError,
)
from callcentre.telephony.ari.operation import OPERATIONS, Operation
from tests.testbed.asterisk import Asterisk
from tests.testbed.ports import PortBlock

PATIENCE = 20.0
"""Seconds after which an awaited thing counts as missing."""

DIALPLAN = """
[default]
exten => wait,1,Answer()
 same => n,Wait(600)
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def asterisk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Asterisk]:
    ports = PortBlock()
    server = Asterisk(tmp_path_factory.mktemp("asterisk"), ports=ports)
    server.write("extensions.conf", DIALPLAN)
    server.write("queues.conf", "[general]\n[support]\n")
    try:
        await server.start()
        yield server
    finally:
        await server.close()
        ports.close()


@pytest_asyncio.fixture(loop_scope="session")
async def client(asterisk: Asterisk) -> AsyncIterator[Client]:
    async with Client(asterisk.ari_url, "callcentre", "callcentre") as opened:
        yield opened


class Description:
    """What the server says of its own interface: operations by method and path, and models by name."""

    def __init__(self) -> None:
        self.operations: dict[tuple[str, str], dict[str, Any]] = {}
        self.models: dict[str, dict[str, Any]] = {}

    async def read(self, url: str) -> None:
        headers = {"Authorization": aiohttp.encode_basic_auth("callcentre", "callcentre")}
        async with aiohttp.ClientSession(headers=headers) as session:
            resources = await self._get(session, f"{url}/api-docs/resources.json")
            for resource in resources["apis"]:
                described = await self._get(session, url + resource["path"].replace("{format}", "json"))
                self.models |= described.get("models", {})
                for api in described["apis"]:
                    for operation in api["operations"]:
                        self.operations[operation["httpMethod"], api["path"]] = operation

    @staticmethod
    async def _get(session: aiohttp.ClientSession, url: str) -> Any:
        async with session.get(url) as response:
            response.raise_for_status()
            return await response.json()

    def of(self, operation: Operation) -> dict[str, Any]:
        return self.operations[operation.method, operation.path]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def description(asterisk: Asterisk) -> Description:
    read = Description()
    await read.read(asterisk.ari_url)
    return read


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=list(OPERATIONS))
async def test_an_operation_is_what_the_server_says_it_is(description: Description, operation: Operation) -> None:
    described = description.of(operation)
    assert described["nickname"] == operation.nickname
    parameters = {parameter["name"]: parameter for parameter in described.get("parameters", [])}
    for ours in operation.parameters:
        theirs = parameters[ours.api_name]
        assert theirs["paramType"] == ours.place.value
        assert bool(theirs.get("allowMultiple")) == ours.several
        assert set(ours.choices) <= set(theirs.get("allowableValues", {}).get("values", ours.choices))
    required = {parameter.api_name for parameter in operation.parameters if parameter.required}
    assert {name for name, theirs in parameters.items() if theirs.get("required")} <= required


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=list(OPERATIONS))
async def test_an_operation_answers_with_what_the_server_says(description: Description, operation: Operation) -> None:
    promised = description.of(operation)["responseClass"]
    if operation.decoder is None:
        assert promised == "void"
        return
    answer = operation.decoder.type
    if get_origin(answer) is tuple:
        answer = get_args(answer)[0]
        assert promised == f"List[{answer.__name__}]"
    else:
        assert promised == answer.__name__
    check_model(description.models, answer)


def check_model(models: Mapping[str, Any], model: type[msgspec.Struct]) -> None:
    """Hold every field, and those of the objects in it, against the server's model of the same name."""
    properties = models[model.__name__]["properties"]
    for field in msgspec.structs.fields(model):
        assert field.encode_name in properties, f"{model.__name__}.{field.name}"
        if field.required:
            assert properties[field.encode_name]["required"]
        for part in (field.type, *get_args(field.type)):
            if isinstance(part, type) and issubclass(part, msgspec.Struct):
                check_model(models, part)


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=list(OPERATIONS))
async def test_what_is_gone_is_reported_as_the_server_says(description: Description, operation: Operation) -> None:
    reasons = {int(error["code"]): error["reason"] for error in description.of(operation).get("errorResponses", [])}
    for status in operation.gone - {404}:
        assert reasons[status] == "Channel not found"


class Watch:
    """A connection with its states and the types of its events."""

    def __init__(self, client: Client, **options: Any) -> None:
        self.client = client
        self.events: list[dict[str, Any]] = []
        self.happened = asyncio.Event()
        self.state = ConnectionState(Phase.CONNECTING)
        self.reached: list[Phase] = []
        self.channels: set[str] = set()
        self.connection = Connection(
            client, "callcentre", receive=self.receive, synchronise=self.synchronise, state=self.enter, **options
        )

    async def __aenter__(self) -> "Watch":
        self.task = asyncio.create_task(self.connection.run())
        try:
            await self.until(lambda: self.state.phase is Phase.LIVE)
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self.task.cancel()
        await asyncio.wait([self.task])

    def receive(self, frame: bytes) -> None:
        self.events.append(msgspec.json.decode(frame))
        self.happened.set()

    def enter(self, state: ConnectionState) -> None:
        self.state = state
        self.reached.append(state.phase)
        self.happened.set()

    async def synchronise(self) -> None:
        self.channels = {channel.id for channel in await self.client.channels.list()}

    async def until(self, condition: Any) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self.happened.clear()
                await self.happened.wait()

    def has(self, kind: str, channel: str) -> bool:
        return any(event["type"] == kind and event.get("channel", {}).get("id") == channel for event in self.events)


async def originate(client: Client, channel: str) -> None:
    await client.channels.originate_with_id(
        channel, endpoint="Local/wait@default", context="default", extension="wait", priority=1, variables={"N": 5}
    )


async def test_every_channel_is_seen_and_can_be_asked_about(client: Client) -> None:
    async with Watch(client) as watch:
        await originate(client, "seen/1")
        await watch.until(lambda: watch.has("ChannelDialplan", "seen/1"))
        created = (await client.channels.get("seen/1")).creationtime
        assert created is not None
        assert created.tzinfo is not None
        assert (await client.channels.get_channel_var("seen/1", variable="N")).value == "5"
        with pytest.raises(Conflict, match="already exists"):
            await originate(client, "seen/1")
        with pytest.raises(Conflict, match="not in Stasis"):
            await client.channels.play("seen/1", media="sound:a")
        await client.channels.hangup("seen/1")
        await watch.until(lambda: watch.has("ChannelDestroyed", "seen/1"))
        with pytest.raises(NotFound):
            await client.channels.hangup("seen/1")


async def test_awkward_texts_arrive_as_they_are(client: Client) -> None:
    for value in ("Äijälä & Pojat +358 45 100%", 'a,"b"\\(c', "${EXTEN} #?/"):
        await client.asterisk.set_global_var(variable="AWKWARD", value=value)
        assert (await client.asterisk.get_global_var(variable="AWKWARD")).value == value


async def test_several_media_stay_separate_and_awkward_ones_whole(client: Client) -> None:
    media = ['sound:a,"b" (c\\', "sound:ä d"]
    async with Watch(client) as watch:
        await client.channels.originate_with_id("media", endpoint="Local/wait@default", app="callcentre")
        await watch.until(lambda: watch.has("StasisStart", "media"))
        playback = await client.channels.play("media", media=media)
        assert [playback.media_uri, playback.next_media_uri] == media
        await client.channels.hangup("media")


async def test_a_bridge_tells_who_is_gone_and_who_is_not_in_stasis(client: Client) -> None:
    bridge = await client.bridges.create(type="mixing", bridge_id="a bridge/1")
    try:
        with pytest.raises(NotFound, match="Channel not found"):
            await client.bridges.add_channel(bridge.id, channel="nobody")
        async with Watch(client) as watch:
            await originate(client, "outside")
            await watch.until(lambda: watch.has("ChannelDialplan", "outside"))
            with pytest.raises(Conflict, match="not in Stasis"):
                await client.bridges.add_channel(bridge.id, channel="outside")
            await client.channels.hangup("outside")
    finally:
        await client.bridges.destroy(bridge.id)


async def test_an_unknown_technology_is_reported_in_asterisks_words(client: Client) -> None:
    with pytest.raises(ServerError, match="Allocation failed"):
        await client.channels.originate(endpoint="Nothing/1", context="default", extension="wait")


async def test_a_queue_is_a_device(client: Client) -> None:
    assert (await client.device_states.get("Queue:support")).state != ""


async def test_another_program_under_the_same_name_is_noticed_also_behind_a_filter(client: Client) -> None:
    async with Watch(client, event_filter=["StasisStart"]) as first, Watch(client):
        with pytest.raises(Replaced):
            await asyncio.wait_for(asyncio.shield(first.task), PATIENCE)


async def test_a_filter_lasts_through_a_new_connection_and_ends_with_its_setting(client: Client) -> None:
    async with Watch(client, event_filter=["ChannelDestroyed"]) as watch:
        for connections in (1, 2):
            await originate(client, f"filtered/{connections}")
            await client.channels.hangup(f"filtered/{connections}")
            channel = f"filtered/{connections}"
            await watch.until(lambda channel=channel: watch.has("ChannelDestroyed", channel))
            if connections == 1:
                watch.connection.drop("as if lost")
                await watch.until(lambda: watch.reached.count(Phase.LIVE) == 2)
        assert {event["type"] for event in watch.events} == {"ChannelDestroyed"}
    async with Watch(client) as watch:
        await originate(client, "unfiltered")
        await watch.until(lambda: watch.has("ChannelCreated", "unfiltered"))
        await client.channels.hangup("unfiltered")


async def test_a_new_connection_sees_the_channels_that_came_meanwhile_and_all_events_again(client: Client) -> None:
    async with Watch(client) as watch:
        watch.connection.pause("staying away")
        await watch.until(lambda: watch.state.phase is Phase.LOST)
        await originate(client, "meanwhile")
        watch.connection.resume()
        await watch.until(lambda: watch.state.phase is Phase.LIVE)
        assert "meanwhile" in watch.channels
        await client.channels.hangup("meanwhile")
        await watch.until(lambda: watch.has("ChannelDestroyed", "meanwhile"))


async def test_asterisk_goes_on_answering_however_often_a_connection_ends(client: Client) -> None:
    for connections in range(30):
        async with Watch(client):
            assert (await client.applications.get("callcentre")).device_names == ()
            await originate(client, f"passing/{connections}")
            await client.channels.hangup(f"passing/{connections}")
    assert (await client.asterisk.ping()).ping == "pong"


@pytest.mark.fault("Asterisk: killed")
async def test_an_asterisk_killed_and_started_again_is_found_again(asterisk: Asterisk, client: Client) -> None:
    async with Watch(client) as watch:
        await originate(client, "before")
        await watch.until(lambda: watch.has("ChannelCreated", "before"))
        await asterisk.kill()
        await watch.until(lambda: watch.state.phase is Phase.LOST)
        await asterisk.start()
        await watch.until(lambda: watch.state.phase is Phase.LIVE)
        assert watch.channels == set()
        await originate(client, "after")
        await watch.until(lambda: watch.has("ChannelCreated", "after"))
