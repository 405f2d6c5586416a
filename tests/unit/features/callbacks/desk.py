"""A desk with agents that calls people back, for the tests of callbacks."""

from __future__ import annotations

from typing import Any

from callcentre.features.callbacks.events import CallbackRequested
from callcentre.features.callbacks.model import Callback, Phase
from tests.cast import MATTI
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import Asterisk

SALES = {"queue": "support", "numbers": ["+358912345679"], "name": {"fi": "Myynti"}, "language": "fi", "callback": {}}


def begin(
    *agents: str, changes: dict[str, Any] | None = None, services: dict[str, Any] | None = None, **callback: Any
) -> tuple[Rehearsal, Asterisk]:
    """A desk with agents in these device states."""
    support = {"welcome": None, "callback": callback, "notify": None}
    rehearsal = Rehearsal({"services": {"support": support} | (services or {})} | (changes or {}))
    asterisk = Asterisk(rehearsal)
    asterisk.connect()
    asterisk.on_duty(*agents)
    return rehearsal, asterisk


def ask_for(
    asterisk: Asterisk, number: str = MATTI, *, service: str = "support", name: str = "", request: str | None = None
) -> str:
    """Staff take a callback down; its id."""
    rehearsal = asterisk.rehearsal
    rehearsal.later(1)
    request = request or f"request-{service}-{number}"
    rehearsal.tell(
        CallbackRequested(
            at=rehearsal.at, request=request, service=service, number=number, caller_name=name, by="staff"
        )
    )
    return f"cb-{request}"


def callbacks(rehearsal: Rehearsal) -> list[Callback]:
    return sorted(rehearsal.world.callbacks.values(), key=lambda callback: callback.order)


def numbers_dialled(asterisk: Asterisk) -> list[str]:
    return [originate.endpoint.removeprefix("PJSIP/").removesuffix("@trunk") for originate in asterisk.dialled]


def reasons(rehearsal: Rehearsal, name: str) -> list[str | None]:
    return [fact.reason for fact in rehearsal.facts if fact.name == f"callback.{name}"]


def call_of(callback: Callback) -> str:
    """The customer's channel."""
    assert callback.call is not None
    return callback.call


def agent_call_of(callback: Callback) -> str:
    """The channel of the agent who is reserved."""
    assert callback.agent_call is not None
    return callback.agent_call


def ring(asterisk: Asterisk) -> str:
    """The one phone that rings."""
    (call,) = asterisk.ringing
    return call


def answering(**callback: Any) -> tuple[Rehearsal, Asterisk, str]:
    rehearsal, asterisk = begin("INUSE", **callback)
    ask_for(asterisk, name="Matti Meikäläinen")
    asterisk.ticks()
    call = ring(asterisk)
    asterisk.picks_up(call)
    return rehearsal, asterisk, call


def come_to(phase: Phase) -> tuple[Rehearsal, Asterisk, str]:
    """A callback in this phase, and the channel it is about."""
    rehearsal, asterisk = begin("INUSE")
    ask_for(asterisk)
    if phase is Phase.RETURNED:
        again = asterisk.enters()
        asterisk.key(again, "1")
        return rehearsal, asterisk, again
    asterisk.ticks()
    call = ring(asterisk)
    if phase is not Phase.DIALLING:
        asterisk.picks_up(call)
    if phase in (Phase.ACCEPTED, Phase.CONNECTED):
        asterisk.key(call, "1")
    if phase is Phase.CONNECTED:
        asterisk.answered(call)
    assert callbacks(rehearsal)[0].phase is phase
    return rehearsal, asterisk, call


def agent_first(*agents: str, **more: Any) -> tuple[Rehearsal, Asterisk]:
    """The same desk, where an agent is reserved before the customer is dialled."""
    return begin(*agents, dial={"order": "agent_first"}, **more)
