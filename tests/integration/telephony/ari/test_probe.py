"""A channel of our own to ask through, when nobody is on the line."""

from __future__ import annotations

import asyncio

import pytest

from callcentre.telephony.ari import Client, ServerError
from callcentre.telephony.ari.probe import Probe
from callcentre.telephony.ari.questions import NothingToAskThrough
from callcentre.telephony.events import Agents
from tests.cast import ANNA
from tests.integration.telephony.ari.functions import PROBE_1, PROBE_2, FunctionsOfAsterisk, gone, reader
from tests.testbed.waiting import until

# --- a channel of our own --------------------------------------------------------------------------------------------


async def test_with_no_channel_alive_one_is_made_kept_for_the_next_question_and_ended(
    asterisk: FunctionsOfAsterisk, client: Client
) -> None:
    asterisk.channels = []
    asterisk.support.members = {ANNA: ("NOT_INUSE", False)}
    asking = reader(client, alive=["1.1"])
    for _ in range(5):
        read = await asking.queues(("support",), lingers=0.2)
        assert read.readings[0].agents == Agents(ready=1, logged=1, count=1)
    assert asterisk.made == [PROBE_1]
    # Asterisk ends it when we cannot.
    assert asterisk.limits == {PROBE_1: "120"}
    await gone(asterisk)


async def test_a_channel_of_our_own_that_is_gone_is_made_anew(asterisk: FunctionsOfAsterisk, client: Client) -> None:
    asterisk.channels = []
    asking = reader(client, alive=[])
    await asking.queues(("support",))
    asterisk.channels.clear()
    await asking.queues(("support",))
    assert asterisk.made == [PROBE_1, PROBE_2]
    await asking.close()
    assert asterisk.channels == []


async def test_no_channel_is_made_only_to_count(asterisk: FunctionsOfAsterisk, client: Client) -> None:
    asterisk.channels = []
    with pytest.raises(NothingToAskThrough):
        await reader(client, alive=[]).queues((), ("support",))
    assert asterisk.made == []


async def test_a_channel_that_an_earlier_life_left_is_taken_over_and_any_other_ended(
    asterisk: FunctionsOfAsterisk, client: Client
) -> None:
    others = ["callcentre-probe.other.1", "callcentre-probe.callcentre.1.1"]
    asterisk.channels = [PROBE_1, PROBE_2, *others]
    asking = reader(client, alive=[])
    synchronised, _ = await asking.everything(("support",), needed=("support",))
    assert synchronised.channels == ()
    assert len(asterisk.channels) == 3
    assert set(others) < set(asterisk.channels)
    await asking.close()
    assert asterisk.channels == others
    assert asterisk.made == []


async def test_where_the_name_is_taken_another_is_given(asterisk: FunctionsOfAsterisk, client: Client) -> None:
    asterisk.channels = [PROBE_1]
    probe = Probe(client, "callcentre")
    assert await probe.channel() == PROBE_2
    await probe.end()
    assert asterisk.channels == [PROBE_1]


async def test_readers_that_ask_at_the_same_time_with_nobody_on_the_line_make_one_channel(
    asterisk: FunctionsOfAsterisk, client: Client
) -> None:
    asterisk.channels = []
    asking = reader(client, alive=[])
    read = await asyncio.gather(*(asking.queue("support", complete=True, members=True) for _ in range(5)))
    assert [one.reading.waiting for one in read] == [0] * 5
    assert asterisk.made == asterisk.channels == [PROBE_1]
    await asking.close()


async def test_a_channel_that_cannot_be_made_is_made_anew_the_next_time(
    asterisk: FunctionsOfAsterisk, client: Client
) -> None:
    asterisk.channels = []
    asterisk.makes_channels = False
    asking = reader(client, alive=[])
    with pytest.raises(ServerError):
        await asking.queue("support", complete=True, members=True)
    asterisk.makes_channels = True
    assert (await asking.queue("support", complete=True, members=True)).reading.waiting == 0
    await asking.close()
    assert asterisk.channels == []


async def test_a_reader_that_stops_asking_does_not_end_the_channel_for_the_others(
    asterisk: FunctionsOfAsterisk, client: Client
) -> None:
    asterisk.channels = []
    asterisk.answers.clear()
    asking = reader(client, alive=[])
    async with asyncio.timeout(5):
        first, second = (asyncio.create_task(asking.queue("support", complete=True, members=True)) for _ in range(2))

        async def both_ask() -> bool:
            return asterisk.requests == 3  # Each looked for a channel, and one is being made for both.

        await until(both_ask, within=5, awaited="two who wait for one channel")
        first.cancel()
        await asyncio.wait([first])
        asterisk.answers.set()
        assert (await second).reading.waiting == 0
    assert asterisk.made == [PROBE_1]
    await asking.close()
    assert asterisk.channels == []
