"""How long callbacks, and what is remembered beside them, are kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from callcentre.features.callbacks.collection import Callbacks
from callcentre.features.callbacks.elsewhere import HeldCalls
from callcentre.kernel.retention.model import Retention
from callcentre.kernel.retention.person import Erased, Person

REMEMBERED: Final = timedelta(days=1)
"""How long a request that is sent again gets the answer of the first time."""


def retentions(callbacks: Callbacks, elsewhere: HeldCalls) -> Iterator[Retention]:
    """What the component declares."""
    yield Retention(
        callbacks,
        holds="Open callbacks, with number and name (no name for a number that was keyed in or moved to)",
        keeps="until the callback is completed, cancelled, failed or expired",
        why="the customer is called back",
        person=Person(
            erased=Erased.ENDED,
            number=("number",),
            ids=("callback",),
            inside=("state",),
            names=("caller_name", "name_prefix"),
        ),
    )
    yield Retention(
        callbacks.requests,
        holds="Results of requests for callbacks by command or `/api`, with the contents as a keyed hash",
        keeps=REMEMBERED,
        # The callback is named after its request.
        needed=lambda request: request.callback is not None and request.callback in callbacks,
        why="the same request gets the same answer; while its callback is open, for another day each time",
        person=Person(erased=Erased.DELETED, ids=("callback",), names=("request", "fingerprint")),
    )
    yield Retention(
        callbacks.dial_times,
        holds="The latest times from dialling to a pressed key",
        keeps="until later ones replace them",
        why="callbacks are dialled early enough",
    )
    yield Retention(
        elsewhere,
        holds="Calls of customers whose callback another daemon of the database has, by keyed hash",
        keeps="until the call is answered or has left the queue",
        why="the customer keeps the place, and is not called meanwhile",
        person=Person(erased=Erased.DELETED, caller=("caller",), ids=("call", "callback")),
    )
