"""`POST /api/callbacks`: a request is stored before it is answered, and its idempotency key is remembered."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from pathlib import Path

import pytest

from callcentre.kernel.event import Tick
from callcentre.kernel.store import Store
from tests.cast import AINO, MATTI
from tests.integration.features.callbacks.served import FROM_LIISA, FROM_MATTI, Served, served_in


async def test_a_request_is_on_disk_when_it_is_answered(tmp_path: Path) -> None:
    async with served_in(tmp_path) as served:
        answer = await served.requested(FROM_MATTI)
        assert answer.status == 201
        assert answer.json == {"id": answer.json["id"], "service": "support", "place": 1}
        assert answer.headers["Location"] == f"/api/callbacks/{answer.json['id']}"
        [accepted] = served.facts("callback.accepted")
        assert (accepted["by"], accepted["callback"], accepted["number"]) == ("api", answer.json["id"], "+35840•••22")
    async with served_in(tmp_path) as served:
        [listed] = (await served.ask("GET", "/api/callbacks")).json
        assert listed["id"] == answer.json["id"]


async def test_nothing_is_answered_before_it_is_stored(served: Served) -> None:
    served.gate.clear()
    asking = asyncio.create_task(served.requested(FROM_MATTI))
    assert (await served.ask("GET", "/api/callbacks")).json == []
    assert not asking.done()
    served.gate.set()
    assert (await asking).status == 201


async def test_what_cannot_be_stored_in_time_is_asked_for_again(tmp_path: Path) -> None:
    async with served_in(tmp_path, answer_within=0.5) as served:
        served.gate.clear()
        answer = await served.requested(FROM_MATTI)
        served.gate.set()
        assert answer.status == 503
        assert answer.json["error"] == "not done in time"


async def test_nothing_is_answered_that_is_not_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with served_in(tmp_path, answer_within=0.2) as served:
        with monkeypatch.context() as patched:
            full = asyncio.Event()

            async def refuse(*_: object) -> None:
                full.set()
                raise OSError(28, "No space left on device")

            patched.setattr(Store, "commit", refuse)
            requested = asyncio.create_task(served.requested(FROM_MATTI))
            await full.wait()
            [name] = served.world.callbacks
            for method, path in (("GET", ""), ("GET", f"/{name}"), ("DELETE", f"/{name}")):
                assert (await served.ask(method, f"/api/callbacks{path}")).status == 503
            assert (await requested).status == 503
        async with asyncio.timeout(5):
            await served.engine.settled()
        assert [one["id"] for one in (await served.ask("GET", "/api/callbacks")).json] == [name]


async def test_the_name_reaches_the_callback_and_staff_the_fact(served: Served) -> None:
    name = (await served.requested(FROM_MATTI | {"by": "staff"})).json["id"]
    assert served.world.callbacks[name].caller_name == "Matti"
    assert [fact["by"] for fact in served.facts("callback.accepted")] == ["staff"]


async def test_a_number_that_has_a_callback_gets_its_id_and_place_instead(served: Served) -> None:
    await served.requested(FROM_LIISA)
    served.at += timedelta(seconds=1)
    first = await served.requested(FROM_MATTI)
    again = await served.requested(FROM_MATTI | {"number": "+358 40 1112222", "name": ""})
    assert (first.status, again.status) == (201, 200)
    assert again.json == first.json == {"id": first.json["id"], "service": "support", "place": 2}
    assert len(served.facts("callback.accepted")) == 2


async def test_the_same_request_with_the_same_key_gets_the_same_answer_and_nothing_happens(served: Served) -> None:
    first, again = await served.requested(FROM_MATTI, "key-1"), await served.requested(FROM_MATTI, "key-1")
    assert (again.status, again.body) == (first.status, first.body) == (201, first.body)
    assert len(served.facts("callback.accepted")) == 1


async def test_a_request_made_twice_at_once_is_one(served: Served) -> None:
    both = await asyncio.gather(served.requested(FROM_MATTI, "key-1"), served.requested(FROM_MATTI, "key-1"))
    assert [answer.status for answer in both] == [201, 201]
    assert both[0].body == both[1].body


async def test_a_key_is_remembered_over_a_restart_and_beyond_the_callback(tmp_path: Path) -> None:
    async with served_in(tmp_path) as served:
        first = await served.requested(FROM_MATTI, "key-1")
        assert (await served.ask("DELETE", f"/api/callbacks/{first.json['id']}")).status == 204
    async with served_in(tmp_path) as served:
        again = await served.requested(FROM_MATTI, "key-1")
        assert (again.status, again.json) == (201, first.json | {"place": None})
        assert len(served.world.callbacks) == 0


async def test_the_same_key_with_another_request_is_a_mistake(served: Served) -> None:
    await served.requested(FROM_MATTI, "key-1")
    for other in (FROM_LIISA, FROM_MATTI | {"name": "Liisa"}, FROM_MATTI | {"service": "mute"}):
        assert (await served.requested(other, "key-1")).status == 409
    assert len(served.world.callbacks) == 1


async def test_a_refusal_is_remembered_too(served: Served) -> None:
    refused = await served.requested(FROM_MATTI | {"number": "112"}, "key-1")
    again = await served.requested(FROM_MATTI | {"number": "112"}, "key-1")
    assert (again.status, again.body) == (refused.status, refused.body) == (422, refused.body)


async def test_a_key_of_yesterday_cannot_take_the_place_of_a_callback_that_is_open(served: Served) -> None:
    name = (await served.requested(FROM_MATTI, "daily")).json["id"]
    served.at += timedelta(days=2)
    assert (await served.requested(FROM_MATTI | {"number": AINO}, "another")).status == 201
    assert (await served.requested(FROM_LIISA, "daily")).status == 409
    assert served.world.callbacks[name].number == MATTI


async def test_a_key_is_forgotten_after_a_day_when_its_callback_is_over(served: Served) -> None:
    name = (await served.requested(FROM_MATTI, "key-1")).json["id"]
    await served.ask("DELETE", f"/api/callbacks/{name}")
    served.at += timedelta(days=2)
    assert (await served.requested(FROM_LIISA, "key-2")).status == 201
    await served.engine.settle(Tick(at=served.at))
    assert len(served.world.callbacks.requests) == 1


async def test_what_comes_from_outside_names_nothing_of_ours(served: Served) -> None:
    name = (await served.requested(FROM_MATTI, "PJSIP/evil&Local/1@x")).json["id"]
    assert re.fullmatch(r"cb-[0-9a-f]{16}", name)


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "ä"])
async def test_a_key_that_is_none_is_nonsense(served: Served, key: str) -> None:
    assert (await served.requested(FROM_MATTI, key)).status == 400
    assert len(served.world.callbacks) == 0
