"""Every route, as each role of an organisation: what another organisation has makes no difference to any answer.

The routes are those that the program has. A new one is walked too, when its parameters are known here.
"""

from __future__ import annotations

import asyncio
import io
import json
import re
import zipfile
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import pytest

from callcentre.web.origins import CSRF_HEADER, csrf_token
from callcentre.web.routes import Route
from scripts.reference.program import declared
from tests.cast import MATTI
from tests.integration.organisations.two import (
    CALL,
    CALLBACK,
    MARK,
    MESSAGE,
    OURS_SERVICE,
    PEOPLE,
    facts,
    shared_in,
    theirs_now,
)
from tests.integration.visited import Visited

NOBODY: Final = "nobody-1"
"""The id of what does not exist."""

IDS: Final = {
    "/calls/{id}": (CALL, f"{MARK}-1.1"),
    "/calls/{call}": (CALL, f"{MARK}-1.1"),
    "/rules/versions/{version}": (None, MARK),
    "/agent/caller/{call}": (CALL, f"{MARK}-1.1"),
    "/agent/notes/{note}": (None, f"{MARK}-note"),
    "/callbacks/{id}": (CALLBACK, f"cb-{MARK}"),
    "/api/callbacks/{id}": (CALLBACK, f"cb-{MARK}"),
    "/messages/{id}": (MESSAGE, f"{MARK}-m"),
    "/users/{id}": ("u-viewer", f"{MARK}-id"),
    "/keys/{id}": (None, f"{MARK}-id"),
    "/api/users/{name}": ("viewer", f"{MARK}-id"),
    "/api/keys/{name}": (None, f"{MARK}-id"),
    "/api/surveys/{token}": (None, MARK),
    "/api/agents/{interface}": ("PJSIP%2Fplain1", f"PJSIP%2F{MARK}1"),
    "/agents/{interface}": ("PJSIP%2Fplain1", f"PJSIP%2F{MARK}1"),
    # Who has the token of an invitation is whom it was made for.
    "/invitations/{token}": (None, f"{MARK}-guessed"),
    "/s/{token}": (None, MARK),
    "/static/{name}": (None, MARK),
    "/hooks/{gateway}": ("kannel", MARK),
    "/reports/{name}": ("ours", MARK),
    "/people/{id}": (None, MARK),
    "/services/{service}": (OURS_SERVICE, MARK),
}
"""By the beginning of the path: an id of ours, and one of theirs."""

QUERIES: Final = (
    f"service={MARK}", f"q={MARK}", f"q={CALL}", f"q=%2B{MATTI[1:]}", "period=all", "from=2026-06-01&to=2026-06-30",
    "by=service", "by=agent", f"organisation={MARK}", "page=2", f"key={MARK}", f"queue={MARK}",
)  # fmt: skip
"""What a GET is asked with, besides nothing."""

OPENED_TO_ALL: Final = ("/hooks/", "/health", "/metrics", "/static/")
"""Nobody is a visitor there: a gateway, a monitor, or a browser before the log-in."""

STREAMS: Final = ("/live",)
"""They do not end; they have a test of their own."""

_CHANGING: Final = re.compile(
    rb'name="(?:csrf|next)" value="[^"]*"|name="csrf" content="[^"]*"|data-csrf="[^"]*"|nonce="[^"]*"|/static/[\w.-]+'
    rb'|<form[^>]*action="/login/language".*?</form>',
    re.DOTALL,
)
"""What is another in each answer."""

_OF_OCTETS: Final = {"Date", "Content-Length"}
"""Headers that depend on the time, or on how well what changes can be compressed."""


def every_route() -> list[Route]:
    return [route for route in declared(Route) if not route.path.startswith(OPENED_TO_ALL)]


def ids_of(path: str) -> tuple[str | None, str] | None:
    """An id of ours and one of theirs for the parameter of a path; None: it has none."""
    if "{" not in path:
        return None
    for known, ids in IDS.items():
        if path.startswith(known):
            return ids
    raise AssertionError(
        f"{path}: it is not known here how to call it. Name an id of ours and one of theirs in IDS, and store "
        f"something of theirs under it with {MARK!r} in each text"
    )


def filled(path: str, value: str) -> str:
    return re.sub(r"\{[^}]*\}", value, path, count=1)


@dataclass(frozen=True)
class Asked:
    """A request and its answer."""

    method: str
    target: str
    user: str
    status: int
    body: bytes

    @property
    def shown(self) -> bytes:
        """The answer without what is another each time."""
        return _CHANGING.sub(b"", self.body)

    def __str__(self) -> str:
        return f"{self.method} {self.target} as {self.user}: {self.status}"


async def ask(visited: Visited, method: str, target: str, user: str, fields: Mapping[str, Any] | None = None) -> Asked:
    """A request of a browser, with a form or a body of JSON."""
    from yarl import URL

    assert visited.http is not None
    identity = PEOPLE.get(user)
    headers = {"Cookie": f"callcentre={user}", "Accept": "text/html, application/json", "Sec-Fetch-Dest": "document"}
    if method != "GET" and identity is not None:
        headers[CSRF_HEADER] = csrf_token(identity.secret)
    api = target.startswith("/api/")
    if api and method != "GET":
        # A key, since a session changes users only after the password.
        headers["Authorization"] = f"Bearer cc_{user}"
    async with visited.http.request(
        method, URL(f"{visited.url}{target}", encoded=True), headers=headers, allow_redirects=False,
        json=fields if api and method != "GET" else None, data=None if api or method == "GET" else fields,
    ) as answer:  # fmt: skip
        body = await answer.read()
        said = b"\n".join(
            f"{name}: {value}".encode() for name, value in answer.headers.items() if name not in _OF_OCTETS
        )
    return Asked(method, target, user, answer.status, said + b"\n\n" + unpacked(body))


def unpacked(body: bytes) -> bytes:
    """The parts of a workbook, and anything else as it is."""
    if not body.startswith(b"PK"):
        return body
    with zipfile.ZipFile(io.BytesIO(body)) as workbook:
        parts = (workbook.read(name) for name in sorted(workbook.namelist()) if name != "docProps/core.xml")
        return b"\n".join(parts)


def has_mark(answer: Asked, *asked: str) -> bool:
    """Whether anything of theirs is in an answer. What the request itself named does not count."""
    asked = (unquote(answer.target), *asked)
    body = answer.body.lower()
    for words in sorted({answer.target, *asked}, key=len, reverse=True):
        body = body.replace(words.lower().encode(), b"")
    for part in re.findall(rf"[\w%.=&+-]*{MARK}[\w%.=&+-]*", " ".join((answer.target, *asked))):
        body = body.replace(part.lower().encode(), b"").replace(part.rpartition("=")[2].lower().encode(), b"")
    return MARK.encode() in body


@pytest.fixture
async def visited(tmp_path: Path) -> AsyncIterator[Visited]:
    async with shared_in(tmp_path, with_theirs=True) as running:
        yield running


def gets() -> Iterator[str]:
    """The targets of all routes that read, with ids of ours, of theirs and of nobody."""
    for route in every_route():
        if route.method != "GET" or route.path in STREAMS:
            continue
        ids = ids_of(route.path)
        if ids is None:
            yield route.path
            yield from (f"{route.path}?{query}" for query in QUERIES)
        else:
            yield from (filled(route.path, value) for value in (*filter(None, ids), NOBODY))


def are_alike(one: Asked, other: Asked) -> bool:
    """Whether two answers are the same. Who comes without a session may be turned away for having come too often."""
    return one.shown == other.shown or 429 in (one.status, other.status)


async def walked(folder: Path, *, with_theirs: bool) -> dict[tuple[str, str], Asked]:
    """The answers to all of them as everybody of ours."""
    answers = {}
    async with shared_in(folder, with_theirs=with_theirs) as visited:
        for target in gets():
            for user in (*PEOPLE, "a stranger"):
                answers[target, user] = await ask(visited, "GET", target, user)
    return answers


async def test_every_answer_is_the_same_as_if_there_were_nothing_of_theirs(tmp_path: Path) -> None:
    with_them = await walked(tmp_path / "with", with_theirs=True)
    without = await walked(tmp_path / "without", with_theirs=False)
    assert not [str(each) for each in with_them.values() if each.status >= 500]
    assert not [str(each) for each in with_them.values() if has_mark(each)]
    assert not [str(each) for key, each in with_them.items() if not are_alike(each, without[key])]


async def test_the_walk_sees_something_of_ours(tmp_path: Path) -> None:
    """A control: pages that show nothing would pass the test above."""
    async with shared_in(tmp_path, with_theirs=True) as visited:
        for target in (f"/calls/{CALL}", f"/callbacks/{CALLBACK}", "/api/callbacks", f"/api/callbacks/{CALLBACK}"):
            answer = await ask(visited, "GET", target, "supervisor")
            assert answer.status == 200, answer
            assert b"+35840" in answer.body, answer
        live = await ask(visited, "GET", "/api/live", "supervisor")
        agent = await ask(visited, "GET", "/agents/PJSIP%2Fplain1", "supervisor")
        assert b"plain Anna" in live.body, live
        assert b"plain Anna" in agent.body, agent
        visited.people["supervisor"] = visited.people["supervisor"].__class__(
            user="token", role=PEOPLE["administrator"].role, organisation=None, secret=PEOPLE["supervisor"].secret
        )
        for target in (
            f"/calls/{MARK}-1.1",
            f"/callbacks/cb-{MARK}",
            "/api/callbacks",
            "/api/live",
            "/rules",
            "/agents",
        ):
            answer = await ask(visited, "GET", target, "supervisor")
            assert (answer.status, has_mark(answer)) == (200, True), answer


FORM: Final = {
    "service": MARK, "queue": MARK, "organisation": MARK, "why": "because", "session": MARK, "id": MARK,
    "invitation": MARK, "number": MATTI, "name": f"{MARK}-name", "value": f"{MARK}-1.1", "field": "call",
    "q": f"{MARK}-1.1", "role": "viewer", "until": "", "minutes": "15", "text": "Hei", "kind": "welcome",
}  # fmt: skip
"""What a form of ours says of theirs."""

BODIES: Final[Mapping[str, Mapping[str, Any]]] = {
    "/api/callbacks": {"number": MATTI, "service": MARK},
    "/api/surveys/": {"answers": [{"question": "satisfaction", "value": 5}]},
    "/api/person/erase": {"number": MATTI},
    "/api/agents/": {"queue": MARK, "reason": "lunch"},
    "/api/users/{name}/password": {"password": "hyvin-salainen-sana"},
    "/api/users/{name}": {},
    "/api/users": {"name": f"{MARK}-name", "role": "viewer", "password": "hyvin-salainen-sana"},
    "/api/keys/{name}": {},
    "/api/keys": {"name": f"{MARK}-name", "role": "viewer"},
}
"""The same for `/api`, by the beginning of the path."""


def body_of(path: str) -> Mapping[str, Any]:
    """What is sent to a route that changes something."""
    if not path.startswith("/api/"):
        return FORM
    for known, body in BODIES.items():
        if path.startswith(known):
            return body
    raise AssertionError(f"{path}: it is not known here what to send. Write a body that names something of theirs")


def of_nobody(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same body about what does not exist."""
    return json.loads(json.dumps(body).replace(MARK, NOBODY))  # type: ignore[no-any-return]


def changing() -> list[Route]:
    """The routes that change something; the last one ends the session."""
    routes = [route for route in every_route() if route.method != "GET"]
    return sorted(routes, key=lambda route: route.path == "/logout")


async def test_no_act_of_ours_reaches_what_is_theirs_or_tells_of_it(visited: Visited, tmp_path: Path) -> None:
    before, wrong = theirs_now(tmp_path), []
    for user in PEOPLE:
        for route in changing():
            ids, body = ids_of(route.path), body_of(route.path)
            theirs, unknown = (MARK, NOBODY) if ids is None else (ids[1], NOBODY)
            known = await ask(visited, route.method, filled(route.path, theirs), user, body)
            other = await ask(visited, route.method, filled(route.path, unknown), user, of_nobody(body))
            # Wrong passwords of anybody are counted for the address.
            if known.status != other.status and 429 not in (known.status, other.status):
                wrong.append(f"{known}, but of what does not exist: {other.status}")
            if known.status >= 500 or has_mark(known, *map(str, body.values())):
                wrong.append(str(known))
    assert not wrong
    assert theirs_now(tmp_path) == before
    assert visited.world.callbacks.get(f"cb-{MARK}") is not None
    assert f"{MARK}-open" in visited.world.texts.open


async def test_the_stream_has_nothing_of_theirs(visited: Visited) -> None:
    assert visited.http is not None
    for user in ("administrator", "supervisor", "viewer", "device"):
        headers = {"Cookie": f"callcentre={user}", "Accept": "text/event-stream", "Last-Event-ID": "main:1000000"}
        read = b""
        async with visited.http.get(f"{visited.url}/live", headers=headers) as stream:
            assert stream.status == 200, user
            await visited.store_facts(*facts(visited, MARK, MARK, call=f"{MARK}-2.2", message="x", callback="x"))
            async with asyncio.timeout(30):
                while b"retry" not in read and b"clock" not in read and b"panel" not in read:
                    read += await stream.content.readany()
        assert MARK.encode() not in read.lower(), user
