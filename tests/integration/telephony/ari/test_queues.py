"""Who waits where, read with few requests."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from callcentre.telephony.ari import Client
from callcentre.telephony.events import Agents
from callcentre.telephony.queue_view.estimate import duty_of
from tests.cast import ANNA
from tests.integration.telephony.ari.functions import FunctionsOfAsterisk, Queue, agents_of, reader

# --- places ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("knows_eval", [True, False])
@pytest.mark.parametrize("waiting", [0, 1, 3, 4, 5, 9, 200])
@pytest.mark.parametrize("expected", [range(1, 1), range(1, 2), range(4, 6), range(200, 203)])
async def test_the_expected_callers_and_the_last_are_found_at_their_places(
    asterisk: FunctionsOfAsterisk, client: Client, waiting: int, expected: range, knows_eval: bool
) -> None:
    asterisk.knows_eval = knows_eval
    names = asterisk.support.waiting = [f"PJSIP/trunk-{number:08x}" for number in range(1, waiting + 1)]
    read = await reader(client, alive=["1.1"], expected=expected).queue("support", complete=False, members=False)
    reading = read.reading
    assert reading.waiting == waiting
    assert all(names[place - 1] == name for place, name in reading.places.items())
    assert waiting == 0 or waiting in reading.places
    assert set(expected) & set(range(1, waiting + 1)) <= set(reading.places)
    assert reading.agents is None
    assert asterisk.errors == []


@pytest.mark.parametrize("knows_eval", [True, False])
async def test_a_complete_reading_has_every_place(
    asterisk: FunctionsOfAsterisk, client: Client, knows_eval: bool
) -> None:
    asterisk.knows_eval = knows_eval
    names = asterisk.support.waiting = [f"PJSIP/trunk-{number:08x}" for number in range(1, 151)]
    read = await reader(client, alive=["1.1"]).queue("support", complete=True, members=False)
    assert read.reading.complete
    assert read.reading.places == dict(enumerate(names, 1))
    assert len(asterisk.asked) < 10 or not knows_eval


async def test_a_caller_who_joined_as_expected_costs_one_question(
    asterisk: FunctionsOfAsterisk, client: Client
) -> None:
    asterisk.support.waiting = ["PJSIP/trunk-00000001", "PJSIP/trunk-00000002"]
    asterisk.support.members = {ANNA: ("NOT_INUSE", False)}
    await reader(client, alive=["1.1"], expected=range(2, 3)).queue("support", complete=False, members=True)
    assert len(asterisk.asked) == 1


async def test_channels_that_are_gone_are_passed_over(asterisk: FunctionsOfAsterisk, client: Client) -> None:
    asterisk.support.waiting = ["PJSIP/trunk-00000001"]
    asterisk.channels = ["7.7"]
    asking = reader(client, alive=["1.1", "2.2", "3.3", "4.4"], expected=range(1, 2))
    read = await asking.queue("support", complete=False, members=False)
    assert read.reading.places == {1: "PJSIP/trunk-00000001"}


async def test_the_channel_that_was_named_is_asked_first(asterisk: FunctionsOfAsterisk, client: Client) -> None:
    asterisk.channels = ["7.7"]
    await reader(client, alive=[]).queue("support", complete=False, members=True, through="7.7")
    assert asterisk.requests == 1


# --- many queues -----------------------------------------------------------------------------------------------------


def sixty(states: Mapping[int, tuple[str, bool]]) -> dict[str, Queue]:
    """Sixty queues with ten members each; some of them in these states, the others ready."""
    return {
        f"queue{queue}": Queue(
            members={f"PJSIP/agent{queue * 10 + agent}": states.get(agent, ("NOT_INUSE", False)) for agent in range(10)}
        )
        for queue in range(60)
    }


@pytest.mark.parametrize(
    ("states", "on_duty", "most"),
    [({}, 10, 6), ({0: ("INUSE", False)}, 10, 30), ({0: ("INUSE", False), 1: ("NOT_INUSE", True)}, 9, 30)],
)
async def test_sixty_queues_are_read_in_a_few_requests(
    asterisk: FunctionsOfAsterisk, client: Client, states: dict[int, tuple[str, bool]], on_duty: int, most: int
) -> None:
    asterisk.queues = sixty(states)
    asking = reader(client, alive=["1.1"])
    await asking.queues(tuple(asterisk.queues))
    asterisk.requests = 0
    read = await asking.queues(tuple(asterisk.queues))
    assert [duty_of(one.queue, agents_of(one)).on_duty for one in read.readings] == [on_duty] * 60
    assert asterisk.requests <= most


async def test_callers_of_sixty_queues_are_counted_in_a_few_requests(
    asterisk: FunctionsOfAsterisk, client: Client
) -> None:
    asterisk.queues = sixty({})
    asterisk.queues["queue7"].waiting = ["PJSIP/trunk-00000001"]
    asking = reader(client, alive=["1.1"])
    await asking.queues((), tuple(asterisk.queues))
    asterisk.requests = 0
    read = await asking.queues((), tuple(asterisk.queues))
    assert [one.queue for one in read.readings if one.waiting] == ["queue7"]
    assert all(one.agents is None for one in read.readings)
    assert asterisk.requests <= 3


async def test_of_several_queues_those_expected_are_found_at_their_places(
    asterisk: FunctionsOfAsterisk, client: Client
) -> None:
    names = asterisk.support.waiting = [f"PJSIP/trunk-{number:08x}" for number in range(1, 6)]
    read = await reader(client, alive=["1.1"], expected=range(5, 6)).queues(("support",))
    (reading,) = read.readings
    assert (reading.waiting, reading.places[5], reading.complete) == (5, names[4], False)


async def test_queues_that_asterisk_does_not_have_are_asked_about_without_a_line_in_its_log(
    asterisk: FunctionsOfAsterisk, client: Client
) -> None:
    asking = reader(client, alive=["1.1"])
    for _ in range(3):
        read = await asking.queues(("nosuch", "support"), ("neither",))
        assert [(one.queue, one.waiting) for one in read.readings] == [("nosuch", 0), ("support", 0), ("neither", 0)]
        assert read.readings[0].agents == Agents(ready=0, logged=0, count=0)
        assert read.readings[2].agents is None
    assert asterisk.errors == []
    asterisk.queues["nosuch"] = Queue(waiting=["PJSIP/trunk-00000001"])
    read = await asking.queues(("nosuch", "support"))
    assert read.readings[0].waiting == 1
    # One that is taken away is noticed at the next reading.
    del asterisk.queues["support"]
    await asking.queues(("nosuch", "support"))
    asterisk.errors.clear()
    await asking.queues(("nosuch", "support"))
    assert asterisk.errors == []
