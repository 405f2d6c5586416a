"""Lanes of texts on a real database: what is promised goes first, also after a crash."""

from __future__ import annotations

from pathlib import Path

from callcentre.kernel.component import Component, on
from callcentre.kernel.decision import Decision
from callcentre.kernel.event import Event
from callcentre.messaging.effects import SendText
from callcentre.messaging.model import TextWanted
from tests.cast import AINO, LIISA, MATTI, PEKKA
from tests.integration.kernel.running import Served, clock, served_in

# The first text goes at once, and the crash comes before the second.
SLOW = {"sms": {"per_second": "1"}}


class Requested(Event, frozen=True, kw_only=True):
    """Something happens that leads to a text."""

    text: TextWanted


REQUESTS = Component(
    name="requests", build=lambda _building: (on(Requested, lambda event, _at: Decision(commands=(event.text,))),)
)


def requested(served: Served, message: str, kind: str, number: str) -> None:
    text = TextWanted(at=clock(), message=message, kind=kind, number=number, sender="N", body="Hei")
    served.engine.submit(Requested(at=text.at, text=text))


async def test_a_promised_text_goes_before_those_that_waited_before_a_crash(tmp_path: Path) -> None:
    async with served_in(tmp_path, crash=True, changes=SLOW, more=[REQUESTS]) as served:
        for message, number in (("survey-1", MATTI), ("survey-2", AINO), ("survey-3", LIISA)):
            requested(served, message, "survey", number)
        requested(served, "confirmation", "callback_confirmation", PEKKA)
        await served.engine.settled()
        before = [text.message for text in await served.outside.has_done(SendText)]
    async with served_in(tmp_path, changes=SLOW) as again:
        again.outside.gate.set()
        after = [text.message for text in await again.outside.has_done(SendText, 3)]
    assert (before, after) == (["survey-1"], ["confirmation", "survey-2", "survey-3"])
