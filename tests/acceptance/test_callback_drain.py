"""Two hundred callbacks and five agents: served in the order of joining, and as fast as five agents can."""

from __future__ import annotations

import asyncio
import itertools
import time
from datetime import datetime

from tests.acceptance.conftest import StartDaemon
from tests.testbed.ari import AriError
from tests.testbed.callbacks import open_callbacks, request_callback, rules
from tests.testbed.daemon import Daemon, Fact
from tests.testbed.pbx import Pbx, queues_conf
from tests.testbed.phones import PhoneNetwork
from tests.testbed.waiting import Background

CALLBACKS = 200
AGENTS = 5
MOST_IN_FLIGHT = 20
TALKS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Seconds that conversations last, one after the other."""


def at(fact: Fact) -> float:
    return datetime.fromisoformat(fact["at"]).timestamp()


def of_each(daemon: Daemon, event: str) -> dict[str, Fact]:
    """The last fact of this name of each callback."""
    return {str(fact["callback"]): fact for fact in daemon.find(event)}


async def customer(network: PhoneNetwork, number: str) -> None:
    """Picks up whenever it rings, and presses 1."""
    phone = network.phone(number)
    phone.behaviour = "answer"
    while True:
        call = await phone.rings(within=300)
        await call.answered()
        await call.press(",1")


async def agent(network: PhoneNetwork, name: str, talks: itertools.cycle[float]) -> None:
    """Takes every call, talks, and hangs up."""
    phone = network.agent(name)
    phone.behaviour = "answer"
    while True:
        call = await phone.rings(within=300)
        try:
            await call.answered(within=2)
        except (AssertionError, AriError):
            continue  # Another agent was quicker.
        await asyncio.sleep(next(talks))
        await call.hang_up()


async def test_two_hundred_callbacks_are_served_in_order_by_five_busy_agents(
    start_daemon: StartDaemon, pbx: Pbx, network: PhoneNetwork
) -> None:
    await pbx.write_queues(queues_conf(support={"strategy": "rrmemory"}))
    daemon = await start_daemon(
        rules(
            offer={"max_open": str(CALLBACKS)},
            callback={"confirm_by_sms": None},
            wait_estimate={"handle_time": "1s"},
            survey=None,
            dialling={"in_flight": str(MOST_IN_FLIGHT)},
        )
    )
    numbers = [f"+35840200{number:04}" for number in range(CALLBACKS)]
    joined = [await request_callback(daemon, number) for number in numbers]
    assert [one["place"] for one in (await open_callbacks(daemon)).values()] == list(range(1, CALLBACKS + 1))
    people = Background()
    talks = itertools.cycle(TALKS)
    for number in numbers:
        people.start(customer(network, number))
    try:
        for name in pbx.agents[:AGENTS]:
            people.start(agent(network, name, talks))
            await pbx.log_on("support", name)
        begun = time.monotonic()
        await daemon.fact("callback.completed", count=CALLBACKS, within=120)
        took = time.monotonic() - begun
    finally:
        await people.close()

    connected, queued = of_each(daemon, "callback.connected"), of_each(daemon, "callback.queued")
    served = sorted(joined, key=lambda callback: at(connected[callback]))
    overtaken = [
        at(connected[earlier]) - max(at(connected[later]), at(queued[earlier]))
        for earlier, later in itertools.combinations(joined, 2)
        if at(queued[earlier]) < at(connected[later]) < at(connected[earlier])
    ]
    waits = sorted(connected[callback]["wait"] for callback in joined)
    ended = daemon.find("call.ended")
    window = max(map(at, ended)) - at(connected[served[0]])
    idle = 1 - sum(fact["talk"] for fact in ended) / (AGENTS * window)
    moved = max(abs(joined.index(callback) - place) for place, callback in enumerate(served))
    print(
        f"\n{CALLBACKS} callbacks, {AGENTS} agents: {took:.1f} s; agents idle {idle:.0%}; "
        f"wait on the line median {waits[len(waits) // 2]:.2f} s, longest {waits[-1]:.2f} s; "
        f"{len(overtaken)} overtaken on the line, by {max(overtaken, default=0):.2f} s at most; "
        f"at most {moved} places from the order of joining"
    )
    assert [fact["callback"] for fact in daemon.find("callback.dialled")] == joined
    # app_queue looks once a second whose turn it is: among those on the line it is that much out of order.
    assert max(overtaken, default=0) < 5
    assert moved <= MOST_IN_FLIGHT
    assert {fact["callback"] for fact in daemon.find("callback.completed")} == set(joined)
    assert not await open_callbacks(daemon)
