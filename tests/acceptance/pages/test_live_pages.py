"""What supervisors see: who waits, at once; and that a page which is not live says so."""

from __future__ import annotations

from playwright.async_api import expect

from tests.acceptance.conftest import StartDaemon
from tests.acceptance.pages.conftest import PASSWORD, People, log_in
from tests.acceptance.scene import SALES, masked, together
from tests.cast import LIISA, MATTI
from tests.testbed.pbx import SALES_NUMBER, SUPPORT_NUMBER, Pbx
from tests.testbed.phones import PhoneNetwork

ENGLISH = {"services": {"support": {"name": {"en": "Customer service"}, "language": "en", "welcome": None}}}
BOTH = together(SALES, {"services": {"sales": {"name": {"en": "Sales"}}}}, ENGLISH)


async def test_a_wrong_password_does_not_log_in_and_a_right_one_does(start_daemon: StartDaemon, people: People) -> None:
    daemon = await start_daemon(ENGLISH)
    await people.has_account(daemon, "seppo", "supervisor")
    page = await people.comes()
    await page.goto(f"{daemon.url}/account")
    assert page.url.startswith(f"{daemon.url}/login")
    await log_in(page, "seppo", "a wrong pass phrase")
    await expect(page.get_by_role("alert")).to_be_visible()
    await log_in(page, "seppo", PASSWORD)
    await daemon.fact("user.refused", reason="wrong", account="seppo")
    assert (await daemon.fact("user.logged_in"))["user"] == "seppo"
    await page.goto(f"{daemon.url}/")
    await page.get_by_role("button", name="Log out").click()
    await page.goto(f"{daemon.url}/")
    assert page.url.startswith(f"{daemon.url}/login")


async def test_a_caller_appears_on_the_live_page_and_disappears(
    start_daemon: StartDaemon, people: People, network: PhoneNetwork
) -> None:
    daemon = await start_daemon(ENGLISH)
    page = await people.enters(daemon, "seppo", "supervisor", "support")
    waiting = page.locator('[data-panel="waiting"][data-service="support"]')
    await expect(waiting).to_contain_text("Nobody waits")
    call = await network.call(MATTI, SUPPORT_NUMBER)
    await expect(waiting).to_contain_text(masked(MATTI))
    await call.hang_up()
    await expect(waiting).to_contain_text("Nobody waits")


async def test_a_supervisor_of_one_service_sees_nothing_of_another(
    start_daemon: StartDaemon, people: People, network: PhoneNetwork
) -> None:
    daemon = await start_daemon(BOTH)
    page = await people.enters(daemon, "seppo", "supervisor", "support")
    other = await people.enters(daemon, "saana", "supervisor", "sales")
    await network.call(MATTI, SUPPORT_NUMBER)
    await network.call(LIISA, SALES_NUMBER)
    await expect(page.locator("main")).to_contain_text(masked(MATTI))
    await expect(other.locator("main")).to_contain_text(masked(LIISA))
    for mine, theirs in ((page, (LIISA, "Sales")), (other, (MATTI, "Customer service"))):
        text = await mine.content()
        assert masked(theirs[0]) not in text
        assert theirs[1] not in text


async def test_a_page_says_since_when_it_is_not_live_and_is_right_again_afterwards(
    start_daemon: StartDaemon, people: People, network: PhoneNetwork, pbx: Pbx
) -> None:
    daemon = await start_daemon(ENGLISH)
    page = await people.enters(daemon, "seppo", "supervisor", "support")
    waiting = page.locator('[data-panel="waiting"][data-service="support"]')
    await expect(waiting).to_contain_text("Nobody waits")
    await daemon.kill()
    await expect(page.locator("[data-live-state]")).to_contain_text("Not live since", timeout=20_000)
    await network.call(MATTI, SUPPORT_NUMBER)
    await pbx.has_waiting("support", 1)
    await daemon.restart()
    await expect(waiting).to_contain_text(masked(MATTI), timeout=20_000)
    await expect(page.locator("body")).not_to_contain_text("Not live since")
