"""The description of `/api` says what the server does, in both directions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from msgspec.structs import replace
from prometheus_client import CollectorRegistry

from callcentre.features.callbacks import web as callbacks_web
from callcentre.features.callbacks.model import Phase, Postponed
from callcentre.features.callbacks.ports import ports_of
from callcentre.features.surveys.web import routes as survey_routes
from callcentre.kernel.database import Database
from callcentre.kernel.page_reads.reads import Reads
from callcentre.kernel.program import Health, Program
from callcentre.web.openapi import description
from callcentre.web.ports import WebPorts
from callcentre.web.server import build
from tests.integration.features.callbacks.served import FROM_LIISA, FROM_MATTI, NONSENSE, Answer, Served
from tests.testbed.configuration import TOKEN
from tests.testbed.json_schema import mistakes
from tests.unit.features.callbacks.states import in_phase
from tests.unit.rehearsal import NOON


async def test_every_answer_is_as_the_description_says(served: Served) -> None:
    top = (await served.ask("GET", "/api/openapi.json")).json
    assert top["openapi"].startswith("3.1.")
    seen: set[tuple[str, str, str]] = set()

    def check(method: str, path: str, answer: Answer) -> Answer:
        seen.add((path, method, str(answer.status)))
        said = top["paths"][path][method.lower()]["responses"][str(answer.status)]
        assert bool(said.get("content")) == bool(answer.body)
        if answer.body:
            assert answer.headers["Content-Type"] == "application/json"
            assert mistakes(answer.json, said["content"]["application/json"]["schema"], top) == []
        assert set(said.get("headers", ())) <= set(answer.headers)
        return answer

    async def ask(method: str, path: str, name: str = "", query: str = "", **more: Any) -> Answer:
        return check(method, path, await served.ask(method, path.replace("{id}", name) + query, **more))

    all_of_them, one = "/api/callbacks", "/api/callbacks/{id}"
    taken = await ask("POST", all_of_them, body=FROM_MATTI, Idempotency_Key="a")
    name = taken.json["id"]
    await ask("POST", all_of_them, body=FROM_MATTI, token="wrong")
    await ask("POST", all_of_them, body=FROM_MATTI)
    await ask("POST", all_of_them, body=FROM_LIISA, Idempotency_Key="a")
    await ask("POST", all_of_them, body=b"{")
    await ask("POST", all_of_them, body=b" " * 9_000)
    await ask("POST", all_of_them, body=FROM_MATTI | {"number": "112"})
    await ask("GET", all_of_them)
    await ask("GET", all_of_them, query="?service=nobody")
    await ask("GET", all_of_them, query="?service=a&service=b")
    await ask("GET", all_of_them, token="wrong")
    await ask("GET", one, name)
    await ask("GET", one, "nobody")
    await ask("GET", one, name, token="wrong")
    await ask("DELETE", one, name, query="?by=nobody")
    await ask("DELETE", one, name, token="wrong")
    open_one = served.world.callbacks[name]
    served.world.callbacks.put(replace(open_one, state=in_phase(Phase.CONNECTED)))
    await ask("GET", one, name)
    served.world.callbacks.put(replace(open_one, state=Postponed(until=NOON + timedelta(minutes=3), why="busy")))
    await ask("GET", all_of_them)
    await ask("DELETE", one, name)
    await ask("DELETE", one, name)
    await ask("GET", one, name)
    await ask("GET", "/api/openapi.json")
    await ask("GET", "/api/openapi.json", token="wrong")

    described = {
        (path, method.upper(), status)
        for path, operations in top["paths"].items()
        for method, operation in operations.items()
        if method != "parameters"
        for status in operation["responses"]
        if not path.startswith("/api/surveys")
    }
    # Late answers, mistakes of ours and surveys have tests of their own.
    assert described - seen == {entry for entry in described if entry[2] in ("429", "500", "503")}


async def test_the_description_has_every_page_there_is(served: Served) -> None:
    top = (await served.ask("GET", "/api/openapi.json")).json
    ports = WebPorts(
        submit=served.submit, token=lambda: TOKEN, health=lambda: Health(ready=True), registry=CollectorRegistry(),
        clock=lambda: NOON,
    )  # fmt: skip
    database = Database.of_file(served.folder / "callcentre.db")
    program = Program(settled=served.engine.settled, database=database)
    callbacks = ports_of(served.world.for_callbacks, program, Reads(database))
    app = build(
        ports, [*callbacks_web.routes(ports, callbacks), *survey_routes(ports, served.world.surveys, served.world)]
    )
    reachable = {
        (route.resource.canonical, route.method)
        for route in app.router.routes()
        if route.resource is not None and route.resource.canonical.startswith("/api/")
    }
    described = {
        (path, method.upper())
        for path, operations in top["paths"].items()
        for method in operations
        if method != "parameters"
    }
    assert reachable == described


async def test_the_schemas_keep_the_names_that_other_systems_know(served: Served) -> None:
    top = (await served.ask("GET", "/api/openapi.json")).json
    schemas = top["components"]["schemas"]
    assert set(schemas) == {
        "ListedCallback", "NextStep", "Phase", "Problem", "Result", "Results", "ResultsTaken", "Story", "Taken", "Told",
        "Wish",
    }  # fmt: skip
    assert all(schema["title"] == name for name, schema in schemas.items())
    # Neither do references lead to a name of the code.
    assert {"$ref": "#/components/schemas/Told"} in schemas["ListedCallback"]["properties"]["told"]["anyOf"]
    assert not any(name in str(top) for name in ("NewCallback", "Announced"))


# The limits of what a request may hold: lengths, controls, invisible characters, those that turn the writing around.
PIECES = st.sampled_from(
    ["", " ", "a", "0401112222", "support", "ä€😀", "\n", "a\n", "\x00", "\x7f", "\x85", "\xa0", "\xad", "\u200b",
     "\u202e", "\u2066", "\u2028", "\u3000", "\ufeff", "\uffff", "\ue000", "\U000f0000", "\U000e0041", "x" * 40,
     "x" * 80]
)  # fmt: skip


TEXTS = st.lists(PIECES, max_size=3).map("".join)


REQUESTS = st.fixed_dictionaries(
    {"number": TEXTS, "service": TEXTS},
    optional={"name": TEXTS | st.none() | st.integers(), "by": st.sampled_from(["api", "staff", "x"]), "more": TEXTS},
)


@given(requested=REQUESTS)
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
async def test_what_is_nonsense_is_what_the_description_forbids(served: Served, requested: dict[str, Any]) -> None:
    top = description(served.routes)
    forbidden = mistakes(requested, {"$ref": "#/components/schemas/Wish"}, top) != []
    assert ((await served.requested(requested)).status == 400) is forbidden


@pytest.mark.parametrize("body", [one for one in NONSENSE if isinstance(one, dict)], ids=repr)
async def test_what_the_description_forbids_is_refused_and_what_it_allows_is_not(served: Served, body: Any) -> None:
    top = (await served.ask("GET", "/api/openapi.json")).json
    requested = {"$ref": "#/components/schemas/Wish"}
    assert mistakes(FROM_MATTI, requested, top) == mistakes(FROM_LIISA, requested, top) == []
    # Half a pair of surrogates is no text at all, which no schema needs to say.
    assert mistakes(body, requested, top) != [] or "\ud800" in body.values()
