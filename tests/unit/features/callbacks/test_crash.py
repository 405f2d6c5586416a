"""What a crash leaves of an attempt."""

from __future__ import annotations

import pytest

from callcentre.features.callbacks.events import CallbackWithdrawn
from callcentre.features.callbacks.model import Phase
from callcentre.kernel.event import Tick
from tests.unit.features.callbacks.desk import (
    ask_for,
    begin,
    callbacks,
    come_to,
    reasons,
)

ENDS = {"callback.completed", "callback.cancelled", "callback.failed", "callback.expired"}
ON_A_CALL = [Phase.DIALLING, Phase.ASKING, Phase.ACCEPTED, Phase.CONNECTED, Phase.RETURNED]


@pytest.mark.parametrize("phase", ON_A_CALL)
def test_a_call_that_lives_after_a_restart_is_adopted(phase: Phase) -> None:
    rehearsal, asterisk, call = come_to(phase)
    after = rehearsal.restarted()
    asterisk.restarts_us(after)
    asterisk.on_duty("INUSE")
    asterisk.ticks(3)
    assert (callbacks(after)[0].phase, callbacks(after)[0].call) == (phase, call)
    assert len(asterisk.dialled) == (phase is not Phase.RETURNED)
    if phase is Phase.DIALLING:
        asterisk.picks_up(call)
    if phase in (Phase.DIALLING, Phase.ASKING):
        asterisk.key(call, "1")
    if phase is not Phase.CONNECTED:
        asterisk.answered(call)
    asterisk.hangs_up(call)
    end = "callback.cancelled" if phase is Phase.RETURNED else "callback.completed"
    assert [name for name in after.names() if name in ENDS] == [end]
    assert callbacks(after) == []


@pytest.mark.parametrize(
    ("phase", "fact", "reason", "kept"),
    [
        (Phase.DIALLING, "postponed", "no_answer", True),
        (Phase.ASKING, "postponed", "no_answer", True),
        (Phase.ACCEPTED, "postponed", "failed", True),
        (Phase.CONNECTED, "completed", "unknown", False),
        (Phase.RETURNED, None, None, True),
    ],
)
def test_a_call_that_is_gone_after_a_restart_was_in_vain_or_is_over(
    phase: Phase, fact: str | None, reason: str | None, kept: bool
) -> None:
    rehearsal, asterisk, call = come_to(phase)
    after = rehearsal.restarted()
    for calls in (asterisk.channels, asterisk.held, asterisk.ringing, asterisk.talking):
        calls.pop(call, None)
    asterisk.queues["support"] = []
    asterisk.members["support"] = ()
    asterisk.restarts_us(after)
    if fact is not None:
        assert reasons(after, fact) == [reason]
    assert [callback.phase for callback in callbacks(after)] == [Phase.WAITING] * kept
    asterisk.on_duty("INUSE")
    asterisk.ticks(2)
    assert len(asterisk.dialled) == 1


def test_a_committed_attempt_that_was_never_made_counts_as_made() -> None:
    rehearsal, asterisk = begin("INUSE")
    ask_for(asterisk)
    rehearsal.later(1)
    asterisk.rehearsal.effects.clear()
    rehearsal.tell(Tick(at=rehearsal.at))
    after = rehearsal.restarted()
    asterisk.restarts_us(after)
    asterisk.on_duty("INUSE")
    asterisk.ticks(2)
    assert asterisk.dialled == []
    assert reasons(after, "postponed") == ["no_answer"]
    after.later(600)
    asterisk.ticks()
    assert [originate.call[-2:] for originate in asterisk.dialled] == ["-2"]


def test_an_answer_to_an_attempt_that_is_over_is_ended() -> None:
    rehearsal, asterisk, call = come_to(Phase.ASKING)
    rehearsal.tell(CallbackWithdrawn(at=rehearsal.at, callback=callbacks(rehearsal)[0].callback, by="staff"))
    asterisk.restarts_us(rehearsal.restarted())
    assert call not in asterisk.channels
