"""Who is on duty is read with as few questions as the numbers allow."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from callcentre.telephony.ari import Client
from callcentre.telephony.events import Agents, Member
from callcentre.telephony.queue_view.estimate import duty_of
from tests.cast import ANNA, BO
from tests.integration.telephony.ari.functions import FunctionsOfAsterisk, Queue, agents_of, reader

# --- who is on duty --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("knows_eval", [True, False])
async def test_members_are_listed_only_when_the_numbers_do_not_say_it(
    asterisk: FunctionsOfAsterisk, client: Client, knows_eval: bool
) -> None:
    asterisk.knows_eval = knows_eval
    asterisk.support.members = {ANNA: ("NOT_INUSE", False), BO: ("UNAVAILABLE", True)}
    read = await reader(client, alive=["1.1"]).queue("support", complete=False, members=True)
    assert read.reading.agents == Agents(ready=1, logged=1, count=2)
    assert not any("LIST" in asked for asked in asterisk.asked)


async def test_pause_flags_are_asked_for_when_they_matter_and_states_only_when_they_leave_it_open(
    asterisk: FunctionsOfAsterisk, client: Client
) -> None:
    asterisk.support.members = {ANNA: ("INUSE", False), "Local/100@agents": ("NOT_INUSE", True)}
    read = await reader(client, alive=["1.1"]).queue("support", complete=False, members=True)
    assert read.reading.agents == Agents(
        ready=0, logged=2, count=2, members=(Member(ANNA, False), Member("Local/100@agents", True))
    )
    assert duty_of("support", agents_of(read.reading)).on_duty == 1
    assert not any("STATE" in asked for asked in asterisk.asked)
    assert asterisk.errors == []


@pytest.mark.parametrize(
    ("agent1", "paused", "on_duty"),
    [("INUSE", "UNAVAILABLE", 1), ("UNAVAILABLE", "NOT_INUSE", 0)],
)
async def test_devices_are_asked_for_their_state_when_nothing_else_says_it(
    asterisk: FunctionsOfAsterisk, client: Client, agent1: str, paused: str, on_duty: int
) -> None:
    asterisk.support.members = {ANNA: (agent1, False), BO: (paused, True)}
    asterisk.devices = {ANNA: agent1, BO: paused}
    read = await reader(client, alive=["1.1"]).queue("support", complete=False, members=True)
    assert duty_of("support", agents_of(read.reading)).on_duty == on_duty
    assert not any("DEVICE_STATE(PJSIP/agent2)" in asked for asked in asterisk.asked)


@pytest.mark.parametrize("context", ["ext-local", "from-queue"])
@pytest.mark.parametrize(("knows_hints", "on_duty"), [(True, 0), (False, 1)])
async def test_a_hint_tells_more_of_a_member_behind_a_local_channel(
    asterisk: FunctionsOfAsterisk, client: Client, context: str, knows_hints: bool, on_duty: int
) -> None:
    asterisk.knows_hints = knows_hints
    asterisk.support.members = {
        "Local/201@from-queue/n": ("UNAVAILABLE", False), "Local/202@from-queue/n": ("INUSE", True),
    }  # fmt: skip
    asterisk.devices = dict.fromkeys(asterisk.support.members, "NOT_INUSE")
    asterisk.hints = {f"201@{context}": "UNAVAILABLE", f"202@{context}": "INUSE"}
    asking = reader(client, alive=["1.1"])
    for _ in range(3):
        read = await asking.queue("support", complete=False, members=True)
        assert duty_of("support", agents_of(read.reading)).on_duty == on_duty
    # Where Asterisk does not know the function it logs that once, not at every reading.
    assert len(asterisk.errors) == (0 if knows_hints else 1)


async def test_everybody_of_some_queues_is_read_with_states_for_pages(
    asterisk: FunctionsOfAsterisk, client: Client
) -> None:
    asterisk.support.members = {ANNA: ("INUSE", True), BO: ("NOT_INUSE", False), 'PJSIP/"x"': ("NOT_INUSE", False)}
    asterisk.devices = {ANNA: "INUSE", BO: "NOT_INUSE"}
    read = await reader(client, alive=["1.1"]).members(["support", "nowhere"])
    assert read == {
        "support": (Member(ANNA, True, "INUSE"), Member(BO, False, "NOT_INUSE"), Member('PJSIP/"x"', None)),
        "nowhere": (),
    }
    assert asterisk.errors == []


STRANGE = ["PJSIP/${SHELL(x)}", 'PJSIP/"x"', "Local/1(2)@x", "Local/[1]@x", "Local/1\\2@x", "Local/1\x1f2@x"]


USABLE = ["Local/0401112299#@from-queue/n", "Local/*45@from-queue/n", "SIP/a|b", "PJSIP/agent one", "Local/Ä+1:2@q/n"]


async def test_a_member_whose_name_cannot_be_in_an_expression_is_counted_and_not_asked_about(
    asterisk: FunctionsOfAsterisk, client: Client
) -> None:
    asterisk.support.members = {
        **dict.fromkeys(USABLE, ("NOT_INUSE", True)),
        **dict.fromkeys(STRANGE, ("INUSE", False)),
        ANNA: ("INUSE", False),
    }
    asterisk.devices = {ANNA: "INUSE"}
    read = await reader(client, alive=["1.1"]).queue("support", complete=False, members=True)
    agents = read.reading.agents
    assert agents is not None
    assert {one.interface: one.paused for one in agents.members or ()} == {
        **dict.fromkeys(USABLE, True), **dict.fromkeys(STRANGE), ANNA: False,
    }  # fmt: skip
    assert duty_of("support", agents).on_duty == len(STRANGE) + 1
    assert not any("SHELL" in asked for asked in asterisk.asked)
    assert asterisk.errors == []


async def test_the_end_of_a_list_that_app_queue_cut_is_not_asked_about(
    asterisk: FunctionsOfAsterisk, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"Local/{number:030d}@from-queue/n" for number in range(100)]
    whole = ",".join(names)[:4090].split(",")
    asterisk.support.members = dict.fromkeys((*whole[:-1], "Local/1@x"), ("INUSE", False))
    asterisk.support.members["Local/1@x"] = ("NOT_INUSE", False)
    monkeypatch.setattr(asterisk, "_of_queue", _cut(asterisk, ",".join(whole)))
    read = await reader(client, alive=["1.1"]).queue("support", complete=False, members=True)
    assert len(agents_of(read.reading).members or ()) == len(whole) - 1
    assert asterisk.errors == []


def _cut(asterisk: FunctionsOfAsterisk, listed: str) -> Callable[[Queue, str, str, str], str]:
    whole = asterisk._of_queue

    def of_queue(queue: Queue, name: str, rest: str, function: str) -> str:
        return listed if name == "QUEUE_MEMBER_LIST" else whole(queue, name, rest, function)

    return of_queue
