"""The rule of search: looking at a full number is a fact."""

from __future__ import annotations

from datetime import datetime

from callcentre.features.search.events import NumberAsked
from callcentre.features.search.facts import NumberShown
from callcentre.kernel.decision import Decision


def number_asked(event: NumberAsked, _at: datetime) -> Decision:
    """The fact comes first. The number is shown once it is on disk."""
    shown = NumberShown(
        service=event.service, call=event.call, callback=event.callback, message=event.message,
        number=event.number, caller=event.caller,
    )  # fmt: skip
    return Decision(facts=(shown,))
