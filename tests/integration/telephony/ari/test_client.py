"""The client's operations and callbacks against an ARI that misbehaves."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any, Never

import aiohttp
import pytest

import callcentre.telephony.ari
from callcentre.telephony.ari import (
    Client,
    ConnectionState,
    Forbidden,
    InvalidAnswer,
    NotFound,
    Phase,
    ServerError,
    Unreachable,
)
from tests.integration.telephony.ari.server import PATIENCE, Answer, MisbehavingAri


@pytest.fixture
async def ari() -> AsyncIterator[MisbehavingAri]:
    async with MisbehavingAri() as server:
        yield server


@pytest.fixture
async def client(ari: MisbehavingAri) -> AsyncIterator[Client]:
    async with Client(ari.url, "callcentre", "sekret/ä") as opened:
        yield opened


async def test_an_operation_arrives_as_it_was_asked_with_credentials_in_the_header_alone(
    ari: MisbehavingAri, client: Client
) -> None:
    await client.channels.originate_with_id("a/../b?c=1#d", endpoint="PJSIP/1", variables={"N": 5})
    [seen] = ari.seen
    assert seen.target == "/channels/a%2F..%2Fb%3Fc%3D1%23d?endpoint=PJSIP%2F1"
    assert json.loads(seen.body) == {"variables": {"N": "5"}}
    assert seen.authorization == aiohttp.encode_basic_auth("callcentre", "sekret/ä")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(404, '{"message": "Channel not found"}'), NotFound),
        (Answer(401, '{"message": "Authentication required"}'), Forbidden),
        (Answer(500, '{"error": "Allocation failed"}'), ServerError),
        (Answer(200, '{"id": "1", "sta'), InvalidAnswer),
        (Answer(200, None), Unreachable),
    ],
)
async def test_a_failure_is_an_error_and_the_next_operation_works(
    ari: MisbehavingAri, client: Client, answer: Answer, kind: Any
) -> None:
    ari.misbehave("POST /channels/1/play", answer)
    with pytest.raises(kind, match=r"^channels\.play: "):
        await client.channels.play("1", media="sound:a")
    assert (await client.channels.play("1", media="sound:a")).id == "1"


async def test_a_redirection_is_not_followed_with_the_credentials(ari: MisbehavingAri, client: Client) -> None:
    async def elsewhere() -> Never:
        raise aiohttp.web.HTTPFound("/ari/stolen")

    ari.misbehave("GET /channels/1", elsewhere)
    with pytest.raises(callcentre.telephony.ari.AriError, match="302"):
        await client.channels.get("1")
    assert [seen.target for seen in ari.seen] == ["/channels/1"]


async def test_no_answer_within_the_time_limit_is_an_error_that_names_address_and_limit(ari: MisbehavingAri) -> None:
    silence = asyncio.Event()
    ari.misbehave("GET /channels", silence.wait)
    async with Client(ari.url, "callcentre", "callcentre", timeout=0.05) as client:
        with pytest.raises(Unreachable, match=re.escape(f"no answer from {ari.url} within 0.05 s")):
            await asyncio.wait_for(client.channels.list(), PATIENCE)
    silence.set()


async def test_a_refused_connection_is_an_error_that_says_how_to_fix_it(ari: MisbehavingAri, client: Client) -> None:
    await ari.refuse()
    with pytest.raises(Unreachable, match=r"is Asterisk running, .* http\.conf"):
        await client.asterisk.ping()


async def test_a_name_that_no_host_can_have_is_an_error() -> None:
    async with Client(f"http://{'a' * 64}.example/ari", "callcentre", "callcentre") as client:
        with pytest.raises(Unreachable, match="is no name of a host"):
            await client.asterisk.ping()


async def test_a_get_on_a_connection_that_turns_out_closed_is_sent_again_and_a_post_is_not(
    ari: MisbehavingAri, client: Client
) -> None:
    await client.channels.list()
    ari.misbehave("GET /channels", Answer(text=None))
    assert await client.channels.list() == ()
    assert len(ari.asked("GET /channels")) == 3

    ari.misbehave("POST /channels/1/answer", Answer(text=None))
    with pytest.raises(Unreachable):
        await client.channels.answer("1")
    assert len(ari.asked("POST /channels/1/answer")) == 1


async def test_operations_beyond_the_bound_wait_for_a_connection(ari: MisbehavingAri) -> None:
    async with Client(ari.url, "callcentre", "callcentre", connections=3) as client:
        await asyncio.gather(*(client.channels.answer(str(number)) for number in range(30)))
    assert len(ari.seen) == 30
    assert len(ari.peers) == 3


class Running:
    """A client's `run` as a task, live when entered."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.live = asyncio.Event()

    def state(self, state: ConnectionState) -> None:
        if state.phase is Phase.LIVE:
            self.live.set()

    async def __aenter__(self) -> "Running":
        self.task = asyncio.create_task(self.client.run(apps="demo", state=self.state))
        await asyncio.wait_for(self.live.wait(), PATIENCE)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.task.cancel()
        await asyncio.wait([self.task])


def event(kind: str, channel: str = "1") -> str:
    return json.dumps({"type": kind, "channel": {"id": channel}})


async def test_callbacks_get_the_events_of_their_type_whatever_other_callbacks_do(
    ari: MisbehavingAri, client: Client
) -> None:
    got: asyncio.Queue[tuple[str, str]] = asyncio.Queue()

    def failing(_event: dict[str, Any]) -> Never:
        raise RuntimeError("a callback's mistake")

    async def failing_later(_event: dict[str, Any]) -> Never:
        raise RuntimeError("a task's mistake")

    async def slow(_event: dict[str, Any]) -> None:
        await asyncio.Event().wait()

    async def later(happened: dict[str, Any]) -> None:
        await got.put(("later", happened["channel"]["id"]))

    for callback in (failing, failing_later, slow, later):
        client.on_event("StasisStart", callback)
    client.on_event("StasisStart", lambda happened: got.put_nowait(("at once", happened["channel"]["id"])))
    client.on_event("StasisEnd", lambda _: got.put_nowait(("another type", "")))
    async with Running(client):
        socket = await ari.socket()
        for frame in ("not JSON", "[]", "{}", '{"type": 5}', event("Unheard"), event("StasisStart")):
            await socket.send_str(frame)
        assert {await asyncio.wait_for(got.get(), PATIENCE) for _ in range(2)} == {("at once", "1"), ("later", "1")}
    assert got.empty()


async def test_a_callback_that_was_ended_is_called_no_more(ari: MisbehavingAri, client: Client) -> None:
    got: list[str] = []
    last = asyncio.Event()
    end = client.on_event("StasisStart", lambda happened: got.append(happened["channel"]["id"]))
    client.on_event("StasisEnd", lambda _: last.set())

    async with Running(client):
        socket = await ari.socket()
        await socket.send_str(event("StasisStart", "before"))
        await socket.send_str(event("StasisEnd"))
        await asyncio.wait_for(last.wait(), PATIENCE)
        end()
        end()
        last.clear()
        await socket.send_str(event("StasisStart", "after"))
        await socket.send_str(event("StasisEnd"))
        await asyncio.wait_for(last.wait(), PATIENCE)
    assert got == ["before"]


async def test_the_example_in_the_documentation_answers_a_call_and_plays(ari: MisbehavingAri) -> None:
    [example] = re.findall(r"```python\n(.*?)```", callcentre.telephony.ari.__doc__, re.DOTALL)
    program = example.replace("http://127.0.0.1:8088/ari", ari.url).replace("asyncio.run(main())", "")
    names: dict[str, Any] = {}
    exec(program, names)
    played = asyncio.Event()

    async def note() -> None:
        played.set()

    ari.misbehave("POST /channels/1/play", note)
    running = asyncio.create_task(names["main"]())
    try:
        socket = await ari.socket()
        await socket.send_str(event("StasisStart"))
        await asyncio.wait_for(played.wait(), PATIENCE)
    finally:
        running.cancel()
        await asyncio.wait([running])
    assert [seen.target for seen in ari.seen][-2:] == [
        "/channels/1/answer",
        "/channels/1/play?media=sound%3Ahello-world",
    ]
