"""Events of surveys: a survey was answered elsewhere than by text."""

from __future__ import annotations

from callcentre.features.surveys.model import GivenAnswer
from callcentre.kernel.event import Event


class SurveyFilledIn(Event, frozen=True, kw_only=True):
    """All answers of a survey at once: from its page (`by` page), or from an outside survey (`by` api)."""

    survey: str
    answers: tuple[GivenAnswer, ...]
    by: str
