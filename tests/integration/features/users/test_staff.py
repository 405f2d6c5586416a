"""Users, keys, roles and invitations in a browser."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from structlog.testing import capture_logs

from callcentre.features.users.bodies import NewKey
from callcentre.features.users.outside.administration import By, Refused
from callcentre.web.rights import Role
from tests.integration.features.users.pages import PASSWORD, Browser, Site, site
from tests.testbed.waiting import until


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Site]:
    async with site(tmp_path) as running:
        await running.account("Anna")
        yield running


def link_of(html: str) -> str:
    found = re.search(r"/invitations/[\w-]+", html)
    assert found is not None
    return found[0]


async def test_an_invited_person_makes_an_account_once(here: Site) -> None:
    anna = await here.logged_in("anna")
    await anna.get("/users/invite")
    page = await anna.submit("/users/invite", role="supervisor", service="support", mail="bo@example.fi")
    link = link_of(page.html)
    listed = (await anna.get("/users")).text
    assert "bo@example.fi" in listed
    bo = await here.browser()
    assert "Your role:" in (await bo.get(link)).text
    for fields, says in (
        ({"username": "anna"}, "This name is taken"),
        ({"username": "<b>"}, "This cannot be a name"),
        ({"password": "short", "again": "short"}, "too short"),
        ({"again": "another-password"}, "differ"),
    ):
        known = {"username": "Bo", "password": PASSWORD, "again": PASSWORD} | fields
        page = await bo.submit(link, **known)
        assert (page.status, says in page.text) == (422, True)
    await bo.submit(link, username="Bo", password=PASSWORD, again=PASSWORD)
    page = await bo.get("/account")
    assert (page.path, "bo@example.fi" in page.text) == ("/account", True)
    (made,) = here.accounts.named("bo")
    assert (made.role, made.services, made.organisation) == ("supervisor", ("support",), "main")
    assert (await bo.get(link)).status == 404
    assert [(fact["event"], fact.get("user")) for fact in here.facts()][-3:] == [
        ("user.invited", "Anna"), ("user.added", "Bo"), ("user.logged_in", None)
    ]  # fmt: skip


async def test_an_invitation_is_withdrawn_or_too_old(here: Site) -> None:
    anna, stranger = await here.logged_in("anna"), await here.browser()
    links = []
    for _ in range(2):
        await anna.get("/users/invite")
        links.append(link_of((await anna.submit("/users/invite", role="viewer")).html))
    await anna.get("/users")
    await anna.submit("/users/withdraw")
    assert sorted([(await stranger.get(link)).status for link in links]) == [200, 404]
    here.ahead = 72 * 3600 + 1
    assert [(await stranger.get(link)).status for link in links] == [404, 404]
    assert (await stranger.get("/invitations/nothing")).status == 404


async def test_an_administrator_changes_disables_and_enables_an_account(here: Site) -> None:
    user = await here.account("Bo", Role.AGENT)
    anna, bo = await here.logged_in("anna"), await here.logged_in("bo")
    path = f"/users/{user.id}"
    page = await anna.get(path)
    assert "Bo" in page.text
    page = await anna.submit(f"{path}/change", role="viewer", service="support", agent="PJSIP/bo", mail="no address")
    assert (page.status, "not a mail address" in page.text) == (422, True)
    page = await anna.submit(f"{path}/change", role="viewer", service="support", agent="PJSIP/bo", mail="bo@x.fi")
    assert "The account is changed" in page.text
    (now,) = here.accounts.named("bo")
    assert (now.role, now.services, now.agent, now.mail) == ("viewer", ("support",), "PJSIP/bo", "bo@x.fi")
    assert (await bo.get("/account")).path == "/login?next=/account"
    page = await anna.submit(f"{path}/disable", why="left the company")
    assert "Disabled" in page.text
    assert (await bo.log_in("bo")).status == 401
    await anna.submit(f"{path}/enable")
    await bo.log_in("bo")
    assert (await bo.get("/account")).path == "/account"
    disabled = next(fact for fact in here.facts() if fact["event"] == "user.disabled")
    assert (disabled["user"], disabled["account"], disabled["why"]) == ("Anna", "Bo", "left the company")


async def test_the_last_administrator_stays_one_and_reads_why(here: Site) -> None:
    anna = await here.logged_in("anna")
    path = f"/users/{here.accounts.named('anna')[0].id}"
    await anna.get(path)
    page = await anna.submit(f"{path}/disable")
    assert (page.status, "Nobody could administer" in page.text) == (422, True)
    page = await anna.submit(f"{path}/change", role="viewer")
    assert (page.status, "Nobody could administer" in page.text) == (422, True)


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.ADMINISTRATOR, Role.DEVICE}])
async def test_only_administrators_see_users(here: Site, role: Role) -> None:
    user = await here.account("Bo", role)
    bo = await here.logged_in("bo")
    await bo.get("/account")
    token = bo.page.forms["/account/password"]["csrf"]
    assert {(await bo.get(path)).status for path in ("/users", "/users/invite", f"/users/{user.id}")} == {403}
    for act in ("change", "enable", "disable", "second-factor/remove"):
        assert (await bo.post(f"/users/{user.id}/{act}", {"csrf": token, "role": "administrator"})).status == 403
    assert (await bo.post("/users/invite", {"csrf": token, "role": "administrator"})).status == 403
    assert (await bo.get("/roles")).status == 200
    assert here.accounts.named("bo") == [user]


async def test_the_page_of_roles_is_the_table_of_rights(here: Site) -> None:
    browser = await here.logged_in("anna")
    page = await browser.get("/roles")
    for right in here.administration.table:
        row = re.search(rf"<tr><th scope=\"row\">{re.escape(_escaped(right.about))}</th>(.*?)</tr>", page.html)
        assert row is not None, right.about
        cells = re.findall(r"<td>(.*?)</td>", row[1])
        assert [cell == "yes" for cell in cells] == [role in right.roles for role in Role]


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("'", "&#39;").replace('"', "&#34;")


# --- keys ----------------------------------------------------------------------------------------


async def status_with(here: Site, secret: str, path: str = "/api/openapi.json") -> int:
    headers = {"Authorization": f"Bearer {secret}"}
    async with ClientSession(headers=headers) as client, client.get(f"{here.url}{path}") as answer:
        return answer.status


async def test_a_key_is_made_in_the_browser_shown_once_and_revoked(here: Site) -> None:
    anna = await here.logged_in("anna")
    assert "There is no key" in (await anna.get("/keys")).text
    await anna.get("/keys/add")
    page = await anna.submit("/keys/add", name="crm", role="viewer", service="support", days="90")
    found = re.search(r"cc_[\w-]{32}", page.html)
    assert found is not None
    assert await status_with(here, found[0]) == 200
    page = await anna.get("/keys")
    assert found[0] not in page.html
    assert "crm" in page.text
    (key,) = here.accounts.keys_named("crm", "main")
    await anna.submit(f"/keys/{key.id}/revoke", why="not needed")
    assert await status_with(here, found[0]) == 401


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"name": ""}, "This cannot be a name"),
        ({"days": "0"}, "number of days"),
        ({"days": "99999999999"}, "number of days"),
        ({"days": "٣"}, "number of days"),
        ({"role": "emperor"}, "There is no such role"),
        ({"service": "nowhere"}, "There is no such service"),
        ({"name": "taken"}, "This name is taken"),
    ],
)
async def test_a_key_that_makes_no_sense_is_refused_with_the_reason(
    here: Site, fields: dict[str, str], says: str
) -> None:
    await here.administration.add_key(NewKey(name="taken", role=Role.DEVICE))
    anna = await here.logged_in("anna")
    await anna.get("/keys/add")
    page = await anna.submit("/keys/add", **{"name": "new", "role": "device", "days": ""} | fields)
    assert (page.status, says in page.text) == (422, True)
    assert here.accounts.keys_named("new", "main") == []


async def test_a_supervisor_makes_keys_with_no_more_than_their_own_rights(here: Site) -> None:
    await here.account("Bo", Role.SUPERVISOR, services=("support",))
    await here.administration.add_key(NewKey(name="of-the-command", role=Role.DEVICE))
    bo = await here.logged_in("bo")
    page = await bo.get("/keys")
    assert "of-the-command" not in page.text
    page = await bo.get("/keys/add")
    assert 'value="administrator"' not in page.html
    page = await bo.submit("/keys/add", name="admin", role="administrator")
    assert (page.status, "more than you may" in page.text) == (422, True)
    page = await bo.submit("/keys/add", name="wall", role="device")
    found = re.search(r"cc_[\w-]{32}", page.html)
    assert found is not None
    assert "/wallboard?key=cc_" in page.html
    identity = await identity_of(here, found[0])
    assert identity is not None
    assert set(identity[1] or ()) == {"support"}
    (other,) = here.accounts.keys_named("of-the-command", "main")
    await bo.get("/keys")
    token = bo.page.forms[next(iter(path for path in bo.page.forms if path.startswith("/keys/")))]["csrf"]
    assert (await bo.post(f"/keys/{other.id}/revoke", {"csrf": token})).status == 404


async def identity_of(here: Site, secret: str) -> tuple[frozenset[str] | None, frozenset[str] | None] | None:
    """The rights and services of a key."""
    from callcentre.features.users.outside.identities import AccountIdentities

    does = here.administration
    found = await AccountIdentities(does.accounts, does.program, does.in_force, does.table).of_key(secret)
    if found is None:
        return None
    both = (found.rights, found.services)
    return tuple(None if each is None else frozenset(each) for each in both)  # type: ignore[return-value]


async def test_a_key_may_do_no_more_than_its_maker_and_ends_with_the_account(here: Site) -> None:
    from callcentre.features.users.events import Changes

    bo = await here.account("Bo", Role.SUPERVISOR)
    table = here.administration.table
    by = By(user=bo.id, rights=table.of(Role.SUPERVISOR))
    secret, _ = await here.administration.add_key(NewKey(name="k", role=Role.SUPERVISOR), by)
    assert await identity_of(here, secret) == (table.of(Role.SUPERVISOR), None)
    bo = await here.administration.change(bo, Changes(role="agent", services=("support",)))
    expected = table.of(Role.SUPERVISOR) & table.of(Role.AGENT)
    assert await identity_of(here, secret) == (expected, frozenset({"support"}))
    await here.administration.change(bo, Changes(disabled=True))
    assert await identity_of(here, secret) is None


async def test_a_key_with_some_rights_makes_no_key_with_more(here: Site) -> None:
    by = By(rights=frozenset({"keys.manage", "roles.read"}))
    for wanted in (NewKey(name="x", role=Role.ADMINISTRATOR), NewKey(name="x", role=Role.SUPERVISOR)):
        with pytest.raises(Refused, match="may do more"):
            await here.administration.add_key(wanted, by)
    with pytest.raises(Refused, match="not among those of the role"):
        await here.administration.add_key(NewKey(name="x", role=Role.DEVICE, rights=("users.manage",)))
    wanted = NewKey(name="x", role=Role.SUPERVISOR, rights=("roles.read",))
    secret, _ = await here.administration.add_key(wanted, by)
    assert await identity_of(here, secret) == (frozenset({"roles.read"}), None)
    assert await status_with(here, secret, "/api/users") == 403


async def test_an_expired_key_counts_no_more(here: Site) -> None:
    secret, _ = await here.administration.add_key(NewKey(name="k", role=Role.VIEWER, expires_in=60))
    assert await status_with(here, secret) == 200
    here.ahead = 61
    assert await status_with(here, secret) == 401


# --- the first account ---------------------------------------------------------------------------


async def first_link(here: Site, logged: Sequence[Mapping[str, Any]]) -> str:
    async def look() -> str | None:
        found = [str(line["link"]) for line in logged if line["event"] == "users.none"]
        return found[0].removeprefix(here.url) if found else None

    return await until(look, within=10, awaited="the link of the first start")


async def test_the_first_start_writes_a_link_that_makes_one_administrator(tmp_path: Path) -> None:
    with capture_logs() as logged:
        async with site(tmp_path) as here:
            browser: Browser = await here.browser()
            link = await first_link(here, logged)
            await browser.get(link)
            await browser.submit(link, username="Anna", password=PASSWORD, again=PASSWORD)
            assert (await browser.get("/users")).status == 200
            (made,) = here.accounts.named("anna")
            assert made.role == "administrator"
    with capture_logs() as logged:
        async with site(tmp_path) as here:
            await (await here.browser()).get("/health")
    assert [line for line in logged if line["event"] == "users.none"] == []


async def test_the_first_link_counts_for_an_hour(tmp_path: Path) -> None:
    with capture_logs() as logged:
        async with site(tmp_path) as here:
            browser = await here.browser()
            link = await first_link(here, logged)
            assert (await browser.get(link)).status == 200
            here.ahead = 3601
            assert (await browser.get(link)).status == 404
