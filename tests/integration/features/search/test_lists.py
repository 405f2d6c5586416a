"""The lists of open callbacks and of texts."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from callcentre.features.callbacks.events import CallbackRequested
from callcentre.kernel.fact import Fact
from callcentre.kernel.statements import insert_into
from callcentre.messaging.facts import SmsReceived
from callcentre.messaging.statistics import TEXTS
from callcentre.statistics.tables import ledger_table
from tests.cast import MATTI
from tests.integration.visited import Visited
from tests.testbed.databases import connected_to
from tests.testbed.hostile import shows


async def waiting(visited: Visited, count: int, service: str = "support") -> None:
    for number in range(count):
        requested = CallbackRequested(
            at=visited.at, request=f"{service}{number}", service=service, number=f"+3584011{number:05}",
            caller_name=f"Matilda {number}", by="staff",
        )  # fmt: skip
        await visited.settle(requested)


def links(page: str, rel: str) -> list[str]:
    return [path.replace("&amp;", "&") for path in re.findall(rf'<a href="([^"]*)" rel="{rel}"', page)]


def ids(page: str) -> list[str]:
    return re.findall(r'class="number" href="/callbacks/([^"]*)"', page)


async def test_open_callbacks_are_listed_with_place_and_why_they_wait(visited: Visited) -> None:
    await waiting(visited, 2)
    await waiting(visited, 1, "sales")
    page = (await visited.get("/callbacks")).text
    assert ids(page) == ["cb-sales0", "cb-support0", "cb-support1"]
    assert shows(page, "3 open callbacks")
    assert shows(page, "There is no connection to Asterisk.")
    assert "+3584011" not in page
    assert "Matilda" not in page.split("<tbody>")[1]


async def test_open_callbacks_are_filtered_by_service_and_state(visited: Visited) -> None:
    await waiting(visited, 2)
    await waiting(visited, 1, "sales")
    assert ids((await visited.get("/callbacks?service=sales")).text) == ["cb-sales0"]
    assert ids((await visited.get("/callbacks?service=support&phase=waiting")).text) == ["cb-support0", "cb-support1"]
    nothing = (await visited.get("/callbacks?phase=connected")).text
    assert ids(nothing) == []
    assert shows(nothing, "Choose another service or state.")
    # What is no service of theirs, no state and no page is as if it was not there.
    for query in ("service=%3Cscript%3E&phase=x&page=-1", "page=99999999999999999999", "page=%C2%B2"):
        assert (await visited.get(f"/callbacks?{query}")).status == 200


async def test_callbacks_come_in_pages(visited: Visited, monkeypatch: Any) -> None:
    monkeypatch.setattr("callcentre.features.search.web.ON_A_PAGE", 2)
    await waiting(visited, 5)
    seen, path = [], "/callbacks?service=support"
    while path:
        page = (await visited.get(path)).text
        seen += ids(page)
        (path,) = links(page, "next") or [""]
    assert seen == [f"cb-support{number}" for number in range(5)]
    assert links(page, "prev") == ["/callbacks?service=support&page=2"]


async def test_an_empty_list_says_what_to_do(visited: Visited) -> None:
    assert shows((await visited.get("/callbacks")).text, "No callback is open.")
    assert shows((await visited.get("/messages")).text, "No text was sent or received yet.")
    assert shows((await visited.get("/search")).text, "Find a call, a callback, a text or a person.")


def store_texts(visited: Visited, *rows: dict[str, Any]) -> None:
    """Rows of the ledger, as it makes them of facts."""
    table = ledger_table(TEXTS)
    empty = {column.name: None for column in table.columns}
    with connected_to(visited.store.database) as connection, connection.begin():
        prepared = insert_into(table, connection.dialect)
        prepared.run(connection.connection.cursor(), [
            {**empty, "node": "main", "open": False, "kind": "welcome", "parts": 1, **row} for row in rows
        ])  # fmt: skip


def text(visited: Visited, number: int, state: str, service: str = "support", days: float = 0) -> dict[str, Any]:
    at = visited.at - timedelta(days=days, seconds=-number)
    return {
        "key": number, "at": round(at.timestamp() * 1000), "message": f"welcome-{number}", "state": state,
        "service": service, "number": "+35840•••22",
    }  # fmt: skip


def messages(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'href="/messages/welcome-([0-9]+)"', page)]


async def test_texts_are_listed_the_newest_first_and_filtered(visited: Visited) -> None:
    store_texts(
        visited, text(visited, 1, "delivered"), text(visited, 2, "failed"), text(visited, 3, "refused", "sales"),
        text(visited, 4, "failed", days=1),
    )  # fmt: skip
    who: dict[str, Any] = visited.world.who(MATTI)
    received: Fact = SmsReceived(**who)
    await visited.store_facts(received)
    page = (await visited.get("/messages")).text
    assert messages(page) == [3, 2, 1, 4]
    assert page.count("received</span>") == 1
    assert messages((await visited.get("/messages?state=failed")).text) == [2, 4]
    assert messages((await visited.get("/messages?service=sales")).text) == [3]
    day = (visited.at - timedelta(days=1)).date()
    assert messages((await visited.get(f"/messages?day={day}&state=failed")).text) == [4]
    only = (await visited.get("/messages?state=received")).text
    assert (messages(only), only.count("received</span>")) == ([], 1)
    assert messages((await visited.get("/messages", "sales")).text) == [3]
    for query in ("state=x&day=2026-99-99&before=x.y", "before=99999999999999999.1", "day=0001-01-01", "before=1"):
        assert (await visited.get(f"/messages?{query}")).status == 200


async def test_texts_come_in_pages_and_none_is_left_out(visited: Visited, monkeypatch: Any) -> None:
    monkeypatch.setattr("callcentre.features.search.web.ON_A_PAGE", 3)
    # Some at the same millisecond, and some after a gap of two months.
    rows = [text(visited, number, "failed", days=0 if number > 4 else 60) for number in range(9)]
    rows = [row | {"at": rows[6]["at"]} if row["key"] in (6, 7, 8) else row for row in rows]
    store_texts(visited, *rows)
    seen, path, pages = [], "/messages?state=failed", 0
    while path and pages < 10:
        page = (await visited.get(path)).text
        seen += messages(page)
        further = re.findall(r'href="(/messages\?[^"]*before=[^"]*)"', page)
        path, pages = (further[-1].replace("&amp;", "&") if further else ""), pages + 1
    assert sorted(seen, reverse=True) == list(range(8, -1, -1))
    assert len(seen) == len(set(seen))
