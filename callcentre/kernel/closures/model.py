"""Which services are closed for now, in the database and in memory."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import ClassVar, Final

from callcentre.kernel.collection import Collection
from callcentre.kernel.decision import Record
from callcentre.kernel.records import Records
from callcentre.kernel.settings_in_force.model import HeldSettings
from callcentre.kernel.timer import Timer

_AFTER_ALL: Final = chr(sys.maxunicode)
"""Sorts behind every name of a service."""

MOST: Final = 10_000
"""The most services that may be closed at once."""

FOR_EVER: Final = datetime(9000, 1, 1, tzinfo=UTC)

_TIMES: Final = frozenset({"since", "until"})


class ServiceClosed(Record, frozen=True, kw_only=True):
    """A service that is closed on all daemons, whatever its opening hours say.

    `until`: when it opens again by itself; None: not before somebody opens it. `why` is for staff, `by` the account.
    """

    wall_times: ClassVar[frozenset[str]] = _TIMES

    service: str
    since: datetime
    until: datetime | None
    why: str
    by: str

    @property
    def key(self) -> str:
        return self.service


class Closure(Record, frozen=True, kw_only=True):
    """The same in memory, where rules find it."""

    wall_times: ClassVar[frozenset[str]] = _TIMES

    service: str
    since: datetime
    until: datetime | None
    why: str
    by: str

    @property
    def key(self) -> str:
        return self.service

    @classmethod
    def of(cls, closed: ServiceClosed) -> Closure:
        """That of a row."""
        return cls(
            service=closed.service, since=closed.since, until=closed.until, why=closed.why, by=closed.by
        )  # fmt: skip


class ServiceOpens(Timer, frozen=True, tag="service_opens"):
    """A service that was closed for now opens again."""

    service: str


class Closures(Collection[Closure]):
    """The services that are closed for now. Their opening hours say so to everybody who asks."""

    def __init__(self, held: HeldSettings) -> None:
        super().__init__(Closure)
        self.rows = Records(ServiceClosed, table="service_closures", key="service")
        self._held = held

    def put(self, record: Closure) -> None:
        super().put(record)
        self._apply()

    def delete(self, record: Closure) -> None:
        super().delete(record)
        self._apply()

    def stored(self) -> dict[str, ServiceClosed]:
        """Those in the database, by one read; one that was changed just now may be missing. Raises `Unreadable`."""
        return {row.service: row for row in self.rows.below("service", _AFTER_ALL, MOST)}

    def _apply(self) -> None:
        self._held.close({one.service: ((one.since, one.until or FOR_EVER),) for one in self.values()})
