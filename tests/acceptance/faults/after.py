"""What must hold after every fault: callers were in the queue meanwhile, and the daemon's record of them is whole."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from callcentre.kernel.schema import journal
from tests.acceptance.scene import Steps, calls_in, check_numbering, ended, joined, reported, view_is_right
from tests.cast import KALLE, PEKKA
from tests.testbed.configuration import TOKEN
from tests.testbed.daemon import Daemon
from tests.testbed.databases import ON_SERVER, connected
from tests.testbed.pbx import SUPPORT_NUMBER, Pbx
from tests.testbed.phones import PhoneNetwork
from tests.testbed.waiting import until

HELD_AT_MOST = 10.0
"""Seconds until a caller is in the queue whatever is broken: the dialplan's time limit, on a busy machine."""

THROUGH_US = ["support Stasis", "support Queue"]


async def says(daemon: Daemon, *words: str, within: float = 15) -> None:
    """Wait until /health is not ready and gives a reason with these words, or with one of several."""
    seen: tuple[int, str] = (0, "")

    async def look() -> bool:
        nonlocal seen
        seen = await daemon.health(TOKEN)
        return seen[0] == 503 and any(each in seen[1] for each in words)

    await until(look, within=within, awaited=f"/health with {words}", seen=lambda: f"{seen}\n{daemon.last_words()}")


async def reaches_the_queue(network: PhoneNetwork, pbx: Pbx, number: str, *, place: int) -> None:
    """Somebody calls, and is at this place of the queue in time, with the daemon or without it."""
    await network.call(number, SUPPORT_NUMBER)
    await pbx.has_waiting("support", place, within=HELD_AT_MOST)


async def all_is_well(
    daemon: Daemon,
    network: PhoneNetwork,
    pbx: Pbx,
    *waiting: str,
    killed: bool = False,
    within: float = 20,
    elsewhere: bool = False,
) -> None:
    """The daemon works again: those who wait are known once each in their order, and the next goes through it.

    `elsewhere`: the database is not beside the configuration, and is not looked at.
    """
    await daemon.ready(within=within)
    for place, number in enumerate(waiting, start=1):
        assert (await joined(daemon, number))["position"] == place
    last = await goes_through(daemon, network, pbx)
    assert (await joined(daemon, last))["position"] == len(waiting) + 1
    await view_is_right(daemon, pbx)
    for number in (*waiting, last):
        assert [fact for fact in reported(daemon, number) if fact.startswith("queue.")] == ["queue.joined"]
    check_numbering(daemon, killed=killed)
    if not elsewhere:
        is_whole(daemon)


async def goes_through(daemon: Daemon, network: PhoneNetwork, pbx: Pbx) -> str:
    """The next caller goes through the daemon into the queue, and waits; their number.

    On a very busy machine a lease may lapse between two renewals, so more than one caller may have to come.
    """
    ways = []
    for number in (PEKKA, KALLE, "+358401112251", "+358401112252"):
        way = Steps(pbx)
        call = await calls_in(network, daemon, number, SUPPORT_NUMBER)
        ways.append(way())
        if ways[-1] == THROUGH_US:
            return number
        await call.hang_up()
        await ended(daemon, number)
    raise AssertionError(ways)


def is_whole(daemon: Daemon, database: Path | None = None) -> None:
    """The database is sound, and has each fact of the log. It is that of the configuration, or the file `database`."""
    if ON_SERVER and database is None:
        with connected(daemon.file.parent) as on_server:
            assert {fact["id"] for fact in daemon.facts} <= set(on_server.execute(sa.select(journal.c.id)).scalars())
        return
    with closing(sqlite3.connect(database or daemon.file.with_name("callcentre.db"))) as kept:
        assert kept.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert kept.execute("PRAGMA foreign_key_check").fetchall() == []
        known = {row for (row,) in kept.execute("SELECT id FROM journal")}
    assert {fact["id"] for fact in daemon.facts} <= known
