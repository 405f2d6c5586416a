"""The exit key keeps all that Queue() was given: the longest wait, the options, what follows, and other keys."""

from __future__ import annotations

import re

import pytest

from tests.acceptance.conftest import StartDaemon
from tests.acceptance.scene import calls_in, joined, view_is_right
from tests.cast import MATTI
from tests.testbed.bed import Bed
from tests.testbed.daemon import Daemon
from tests.testbed.pbx import SUPPORT_NUMBER, Pbx
from tests.testbed.phones import Call, PhoneNetwork
from tests.testbed.waiting import until

OFFERS = {
    "services": {
        "support": {
            "welcome": None,
            "hours": None,
            "callback": {"offer": {"min_wait": "0s"}, "dial": {"at_position": "1"}},
        }
    }
}
THEIR_OWN = "+358912340030"
"""Runs a Queue() of the PBX's own dialplan, with a longest wait and a destination behind it."""

OWN_QUEUE = f"""
exten => {THEIR_OWN},1,Answer()
 same => n,Queue(support,tC,,beep,6,,,first)
 same => n,Set(GLOBAL(CAME_OUT)=${{QUEUESTATUS}} of ${{CALLERID(num)}})
 same => n,Wait(5)
 same => n,Hangup()
"""
IVR = """
[ivr-1]
exten => 2,1,Goto(s,chosen)
exten => s,1,Hangup()
 same => n(chosen),Set(GLOBAL(CAME_OUT)=two)
"""
QUEUE_RULES = "[first]\npenaltychange => 30,1\n"


async def came_out(pbx: Pbx, *, within: float) -> str:
    """What the dialplan behind the queue tells, once a call is there."""

    async def look() -> str | None:
        return str((await pbx.ari.get("/asterisk/variable", variable="CAME_OUT"))["value"]) or None

    return await until(look, within=within, awaited="a call behind the queue")


class QueueRuns:
    """The runs of Queue() from now on, by the PBX's own log."""

    def __init__(self, pbx: Pbx) -> None:
        self._log = pbx.log
        self._from = pbx.log.stat().st_size

    async def first(self, count: int) -> list[list[str]]:
        """The arguments of the first so many, once there are."""
        runs: list[list[str]] = []

        async def look() -> bool:
            text = self._log.read_bytes()[self._from :].decode(errors="replace")
            runs[:] = [found.split(",") for found in re.findall(r'\] Queue\("[^"]*", "([^"]*)"\)', text)]
            return len(runs) >= count

        await until(look, within=25, awaited=f"{count} runs of Queue()", seen=lambda: str(runs))
        return runs[:count]


async def presses_star_and_stays(daemon: Daemon, call: Call) -> None:
    """The exit key, and another key than those of the offer that follows, as long as there is a daemon to offer."""
    offers = len(daemon.find("callback.offered"))
    await call.press("*")
    if daemon.process.running:
        await daemon.fact("callback.offered", count=offers + 1)
        await call.press("9")


async def has_waited(pbx: Pbx, call: str, *, seconds: int) -> None:
    """Wait until Asterisk's clock is so much further."""

    async def clock() -> int:
        return int((await pbx.ari.get(f"/channels/{call}/variable", variable="EPOCH"))["value"])

    begin = await clock()

    async def look() -> bool:
        return await clock() >= begin + seconds

    await until(look, within=seconds + 5, awaited=f"{seconds} s of waiting")


async def nobody_came_out(pbx: Pbx) -> None:
    await pbx.ari.post("/asterisk/variable", variable="CAME_OUT", value="")


@pytest.mark.parametrize("alive", [True, False], ids=["with the daemon", "daemon dead"])
async def test_a_queue_of_the_pbx_s_own_dialplan_goes_on_as_it_was(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx, bed: Bed, alive: bool
) -> None:
    daemon = await start_daemon(OFFERS)
    pbx.write("queuerules.conf", QUEUE_RULES)
    await pbx.reload("app_queue.so")
    await bed.install(daemon.file, more=OWN_QUEUE)
    await nobody_came_out(pbx)
    runs = QueueRuns(pbx)
    call = await calls_in(network, daemon, MATTI, THEIR_OWN)
    await has_waited(pbx, (await joined(daemon, MATTI))["call"], seconds=2)
    if not alive:
        await daemon.kill()
    await presses_star_and_stays(daemon, call)
    before, after = await runs.first(2)
    assert before == ["support", "tC", "", "beep", "6", "", "", "first"]
    assert after[:4] == before[:4]
    assert after[7:] == ["first", "1"]
    left = int(after[4])
    if alive:
        assert 1 <= left <= 4
        assert await came_out(pbx, within=15) == f"TIMEOUT of {MATTI}"
    else:
        # Nobody knows any more when the caller joined, and what follows: the record of the call does not tell.
        assert left == 6
        await call.ended(within=15)


@pytest.mark.parametrize("alive", [True, False], ids=["with the daemon", "daemon dead"])
async def test_a_service_s_options_and_longest_wait_hold_over_the_exit_key(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx, bed: Bed, alive: bool
) -> None:
    limited = {"services": {"support": {**OFFERS["services"]["support"], "max_wait": "9s", "queue_options": "tC"}}}
    daemon = await start_daemon(limited)
    after = "\n[callcentre-after]\nexten => support,1,Set(GLOBAL(CAME_OUT)=${QUEUESTATUS} of ${CALLERID(num)})\n"
    await bed.install(daemon.file, more=after)
    await nobody_came_out(pbx)
    runs = QueueRuns(pbx)
    if not alive:
        await daemon.kill()
    call = await network.call(MATTI, SUPPORT_NUMBER)
    if alive:
        await daemon.fact("callback.offered")
        await call.press("9")
        await joined(daemon, MATTI)
    await pbx.has_waiting("support", 1)
    await presses_star_and_stays(daemon, call)
    first, second = await runs.first(2)
    assert first[:2] == second[:2] == ["support", "tC"]
    assert 1 <= int(second[4]) <= int(first[4]) <= 9
    assert await came_out(pbx, within=20) == f"TIMEOUT of {MATTI}"


async def test_the_keys_of_the_exit_context_that_was_there_before_still_work(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx, bed: Bed
) -> None:
    kept = {"services": {"support": {**OFFERS["services"]["support"], "exit_context": "ivr-1"}}}
    daemon = await start_daemon(kept)
    await bed.install(daemon.file, more=OWN_QUEUE + IVR)
    await nobody_came_out(pbx)
    runs = QueueRuns(pbx)
    call = await calls_in(network, daemon, MATTI, THEIR_OWN)
    await presses_star_and_stays(daemon, call)
    await runs.first(2)
    await pbx.has_waiting("support", 1)
    await call.press("2")
    assert await came_out(pbx, within=10) == "two"


PASSED_ON = """
[agents]
exten => 700,1,NoOp(passed on)
 same => n,Queue(support,tC,,,9)
 same => n,Set(GLOBAL(CAME_OUT)=${QUEUESTATUS} of ${CALLERID(num)})
 same => n,Wait(5)
 same => n,Hangup()
"""


@pytest.mark.parametrize("alive", [True, False], ids=["with the daemon", "daemon dead"])
async def test_after_a_transfer_the_longest_wait_of_before_the_conversation_is_over(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx, bed: Bed, alive: bool
) -> None:
    quiet = {"welcome": None, "callback": None, "max_wait": "4s", "queue_options": "tT"}
    daemon = await start_daemon({"services": {"support": quiet}})
    await bed.install(daemon.file, more=PASSED_ON)
    await nobody_came_out(pbx)
    await pbx.log_on("support", "agent1")
    call = await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    ringing = await network.agent("agent1").rings()
    await ringing.answer()
    channel = (await daemon.fact("queue.answered"))["call"]
    await has_waited(pbx, channel, seconds=4)
    if not alive:
        await daemon.kill()
    await pbx.pause("support", "agent1")
    runs = QueueRuns(pbx)
    await ringing.transfer("700")
    await pbx.has_waiting("support", 1)
    if alive:
        # On a busy machine the key may be quicker than what the daemon hears of the second queue.
        await view_is_right(daemon, pbx)
    await call.press("*")
    before, after = await runs.first(2)
    assert before == ["support", "tC", "", "", "9"]
    # The caller is not let go at once, which is 1. With the daemon dead there is only the record of the call, and
    # that has the first Queue() still.
    assert int(after[4]) >= 3
    if alive:
        assert after[1] == "tC"
        assert int(after[4]) > 4


async def test_a_restart_of_the_daemon_does_not_extend_the_longest_wait(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx, bed: Bed
) -> None:
    daemon = await start_daemon(OFFERS)
    # Long enough for a daemon that starts on a busy machine.
    await bed.install(daemon.file, more=OWN_QUEUE.replace(",6,,,first", ",20,,,first"))
    runs = QueueRuns(pbx)
    call = await calls_in(network, daemon, MATTI, THEIR_OWN)
    channel = (await joined(daemon, MATTI))["call"]
    await has_waited(pbx, channel, seconds=2)
    await daemon.kill()
    await daemon.start()
    await presses_star_and_stays(daemon, call)
    _, after = await runs.first(2)
    assert 1 <= int(after[4]) <= 18
