"""One's own account: the password, the second factor, the sessions, and the password once more."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pyotp
import pytest

from callcentre.features.users.model import digest
from callcentre.kernel.clock import wall
from callcentre.web.rights import Role
from tests.integration.features.users.pages import PASSWORD, Browser, Site, site

NEW = "another-password-of-anna"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Site]:
    async with site(tmp_path) as running:
        await running.account("Anna")
        yield running


async def is_in(browser: Browser) -> bool:
    return (await browser.get("/account")).path == "/account"


async def test_the_page_says_who_one_is(here: Site) -> None:
    await here.account("Bo", Role.SUPERVISOR, services=("support",))
    browser = await here.logged_in("bo")
    text = (await browser.get("/account")).text
    assert all(each in text for each in ("Bo", "Supervisor", "Customer service", "Python", "127.0.0.1", "this one"))


@pytest.mark.parametrize(
    ("present", "new", "again", "says", "done"),
    [
        (PASSWORD, NEW, NEW, "Your password is changed", True),
        ("wrong-password", NEW, NEW, "The present password is wrong", False),
        (PASSWORD, NEW, NEW + "x", "The two new passwords differ", False),
        (PASSWORD, "short", "short", "too short", False),
        (PASSWORD, "x" * 201, "x" * 201, "too long", False),
    ],
)
async def test_the_password_is_changed_by_somebody_who_knows_it_and_other_sessions_end(
    here: Site, present: str, new: str, again: str, says: str, done: bool
) -> None:
    browser, other = await here.logged_in("anna"), await here.logged_in("anna")
    await browser.get("/account")
    page = await browser.submit("/account/password", password=present, new=new, again=again)
    assert (page.path, says in page.text) == ("/account", True)
    assert await is_in(browser)
    assert await is_in(other) is not done
    fresh = await here.browser()
    await fresh.log_in("anna", new if done else PASSWORD)
    assert await is_in(fresh)


async def test_a_form_without_the_token_of_the_session_changes_nothing(here: Site) -> None:
    browser, other = await here.logged_in("anna"), await here.logged_in("anna")
    await other.get("/account")
    stolen = other.page.forms["/account/password"]["csrf"]
    fields = {"password": PASSWORD, "new": NEW, "again": NEW}
    for token in ("", "x", stolen):
        assert (await browser.post("/account/password", {**fields, "csrf": token})).status == 403
    await browser.get("/account")
    own = browser.page.forms["/account/password"]["csrf"]
    evil = {"Origin": "https://evil.example"}
    assert (await browser.post("/account/password", {**fields, "csrf": own}, **evil)).status == 403
    fresh = await here.browser()
    await fresh.log_in("anna")
    assert await is_in(fresh)


async def test_a_second_factor_is_set_up_by_a_code_and_taken_away_by_the_password(here: Site) -> None:
    browser = await here.logged_in("anna")
    page = await browser.get("/account/second-factor")
    assert "<svg" in page.html
    assert "style=" not in page.html
    found = re.search(r'<code id="secret">([A-Z2-7 ]+)</code>', page.html)
    assert found is not None
    secret = found[1].replace(" ", "")
    assert (await browser.submit("/account/second-factor", code="000000", password=PASSWORD)).status == 422
    page = await browser.submit("/account/second-factor", code=pyotp.TOTP(secret).at(wall()), password="wrong-password")
    assert page.status == 422
    page = await browser.submit("/account/second-factor", code=pyotp.TOTP(secret).at(wall()), password=PASSWORD)
    codes = re.findall(r"\b[a-z2-7]{4}(?:-[a-z2-7]{4}){3}\b", page.text)
    assert len(set(codes)) == 10
    folder = here.administration.program.configuration.parent
    stored = b"".join(each.read_bytes() for each in folder.iterdir())
    assert not any(code.encode() in stored for code in codes)
    other = await here.browser()
    await other.log_in("anna")
    await other.submit("/login", code=codes[3])
    assert await is_in(other)
    assert "9 recovery codes are left" in (await browser.get("/account")).text
    page = await browser.submit("/account/second-factor/remove", password=PASSWORD)
    assert "The second factor is removed" in page.text
    last = await here.browser()
    await last.log_in("anna")
    assert await is_in(last)


async def test_who_must_have_a_second_factor_sees_only_the_account_before(tmp_path: Path) -> None:
    async with site(tmp_path, {"login": {"second_factor": "required"}}) as here:
        await here.account("Anna")
        browser = await here.logged_in("anna")
        assert (await browser.get("/users")).status == 403
        page = await browser.get("/account")
        assert "Everybody needs a second factor here" in page.text
        page = await browser.get("/account/second-factor")
        found = re.search(r'<code id="secret">([A-Z2-7 ]+)</code>', page.html)
        assert found is not None
        code = pyotp.TOTP(found[1].replace(" ", "")).at(wall())
        await browser.submit("/account/second-factor", code=code, password=PASSWORD)
        assert (await browser.get("/users")).status == 200
        await browser.get("/account")
        assert "/account/second-factor/remove" not in browser.page.forms


async def test_a_person_ends_one_session_all_others_or_this_one(here: Site) -> None:
    browsers = [await here.logged_in("anna") for _ in range(4)]
    first = browsers[0]
    await first.get("/account")
    cookie = browsers[1].cookie()
    assert cookie is not None
    await first.submit("/account/sessions/end", session=digest(cookie))
    assert [await is_in(each) for each in browsers] == [True, False, True, True]
    await first.get("/account")
    await first.submit("/account/sessions/end-others")
    assert [await is_in(each) for each in browsers] == [True, False, False, False]
    own = first.cookie()
    assert own is not None
    await first.get("/account")
    await first.submit("/account/sessions/end", session=digest(own))
    assert first.page.path == "/login"


async def test_nobody_ends_a_session_of_somebody_else(here: Site) -> None:
    await here.account("Bo", Role.SUPERVISOR)
    anna, bo = await here.logged_in("anna"), await here.logged_in("bo")
    cookie = anna.cookie()
    assert cookie is not None
    await bo.get("/account")
    assert (await bo.submit("/account/sessions/end", session=digest(cookie))).status == 404
    assert await is_in(anna)


async def test_the_language_of_an_account_is_that_of_all_its_pages(here: Site) -> None:
    browser = await here.logged_in("anna")
    await browser.get("/account")
    page = await browser.submit("/account/language", language="sv", next="/users")
    assert (page.path, 'lang="sv"' in page.html, "Användare" in page.text) == ("/users", True, True)
    other = await here.logged_in("anna")
    assert 'lang="sv"' in (await other.get("/account")).html


async def test_users_are_changed_only_within_ten_minutes_of_the_password(here: Site) -> None:
    browser = await here.logged_in("anna")
    assert (await browser.get("/users/invite")).path == "/users/invite"
    here.ahead = 601
    page = await browser.get("/users/invite")
    assert page.path == "/account/confirm?next=/users/invite"
    assert (await browser.submit("/account/confirm", password="wrong-password")).status == 422
    page = await browser.submit("/account/confirm", password=PASSWORD)
    assert page.path == "/users/invite"
    here.ahead = 1210
    page = await browser.submit("/users/invite", role="viewer")
    assert page.path == "/account/confirm?next=/users/invite"
