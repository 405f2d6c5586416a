"""SIGKILL of the daemon and of Asterisk with callbacks in every state: no promise is lost, nobody is dialled twice."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.acceptance.conftest import StartDaemon
from tests.cast import LIISA, MATTI
from tests.testbed.ari import Recorder
from tests.testbed.callbacks import (
    SOON,
    in_line,
    offered,
    open_callbacks,
    request_callback,
    rings_and_accepts,
    rules,
    until_in_line,
)
from tests.testbed.pbx import SUPPORT_NUMBER, Pbx
from tests.testbed.phones import PhoneNetwork

pytestmark = pytest.mark.usefixtures("short_prompts")


async def test_a_caller_who_hears_the_offer_when_the_daemon_dies_goes_on_into_the_queue(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork, tmp_path: Path
) -> None:
    # The English words are the shortest, and after them we would wait for a key: only then the caller is let go.
    daemon = await start_daemon(rules(offer={"other_number": False}, language="en"))
    async with Recorder(pbx.ari_url, tmp_path / "events.jsonl") as recorder:
        await offered(daemon, network, MATTI, SUPPORT_NUMBER)
        await recorder.event("PlaybackStarted")
    await daemon.kill()
    await pbx.has_waiting("support", 1, within=45)


async def test_a_caller_who_hears_the_offer_is_offered_it_anew_within_a_second_of_the_restart(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork, tmp_path: Path
) -> None:
    daemon = await start_daemon(rules())
    # Until we speak a caller is held for three seconds, and a start may take longer on a busy machine.
    async with Recorder(pbx.ari_url, tmp_path / "events.jsonl") as recorder:
        caller = await offered(daemon, network, MATTI, SUPPORT_NUMBER)
        await recorder.event("PlaybackStarted")
    await daemon.restart()
    await daemon.fact("callback.offered", call=caller.channel, count=2, within=1)
    taken = await caller.takes()
    await caller.call.ended()
    assert list(await open_callbacks(daemon)) == [taken]


async def test_a_promise_that_is_being_spoken_when_the_daemon_dies_is_kept(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork
) -> None:
    daemon = await start_daemon(rules())
    caller = await offered(daemon, network, MATTI, SUPPORT_NUMBER)
    taken = await caller.takes()
    await daemon.restart()
    assert await caller.call.ended() == "Normal Clearing"
    assert list(await open_callbacks(daemon)) == [taken]
    assert await in_line(pbx) == []
    await pbx.log_on("support", "agent1")
    await rings_and_accepts(network, MATTI)
    await daemon.fact("callback.queued", callback=taken)
    assert len(daemon.find("callback.accepted")) == len(network.phone(MATTI).calls) == 1


async def test_with_a_customer_in_every_state_a_crash_loses_no_promise_and_dials_nobody_twice(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork, tmp_path: Path
) -> None:
    daemon = await start_daemon(rules(dial={"retry_after": SOON}))
    numbers = [f"+35840111000{number}" for number in range(6)]
    talks, leaves, waits, hears, rings, gives_up = numbers
    phones = [network.phone(number) for number in numbers]
    callbacks = [await request_callback(daemon, number) for number in numbers]
    agents = [network.agent(f"agent{number}") for number in range(1, 6)]
    for agent in agents[:2]:
        agent.behaviour = "answer"
        await pbx.log_on("support", agent.number)
    calls = {number: await rings_and_accepts(network, number) for number in (talks, leaves)}
    await daemon.fact("callback.connected", count=2)
    for agent in agents[:2]:
        agent.behaviour = "ring"
    for agent in agents[2:]:
        await pbx.log_on("support", agent.number)
    for number in (waits, hears, rings, gives_up):
        calls[number] = await network.phone(number).rings(within=15)
    await calls[waits].answer()
    await calls[waits].press(",1")
    await daemon.fact("callback.queued", callback=callbacks[2])
    async with Recorder(pbx.ari_url, tmp_path / "events.jsonl") as recorder:
        await calls[hears].answer()
        await recorder.event("PlaybackStarted")

    await daemon.kill()
    await calls[gives_up].hang_up()
    await calls[leaves].hang_up()
    await daemon.start()

    await daemon.fact("callback.postponed", callback=callbacks[5], reason="no_answer", attempt=1)
    await daemon.fact("callback.completed", callback=callbacks[1])
    await calls[talks].hang_up()
    await daemon.fact("callback.completed", callback=callbacks[0])
    await calls[hears].press("1")
    await calls[rings].answer()
    await calls[rings].press(",1")
    await daemon.fact("callback.queued", callback=callbacks[3])
    await daemon.fact("callback.queued", callback=callbacks[4])
    assert [len(phone.calls) for phone in phones] == [1] * 6
    await until_in_line(pbx, waits, hears, rings)
    for agent in agents:
        agent.behaviour = "answer"
        if agent.calls[-1].state == "ring":
            await agent.calls[-1].reject()
    await daemon.fact("callback.connected", count=5)
    again = await rings_and_accepts(network, gives_up, within=20)
    await daemon.fact("callback.connected", callback=callbacks[5], attempt=2)
    for call in (*calls.values(), again):
        await call.hang_up()
    await daemon.fact("callback.completed", count=6)
    assert not await open_callbacks(daemon)


@pytest.mark.fault("Asterisk: killed")
async def test_attempts_on_which_asterisk_died_are_made_again_later_and_only_once(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork
) -> None:
    daemon = await start_daemon(rules(dial={"retry_after": SOON}))
    on_the_line, still_rings = await request_callback(daemon, MATTI), await request_callback(daemon, LIISA)
    await pbx.log_on("support", "agent1")
    calls = [await rings_and_accepts(network, MATTI), await network.phone(LIISA).rings(within=8)]
    await daemon.fact("callback.queued", callback=on_the_line)
    begun = time.monotonic()
    await pbx.restart()
    await daemon.ready()
    await daemon.fact("callback.postponed", callback=on_the_line, reason="failed", attempt=1)
    await daemon.fact("callback.postponed", callback=still_rings, reason="no_answer", attempt=1)
    for call in calls:
        await call.hang_up()
    await pbx.log_on("support", "agent1")
    for number in (MATTI, LIISA):
        await rings_and_accepts(network, number, within=20)
        assert time.monotonic() - begun >= 10
    for callback in (on_the_line, still_rings):
        await daemon.fact("callback.queued", callback=callback, attempt=2)
    assert [len(network.phone(number).calls) for number in (MATTI, LIISA)] == [2, 2]
