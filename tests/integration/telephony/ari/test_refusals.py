"""A connection that is refused or taken over: how it backs off, and what it says."""

import asyncio

import pytest

from callcentre.telephony.ari import Backoff, Phase, Replaced
from tests.integration.telephony.ari.owner import SUBSCRIBE, Owner, send
from tests.integration.telephony.ari.server import PATIENCE, Answer, MisbehavingAri


async def test_the_client_backs_off_while_refused_and_is_back_when_asterisk_is(
    ari: MisbehavingAri, owner: Owner
) -> None:
    await ari.refuse()
    enough = asyncio.Event()

    async def sleep(delay: float) -> None:
        owner.delays.append(delay)
        if len(owner.delays) == 8:
            await ari.listen()
            enough.set()

    owner.connect(sleep=sleep)
    lost = await owner.until(Phase.LOST)
    assert "is Asterisk running" in lost.reason
    assert ari.url in lost.reason
    await asyncio.wait_for(enough.wait(), PATIENCE)
    await owner.until(Phase.LIVE)
    assert owner.delays == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0])


@pytest.mark.parametrize(
    ("settled", "delays"), [(0.0, [0.1, 0.1, 0.1]), (float("inf"), [0.1, 0.2, 0.4])], ids=["settled", "brief"]
)
async def test_only_a_connection_that_was_live_for_a_while_starts_the_back_off_over(
    ari: MisbehavingAri, owner: Owner, settled: float, delays: list[float]
) -> None:
    owner.connect(backoff=Backoff(settled=settled))
    for _ in range(3):
        socket = await ari.socket()
        await owner.until(Phase.LIVE)
        await socket.close()
    await ari.socket()
    assert owner.delays == pytest.approx(delays)


@pytest.mark.fault("Asterisk: ARI answers 500")
async def test_the_back_off_grows_also_after_a_connection_that_was_live(ari: MisbehavingAri, owner: Owner) -> None:
    owner.connect(backoff=Backoff(settled=0.0))
    socket = await ari.socket()
    await owner.until(Phase.LIVE)
    ari.misbehave(SUBSCRIBE, *[Answer(500)] * 3)
    await socket.close()
    await owner.until(Phase.LIVE)
    assert owner.delays == pytest.approx([0.1, 0.2, 0.4, 0.8])


async def test_the_back_off_is_a_random_part_of_its_bound(ari: MisbehavingAri, owner: Owner) -> None:
    chances = iter((0.5, 0.0, 1.0))
    ari.misbehave(SUBSCRIBE, *[Answer(500)] * 3)
    owner.connect(chance=lambda: next(chances))
    await owner.until(Phase.LIVE)
    assert owner.delays == pytest.approx([0.05, 0.0, 0.4])


@pytest.mark.fault("Asterisk: ARI answers 401")
async def test_refused_credentials_are_reported_and_tried_again(ari: MisbehavingAri, owner: Owner) -> None:
    ari.handshake_status = 401
    owner.connect()
    lost = await owner.until(Phase.LOST)
    assert "refuses the user name or password" in lost.reason
    assert "ari.conf" in lost.reason
    ari.handshake_status = 101
    await owner.until(Phase.LIVE)


async def test_a_user_who_may_only_read_reads_what_to_write(ari: MisbehavingAri, owner: Owner) -> None:
    ari.misbehave(SUBSCRIBE, Answer(403, '{"message": "Write access denied"}'))
    owner.connect()
    reason = (await owner.until(Phase.LOST)).reason
    assert "cannot subscribe" in reason
    assert "write read_only=no into its section of ari.conf, then `module reload res_ari.so`" in reason


@pytest.mark.parametrize(
    ("status", "word"),
    [(403, "does not permit this machine"), (404, "no ARI at"), (503, "not ready"), (400, "refuses the WebSocket")],
)
async def test_a_refused_websocket_says_why(ari: MisbehavingAri, owner: Owner, status: int, word: str) -> None:
    ari.handshake_status = status
    owner.connect()
    assert word in (await owner.until(Phase.LOST)).reason


@pytest.mark.fault("Asterisk: ApplicationReplaced")
async def test_an_application_name_taken_over_is_fatal(ari: MisbehavingAri, owner: Owner) -> None:
    owner.connect()
    socket = await ari.socket()
    await owner.until(Phase.LIVE)
    await send(socket, 1)
    await send(socket, 2, kind="ApplicationReplaced")
    with pytest.raises(Replaced, match=r"'callcentre'.*\(ari\.app\)"):
        await owner.ended()
    assert owner.events == [1]


@pytest.mark.fault("Asterisk: ApplicationReplaced")
async def test_an_application_name_taken_over_while_synchronising_is_fatal_too(
    ari: MisbehavingAri, owner: Owner
) -> None:
    owner.synchronising = asyncio.Event().wait
    owner.connect()
    socket = await ari.socket()
    await owner.until(Phase.SYNCHRONISING)
    await send(socket, 1, kind="ApplicationReplaced")
    with pytest.raises(Replaced):
        await owner.ended()


async def test_a_text_that_only_says_application_replaced_is_an_event_like_others(
    ari: MisbehavingAri, owner: Owner
) -> None:
    owner.connect()
    socket = await ari.socket()
    await owner.until(Phase.LIVE)
    await send(socket, "ApplicationReplaced", "last")
    assert await owner.until_received(2) == ["ApplicationReplaced", "last"]
