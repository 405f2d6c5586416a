"""A desk whose callbacks are announced, for the tests of notices."""

from __future__ import annotations

from typing import Any

from callcentre.features.notices.model import Stage
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import (
    Accepted,
    Delivery,
    DeliveryReported,
    TextHandedOver,
    TextReceived,
)
from tests.cast import KERTTU, MATTI, REPLY_NUMBER
from tests.unit.features.callbacks.desk import ask_for
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import Asterisk


def begin(
    *agents: str, changes: dict[str, Any] | None = None, services: dict[str, Any] | None = None, **notify: Any
) -> tuple[Rehearsal, Asterisk]:
    """A desk with agents in these device states, whose callbacks get no confirmation by text."""
    support = {"welcome": None, "callback": {"confirm_by_sms": None}, "notify": notify}
    rehearsal = Rehearsal({"services": {"support": support} | (services or {})} | (changes or {}))
    asterisk = Asterisk(rehearsal)
    asterisk.connect()
    asterisk.on_duty(*(agents or ("UNAVAILABLE",)))
    return rehearsal, asterisk


def texts(rehearsal: Rehearsal) -> list[tuple[str, str, str]]:
    """Number, sender and body of each text since the last call of this function."""
    return [(text.number, text.sender, text.body) for text in rehearsal.take(SendText)]


def report(rehearsal: Rehearsal, callback: str, delivery: Delivery = Delivery.DELIVERED) -> None:
    """The gateway accepts the text of a notice and reports its delivery."""
    message = f"notice-{callback}"
    rehearsal.tell(TextHandedOver(at=rehearsal.at, message=message, outcome=Accepted()))
    rehearsal.tell(DeliveryReported(at=rehearsal.at, message=message, delivery=delivery))


def answer(rehearsal: Rehearsal, body: str, number: str = MATTI, to: str = REPLY_NUMBER) -> None:
    """A customer sends a text a second later."""
    rehearsal.later(1)
    source = f"{len(rehearsal.facts)} {rehearsal.at}"
    event = TextReceived(at=rehearsal.at, gateway="kannel", gateway_id=source, sender=number, recipient=to, body=body)
    rehearsal.tell(event)


def notice_facts(rehearsal: Rehearsal) -> list[tuple[Any, ...]]:
    """The facts about notices: the event, the channel, and the reason or the answer."""
    return [
        (fact.name.removeprefix("notice."), fact.by, *filter(None, [fact.reason]))
        for fact in rehearsal.facts
        if fact.name.startswith("notice.")
    ]


def cancellations(rehearsal: Rehearsal) -> list[tuple[str | None, str | None]]:
    """The callbacks that were cancelled, and by whom."""
    return [(fact.callback, fact.by) for fact in rehearsal.facts if fact.name == "callback.cancelled"]


def numbers_dialled(asterisk: Asterisk) -> list[str]:
    """The numbers that were dialled, in order."""
    return [one.endpoint.removeprefix("PJSIP/").removesuffix("@trunk") for one in asterisk.dialled]


def stage_of(rehearsal: Rehearsal, callback: str) -> Stage:
    """The state of a callback's notice."""
    return rehearsal.world.notices[callback].stage


def auto_agent_talks(asterisk: Asterisk, number: str = KERTTU) -> tuple[str, str]:
    """The customer answers the Auto Agent's call to a landline; the callback and the call."""
    callback = ask_for(asterisk, number)
    asterisk.ticks()
    call = f"{callback}-notice-1"
    asterisk.picks_up(call)
    return callback, call


def texted(rehearsal: Rehearsal, asterisk: Asterisk, number: str = MATTI, **requested: Any) -> str:
    """A callback whose notice was delivered by text."""
    callback = ask_for(asterisk, number, **requested)
    report(rehearsal, callback)
    texts(rehearsal)
    return callback
