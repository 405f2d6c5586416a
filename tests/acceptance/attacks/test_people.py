"""What outsiders make us say, whom they make us call, and what they learn of others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.acceptance.conftest import StartDaemon
from tests.acceptance.scene import ran
from tests.cast import AINO, KALLE, LIISA, MATTI, REPLY_NUMBER
from tests.testbed.ari import Recorder
from tests.testbed.callbacks import cancel, offered, open_callbacks, request_callback, rings_and_accepts, rules
from tests.testbed.kannel import Kannel
from tests.testbed.pbx import SUPPORT_NUMBER, Pbx
from tests.testbed.phones import PhoneNetwork

pytestmark = pytest.mark.usefixtures("short_prompts")

CALLER_ID = "+358912345670"
PHISHING = "Voitit 500e! Nouda: http://evil.example/x"
NOTICE = {"text": "Hei {{ name }}, soitamme pian.", "by": "sms", "at_position": "9"}


async def test_a_display_name_that_is_no_name_leaves_us_in_no_text_and_on_no_phone(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork, kannel: Kannel
) -> None:
    welcome = {"min_waiting": "1", "text": "Hei {{ name }}, hetki."}
    daemon = await start_daemon(rules(welcome=welcome, notify=NOTICE))
    waits = await offered(daemon, network, MATTI, SUPPORT_NUMBER, name=PHISHING)
    await waits.declines()
    assert (await kannel.phone(MATTI).receives()).body == "Hei, hetki."
    for name, number in ((PHISHING, LIISA), ("Matti", KALLE)):
        caller = await offered(daemon, network, MATTI, SUPPORT_NUMBER, name=name)
        await caller.call.press(f"2,,0{number[4:]}#,,1")
        assert (await kannel.phone(number).receives(within=15)).body == "Hei, soitamme pian."
    await waits.call.hang_up()
    await request_callback(daemon, AINO, name="Aino <http://evil.example/x>")
    assert (await kannel.phone(AINO).receives()).body == "Hei, soitamme pian."
    for callback, listed in (await open_callbacks(daemon)).items():
        if listed["place"] < 3:
            await cancel(daemon, callback)
    await pbx.log_on("support", "agent1")
    await rings_and_accepts(network, AINO)
    shown = await network.agent("agent1").rings(within=15)
    assert (shown.caller_number, shown.caller_name) == (AINO, "Aino http evil example x")


async def test_nobody_makes_us_call_or_text_ourselves(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel
) -> None:
    welcome = {"min_waiting": "1", "text": "Hei, hetki."}
    daemon = await start_daemon(rules(welcome=welcome, notify=NOTICE, dialling={"caller_id": CALLER_ID}))
    for own in (SUPPORT_NUMBER, CALLER_ID, REPLY_NUMBER):
        added = await ran("callbacks", "add", own, "--service", "support", "-c", str(daemon.file))
        assert added.code == 1
        assert "own_number" in added.errors
    spoofed = await offered(daemon, network, CALLER_ID, SUPPORT_NUMBER)
    await spoofed.call.press("1")
    await daemon.fact("callback.declined", call=spoofed.channel, reason="key")
    await daemon.fact("welcome.skipped", call=spoofed.channel, reason="own_number")
    callback = await request_callback(daemon, MATTI)
    await kannel.phone(MATTI).receives()
    await kannel.send_text(MATTI, REPLY_NUMBER, "09 12345678")
    assert "emme voi soittaa" in (await kannel.phone(MATTI).receives()).body
    keys = await offered(daemon, network, None, SUPPORT_NUMBER)
    await keys.call.press("2,,0912345678#,,0912345670#,,0451234567#")
    await daemon.fact("callback.declined", call=keys.channel, reason="number", within=15)
    assert list(await open_callbacks(daemon)) == [callback]
    assert not any(
        network.phone(own).rung or kannel.phone(own).texts for own in (SUPPORT_NUMBER, CALLER_ID, REPLY_NUMBER)
    )


async def test_a_person_who_cannot_prove_a_number_learns_nothing_about_its_callback(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork, kannel: Kannel, tmp_path: Path
) -> None:
    daemon = await start_daemon(rules(notify=NOTICE))
    held = await request_callback(daemon, LIISA)
    moved = await request_callback(daemon, AINO)
    async with Recorder(pbx.ari_url, tmp_path / "events") as recorder:
        # With a callback of its own, of which the caller knows nothing; and without one.
        callers = [await offered(daemon, network, None, SUPPORT_NUMBER) for _ in range(2)]
        for caller, number in zip(callers, (LIISA, KALLE), strict=True):
            await caller.call.press(f"2,,0{number[4:]}#,,1")
        for caller in callers:
            assert await caller.call.ended(within=15) == "Normal Clearing"
        channels = [caller.channel for caller in callers]
    events = [json.loads(line) for line in recorder.file.read_text().splitlines()]
    prompts = [
        [
            event["playback"]["media_uri"].removeprefix("sound:callcentre/") for event in events
            if event["type"] == "PlaybackStarted" and event["playback"]["target_uri"] == f"channel:{channel}"
        ]
        for channel in channels
    ]  # fmt: skip
    with_one, without = ([one for one in heard if not one.startswith("digits/")] for heard in prompts)
    assert with_one == without
    assert with_one[-1] == "callback-taken"
    numbers = sorted(one["number"] for one in (await open_callbacks(daemon)).values())
    assert numbers == ["+35840•••33", "+35840•••44", "+35840•••66"]

    await kannel.phone(AINO).receives()
    for number in (LIISA, MATTI):
        await kannel.send_text(AINO, REPLY_NUMBER, f"0{number[4:]}")
        assert (await kannel.phone(AINO).receives()).body == f"Asiakaspalvelu: soitamme sinulle numeroon {number}."
    await kannel.send_text(AINO, REPLY_NUMBER, f"0{LIISA[4:]}")
    await kannel.phone(AINO).receives()
    assert {held, moved} <= set(await open_callbacks(daemon))
    # Both promises are kept: Liisa's phone rings for her own, and then for the one that was moved there.
    await pbx.log_on("support", "agent1")
    for callback in (held, moved):
        await rings_and_accepts(network, LIISA)
        talk = await network.agent("agent1").rings(within=15)
        await talk.answer()
        await daemon.fact("callback.connected", callback=callback)
        await talk.hang_up()
        await daemon.fact("callback.completed", callback=callback)
