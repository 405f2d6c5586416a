"""How long surveys, their answers and the people who were asked are kept."""

from __future__ import annotations

from collections.abc import Iterator

from callcentre.features.surveys.asking import Asking
from callcentre.features.surveys.model import LastAsked, SurveyAnswer, Surveys
from callcentre.kernel.records import Records
from callcentre.kernel.retention.model import Retention
from callcentre.kernel.retention.person import Erased, Person


def retentions(
    surveys: Surveys, last_asked: Records[LastAsked], answers: Records[SurveyAnswer], asking: Asking
) -> Iterator[Retention]:
    """What the component declares."""
    yield Retention(
        surveys,
        holds="Surveys that are due, open or answered, with number and name until the survey is answered",
        keeps="until the survey is skipped, or `expires` is over",
        why="the person is asked, and an answer may come twice",
        person=Person(
            erased=Erased.ENDED,
            number=("number",),
            caller=("caller",),
            ids=("survey", "call"),
            names=("caller_name", "heard"),
        ),
    )
    yield Retention(
        last_asked,
        holds="When each person was last asked, by keyed hash",
        keeps="until the longest `quarantine` of all services is over",
        why="nobody is asked again during the quarantine",
        below=asking.quarantines_began,
        person=Person(erased=Erased.KEPT, caller=("caller",), ids=("survey",)),
    )
    yield Retention(
        answers,
        holds="Answers to surveys and their words, with the keyed hash of the person",
        kind="surveys",
        why="figures and exports",
        person=Person(
            erased=Erased.EMPTIED, caller=("caller",), ids=("survey", "call"), inside=("key",), empties={"answer": None}
        ),
    )
