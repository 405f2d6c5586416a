"""Requests of supervisors about conversations."""

from __future__ import annotations

from callcentre.kernel.event import Event
from callcentre.telephony.listening.model import Mode


class ListeningRequested(Event, frozen=True, kw_only=True):
    """A supervisor wants to be in a conversation. `phone` is the device that is rung, such as `PJSIP/boss`."""

    request: str
    mode: Mode
    call: str
    phone: str
