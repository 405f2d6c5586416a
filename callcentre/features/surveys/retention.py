"""How long surveys, their answers and the people who were asked are kept."""

from __future__ import annotations

from collections.abc import Iterator

from callcentre.features.surveys.asking import Asking
from callcentre.features.surveys.model import LastAsked, SurveyAnswer, Surveys
from callcentre.kernel.records import Records
from callcentre.kernel.retention.model import FOR_EVER, Retention


def retentions(
    surveys: Surveys, last_asked: Records[LastAsked], answers: Records[SurveyAnswer], asking: Asking
) -> Iterator[Retention]:
    """What the component declares."""
    yield Retention(
        surveys,
        holds="Surveys that are due, open or answered, with number and name until the survey is answered",
        keeps="until the survey is skipped, or `expires` is over",
        why="the person is asked, and an answer may come twice",
    )
    yield Retention(
        last_asked,
        holds="When each person was last asked, by keyed hash",
        keeps="until the longest `quarantine` of all services is over",
        why="nobody is asked again during the quarantine",
        below=asking.quarantines_began,
    )
    yield Retention(
        answers,
        holds="Answers to surveys and their words, with the keyed hash of the person",
        keeps=FOR_EVER,
        why="figures and exports",
    )
