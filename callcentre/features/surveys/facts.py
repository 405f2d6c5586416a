"""Facts about surveys. Their names and fields are public and keep their meaning."""

from __future__ import annotations

from callcentre.kernel.fact import Fact


class SurveyFact(Fact, frozen=True):
    """Base of the facts about a survey. They also carry the agent of the conversation.

    question: the question's id.
    value: what the answer counts as.
    metric: csat nps ces none.
    wait: seconds that the person waited before the conversation.
    talk: seconds of the conversation.
    """

    question: str | None = None
    value: int | None = None
    metric: str | None = None
    wait: float | None = None
    talk: float | None = None


class SurveyAsked(SurveyFact, frozen=True, tag="survey.asked"):
    """A question, or the link, went out."""


class SurveyAnswered(SurveyFact, frozen=True, tag="survey.answered"):
    """A question was answered. The words of the answer are not in the fact.

    by: sms page api.
    """


class SurveyInvalid(SurveyFact, frozen=True, tag="survey.invalid"):
    """A text is no answer to the open question."""


class SurveyCompleted(SurveyFact, frozen=True, tag="survey.completed"):
    """All that was asked is answered.

    by: sms page api.
    """


class SurveyExpired(SurveyFact, frozen=True, tag="survey.expired"):
    """The survey went out, or may have gone out, and no answer counts any more.

    reason: no_answer undelivered unclear opted_out erased configuration broken_text, or why the next question was
        not sent.
    """


class SurveySkipped(SurveyFact, frozen=True, tag="survey.skipped"):
    """The caller was not asked.

    reason: see [Surveys](../concepts/surveys.md); undelivered erased configuration broken_text, or why the text was
        not sent.
    """
