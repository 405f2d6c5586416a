"""What the list says of open callbacks: the place of each, what comes next, and why that has not happened yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from callcentre.features.callbacks.model import Callback, DialTime, Phase, Postponed
from callcentre.features.callbacks.open_callbacks import explain, found, listed
from callcentre.features.notices import model as notices
from callcentre.features.notices.meaning import Meaning
from callcentre.features.notices.model import Notice
from callcentre.messaging.model import Suppression
from callcentre.telephony.dialling.outgoing import Dialled
from callcentre.telephony.queue_view.model import Call, Duty, Link, Stage
from callcentre.values.numbers import caller_hash
from tests.unit.features.callbacks.states import in_phase
from tests.unit.rehearsal import NOON, settings
from tests.unit.world import World, components

MINUTE = timedelta(minutes=1)
EVENING = datetime(2026, 6, 5, 18, 0, tzinfo=UTC)
"""A Friday, 21:00 in Helsinki: the next opening is Monday."""


def callback(number: int, **more: Any) -> Callback:
    """The callback of somebody who joined `number` minutes before noon."""
    about: dict[str, Any] = {
        "callback": f"cb-{number}", "service": "support", "queue": "support", "number": f"+3584011122{number:02}",
        "caller_name": "Aino", "language": "fi", "joined_at": NOON - number * MINUTE, "taken_at": NOON - MINUTE,
    }  # fmt: skip
    return Callback(**(about | more))


def notice_of(name: str, **more: Any) -> Notice:
    """A notice of a callback."""
    about: dict[str, Any] = {
        "callback": name, "service": "support", "queue": "support", "number": "+358401112299", "caller": "h",
        "language": "fi", "position": 1, "told_at": NOON,
    }  # fmt: skip
    return Notice(**(about | more))


def caller(number: int) -> Call:
    """Somebody on the line who joined `number` minutes before noon."""
    joined = NOON - number * MINUTE
    return Call(
        call=f"{number}.0", channel=f"PJSIP/trunk-{number:08}", queue="support", service="support", number="",
        caller_name="", language="fi", stage=Stage.WAITING, joined_at=joined, entered=joined, position=1,
    )  # fmt: skip


@dataclass
class Case:
    """A situation, and what is then listed of the callback of five minutes ago."""

    next_step: tuple[str, str | None, str | None]
    says: str
    changes: dict[str, Any] = field(default_factory=dict)
    ours: dict[str, Any] = field(default_factory=dict)
    others: Iterable[Callback] = ()
    callers: Iterable[Call] = ()
    duty: Duty | None = field(default_factory=lambda: Duty(queue="support", on_duty=2, ready=1))
    dialled: Dialled | None = None
    dial_time: DialTime | None = None
    notice: Notice | None = None
    link: bool = True
    at: datetime = NOON

    def world(self) -> World:
        world = World(settings=settings(self.changes), key=b"k" * 32)
        components(world)
        for one in (callback(5, **self.ours), *self.others):
            world.callbacks.put(one)
        for call in self.callers:
            world.calls.put(call)
        if self.duty is not None:
            world.calls.put(self.duty)
        if self.dialled is not None:
            world.outgoing.put(self.dialled)
        if self.dial_time is not None:
            world.callbacks.dial_times.put(self.dial_time)
        if self.notice is not None:
            world.notices.put(self.notice)
        world.calls.put(Link(up=self.link))
        return world


SALES = {"queue": "support", "numbers": ["+358912345679"], "name": {"fi": "Myynti"}}


def of_callback(**dial: Any) -> dict[str, Any]:
    return {"services": {"support": {"callback": {"dial": dial}}}}


IN_FLIGHT = [callback(n, state=in_phase(Phase.DIALLING, f"c{n}")) for n in (7, 8)]


def later(why: str, moment: datetime = NOON) -> dict[str, Any]:
    """Postponed for three minutes, for this reason."""
    return {"state": Postponed(until=moment + 3 * MINUTE, why=why)}


FULL_DAY = Dialled(day="2026-06-03", total=2000)

CASES = {
    "at the head": Case(("dial", "turn", None), "is dialled now"),
    "behind somebody on the line": Case(
        ("dial", "place", None), "waits for its place: dialled at the head", callers=[caller(6)]
    ),
    "behind another callback": Case(
        ("dial", "place", None), "waits for its place: dialled at the head", others=[callback(6)]
    ),
    "before somebody who came later": Case(("dial", "turn", None), "is dialled now", callers=[caller(4)]),
    "behind, and dialled at the third place": Case(
        ("dial", "place", None), "waits for its place: dialled at place 3",
        of_callback(at_position="3"), callers=[caller(6), caller(7), caller(8)],
    ),
    "third, and dialled at the third place": Case(
        ("dial", "turn", None), "is dialled now", of_callback(at_position="3"), callers=[caller(6), caller(7)]
    ),
    "as many in flight as the agents can take": Case(
        ("dial", "agent", None), "waits for an agent", others=IN_FLIGHT
    ),
    "others who are before take what may be in flight": Case(
        ("dial", "agent", None), "waits for an agent", of_callback(at_position="3"),
        others=[callback(6), callback(7)],
    ),
    "customers who take long to answer": Case(
        ("dial", "turn", None), "is dialled now", others=IN_FLIGHT, dial_time=DialTime(seconds=(240.0,) * 10),
    ),
    "an agent is rung first, and none is free": Case(
        ("dial", "agent", None), "waits for a free agent", of_callback(order="agent_first"),
        duty=Duty(queue="support", on_duty=2, ready=0),
    ),
    "an agent is rung first, and one is free": Case(
        ("dial", "turn", None), "is dialled now", of_callback(order="agent_first")
    ),
    "an agent is rung first, and the free one is for somebody who joined earlier": Case(
        ("dial", "agent", None), "waits for a free agent", of_callback(order="agent_first", at_position="2"),
        callers=[caller(6)],
    ),
    "the Auto Agent is heard": Case(
        ("dial", "notice", None), "waits until the Auto Agent has hung up",
        notice=notice_of("cb-5", number="+358401112205", state=notices.Talking(call="n")),
    ),
    "as many calls of ours as there may be": Case(
        ("dial", "in_flight", None), "waits for another call of ours to end (dialling.in_flight)",
        {"dialling": {"in_flight": "1"}}, others=[callback(9, queue="sales", state=in_phase(Phase.DIALLING))],
    ),
    "called for another service": Case(
        ("dial", "in_flight", None), "waits for another call with this number to end", {"services": {"sales": SALES}},
        others=[callback(5, callback="cb-9", service="sales", state=in_phase(Phase.CONNECTED))],
    ),
    "nobody on duty": Case(
        ("dial", "no_agent", None), "waits for an agent to come on duty",
        duty=Duty(queue="support", on_duty=0, ready=0), callers=[caller(6)],
    ),
    "agents not known yet": Case(("dial", "no_agent", None), "waits for an agent to come on duty", duty=None),
    "no connection": Case(("dial", "asterisk", None), "waits for the connection to Asterisk", link=False),
    "closed over the weekend": Case(
        ("dial", "closed", "2026-06-08T05:00:00.000Z"), "closed until 2026-06-08T08:00+03:00", at=EVENING
    ),
    "closed, and the connection is gone": Case(
        ("dial", "closed", "2026-06-08T05:00:00.000Z"), "closed until 2026-06-08T08:00+03:00", at=EVENING, link=False
    ),
    "the day's calls are used up": Case(
        ("dial", "per_day", "2026-06-03T21:00:00.000Z"),
        "no more calls today (dialling.per_day), again at 2026-06-04T00:00+03:00", dialled=FULL_DAY,
    ),
    "yesterday's calls were used up": Case(
        ("dial", "turn", None), "is dialled now", dialled=Dialled(day="2026-06-02", total=2000)
    ),
    "no callbacks any more": Case(
        ("dial", "configuration", None), "waits for ever: the configuration has no callbacks for its service",
        {"services": {"support": {"callback": None}}},
    ),
    "a service that is no more": Case(
        ("dial", "configuration", None), "waits for ever: the configuration has no callbacks for its service",
        ours={"service": "gone"},
    ),
    "busy": Case(
        ("dial", "busy", "2026-06-03T09:03:00.000Z"), "again at 2026-06-03T12:03+03:00 after a busy line",
        ours=later("busy") | {"attempts": 1},
    ),
    "not answered": Case(
        ("dial", "no_answer", "2026-06-03T09:03:00.000Z"), "again at 2026-06-03T12:03+03:00 after no answer",
        ours=later("no_answer") | {"attempts": 1},
    ),
    "postponed": Case(
        ("dial", "customer", "2026-06-03T09:03:00.000Z"), "again at 2026-06-03T12:03+03:00 as the customer asked",
        ours=later("customer"),
    ),
    "again when it is closed": Case(
        ("dial", "busy", "2026-06-08T05:00:00.000Z"), "again at 2026-06-08T08:00+03:00 after a busy line",
        ours=later("busy", EVENING) | {"attempts": 1}, at=EVENING,
    ),
    "an agent is rung": Case(
        ("dial", "agent", None), "an agent is rung first", ours={"state": in_phase(Phase.RESERVING)}
    ),
    "ringing": Case(("answer", None, None), "rings", ours={"state": in_phase(Phase.DIALLING), "attempts": 1}),
    "answered": Case(("accept", None, None), "on the line, hears who calls", ours={"state": in_phase(Phase.ASKING)}),
    "accepted": Case(
        ("connect", "agent", None), "on the line, waits for an agent", ours={"state": in_phase(Phase.ACCEPTED)}
    ),
    "talking": Case(("complete", None, None), "talks", ours={"state": in_phase(Phase.CONNECTED)}),
    "calling again": Case(
        ("connect", "agent", None), "called again by themselves, waits for an agent",
        ours={"state": in_phase(Phase.RETURNED)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_list_says_what_comes_next_and_why_it_waits(case: Case) -> None:
    world = case.world()
    listed_now = explain(world.for_callbacks, world.callbacks["cb-5"], case.at)
    assert (listed_now.next_step, listed_now.why, listed_now.until) == case.next_step
    assert listed_now.says == case.says
    assert [one for one in listed(world.for_callbacks, None, case.at) if one.id == "cb-5"] == [listed_now]


def test_a_callback_is_listed_in_figures_and_names_with_its_number_masked() -> None:
    world = Case(("", None, None), "", callers=[caller(6)]).world()
    assert msgspec.to_builtins(found(world.for_callbacks, "cb-5", NOON + timedelta(seconds=1.5))) == {
        "id": "cb-5", "service": "support", "queue": "support", "number": "+35840•••05", "phase": "waiting",
        "place": 2, "age": 61.5, "attempts": 0, "next_step": "dial", "why": "place", "until": None,
        "told": None, "opted_out": False,
        "says": "waits for its place: dialled at the head",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("state", "answer", "announced"),
    [
        (notices.Texted(), None, "texted"),
        (notices.Delivered(), None, "delivered"),
        (notices.CallDue(), None, "call_due"),
        (notices.Ringing(call="c"), None, "called"),
        (notices.Talking(call="c"), None, "called"),
        (notices.Heard(), None, "heard"),
        (notices.Failed(), None, "failed"),
        (notices.Skipped(), None, None),
        (notices.Delivered(), Meaning.KEEP, "kept"),
        (notices.Delivered(), Meaning.NUMBER, "moved"),
    ],
)
def test_the_list_says_what_the_customer_knows_and_has_answered(
    state: notices.State, answer: Meaning | None, announced: str | None
) -> None:
    world = Case(("", None, None), "").world()
    world.notices.put(notice_of("cb-5", state=state, answer=answer))
    listed_now = found(world.for_callbacks, "cb-5", NOON)
    assert listed_now is not None
    assert (listed_now.told, listed_now.opted_out) == (announced, False)


def test_the_list_says_that_the_customer_wants_no_texts() -> None:
    world = Case(("", None, None), "").world()
    world.suppressions.put(Suppression(caller=caller_hash(world.key, callback(5).number), at=NOON))
    listed_now = found(world.for_callbacks, "cb-5", NOON)
    assert listed_now is not None
    assert listed_now.opted_out


def test_a_call_of_the_auto_agent_is_one_of_those_that_are_waited_for() -> None:
    world = Case(("", None, None), "", changes={"dialling": {"in_flight": "1"}}).world()
    world.notices.put(notice_of("cb-9", state=notices.Ringing(call="c")))
    listed_now = found(world.for_callbacks, "cb-5", NOON)
    assert listed_now is not None
    assert listed_now.why == "in_flight"


def test_a_caller_who_talks_has_no_place() -> None:
    world = Case(("", None, None), "", ours={"state": in_phase(Phase.CONNECTED)}).world()
    listed_now = found(world.for_callbacks, "cb-5", NOON)
    assert listed_now is not None
    assert listed_now.place is None


def test_what_is_not_open_is_not_found() -> None:
    assert found(Case(("", None, None), "").world().for_callbacks, "cb-6", NOON) is None


def test_the_open_ones_are_listed_in_the_order_of_joining_of_one_service_or_of_all() -> None:
    others = [callback(3), callback(9), callback(4, service="sales", queue="a")]
    world = Case(("", None, None), "", others=others).world()
    assert [(one.id, one.place) for one in listed(world.for_callbacks, None, NOON)] == [
        ("cb-4", 1), ("cb-9", 1), ("cb-5", 2), ("cb-3", 3)
    ]  # fmt: skip
    assert [one.id for one in listed(world.for_callbacks, "sales", NOON)] == ["cb-4"]
    assert listed(world.for_callbacks, "nobody", NOON) == []
