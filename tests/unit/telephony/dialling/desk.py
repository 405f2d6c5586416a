"""A call centre with callbacks to dial, for tests of dialling."""

from __future__ import annotations

from typing import Any

from callcentre.features.callbacks.events import CallbackRequested
from callcentre.features.callbacks.listing import ListedCallback
from callcentre.features.callbacks.model import Callback
from callcentre.features.callbacks.open_callbacks import listed
from tests.cast import KERTTU
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import Asterisk

LANDLINE = KERTTU


ONE_AT_A_TIME = ("INUSE",)


LOCAL = {"dialling": {"endpoint": "Local/{national}@from-internal/n"}}


AGENT_FIRST: dict[str, Any] = {"dial": {"order": "agent_first"}}


def desk(
    *numbers: str,
    changes: dict[str, Any] | None = None,
    notify: object = None,
    agents: tuple[str, ...] = ("NOT_INUSE", "NOT_INUSE"),
    **callback: Any,
) -> tuple[Rehearsal, Asterisk]:
    """Two free agents, and a callback to each number, in this order."""
    support = {"welcome": None, "notify": notify, "callback": {"confirm_by_sms": None, **callback}}
    rehearsal = Rehearsal({"services": {"support": support}} | (changes or {}))
    asterisk = Asterisk(rehearsal)
    asterisk.connect()
    asterisk.on_duty(*agents)
    for number in numbers:
        request_callback(rehearsal, number)
    return rehearsal, asterisk


def request_callback(rehearsal: Rehearsal, number: str) -> None:
    rehearsal.later(1)
    rehearsal.tell(
        CallbackRequested(at=rehearsal.at, request=number, service="support", number=number, caller_name="", by="staff")
    )


def callbacks(rehearsal: Rehearsal) -> list[Callback]:
    return sorted(rehearsal.world.callbacks.values(), key=lambda callback: callback.order)


def dialled(asterisk: Asterisk) -> list[str]:
    return [effect.endpoint.removeprefix("PJSIP/").removesuffix("@trunk") for effect in asterisk.dialled]


def reported(rehearsal: Rehearsal, *beginnings: str) -> list[tuple[str, str | None]]:
    return [(fact.name, fact.reason) for fact in rehearsal.facts if fact.name.startswith(beginnings)]


def alarms(rehearsal: Rehearsal) -> list[tuple[str, str | None]]:
    return reported(rehearsal, "alarm.")


RAISED, CLEARED = ("alarm.raised", "dialling_no_route"), ("alarm.cleared", "dialling_no_route")


def seen(rehearsal: Rehearsal) -> list[ListedCallback]:
    return listed(rehearsal.world.for_callbacks, None, rehearsal.at)
