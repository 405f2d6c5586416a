"""Logging in and out in a browser, over a real daemon."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pyotp
import pytest

from callcentre.features.users.events import Changes, SecondFactorChosen
from callcentre.features.users.model import digest
from callcentre.features.users.outside.codes import hashes_of
from callcentre.kernel.clock import wall
from callcentre.web.rights import Role
from tests.integration.features.users.pages import PASSWORD, Browser, Site, site
from tests.testbed.databases import of_a_file

HOME = "/"
"""The first page that an administrator may see."""

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Site]:
    async with site(tmp_path) as running:
        yield running


async def is_in(browser: Browser) -> bool:
    return (await browser.get("/account")).path == "/account"


async def test_somebody_logs_in_and_out_with_a_cookie_that_scripts_and_other_sites_do_not_get(here: Site) -> None:
    await here.account("Anna")
    browser = await here.browser()
    assert (await browser.get("/account")).path == "/login?next=/account"
    page = await browser.submit("/login", username="anna", password=PASSWORD)
    assert page.path == "/account"
    cookie = browser.cookie()
    assert cookie is not None
    assert len(cookie) == 22
    await browser.submit("/logout")
    assert browser.page.path == "/login"
    assert browser.cookie() is None
    stolen = await here.browser(Cookie=f"callcentre={cookie}")
    assert not await is_in(stolen)
    assert [(fact["event"], fact["user"], fact["address"]) for fact in here.facts()[1:]] == [
        ("user.logged_in", "Anna", "127.0.0.1"), ("user.logged_out", "Anna", "127.0.0.1")
    ]  # fmt: skip


@pytest.mark.parametrize(("scheme", "name"), [("http", "callcentre"), ("https", "__Host-callcentre")])
async def test_the_cookie_is_of_this_host_and_over_tls_where_there_is_tls(
    tmp_path: Path, scheme: str, name: str
) -> None:
    async with site(tmp_path, {"http": {"trusted_proxies": ["127.0.0.1"]}}) as here:
        await here.account("Anna")
        proxied = {"X_Forwarded_For": "198.51.100.7", "X_Forwarded_Proto": scheme} if scheme == "https" else {}
        browser = await here.browser(**proxied)
        fields = {"username": "Anna", "password": PASSWORD, "next": "/account"}
        async with browser.client.post(
            f"{here.url}/login", data=fields, headers=browser.headers, allow_redirects=False
        ) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, "/account")
            (set_,) = answer.headers.getall("Set-Cookie")
    cookie, _, attributes = set_.partition("; ")
    assert cookie.startswith(f"{name}=")
    known = {each.strip().casefold() for each in attributes.split(";")}
    assert {"httponly", "samesite=lax", "path=/"} <= known
    assert ("secure" in known) is (scheme == "https")
    assert not any(each.startswith("domain") for each in known)


@pytest.mark.parametrize(
    ("proxies", "headers", "admitted"),
    [
        ([], {}, True),
        (["127.0.0.1"], {"X_Forwarded_For": "198.51.100.7", "X_Forwarded_Proto": "https"}, True),
        (["127.0.0.1"], {"X_Forwarded_For": "198.51.100.7", "X_Forwarded_Proto": "http"}, False),
        (["127.0.0.1"], {"X_Forwarded_For": "198.51.100.7"}, False),
        ([], {"X_Forwarded_For": "198.51.100.7", "X_Forwarded_Proto": "https"}, False),
        ([], {"X_Forwarded_For": "127.0.0.1", "X_Forwarded_Proto": "https"}, False),
    ],
)
async def test_over_plain_http_only_this_machine_may_log_in(
    tmp_path: Path, proxies: list[str], headers: dict[str, str], admitted: bool
) -> None:
    async with site(tmp_path, {"http": {"trusted_proxies": proxies}}) as here:
        await here.account("Anna")
        browser = await here.browser(**headers)
        shown = await browser.get("/login")
        assert ("/login" in shown.forms) is admitted
        page = await browser.post("/login", {"username": "anna", "password": PASSWORD, "next": "/account"})
        assert (page.status == 403) is not admitted
        assert ("http.trusted_proxies" in page.text) is not admitted
        assert len(here.accounts.sessions.find("user", here.accounts.named("anna")[0].id)) == int(admitted)


async def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(here: Site) -> None:
    await here.account("Anna")
    browser = await here.browser()
    pages = [await browser.log_in(name, "wrong-password") for name in ("anna", "nobody")]
    assert [page.status for page in pages] == [401, 401]
    assert pages[0].text == pages[1].text
    assert pages[0].html.replace("anna", "nobody") == pages[1].html
    assert not await is_in(browser)


async def test_ten_wrong_passwords_close_the_log_in_over_a_restart_until_a_quarter_of_an_hour_is_over(
    tmp_path: Path,
) -> None:
    async with site(tmp_path) as here:
        await here.account("Anna")
        browser = await here.browser()
        assert [(await browser.log_in("anna", "wrong-password")).status for _ in range(10)] == [401] * 9 + [429]
    async with site(tmp_path) as here:
        browser = await here.browser()
        page = await browser.log_in("anna")
        assert (page.status, "too many wrong passwords" in page.text) == (429, True)
        here.ahead = 15 * 60 + 1
        await browser.log_in("anna")
        assert await is_in(browser)
        assert [fact["event"] for fact in here.facts()][-3:] == ["user.refused", "user.locked", "user.logged_in"]


@pytest.mark.parametrize(
    ("wanted", "goes_to"),
    [
        ("/account", "/account"),
        ("/account?a=b", "/account?a=b"),
        ("https://evil.example/", HOME),
        ("//evil.example", HOME),
        ("/\\evil.example", HOME),
        ("javascript:alert(1)", HOME),
    ],
)
async def test_after_the_log_in_the_browser_stays_here(here: Site, wanted: str, goes_to: str) -> None:
    await here.account("Anna")
    browser = await here.browser()
    fields = {"username": "Anna", "password": PASSWORD, "next": wanted}
    async with browser.client.post(f"{here.url}/login", data=fields, allow_redirects=False) as answer:
        assert answer.headers["Location"] == goes_to


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec_Fetch_Site": "cross-site"}],
    ids=lambda headers: next(iter(headers.items())),
)
async def test_a_form_of_another_site_logs_nobody_in(here: Site, headers: dict[str, str]) -> None:
    await here.account("Anna")
    browser = await here.browser()
    page = await browser.post("/login", {"username": "Anna", "password": PASSWORD}, **headers)
    assert page.status == 403
    assert browser.cookie() is None


async def test_the_second_factor_is_asked_for_after_the_password_and_a_code_counts_once(here: Site) -> None:
    anna = await here.account("Anna")
    program = here.administration.program
    chosen = SecondFactorChosen(at=program.clock(), account=anna.id, totp=SECRET, recovery=hashes_of(["aaaa-bbbb"]))
    await program.settle(chosen)
    browser = await here.browser()
    page = await browser.log_in("anna")
    assert set(page.forms["/login"]) == {"next", "half", "code"}
    assert browser.cookie() is None
    page = await browser.submit("/login", code="000000")
    assert (page.status, "code" in page.forms["/login"]) == (401, True)
    code = pyotp.TOTP(SECRET).at(wall())
    await browser.submit("/login", code=f"{code[:3]} {code[3:]}")
    assert await is_in(browser)
    other = await here.browser()
    # All three fields at once, as a script sends them.
    page = await other.log_in("anna", code=code)
    assert (page.status, "already" in page.text) == (401, True)
    page = await other.log_in("anna", code="AAAA BBBB")
    assert await is_in(other)
    again = await here.browser()
    assert (await again.log_in("anna", code="aaaa-bbbb")).status == 401


async def test_nobody_gets_past_the_password_with_what_another_one_proved(here: Site) -> None:
    anna = await here.account("Anna")
    program = here.administration.program
    await program.settle(SecondFactorChosen(at=program.clock(), account=anna.id, totp=SECRET))
    browser = await here.browser()
    half = (await browser.log_in("anna")).forms["/login"]["half"]
    code = pyotp.TOTP(SECRET).at(wall())
    for forged in ("", "x", half[:-8] + "AAAAAAA=", half[8:]):
        page = await browser.post("/login", {"half": forged, "code": code, "username": "anna"})
        assert page.status == 401
    here.ahead = 301
    code = pyotp.TOTP(SECRET).at(wall().timestamp() + 301)
    assert (await browser.post("/login", {"half": half, "code": code})).status == 401


async def test_disabling_an_account_or_another_password_ends_its_sessions_at_once(here: Site) -> None:
    await here.account("Anna")
    bo = await here.account("Bo", Role.SUPERVISOR)
    one, other = await here.logged_in("bo"), await here.logged_in("bo")
    await here.administration.set_password(bo, "another-password-of-bo")
    assert not await is_in(one)
    assert not await is_in(other)
    await one.log_in("bo", "another-password-of-bo")
    assert await is_in(one)
    await here.administration.change(here.accounts.named("bo")[0], Changes(disabled=True))
    assert not await is_in(one)
    assert (await one.log_in("bo", "another-password-of-bo")).status == 401


async def test_a_session_ends_after_its_time(tmp_path: Path) -> None:
    async with site(tmp_path, {"login": {"session": "1h"}}) as here:
        await here.account("Anna")
        browser = await here.logged_in("anna")
        here.ahead = 3590
        assert await is_in(browser)
        here.ahead = 3601
        assert not await is_in(browser)


async def test_the_language_before_the_log_in_is_chosen_or_that_of_the_browser(here: Site) -> None:
    browser = await here.browser(Accept_Language="sv-FI,sv;q=0.9,en;q=0.5")
    assert "Logga in i callcentre" in (await browser.get("/login")).text
    await browser.submit("/login/language", language="fi")
    assert "Kirjaudu callcentreen" in (await browser.get("/login")).text
    assert 'lang="fi"' in browser.page.html


@of_a_file
async def test_the_database_has_only_the_hash_of_a_cookie(here: Site) -> None:
    await here.account("Anna")
    browser = await here.logged_in("anna")
    cookie = browser.cookie()
    assert cookie is not None
    folder = here.administration.program.configuration.parent
    stored = b"".join(each.read_bytes() for each in folder.iterdir())
    assert digest(cookie).encode() in stored
    assert cookie.encode() not in stored
    assert PASSWORD.encode() not in stored


async def test_two_accounts_with_one_name_are_distinguished_by_the_password_or_by_the_organisation(
    tmp_path: Path,
) -> None:
    organisations = {"kela": {"name": "Kela"}, "posti": {"name": "Posti"}}
    changes = {"organisations": organisations, "services": {"support": {"organisation": "kela"}}}
    async with site(tmp_path, changes) as here:
        for organisation, password in (("kela", PASSWORD), ("posti", "password-of-the-post")):
            user = await here.account("Anna", organisation=organisation)
            await here.administration.set_password(user, password)
        for name, password, organisation in (
            ("anna", PASSWORD, "kela"), ("anna", "password-of-the-post", "posti"), ("Anna@posti", PASSWORD, ""),
        ):  # fmt: skip
            browser = await here.browser()
            page = await browser.log_in(name, password)
            cookie = browser.cookie()
            assert (cookie is not None) is bool(organisation), page.text
            if cookie is not None:
                session = here.accounts.sessions.get(digest(cookie))
                assert session is not None
                assert session.organisation == organisation
        await here.administration.set_password(here.accounts.named("anna", "posti")[0], PASSWORD)
        browser = await here.browser()
        assert (await browser.log_in("anna")).status == 401
        await browser.log_in("anna@posti")
        assert browser.cookie() is not None


async def test_after_the_log_in_everybody_gets_to_a_page_that_they_may_see(here: Site) -> None:
    for role in Role:
        if role is not Role.DEVICE:
            await here.account(f"a {role}", role)
            browser = await here.browser()
            page = await browser.log_in(f"a {role}")
            assert page.status == 200, role
