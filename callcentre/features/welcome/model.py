"""Which callers were welcomed when, and the text that welcomes them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar, Final

from callcentre.kernel.collection import Collection
from callcentre.kernel.decision import Record
from callcentre.kernel.effect import Crash
from callcentre.kernel.records import Records
from callcentre.messaging.model import DeliveryPolicy, Lane, MessageKind

WELCOME: Final = MessageKind(
    name="welcome", policy=DeliveryPolicy(crash=Crash.AT_MOST_ONCE, fresh=timedelta(minutes=30), lane=Lane.OFFERED)
)


class Considered(Record, frozen=True, kw_only=True):
    """A call for which it was decided whether to send a welcome. It is not decided again while the call lives."""

    of_program: ClassVar[bool] = True

    call: str

    @property
    def key(self) -> str:
        return self.call


class Greeting(Record, frozen=True, kw_only=True):
    """A caller who was welcomed for a service, the last time by this text."""

    wall_times: ClassVar[frozenset[str]] = frozenset({"at"})
    """It may lie in the future, where the clock was set back since."""

    service: str
    caller: str
    message: str
    at: datetime

    @property
    def key(self) -> str:
        return greeting_key(self.service, self.caller)


def greeting_key(service: str, caller: str) -> str:
    """The key of a `Greeting`; `caller` is the keyed hash of the number."""
    return f"{service} {caller}"


class Greetings:
    """What the welcome remembers: the calls that were considered, and the last welcome of each caller.

    A caller whom one daemon welcomed is not welcomed by another one.
    """

    def __init__(self) -> None:
        self.considered = Collection(Considered, table="welcome_considered", key="call")
        self.latest = Records(Greeting, table="greetings", indexes=("at",))
