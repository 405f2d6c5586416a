"""How long a request from another system is remembered, so that it gets the same answer again."""

from __future__ import annotations

from callcentre.features.callbacks.events import CallbackWithdrawn
from callcentre.features.callbacks.retention import REMEMBERED
from callcentre.kernel.event import Tick
from tests.cast import MATTI
from tests.unit.features.callbacks.desk import ask_for, begin
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import Asterisk

UNKNOWN = "112"


def remembered(rehearsal: Rehearsal) -> set[str]:
    return {name.removeprefix("request-support-") for name in rehearsal.world.callbacks.requests}


def passes(rehearsal: Rehearsal, seconds: float) -> set[str]:
    """The requests that are remembered once so much time has passed."""
    rehearsal.later(seconds)
    rehearsal.tell(Tick(at=rehearsal.at))
    return remembered(rehearsal)


def asked() -> tuple[Rehearsal, Asterisk]:
    """A request whose callback is open, and then one that was refused."""
    rehearsal, asterisk = begin("UNAVAILABLE")
    for number in (MATTI, UNKNOWN):
        ask_for(asterisk, number)
    return rehearsal, asterisk


def test_a_request_is_forgotten_after_a_day_unless_its_callback_is_open() -> None:
    rehearsal, _ = asked()
    day = REMEMBERED.total_seconds()
    assert passes(rehearsal, day) == {MATTI, UNKNOWN}
    assert passes(rehearsal, 1) == {MATTI}


def test_the_request_of_a_callback_that_has_ended_is_forgotten_within_a_day() -> None:
    rehearsal, asterisk = asked()
    day = REMEMBERED.total_seconds()
    passes(rehearsal, day + 1)
    asterisk.rehearsal.tell(CallbackWithdrawn(at=rehearsal.at, callback=f"cb-request-support-{MATTI}", by="api"))
    assert passes(rehearsal, day) == {MATTI}
    assert passes(rehearsal, 2) == set()
