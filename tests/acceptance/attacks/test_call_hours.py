"""Calls at night: whatever asks for one, no phone rings before the call hours, and nobody waits because of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import yaml

from tests.acceptance.conftest import StartDaemon
from tests.acceptance.scene import calls_in
from tests.cast import KALLE, LIISA, MATTI
from tests.testbed.callbacks import open_callbacks, request_callback, rings_and_accepts, rules, waits_because
from tests.testbed.configuration import ALWAYS, merged
from tests.testbed.pbx import SUPPORT_NUMBER, Pbx
from tests.testbed.phones import PhoneNetwork

pytestmark = pytest.mark.usefixtures("short_prompts")


def hours_that_begin_later() -> tuple[str, datetime]:
    """Call hours of two hours that begin some six hours from now, in Helsinki; and when that is."""
    now = datetime.now(ZoneInfo("Europe/Helsinki"))
    begins = (now + timedelta(hours=6)).replace(minute=0, second=0, microsecond=0)
    return f"{begins:%H:%M}-{begins + timedelta(hours=2):%H:%M}", begins


@pytest.mark.parametrize("order", ["customer_first", "agent_first"])
async def test_no_phone_rings_before_the_call_hours_and_then_everybody_is_called(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork, order: str
) -> None:
    hours, begins = hours_that_begin_later()
    daemon = await start_daemon(merged(rules(dial={"order": order}), {"numbers": {"call_hours": hours}}))

    caller = await calls_in(network, daemon, KALLE, SUPPORT_NUMBER)
    await daemon.fact("callback.refused", reason="call_hours")
    await pbx.log_on("support", "agent1")
    talk = await network.agent("agent1").rings()
    await talk.answer()
    await caller.hang_up()
    await daemon.fact("call.ended")

    callbacks = [await request_callback(daemon, number) for number in (MATTI, LIISA)]
    for callback in callbacks:
        await daemon.fact("callback.postponed", callback=callback, reason="call_hours", attempt=0)
        await waits_because(daemon, callback, "call_hours")
    listed = await open_callbacks(daemon)
    assert {datetime.fromisoformat(one["until"]) for one in listed.values()} == {begins}
    channels = [one["name"] for one in await pbx.ari.get("/channels")]
    assert [name for name in channels if "callcentre-probe" not in name] == [], "probes read a queue and ring nobody"
    assert daemon.find("callback.dialled") == []

    settings = yaml.safe_load(daemon.file.read_text(encoding="utf-8"))
    daemon.file.write_text(yaml.safe_dump(merged(settings, ALWAYS), allow_unicode=True), encoding="utf-8")
    daemon.reload()
    if order == "agent_first":
        talk = await network.agent("agent1").rings()
        await talk.answer()
    matti = await rings_and_accepts(network, MATTI)
    await daemon.fact("callback.dialled", callback=callbacks[0], attempt=1)
    await matti.hang_up()
