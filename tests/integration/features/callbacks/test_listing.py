"""`GET /api/callbacks` and `DELETE`: the open callbacks, the facts of one, and cancelling."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from callcentre.features.callbacks.facts import CallbackAccepted, CallbackCancelled, CallbackOffered
from callcentre.features.callbacks.model import Phase
from callcentre.features.callbacks.outside.story import story_of
from callcentre.kernel.journal import stamp
from callcentre.kernel.store import Store, Writes
from callcentre.telephony.effects import HangUp
from callcentre.telephony.facts import QueueJoined
from tests.integration.features.callbacks.served import FROM_LIISA, FROM_MATTI, Served
from tests.testbed.databases import database_in, of_a_file
from tests.unit.features.callbacks.states import in_phase
from tests.unit.rehearsal import NOON


async def test_the_open_ones_are_listed_with_their_place_and_why_they_wait(served: Served) -> None:
    first = (await served.requested(FROM_MATTI)).json["id"]
    served.at += timedelta(seconds=10)
    second = (await served.requested(FROM_LIISA)).json["id"]
    served.at += timedelta(seconds=80)
    answer = await served.ask("GET", "/api/callbacks")
    assert [(one["id"], one["place"], one["age"], one["number"]) for one in answer.json] == [
        (first, 1, 90.0, "+35840•••22"), (second, 2, 80.0, "+35840•••44")
    ]  # fmt: skip
    assert {(one["next_step"], one["why"]) for one in answer.json} == {("dial", "asterisk")}
    assert b"Matti" not in answer.body


async def test_the_list_can_be_of_one_service(served: Served) -> None:
    await served.requested(FROM_MATTI)
    assert len((await served.ask("GET", "/api/callbacks?service=support")).json) == 1
    assert (await served.ask("GET", "/api/callbacks?service=nobody")).status == 404
    assert (await served.ask("GET", "/api/callbacks?service=support&service=mute")).status == 400


async def test_one_callback_is_shown_with_all_its_facts_also_when_it_is_over(served: Served) -> None:
    name = (await served.requested(FROM_MATTI)).json["id"]
    served.at += timedelta(seconds=1)
    await served.requested(FROM_LIISA)
    story = (await served.ask("GET", f"/api/callbacks/{name}")).json
    assert (story["id"], story["open"]["place"]) == (name, 1)
    assert [fact["event"] for fact in story["facts"]] == ["callback.accepted", "sms.queued"]
    await served.ask("DELETE", f"/api/callbacks/{name}?by=staff")
    story = (await served.ask("GET", f"/api/callbacks/{name}")).json
    assert story["open"] is None
    assert [(fact["event"], fact.get("by")) for fact in story["facts"]] == [
        ("callback.accepted", "api"), ("sms.queued", None), ("callback.cancelled", "staff")
    ]  # fmt: skip


@of_a_file
@pytest.mark.parametrize("broken", ["gone", "no database"])
async def test_a_story_that_cannot_be_read_is_asked_for_again(served: Served, broken: str) -> None:
    name = (await served.requested(FROM_MATTI)).json["id"]
    database = served.folder / "callcentre.db"
    hidden = database.rename(served.folder / "elsewhere.db")
    if broken == "no database":
        database.write_bytes(b"this is no database" * 100)
    with capture_logs() as logged:
        answer = await served.ask("GET", f"/api/callbacks/{name}")
    hidden.rename(database)
    assert (answer.status, answer.json) == (
        503,
        {"error": "the database cannot be read just now", "mend": "ask again later; the log of the daemon says why"},
    )
    assert "story not read" in [line["event"] for line in logged]
    assert (await served.ask("GET", f"/api/callbacks/{name}")).status == 200


async def test_the_story_holds_what_befell_its_calls_and_nothing_of_other_callbacks(tmp_path: Path) -> None:
    store = Store(database_in(tmp_path))
    await store.open()
    facts = [
        QueueJoined(call="1.1", queue="support", position=2, waiting=2),
        CallbackOffered(call="1.1", position=2),
        CallbackAccepted(call="1.1", callback="cb-1.1", by="customer"),
        QueueJoined(call="2.2", queue="support", position=1, waiting=1),
        CallbackCancelled(call="3.3", callback="cb-1.1", by="customer"),
        CallbackAccepted(call="3.3", callback="cb-3.3", by="customer"),
    ]
    await store.commit(Writes(journal=[stamp(fact, number, NOON) for number, fact in enumerate(facts, 1)]))
    await store.close()
    assert [fact["id"] for fact in await story_of("cb-1.1", database_in(tmp_path))] == [
        1,
        2,
        3,
        5,
    ]


@pytest.mark.parametrize("name", ["x", "%00", "..%2fx", "%27%20or%201=1--", "x" * 300])
async def test_what_is_not_known_is_not_found(served: Served, name: str) -> None:
    await served.requested(FROM_MATTI)
    for method in ("GET", "DELETE"):
        assert (await served.ask(method, f"/api/callbacks/{name}")).status == 404
    assert len(served.world.callbacks) == 1


async def test_open_callbacks_and_those_in_flight_are_counted_by_service(served: Served) -> None:
    async def figures() -> dict[str, float]:
        lines = (await served.ask("GET", "/metrics")).body.decode().splitlines()
        ours = (line.rpartition(" ") for line in lines if line.startswith("callcentre_callbacks_"))
        return {name: float(value) for name, _, value in ours}

    def reported(open_now: int, in_flight: int) -> dict[str, float]:
        both = {"callcentre_callbacks_open": open_now, "callcentre_callbacks_in_flight": in_flight}
        return {f'{name}{{service="support"}}': count for name, count in both.items()}

    assert await figures() == reported(0, 0)
    names = [(await served.requested(requested)).json["id"] for requested in (FROM_MATTI, FROM_LIISA)]
    assert await figures() == reported(2, 0)
    first = served.world.callbacks[names[0]]
    for phase, in_flight in ((Phase.DIALLING, 1), (Phase.ASKING, 1), (Phase.ACCEPTED, 1), (Phase.CONNECTED, 0)):
        served.world.callbacks.put(replace(first, state=in_phase(phase), attempts=1))
        assert await figures() == reported(2, in_flight)
    served.world.callbacks.put(replace(first, service="no more"))
    assert (await figures())['callcentre_callbacks_open{service="no more"}'] == 1


async def test_one_taken_back_is_gone_and_not_found_again(served: Served) -> None:
    name = (await served.requested(FROM_MATTI)).json["id"]
    answer = await served.ask("DELETE", f"/api/callbacks/{name}")
    assert (answer.status, answer.body) == (204, b"")
    assert len(served.world.callbacks) == 0
    assert (await served.ask("DELETE", f"/api/callbacks/{name}")).status == 404


async def test_a_phone_that_rings_for_one_taken_back_stops(served: Served) -> None:
    name = (await served.requested(FROM_MATTI)).json["id"]
    ringing = replace(served.world.callbacks[name], state=in_phase(Phase.DIALLING, f"{name}-1"))
    served.world.callbacks.put(ringing)
    assert (await served.ask("DELETE", f"/api/callbacks/{name}")).status == 204
    assert [one.call for one in served.done if isinstance(one, HangUp)] == [f"{name}-1"]


async def test_nobody_is_torn_out_of_a_conversation(served: Served) -> None:
    name = (await served.requested(FROM_MATTI)).json["id"]
    talking = replace(served.world.callbacks[name], state=in_phase(Phase.CONNECTED, f"{name}-1"))
    served.world.callbacks.put(talking)
    assert (await served.ask("DELETE", f"/api/callbacks/{name}")).status == 204
    assert not [one for one in served.done if isinstance(one, HangUp)]
    assert len(served.world.callbacks) == 0


async def test_on_whose_behalf_must_be_known(served: Served) -> None:
    name = (await served.requested(FROM_MATTI)).json["id"]
    assert (await served.ask("DELETE", f"/api/callbacks/{name}?by=customer")).status == 400
