"""A connection that is made again and again, with nothing lost and nothing out of order."""

import asyncio
import json
import time

import pytest

from callcentre.telephony.ari import Connection, ConnectionState, Phase
from tests.integration.telephony.ari.owner import FILTER, SUBSCRIBE, Owner, send
from tests.integration.telephony.ari.server import PATIENCE, Answer, MisbehavingAri


async def test_each_connection_subscribes_filters_synchronises_and_then_goes_live(
    ari: MisbehavingAri, owner: Owner
) -> None:
    owner.connect(event_filter=["StasisStart"])
    for connections in (1, 2):
        socket = await ari.socket()
        states = [await asyncio.wait_for(owner.states.get(), PATIENCE) for _ in range(3)]
        assert [state.phase for state in states] == [Phase.CONNECTING, Phase.SYNCHRONISING, Phase.LIVE]
        assert [f"{seen.method} {seen.target}" for seen in ari.seen[-3:]] == [
            "GET /events?app=callcentre",
            f"{SUBSCRIBE}?eventSource=channel%3A%2Cbridge%3A%2Cendpoint%3A",
            FILTER,
        ]
        assert json.loads(ari.seen[-1].body) == {"allowed": [{"type": "StasisStart"}, {"type": "ApplicationReplaced"}]}
        assert owner.synchronised == connections
        await send(socket, connections)
        await owner.until_received(connections)
        await socket.close()
        assert "closed the connection" in (await owner.until(Phase.LOST)).reason
    assert owner.events == [1, 2]


async def test_without_a_filter_of_ours_one_left_over_is_lifted(ari: MisbehavingAri, owner: Owner) -> None:
    owner.connect()
    await owner.until(Phase.LIVE)
    assert [json.loads(seen.body) for seen in ari.asked(FILTER)] == [{"allowed": []}]


async def test_events_during_synchronising_come_after_it_and_in_order(ari: MisbehavingAri, owner: Owner) -> None:
    done = asyncio.Event()
    owner.synchronising = done.wait
    owner.on_receive = lambda number: before_release.append(number) if not done.is_set() else None
    before_release: list[str] = []
    owner.connect()
    socket = await ari.socket()
    await owner.until(Phase.SYNCHRONISING)
    await send(socket, *range(2000))
    # A reply on the same loop after the events: they have been read, or at least are under way.
    await owner.client.channels.list()
    done.set()
    await send(socket, *range(2000, 4000))
    assert await owner.until_received(4000) == list(range(4000))
    assert before_release == []


async def test_others_get_their_turn_while_a_long_buffer_is_handed_over(ari: MisbehavingAri, owner: Owner) -> None:
    done = asyncio.Event()
    turns: list[int] = []

    def ask_for_a_turn(number: int) -> None:
        if number == 0:
            asyncio.get_running_loop().call_soon(lambda: turns.append(len(owner.frames)))

    owner.synchronising = done.wait
    owner.on_receive = ask_for_a_turn
    owner.connect()
    socket = await ari.socket()
    await owner.until(Phase.SYNCHRONISING)
    await send(socket, *range(5000))
    await owner.client.channels.list()
    done.set()
    assert await owner.until_received(5000) == list(range(5000))
    assert turns[0] < 1000


async def test_what_was_buffered_from_a_lost_connection_is_not_handed_over_later(
    ari: MisbehavingAri, owner: Owner
) -> None:
    owner.synchronising = asyncio.Event().wait
    owner.connect()
    socket = await ari.socket()
    await owner.until(Phase.SYNCHRONISING)
    await send(socket, "stale")
    await socket.close()
    await owner.until(Phase.LOST)
    owner.synchronising = None
    socket = await ari.socket()
    await owner.until(Phase.LIVE)
    await send(socket, "fresh")
    assert await owner.until_received(1) == ["fresh"]


async def test_it_is_synchronised_again_without_a_new_connection_and_no_event_is_missed(
    ari: MisbehavingAri, owner: Owner
) -> None:
    connection = owner.connect()
    socket = await ari.socket()
    for again in range(1, 4):
        await owner.until(Phase.LIVE)
        done = asyncio.Event()
        owner.synchronising = done.wait
        connection.synchronise_again("a test")
        connection.synchronise_again("once more at the same time")
        await owner.until(Phase.SYNCHRONISING)
        await send(socket, *range(again * 1000, again * 1000 + 500))
        await owner.client.channels.list()
        assert len(owner.frames) == (again - 1) * 1000, "buffered"
        done.set()
        await send(socket, *range(again * 1000 + 500, again * 1000 + 1000))
        await owner.until_received(again * 1000)
        assert owner.synchronised == again + 1
    assert owner.events == list(range(1000, 4000))
    assert [seen.target for seen in ari.seen].count("/events?app=callcentre") == 1


async def test_a_connection_that_cannot_be_synchronised_again_is_made_anew(ari: MisbehavingAri, owner: Owner) -> None:
    connection = owner.connect()
    await ari.socket()
    await owner.until(Phase.LIVE)

    async def fail() -> None:
        owner.synchronising = None
        raise ValueError("a test")

    owner.synchronising = fail
    connection.synchronise_again("a test")
    assert "cannot synchronise: ValueError" in (await owner.until(Phase.LOST)).reason
    await owner.until(Phase.LIVE)


async def test_a_connection_that_is_not_live_is_not_synchronised_again(ari: MisbehavingAri, owner: Owner) -> None:
    done = asyncio.Event()
    owner.synchronising = done.wait
    connection = owner.connect()
    connection.synchronise_again("before it connects")
    await owner.until(Phase.SYNCHRONISING)
    connection.synchronise_again("while it synchronises")
    done.set()
    socket = await ari.socket()
    await owner.until(Phase.LIVE)
    await send(socket, 1)
    await owner.until_received(1)
    assert owner.synchronised == 1


@pytest.mark.fault("Asterisk: flood of events")
async def test_a_flood_loses_nothing_and_operations_are_answered_meanwhile(ari: MisbehavingAri, owner: Owner) -> None:
    owner.connect()
    socket = await ari.socket()
    await owner.until(Phase.LIVE)
    answered_at: list[int] = []

    async def ask() -> None:
        await owner.client.channels.list()
        answered_at.append(len(owner.frames))

    asking = asyncio.create_task(ask())
    sent = 0
    while sent < 50_000 or not answered_at:
        await send(socket, *range(sent, sent + 100))
        sent += 100
    await asking
    assert await owner.until_received(sent) == list(range(sent))
    assert answered_at[0] < 50_000


async def test_a_connection_broken_in_the_middle_is_made_again_and_synchronised(
    ari: MisbehavingAri, owner: Owner
) -> None:
    owner.connect()
    first = await ari.socket()
    await owner.until(Phase.LIVE)
    await send(first, 1)
    await owner.until_received(1)
    ari.break_connections()
    await owner.until(Phase.LOST)
    second = await ari.socket()
    await owner.until(Phase.LIVE)
    await send(second, 2)
    assert await owner.until_received(2) == [1, 2]
    assert owner.synchronised == 2


async def test_events_of_no_interest_are_left_out_while_synchronising_and_later(
    ari: MisbehavingAri, owner: Owner
) -> None:
    done = asyncio.Event()
    owner.synchronising = done.wait
    owner.connect(ignores=lambda data, begin, end: b'"n": 2' in data[begin:end])
    socket = await ari.socket()
    await owner.until(Phase.SYNCHRONISING)
    await send(socket, 1, 2, 3)
    await owner.client.channels.list()
    done.set()
    await owner.until(Phase.LIVE)
    await send(socket, 2, 4)
    assert await owner.until_received(3) == [1, 3, 4]


async def test_events_that_nobody_knows_are_handed_on_untouched(ari: MisbehavingAri, owner: Owner) -> None:
    owner.connect()
    socket = await ari.socket()
    await owner.until(Phase.LIVE)
    frames = [
        '{"type":"Hologram","n":"\\u0000 ä 😀","ApplicationReplaced":[null]}',
        '["ApplicationReplaced"]',
        "no JSON",
    ]
    for frame in frames:
        await socket.send_str(frame)
    assert await owner.until_frames(3) == [frame.encode() for frame in frames]


async def test_an_event_of_many_megabytes_arrives_whole(ari: MisbehavingAri, owner: Owner) -> None:
    owner.connect()
    socket = await ari.socket()
    await owner.until(Phase.LIVE)
    await send(socket, "ä" * 8_000_000)
    assert await owner.until_received(1) == ["ä" * 8_000_000]


@pytest.mark.fault("Asterisk: half-open WebSocket")
async def test_a_connection_that_falls_silent_is_noticed(ari: MisbehavingAri, owner: Owner) -> None:
    ari.answers_pings = False
    owner.connect(heartbeat=0.05)
    assert "No PONG" in (await owner.until(Phase.LOST)).reason
    ari.answers_pings = True
    await owner.until(Phase.LIVE)


async def test_a_program_that_is_busy_for_longer_than_a_heartbeat_takes_no_connection_for_dead(
    ari: MisbehavingAri, owner: Owner
) -> None:
    owner.on_receive = lambda _number: time.sleep(0.05)
    owner.connect(heartbeat=0.02)
    socket = await ari.socket()
    await owner.until(Phase.LIVE)
    for count in range(1, 11):
        await send(socket, count)
        await owner.until_received(count)
    assert owner.states.empty()


async def test_a_ping_is_answered_and_a_close_as_well(ari: MisbehavingAri, owner: Owner) -> None:
    ari.answers_pings = False
    owner.connect()
    socket = await ari.socket()
    await owner.until(Phase.LIVE)
    await socket.ping(b"still there?")
    assert await asyncio.wait_for(ari.pongs.get(), PATIENCE) == b"still there?"
    assert await asyncio.wait_for(socket.close(code=1001), PATIENCE)
    assert (await owner.until(Phase.LOST)).reason == "Asterisk closed the connection (code 1001)"
    assert not socket.exception()


async def test_what_breaks_the_protocol_ends_the_connection_and_a_new_one_is_made(
    ari: MisbehavingAri, owner: Owner
) -> None:
    owner.connect()
    socket = await ari.socket()
    await owner.until(Phase.LIVE)
    await socket.send_bytes(b"no text")
    assert (await owner.until(Phase.LOST)).reason == "the connection broke: a frame has the opcode 2"
    assert await asyncio.wait_for(ari.ended.get(), PATIENCE) == 1003
    await owner.until(Phase.LIVE)


@pytest.mark.parametrize(
    ("operation", "reason"),
    [
        (SUBSCRIBE, "cannot subscribe: applications.subscribe: Oops (500)"),
        (FILTER, "cannot subscribe: applications.filter: Oops (500)"),
        ("GET /channels", "cannot synchronise: channels.list: Oops (500)"),
    ],
)
async def test_a_step_that_fails_ends_the_connection_and_is_tried_again(
    ari: MisbehavingAri, owner: Owner, operation: str, reason: str
) -> None:
    async def read_channels() -> None:
        await owner.client.channels.list()

    owner.synchronising = read_channels
    ari.misbehave(operation, *[Answer(500, '{"message": "Oops"}')] * 2)
    owner.connect()
    for _ in range(2):
        assert (await owner.until(Phase.LOST)).reason == reason
        assert await asyncio.wait_for(ari.ended.get(), PATIENCE) is not None
    await owner.until(Phase.LIVE)
    assert len(ari.asked("GET /events")) == 3


async def test_a_mistake_while_synchronising_is_no_end(owner: Owner) -> None:
    async def stumble() -> None:
        owner.synchronising = None
        raise KeyError("channel")

    owner.synchronising = stumble
    owner.connect()
    assert (await owner.until(Phase.LOST)).reason == "cannot synchronise: KeyError: 'channel'"
    await owner.until(Phase.LIVE)


@pytest.mark.fault("Asterisk: flood of events")
async def test_more_events_than_the_buffer_holds_start_over(ari: MisbehavingAri, owner: Owner) -> None:
    never = asyncio.Event()
    owner.synchronising = never.wait
    owner.connect(buffer_limit=10)
    socket = await ari.socket()
    await owner.until(Phase.SYNCHRONISING)
    await send(socket, *range(11))
    assert (await owner.until(Phase.LOST)).reason == "more than 10 events came while synchronising"
    owner.synchronising = None
    socket = await ari.socket()
    await owner.until(Phase.LIVE)
    await send(socket, "after")
    assert await owner.until_received(1) == ["after"]


async def test_after_drop_nothing_more_comes_from_the_old_connection(ari: MisbehavingAri, owner: Owner) -> None:
    def drop_at_three(number: int) -> None:
        if number == 3:
            owner.connection.drop("the owner cannot keep up")

    owner.on_receive = drop_at_three
    owner.connect()
    socket = await ari.socket()
    await owner.until(Phase.LIVE)
    await send(socket, *range(1000))
    assert (await owner.until(Phase.LOST)).reason == "the owner cannot keep up"
    socket = await ari.socket()
    await owner.until(Phase.LIVE)
    await send(socket, "after")
    assert await owner.until_received(5) == [0, 1, 2, 3, "after"]
    assert owner.synchronised == 2


async def test_a_drop_while_the_buffer_is_handed_over_ends_that_at_once(ari: MisbehavingAri, owner: Owner) -> None:
    done = asyncio.Event()
    owner.synchronising = done.wait
    owner.on_receive = lambda _: owner.connection.drop("too much") if owner.synchronised == 1 else None
    owner.connect()
    socket = await ari.socket()
    await owner.until(Phase.SYNCHRONISING)
    await send(socket, *range(100))
    await owner.client.channels.list()
    done.set()
    state = await asyncio.wait_for(owner.states.get(), PATIENCE)
    assert state == ConnectionState(Phase.LOST, "too much")
    await owner.until(Phase.LIVE)
    assert owner.events == [0]


@pytest.mark.parametrize(
    ("phase", "informs"),
    [(Phase.CONNECTING, False), (Phase.SYNCHRONISING, True), (Phase.LIVE, True), (Phase.LOST, False)],
)
def test_what_was_read_is_lost_also_with_a_connection_that_was_never_live(phase: Phase, informs: bool) -> None:
    assert ConnectionState(phase).informs is informs


async def test_drop_while_connecting_and_without_a_connection_does_no_harm(owner: Owner) -> None:
    owner.connect().drop("not even begun")
    await owner.until(Phase.CONNECTING)
    owner.connection.drop("hardly begun")
    assert (await owner.until(Phase.LOST)).reason == "hardly begun"
    await owner.until(Phase.LIVE)


async def test_while_paused_it_stays_away_and_then_synchronises_anew(ari: MisbehavingAri, owner: Owner) -> None:
    connection = owner.connect()
    await ari.socket()
    await owner.until(Phase.LIVE)
    connection.pause("the disk is full")
    assert connection.paused
    assert (await owner.until(Phase.LOST)).reason == "the disk is full"
    await asyncio.wait_for(ari.ended.get(), PATIENCE)
    for _ in range(5):
        await owner.client.channels.list()
    assert len(ari.asked("GET /events")) == 1
    connection.resume()
    assert not connection.paused
    await owner.until(Phase.LIVE)
    assert (len(ari.asked("GET /events")), owner.synchronised) == (2, 2)


async def test_what_the_receiver_raises_ends_the_connection_and_is_not_hidden(
    ari: MisbehavingAri, owner: Owner
) -> None:
    def stumble(_number: str) -> None:
        raise ZeroDivisionError("a receiver's mistake")

    owner.on_receive = stumble
    owner.connect()
    socket = await ari.socket()
    await owner.until(Phase.LIVE)
    await send(socket, 1)
    with pytest.raises(ZeroDivisionError):
        await owner.ended()
    await asyncio.wait_for(ari.ended.get(), PATIENCE)


async def test_what_the_receiver_raises_on_a_buffered_event_is_not_hidden_either(
    ari: MisbehavingAri, owner: Owner
) -> None:
    def stumble(_number: str) -> None:
        raise ZeroDivisionError("a receiver's mistake")

    done = asyncio.Event()
    owner.on_receive = stumble
    owner.synchronising = done.wait
    owner.connect()
    socket = await ari.socket()
    await owner.until(Phase.SYNCHRONISING)
    await send(socket, 1)
    await owner.client.channels.list()
    done.set()
    with pytest.raises(ZeroDivisionError):
        await owner.ended()


async def test_cancelling_closes_the_websocket_in_order(ari: MisbehavingAri, owner: Owner) -> None:
    owner.connect()
    await owner.until(Phase.LIVE)
    assert owner.task is not None
    owner.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await owner.ended()
    assert await asyncio.wait_for(ari.ended.get(), PATIENCE) == 1000


@pytest.mark.parametrize("app", ["", "one,two"])
async def test_a_name_that_ari_reads_as_none_or_several_is_refused(owner: Owner, app: str) -> None:
    with pytest.raises(ValueError, match="without commas"):
        Connection(
            owner.client, app, receive=owner.receive, synchronise=owner.synchronise, state=owner.states.put_nowait
        )
