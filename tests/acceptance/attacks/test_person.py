"""A person is erased while the daemon runs: it goes on, and nothing of the person is in its files.

No telephone is needed: this daemon never finds its Asterisk.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from tests.acceptance.scene import ran
from tests.cast import LIISA, MATTI
from tests.testbed.alone import alone, http_port, request_callback
from tests.testbed.configuration import TOKEN
from tests.testbed.daemon import Daemon
from tests.testbed.databases import ON_SERVER


@pytest.fixture
def port() -> Iterator[int]:
    with http_port() as port:
        yield port


@pytest_asyncio.fixture(loop_scope="session")
async def daemon(tmp_path: Path, port: int) -> AsyncIterator[Daemon]:
    async with alone(tmp_path, port, {"gateway": "console"}, changes={"log": {"file": "facts.jsonl"}}) as daemon:
        yield daemon


REFUSED = (
    ({"number": MATTI}, "another", 401),
    ({"name": "Matti"}, TOKEN, 400),
    ({"number": MATTI, "by": "nobody"}, TOKEN, 400),
    ({"number": "12"}, TOKEN, 422),
)


async def test_what_names_nobody_is_refused(daemon: Daemon) -> None:
    for body, token, status in REFUSED:
        async with (
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session,
            session.post(f"{daemon.url}/api/person/erase", json=body) as response,
        ):
            assert response.status == status, (body, await response.text())


async def test_a_person_is_erased_while_the_daemon_runs_and_the_next_caller_is_served(
    daemon: Daemon, tmp_path: Path
) -> None:
    await request_callback(daemon, MATTI)
    await request_callback(daemon, LIISA)
    exported = json.loads((await ran("person", "export", MATTI, "-c", daemon.file)).output)
    caller = exported["caller"]
    erased = await ran("person", "erase", MATTI, "--yes", "-c", daemon.file)
    assert erased.code == 0, erased.output + erased.errors
    assert "no callback comes" in erased.output
    log = tmp_path / "facts.jsonl"
    # The end of the callback, and the fact of the erasure, were written to the new file.
    names = [json.loads(line)["event"] for line in log.read_text().splitlines()]
    assert {"callback.cancelled", "person.erased"} <= set(names)
    # Where a server has the database, its files are the server's.
    for file in ("facts.jsonl",) if ON_SERVER else ("callcentre.db", "callcentre.db-wal", "facts.jsonl"):
        held = (tmp_path / file).read_bytes()
        for trace in (MATTI, MATTI.replace("+358", "0"), caller):
            assert trace.encode() not in held, file
        assert bytes.fromhex(caller) not in held, file
    await request_callback(daemon, "+358405556666")
    assert json.loads(log.read_text().splitlines()[-1])["event"] in ("callback.accepted", "sms.queued", "sms.accepted")
    again = json.loads((await ran("person", "export", MATTI, "-c", daemon.file)).output)
    assert again["tables"] == again["log"] == []
    others = json.loads((await ran("person", "export", LIISA, "-c", daemon.file)).output)
    assert [each["table"] for each in others["tables"] if each["table"] == "callbacks"] == ["callbacks"]
