"""What a person sees of a request that is refused: a sentence in their language, and nothing was done."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from callcentre.web.live.hub import Hub
from callcentre.web.live.panel import Panel
from callcentre.web.rights import Role
from tests.integration.visited import Visited, person, visited_in

PEOPLE = {
    "aino": person("aino", Role.SUPERVISOR, language="fi"),
    "viewer": person("viewer", Role.VIEWER, language="sv"),
}


@pytest.fixture
async def visited(tmp_path: Path) -> AsyncIterator[Visited]:
    async with visited_in(tmp_path, {}, PEOPLE) as running:
        yield running


@pytest.mark.parametrize("path", ["/calls/no.1", "/callbacks/no", "/messages/no", "/calls/%00"])
async def test_what_does_not_exist_is_said_in_the_language_of_the_visitor(visited: Visited, path: str) -> None:
    answer = await visited.get(path)
    assert (answer.status, "<html" in answer.text) == (404, True)
    assert "Not Found" not in answer.text
    assert 'lang="fi"' in answer.text


async def test_a_right_that_is_lacking_is_said(visited: Visited) -> None:
    answer = await visited.post("/services/support/close", {"why": "x"}, "viewer")
    assert answer.status == 403
    assert "Det här kräver en rättighet som ditt konto inte har." in answer.text


async def test_a_form_of_another_site_is_not_accepted(visited: Visited) -> None:
    answer = await visited.post("/services/support/close", {"why": "x"}, Sec_Fetch_Site="cross-site")
    assert answer.status == 403
    assert "toisen sivuston sivulta" in answer.text


async def test_a_form_without_the_token_of_the_session_is_not_accepted(visited: Visited) -> None:
    answer = await visited.post("/services/support/close", {"why": "x", "csrf": "A" * 43})
    assert answer.status == 403
    assert "Lomake on liian vanha" in answer.text


async def test_a_mistake_of_ours_is_said_without_its_details(visited: Visited, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_hub: Hub, _visitor: Any) -> Any:
        raise RuntimeError("s3cret")

    monkeypatch.setattr(Hub, "panels_of", broken)
    answer = await visited.get("/")
    assert (answer.status, "s3cret" in answer.text) == (500, False)
    assert "Jokin meni täällä vikaan." in answer.text


async def test_a_panel_with_a_mistake_does_not_take_the_page_with_it(visited: Visited) -> None:
    def broken(_service: str, _at: datetime) -> Any:
        raise RuntimeError

    hub = visited.one(Hub)
    hub._declared = [
        Panel(name=each.name, right=each.right, template=each.template, state=broken) if each.name == "agents" else each
        for each in hub._declared
    ]
    answer = await visited.get("/")
    assert answer.status == 200
    assert "Jonottavat soittajat" in answer.text
