"""A queue in which two callers wait, for the tests of offering a callback."""

from __future__ import annotations

from typing import Any

from callcentre.features.callbacks.model import Callback
from tests.cast import LIISA, PEKKA
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import Asterisk


def begin(closes: str = "16:00", **callback: Any) -> tuple[Rehearsal, Asterisk]:
    """Two agents talk, and two callers of four minutes each wait: the third waits six. It is noon."""
    hours = {"weekdays": {"wed": f"08:00-{closes}"}}
    support = {"welcome": None, "callback": callback, "hours": hours, "notify": None}
    rehearsal = Rehearsal({"services": {"support": support}})
    asterisk = Asterisk(rehearsal)
    asterisk.connect()
    asterisk.on_duty("INUSE", "INUSE")
    for number in (LIISA, PEKKA):
        asterisk.calls_in(number)
        rehearsal.later(1)
    return rehearsal, asterisk


def only(rehearsal: Rehearsal, kind: type) -> list[Any]:
    return [fact for fact in rehearsal.facts if isinstance(fact, kind)]


def callbacks(rehearsal: Rehearsal) -> list[Callback]:
    return sorted(rehearsal.world.callbacks.values(), key=lambda callback: callback.order)


def committed(rehearsal: Rehearsal) -> list[str]:
    """The numbers of the callbacks that a crash now would leave."""
    return sorted(record.number for (kind, _), record in rehearsal.disk.items() if kind is Callback)


def place_of(asterisk: Asterisk, call: str, queue: str = "support") -> int:
    return asterisk.queues[queue].index(call) + 1
