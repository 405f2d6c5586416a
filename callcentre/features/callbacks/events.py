"""Requests of staff and other systems about callbacks."""

from __future__ import annotations

from callcentre.kernel.event import Event


class CallbackRequested(Event, frozen=True, kw_only=True):
    """Staff or another system requests a callback. The same request sent again has the same `request` id."""

    request: str
    service: str
    number: str
    caller_name: str
    by: str


class CallbackWithdrawn(Event, frozen=True, kw_only=True):
    """Staff or another system cancels a callback."""

    callback: str
    by: str
