"""A fact as it was told: one line of the journal or of the log, by the names of its fields.

Whoever adds facts up reads them back from their line. So the figures of the database and those of the log rest on the
same bytes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

_LARGEST = 2**63 - 1

Number = Annotated[int, msgspec.Meta(ge=1, le=_LARGEST)]
Count = Annotated[int, msgspec.Meta(ge=-_LARGEST, le=_LARGEST)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=1e9)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Told(msgspec.Struct, frozen=True):
    """The fields of all facts that add up to something; None where they do not apply. Waits and talks are seconds.

    `seconds` is by how much a clock was set.
    """

    event: str
    at: Moment
    id: Number
    service: str | None = None
    queue: str | None = None
    call: str | None = None
    callback: str | None = None
    message: str | None = None
    survey: str | None = None
    agent: str | None = None
    agent_name: str | None = None
    number: str | None = None
    caller: str | None = None
    reason: str | None = None
    by: str | None = None
    position: Count | None = None
    waiting: Count | None = None
    estimated_wait: Seconds | None = None
    wait: Seconds | None = None
    talk: Seconds | None = None
    attempt: Count | None = None
    kind: str | None = None
    parts: Count | None = None
    question: str | None = None
    value: Annotated[float, msgspec.Meta(ge=-1e9, le=1e9)] | None = None
    metric: str | None = None
    seconds: Annotated[float, msgspec.Meta(ge=-1e12, le=1e12)] | None = None

    @property
    def time(self) -> int:
        """When it was told, as milliseconds since 1970 UTC."""
        return round(self.at.timestamp() * 1000)


class NoFact(ValueError):  # noqa: N818
    """A line that is no fact."""


_decode = msgspec.json.Decoder(Told).decode


def read(line: str | bytes) -> Told:
    """The fact that a line tells. Raises `NoFact`."""
    try:
        return _decode(line)
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError) as error:
        raise NoFact(str(error)) from error


def milliseconds(seconds: float | None) -> int:
    """Seconds as whole milliseconds: they add up to the same in any order."""
    return 0 if seconds is None else round(seconds * 1000)
