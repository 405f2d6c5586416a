"""The worst names, texts and ids: each page of search shows them as text, or says that there is no such page."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from callcentre.features.callbacks.events import CallbackRequested
from callcentre.messaging.facts import SmsFailed, SmsRefused
from callcentre.messaging.model import State, Text
from callcentre.telephony.agents.facts import AgentPaused
from callcentre.telephony.facts import CallEnded, QueueAnswered, QueueJoined, QueueLeft
from callcentre.values.characters import cleaned
from tests.cast import MATTI
from tests.integration.visited import Visited
from tests.testbed.hostile import CONTROLS, IDS, LONG, NAMES, TEXTS, harm_in, shows

CALL = "1772435662.2"
CALLERS = ("aino", "aino_fi", "aino_sv")


async def stored(visited: Visited) -> str:
    """A call whose facts have every one of the names, and a person with them. The person's hash."""
    about: dict[str, Any] = {"service": "support", "queue": "support", **visited.world.who(MATTI)}
    facts: list[Any] = [QueueJoined(position=1, waiting=1, call=CALL, **about)]
    for name in (*NAMES, *CONTROLS[:3], LONG):
        facts += [
            QueueAnswered(wait=1.0, call=CALL, agent=name, agent_name=name, **about),
            QueueLeft(wait=1.0, reason=name, by=name, call=CALL, **about),
            SmsFailed(kind=name, parts=1, reason=name, message="m-1", call=CALL, **about),
            SmsRefused(kind="welcome", parts=1, reason=name, message="m-1", call=CALL, **about),
            AgentPaused(agent=name, agent_name=name, reason=name, call=CALL, user=name, why=name, **about),
        ]  # fmt: skip
    facts.append(CallEnded(wait=1.0, talk=1.0, call=CALL, **about))
    await visited.store_facts(*facts)
    return str(about["caller"])


async def test_facts_with_the_worst_fields_are_shown_as_text(visited: Visited) -> None:
    caller = await stored(visited)
    for user in CALLERS:
        for path in (f"/calls/{CALL}", f"/people/{caller}", "/messages/m-1", f"/search?q={quote(MATTI)}"):
            answer = await visited.get(path, user)
            assert (answer.status, harm_in(answer.text)) == (200, []), path
    page = (await visited.get(f"/calls/{CALL}")).text
    for name in NAMES:
        assert shows(page, cleaned(name)), name


async def test_the_worst_names_are_found_and_shown_as_text(visited: Visited) -> None:
    for number, name in enumerate(NAMES):
        requested = CallbackRequested(
            at=visited.at, request=f"r{number}", service="support", number=f"+3584011{number:05}",
            caller_name=name, by="staff",
        )  # fmt: skip
        await visited.settle(requested)
    assert len(visited.world.callbacks) == len(NAMES)
    assert harm_in((await visited.get("/callbacks")).text) == []
    for number, name in enumerate(NAMES):
        sent = await visited.post("/search", {"q": name})
        assert (sent.status, harm_in(sent.text)) == (200, []), name
        found = await visited.get(f"/search?q={quote(name, safe='')}")
        assert (found.status, harm_in(found.text)) == (200, []), name
        if any(character.isalpha() for character in name) and len(name) < 80:
            assert f"/callbacks/cb-r{number}" in found.text, name
            assert shows(found.text, cleaned(name)), name


async def test_any_search_is_answered(visited: Visited) -> None:
    for written in (*TEXTS, "%", "'", "\\", "_"):
        found = await visited.get(f"/search?q={quote(written, safe='')}")
        assert (found.status, harm_in(found.text)) == (200, []), written


async def test_what_is_no_id_is_not_found(visited: Visited) -> None:
    for name in IDS:
        for page in ("calls", "callbacks", "messages", "people"):
            answer = await visited.get(f"/{page}/{name}")
            assert (answer.status, harm_in(answer.text)) == (404, []), (page, name)
            assert "Set-Cookie" not in answer.headers


async def test_the_words_of_a_text_are_shown_as_text(visited: Visited) -> None:
    about: dict[str, Any] = {"service": "support", "queue": "support"}
    who: dict[str, Any] = visited.world.who(MATTI)
    for number, words in enumerate(TEXTS):
        message = f"t-{number}"
        visited.world.texts.open.put(
            Text(
                message=message, kind="staff", number=MATTI, sender="Us", body=words, parts=1, state=State.QUEUED,
                wanted_at=visited.at, **about,
            )
        )  # fmt: skip
        await visited.store_facts(SmsFailed(kind="staff", parts=1, message=message, **about, **who))
        page = (await visited.get(f"/messages/{message}")).text
        assert harm_in(page) == [], words
        assert shows(page, cleaned(words)), words
