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
from callcentre.messaging.model import Kind, TextWanted
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import MATTI, Asterisk

HELSINKI = ZoneInfo("Europe/Helsinki")
EVERYBODY = {"services": {"support": {"welcome": {"min_waiting": "1", "cooldown": "0s", "text": "Hei"}}}}


def begin(**changes: object) -> tuple[Rehearsal, Asterisk]:
    house = Rehearsal(EVERYBODY | changes)
    asterisk = Asterisk(house)
    asterisk.connect()
    return house, asterisk


def handed(house: Rehearsal, text: SendText, outcome: Handover) -> None:
    house.tell(TextHandedOver(at=house.at, message=text.message, outcome=outcome))


def reported(house: Rehearsal, message: str, delivery: Delivery) -> None:
    house.tell(DeliveryReported(at=house.at, message=message, delivery=delivery))


def says(house: Rehearsal, body: str, sender: str = MATTI, gateway_id: str = "1") -> list[str]:
    facts = house.tell(
        TextReceived(at=house.at, gateway="kannel", gateway_id=gateway_id, sender=sender, recipient="18222", body=body)
    )
    return [fact.name for fact in facts]


def refusals(house: Rehearsal) -> list[str | None]:
    return [fact.reason for fact in house.facts if isinstance(fact, SmsRefused)]


def wanted(house: Rehearsal, message: str = "m", *, number: str = MATTI, **more: Any) -> None:
    """A text that must arrive."""
    wish = TextWanted(
        at=house.at, message=message, kind=Kind.CALLBACK_CONFIRMATION, number=number, sender="N", body="Hei", **more
    )
    house.tell(wish)  # type: ignore[arg-type]


def alarms(house: Rehearsal) -> list[tuple[str, str | None]]:
    return [(fact.name, fact.reason) for fact in house.facts if fact.name.startswith("alarm.")]


def unclear(house: Rehearsal, hours: float = 24, *, crash: bool = False) -> list[float]:
    """Every hand-over ends unclear for so long; when they were, in seconds."""
    began, times = house.at, []
    for _ in range(int(hours * 3600)):
        for text in house.take(SendText):
            times.append((house.at - began).total_seconds())
            if crash:
                house.tell(EffectInterrupted(at=house.at, effect=text))
            else:
                handed(house, text, Unclear("504"))
        house.later(1)
    return times
