"""All of Asterisk at one moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from callcentre.telephony.ari import Client
from callcentre.telephony.ari.model import AriError
from callcentre.telephony.events import Agents
from tests.cast import ANNA
from tests.integration.telephony.ari.functions import PROBE_1, FunctionsOfAsterisk, Queue, reader

# --- everything ------------------------------------------------------------------------------------------------------


async def test_a_call_that_we_hold_is_not_asked_and_its_arguments_tell_enough(
    asterisk: FunctionsOfAsterisk, client: Client
) -> None:
    asterisk.channels = []
    asterisk.held = {
        "1.1": "callcentre,enter,support,1795325295,",
        "2.2": "callcentre,exit,support,sales,1795325296",
        "3.3": "callcentre,enter,support,1795325297,5",
        # Printed by an earlier version.
        "4.4": "callcentre,enter,support,1795325298",
    }
    asterisk.support.members = {ANNA: ("NOT_INUSE", False)}
    asking = reader(client, alive=[])
    synchronised, held = await asking.everything(("support",))
    assert synchronised.variables == {
        "1.1": {"CALLCENTRE_SERVICE": "support", "CALLCENTRE_JOINED": "1795325295"},
        "2.2": {"CALLCENTRE_SERVICE": "sales", "CALLCENTRE_JOINED": "1795325296"},
        "3.3": {"CALLCENTRE_SERVICE": "support", "CALLCENTRE_JOINED": "1795325297", "QUEUE_PRIO": "5"},
        "4.4": {"CALLCENTRE_SERVICE": "support", "CALLCENTRE_JOINED": "1795325298"},
    }
    assert [started.arguments[0] for started in held] == ["enter", "exit", "enter", "enter"]
    assert synchronised.readings[0].agents == Agents(ready=1, logged=1, count=1)
    assert asterisk.made == [PROBE_1]
    assert asterisk.errors == []
    await asking.close()


async def test_the_calls_of_each_bridge_are_read_with_everything(asterisk: FunctionsOfAsterisk, client: Client) -> None:
    asterisk.channels = ["1.1", "2.2", "3.3"]
    asterisk.bridges = {"b": ["1.1", "2.2"], "empty": []}
    synchronised, _ = await reader(client, alive=["1.1"]).everything(("support",))
    assert synchronised.bridges == {"b": ("1.1", "2.2"), "empty": ()}
    assert set(synchronised.talking) == {"1.1", "2.2"}


async def test_the_variables_of_a_call_that_is_known_are_read_wherever_it_is(
    asterisk: FunctionsOfAsterisk, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asterisk.channels = ["1.1", "2.2"]
    asterisk.held = {"3.3": "callcentre,enter,support,1795325295,"}
    asked: list[str] = []

    def value(function: str) -> str:
        asked.append(function)
        return "x"

    monkeypatch.setattr(asterisk, "value", value)
    synchronised, _ = await reader(client, alive=["1.1"]).everything((), {"2.2", "3.3"})
    assert set(synchronised.variables) == {"2.2", "3.3"}
    assert synchronised.variables["2.2"]["ABANDONED"] == "x"
    assert "TRANSFERERNAME" in asked
    assert asterisk.errors == []


async def test_everybody_is_found_at_their_places_in_every_queue(asterisk: FunctionsOfAsterisk, client: Client) -> None:
    asterisk.queues["sales"] = Queue(waiting=["PJSIP/trunk-00000009"])
    names = asterisk.support.waiting = [f"PJSIP/trunk-{number:08x}" for number in range(1, 9)]
    synchronised, _ = await reader(client, alive=["1.1"]).everything(("support", "sales", "nosuch"))
    assert [(one.waiting, dict(one.places), one.complete) for one in synchronised.readings] == [
        (8, dict(enumerate(names, 1)), True), (1, {1: "PJSIP/trunk-00000009"}, True), (0, {}, True),
    ]  # fmt: skip


async def test_with_nobody_on_the_line_nothing_is_asked_but_what_is_needed(
    asterisk: FunctionsOfAsterisk, client: Client
) -> None:
    asterisk.channels = []
    asterisk.queues["sales"] = Queue()
    asking = reader(client, alive=[])
    synchronised, held = await asking.everything(("support", "sales"))
    assert (synchronised.channels, held, asterisk.made) == ((), [], [])
    assert [one.agents for one in synchronised.readings] == [None, None]
    synchronised, _ = await asking.everything(("support", "sales"), needed=("sales",))
    assert [one.agents is None for one in synchronised.readings] == [True, False]
    assert asterisk.made == [PROBE_1]
    await asking.close()


async def test_with_nobody_on_the_line_everything_is_read_also_where_no_channel_can_be_made(
    asterisk: FunctionsOfAsterisk, client: Client
) -> None:
    asterisk.channels = []
    asterisk.makes_channels = False
    synchronised, held = await reader(client, alive=[]).everything(("support",), needed=("support",))
    assert (synchronised.channels, held) == ((), [])
    assert synchronised.readings[0].agents is None
    asterisk.held = {"1.1": "callcentre,enter,support,1795325295"}
    with pytest.raises(AriError):
        await reader(client, alive=[]).everything(("support",))


@pytest.mark.parametrize("hours", [-1, 1])
async def test_when_a_caller_joined_is_reported_on_our_clock_whatever_asterisks_is(
    asterisk: FunctionsOfAsterisk, client: Client, hours: int
) -> None:
    asterisk.ahead = timedelta(hours=hours)
    joined = int((datetime.now(UTC) - timedelta(seconds=40)).timestamp())
    theirs = joined + hours * 3600
    asterisk.channels = []
    asterisk.held = {"1.1": f"callcentre,enter,support,{theirs},"}
    synchronised, _ = await reader(client, alive=[]).everything(("support",))
    assert abs(int(synchronised.variables["1.1"]["CALLCENTRE_JOINED"]) - joined) <= 1


async def test_nobody_joined_later_than_now(asterisk: FunctionsOfAsterisk, client: Client) -> None:
    asterisk.channels = []
    asterisk.held = {"1.1": f"callcentre,enter,support,{int(datetime.now(UTC).timestamp()) + 3600},"}
    synchronised, _ = await reader(client, alive=[]).everything(("support",))
    assert int(synchronised.variables["1.1"]["CALLCENTRE_JOINED"]) <= synchronised.asked.timestamp()
