"""A fact as one line of the journal or of the log, by the names of its fields.

The ledger reads facts back from their lines. So the figures of the database and those of the log are based on the same
bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, cast

import msgspec

_LARGEST = 2**63 - 1

Number = Annotated[int, msgspec.Meta(ge=1, le=_LARGEST)]
Count = Annotated[int, msgspec.Meta(ge=-_LARGEST, le=_LARGEST)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=1e9)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class FactLine(msgspec.Struct, frozen=True):
    """What a line has of every fact: the fields of `Fact`, and what the engine adds. None where a field does not apply.

    `id` counts within a node. Lines from before there were nodes have no `node`.

    A component that reads further fields extends this class with them.
    """

    event: str
    at: Moment
    id: Number
    node: str = "main"
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
    user: str | None = None
    organisation: str | None = None
    address: str | None = None
    why: str | None = None

    @property
    def time(self) -> int:
        """When the fact was written, as milliseconds since 1970 UTC."""
        return round(self.at.timestamp() * 1000)


class NoFact(ValueError):  # noqa: N818
    """A line that is no fact."""


def merged(kinds: Iterable[type[FactLine]]) -> type[FactLine]:
    """One class with the fields of all these, so that a line is read once. Raises `TypeError` when two differ."""
    fields: dict[str, Any] = {}
    for kind in kinds:
        for field in msgspec.structs.fields(kind):
            known = fields.setdefault(field.name, field)
            if known.type != field.type:
                raise TypeError(
                    f"{kind.__name__}.{field.name} is {field.type}, but another component reads {known.type}"
                )
    more = [
        (name, field.type, field.default) for name, field in fields.items() if name not in FactLine.__struct_fields__
    ]
    return cast("type[FactLine]", msgspec.defstruct("MergedFactLine", more, bases=(FactLine,), frozen=True))


def milliseconds(seconds: float | None) -> int:
    """Seconds as whole milliseconds: they add up to the same in any order."""
    return 0 if seconds is None else round(seconds * 1000)
