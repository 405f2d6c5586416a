"""Asterisk's clock, read in terms of ours.

Every event has Asterisk's own time. Waits and talks are differences of these, so that a slow wire lengthens nobody's
wait. When Asterisk's clock is set, alone or together with ours, or runs on a machine whose clock is wrong, the
difference must not become anybody's wait. So the times are translated where they come in, and the rest of the daemon
knows no other clock than ours. A difference of at most `STEP` is not taken away: it may be the time that the wire took.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from callcentre.kernel.moments import STEP

_QUICK: Final = timedelta(seconds=1)
"""An answer that took longer says too little about Asterisk's clock."""

_DISORDER: Final = timedelta(seconds=0.5)
"""Events of several threads of Asterisk may come out of order by some milliseconds, but never by this much."""

_ASKED: Final = timedelta(seconds=5)
"""Between two questions when no step was seen. One a second would double the requests to an idle PBX."""

_NONE: Final = timedelta(0)


class AsteriskClock:
    """How far Asterisk's clock is ahead of ours. It is asked now and then, and every event tells whether it was set."""

    def __init__(self) -> None:
        self.ahead = _NONE
        """How much is taken from Asterisk's times."""
        self._measured = _NONE
        self._latest: datetime | None = None
        self._asked: datetime | None = None

    def theirs(self, at: datetime) -> datetime:
        """What Asterisk's clock shows at a time of ours."""
        return at + self._measured

    def must_be_asked(self, at: datetime) -> bool:
        """Whether what is known may be wrong by now: our clock was set, or it was last asked some seconds ago."""
        return self._asked is None or at - self._asked >= _ASKED

    def heard(self, when: datetime, at: datetime) -> datetime:
        """The time of an event on our clock; `at` is when it came in. Events come in the order of their times.

        A slow wire, or a daemon that was frozen, makes times late. It never makes them early, or changes their order.
        """
        behind = self._latest is not None and when < self._latest - _DISORDER
        if behind or when - at > self.ahead + STEP:
            self._is_ahead(when - at)
        self._latest = when
        return when - self.ahead

    def answered(self, when: datetime, asked: datetime, at: datetime) -> None:
        """Asterisk answered with its time when it was asked between these two times of ours."""
        if not _NONE <= at - asked <= _QUICK:
            return
        ahead = when - at
        self._asked = at
        self._measured = ahead
        if abs(ahead - self.ahead) > STEP:
            self._is_ahead(ahead)

    def _is_ahead(self, ahead: timedelta) -> None:
        self._measured = ahead
        self.ahead = ahead if abs(ahead) > STEP else _NONE

    def stepped(self, delta: timedelta) -> None:
        """Our clock was set by `delta`. The next answer tells whether Asterisk's was set as well."""
        self.ahead -= delta
        self._measured -= delta
        self._asked = None
