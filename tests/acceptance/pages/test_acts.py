"""What supervisors do in the browser, and what telephones notice of it."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.acceptance.conftest import StartDaemon
from tests.acceptance.pages.conftest import People
from tests.acceptance.scene import calls_in, joined, masked, together
from tests.cast import MATTI
from tests.testbed.callbacks import request_callback, rules
from tests.testbed.kannel import Kannel
from tests.testbed.pbx import SUPPORT_NUMBER, Pbx
from tests.testbed.phones import PhoneNetwork

ENGLISH = {"services": {"support": {"name": {"en": "Customer service"}, "language": "en", "welcome": None}}}

CANCELLED = "{{ service }} cancelled the call. Sorry!"


async def confirms(page: Page, why: str, button: str) -> None:
    """Press the button of an act, say why, and confirm."""
    await page.get_by_role("button", name=button, exact=True).first.click()
    dialog = page.locator("#confirm")
    await dialog.get_by_label("Why").fill(why)
    async with page.expect_navigation():
        await dialog.locator("[data-yes]").click()


async def test_a_callback_is_cancelled_by_click_and_the_customer_gets_the_text(
    start_daemon: StartDaemon, people: People, kannel: Kannel
) -> None:
    daemon = await start_daemon(
        together(
            ENGLISH,
            rules(callback={"confirm_by_sms": None, "cancelled_text": "{{ service }} cancelled the call. Sorry!"}),
        )
    )
    callback = await request_callback(daemon, MATTI)
    page = await people.enters(daemon, "seppo", "supervisor", "support")
    await page.goto(f"{daemon.url}/callbacks/{callback}")
    await confirms(page, "solved by mail", "Cancel the callback")
    fact = await daemon.fact("callback.cancelled")
    assert (fact["user"], fact["why"], fact["by"], fact["callback"]) == ("seppo", "solved by mail", "staff", callback)
    await expect(page.get_by_role("status").first).to_contain_text("The callback is cancelled.")
    text = await kannel.phone(MATTI).receives()
    assert text.body.endswith("cancelled the call. Sorry!")
    await page.goto(f"{daemon.url}/audit")
    row = page.locator("tbody tr").first
    for words in ("seppo", "Cancelled a callback", masked(MATTI), "solved by mail", "127.0.0.1"):
        await expect(row).to_contain_text(words)


async def test_an_agent_who_is_paused_by_click_is_not_rung_and_one_who_is_resumed_is(
    start_daemon: StartDaemon, people: People, network: PhoneNetwork, pbx: Pbx
) -> None:
    daemon = await start_daemon(ENGLISH)
    await pbx.log_on("support", "agent1", name="Anna")
    page = await people.enters(daemon, "seppo", "supervisor", "support")
    await page.goto(f"{daemon.url}/agents")
    await page.get_by_role("link", name="agent1").click()
    await confirms(page, "lunch", "Pause")
    await expect(page.locator("main")).to_contain_text("Paused")
    await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    await joined(daemon, MATTI)
    await pbx.log_on("support", "agent2")
    await network.agent("agent2").rings()
    assert not network.agent("agent1").rung
    await pbx.log_off("support", "agent2")
    await confirms(page, "back", "End the pause")
    await network.agent("agent1").rings(within=15)
    assert [(fact["event"], fact["user"], fact["why"]) for fact in daemon.facts if "agent." in fact["event"]] == [
        ("agent.paused", "seppo", "lunch"), ("agent.resumed", "seppo", "back"),
    ]  # fmt: skip


async def test_a_service_is_closed_by_click_and_its_callbacks_wait(
    start_daemon: StartDaemon, people: People, network: PhoneNetwork, pbx: Pbx
) -> None:
    daemon = await start_daemon(together(ENGLISH, rules()))
    await pbx.log_on("support", "agent1")
    page = await people.enters(daemon, "seppo", "supervisor", "support")
    await page.goto(f"{daemon.url}/services")
    await page.get_by_role("button", name="Close now").first.click()
    dialog = page.locator("dialog[popover]:popover-open")
    await dialog.get_by_label("Why").fill("fire drill")
    async with page.expect_navigation():
        await dialog.get_by_role("button", name="Close now").click()
    await expect(page.locator("main")).to_contain_text("Closed for now")
    await request_callback(daemon, MATTI)
    await daemon.fact("callback.accepted")
    assert not network.phone(MATTI).rung
    await confirms(page, "over", "Open again")
    await network.phone(MATTI).rings(within=10)
    facts = [fact for fact in daemon.facts if fact["event"] in ("service.closed", "service.opened", "callback.dialled")]
    assert [fact["event"] for fact in facts] == ["service.closed", "service.opened", "callback.dialled"]
