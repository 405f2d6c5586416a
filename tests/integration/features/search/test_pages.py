"""The pages of search: what they show to whom, and what they do not."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import quote

import pytest

from callcentre.features.callbacks.events import CallbackRequested
from callcentre.features.callbacks.facts import CallbackAccepted, CallbackOffered, CallbackRefused
from callcentre.features.search.outside.statements import Part
from callcentre.messaging.facts import SmsAccepted, SmsFailed, SmsQueued, SmsReceived
from callcentre.telephony.facts import CallEnded, QueueAnswered, QueueJoined, QueueLeft
from tests.cast import LIISA, MATTI
from tests.integration.visited import Visited
from tests.testbed.hostile import shows

FIRST, SECOND = "1772435662.2", "1772435900.7"


def without_tokens(page: str) -> str:
    """The tokens of forms are others in each page, and the form for the language knows the way back."""
    return re.sub(r'data-csrf="[^"]*"|name="(csrf|next)" value="[^"]*"', "", page)


async def stored(visited: Visited) -> str:
    """Two calls of Matti's to support, and one of Liisa's to sales. Returns Matti's hash."""
    matti: dict[str, Any] = visited.world.who(MATTI)
    liisa = visited.world.who(LIISA)
    support: dict[str, Any] = {"service": "support", "queue": "support", **matti}
    sales: dict[str, Any] = {"service": "sales", "queue": "sales", **liisa}
    began = visited.at - timedelta(days=1)
    anna: dict[str, Any] = {"agent": "PJSIP/agent1", "agent_name": "Anna"}
    await visited.store_facts(
        (began, QueueJoined(position=3, waiting=3, estimated_wait=150.0, call=FIRST, **support)),
        (began, CallbackOffered(position=3, call=FIRST, **support)),
        (began, SmsQueued(kind="welcome", parts=1, message=f"welcome-{FIRST}", call=FIRST, **support)),
        (began, SmsAccepted(kind="welcome", parts=1, message=f"welcome-{FIRST}", call=FIRST, **support)),
        (began + timedelta(seconds=9), QueueLeft(wait=9.0, reason="abandoned", call=FIRST, **support)),
        (began + timedelta(seconds=9), CallEnded(wait=9.0, talk=0.0, call=FIRST, **support)),
        (visited.at, QueueJoined(position=1, waiting=1, call=SECOND, **support)),
        (visited.at, CallbackRefused(reason="short_wait", call=SECOND, **support)),
        (visited.at + timedelta(seconds=5), QueueAnswered(wait=5.0, call=SECOND, **support, **anna)),
        (visited.at, QueueJoined(position=1, waiting=1, call="9.9", **sales)),
        (visited.at, SmsFailed(kind="welcome", parts=1, reason="unclear", message="welcome-9.9", call="9.9", **sales)),
        SmsReceived(**matti),
    )
    return str(matti["caller"])


async def test_a_call_is_shown_in_words_with_the_reasons(visited: Visited) -> None:
    await stored(visited)
    page = (await visited.get(f"/calls/{SECOND}")).text
    for words in (
        "The caller joined the queue at place 1 of 1.",
        "No callback was offered. The estimated wait was short (offer.min_wait).",
        "Anna answered after 0:05.",
        "+35840•••22",
    ):
        assert shows(page, words)
    assert MATTI not in page
    assert not shows(page, "abandoned")


@pytest.mark.parametrize(
    ("user", "words"),
    [("aino_fi", "Anna vastasi 0:05 odotuksen jälkeen."), ("aino_sv", "Anna svarade efter 0:05.")],
)
async def test_a_call_is_shown_in_the_language_of_the_visitor(visited: Visited, user: str, words: str) -> None:
    await stored(visited)
    assert shows((await visited.get(f"/calls/{SECOND}", user)).text, words)


async def test_what_is_of_another_service_is_as_what_does_not_exist(visited: Visited) -> None:
    caller = await stored(visited)
    requested = CallbackRequested(
        at=visited.at, request="r1", service="support", number=MATTI, caller_name="Matti", by="staff"
    )
    await visited.settle(requested)
    there = (f"/calls/{FIRST}", f"/messages/welcome-{FIRST}", "/callbacks/cb-r1", f"/people/{caller}")
    nowhere = ("/calls/1.1", "/messages/welcome-1.1", "/callbacks/cb-r9", "/people/" + "0" * 16)
    for path, unknown in zip(there, nowhere, strict=True):
        assert (await visited.get(path)).status == 200
        hidden, missing = await visited.get(path, "sales"), await visited.get(unknown, "sales")
        assert (hidden.status, missing.status) == (404, 404)
        assert without_tokens(hidden.text) == without_tokens(missing.text)
    assert "cb-r1" not in (await visited.get("/callbacks", "sales")).text
    assert FIRST not in (await visited.get("/messages", "sales")).text
    for sought in (FIRST, f"welcome-{FIRST}", "cb-r1", MATTI, "Matti"):
        found = await visited.get(f"/search?q={quote(sought)}", "sales")
        assert (found.status, "Nothing was found" in found.text) == (200, True)


async def test_an_agent_finds_nobody(visited: Visited) -> None:
    caller = await stored(visited)
    for path in ("/search", f"/people/{caller}", f"/calls/{FIRST}", "/messages", "/callbacks"):
        assert (await visited.get(path, "agent")).status == 403


async def test_a_viewer_finds_a_call_but_no_person(visited: Visited) -> None:
    caller = await stored(visited)
    assert (await visited.get(f"/search?q={FIRST}", "viewer")).headers["Location"] == f"/calls/{FIRST}"
    assert "Nothing was found" in (await visited.get(f"/search?q={quote(MATTI)}", "viewer")).text
    assert (await visited.get(f"/people/{caller}", "viewer")).status == 403
    assert f"/people/{caller}" not in (await visited.get(f"/calls/{FIRST}", "viewer")).text


@pytest.mark.parametrize("written", ["0401112222", "040 111 2222", "+358 40 111 2222", "00358401112222", "040-1112222"])
async def test_a_person_is_found_by_the_number_in_any_way_of_writing(visited: Visited, written: str) -> None:
    caller = await stored(visited)
    page = (await visited.get(f"/search?q={quote(written)}")).text
    assert f"/people/{caller}" in page
    assert shows(page, "The caller hung up.")
    sent = await visited.post("/search", {"q": written})
    assert (sent.status, sent.headers["Location"]) == (303, f"/people/{caller}")


@pytest.mark.parametrize(
    ("sought", "path"),
    [(FIRST, f"/calls/{FIRST}"), (f"welcome-{FIRST}", f"/messages/welcome-{FIRST}"), ("cb-1/2", "/callbacks/cb-1%2F2")],
)
async def test_an_id_leads_to_its_page(visited: Visited, sought: str, path: str) -> None:
    await stored(visited)
    matti: dict[str, Any] = visited.world.who(MATTI)
    await visited.store_facts(CallbackAccepted(callback="cb-1/2", service="support", **matti))
    found = await visited.get(f"/search?q={quote(sought, safe='')}")
    assert (found.status, found.headers["Location"]) == (303, path)
    assert (await visited.get(path)).status == 200


async def test_a_person_has_everything_by_day_newest_or_oldest_first(visited: Visited) -> None:
    caller = await stored(visited)
    newest, oldest = await visited.get(f"/people/{caller}"), await visited.get(f"/people/{caller}?order=oldest")
    for page in (newest.text, oldest.text):
        assert page.count('<h2 class="day">') == 2
        assert shows(page, "A text came from the person's phone.")
        assert shows(page, "The caller hung up.")
        assert shows(page, "Anna answered after 0:05.")
        assert f"/calls/{FIRST}" in page
        assert LIISA[-2:] not in page.split("timeline")[1]
    assert newest.text.index("Anna answered") < newest.text.index("The caller hung up.")
    assert oldest.text.index("Anna answered") > oldest.text.index("The caller hung up.")


@pytest.mark.parametrize("order", ["", "?order=oldest"])
async def test_a_long_story_comes_in_parts_and_nothing_comes_twice(
    visited: Visited, monkeypatch: pytest.MonkeyPatch, order: str
) -> None:
    monkeypatch.setattr("callcentre.features.search.web.Part", partial(Part, most=7))
    about: dict[str, Any] = {"service": "support", "queue": "support", **visited.world.who(MATTI)}
    for number in range(20):
        # Each goes on while the next one begins, and every fourth begins at the same moment as the one before.
        at = visited.at + timedelta(minutes=number - (number % 4 == 3))
        call = f"call-{number}"
        await visited.store_facts(
            (at, QueueJoined(position=1, waiting=1, call=call, **about)),
            (at + timedelta(seconds=90), QueueLeft(wait=90.0, reason="abandoned", call=call, **about)),
            (at + timedelta(seconds=91), CallEnded(wait=90.0, talk=0.0, call=call, **about)),
            *[(at + timedelta(seconds=30), SmsReceived(**visited.world.who(MATTI)))] * 2,
        )
    seen, texts, path = [], 0, f"/people/{about['caller']}{order}"
    for _ in range(20):
        page = (await visited.get(path)).text
        seen += re.findall(r'href="/calls/call-([0-9]+)"', page)
        texts += page.count("A text came from")
        further = re.findall(r'href="(/people/[^"]*from=[^"]*)"', page)
        if not further:
            break
        path = further[0].replace("&amp;", "&")
    # Three facts of each call.
    assert sorted(map(int, seen)) == sorted([*range(20)] * 3)
    assert texts == 40
