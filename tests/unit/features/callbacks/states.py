"""States of a callback by the public name of their phase, and what a postponed callback waits for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import assert_never

from callcentre.features.callbacks.model import (
    Accepted,
    Asking,
    Callback,
    Connected,
    Dialling,
    Phase,
    Postponed,
    Reserving,
    Returned,
    State,
    Waiting,
)

DIALLED_AT = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)


def in_phase(phase: Phase, call: str = "c") -> State:
    """A state of this phase, whose call, or agent's call, has this id."""
    match phase:
        case Phase.WAITING:
            return Waiting()
        case Phase.RESERVING:
            return Reserving(agent_call=call)
        case Phase.DIALLING:
            return Dialling(call=call, dialled_at=DIALLED_AT)
        case Phase.ASKING:
            return Asking(call=call, dialled_at=DIALLED_AT)
        case Phase.ACCEPTED:
            return Accepted(call=call)
        case Phase.CONNECTED:
            return Connected(call=call)
        case Phase.RETURNED:
            return Returned(call=call)
        case _:
            assert_never(phase)


def pause(callback: Callback) -> Postponed | None:
    """Until when the callback is not dialled, and why: it is postponed, or was when its owner called again."""
    match callback.state:
        case Postponed() as postponed:
            return postponed
        case Returned(agreed=agreed):
            return agreed
        case _:
            return None


def why(callback: Callback) -> str | None:
    """Why the callback is not dialled now; None when it is not postponed."""
    postponed = pause(callback)
    return None if postponed is None else postponed.why


def until(callback: Callback) -> datetime | None:
    """Until when the callback is not dialled; None when it is not postponed."""
    postponed = pause(callback)
    return None if postponed is None else postponed.until
