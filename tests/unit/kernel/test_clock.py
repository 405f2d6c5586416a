"""A wall clock that is set, in either direction: what means an elapsed time goes on, what means the wall stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from callcentre.features.alarms.clock_set import LASTS
from callcentre.features.callbacks.events import CallbackRequested
from callcentre.features.callbacks.model import Callback, Postponed
from callcentre.features.callbacks.timers import CallbackWaits
from callcentre.kernel.clock import Clock
from callcentre.kernel.daemon import is_stale
from callcentre.kernel.event import Tick
from callcentre.kernel.moments import STEP, moved
from callcentre.messaging.model import Suppression
from callcentre.telephony.ari.clock import AsteriskClock
from callcentre.telephony.queue_view.order import rank
from tests.cast import KALLE, LIISA, MATTI
from tests.unit.features.callbacks.states import until
from tests.unit.features.surveys.people import People
from tests.unit.rehearsal import NOON, Rehearsal
from tests.unit.telephone import Asterisk

STEPS = [-3600.0, 3600.0, -3.0, 3.0, -86400.0, 86400.0]
SECOND = timedelta(seconds=1)


# --- the daemon's clock --------------------------------------------------------------------------


@dataclass
class Machine:
    """A wall clock that somebody sets, and the time that passes."""

    wall: datetime = NOON
    elapsed: float = 100.0
    clock: Clock = field(init=False)

    def __post_init__(self) -> None:
        self.clock = Clock(lambda: self.wall, lambda: self.elapsed)

    def passes(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.elapsed += seconds

    def is_set(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)


@pytest.mark.parametrize("step", STEPS)
def test_a_step_reaches_nobody_before_the_look_that_tells_it(step: float) -> None:
    machine = Machine()
    machine.passes(1)
    assert machine.clock.look() == timedelta(0)
    machine.is_set(step)
    machine.passes(0.5)
    assert machine.clock.now() == NOON + 1.5 * SECOND
    assert machine.clock.look() == timedelta(seconds=step)
    assert machine.clock.now() == NOON + timedelta(seconds=1.5 + step)
    machine.passes(1)
    assert machine.clock.look() == timedelta(0)
    assert machine.clock.now() == machine.wall


@pytest.mark.parametrize("drift", [-2.0, -0.3, 0.0, 0.3, 2.0])
def test_a_small_difference_is_followed_and_time_never_goes_back(drift: float) -> None:
    machine = Machine()
    machine.passes(1)
    seen = [machine.clock.now()]
    machine.is_set(drift)
    for _ in range(3):
        assert machine.clock.look() == timedelta(0)
        seen.append(machine.clock.now())
        machine.passes(1)
    assert seen == sorted(seen)
    assert machine.clock.now() == machine.wall


def test_many_small_steps_back_are_a_step_in_the_end() -> None:
    machine = Machine()
    steps = []
    for _ in range(10):
        machine.passes(1)
        machine.is_set(-1.5)
        steps.append(machine.clock.look())
        assert abs(machine.clock.now() - machine.wall) <= STEP
    assert any(steps)


def test_a_clock_that_is_set_twice_between_two_looks_is_one_step() -> None:
    machine = Machine()
    machine.is_set(3600)
    machine.is_set(-7200)
    assert machine.clock.look() == timedelta(seconds=-3600)


@pytest.mark.parametrize(
    ("committed", "stale"), [(None, True), (100.0, False), (95.0, False), (94.9, True), (0.0, True), (100.1, True)]
)
def test_what_is_stored_is_fresh_for_some_seconds_and_never_before_its_time(
    committed: float | None, *, stale: bool
) -> None:
    assert is_stale(committed, 100.0) is stale


# --- what is moved -------------------------------------------------------------------------------


def test_every_time_is_moved_but_those_that_mean_the_wall() -> None:
    callback = Callback(
        callback="c", service="support", queue="support", number=MATTI, caller_name="", language="fi", joined_at=NOON,
        taken_at=NOON, state=Postponed(until=NOON + 60 * SECOND, why="busy"),
    )  # fmt: skip
    later = moved(callback, timedelta(hours=-1))
    assert (later.joined_at, later.taken_at) == (NOON - timedelta(hours=1),) * 2
    assert until(later) == NOON - timedelta(hours=1) + 60 * SECOND
    assert later.callback == "c"
    optout = Suppression(caller="hash", at=NOON)
    assert moved(optout, timedelta(hours=1)) is optout


@pytest.mark.parametrize(
    ("why", "is_moved"), [("busy", True), ("customer", True), ("per_number", False), ("call_hours", False)]
)
def test_a_callback_that_waits_until_a_time_of_day_goes_on_waiting_until_then(why: str, *, is_moved: bool) -> None:
    callback = Callback(
        callback="c", service="support", queue="support", number=MATTI, caller_name="", language="fi", joined_at=NOON,
        taken_at=NOON, state=Postponed(until=NOON, why=why),
    )  # fmt: skip
    assert (until(moved(callback, SECOND)) != NOON) is is_moved


def test_what_is_in_tuples_and_in_other_records_is_moved_too() -> None:
    @dataclass(frozen=True)
    class Inner:
        at: datetime

    @dataclass(frozen=True)
    class Outer:
        inner: Inner
        many: tuple[Inner, ...]
        name: str = "name"

    value = Outer(Inner(NOON), (Inner(NOON), Inner(NOON)))
    later = Inner(NOON + SECOND)
    assert moved(value, SECOND) == Outer(later, (later, later))


# --- all rules together --------------------------------------------------------------------------


@pytest.fixture
def asterisk() -> Asterisk:
    rules = {"services": {"support": {"hours": None, "notify": None, "survey": None}}}
    asterisk = Asterisk(Rehearsal(rules))
    asterisk.connect()
    return asterisk


@pytest.mark.parametrize("step", STEPS)
def test_a_caller_who_joined_before_the_step_is_before_one_who_joins_after_it(asterisk: Asterisk, step: float) -> None:
    rehearsal = asterisk.rehearsal
    first = asterisk.calls_in(MATTI)
    rehearsal.later(40)
    rehearsal.step(step)
    rehearsal.later(1)
    second = asterisk.calls_in(LIISA)
    calls = rehearsal.world.calls
    assert list(calls.waiting("support")) == [first, second]
    assert calls.calls[first].rank < calls.calls[second].rank
    assert rehearsal.at - calls.calls[first].joined_at == timedelta(seconds=41)
    assert calls.waiting_before("support", rank(rehearsal.at + SECOND)) == 2


@pytest.mark.parametrize("step", STEPS)
def test_callers_who_moved_up_keep_their_places(asterisk: Asterisk, step: float) -> None:
    first = asterisk.calls_in(MATTI, QUEUE_PRIO="9")
    last = asterisk.calls_in(LIISA)
    between = asterisk.calls_in(KALLE, QUEUE_PRIO="5")
    waiting = asterisk.rehearsal.world.calls.waiting
    assert [*waiting("support")] == [first, between, last]
    asterisk.hangs_up(first)
    asterisk.rehearsal.step(step)
    assert [*waiting("support")] == [between, last]


@pytest.mark.parametrize("step", STEPS)
def test_a_wait_is_as_long_as_it_was(asterisk: Asterisk, step: float) -> None:
    call = asterisk.calls_in(MATTI)
    asterisk.rehearsal.later(40)
    asterisk.rehearsal.step(step)
    asterisk.rehearsal.later(2)
    asterisk.hangs_up(call)
    (left,) = [fact for fact in asterisk.rehearsal.facts if fact.name == "queue.left"]
    assert left.wait == pytest.approx(42, abs=1)


@pytest.mark.parametrize("step", STEPS)
def test_a_retry_comes_after_its_pause_and_only_once(step: float) -> None:
    rehearsal = Rehearsal({"services": {"support": {"hours": None, "notify": None, "survey": None}}})
    asterisk = Asterisk(rehearsal)
    asterisk.connect()
    asterisk.on_duty("NOT_INUSE")
    requested = CallbackRequested(
        at=rehearsal.at, request="r", service="support", number=MATTI, caller_name="", by="staff"
    )
    rehearsal.tell(requested)
    asterisk.ticks(3)
    (call,) = [one.call for one in asterisk.dialled]
    asterisk.rings_in_vain(call, 17)
    (callback,) = rehearsal.world.callbacks.values()
    moment = until(callback)
    assert moment is not None
    pause = moment - rehearsal.at
    asterisk.passes(30)
    rehearsal.step(step)
    (callback,) = rehearsal.world.callbacks.values()
    assert until(callback) == rehearsal.at + pause - 30 * SECOND
    asterisk.ticks(int(pause.total_seconds()) - 32)
    assert len(asterisk.dialled) == 1
    asterisk.ticks(6)
    assert len(asterisk.dialled) == 2


@pytest.mark.parametrize("step", [-3600.0, 3600.0])
def test_a_retry_that_call_hours_put_off_until_the_morning_comes_then(step: float) -> None:
    rules = {
        "numbers": {"call_hours": "08:00-12:10"},
        "services": {"support": {"hours": None, "notify": None, "survey": None}},
    }
    rehearsal = Rehearsal(rules)  # It is noon in Helsinki.
    asterisk = Asterisk(rehearsal)
    asterisk.connect()
    asterisk.on_duty("NOT_INUSE")
    rehearsal.tell(
        CallbackRequested(at=rehearsal.at, request="r", service="support", number=MATTI, caller_name="", by="staff")
    )
    asterisk.ticks(3)
    (call,) = [one.call for one in asterisk.dialled]
    asterisk.passes(300)
    asterisk.rings_in_vain(call, 19)
    (callback,) = rehearsal.world.callbacks.values()
    morning = datetime(2026, 6, 4, 5, tzinfo=UTC)
    assert until(callback) == morning
    rehearsal.step(step)
    ((key, due),) = [(key, due) for key, due in rehearsal.timers.items() if "callback_waits" in key]
    assert (key, due) == (CallbackWaits(callback=callback.callback).key, morning)


QUIET_UNTIL_ONE = {"sms": {"quiet_hours": "11:00-13:00"}}
ONE_O_CLOCK = NOON + timedelta(hours=1)


def a_notice_in_quiet_hours() -> Rehearsal:
    rehearsal = Rehearsal(QUIET_UNTIL_ONE | {"services": {"support": {"hours": None}}})
    asterisk = Asterisk(rehearsal)
    asterisk.connect()
    asterisk.on_duty("UNAVAILABLE")
    rehearsal.tell(
        CallbackRequested(at=rehearsal.at, request="r", service="support", number=MATTI, caller_name="", by="staff")
    )
    asterisk.ticks(2)
    return rehearsal


def a_survey_in_quiet_hours() -> Rehearsal:
    people = People(QUIET_UNTIL_ONE)
    people.talks()
    return people.rehearsal


def a_survey_that_fell_due_in_quiet_hours() -> Rehearsal:
    people = People({"sms": {"quiet_hours": "12:30-13:00"}})
    people.talks()
    people.away(45 * 60)
    return people.rehearsal


def a_daily_report() -> Rehearsal:
    rehearsal = Rehearsal(
        {"reports": [{"name": "daily", "cron": "0 13 * * *", "kind": "stats by agent", "folder": "reports"}]}
    )
    rehearsal.tell(Tick(at=NOON))
    return rehearsal


@pytest.mark.parametrize(
    ("begin", "timer", "due"),
    [
        (a_notice_in_quiet_hours, '{"timer":"text_due"', ONE_O_CLOCK),
        (a_notice_in_quiet_hours, '{"timer":"delivery_awaited"', ONE_O_CLOCK + timedelta(minutes=1)),
        (a_survey_in_quiet_hours, '{"timer":"survey_due"', ONE_O_CLOCK),
        (a_survey_that_fell_due_in_quiet_hours, '{"timer":"survey_due"', ONE_O_CLOCK),
        (a_daily_report, '{"timer":"report_due"', ONE_O_CLOCK),
    ],
)
@pytest.mark.parametrize("step", STEPS)
def test_what_waits_for_a_time_of_day_waits_until_then(
    begin: Callable[[], Rehearsal], timer: str, due: datetime, step: float
) -> None:
    rehearsal = begin()
    [key] = [key for key in rehearsal.timers if key.startswith(timer)]
    assert rehearsal.timers[key] == due
    rehearsal.step(step)
    assert rehearsal.timers[key] == due


@pytest.mark.parametrize("step", STEPS)
def test_what_was_moved_is_on_disk(asterisk: Asterisk, step: float) -> None:
    call = asterisk.calls_in(MATTI)
    asterisk.rehearsal.step(step)
    again = asterisk.rehearsal.restarted()
    assert again.world.calls.calls[call] == asterisk.rehearsal.world.calls.calls[call]


def test_the_alarm_is_raised_once_and_cleared_when_the_clock_is_left_alone() -> None:
    rehearsal = Rehearsal()
    rehearsal.step(-3600)
    rehearsal.step(3600)
    rehearsal.later(LASTS.total_seconds() - 1)
    assert [fact.seconds for fact in rehearsal.facts if fact.name == "clock.stepped"] == [-3600, 3600]
    alarms = [(fact.name, fact.reason) for fact in rehearsal.facts if fact.name != "clock.stepped"]
    assert alarms == [("alarm.raised", "clock_stepped")]
    rehearsal.later(2)
    assert rehearsal.names() == ["clock.stepped", "alarm.raised", "clock.stepped", "alarm.cleared"]
    rehearsal.step(5)
    assert rehearsal.names()[4:] == ["clock.stepped", "alarm.raised"]


@pytest.mark.parametrize("step", STEPS)
def test_a_timer_of_the_wall_stays(step: float) -> None:
    rehearsal = Rehearsal()
    rehearsal.timers |= {"report daily": NOON + timedelta(hours=30), "callback again": NOON + timedelta(hours=30)}
    rehearsal.wall_timers.add("report daily")
    rehearsal.step(step)
    assert rehearsal.timers["report daily"] == NOON + timedelta(hours=30)
    assert rehearsal.timers["callback again"] == NOON + timedelta(hours=30, seconds=step)


# --- Asterisk's clock ----------------------------------------------------------------------------


@dataclass
class Wire:
    """An Asterisk whose clock is ahead by `ahead`, and events that take `slow` seconds."""

    theirs: AsteriskClock = field(default_factory=AsteriskClock)
    now: datetime = NOON
    ahead: float = 0.0

    def event(self, *, slow: float = 0.01) -> float:
        """Hear an event of now; by how many seconds its time, on our clock, differs from now."""
        when = self.now + timedelta(seconds=self.ahead)
        heard = self.theirs.heard(when, self.now + timedelta(seconds=slow))
        return (heard - self.now).total_seconds()

    def event_of(self, seconds: float) -> float:
        """Hear an event that Asterisk made so many seconds ago; by how many seconds it is taken for another time."""
        when = self.now - timedelta(seconds=seconds)
        heard = self.theirs.heard(when + timedelta(seconds=self.ahead), self.now)
        return (heard - when).total_seconds()

    def asks(self, *, slow: float = 0.01) -> None:
        when = self.now + timedelta(seconds=self.ahead)
        self.theirs.answered(when, self.now - timedelta(seconds=slow), self.now + timedelta(seconds=slow))

    def passes(self, seconds: float = 1.0) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.mark.parametrize("ahead", [0.0, 1.5, -1.5, 3600.0, -3600.0])
def test_how_late_an_event_is_does_not_depend_on_asterisks_clock(ahead: float) -> None:
    wire = Wire(ahead=ahead)
    wire.event(slow=3)
    assert wire.theirs.late == timedelta(0), "not measured yet"
    wire.asks()
    for slow in (0.01, 3, 0.5):
        wire.event(slow=slow)
        assert wire.theirs.late.total_seconds() == pytest.approx(slow, abs=0.02)


def test_late_events_out_of_order_are_no_step_of_asterisks_clock() -> None:
    """With more calls than Asterisk carries, its threads tell of a call seconds after one another."""
    wire = Wire()
    wire.asks()
    for slow in (0.01, 0.6, 3.0, 0.7, 5.0, 1.0, 2.2, 0.6):
        wire.passes(0.1)
        assert wire.event_of(slow) == 0, "its time is the one that Asterisk gave it"
        assert wire.theirs.late.total_seconds() == pytest.approx(slow, abs=0.02)
    wire.passes()
    wire.ahead = -60.0
    wire.event()
    wire.asks()
    assert wire.event() == pytest.approx(0, abs=0.1), "a step is seen with the next answer"


@pytest.mark.parametrize("step", STEPS)
def test_asterisks_clock_alone_is_set(step: float) -> None:
    wire = Wire()
    assert wire.event() == 0
    wire.passes()
    wire.ahead = step
    assert wire.event() == pytest.approx(0, abs=0.1)
    wire.passes()
    wire.ahead = 0
    assert wire.event() == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("step", STEPS)
def test_our_clock_alone_is_set(step: float) -> None:
    wire = Wire()
    wire.event()
    wire.passes(1 + step)
    wire.ahead = -step
    wire.theirs.stepped(timedelta(seconds=step))
    assert wire.event() == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("first", ["theirs", "ours"])
@pytest.mark.parametrize("step", STEPS)
def test_both_are_set_one_after_the_other(step: float, first: str) -> None:
    wire = Wire()
    wire.event()
    wire.passes()
    if first == "theirs":
        wire.ahead = step
        assert wire.event() == pytest.approx(0, abs=0.1)
        wire.ahead = 0
        wire.now += timedelta(seconds=step)
        wire.theirs.stepped(timedelta(seconds=step))
    else:
        wire.ahead = -step
        wire.now += timedelta(seconds=step)
        wire.theirs.stepped(timedelta(seconds=step))
        assert wire.event() == pytest.approx(0, abs=0.1)
        wire.ahead = 0
    wire.passes()
    wire.asks()
    assert wire.event() == pytest.approx(0, abs=0.1)


def test_a_slow_wire_makes_no_step() -> None:
    wire = Wire()
    wire.event()
    wire.passes(10)
    assert wire.event(slow=30) == 0
    wire.passes(10)
    assert wire.event() == 0
    wire.asks(slow=20)
    assert wire.theirs.ahead == timedelta(0)


def test_a_clock_that_was_wrong_from_the_start_is_known_from_the_first_answer() -> None:
    wire = Wire(ahead=-3600)
    wire.asks()
    assert wire.event() == pytest.approx(0, abs=0.1)
    assert abs(wire.theirs.theirs(NOON) - (NOON - timedelta(hours=1))) < SECOND


def test_asterisk_is_asked_for_its_time_now_and_then_and_at_once_when_our_clock_was_set() -> None:
    wire = Wire()
    assert wire.theirs.must_be_asked(wire.now)
    wire.asks()
    assert not wire.theirs.must_be_asked(wire.now)
    wire.passes(3)
    assert not wire.theirs.must_be_asked(wire.now)
    wire.passes(3)
    assert wire.theirs.must_be_asked(wire.now)
    wire.asks()
    wire.theirs.stepped(SECOND)
    assert wire.theirs.must_be_asked(wire.now)


def test_small_differences_count_for_the_lease_and_not_for_waits() -> None:
    wire = Wire(ahead=1.5)
    wire.asks()
    assert wire.event() == 1.5
    assert abs(wire.theirs.theirs(NOON) - NOON - 1.5 * SECOND) < 0.1 * SECOND
