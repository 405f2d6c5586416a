"""What the tests of messaging do to a call centre: texts are handed over, reported and received."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from callcentre.kernel.event import EffectInterrupted
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import (
    Delivery,
    DeliveryReported,
    Handover,
    TextHandedOver,
    TextReceived,
    Unclear,
)
from callcentre.messaging.facts import SmsRefused
from callcentre.messaging.model import TextWanted
from tests.cast import MATTI
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import Asterisk

HELSINKI = ZoneInfo("Europe/Helsinki")
EVERYBODY = {"services": {"support": {"welcome": {"min_waiting": "1", "cooldown": "0s", "text": "Hei"}}}}


def begin(**changes: object) -> tuple[Rehearsal, Asterisk]:
    rehearsal = Rehearsal(EVERYBODY | changes)
    asterisk = Asterisk(rehearsal)
    asterisk.connect()
    return rehearsal, asterisk


def handed(rehearsal: Rehearsal, text: SendText, outcome: Handover) -> None:
    rehearsal.tell(TextHandedOver(at=rehearsal.at, message=text.message, outcome=outcome))


def reported(rehearsal: Rehearsal, message: str, delivery: Delivery) -> None:
    rehearsal.tell(DeliveryReported(at=rehearsal.at, message=message, delivery=delivery))


def says(rehearsal: Rehearsal, body: str, sender: str = MATTI, gateway_id: str = "1") -> list[str]:
    facts = rehearsal.tell(
        TextReceived(
            at=rehearsal.at, gateway="kannel", gateway_id=gateway_id, sender=sender, recipient="18222", body=body
        )
    )
    return [fact.name for fact in facts]


def refusals(rehearsal: Rehearsal) -> list[str | None]:
    return [fact.reason for fact in rehearsal.facts if isinstance(fact, SmsRefused)]


def wanted(
    rehearsal: Rehearsal, message: str = "m", *, number: str = MATTI, kind: str = "callback_confirmation", **more: Any
) -> None:
    """A text that must arrive, or one of another kind."""
    request = TextWanted(at=rehearsal.at, message=message, kind=kind, number=number, sender="N", body="Hei", **more)
    rehearsal.command(request)


def alarms(rehearsal: Rehearsal) -> list[tuple[str, str | None]]:
    return [(fact.name, fact.reason) for fact in rehearsal.facts if fact.name.startswith("alarm.")]


def unclear(rehearsal: Rehearsal, hours: float = 24, *, crash: bool = False) -> list[float]:
    """Every hand-over ends unclear for so long; when they were, in seconds."""
    began, times = rehearsal.at, []
    for _ in range(int(hours * 3600)):
        for text in rehearsal.take(SendText):
            times.append((rehearsal.at - began).total_seconds())
            if crash:
                rehearsal.tell(EffectInterrupted(at=rehearsal.at, effect=text))
            else:
                handed(rehearsal, text, Unclear("504"))
        rehearsal.later(1)
    return times
