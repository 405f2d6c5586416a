"""What is said in the bodies of `/api`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal

import msgspec

from callcentre.domain.lines import LINE, NAME
from callcentre.domain.listing import ListedCallback
from callcentre.domain.surveys import LONGEST_ANSWER, LONGEST_QUESTION, MOST_ANSWERS, Metric

LONGEST_KEY: Final = 255

By = Literal["api", "staff"]

# These are checked by hand, so that all mistakes are told at once and in our words. The description has them from here.
_A_LINE: Final = {"pattern": LINE}
_A_QUESTION: Final = {"minLength": 1, "maxLength": LONGEST_QUESTION, "pattern": NAME}
_SOME_ANSWERS: Final = {"minItems": 1, "maxItems": MOST_ANSWERS, "uniqueItems": True}


class Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A callback that is wished for. `by` says on whose behalf: another system, or staff at a keyboard."""

    number: Annotated[
        str,
        msgspec.Meta(
            min_length=1, max_length=40, extra_json_schema=_A_LINE, description="E.164, or as dialled at home."
        ),
    ]
    service: Annotated[
        str,
        msgspec.Meta(
            min_length=1, max_length=60, extra_json_schema=_A_LINE, description="A service of the configuration."
        ),
    ]
    name: Annotated[
        str,
        msgspec.Meta(
            max_length=80, extra_json_schema=_A_LINE, description="Who is called; the agent's phone shows it."
        ),
    ] = ""
    by: By = "api"


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A callback that is open, or was when it was first asked for: `place` is as it is now, null when it has none."""

    id: str
    service: str
    place: int | None


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """One callback: as it stands now (null when it is over), and all its facts in their order."""

    id: str
    open: ListedCallback | None
    facts: Sequence[Mapping[str, Any]]


class Result(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One answer of an outside survey: `value` is what it counts as, `answer` the person's words; at least one of them.

    Without a metric, `satisfaction` counts as csat, as on our own page, and any other question as none.
    """

    question: Annotated[str, msgspec.Meta(extra_json_schema=_A_QUESTION, description="The question's name.")]
    answer: Annotated[str, msgspec.Meta(extra_json_schema={"maxLength": LONGEST_ANSWER})] | None = None
    value: Annotated[int, msgspec.Meta(ge=-1000, le=1000, description="csat 1-5, nps 0-10, ces 1-7.")] | None = None
    metric: Metric | None = None


class Results(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that a person answered, at once."""

    answers: Annotated[
        Sequence[Result], msgspec.Meta(extra_json_schema=_SOME_ANSWERS, description="Each question once.")
    ]


class ResultsTaken(msgspec.Struct, frozen=True, kw_only=True):
    """A survey that is completed, by the name that facts have for it, and how many answers it has."""

    survey: str
    answers: int


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is wrong and what to do about it; `reason` is why a wish was refused, as one word.

    `mistakes` are all that were found in a body, each with its place.
    """

    error: str
    mend: str
    reason: str | None = None
    mistakes: Sequence[str] = ()
