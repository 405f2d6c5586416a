"""What Queue() was given is remembered for the way back from the exit key, unless our own dialplan gave it."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from callcentre.telephony.events import Channel, DialplanStep
from callcentre.telephony.queue_view.queue_application import given_by, queue_run_by
from tests.cast import MATTI
from tests.unit.rehearsal import NOON, Rehearsal
from tests.unit.telephone import Asterisk

THEIRS = Channel(
    id="call-1", name="PJSIP/trunk-00000001", number=MATTI, context="from-trunk", exten="403", priority=2,
    app="Queue", app_data="support,tC,,,6",
)  # fmt: skip


@pytest.fixture
def asterisk() -> Asterisk:
    asterisk = Asterisk(Rehearsal({"services": {"support": {"welcome": None}}}))
    asterisk.connect()
    return asterisk


@pytest.mark.parametrize(
    ("change", "arguments"),
    [
        ({}, "support,tC,,,6"),
        ({"app": "ExecIf", "app_data": '1?Queue(support,tC,,"a b",6,,,rule)'}, 'support,tC,,"a b",6,,,rule'),
        ({"app": "ExecIf", "app_data": "1?Queue(support,b(ctx^s^1))"}, "support,b(ctx^s^1)"),
        ({"context": "callcentre-queue"}, None),
        ({"context": "callcentre-exit-support"}, None),
    ],
)
def test_what_a_queue_of_the_pbx_s_own_dialplan_was_given(change: dict[str, Any], arguments: str | None) -> None:
    given = given_by(replace(THEIRS, **change), NOON)
    assert (given and given.arguments) == arguments
    assert given is None or (given.after, given.since) == ("from-trunk,403,3", NOON)


def enters(asterisk: Asterisk, channel: Channel = THEIRS) -> None:
    asterisk.channels[channel.id] = channel
    asterisk.rehearsal.tell(DialplanStep(at=asterisk.rehearsal.at, channel=channel, when=asterisk.rehearsal.at))


def test_what_is_known_of_the_queue_goes_back_with_the_call(asterisk: Asterisk) -> None:
    enters(asterisk)
    assert dict(asterisk.rehearsal.world.way_back("call-1")) == {
        "CALLCENTRE_QUEUED": "support,tC,,,6",
        "CALLCENTRE_AFTER": "from-trunk,403,3",
        "CALLCENTRE_SINCE": str(int(asterisk.rehearsal.at.timestamp())),
    }


def test_our_own_queue_after_the_exit_key_does_not_replace_it(asterisk: Asterisk) -> None:
    enters(asterisk)
    enters(asterisk, replace(THEIRS, context="callcentre-exit-support", exten="*", app_data="support,tC,,,4,,,,1"))
    assert dict(asterisk.rehearsal.world.way_back("call-1"))["CALLCENTRE_QUEUED"] == "support,tC,,,6"


def test_a_caller_who_came_by_our_dialplan_needs_nothing_also_through_an_entry_of_the_pbx(asterisk: Asterisk) -> None:
    asterisk.variable("call-1", "CALLCENTRE_IN", "support")
    enters(asterisk, replace(THEIRS, context="ext-queues"))
    assert asterisk.rehearsal.world.way_back("call-1") == ()
    asterisk.variable("call-1", "CALLCENTRE_IN", "")
    enters(asterisk, replace(THEIRS, app="NoOp", app_data="after the queue"))
    enters(asterisk)
    assert asterisk.rehearsal.world.way_back("call-1") != ()


def test_the_way_back_is_read_again_after_having_been_away(asterisk: Asterisk) -> None:
    asterisk.channels["call-1"] = THEIRS
    asterisk.connect()
    assert dict(asterisk.rehearsal.world.way_back("call-1"))["CALLCENTRE_AFTER"] == "from-trunk,403,3"
    asterisk.variables["call-1"] = {"CALLCENTRE_IN": "support"}
    asterisk.connect()
    assert asterisk.rehearsal.world.way_back("call-1") == ()


def test_a_caller_who_was_passed_on_from_an_agent_goes_back_into_the_queue_that_they_were_passed_on_to(
    asterisk: Asterisk,
) -> None:
    call = asterisk.arrives()
    asterisk.variable(call, "CALLCENTRE_IN", "support")
    asterisk.joins(call)
    asterisk.answered(call)
    asterisk.bridge_left(call)
    passed_on = replace(THEIRS, id=call, name=asterisk.channels[call].name, exten="700")
    # A transfer shows the Queue() before once more, at the place where the call goes on.
    enters(asterisk, replace(passed_on, priority=1, app_data="support,tT,,,4"))
    enters(asterisk, replace(passed_on, priority=1, app="NoOp", app_data=""))
    enters(asterisk, passed_on)
    back = dict(asterisk.rehearsal.world.way_back(call))
    assert (back["CALLCENTRE_QUEUED"], back["CALLCENTRE_AFTER"]) == ("support,tC,,,6", "from-trunk,700,3")


@pytest.mark.parametrize(
    ("app", "data", "queue"),
    [
        ("Queue", "support,,,,60", "support"),
        ("Queue", "support", "support"),
        ("queue", " support ,t", "support"),
        ("ExecIf", "1?Queue(support,,,,60)", "support"),
        ("ExecIf", "1?Queue(support)", "support"),
        ("TryExec", "Queue(support,t)", "support"),
        ("ExecIf", "1?Playback(queue-thanks)", None),
        ("Playback", "Queue(support)", None),
        ("AppQueue", "(Outgoing Line)", None),
        ("Hangup", "", None),
    ],
)
def test_a_queue_is_recognised_however_the_dialplan_runs_it(app: str, data: str, queue: str | None) -> None:
    assert queue_run_by(app, data) == queue
