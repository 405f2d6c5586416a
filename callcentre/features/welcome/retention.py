"""How long the welcome remembers calls and people."""

from __future__ import annotations

from collections.abc import Iterator

from callcentre.features.welcome.model import Greetings
from callcentre.features.welcome.rules import Welcome
from callcentre.kernel.retention.model import Retention
from callcentre.kernel.retention.person import Erased, Person


def retentions(greetings: Greetings, welcome: Welcome) -> Iterator[Retention]:
    """What the component declares."""
    yield Retention(
        greetings.considered,
        holds="Calls for which it was decided whether to send a welcome",
        keeps="until the call ends",
        why="it is decided once for a call",
        person=Person(erased=Erased.DELETED, ids=("call",)),
    )
    yield Retention(
        greetings.latest,
        holds="When each person was last welcomed for a service, by keyed hash",
        keeps="until the longest `cooldown` of all services is over",
        why="nobody is welcomed again during the cooldown",
        below=welcome.cooldowns_began,
        person=Person(erased=Erased.DELETED, caller=("caller",), ids=("message",), inside=("key",)),
    )
