"""Requests of staff about the opening of services."""

from __future__ import annotations

from datetime import datetime

from callcentre.kernel.event import Event


class CloseService(Event, frozen=True, kw_only=True):
    """Close a service now, until a time or until somebody opens it. One that is closed gets the new time."""

    service: str
    until: datetime | None = None


class OpenService(Event, frozen=True, kw_only=True):
    """Have a service that was closed for now follow its opening hours again."""

    service: str
