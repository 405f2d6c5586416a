"""Notices that a callback is near, on real parts: what phones receive and hear, what is answered, what is then left."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.acceptance.conftest import StartDaemon
from tests.cast import KALLE, KERTTU, LIISA, MATTI, REPLY_NUMBER
from tests.testbed.callbacks import offered, open_callbacks, request_callback, rings_and_accepts, rules
from tests.testbed.daemon import Daemon
from tests.testbed.kannel import Kannel
from tests.testbed.pbx import SUPPORT_NUMBER, Pbx
from tests.testbed.phones import Call, PhoneNetwork
from tests.testbed.waiting import until

pytestmark = pytest.mark.usefixtures("short_prompts")

SOON = {"busy": "10s", "no_answer": "10s", "failed": "10s"}


def notified(at_position: int = 1, **notify: Any) -> dict[str, Any]:
    """Rules that tell at a place; `notify` is laid over those shipped."""
    shipped = {
        "at_position": str(at_position), "by": "auto", "voice_if_undelivered": "60s",
    }  # fmt: skip
    changes: dict[str, Any] = rules(dial={"retry_after": SOON}, notify=shipped | notify, dialling={"ring": "5s"})
    return changes


async def reported_by_call(network: PhoneNetwork, number: str, *, within: float = 15) -> Call:
    """The Auto Agent calls; they answer and hear something."""
    call = await network.phone(number).rings(within=within)
    assert call.caller_number == SUPPORT_NUMBER
    await call.answer()
    return call


async def place_of(daemon: Daemon, callback: str, place: int) -> None:
    """Wait until a callback is listed at a place."""

    async def look() -> bool:
        return bool((await open_callbacks(daemon))[callback]["place"] == place)

    await until(look, within=5, awaited=f"{callback} at place {place}", seen=lambda: "")


async def is_reported(daemon: Daemon, callback: str, reported: str) -> None:
    """Wait until the list says this about the notice of a callback."""
    seen: dict[str, Any] = {}

    async def look() -> bool:
        seen.update((await open_callbacks(daemon))[callback])
        return bool(seen["told"] == reported)

    await until(look, within=8, awaited=f"{callback} {reported}", seen=lambda: str(seen))


async def test_a_mobile_gets_a_text_at_the_right_place_answers_ei_and_the_next_moves_up(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel
) -> None:
    daemon = await start_daemon(notified(at_position=2))
    first = await offered(daemon, network, KALLE, SUPPORT_NUMBER)
    await first.declines()
    second = await offered(daemon, network, MATTI, SUPPORT_NUMBER, name="Matti")
    taken = await second.takes()
    third = await offered(daemon, network, LIISA, SUPPORT_NUMBER, name="Liisa")
    behind = await third.takes()
    text = await kannel.phone(MATTI).receives()
    assert (text.sender, text.body) == (
        REPLY_NUMBER, "Hei Matti, soitamme sinulle pian (paikka 2). Vastaa EI jos et enää tarvitse soittoa.",
    )  # fmt: skip
    assert (await kannel.phone(LIISA).receives()).body.endswith("jonossa on 3.")
    await daemon.fact("notice.delivered", callback=taken, by="sms", position=2)
    assert (await open_callbacks(daemon))[behind]["told"] is None

    await kannel.send_text(MATTI, REPLY_NUMBER, "EI")
    await daemon.fact("callback.cancelled", callback=taken, by="sms")
    confirmed = await kannel.phone(MATTI).receives()
    assert (confirmed.sender, confirmed.body) == (
        REPLY_NUMBER, "Asiakaspalvelu: takaisinsoittosi on peruttu. Voit soittaa meille uudelleen.",
    )  # fmt: skip
    assert "(paikka 2)" in (await kannel.phone(LIISA).receives()).body
    assert list(await open_callbacks(daemon)) == [behind]
    await place_of(daemon, behind, 2)


async def test_a_landline_is_called_and_2_takes_the_callback_out_and_1_keeps_it(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork, kannel: Kannel
) -> None:
    daemon = await start_daemon(notified(at_position=2))
    stays, cancels = await request_callback(daemon, KERTTU), await request_callback(daemon, "+358912340045")
    one = await reported_by_call(network, KERTTU)
    other = await reported_by_call(network, "+358912340045")
    recording = await one.record()
    await daemon.fact("notice.delivered", count=2, by="voice")
    await other.press(",2")
    await daemon.fact("callback.cancelled", callback=cancels, by="auto_agent")
    await other.ended()
    await one.press("1")
    await daemon.fact("notice.answered", callback=stays, by="voice", reason="keep")
    await one.ended()
    assert (await recording.stop()).anything
    assert list(await open_callbacks(daemon)) == [stays]
    await pbx.log_on("support", "agent1")
    await rings_and_accepts(network, KERTTU)
    await daemon.fact("callback.queued", callback=stays, attempt=1)
    assert kannel.texts == []


async def test_a_customer_who_presses_nothing_is_asked_once_more_and_a_busy_phone_is_tried_once_more(
    start_daemon: StartDaemon, network: PhoneNetwork
) -> None:
    daemon = await start_daemon(notified())
    callback = await request_callback(daemon, KERTTU)
    await (await network.phone(KERTTU).rings(within=15)).reject("busy")
    await daemon.fact("notice.failed", callback=callback, by="voice", reason="busy", attempt=1)
    assert (await open_callbacks(daemon))[callback]["place"] == 1
    call = await reported_by_call(network, KERTTU, within=20)
    # Both questions, each with its wait for a key, and the farewell.
    assert await call.ended(within=30) == "Normal Clearing"
    await is_reported(daemon, callback, "heard")
    assert not daemon.find("notice.answered")
    assert len(network.phone(KERTTU).calls) == 2


async def test_a_text_that_is_not_reported_delivered_becomes_a_call(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel
) -> None:
    changes = notified(voice_if_undelivered="2s")
    # Reports go to a port where nobody listens.
    changes["sms"] = {"kannel": {"report_url": "http://127.0.0.1:9/hooks/kannel/dlr"}}
    daemon = await start_daemon(changes)
    callback = await request_callback(daemon, MATTI)
    assert "(paikka 1)" in (await kannel.phone(MATTI).receives()).body
    await daemon.fact("notice.failed", callback=callback, by="sms", reason="no_report")
    call = await reported_by_call(network, MATTI)
    await call.press(",2")
    await daemon.fact("callback.cancelled", callback=callback, by="auto_agent")
    await call.ended()


async def test_gateway_and_daemon_are_killed_between_notice_and_answer(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel
) -> None:
    daemon = await start_daemon(notified(at_position=2))
    cancels, calls = await request_callback(daemon, MATTI), await request_callback(daemon, KERTTU)
    await kannel.phone(MATTI).receives()
    await daemon.fact("notice.delivered", callback=cancels)
    talking = await reported_by_call(network, KERTTU)
    await daemon.fact("notice.delivered", callback=calls)
    await asyncio.gather(daemon.kill(), kannel.kill())
    await kannel.start()
    # Kannel brings it to a daemon that is dead, and tries again.
    await kannel.send_text(MATTI, REPLY_NUMBER, "EI")
    await daemon.start()
    await daemon.fact("callback.cancelled", callback=cancels, by="sms")
    assert "peruttu" in (await kannel.phone(MATTI).receives()).body
    await talking.press("2")
    await daemon.fact("callback.cancelled", callback=calls, by="auto_agent")
    await talking.ended()
    assert await open_callbacks(daemon) == {}
    assert len(daemon.find("notice.sent")) == 2
    assert len(network.phone(KERTTU).calls) == 1


async def test_an_answer_at_the_moment_of_dialling_is_honestly_answered_either_way(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork, kannel: Kannel
) -> None:
    daemon = await start_daemon(notified())
    callback = await request_callback(daemon, MATTI)
    mobile = kannel.phone(MATTI)
    await mobile.receives()
    await daemon.fact("notice.delivered", callback=callback)
    await pbx.log_on("support", "agent1")
    ringing = await network.phone(MATTI).rings(within=8)
    await kannel.send_text(MATTI, REPLY_NUMBER, "EI")
    assert "tuli liian myöhään" in (await mobile.receives()).body
    await daemon.fact("notice.answered", callback=callback, reason="late")
    assert (await open_callbacks(daemon))[callback]["phase"] == "dialling"
    await ringing.answer()
    await ringing.press(",1")
    await daemon.fact("callback.queued", callback=callback)
    await network.agent("agent1").rings()


async def test_while_the_auto_agent_has_the_phone_it_is_not_rung_for_the_callback(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork
) -> None:
    daemon = await start_daemon(notified())
    callback = await request_callback(daemon, KERTTU)
    notice = await reported_by_call(network, KERTTU)
    await daemon.fact("notice.delivered", callback=callback)
    await pbx.log_on("support", "agent1")
    other = await request_callback(daemon, KALLE)
    # Another callback is dialled: it could have been the turn of the first.
    await network.phone(KALLE).rings(within=8)
    assert [fact["callback"] for fact in daemon.find("callback.dialled")] == [other]
    await notice.press("1")
    await notice.ended()
    await pbx.log_on("support", "agent2")
    again = await rings_and_accepts(network, KERTTU)
    assert again is not notice
    assert len(network.phone(KERTTU).calls) == 2


async def test_opting_out_instead_of_an_answer_ends_texts_keeps_the_callback_and_a_call_tells_it(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel
) -> None:
    daemon = await start_daemon(notified())
    callback = await request_callback(daemon, MATTI)
    await kannel.phone(MATTI).receives()
    await kannel.send_text(MATTI, REPLY_NUMBER, "STOP")
    await daemon.fact("number.opted_out")
    call = await reported_by_call(network, MATTI)
    listed = (await open_callbacks(daemon))[callback]
    assert (listed["told"], listed["opted_out"]) == ("called", True)
    await call.press(",1")
    await call.ended()
    await is_reported(daemon, callback, "kept")
    await kannel.send_text(MATTI, REPLY_NUMBER, "EI")
    await daemon.fact("callback.cancelled", callback=callback, by="sms")
    await daemon.fact("sms.refused", callback=callback, reason="opted_out")
    assert len(kannel.phone(MATTI).texts) == 1


async def test_of_two_callbacks_the_newest_notice_is_answered_and_then_the_older(
    start_daemon: StartDaemon, kannel: Kannel
) -> None:
    changes = notified()
    support = changes["services"]["support"]
    sales = {"queue": "sales", "numbers": ["+358912345679"], "name": {"fi": "Myynti"}, "language": "fi"}
    changes["services"]["sales"] = {
        **sales, "hours": support["hours"], "callback": {}, "notify": support["notify"] | {"text": "Myynti soittaa"},
    }  # fmt: skip
    daemon = await start_daemon(changes)
    older = await request_callback(daemon, MATTI)
    mobile = kannel.phone(MATTI)
    await mobile.receives()
    newer = await request_callback(daemon, MATTI, service="sales")
    assert (await mobile.receives()).body == "Myynti soittaa"
    for callback, name in ((newer, "Myynti"), (older, "Asiakaspalvelu")):
        await kannel.send_text(MATTI, REPLY_NUMBER, "EI")
        await daemon.fact("callback.cancelled", callback=callback, by="sms")
        assert (await mobile.receives()).body.startswith(f"{name}: takaisinsoittosi on peruttu")
    await kannel.send_text(MATTI, REPLY_NUMBER, "EI")
    assert "oli jo peruttu" in (await mobile.receives()).body


async def test_a_number_moves_the_callback_and_anything_else_gets_help(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork, kannel: Kannel
) -> None:
    daemon = await start_daemon(notified())
    callback = await request_callback(daemon, MATTI)
    mobile = kannel.phone(MATTI)
    await mobile.receives()
    await kannel.send_text(MATTI, REPLY_NUMBER, "Koska soitatte?")
    assert "Vastaa EI" in (await mobile.receives()).body
    await kannel.send_text(MATTI, REPLY_NUMBER, "0600 123456")
    assert "emme voi soittaa" in (await mobile.receives()).body
    await kannel.send_text(MATTI, REPLY_NUMBER, "09 12340044")
    assert (await mobile.receives()).body == f"Asiakaspalvelu: soitamme sinulle numeroon {KERTTU}."
    await pbx.log_on("support", "agent1")
    await rings_and_accepts(network, KERTTU)
    await daemon.fact("callback.queued", callback=callback)
    assert not network.phone(MATTI).rung
