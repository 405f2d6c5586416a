"""What became true, in the past tense: the journal, the log and all statistics are made of these.

A fact carries no time and no id of its own: the engine stamps both when it is written, so that a line reads
`{"event": "queue.joined", "at": …, "id": …, …}`. Waits and talks are seconds, with decimals. A fact's
name and fields, once shipped, keep their meaning.
"""

from __future__ import annotations

from callcentre.kernel.fact import Fact


class SurveyFact(Fact, frozen=True):
    """Base of what is said of a survey: which conversation it is about, its `wait` and `talk` in seconds."""

    question: str | None = None
    value: int | None = None
    metric: str | None = None
    wait: float | None = None
    talk: float | None = None


class SurveyAsked(SurveyFact, frozen=True, tag="survey.asked"):
    """A question, or the link to a page, went out to the person."""


class SurveyAnswered(SurveyFact, frozen=True, tag="survey.answered"):
    """A question was answered; `value` is what the answer counts as. `by` is sms, page or api."""


class SurveyInvalid(SurveyFact, frozen=True, tag="survey.invalid"):
    """A text came that is no answer to the question."""


class SurveyCompleted(SurveyFact, frozen=True, tag="survey.completed"):
    """Everything that was asked is answered."""


class SurveyExpired(SurveyFact, frozen=True, tag="survey.expired"):
    """It was asked, and no answer counts any more; `reason` says why."""


class SurveySkipped(SurveyFact, frozen=True, tag="survey.skipped"):
    """This caller was not asked; `reason` says why."""
