"""Who calls: withheld numbers, chosen languages, the number that was dialled, and priorities, on a real PBX."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.acceptance.conftest import StartDaemon
from tests.acceptance.scene import SALES, calls_in, joined, together, welcome
from tests.cast import LIISA, MATTI, PEKKA
from tests.testbed.bed import Bed
from tests.testbed.callbacks import offered, open_callbacks, rings_and_accepts, rules, until_in_line
from tests.testbed.kannel import Kannel
from tests.testbed.pbx import PLAIN_SUPPORT_NUMBER, SUPPORT_NUMBER, Pbx, queues_conf
from tests.testbed.phones import PhoneNetwork

THROUGH_US, PAST_US, BY_LOCAL = "+358912340101", "+358912340102", "+358912340103"

# What FreePBX's inbound route does with the presentation, in our words: it is kept in a variable that every channel
# made from this one has too, and the number is allowed.
KEPT_ASIDE = """Set(__CALLINGNUMPRES_SV=${CALLERID(num-pres)})
 same => n,Set(CALLERID(num-pres)=allowed_not_screened)"""
INBOUND = f"""
exten => {THROUGH_US},1,{KEPT_ASIDE}
 same => n,Goto(callcentre-queue,support,1)
exten => {PAST_US},1,{KEPT_ASIDE}
 same => n,Answer()
 same => n,Queue(support)
exten => {BY_LOCAL},1,{KEPT_ASIDE}
 same => n,Answer()
 same => n,Dial(Local/{SUPPORT_NUMBER}@made-from-it/n)

[made-from-it]
exten => _+X.,1,Answer()
 same => n,Queue(support)
"""


@pytest.mark.parametrize("dialled", [THROUGH_US, PAST_US, BY_LOCAL, PLAIN_SUPPORT_NUMBER])
async def test_a_withheld_number_is_no_number_for_anything_also_where_its_presentation_was_moved_aside(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel, bed: Bed, dialled: str
) -> None:
    daemon = await start_daemon(welcome("Tervetuloa"))
    await bed.install(daemon.file, more=INBOUND)
    await network.call(MATTI, dialled, name="Matti", withheld=True)
    await daemon.fact("welcome.skipped", reason="withheld")
    # Who does not withhold it comes the same way, and is greeted.
    await calls_in(network, daemon, LIISA, dialled)
    await kannel.phone(LIISA).receives()
    (hidden, shown) = daemon.find("queue.joined")
    assert {"number", "caller"}.isdisjoint(hidden)
    assert {"number", "caller"} <= set(shown)
    assert kannel.phone(MATTI).texts == []


async def test_a_number_that_was_withheld_before_we_came_is_none(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx
) -> None:
    daemon = await start_daemon(welcome("Tervetuloa"))
    await daemon.kill()
    await network.call(MATTI, PLAIN_SUPPORT_NUMBER, withheld=True)
    await pbx.has_waiting("support", 1)
    await daemon.start()
    assert "number" not in await daemon.fact("queue.joined")
    await daemon.fact("welcome.skipped", reason="withheld")


SHARED: dict[str, object] = {
    "services": {"sales": {"queue": "support", "numbers": ["+358912345681"], "name": {"fi": "Myynti"}}}
}
AT_S = f"""
exten => {PAST_US},1,Set(__FROM_DID=0912345681)
 same => n,Set(__CALLINGNUMPRES_SV=prohib_passed_screen)
 same => n,Answer()
 same => n,Dial(Local/s@at-s/n)

[at-s]
exten => s,1,Answer()
 same => n,Queue(support)
"""


@pytest.mark.parametrize("seen", ["as it comes", "after a restart"])
async def test_the_service_of_a_call_at_s_is_that_of_the_number_which_the_pbx_says_was_dialled(
    start_daemon: StartDaemon, network: PhoneNetwork, bed: Bed, pbx: Pbx, seen: str
) -> None:
    daemon = await start_daemon(together(SHARED, welcome("tuki"), welcome("myynti", service="sales")))
    await bed.install(daemon.file, more=AT_S)
    if seen == "after a restart":
        await daemon.kill()
    await network.call(MATTI, PAST_US)
    await pbx.has_waiting("support", 1)
    if seen == "after a restart":
        await daemon.start()
    fact = await daemon.fact("queue.joined")
    assert fact["service"] == "sales"
    assert "number" not in fact
    await daemon.fact("welcome.skipped", reason="withheld")


IVR = """
exten => +358912340111,1,Set(CHANNEL(language)=sv)
 same => n,Goto(callcentre-queue,support,1)
exten => +358912340112,1,Set(CHANNEL(language)=sv_SE)
 same => n,Goto(callcentre-queue,support,1)
exten => +358912340113,1,Set(CHANNEL(language)=ru)
 same => n,Goto(callcentre-queue,support,1)
exten => +358912340114,1,Set(CALLCENTRE_LANGUAGE=en)
 same => n,Goto(callcentre-queue,support,1)
exten => +358912340115,1,Goto(callcentre-queue,support,1)
exten => +358912340116,1,Answer()
 same => n,Dial(Local/s@made-from-it/n)

[made-from-it]
exten => s,1,Set(CHANNEL(language)=en)
 same => n,Goto(callcentre-queue,support,1)
"""


async def test_the_language_that_an_ivr_chose_is_kept_and_nothing_is_logged_for_channels_of_other_kinds(
    start_daemon: StartDaemon, network: PhoneNetwork, bed: Bed, pbx: Pbx
) -> None:
    daemon = await start_daemon()
    await bed.install(daemon.file, more=IVR)
    before = pbx.log.stat().st_size
    heard = {}
    for end, number in enumerate(f"+35891234011{end}" for end in range(1, 7)):
        call = await calls_in(network, daemon, MATTI, number)
        fact = await joined(daemon, MATTI, count=end + 1)
        answer = await pbx.ari.get(f"/channels/{fact['call']}/variable", variable="CHANNEL(language)")
        heard[number[-1]] = answer["value"]
        await call.hang_up()
        await pbx.is_silent()
    assert heard == {"1": "sv", "2": "sv_SE", "3": "fi", "4": "en", "5": "fi", "6": "fi"}
    assert not [line for line in pbx.log.read_text()[before:].splitlines() if "WARNING" in line or "ERROR" in line]


ONWARDS = f"""
exten => {THROUGH_US},1,Goto(callcentre-queue,support,1)
exten => {PAST_US},1,Set(CHANNEL(language)=sv)
 same => n,Goto(callcentre-queue,support,1)

[callcentre-after]
exten => support,1,Goto(callcentre-queue,sales,1)
"""


@pytest.mark.parametrize(("number", "language"), [(THROUGH_US, "en"), (PAST_US, "sv")])
async def test_the_language_of_one_service_is_no_choice_for_the_next(
    start_daemon: StartDaemon, network: PhoneNetwork, bed: Bed, pbx: Pbx, number: str, language: str
) -> None:
    english = {"services": {"sales": {"language": "en", "name": {"en": "Sales"}}}}
    daemon = await start_daemon(together(SALES, english))
    await pbx.write_queues(queues_conf(support={"joinempty": "no"}))
    await bed.install(daemon.file, more=ONWARDS)
    await network.call(MATTI, number)
    call = (await daemon.fact("queue.joined", queue="sales"))["call"]
    assert (await pbx.ari.get(f"/channels/{call}/variable", variable="CHANNEL(language)"))["value"] == language


OF_THE_ENDPOINT = f"""
exten => {THROUGH_US},1,Goto(callcentre-queue,support,1)
exten => {PAST_US},1,Answer()
 same => n,Queue(support)
exten => {BY_LOCAL},1,Set(CHANNEL(language)=en)
 same => n,Answer()
 same => n,Queue(support)
"""


@pytest_asyncio.fixture(loop_scope="session")
async def swedish_trunk(pbx: Pbx) -> AsyncIterator[None]:
    """A trunk whose endpoint has a language, until the test is over."""
    file = pbx.etc / "pjsip.conf"
    before = file.read_text(encoding="utf-8")
    pbx.write("pjsip.conf", before.replace("context=from-trunk", "context=from-trunk\nlanguage=sv"))
    assert file.read_text(encoding="utf-8") != before
    await pbx.reload("res_pjsip.so")
    yield
    pbx.write("pjsip.conf", before)
    await pbx.reload("res_pjsip.so")


@pytest.mark.usefixtures("short_prompts", "swedish_trunk")
@pytest.mark.parametrize(("number", "language"), [(THROUGH_US, "fi"), (PAST_US, "fi"), (BY_LOCAL, "en")])
async def test_the_language_of_an_endpoint_is_no_choice(
    start_daemon: StartDaemon, network: PhoneNetwork, bed: Bed, pbx: Pbx, number: str, language: str
) -> None:
    daemon = await start_daemon(rules())
    await bed.install(daemon.file, more=OF_THE_ENDPOINT)
    begin = pbx.log.stat().st_size
    call = await network.call(MATTI, number)
    if number != THROUGH_US:
        await joined(daemon, MATTI)
        await call.press("*")
    await daemon.fact("callback.offered")
    await call.press("1")
    await daemon.fact("callback.accepted")
    await call.ended()
    played = re.findall(r"Playing 'callcentre/(?:offer|callback)-.*?\(language '(\w+)'\)", pbx.log.read_text()[begin:])
    assert set(played) == {language}


FAST_LANE = "+358912340131"
VIPS = f"""
exten => {FAST_LANE},1,Set(__QUEUE_PRIO=5)
 same => n,Goto(callcentre-queue,support,1)
"""


@pytest.mark.usefixtures("short_prompts")
async def test_a_caller_with_a_priority_hears_the_first_place_and_has_it_also_when_called_back(
    start_daemon: StartDaemon, network: PhoneNetwork, bed: Bed, pbx: Pbx
) -> None:
    daemon = await start_daemon(rules())
    await bed.install(daemon.file, more=VIPS)
    for number in (MATTI, LIISA):
        caller = await offered(daemon, network, number, SUPPORT_NUMBER)
        await caller.declines()
    fast = await offered(daemon, network, PEKKA, FAST_LANE)
    assert [fact["position"] for fact in daemon.find("callback.offered")] == [1, 2, 1]
    await fast.declines()
    assert [fact["position"] for fact in daemon.find("queue.joined")] == [1, 2, 1]
    await until_in_line(pbx, PEKKA, MATTI, LIISA)
    # At the exit key it is the first place, too, and a callback to them is there.
    await fast.call.press("*")
    assert (await daemon.fact("callback.offered", call=fast.channel, count=2))["position"] == 1
    await fast.call.press("1")
    taken = await daemon.fact("callback.accepted", call=fast.channel)
    assert taken["position"] == 1
    await fast.call.ended()
    # A daemon that comes later knows it, and those who wait have no better place.
    await daemon.kill()
    await daemon.start()
    await daemon.ready()
    assert (await open_callbacks(daemon))[taken["callback"]]["place"] == 1
    network.agent("agent1").behaviour = "busy"
    await pbx.log_on("support", "agent1")
    await rings_and_accepts(network, PEKKA)
    await until_in_line(pbx, PEKKA, MATTI, LIISA)
    channel = (await daemon.fact("callback.queued", callback=taken["callback"]))["call"]
    assert (await pbx.ari.get(f"/channels/{channel}/variable", variable="QUEUE_PRIO"))["value"] == "5"
