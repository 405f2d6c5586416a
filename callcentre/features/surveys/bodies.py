"""The bodies of requests and answers of `/api/surveys/{token}`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final

import msgspec

from callcentre.features.surveys.model import LONGEST_ANSWER, LONGEST_QUESTION, MOST_ANSWERS, Metric
from callcentre.values.lines import NAME

# These are checked by hand, so that all mistakes are reported at once. The description has them from here.
_A_QUESTION: Final = {"minLength": 1, "maxLength": LONGEST_QUESTION, "pattern": NAME}
_SOME_ANSWERS: Final = {"minItems": 1, "maxItems": MOST_ANSWERS, "uniqueItems": True}


class Result(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One answer of an outside survey: `value` is what it counts as, `answer` the person's words; one is needed.

    Without a metric, `satisfaction` counts as csat, as on our own page, and any other question as none.
    """

    question: Annotated[str, msgspec.Meta(extra_json_schema=_A_QUESTION, description="The question's name.")]
    answer: Annotated[str, msgspec.Meta(extra_json_schema={"maxLength": LONGEST_ANSWER})] | None = None
    value: Annotated[int, msgspec.Meta(ge=-1000, le=1000, description="csat 1-5, nps 0-10, ces 1-7.")] | None = None
    metric: Metric | None = None


class Results(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All answers of a person, at once."""

    answers: Annotated[
        Sequence[Result], msgspec.Meta(extra_json_schema=_SOME_ANSWERS, description="Each question once.")
    ]


class ResultsTaken(msgspec.Struct, frozen=True, kw_only=True):
    """A completed survey, by its name in facts, and the number of its answers."""

    survey: str
    answers: int
