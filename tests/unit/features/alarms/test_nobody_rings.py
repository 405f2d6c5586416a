"""Alarms about the queues: agents are ready, a caller waits, and nobody rings."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callcentre.features.alarms.model import Silence
from callcentre.features.alarms.nobody_rings import PAUSE, SETTLED, SILENT, judged
from callcentre.features.callbacks.events import CallbackRequested
from callcentre.kernel.event import SettingsChanged
from callcentre.telephony.events import AgentDialled, AsteriskLost
from tests.cast import MATTI
from tests.unit.rehearsal import NOON, Rehearsal, settings
from tests.unit.telephone import Asterisk

N = int(SILENT.total_seconds())
P = int(PAUSE.total_seconds())

SILENCE, RINGS, NOBODY_WAITS, NOBODY_READY = "s", "r", "-", "0"


@pytest.mark.parametrize(
    ("seconds", "changes"),
    [
        (SILENCE * N, {}),
        (SILENCE * (N + 1), {N: True}),
        (SILENCE * (N + 100), {N: True}),
        # Whatever ends the silence, it counts anew from then on.
        (SILENCE * N + RINGS + SILENCE * N, {}),
        (SILENCE * N + RINGS + SILENCE * (N + 1), {2 * N + 1: True}),
        (SILENCE * N + NOBODY_WAITS * (P + 1) + SILENCE * N, {}),
        (SILENCE * N + NOBODY_READY * (P + 1) + SILENCE * N, {}),
        # An agent who is not ready for the moment of an attempt in vain, or a reservation made anew, ends nothing.
        ((SILENCE * (P - 1) + NOBODY_READY) * N, {N: True}),
        (SILENCE * (N - 1) + NOBODY_WAITS * P + SILENCE, {N - 1 + P: True}),
        # The alarm ends at once when somebody rings, and soon when nobody waits or nobody is ready.
        (SILENCE * (N + 1) + RINGS, {N: True, N + 1: False}),
        (SILENCE * (N + 1) + NOBODY_WAITS * P, {N: True}),
        (SILENCE * (N + 1) + NOBODY_WAITS * (P + 1), {N: True, N + 1 + P: False}),
        (SILENCE * (N + 1) + NOBODY_READY * (P + 1), {N: True, N + 1 + P: False}),
        # It was never so that somebody ought to have rung.
        (NOBODY_READY * 3 * N, {}),
        (NOBODY_WAITS * 3 * N, {}),
        (RINGS * 3 * N, {}),
    ],
)  # fmt: skip
def test_the_alarm_is_raised_once_nobody_has_rung_for_so_long_and_somebody_ought_to(
    seconds: str, changes: dict[int, bool]
) -> None:
    silence: Silence | None = None
    was, seen = False, {}
    for second, now in enumerate(seconds):
        silence, raised = judged(
            silence, "support", NOON + timedelta(seconds=second), waits=now != NOBODY_WAITS,
            ready=0 if now == NOBODY_READY else 2, rings=now == RINGS,
        )  # fmt: skip
        if raised != was:
            seen[second] = raised
        was = raised
    assert seen == changes


@pytest.fixture
def rehearsal() -> Rehearsal:
    return Rehearsal({"services": {"support": {"welcome": None, "callback": None, "notify": None, "survey": None}}})


@pytest.fixture
def asterisk(rehearsal: Rehearsal) -> Asterisk:
    asterisk = Asterisk(rehearsal)
    asterisk.connect()
    asterisk.on_duty("NOT_INUSE")
    return asterisk


def alarms(rehearsal: Rehearsal) -> list[str]:
    facts = [fact for fact in rehearsal.facts if fact.name.startswith("alarm.")]
    assert all((fact.reason, fact.queue) == ("nobody_rings_support", "support") for fact in facts)
    return [fact.name.removeprefix("alarm.") for fact in facts]


def dials(asterisk: Asterisk, call: str, peer: str = "p1", *, rings: bool) -> None:
    """app_queue dials a phone for a caller; `rings`: the phone says so."""
    for status in (False, True) if rings else (False,):
        asterisk.rehearsal.tell(AgentDialled(at=asterisk.rehearsal.at, call=call, peer=peer, rings=status))


def test_a_guard_that_hangs_up_each_attempt_raises_it_and_a_phone_that_rings_clears_it(
    asterisk: Asterisk, rehearsal: Rehearsal
) -> None:
    call = asterisk.calls_in()
    for attempt in range(N):
        dials(asterisk, call, f"guarded{attempt}", rings=False)
        asterisk.ticks(2)
        asterisk.destroyed(f"guarded{attempt}", cause=0)
    assert alarms(rehearsal) == ["raised"]
    dials(asterisk, call, rings=True)
    assert alarms(rehearsal) == ["raised", "cleared"]


@pytest.mark.parametrize("rings", [True, False], ids=["a phone rings", "a mobile never says that it rings"])
def test_a_phone_that_rings_long_is_no_silence_and_the_time_after_it_is(
    asterisk: Asterisk, rehearsal: Rehearsal, rings: bool
) -> None:
    call = asterisk.calls_in()
    dials(asterisk, call, rings=rings)
    asterisk.ticks(4 * N)
    assert alarms(rehearsal) == []
    asterisk.destroyed("p1")
    asterisk.ticks(N)
    assert alarms(rehearsal) == []
    asterisk.ticks(1)
    assert alarms(rehearsal) == ["raised"]


def test_an_attempt_that_is_not_over_yet_does_not_count_as_ringing_at_once(
    asterisk: Asterisk, rehearsal: Rehearsal
) -> None:
    call = asterisk.calls_in()
    asterisk.ticks(N + 1)
    dials(asterisk, call, rings=False)
    asterisk.ticks(int(SETTLED.total_seconds()) - 1)
    assert alarms(rehearsal) == ["raised"]
    asterisk.ticks(1)
    assert alarms(rehearsal) == ["raised", "cleared"]


def test_a_phone_that_rings_for_one_queue_rings_for_no_other() -> None:
    """The same agents may sit in both: the caller of one must not be left alone because of the other."""
    sales = {"queue": "sales", "numbers": ["+358912345679"], "name": {"fi": "Myynti"}}
    rehearsal = Rehearsal(
        {"services": {"sales": sales, "support": {"welcome": None, "callback": None, "notify": None}}}
    )
    asterisk = Asterisk(rehearsal)
    asterisk.connect()
    asterisk.on_duty("NOT_INUSE")
    asterisk.calls_in()
    dials(asterisk, asterisk.calls_in("+358401113333", "sales"), rings=True)
    asterisk.ticks(N + 1)
    assert alarms(rehearsal) == ["raised"]


def test_the_phone_of_an_agent_who_talks_does_not_ring_for_those_who_wait(
    asterisk: Asterisk, rehearsal: Rehearsal
) -> None:
    first, _second = asterisk.calls_in(), asterisk.calls_in("+358401113333")
    dials(asterisk, first, rings=True)
    asterisk.answered(first)
    asterisk.ticks(N + 2)
    assert alarms(rehearsal) == ["raised"]


def test_a_caller_who_comes_back_after_a_talk_is_rung_for_by_phones_of_their_own(
    asterisk: Asterisk, rehearsal: Rehearsal
) -> None:
    call = asterisk.calls_in()
    dials(asterisk, call, rings=True)
    asterisk.answered(call)
    asterisk.joins(call)
    asterisk.ticks(N + 2)
    assert alarms(rehearsal) == ["raised"]


def test_the_alarm_ends_with_the_last_caller(asterisk: Asterisk, rehearsal: Rehearsal) -> None:
    call = asterisk.calls_in()
    asterisk.ticks(N + 1)
    asterisk.hangs_up(call)
    asterisk.ticks(P + 1)
    assert alarms(rehearsal) == ["raised", "cleared"]


def test_while_asterisk_is_not_heard_nothing_is_concluded_and_afterwards_the_time_counts_anew(
    asterisk: Asterisk, rehearsal: Rehearsal
) -> None:
    call = asterisk.calls_in()
    dials(asterisk, call, rings=True)
    asterisk.destroyed("p1")
    asterisk.ticks(N)
    rehearsal.tell(AsteriskLost(at=rehearsal.at, reason="test"))
    asterisk.ticks(2 * N)
    assert alarms(rehearsal) == []
    asterisk.connect()
    asterisk.ticks(N - 1)
    assert alarms(rehearsal) == []
    asterisk.ticks(1)
    assert alarms(rehearsal) == ["raised"]


def test_a_phone_that_stopped_ringing_while_we_were_away_does_not_ring_for_ever(
    asterisk: Asterisk, rehearsal: Rehearsal
) -> None:
    call = asterisk.calls_in()
    dials(asterisk, call, rings=True)
    asterisk.connect()
    asterisk.ticks(N + 2)
    assert alarms(rehearsal) == ["raised"]


def test_a_queue_that_leaves_the_configuration_leaves_no_alarm(asterisk: Asterisk, rehearsal: Rehearsal) -> None:
    asterisk.calls_in()
    asterisk.ticks(N + 1)
    changes = {"services": {"support": {"queue": "other", "welcome": None, "callback": None, "notify": None}}}
    rehearsal.tell(SettingsChanged(at=rehearsal.at, settings=settings(changes)))
    asterisk.ticks(P + 1)
    assert alarms(rehearsal) == ["raised", "cleared"]


def reserving() -> Asterisk:
    """A desk that reserves an agent for a customer who wants to be called back."""
    rehearsal = Rehearsal({"services": {"support": {"welcome": None, "callback": {"dial": {"order": "agent_first"}}}}})
    asterisk = Asterisk(rehearsal)
    asterisk.connect()
    asterisk.on_duty("NOT_INUSE")
    rehearsal.tell(
        CallbackRequested(at=rehearsal.at, request="r", service="support", number=MATTI, caller_name="", by="staff")
    )
    return asterisk


def test_customers_for_whom_agents_are_reserved_in_vain_raise_it_once() -> None:
    """Each reservation leaves the queue after a while, and the next one comes a moment later."""
    asterisk = reserving()
    reservations = set()
    for _ in range(5):
        asterisk.ticks(2)
        ((near, far),) = asterisk.reserving.items()
        reservations.add(near)
        asterisk.ticks(20)
        asterisk.gives_up(far, "TIMEOUT")
        asterisk.hangs_up(near)
    assert len(reservations) == 5
    assert alarms(asterisk.rehearsal) == ["raised"]


def test_the_phone_of_an_agent_who_was_reserved_and_answered_rings_for_nobody_else() -> None:
    asterisk = reserving()
    asterisk.ticks(1)
    (far,) = asterisk.reserving.values()
    dials(asterisk, far, rings=True)
    asterisk.answered(far)
    asterisk.calls_in("+358401113333")
    asterisk.ticks(N + 1)
    assert alarms(asterisk.rehearsal) == ["raised"]
