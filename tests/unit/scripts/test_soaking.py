"""How `scripts/soak` judges a run: memory that grows, and callers who were lost or overlooked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scripts.kills.day import End
from scripts.kills.evidence import Evidence
from scripts.kills.invariants import one_call_per_attempt
from scripts.soaking.losses import Entered, add_rings, came_while, entered, not_ready, unseen, visits_of
from scripts.soaking.people import Plan, Visit
from scripts.soaking.samples import Sample, flatness, sampled
from tests.cast import AINO, LIISA, MATTI, PEKKA
from tests.testbed.phones import Call

HOUR = 3600.0


def samples(*kilobytes: int) -> list[Sample]:
    """An hour with one sample in the middle of each of its equal parts."""
    length = HOUR / len(kilobytes)
    return [
        Sample(at=(place + 0.5) * length, rss=rss, anonymous=0, descriptors=0, threads=0, cpu=0)
        for place, rss in enumerate(kilobytes)
    ]


@pytest.mark.parametrize(
    ("kilobytes", "growth", "holds"),
    [
        ((50, 1000, 1000, 1000, 1000, 1000), 0.0, True),
        ((50, 1000, 1005, 1010, 1015, 1019), 1.9, True),
        ((50, 1000, 1005, 1010, 1015, 1021), 2.1, False),
        # The warm-up does not count, nor does a peak between.
        ((1, 1000, 9000, 1000, 1000, 1000), 0.0, True),
        ((2000, 1000, 1000, 1000, 1000, 900), -10.0, True),
    ],
)
def test_memory_is_flat_when_the_last_sixth_is_at_most_two_percent_above_the_second(
    kilobytes: tuple[int, ...], growth: float, holds: bool
) -> None:
    flat = flatness(samples(*kilobytes), HOUR, lambda one: one.rss)
    assert flat.growth == pytest.approx(growth)
    assert flat.holds is holds


def test_the_slope_is_percent_in_an_hour_without_the_warm_up() -> None:
    flat = flatness(samples(5, 1000, 1100, 1200, 1300, 1400), HOUR, lambda one: one.rss)
    assert flat.slope == pytest.approx(60.0)


def test_a_run_without_samples_in_its_last_part_is_not_judged() -> None:
    with pytest.raises(ValueError, match="too short"):
        flatness(samples(1, 1, 1, 1, 1, 1)[:-1], HOUR, lambda one: one.rss)


def test_a_sample_has_what_the_machine_and_the_metrics_say() -> None:
    metrics = '# HELP x\ncallcentre_effects 3.0\ncallcentre_facts_total{event="x"} 9.0\ncallcentre_events_total 7.0\n'
    one = sampled(os.getpid(), 1.0, metrics)
    assert (one.effects, one.events, one.timers) == (3.0, 7.0, 0.0)
    assert one.rss >= one.anonymous > 0
    assert one.descriptors > 0
    assert one.threads > 0


def test_callers_are_those_past_answer_with_the_beginning_of_their_wait_and_their_end(tmp_path: Path) -> None:
    cel = tmp_path / "Master.csv"
    rows = (
        f"began,1.5,a.1,{MATTI}", f"APP_START,2.5,a.1,{MATTI}", f"APP_START,3.5,a.1,{MATTI}",
        f"CHAN_END,9.5,a.1,{MATTI}", f"APP_START,4.0,b.1,{LIISA}", f"CHAN_END,5.0,b.1,{LIISA}",
        f"began,6.0,c.1,{AINO}",
    )  # fmt: skip
    cel.write_text("\n".join(rows) + "\n", encoding="utf-8")
    assert entered(cel) == [Entered("a.1", MATTI, 1.5, 2.5, 9.5), Entered("c.1", AINO, 6.0)]


def test_a_caller_who_waited_and_of_whom_no_fact_tells_is_overlooked() -> None:
    callers = [Entered("a.1", MATTI, 1, 2, 9), Entered("b.1", LIISA, 1, 2, 9), Entered("c.1", AINO, 1)]
    assert unseen(callers, [{"event": "queue.joined", "call": "a.1"}, {"event": "alarm.raised"}]) == [callers[1]]


def test_who_came_and_went_while_the_daemon_was_not_ready_was_let_by() -> None:
    times = not_ready([(100.0, True), (110.0, False), (112.0, False), (120.0, True), (200.0, False)])
    assert times == [(104.0, 118.0), (194.0, 206.0)]
    assert came_while(times, Entered("a.1", MATTI, 105.0, 105.5, 117.0))
    assert not came_while(times, Entered("a.1", MATTI, 105.0, 105.5, 119.0))
    assert not came_while(times, Entered("a.1", MATTI, 103.0, 105.5, 117.0))


def visit(number: str, plan: Plan, *, over: bool = True, hung_up: bool = False, cut: bool = False) -> Visit:
    call = Call.__new__(Call)
    call.ended_because = "Normal Clearing" if over else None
    return Visit(number, plan, 0.0, call=call, entered=True, hung_up=hung_up, cut=cut)


def test_a_caller_whose_call_ended_without_agent_promise_or_patience_is_lost() -> None:
    callers = [Entered(f"{name}.1", number, 1, 2, 3) for name, number in (("a", MATTI), ("b", LIISA), ("c", AINO))]
    visits = [visit(MATTI, Plan.AGENT), visit(LIISA, Plan.CALLBACK), visit(AINO, Plan.LEAVES, hung_up=True)]
    ends, promises = visits_of(visits, callers, {MATTI: 0, LIISA: 0, AINO: 0})
    assert ends == {"a.1": End.LOST, "b.1": End.PROMISED, "c.1": End.HUNG_UP}
    assert promises == {"b.1": {"b.1"}}


def test_visits_that_asterisk_cut_off_or_that_never_came_past_answer_say_nothing() -> None:
    callers = [Entered("a.1", MATTI, 1, 2, 3), Entered("b.1", LIISA, 1, 2, 3), Entered("c.1", AINO, 1, 2)]
    visits = [visit(MATTI, Plan.AGENT, cut=True), visit(LIISA, Plan.AGENT), visit(AINO, Plan.AGENT, over=False),
              visit(PEKKA, Plan.AGENT)]  # fmt: skip
    assert visits_of(visits, callers, {LIISA: 1})[0] == {"b.1": End.ANSWERED, "c.1": None}


@pytest.mark.parametrize(("rings", "contradictions"), [(1, 0), (2, 0), (3, 1)])
def test_a_phone_may_ring_as_often_as_attempts_were_made_for_its_callback(rings: int, contradictions: int) -> None:
    evidence = Evidence(
        facts=[
            {"event": "callback.accepted", "call": "a.1", "callback": "cb-1"},
            {"event": "callback.dialled", "callback": "cb-1", "attempt": 1},
            {"event": "callback.dialled", "callback": "cb-1", "attempt": 2},
        ]
    )
    add_rings(evidence, {MATTI: rings}, [Entered("a.1", MATTI, 1, 2, 3)], {})
    assert len(list(one_call_per_attempt(evidence))) == contradictions


def test_a_callback_that_staff_requested_has_attempts_too() -> None:
    evidence = Evidence(facts=[{"event": "callback.dialled", "callback": "cb-2", "attempt": 1}])
    add_rings(evidence, {MATTI: 1}, [], {"cb-2": MATTI})
    assert list(one_call_per_attempt(evidence)) == []
