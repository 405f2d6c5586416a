"""One node of the benchmark `scale`: an engine whose events come as fast as it stores them.

    python -m scripts.benchmarks.node URL NODE SECONDS

It waits for a line on standard input, so that all nodes begin together, and prints its figures as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from callcentre.kernel.database import Database
from callcentre.kernel.effect import Effect
from callcentre.kernel.engine import Engine
from callcentre.kernel.event import Event
from callcentre.kernel.journal import FactLog
from callcentre.kernel.outbox import Outbox
from callcentre.kernel.store import Store
from callcentre.kernel.timers import Timers
from callcentre.messaging.events import TextReceived
from tests.unit.rehearsal import settings
from tests.unit.world import World, components

AT_ONCE = 64
"""Texts from phones that wait for the disk at any time, as hooks of a busy gateway do."""


def _now() -> datetime:
    return datetime.now(UTC)


async def _run(url: str, node: str, seconds: float, folder: Path) -> dict[str, float]:
    store = Store(Database(url, node))
    await store.open()
    engine: Engine

    async def outside(_effect: Effect) -> Event | None:
        return None

    outbox = Outbox(dict.fromkeys((), outside), lambda event, row: engine.report(event, row), _now)
    timers = Timers(lambda due: engine.submit(due), _now)
    facts = FactLog(folder / "facts.jsonl", "json")
    built = components(World(settings=settings(), key=b"k" * 32))
    engine = Engine(built, store=store, timers=timers, outbox=outbox, facts=facts, clock=_now)
    await engine.load()
    running = asyncio.create_task(engine.run())
    loop = asyncio.get_running_loop()
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    ends = loop.time() + seconds
    numbers = count(1)

    async def phones() -> None:
        while loop.time() < ends:
            number = next(numbers)
            sender = f"+35840{number % 9_000_000 + 1_000_000}"
            text = TextReceived(
                at=_now(), gateway="kannel", gateway_id=f"{node}-{number}", sender=sender, recipient="1", body="Kiitos."
            )  # fmt: skip
            await engine.settle(text)

    began, cpu = loop.time(), time.process_time()
    await asyncio.gather(*(phones() for _ in range(AT_ONCE)))
    took = loop.time() - began
    counters = engine.counters
    figures = {
        "decisions": counters.events / took,
        "commits": counters.commits / took,
        "cores": (time.process_time() - cpu) / took,
        "commit_ms": 1000 * counters.commit_seconds / max(1, counters.commits),
    }
    engine.stop()
    await running
    facts.close()
    await store.close()
    return figures


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        print(json.dumps(asyncio.run(_run(sys.argv[1], sys.argv[2], float(sys.argv[3]), Path(scratch)))), flush=True)
