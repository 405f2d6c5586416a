"""What visitors ask for."""

from __future__ import annotations

from callcentre.kernel.event import Event


class NumberAsked(Event, frozen=True, kw_only=True):
    """A visitor asks to see the full number of a person, on the page about a call, a callback, a text or the person.

    `number` is masked, and `caller` the keyed hash of the number.
    """

    service: str | None = None
    call: str | None = None
    callback: str | None = None
    message: str | None = None
    number: str
    caller: str
