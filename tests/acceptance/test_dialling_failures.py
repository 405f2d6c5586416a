"""Calls of ours that nobody takes, on a real Asterisk: what they count as, and what happens without a way out."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import yaml

from tests.acceptance.conftest import StartDaemon
from tests.acceptance.scene import ran
from tests.cast import MATTI
from tests.testbed.callbacks import open_callbacks, request_callback, rings_and_accepts, rules, waits_because
from tests.testbed.configuration import merged
from tests.testbed.daemon import Daemon
from tests.testbed.pbx import Pbx
from tests.testbed.phones import PhoneNetwork
from tests.testbed.waiting import until

pytestmark = pytest.mark.usefixtures("short_prompts")


OUTBOUND = """
; One trunk, and nothing said when it does not work.
[out-plain]
exten => _X.,1,Dial(PJSIP/+${EXTEN}@trunk,20)
 same => n,Hangup()

; As PBXs with outbound routes do: two trunks, of which the first is never there, and an announcement in early media.
[out-routes]
exten => _X.,1,Dial(PJSIP/${EXTEN}@no-such-trunk,20)
 same => n,Dial(PJSIP/+${EXTEN}@trunk,20)
 same => n,Goto(s-${DIALSTATUS},1)
exten => s-BUSY,1,Busy(1)
exten => _s-.,1,Progress()
 same => n,Playback(callcentre/please-wait,noanswer)
 same => n,Congestion(1)

; All trunks are gone.
[out-gone]
exten => _X.,1,Dial(PJSIP/${EXTEN}@no-such-trunk,20)
 same => n,Progress()
 same => n,Playback(callcentre/please-wait,noanswer)
 same => n,Congestion(1)
"""
NOWHERE = """
[out-nowhere]
exten => _X.,1,Dial(PJSIP/+${EXTEN}@trunk,20)
 same => n,Hangup()
"""


async def with_contexts(pbx: Pbx, more: str) -> None:
    """Add contexts to the PBX's dialplan."""
    before = (pbx.etc / "extensions.conf").read_text(encoding="utf-8")
    await pbx.write_extensions(before + more)


async def with_rules(daemon: Daemon, changes: Any) -> None:
    """Let a running daemon read its configuration again, with changes."""
    settings = yaml.safe_load(daemon.file.read_text(encoding="utf-8"))
    daemon.file.write_text(yaml.safe_dump(merged(settings, changes), allow_unicode=True), encoding="utf-8")
    daemon.reload()


def through(endpoint: str, **dialling: str) -> Any:
    return rules(dialling={"endpoint": endpoint, **dialling})


@pytest.mark.parametrize(
    "endpoint", ["PJSIP/{number}@trunk", "Local/{digits}@out-plain/n", "Local/{digits}@out-routes/n"]
)
async def test_a_call_that_nobody_takes_counts_as_what_the_network_says(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork, endpoint: str
) -> None:
    daemon = await start_daemon(through(endpoint, ring="6s"))
    await with_contexts(pbx, OUTBOUND)

    async def refuses(number: int, how: str, fact: str, reason: str) -> None:
        phone = network.phone(f"+35840111{number:04d}")
        callback = await request_callback(daemon, phone.number)
        await (await phone.rings(within=15)).hang_up(how)
        await daemon.fact(fact, callback=callback, reason=reason, attempt=1)

    async def never_answers() -> None:
        callback = await request_callback(daemon, MATTI)
        await (await network.phone(MATTI).rings(within=15)).ended(within=10)
        await daemon.fact("callback.postponed", callback=callback, reason="no_answer", attempt=1)

    for number in range(1, 6):
        await pbx.log_on("support", f"agent{number}")
    async with asyncio.TaskGroup() as together:
        together.create_task(never_answers())
        together.create_task(refuses(1, "busy", "callback.postponed", "busy"))
        together.create_task(refuses(2, "normal", "callback.failed", "impossible"))  # 603
        together.create_task(refuses(3, "unallocated", "callback.failed", "impossible"))  # 404
        together.create_task(refuses(4, "congestion", "callback.postponed", "failed"))  # 503
        together.create_task(refuses(5, "no_answer", "callback.postponed", "no_answer"))  # 480
    assert not daemon.find("alarm.raised")
    assert not daemon.find("callback.not_dialled")


@pytest.mark.parametrize(
    "endpoint", ["PJSIP/{number}@no-such-trunk", "Local/{digits}@out-nowhere/n", "Local/{digits}@out-gone/n"]
)
async def test_without_a_way_out_a_callback_keeps_its_attempts_and_an_alarm_is_raised_until_there_is_one(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork, endpoint: str
) -> None:
    daemon = await start_daemon(through(endpoint))
    await with_contexts(pbx, OUTBOUND)
    callback = await request_callback(daemon, MATTI)
    await pbx.log_on("support", "agent1")
    raised = await daemon.fact("alarm.raised")
    assert raised["reason"] == "dialling_no_route"
    await daemon.fact("callback.not_dialled", callback=callback, reason="no_route")
    await waits_because(daemon, callback, "no_route")

    # It survives a restart: nobody is dialled, and the list says why.
    await daemon.restart()
    await waits_because(daemon, callback, "no_route")
    one = (await open_callbacks(daemon))[callback]
    assert (one["attempts"], one["place"], one["phase"]) == (0, 1, "waiting")
    assert one["until"]
    listed = await ran("callbacks", "-c", daemon.file)
    assert "one call tries again at" in listed.output
    assert len(daemon.find("callback.dialled")) == len(daemon.find("alarm.raised")) == 1

    # The administrator puts it right; new settings end the pause.
    back = {}
    if endpoint == "Local/{digits}@out-nowhere/n":
        await with_contexts(pbx, NOWHERE)
    else:
        back = {"dialling": {"endpoint": "PJSIP/{number}@trunk"}}
    await with_rules(daemon, back)
    await rings_and_accepts(network, MATTI)
    await daemon.fact("alarm.cleared", reason="dialling_no_route")
    await daemon.fact("callback.confirmed", callback=callback, attempt=1)
    assert not daemon.find("callback.postponed")


async def test_numbers_in_a_row_that_end_at_once_raise_the_alarm_and_keep_what_follows(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork
) -> None:
    daemon = await start_daemon(through("Local/{digits}@out-refused/n"))
    await with_contexts(pbx, "\n[out-refused]\nexten => _X.,1,Hangup(21)\n")
    numbers = [f"+35840111000{number}" for number in range(1, 5)]
    callbacks = [await request_callback(daemon, number) for number in numbers]
    await pbx.log_on("support", "agent1")
    await daemon.fact("alarm.raised", reason="dialling_no_route")
    await daemon.fact("callback.not_dialled", callback=callbacks[2])
    # The first two are dialled at once, so either may end first.
    assert {fact["callback"] for fact in daemon.find("callback.failed", reason="impossible")} == set(callbacks[:2])
    assert list(await open_callbacks(daemon)) == callbacks[2:]
    await with_contexts(pbx, OUTBOUND)
    await with_rules(daemon, {"dialling": {"endpoint": "Local/{digits}@out-plain/n"}})
    await network.phone(numbers[3]).rings(within=8)
    await daemon.fact("alarm.cleared", reason="dialling_no_route")
    await network.phone(numbers[2]).rings(within=8)


async def test_a_trunk_that_does_not_reply_is_no_way_out(start_daemon: StartDaemon, pbx: Pbx) -> None:
    # Nobody listens there, and UDP says nothing of that.
    daemon = await start_daemon(through("PJSIP/trunk/sip:{digits}@127.0.0.9:1", ring="20s"))
    callback = await request_callback(daemon, MATTI)
    await pbx.log_on("support", "agent1")
    await daemon.fact("callback.not_dialled", callback=callback, reason="no_route", within=40)
    await daemon.fact("alarm.raised", reason="dialling_no_route")
    assert (await open_callbacks(daemon))[callback]["attempts"] == 0


async def test_a_dialplan_that_cannot_reserve_an_agent_costs_the_customer_nothing(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork
) -> None:
    daemon = await start_daemon(rules(dial={"order": "agent_first"}))
    whole = (pbx.etc / "extensions.conf").read_text(encoding="utf-8")
    await pbx.write_extensions(whole.replace("[callcentre-reserve]", "[not-there]"))
    callback = await request_callback(daemon, MATTI)
    await pbx.log_on("support", "agent1")
    await daemon.fact("alarm.raised", reason="dialling_no_route")
    await waits_because(daemon, callback, "no_route")
    assert (await open_callbacks(daemon))[callback]["attempts"] == 0
    await pbx.write_extensions(whole)
    await with_rules(daemon, {})
    await (await network.agent("agent1").rings(within=10)).answer()
    customer = await rings_and_accepts(network, MATTI)
    await daemon.fact("alarm.cleared", reason="dialling_no_route")
    await daemon.fact("callback.connected", callback=callback, attempt=1)
    await customer.hang_up()
    await daemon.fact("callback.completed", callback=callback)

    async def no_bridge() -> bool:
        return not await pbx.ari.get("/bridges")

    await until(no_bridge, within=5, awaited="the PBX without a bridge")
