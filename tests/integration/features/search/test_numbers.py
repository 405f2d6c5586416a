"""Full numbers: shown to whom may see them, once the fact of it is on disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from callcentre.features.callbacks.events import CallbackRequested
from callcentre.features.callbacks.facts import CallbackOffered
from tests.cast import MATTI
from tests.integration.visited import Visited
from tests.testbed.hostile import shows

ASKED = {"field": "callback", "value": "cb-r1", "why": "The customer <b>called</b> us"}


@pytest.fixture
async def matti(visited: Visited) -> str:
    """Matti waits for a callback. His hash."""
    await visited.settle(
        CallbackRequested(
            at=visited.at, request="r1", service="support", number=MATTI, caller_name="Matti", by="staff"
        )
    )  # fmt: skip
    return visited.world.caller(MATTI)


def shown(folder: Path) -> list[dict[str, Any]]:
    lines = map(json.loads, (folder / "facts.jsonl").read_text().splitlines())
    return [line for line in lines if line["event"] == "number.shown"]


async def test_a_number_is_shown_after_the_fact_of_it(visited: Visited, matti: str, tmp_path: Path) -> None:
    page = await visited.post("/numbers/show", ASKED)
    assert (page.status, MATTI in page.text) == (200, True)
    assert page.headers["Cache-Control"] == "no-store"
    (fact,) = shown(tmp_path)
    assert (fact["callback"], fact["service"], fact["number"], fact["caller"]) == (
        "cb-r1", "support", "+35840•••22", matti,
    )  # fmt: skip
    assert (fact["user"], fact["address"], fact["why"]) == ("aino", "127.0.0.1", "The customer <b>called</b> us")
    again = (await visited.get("/callbacks/cb-r1")).text
    assert MATTI not in again
    assert shows(again, "aino looked at the full number.")
    assert shows(again, "The reason given: The customer <b>called</b> us")


async def test_a_number_is_shown_of_a_person_and_a_call_and_a_text(
    visited: Visited, matti: str, tmp_path: Path
) -> None:
    about: dict[str, Any] = {"service": "support", "queue": "support", **visited.world.who(MATTI)}
    await visited.store_facts(CallbackOffered(call="7.7", position=1, **about))
    texts = [text.message for text in visited.world.texts.open.values()]
    for field, value in (("caller", matti), ("message", texts[0])):
        page = await visited.post("/numbers/show", {"field": field, "value": value, "why": "x"})
        assert MATTI in page.text, field
    assert [fact.get("message") for fact in shown(tmp_path)] == [None, texts[0]]
    gone = await visited.post("/numbers/show", {"field": "call", "value": "7.7", "why": "x"})
    assert shows(gone.text, "The full number is not stored any more.")
    assert len(shown(tmp_path)) == 2


@pytest.mark.usefixtures("matti")
async def test_a_number_needs_a_reason(visited: Visited, tmp_path: Path) -> None:
    for why in ("", "   "):
        answer = await visited.post("/numbers/show", {**ASKED, "why": why})
        assert (answer.status, answer.headers["Location"]) == (303, "/callbacks/cb-r1")
    assert shown(tmp_path) == []
    assert MATTI not in answer.text


@pytest.mark.usefixtures("matti")
@pytest.mark.parametrize(
    ("user", "fields", "status"),
    [
        ("viewer", {}, 403),
        ("agent", {}, 403),
        ("sales", {}, 404),
        ("aino", {"value": "cb-r9"}, 404),
        ("aino", {"field": "number"}, 404),
        ("aino", {"field": ""}, 404),
        ("aino", {"csrf": "x"}, 403),
    ],
)
async def test_a_number_is_not_shown(
    visited: Visited, tmp_path: Path, user: str, fields: dict[str, str], status: int
) -> None:
    answer = await visited.post("/numbers/show", ASKED | fields, user)
    assert (answer.status, MATTI in answer.text) == (status, False)
    assert shown(tmp_path) == []


@pytest.mark.usefixtures("matti")
async def test_no_number_comes_by_a_get(visited: Visited, tmp_path: Path) -> None:
    assert (await visited.get("/numbers/show?field=callback&value=cb-r1&why=x")).status in (404, 405)
    assert shown(tmp_path) == []


@pytest.mark.usefixtures("matti")
async def test_a_form_of_another_site_shows_nothing(visited: Visited, tmp_path: Path) -> None:
    answer = await visited.post("/numbers/show", ASKED, Sec_Fetch_Site="cross-site")
    assert (answer.status, shown(tmp_path)) == (403, [])


@pytest.mark.usefixtures("matti")
async def test_only_who_may_see_numbers_is_offered_them(visited: Visited) -> None:
    assert 'action="/numbers/show"' in (await visited.get("/callbacks/cb-r1")).text
    assert 'action="/numbers/show"' not in (await visited.get("/callbacks/cb-r1", "viewer")).text
