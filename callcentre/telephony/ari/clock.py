"""Translates the times of Asterisk's clock to the daemon's clock.

Every event has Asterisk's own time. Waits and talks are differences of these times, so that a slow network lengthens no
wait. When Asterisk's clock is set, alone or together with ours, or runs on a machine with a wrong clock, the difference
must not appear in any wait. So times are translated where events are read, and the rest of the daemon uses its own
clock only. A difference of at most `STEP` is not corrected: it may be the delay of the network.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from callcentre.kernel.moments import STEP

_QUICK: Final = timedelta(seconds=1)
"""A slower answer says too little about Asterisk's clock."""

_DISORDER: Final = timedelta(seconds=0.5)
"""Events of several threads of Asterisk may be out of order by some milliseconds, but by this much only while they are
late: an Asterisk with more calls than it carries holds some of them back for seconds."""

_ASKED: Final = timedelta(seconds=5)
"""Between two requests while no step was seen. One a second would double the requests to an idle PBX."""

_NONE: Final = timedelta(0)
_FIRST_YEAR, _LAST_YEAR = 1970, 2200


def is_plausible(when: datetime) -> bool:
    """Whether a time can be one of Asterisk's clock: with its offset, and in a year that no arithmetic leads out of."""
    return when.tzinfo is not None and _FIRST_YEAR <= when.year <= _LAST_YEAR


class AsteriskClock:
    """The difference between Asterisk's clock and ours. Asterisk is asked regularly, and every event shows a step."""

    def __init__(self) -> None:
        self.ahead = _NONE
        """What is subtracted from Asterisk's times."""
        self._measured = _NONE
        self._latest: datetime | None = None
        self._received: datetime | None = None
        self._asked: datetime | None = None
        self._doubted = False

    def theirs(self, at: datetime) -> datetime:
        """The time on Asterisk's clock at a time of ours."""
        return at + self._measured

    def must_be_asked(self, at: datetime) -> bool:
        """Whether the difference may have changed: a clock seems to be set, or the last answer is some seconds old."""
        return self._asked is None or self._doubted or at - self._asked >= _ASKED

    def heard(self, when: datetime, at: datetime) -> datetime:
        """The time of an event on our clock; `at` is its receipt. Call it for events in their order.

        A slow network, or a daemon that was frozen, makes times late. It never makes them early or changes their order.
        """
        behind = self._latest is not None and when < self._latest - _DISORDER and self.late <= _DISORDER
        if behind or when - at > self.ahead + STEP:
            # An answer says it for certain, and soon: until then the measured difference stays.
            self._doubted = True
            self._is_ahead(when - at)
        self._latest = when
        self._received = at
        return when - self.ahead

    @property
    def late(self) -> timedelta:
        """How long the latest event was on its way. Zero while the difference between the clocks is not measured."""
        if self._latest is None or self._received is None or self._asked is None:
            return _NONE
        return self._received - (self._latest - self._measured)

    def answered(self, when: datetime, asked: datetime, at: datetime) -> None:
        """Asterisk's time in its answer to a request between these two times of ours."""
        if not is_plausible(when) or not _NONE <= at - asked <= _QUICK:
            return
        ahead = when - at
        self._asked = at
        self._doubted = False
        self._measured = ahead
        if abs(ahead - self.ahead) > STEP:
            self._is_ahead(ahead)

    def _is_ahead(self, ahead: timedelta) -> None:
        self.ahead = ahead if abs(ahead) > STEP else _NONE

    def stepped(self, delta: timedelta) -> None:
        """Our clock was set by `delta`. The next answer shows whether Asterisk's clock was set as well."""
        self.ahead -= delta
        self._measured -= delta
        self._asked = None
