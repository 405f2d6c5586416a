"""Two daemons with one database: what one of them decides about a session holds on the other within seconds."""

from __future__ import annotations

from pathlib import Path

import pytest

from callcentre.features.users.events import Changes
from callcentre.features.users.model import digest
from callcentre.web.rights import Role
from tests.integration.features.users.pages import site
from tests.testbed.databases import ON_SERVER, database_in
from tests.testbed.waiting import until

pytestmark = pytest.mark.skipif(not ON_SERVER, reason="a file belongs to one daemon")


async def test_what_one_node_decides_about_a_session_holds_on_the_other(tmp_path: Path) -> None:
    store = {"store": {"url": database_in(tmp_path).url}}
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    async with site(first, {**store, "node": "one"}) as one, site(second, {**store, "node": "two"}) as two:
        await one.account("Anna")
        bo = await one.account("Bo", Role.SUPERVISOR)
        browser = await one.logged_in("bo")
        cookie = browser.cookie()
        elsewhere = await two.browser(Cookie=f"callcentre={cookie}")
        assert (await elsewhere.get("/account")).path == "/account"
        await one.administration.change(bo, Changes(disabled=True))

        async def is_out() -> bool:
            return (await elsewhere.get("/account")).path != "/account"

        await until(is_out, within=5, awaited="the end of the session on the other node", every=0.1)
        assert (await elsewhere.log_in("bo")).status == 401
        assert cookie is not None
        assert two.accounts.sessions.get(digest(cookie)) is None
