"""What happened outside, in the order in which we heard of it.

Every event carries `at`, our clock at receipt, always aware. Where Asterisk has a time of its own it is carried beside
it as `when`, translated to our clock (`ari/clock.py`): lengths of waits and talks are differences of those, so that
neither a slow wire nor another clock lengthens anybody's wait. Names of channels, variables and states are Asterisk's
own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from callcentre.features.surveys.model import GivenAnswer
from callcentre.kernel.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyFilledIn(Event):
    """A survey was answered elsewhere than by text: on our page (`by` page) or by an outside survey (`by` api)."""

    survey: str
    answers: tuple[GivenAnswer, ...]
    by: str
