"""What an agent sees of the own queues and of the caller: only what is theirs, and numbers masked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from callcentre.features.agent_page.model import LastCaller, NoteRecords
from callcentre.features.agent_page.states import AFTER_THE_CALL, Caller, OwnStates, milliseconds
from callcentre.features.callbacks.interface import OpenCallbacks
from callcentre.telephony.agents.events import AgentActionDone, MembersRead
from callcentre.telephony.agents.interface import Action, AgentState, Outcome
from callcentre.telephony.events import Member
from callcentre.web.live.panel import AsAgent
from tests.cast import AINO, ANNA, BO, MATTI
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import Asterisk

TWO: Mapping[str, Any] = {
    "services": {
        "support": {"callback": None},
        "annex": {"queue": "annex", "name": {"fi": "Sivupiste"}, "language": "fi"},
    },
}
SEES = AsAgent(ANNA, frozenset({"support", "annex"}))
SEES_NOTHING = AsAgent(ANNA, frozenset())
SEES_ANNEX = AsAgent(ANNA, frozenset({"annex"}))


class Scene:
    """A queue with agents, and what the panels show."""

    def __init__(self) -> None:
        self.rehearsal = Rehearsal(TWO)
        self.asterisk = Asterisk(self.rehearsal)
        self.asterisk.connect()
        self.records = NoteRecords()
        world = self.rehearsal.world
        self.states = OwnStates(
            settings=world, queues=world.queue_view, agents=world.agents,
            callbacks=OpenCallbacks(world.callbacks, world.queue_view), people=world, records=self.records,
        )  # fmt: skip

    def caller(self, who: AsAgent = SEES) -> Caller | None:
        return self.states.caller_now(who, self.rehearsal.at).caller

    def reads(self, queue: str, *members: Member) -> None:
        at = self.rehearsal.at
        self.rehearsal.tell(MembersRead(at=at, queues={queue: members}, asked=at, continuous=True))

    def ended(self, call: str, service: str = "support") -> None:
        """A conversation is over, as the rule remembers it."""
        self.records.last.put(
            LastCaller(
                agent=ANNA, call=call, service=service, queue=service, number=MATTI, caller="hash", name="Matti",
                wait=3.4, ended=self.rehearsal.at,
            )
        )  # fmt: skip


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_the_caller_is_shown_from_the_answer_with_a_masked_number(scene: Scene) -> None:
    call = scene.asterisk.calls_in(MATTI, name="Matti")
    assert scene.caller() is None
    scene.rehearsal.later(7)
    scene.asterisk.answered(call, ANNA)
    answered = milliseconds(scene.rehearsal.at)
    assert scene.caller() == Caller(
        call=call, number="+35840•••22", name="Matti", service="support", queue="support", wait=7, place=1,
        since=answered,
    )  # fmt: skip


@pytest.mark.parametrize("who", [SEES_NOTHING, SEES_ANNEX, AsAgent(BO, frozenset({"support"}))])
def test_nobody_else_sees_the_caller(scene: Scene, who: AsAgent) -> None:
    call = scene.asterisk.calls_in(MATTI)
    scene.asterisk.answered(call, ANNA)
    assert scene.caller(who) is None
    assert scene.states.known(who, call) is None


def test_of_a_withheld_number_nothing_is_shown(scene: Scene) -> None:
    call = scene.asterisk.calls_in("anonymous", name="Matti")
    scene.asterisk.answered(call, ANNA)
    caller, known = scene.caller(), scene.states.known(SEES, call)
    assert caller is not None
    assert known is not None
    assert (caller.number, caller.name, known.caller, known.number) == ("", "", None, "")


def test_the_last_caller_is_shown_for_a_while_after_the_call(scene: Scene) -> None:
    scene.ended("c1")
    caller = scene.caller()
    assert caller is not None
    assert (caller.call, caller.number, caller.wait, caller.ended) == (
        "c1", "+35840•••22", 3, milliseconds(scene.rehearsal.at),
    )  # fmt: skip
    assert scene.caller(SEES_ANNEX) is None
    assert scene.states.known(SEES, "c1") is not None
    assert scene.states.known(SEES_ANNEX, "c1") is None
    scene.rehearsal.later(AFTER_THE_CALL.total_seconds() - 1)
    assert scene.caller() is not None
    scene.rehearsal.later(1)
    assert scene.caller() is None


def test_the_present_caller_takes_the_place_of_the_last_one(scene: Scene) -> None:
    scene.ended("c1")
    call = scene.asterisk.calls_in(AINO)
    scene.asterisk.answered(call, ANNA)
    caller = scene.caller()
    assert caller is not None
    assert caller.call == call
    first, present = scene.states.known(SEES, "c1"), scene.states.known(SEES, call)
    assert first is not None
    assert present is not None
    assert (first.number, present.number) == (MATTI, AINO)
    assert present.caller == scene.rehearsal.world.caller(AINO)
    assert scene.states.known(SEES, "of somebody else") is None


def test_the_state_is_the_same_while_nothing_happens(scene: Scene) -> None:
    call = scene.asterisk.calls_in(MATTI)
    scene.asterisk.answered(call, ANNA)
    before = scene.caller()
    assert scene.states.caller_now(SEES, scene.rehearsal.at + timedelta(minutes=3)).caller == before


def test_each_queue_of_the_agent_is_shown_with_its_callers(scene: Scene) -> None:
    scene.reads("support", Member(ANNA, False, "NOT_INUSE"))
    scene.asterisk.calls_in(MATTI)
    joined = milliseconds(scene.rehearsal.at)
    scene.rehearsal.later(3)
    scene.asterisk.calls_in(AINO)
    annex, support = scene.states.queues_now(SEES, scene.rehearsal.at).queues
    assert (annex.queue, annex.services, annex.state, annex.waiting) == ("annex", ("annex",), None, 0)
    assert (support.queue, support.state, support.paused) == ("support", AgentState.READY, False)
    assert (support.waiting, support.longest) == (2, joined)


def test_queues_of_services_that_the_agent_does_not_see_are_not_there(scene: Scene) -> None:
    scene.reads("support", Member(ANNA, False, "NOT_INUSE"))
    assert [one.queue for one in scene.states.queues_now(SEES_ANNEX, scene.rehearsal.at).queues] == ["annex"]
    assert scene.states.queues_of(SEES_NOTHING) == ()


def test_a_pause_has_its_reason(scene: Scene) -> None:
    scene.reads("support", Member(ANNA, False, "NOT_INUSE"))
    scene.rehearsal.tell(
        AgentActionDone(
            at=scene.rehearsal.at, request="r", action=Action.PAUSE, queue="support", agent=ANNA, outcome=Outcome.DONE,
            reason="lunch",
        )
    )  # fmt: skip
    (_annex, support) = scene.states.queues_now(SEES, scene.rehearsal.at).queues
    assert (support.state, support.paused, support.reason) == (AgentState.PAUSED, True, "lunch")
    assert support.since == milliseconds(scene.rehearsal.at)
