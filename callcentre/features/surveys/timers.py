"""The timers of surveys."""

from __future__ import annotations

from callcentre.kernel.timer import Timer


class SurveyDue(Timer, frozen=True, tag="survey_due"):
    """It is time to send the first question of a survey."""

    survey: str


class SurveyExpires(Timer, frozen=True, tag="survey_expires"):
    """The time to answer a survey is over."""

    survey: str
