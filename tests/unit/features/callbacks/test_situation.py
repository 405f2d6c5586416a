"""Who is to be served before somebody who takes a callback now."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from callcentre.features.callbacks.model import Callback, Phase, Postponed
from callcentre.features.callbacks.situation import Situations
from callcentre.telephony.dialling.reservations import in_queue
from callcentre.telephony.queue_view.model import Call, Stage
from callcentre.telephony.queue_view.order import rank
from tests.cast import MATTI
from tests.unit.features.callbacks.offer_desk import begin
from tests.unit.features.callbacks.states import in_phase
from tests.unit.rehearsal import NOON, settings
from tests.unit.world import World

LATER = Postponed(until=NOON + timedelta(minutes=3), why="busy")


def of(phase: Phase = Phase.WAITING, call: str = "c", **more: Any) -> Callback:
    """A callback of somebody who joined a minute before noon."""
    about: dict[str, Any] = {
        "callback": "cb-1", "service": "support", "queue": "support", "number": MATTI, "caller_name": "",
        "language": "fi", "joined_at": NOON - timedelta(minutes=1), "taken_at": NOON, "state": in_phase(phase, call),
    }  # fmt: skip
    return Callback(**(about | more))


def on_the_line(call: str, stage: Stage = Stage.WAITING) -> Call:
    """A call of somebody who joined a minute before noon."""
    joined_at = NOON - timedelta(minutes=1)
    return Call(
        call=call, channel=f"PJSIP/{call}", queue="support", service="support", number="", caller_name="",
        language="fi", stage=stage, joined_at=joined_at, entered=joined_at, position=1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("callback", "caller", "ahead"),
    [
        (None, None, 0),
        (None, on_the_line("1.1"), 1),
        (of(), None, 1),
        (of(), on_the_line("1.1"), 2),
        (of(joined_at=NOON + timedelta(seconds=1)), None, 0),
        (of(queue="sales"), None, 0),
        (of(state=LATER), None, 1),
        (
            of(state=Postponed(until=NOON + timedelta(minutes=15), why="busy"), joined_at=NOON + timedelta(seconds=1)),
            None,
            0,
        ),
        (of(state=LATER, queue="sales"), None, 0),
        (of(Phase.RESERVING, call="a"), None, 1),
        (of(Phase.RESERVING, call="a"), on_the_line(in_queue("a")), 1),
        (of(Phase.DIALLING, call="c"), None, 1),
        (of(Phase.ASKING, call="c"), None, 1),
        (of(Phase.ACCEPTED, call="c"), None, 1),
        (of(Phase.ACCEPTED, call="c"), on_the_line("c"), 1),
        (of(Phase.RETURNED, call="c"), None, 1),
        (of(Phase.RETURNED, call="c"), on_the_line("c"), 1),
        (of(Phase.RETURNED, call="c"), on_the_line("c", stage=Stage.LEFT), 1),
        (of(Phase.CONNECTED, call="c"), on_the_line("c", stage=Stage.TALKING), 0),
    ],
)
def test_all_callers_who_joined_earlier_are_served_before_and_counted_once(
    callback: Callback | None, caller: Call | None, ahead: int
) -> None:
    world = World(settings=settings(), key=b"k" * 32)
    if callback is not None:
        world.callbacks.put(callback)
    if caller is not None:
        world.calls.put(caller)
    assert Situations(world.for_callbacks).of("support", "support", rank(NOON), NOON).ahead == ahead


@pytest.mark.parametrize(("phase", "waiting"), [(Phase.WAITING, 1), (Phase.ACCEPTED, 1), (Phase.CONNECTED, 0)])
def test_a_customer_who_talks_already_takes_none_of_the_callbacks_that_may_wait(phase: Phase, waiting: int) -> None:
    world = World(settings=settings(), key=b"k" * 32)
    world.callbacks.put(of(phase))
    assert Situations(world.for_callbacks).of("support", "support", rank(NOON), NOON).open_callbacks == waiting


@pytest.mark.parametrize(("closes", "offered"), [("12:14", False), ("12:15", True)])
def test_customers_who_were_not_reached_yet_must_be_served_before_closing_as_well(closes: str, offered: bool) -> None:
    _, asterisk = begin(closes, offer={"until_closing": "0s"})
    for number in range(4):
        later = of(callback=f"cb-{number}", number=f"+35840111333{number}", state=LATER)
        asterisk.rehearsal.world.callbacks.put(later)
    # Two callers, four callbacks and this one: seven times four minutes with two agents.
    assert bool(asterisk.heard.get(asterisk.enters())) is offered
