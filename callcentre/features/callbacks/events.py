"""Requests of staff and other systems about callbacks."""

from __future__ import annotations

from datetime import datetime

from callcentre.kernel.event import Event


class CallbackRequested(Event, frozen=True, kw_only=True):
    """Staff or another system requests a callback. The same request sent again has the same `request` id."""

    request: str
    service: str
    number: str
    caller_name: str
    by: str


class CallbackDeferred(Event, frozen=True, kw_only=True):
    """Staff has a callback dialled no earlier than at a time."""

    callback: str
    until: datetime


class CallbackMovedUp(Event, frozen=True, kw_only=True):
    """Staff puts a callback at the head of its queue, before all callers."""

    callback: str


class OtherServiceWanted(Event, frozen=True, kw_only=True):
    """Staff gives a callback to another service."""

    callback: str
    service: str


class CallbackWithdrawn(Event, frozen=True, kw_only=True):
    """Staff or another system cancels a callback."""

    callback: str
    by: str
