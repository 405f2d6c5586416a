"""Facts about surveys. Their names and fields are public and keep their meaning."""

from __future__ import annotations

from callcentre.kernel.fact import Fact


class SurveyFact(Fact, frozen=True):
    """Base of the facts about a survey: the conversation that it is about, with its `wait` and `talk` in seconds."""

    question: str | None = None
    value: int | None = None
    metric: str | None = None
    wait: float | None = None
    talk: float | None = None


class SurveyAsked(SurveyFact, frozen=True, tag="survey.asked"):
    """A question, or the link to a page, went out to the person."""


class SurveyAnswered(SurveyFact, frozen=True, tag="survey.answered"):
    """A question was answered. `value` is what the answer counts as; `by` is sms, page or api."""


class SurveyInvalid(SurveyFact, frozen=True, tag="survey.invalid"):
    """A text came that is not an answer to the question."""


class SurveyCompleted(SurveyFact, frozen=True, tag="survey.completed"):
    """All questions are answered."""


class SurveyExpired(SurveyFact, frozen=True, tag="survey.expired"):
    """The person was asked, and an answer does not count any more; `reason` says why."""


class SurveySkipped(SurveyFact, frozen=True, tag="survey.skipped"):
    """The caller was not asked; `reason` says why."""
