"""Whatever happens in whatever order, the view stays right."""

from __future__ import annotations

from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from callcentre.telephony.events import (
    AsteriskLost,
    Channel,
)
from callcentre.telephony.facts import QueueJoined, QueueLeft
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import Asterisk
from tests.unit.telephony.queue_view.heard import NO_WELCOME

# --- any order of things ---------------------------------------------------------------------------


class QueueLife(RuleBasedStateMachine):
    """Callers come, are answered, hang up, time out, use the exit key; we lose Asterisk and find it again."""

    @initialize()
    def begin(self) -> None:
        self.rehearsal = Rehearsal(NO_WELCOME)
        self.asterisk = Asterisk(self.rehearsal)
        self.asterisk.connect()
        self.number = 0

    @rule(seconds=st.floats(0.1, 50))
    def time_passes(self, seconds: float) -> None:
        self.rehearsal.later(round(seconds, 1))

    @rule()
    def somebody_calls(self) -> None:
        self.number += 1
        self.asterisk.calls_in(f"+3584011{self.number:05d}")

    @precondition(lambda self: self.asterisk.queues.get("support"))
    @rule(data=st.data(), way=st.sampled_from(["answered", "hangs_up", "timeout", "key"]))
    def somebody_leaves_the_queue(self, data: st.DataObject, way: str) -> None:
        call = data.draw(st.sampled_from(self.asterisk.queues["support"]))
        match way:
            case "answered":
                self.asterisk.answered(call)
            case "hangs_up":
                self.asterisk.hangs_up(call)
            case "timeout":
                self.asterisk.gives_up(call, "TIMEOUT")
            case _:
                self.asterisk.presses(call)
                self.asterisk.runs(call, "NoOp")
                self.asterisk.joins(call)

    @precondition(lambda self: self.asterisk.talking)
    @rule(data=st.data())
    def a_conversation_ends(self, data: st.DataObject) -> None:
        self.asterisk.hangs_up(data.draw(st.sampled_from(sorted(self.asterisk.talking))))

    @rule(lost=st.sets(st.integers(0, 5)), answered=st.sets(st.integers(0, 5)))
    def we_are_away(self, lost: set[int], answered: set[int]) -> None:
        self.rehearsal.tell(AsteriskLost(at=self.rehearsal.at, reason="test"))
        queue = self.asterisk.queues.setdefault("support", [])
        for index, call in list(enumerate(queue)):
            if index in lost:
                queue.remove(call)
                del self.asterisk.channels[call]
            elif index in answered:
                queue.remove(call)
                self.asterisk.talking[call] = "PJSIP/agent1-00000001"
        self.number += 1
        late = f"late.{self.number}"
        self.asterisk.channels[late] = Channel(
            id=late, name=f"PJSIP/late-{self.number:08x}", number=f"+3584022{self.number:05d}", app="Queue",
            app_data="support",
        )  # fmt: skip
        queue.append(late)
        self.rehearsal.later(5)
        self.asterisk.connect()

    @invariant()
    def the_view_is_the_queue(self) -> None:
        assert list(self.rehearsal.world.calls.waiting("support")) == self.asterisk.queues.get("support", [])

    @invariant()
    def joining_and_leaving_balance(self) -> None:
        joined = sum(isinstance(fact, QueueJoined) for fact in self.rehearsal.facts)
        left = sum(isinstance(fact, QueueLeft) for fact in self.rehearsal.facts)
        assert joined - left == len(self.asterisk.queues.get("support", []))

    @invariant()
    def nothing_is_kept_of_calls_that_ended(self) -> None:
        calls = self.rehearsal.world.calls
        assert set(calls.calls) <= set(self.asterisk.channels)
        assert set(calls.live) <= set(self.asterisk.channels)
        assert set(calls.signs) <= set(calls.calls) | set(calls.entering)


QueueLife.TestCase.settings = hypothesis_settings(max_examples=60, stateful_step_count=30, deadline=None)


TestQueueLife = QueueLife.TestCase
