"""Why a call that an agent answered comes to no conversation."""

from __future__ import annotations

import pytest

from callcentre.kernel.fact import Fact
from callcentre.telephony.events import (
    BridgeEntered,
    Channel,
    ChannelCreated,
    HangupRequested,
)
from tests.unit.telephone import Asterisk


def hangs_up_in_the_announcement(asterisk: Asterisk, call: str) -> list[Fact]:
    return asterisk.hangs_up(call)


def times_out(asterisk: Asterisk, call: str) -> list[Fact]:
    return asterisk.gives_up(call, "TIMEOUT")


def uses_the_exit_key(asterisk: Asterisk, call: str) -> list[Fact]:
    return asterisk.presses(call) + asterisk.runs(call, "NoOp")


def hangs_up_in_the_gosub(asterisk: Asterisk, call: str) -> list[Fact]:
    return asterisk.let_go(call) + asterisk.hangs_up(call)


def loses_the_agent_in_the_gosub(asterisk: Asterisk, call: str) -> list[Fact]:
    return asterisk.let_go(call) + asterisk.hangs_up(call, soft=True)


def is_not_compatible(asterisk: Asterisk, call: str) -> list[Fact]:
    """SYSCOMPAT: no member variables are set."""
    return asterisk.let_go(call, reported=False) + asterisk.hangs_up(call, soft=True)


def hangs_up_just_before_the_gosub(asterisk: Asterisk, call: str) -> list[Fact]:
    """app_queue bridges the two for a moment all the same."""
    facts = asterisk.rehearsal.tell(HangupRequested(at=asterisk.rehearsal.at, call=call))
    return facts + asterisk.let_go(call) + asterisk.bridged(call) + asterisk.bridge_left(call)


def comes_into_the_bridge_that_the_agent_has_left(asterisk: Asterisk, call: str) -> list[Fact]:
    rehearsal = asterisk.rehearsal
    facts = asterisk.let_go(call)
    facts += rehearsal.tell(BridgeEntered(at=rehearsal.at, call=call, bridge="b", when=rehearsal.at, channels=(call,)))
    return facts + asterisk.bridge_left(call) + asterisk.hangs_up(call, soft=True)


def comes_into_the_bridge_of_an_agent_who_has_hung_up(asterisk: Asterisk, call: str) -> list[Fact]:
    rehearsal = asterisk.rehearsal
    agent = Channel(id="PJSIP/agent1.1", name="PJSIP/agent1-0000002a")
    rehearsal.tell(ChannelCreated(at=rehearsal.at, channel=agent, when=rehearsal.at))
    facts = asterisk.let_go(call) + rehearsal.tell(HangupRequested(at=rehearsal.at, call=agent.id))
    return facts + asterisk.bridged(call) + asterisk.bridge_left(call) + asterisk.hangs_up(call, soft=True)


def is_gone_without_a_word(asterisk: Asterisk, call: str) -> list[Fact]:
    return asterisk.let_go(call) + asterisk.destroyed(call)


BEFORE_THE_BRIDGE = pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (hangs_up_in_the_announcement, "abandoned"),
        (times_out, "timeout"),
        (uses_the_exit_key, "key"),
        (hangs_up_in_the_gosub, "abandoned"),
        (hangs_up_just_before_the_gosub, "abandoned"),
        (comes_into_the_bridge_that_the_agent_has_left, "agent_gone"),
        (comes_into_the_bridge_of_an_agent_who_has_hung_up, "agent_gone"),
        (loses_the_agent_in_the_gosub, "agent_gone"),
        (is_not_compatible, "agent_gone"),
        (is_gone_without_a_word, "abandoned"),
    ],
)
