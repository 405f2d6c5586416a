"""The words of facts about surveys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from callcentre.features.search.words.reasons import NUMBER, TEXT_FAILED, TEXT_REFUSED
from callcentre.web.fact_words import FactWords
from callcentre.web.words import message as _

_BY: Final = {
    "sms": _("It was done by text."),
    "page": _("It was done on the survey's page."),
    "api": _("Another system did it."),
}
_QUESTION: Final = _("The question: %(question)s.")
_NOT_SENT: Final = {
    **NUMBER,
    **TEXT_REFUSED,
    **TEXT_FAILED,
    "no_answer": _("No answer came in time."),
    "undelivered": _("The text with the question did not arrive."),
}

SURVEYS: Final[Sequence[FactWords]] = (
    FactWords(
        event="survey.asked",
        says=(_("The person was asked how it went."),),
        also=(_QUESTION,),
    ),
    FactWords(
        event="survey.answered",
        says=(_("The person answered with %(value)s."), _("The person answered.")),
        also=(_QUESTION,),
        by=_BY,
        state="ok",
    ),
    FactWords(
        event="survey.invalid",
        says=(_("A text of the person was no answer to the question."),),
        also=(_QUESTION,),
        state="warning",
    ),
    FactWords(event="survey.completed", says=(_("All questions of the survey were answered."),), by=_BY, state="ok"),
    FactWords(
        event="survey.expired",
        says=(_("The survey is over. No answer counts any more."),),
        reasons=_NOT_SENT,
    ),
    FactWords(
        event="survey.skipped",
        says=(_("The person was not asked how it went."),),
        reasons={
            **_NOT_SENT,
            "min_talk": _("The conversation was short (survey.min_talk)."),
            "quarantine": _("The person was asked a short time ago (survey.quarantine)."),
            "sample": _("The call is not in the sample (survey.sample)."),
            "called_again": _("The person called again, or was on the line."),
            "callback_open": _("The person waited for a callback."),
        },
    ),
)
