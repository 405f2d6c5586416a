"""How fast supervisors find things in a synthetic year of a million calls: whole pages, one request after the other.

The pages come from a daemon without Asterisk, over a socket. Each request is for another call, person, callback or
text, from the whole year, by a supervisor of half of the services, whose every statement is restricted to them.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from callcentre.features.callbacks.events import CallbackRequested
from callcentre.kernel.database import Database
from callcentre.kernel.schema import journal
from callcentre.web.rights import Role
from scripts.benchmarks.bench import Bench
from scripts.benchmarks.figures import Figure, percentile
from scripts.benchmarks.synthetic import SERVICES, YEAR, hash_of, make
from tests.integration.visited import Visited, person, visited_in

CALLS = 1_000_000
PEOPLE = 250_000
REQUESTS = 300
"""Of each page."""
OPEN = 300
"""Callbacks that are open."""
AIM = 200.0
"""Milliseconds that 95 of 100 requests do not exceed."""

_NAMES = [f"service{number}" for number in range(SERVICES)]
_THEIRS = set(_NAMES[: SERVICES // 2])
_CHANGES = {"services": {
    name: {"queue": name, "name": {"fi": name}, "callback": {"offer": {"max_open": "1000"}}} for name in _NAMES
}}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Page:
    """A page with the addresses of its requests; `finds`: what an answer must have."""

    name: str
    paths: Callable[[], Iterator[str]]
    status: int = 200


async def run(bench: Bench) -> list[Figure]:
    """Make the year, then ask for pages."""
    folder = bench.folder("search")
    bench.say(f"generating a year of {CALLS:,} calls of {PEOPLE:,} people")
    database = Database.of_file(folder / "callcentre.db")
    await asyncio.to_thread(make, database, CALLS, PEOPLE)
    return await measured(bench, folder)


async def measured(bench: Bench, folder: Path) -> list[Figure]:
    """Ask for the pages of the year in this folder."""
    people = {"aino": person("aino", Role.SUPERVISOR, services=_THEIRS)}
    chance, found = random.Random(YEAR), _sample(folder / "callcentre.db")
    async with visited_in(folder, _CHANGES, people) as visited:
        visited.at = datetime(YEAR, 12, 31, tzinfo=UTC)
        await _with_open_callbacks(visited)
        return [await _asked(bench, visited, page) for page in _pages(chance, found)]


def _pages(chance: random.Random, found: dict[str, list[str]]) -> Iterator[_Page]:
    def some(field: str, path: str) -> Callable[[], Iterator[str]]:
        return lambda: (path.format(quote(chance.choice(found[field]), safe="")) for _ in range(REQUESTS))

    def days(path: str) -> Callable[[], Iterator[str]]:
        begin = datetime(YEAR, 1, 2, tzinfo=UTC)
        return lambda: (
            path.format((begin + timedelta(days=chance.randrange(360))).date()) for _ in range(REQUESTS)
        )  # fmt: skip

    def people(path: str) -> Callable[[], Iterator[str]]:
        return lambda: (path.format(hash_of(chance.randrange(PEOPLE))) for _ in range(REQUESTS))

    yield _Page("a call", some("call", "/calls/{}"))
    yield _Page("a callback that is over", some("callback", "/callbacks/{}"))
    yield _Page("a text", some("message", "/messages/{}"))
    yield _Page("a person", people("/people/{}"), status=0)
    yield _Page("search by the id of a call", some("call", "/search?q={}"), status=303)
    yield _Page("search by the id of a text", some("message", "/search?q={}"), status=303)
    yield _Page("search by a number", lambda: (f"/search?q=%2B35840{n:07}" for n in range(REQUESTS)))
    yield _Page("search by a name", lambda: (f"/search?q=matilda%20{n}" for n in range(REQUESTS)))
    yield _Page("texts of a day", days("/messages?day={}"))
    yield _Page("failed texts, which there are none of", lambda: (
        f"/messages?state=failed&service={name}&before={_noon(day)}.0"
        for day, name in ((1 + n % 360, _NAMES[n % 3]) for n in range(REQUESTS))
    ))  # fmt: skip
    yield _Page(f"{OPEN} open callbacks", lambda: ("/callbacks" for _ in range(REQUESTS)))


def _noon(day: int) -> int:
    return round((datetime(YEAR, 1, 1, 12, tzinfo=UTC) + timedelta(days=day)).timestamp() * 1000)


def _sample(file: Path) -> dict[str, list[str]]:
    """Ids of the year that the supervisor sees, of each kind."""
    chance = random.Random(YEAR)
    engine = sa.create_engine(f"sqlite:///{file}", poolclass=NullPool)
    found: dict[str, list[str]] = {"call": [], "callback": [], "message": []}
    with engine.connect() as connection:
        last = connection.execute(sa.select(sa.func.max(journal.c.id))).scalar_one()
        while any(len(ids) < REQUESTS for ids in found.values()):
            begin = chance.randrange(last)
            near = sa.select(journal).where(
                journal.c.node == "main", journal.c.id.between(begin, begin + 2000), journal.c.service.in_(_THEIRS)
            )  # fmt: skip
            for row in connection.execute(near.limit(200)).mappings():
                for field, ids in found.items():
                    if row[field] and chance.random() < 0.2:
                        ids.append(row[field])
    engine.dispose()
    return found


async def _with_open_callbacks(visited: Visited) -> None:
    requests: list[Awaitable[Any]] = [
        visited.settle(
            CallbackRequested(
                at=visited.at, request=f"open{number}", service=_NAMES[number % 3], number=f"+3584011{number:05}",
                caller_name=f"Matilda {number}", by="staff",
            )
        )
        for number in range(OPEN)
    ]  # fmt: skip
    await asyncio.gather(*requests)


async def _asked(bench: Bench, visited: Visited, page: _Page) -> Figure:
    bench.say(f"asking for {page.name}")
    milliseconds: list[float] = []
    for path in page.paths():
        began = time.perf_counter()
        answer = await visited.get(path)
        milliseconds.append((time.perf_counter() - began) * 1000)
        if page.status and answer.status != page.status:
            raise AssertionError(f"{path}: {answer.status}")
    p50, p95 = percentile(milliseconds, 0.5), percentile(milliseconds, 0.95)
    name = f"Page: {page.name}, a year of {CALLS:,} calls"
    return Figure(name, f"p50 {p50:.1f} ms, p95 {p95:.1f} ms", f"p95 at most {AIM:g} ms", p95 <= AIM)
