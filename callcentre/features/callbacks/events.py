"""Requests of staff and other systems about callbacks."""

from __future__ import annotations

from dataclasses import dataclass

from callcentre.kernel.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackRequested(Event):
    """Staff or another system requests a callback. The same request sent again has the same `request` id."""

    request: str
    service: str
    number: str
    caller_name: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackWithdrawn(Event):
    """Staff or another system cancels a callback."""

    callback: str
    by: str
