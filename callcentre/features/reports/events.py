"""What happened outside, in the order in which we heard of it.

Every event carries `at`, our clock at receipt, always aware. Where Asterisk has a time of its own it is carried beside
it as `when`, translated to our clock (`ari/clock.py`): lengths of waits and talks are differences of those, so that
neither a slow wire nor another clock lengthens anybody's wait. Names of channels, variables and states are Asterisk's
own.
"""

from __future__ import annotations

from dataclasses import dataclass

from callcentre.kernel.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportEnded(Event):
    """A scheduled report is made and delivered, or `problem` says why not."""

    report: str
    problem: str | None = None
