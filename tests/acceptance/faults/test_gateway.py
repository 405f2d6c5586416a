"""The SMS gateway refuses, is silent, slow, broken, throttled or dies: calls do not notice, and no promise is lost.

Two texts go out in each: a welcome, which must not come twice, and the confirmation of a callback, which must come.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from tests.acceptance.conftest import StartDaemon
from tests.acceptance.faults.after import THROUGH_US, is_whole
from tests.acceptance.scene import Steps, complains, examined, masked, reported, together, welcome
from tests.cast import AINO, LIISA, MATTI
from tests.testbed.alone import request_callback
from tests.testbed.callbacks import offered, open_callbacks, rules
from tests.testbed.configuration import TOKEN
from tests.testbed.daemon import Daemon
from tests.testbed.kannel import Kannel
from tests.testbed.pbx import SUPPORT_NUMBER, Pbx
from tests.testbed.peers import serving
from tests.testbed.phones import PhoneNetwork
from tests.testbed.waiting import Changes

Answer = Callable[[web.Request], Awaitable[web.Response]]

TEXTS = together(rules(), welcome(), {"services": {"support": {"callback": {"confirm_by_sms": "Soitamme"}}}})


class Sendsms:
    """A sendsms page that does with each text as `answer` says; `asked` counts them by number."""

    def __init__(self) -> None:
        self.answer: Answer = takes
        self.asked: Counter[str] = Counter()
        self._changes = Changes()

    async def page(self, request: web.Request) -> web.Response:
        if "to" in request.query:
            self.asked[request.query["to"]] += 1
            self._changes.changed()
        return await self.answer(request)

    async def was_asked(self, number: str, times: int = 1) -> None:
        await self._changes.wait_for(
            lambda: self.asked[number] >= times, within=20, awaited=f"try {times} of the text to {number}"
        )


async def takes(request: web.Request) -> web.Response:
    if "to" not in request.query:
        return web.Response(status=400, text="Missing receiver number, rejected")
    return web.Response(status=202, text="0: Accepted for delivery")


def says(status: int, text: str) -> Answer:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, text=text)

    return answer


async def is_silent(_request: web.Request) -> web.Response:
    await asyncio.Event().wait()
    raise AssertionError


async def is_slow(request: web.Request) -> web.Response:
    await asyncio.sleep(10.2)  # The fault itself.
    return await takes(request)


@pytest_asyncio.fixture(loop_scope="session")
async def sendsms() -> AsyncIterator[tuple[Sendsms, dict[str, Any]]]:
    """The page, and the changes to the configuration that lead there."""
    sendsms = Sendsms()
    async with serving(lambda application: application.router.add_get("/sendsms", sendsms.page)) as url:
        yield sendsms, {"sms": {"kannel": {"url": f"{url}/sendsms"}}}


async def is_served(daemon: Daemon, network: PhoneNetwork, pbx: Pbx, number: str) -> None:
    """A caller goes through the daemon into the queue, whatever the gateway does, and it is ready for the next."""
    way = Steps(pbx)
    await (await offered(daemon, network, number, SUPPORT_NUMBER)).declines()
    assert way() == THROUGH_US
    assert (await daemon.health(TOKEN))[0] == 200


def texts_of(daemon: Daemon, number: str) -> list[str]:
    return [fact for fact in reported(daemon, number) if fact.startswith("sms.")]


@pytest.mark.parametrize(
    ("status", "text"),
    [
        pytest.param(500, "Internal error", marks=pytest.mark.fault("Gateway: answers 500")),
        pytest.param(503, "Temporal failure, try again later.", marks=pytest.mark.fault("Gateway: answers 503")),
        pytest.param(429, "Too many", marks=pytest.mark.fault("Gateway: throttled")),
    ],
)
async def test_texts_that_the_gateway_does_not_take_now_go_out_once_when_it_does(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx, sendsms: tuple[Sendsms, dict[str, Any]],
    status: int, text: str,
) -> None:  # fmt: skip
    gateway, there = sendsms
    daemon = await start_daemon(together(TEXTS, there))
    gateway.answer = says(status, text)
    await is_served(daemon, network, pbx, MATTI)
    await request_callback(daemon, LIISA)
    for number in (MATTI, LIISA):
        await gateway.was_asked(number, 2)
    await complains(daemon, f"answered {status}")
    faults = (await examined(daemon.file)).faults
    assert f"takes no text now ({status}" in " ".join(faults.values()), faults
    gateway.answer = takes
    for number in (MATTI, LIISA):
        await daemon.fact("sms.accepted", number=masked(number))
        assert texts_of(daemon, number) == ["sms.queued", "sms.accepted"]
    assert len(await open_callbacks(daemon)) == 1
    is_whole(daemon)


@pytest.mark.fault("Gateway: slow by 10 s")
async def test_a_gateway_that_answers_after_ten_seconds_gets_each_text_once(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx, sendsms: tuple[Sendsms, dict[str, Any]]
) -> None:
    gateway, there = sendsms
    daemon = await start_daemon(together(TEXTS, there))
    gateway.answer = is_slow
    await request_callback(daemon, LIISA)
    await is_served(daemon, network, pbx, MATTI)
    await gateway.was_asked(MATTI)
    # Meanwhile others get theirs.
    gateway.answer = takes
    await is_served(daemon, network, pbx, AINO)
    await daemon.fact("sms.accepted", number=masked(AINO))
    for number in (MATTI, LIISA):
        await daemon.fact("sms.accepted", number=masked(number), within=20)
        assert texts_of(daemon, number) == ["sms.queued", "sms.accepted"]
    assert gateway.asked == {MATTI: 1, LIISA: 1, AINO: 1}
    is_whole(daemon)


@pytest.mark.fault("Gateway: silent")
async def test_a_silent_gateway_holds_up_neither_calls_nor_the_end_and_then_only_the_promise_is_sent_again(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx, sendsms: tuple[Sendsms, dict[str, Any]]
) -> None:
    gateway, there = sendsms
    daemon = await start_daemon(together(TEXTS, there))
    gateway.answer = is_silent
    await request_callback(daemon, LIISA)
    await is_served(daemon, network, pbx, MATTI)
    for number in (MATTI, LIISA):
        await gateway.was_asked(number)
    assert await daemon.stop() == 0
    gateway.answer = takes
    await daemon.start()
    await daemon.fact("sms.accepted", number=masked(LIISA))
    await is_served(daemon, network, pbx, AINO)
    await daemon.fact("sms.accepted", number=masked(AINO))
    assert gateway.asked == {MATTI: 1, LIISA: 2, AINO: 1}
    assert texts_of(daemon, MATTI) == ["sms.queued"]
    assert len(await open_callbacks(daemon)) == 1
    is_whole(daemon)


@pytest.mark.fault("Gateway: garbage")
async def test_an_answer_that_is_garbage_counts_as_unclear_and_is_said(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx, sendsms: tuple[Sendsms, dict[str, Any]]
) -> None:
    gateway, there = sendsms
    daemon = await start_daemon(together(TEXTS, there))
    gateway.answer = says(200, "<html>\x00 It works! \ufeff" + "x" * 100_000)
    await request_callback(daemon, LIISA)
    await is_served(daemon, network, pbx, MATTI)
    await complains(daemon, "<html>")
    assert "does not answer as Kannel's sendsms does" in " ".join((await examined(daemon.file)).faults.values())
    await gateway.was_asked(MATTI)
    gateway.answer = takes
    await daemon.fact("sms.accepted", number=masked(LIISA))
    assert gateway.asked == {MATTI: 1, LIISA: 2}
    is_whole(daemon)


@pytest.mark.fault("Gateway: accepted and then dead")
async def test_a_gateway_that_dies_with_a_text_that_it_took_gets_no_second_one(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx, kannel: Kannel
) -> None:
    daemon = await start_daemon(TEXTS)
    # Without a way to the phones Kannel keeps what it takes.
    kannel.disconnect_phones()
    await request_callback(daemon, LIISA)
    await daemon.fact("sms.accepted", number=masked(LIISA))
    await kannel.kill()
    await is_served(daemon, network, pbx, MATTI)
    await complains(daemon, "connection refused")
    assert "start bearerbox and smsbox" in " ".join((await examined(daemon.file)).faults.values())
    await kannel.start()
    assert (await kannel.phone(MATTI).receives(within=15)).body == "Tervetuloa"
    assert (await kannel.phone(LIISA).receives(within=15)).body == "Soitamme"
    await daemon.fact("sms.delivered", number=masked(MATTI))
    assert Counter(text.number for text in kannel.texts) == {MATTI: 1, LIISA: 1}
    assert len(await open_callbacks(daemon)) == 1
    is_whole(daemon)
