"""Agents in queues: what a reading changes, what a request leads to, and what pages see."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from callcentre.kernel.actor import Actor
from callcentre.kernel.event import EffectInterrupted
from callcentre.telephony.agents.effects import ControlAgent
from callcentre.telephony.agents.events import AgentActionDone, AgentActionRequested, MembersRead
from callcentre.telephony.agents.interface import AgentNow, Agents, differences
from callcentre.telephony.agents.model import Action, AgentState, Outcome, is_interface, state_of
from callcentre.telephony.ari.agent_control import plain
from callcentre.telephony.events import Member
from tests.cast import ANNA, BO, MATTI
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import Asterisk

AINO = Actor(user="aino", address="192.0.2.7", why="lunch time")


@pytest.fixture
def rehearsal() -> Rehearsal:
    return Rehearsal({"services": {"support": {"welcome": None, "callback": None, "notify": None, "survey": None}}})


@pytest.fixture
def agents(rehearsal: Rehearsal) -> Agents:
    return rehearsal.world.agents


def reads(rehearsal: Rehearsal, *members: Member, continuous: bool = True, asked: float = 0) -> None:
    """The members of the queue are read; it was asked so many seconds before."""
    event = MembersRead(
        at=rehearsal.at, asked=rehearsal.at - timedelta(seconds=asked), queues={"support": members},
        continuous=continuous,
    )  # fmt: skip
    rehearsal.tell(event)


def acts(rehearsal: Rehearsal, action: Action, outcome: Outcome = Outcome.DONE, **more: str) -> Any:
    """A supervisor does something with Anna, and this comes of it; the fact."""
    rehearsal.tell(
        AgentActionRequested(
            at=rehearsal.at, actor=AINO, request="1", action=action, queue="support", agent=ANNA, **more
        )
    )
    (effect,) = rehearsal.take(ControlAgent)
    (fact,) = rehearsal.tell(
        AgentActionDone(
            at=rehearsal.at, actor=effect.actor, request=effect.request, action=effect.action, queue=effect.queue,
            agent=effect.agent, outcome=outcome, reason=effect.reason, name=effect.name,
        )
    )  # fmt: skip
    return fact


def anna(agents: Agents) -> AgentNow:
    (one,) = [one for one in agents.of("support") if one.agent == ANNA]
    return one


# --- words of Asterisk ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("device", "paused", "talks", "state"),
    [
        ("NOT_INUSE", False, False, "ready"),
        ("NOT_INUSE", True, False, "paused"),
        ("INUSE", False, True, "talking"),
        ("INUSE", True, True, "talking"),
        ("INUSE", False, False, "busy"),
        ("BUSY", True, False, "busy"),
        ("ONHOLD", False, False, "busy"),
        ("RINGING", False, False, "ringing"),
        ("RINGINUSE", False, False, "busy"),
        ("UNAVAILABLE", False, False, "unavailable"),
        ("UNAVAILABLE", True, False, "unavailable"),
        ("INVALID", False, False, "unavailable"),
        ("UNKNOWN", False, False, "unknown"),
        ("", None, False, "unknown"),
        ("", True, False, "paused"),
    ],
)
def test_the_state_of_an_agent(device: str, paused: bool | None, talks: bool, state: str) -> None:
    assert state_of(device, paused=paused, talks=talks) == state


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("PJSIP/agent1", True),
        ("Local/200@from-queue/n", True),
        ("SIP/anna.virtanen", True),
        ("PJSIP/a,b", False),
        ("PJSIP/${SHELL(id)}", False),
        ("PJSIP/a)", False),
        ("PJSIP/a b", False),
        ("PJSIP/", False),
        ("agent1", False),
        ("PJSIP/a\n", False),
        ("PJSIP/" + "a" * 61, False),
        ("", False),
    ],
)
def test_an_interface_has_nothing_that_means_more_in_a_dialplan(text: str, is_one: bool) -> None:
    assert is_interface(text) is is_one


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("lunch", "lunch"),
        ("Tauko, klo 12:30", "Tauko klo 12:30"),
        ("${SHELL(rm -rf /)}", "SHELL rm -rf"),
        ('a"b\\c;d|e&f', "a b c d e f"),
        ("  ", ""),
        ("x" * 100, "x" * 40),
    ],
)
def test_words_of_people_are_given_to_the_dialplan_without_its_own_marks(text: str, given: str) -> None:
    assert plain(text) == given


# --- acts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "name"),
    [
        (Action.PAUSE, "agent.paused"),
        (Action.RESUME, "agent.resumed"),
        (Action.LOG_ON, "agent.logged_on"),
        (Action.LOG_OFF, "agent.logged_off"),
    ],
)
def test_an_act_is_a_fact_once_it_is_done(rehearsal: Rehearsal, action: Action, name: str) -> None:
    reads(rehearsal, Member(ANNA, False, "NOT_INUSE"))
    fact = acts(rehearsal, action, reason="lunch")
    assert (fact.name, fact.service, fact.queue, fact.agent, fact.by) == (name, "support", "support", ANNA, "staff")
    assert fact.reason == ("lunch" if action is Action.PAUSE else None)


def test_what_was_not_done_is_a_fact_with_the_reason(rehearsal: Rehearsal, agents: Agents) -> None:
    reads(rehearsal, Member(ANNA, False, "NOT_INUSE"))
    fact = acts(rehearsal, Action.LOG_OFF, Outcome.STATIC)
    assert (fact.name, fact.action, fact.reason) == ("agent.action_failed", "log_off", "static")
    assert anna(agents).state is AgentState.READY


def test_after_a_crash_it_is_unclear_and_not_done_again(rehearsal: Rehearsal) -> None:
    effect = ControlAgent(
        request="1", action=Action.PAUSE, queue="support", agent=ANNA, reason="", name="", known=True, actor=AINO
    )
    (fact,) = rehearsal.tell(EffectInterrupted(at=rehearsal.at, effect=effect))
    assert (fact.name, fact.action, fact.reason) == ("agent.action_failed", "pause", "unclear")
    assert (fact.user, fact.address, fact.why) == ("aino", "192.0.2.7", "lunch time")
    assert not rehearsal.take(ControlAgent)


def test_whether_the_agent_is_known_goes_with_it(rehearsal: Rehearsal) -> None:
    def asked() -> bool:
        rehearsal.tell(
            AgentActionRequested(at=rehearsal.at, request="1", action=Action.LOG_ON, queue="support", agent=ANNA)
        )
        (effect,) = rehearsal.take(ControlAgent)
        return bool(effect.known)

    assert not asked()
    reads(rehearsal, Member(ANNA, False, "NOT_INUSE"))
    reads(rehearsal)
    assert asked(), "an agent who logged off is known"
    after = rehearsal.restarted()
    assert after.world.agents.is_known(ANNA), "also after a restart"


def test_pages_see_an_act_before_the_next_reading(rehearsal: Rehearsal, agents: Agents) -> None:
    reads(rehearsal, Member(ANNA, False, "NOT_INUSE"))
    rehearsal.later(60)
    acts(rehearsal, Action.PAUSE, reason="lunch")
    now = anna(agents)
    assert (now.state, now.paused, now.reason, now.since) == (AgentState.PAUSED, True, "lunch", rehearsal.at)
    # A reading that was on its way then says nothing about it.
    reads(rehearsal, Member(ANNA, False, "NOT_INUSE"), asked=1)
    assert anna(agents).reason == "lunch"
    began = rehearsal.at
    rehearsal.later(10)
    reads(rehearsal, Member(ANNA, True, "NOT_INUSE"))
    assert (anna(agents).state, anna(agents).since) == (AgentState.PAUSED, began)
    acts(rehearsal, Action.RESUME)
    assert (anna(agents).state, anna(agents).reason) == (AgentState.READY, None)


def test_an_agent_who_is_logged_on_is_seen_at_once_and_one_who_is_logged_off_no_more(
    rehearsal: Rehearsal, agents: Agents
) -> None:
    acts(rehearsal, Action.LOG_ON, name="Anna")
    assert [(one.agent, one.agent_name) for one in agents.of("support")] == [(ANNA, "Anna")]
    began = rehearsal.at
    rehearsal.later(1)
    reads(rehearsal, Member(ANNA, False, "NOT_INUSE"))
    assert (anna(agents).state, anna(agents).since) == (AgentState.READY, began)
    acts(rehearsal, Action.LOG_OFF)
    assert agents.of("support") == ()


# --- readings ------------------------------------------------------------------------------------


def test_a_state_began_when_it_was_seen_to_change(rehearsal: Rehearsal, agents: Agents) -> None:
    reads(rehearsal, Member(ANNA, False, "NOT_INUSE"), continuous=False)
    assert anna(agents).since is None, "nobody knows how long Anna has been ready"
    rehearsal.later(5)
    reads(rehearsal, Member(ANNA, False, "RINGING"))
    assert (anna(agents).state, anna(agents).since) == (AgentState.RINGING, rehearsal.at)
    rehearsal.later(600)
    reads(rehearsal, Member(ANNA, False, "NOT_INUSE"), continuous=False)
    assert anna(agents).since is None, "it changed while nobody looked"


def test_only_what_differs_is_an_event(rehearsal: Rehearsal, agents: Agents) -> None:
    ready, rings = Member(ANNA, False, "NOT_INUSE"), Member(ANNA, False, "RINGING")
    reads(rehearsal, ready)

    def differs(*members: Member) -> bool:
        return bool(list(differences(agents.records, {"support": members})))

    assert not differs(ready)
    assert differs(rings)
    assert differs()
    assert differs(ready, Member(BO, False, "NOT_INUSE"))


def test_a_pause_that_ended_at_a_telephone_has_no_reason_any_more(rehearsal: Rehearsal, agents: Agents) -> None:
    reads(rehearsal, Member(ANNA, False, "NOT_INUSE"))
    acts(rehearsal, Action.PAUSE, reason="lunch")
    for members in ((Member(ANNA, False, "NOT_INUSE"),), (Member(ANNA, True, "NOT_INUSE"),)):
        rehearsal.later(5)
        reads(rehearsal, *members)
    assert (anna(agents).state, anna(agents).reason) == (AgentState.PAUSED, None)


def test_the_reason_of_a_pause_outlasts_a_restart(rehearsal: Rehearsal) -> None:
    reads(rehearsal, Member(ANNA, False, "NOT_INUSE"))
    acts(rehearsal, Action.PAUSE, reason="lunch")
    began = rehearsal.at
    after = rehearsal.restarted()
    after.later(5)
    reads(after, Member(ANNA, True, "NOT_INUSE"), continuous=False)
    now = anna(after.world.agents)
    assert (now.reason, now.since) == ("lunch", began)


def test_an_agent_talks_from_the_moment_of_the_answer(rehearsal: Rehearsal, agents: Agents) -> None:
    asterisk = Asterisk(rehearsal)
    asterisk.connect()
    reads(rehearsal, Member(ANNA, False, "NOT_INUSE"), Member(BO, False, "NOT_INUSE"))
    call = asterisk.calls_in(MATTI)
    rehearsal.later(7)
    asterisk.answered(call, ANNA, name="Anna")
    now = anna(agents)
    assert (now.state, now.call, now.since, now.agent_name) == (AgentState.TALKING, call, rehearsal.at, "Anna")
    assert [one.state for one in agents.of("support") if one.agent == BO] == [AgentState.READY]
    asterisk.hangs_up(call)
    assert (anna(agents).state, anna(agents).call) == (AgentState.READY, None)


def test_a_look_has_the_queue_read(agents: Agents) -> None:
    agents.of("support")
    agents.in_queue("of nobody")
    assert agents.looked_at() == {"support"}
    assert agents.looked_at() == frozenset()
    agents.of_agent(ANNA)
    assert agents.looked_at() == {"support"}
    assert agents.member("support", ANNA) is None
    assert agents.looked_at() == {"support"}
