"""What the ledger keeps of surveys: those that were asked, and what the valid answers count as."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Final

import msgspec
from msgspec.structs import replace

from callcentre.features.surveys.model import given_answers
from callcentre.statistics.estimation import Interval, mean, mean_interval, wilson
from callcentre.statistics.export import AGENT, Column, Export, as_moment, plain
from callcentre.statistics.lines import FactLine, Seconds, milliseconds
from callcentre.statistics.overview import Story, headed
from callcentre.statistics.parts import Definition, LedgerPart
from callcentre.statistics.questions import Counted, Figure, Group, Selection, ratio
from callcentre.statistics.records import OpenRecords, Record, RecordTable, Row

# --- records -------------------------------------------------------------------------------------


class SurveyRecord(Row, frozen=True, kw_only=True):
    """A survey that somebody was asked: `answers` and `invalid` count what came back.

    `state` is asked, completed or expired.
    """

    survey: str
    at: int
    service: str | None
    queue: str | None
    call: str | None
    agent: str | None
    agent_name: str | None
    answers: int = 0
    invalid: int = 0
    state: str = "asked"


class Score(Row, frozen=True, kw_only=True):
    """A valid answer. `asked` is when its survey was asked, and `at` when it was answered."""

    survey: str | None
    question: str | None
    metric: str | None
    value: float | None
    at: int
    asked: int
    service: str | None
    queue: str | None
    call: str | None
    agent: str | None
    agent_name: str | None
    wait: int | None
    talk: int | None


# --- updates -------------------------------------------------------------------------------------


class SurveyLine(FactLine, frozen=True):
    """The fields of facts about surveys."""

    question: str | None = None
    value: Annotated[float, msgspec.Meta(ge=-1e9, le=1e9)] | None = None
    metric: str | None = None
    wait: Seconds | None = None
    talk: Seconds | None = None


def _asked(records: OpenRecords, fact: FactLine) -> Iterable[Record]:
    # Each question is asked anew; the survey was sent with its first.
    if (fact.survey or "") not in records.of(SurveyRecord):
        yield SurveyRecord(
            key=fact.id, survey=fact.survey or "", at=fact.time, service=fact.service, queue=fact.queue,
            call=fact.call, agent=fact.agent, agent_name=fact.agent_name,
        )  # fmt: skip


def _answered(records: OpenRecords, fact: SurveyLine) -> Iterable[Record]:
    survey = records.of(SurveyRecord).get(fact.survey or "")
    asked = fact.time
    agent, agent_name = fact.agent, fact.agent_name
    if survey is not None:
        asked, agent, agent_name = survey.at, agent or survey.agent, agent_name or survey.agent_name
        yield replace(survey, answers=survey.answers + 1)
    yield Score(
        key=fact.id, open=False, survey=fact.survey, question=fact.question, metric=fact.metric, value=fact.value,
        at=fact.time, asked=asked, service=fact.service, queue=fact.queue, call=fact.call, agent=agent,
        agent_name=agent_name, wait=None if fact.wait is None else milliseconds(fact.wait),
        talk=None if fact.talk is None else milliseconds(fact.talk),
    )  # fmt: skip


def _invalid(records: OpenRecords, fact: FactLine) -> Iterable[Record]:
    survey = records.of(SurveyRecord).get(fact.survey or "")
    if survey is not None:
        yield replace(survey, invalid=survey.invalid + 1)


def _over(records: OpenRecords, fact: FactLine) -> Iterable[Record]:
    survey = records.of(SurveyRecord).get(fact.survey or "")
    if survey is not None:
        yield replace(survey, open=False, state=fact.event.removeprefix("survey."))


# --- figures -------------------------------------------------------------------------------------

Scores = dict[str, Counter[float]]


def _figures(selection: Selection) -> Counted:
    sent: Counter[Group] = Counter()
    answered: Counter[Group] = Counter()
    for (group, answers), count in Counter(selection.of(SurveyRecord, "answers")).items():
        sent[group] += count
        answered[group] += count if answers > 0 else 0
    scores: dict[Group, Scores] = defaultdict(lambda: defaultdict(Counter))
    for (group, metric, value), count in Counter(selection.of(Score, "metric", "value")).items():
        if value is not None:
            scores[group][metric][value] += count
    return _counted(sent, answered, scores)


def _counted(sent: Counter[Group], answered: Counter[Group], scores: Mapping[Group, Scores]) -> Counted:
    def merged(larger: Callable[[Group], Group]) -> Counted:
        asked: Counter[Group] = Counter()
        gave: Counter[Group] = Counter()
        found: dict[Group, Scores] = {}
        for group in {*sent, *scores}:
            name = larger(group)
            asked[name] += sent[group]
            gave[name] += answered[group]
            into = found.setdefault(name, {})
            for metric, counts in scores.get(group, {}).items():
                into.setdefault(metric, Counter()).update(counts)
        return _counted(asked, gave, found)

    groups = {
        group: _figures_of(sent[group], answered[group], scores.get(group, {})) for group in {*sent, *scores}
    }  # fmt: skip
    return Counted(groups, _figures_of(0, 0, {}), merged)


def _figures_of(sent: int, answered: int, scores: Mapping[str, Mapping[float, int]]) -> dict[str, Figure]:
    csat, nps, ces = (dict(scores.get(metric, {})) for metric in ("csat", "nps", "ces"))
    answers = {"csat": sum(csat.values()), "nps": sum(nps.values()), "ces": sum(ces.values())}
    top = sum(count for value, count in csat.items() if value >= 4)
    # Promoters count 1, detractors -1 and the others nothing: the score is a hundred times the mean of these.
    marks: Counter[float] = Counter()
    for value, count in nps.items():
        marks[100 if value >= 9 else -100 if value <= 6 else 0] += count
    return {
        "surveys_sent": sent,
        "surveys_answered": answered,
        "response_rate": ratio(answered, sent),
        **_interval("response_rate", wilson(answered, sent) if 0 < sent >= answered else None),
        "csat_answers": answers["csat"],
        "csat": ratio(top, answers["csat"]),
        **_interval("csat", wilson(top, answers["csat"]) if csat else None),
        "nps_answers": answers["nps"],
        "nps": round(mean(marks), 2) if marks else None,
        **_interval("nps", mean_interval(marks, -100, 100)),
        "ces_answers": answers["ces"],
        "ces": round(mean(ces), 3) if ces else None,
        **_interval("ces", mean_interval(ces, 1, 7)),
    }


def _interval(name: str, interval: Interval | None) -> dict[str, Figure]:
    low, high = (None, None) if interval is None else (round(interval.low, 4), round(interval.high, 4))
    return {f"{name}_low": low, f"{name}_high": high}


_DEFINITIONS: Final = (
    Definition(
        ("surveys_sent", "surveys_answered", "response_rate"),
        "people asked; of these who gave a valid answer; their share",
    ),
    Definition(
        ("csat", "csat_answers"), "answers of 4 and 5 ÷ answers (`csat_answers`)", "top two boxes of a scale of five"
    ),
    Definition(
        ("nps", "nps_answers"),
        "% of 9 and 10 − % of 0 to 6, from −100 to 100, over `nps_answers`",
        'F. Reichheld, "The One Number You Need to Grow", Harvard Business Review, December 2003',
    ),
    Definition(
        ("ces", "ces_answers"),
        "mean, on a scale of seven, over `ces_answers`",
        'M. Dixon, K. Freeman, N. Toman, "Stop Trying to Delight Your Customers", Harvard Business Review, July 2010',
    ),
    Definition(
        ("response_rate_low", "response_rate_high", "csat_low", "csat_high"),
        "95 % score interval",
        "E. B. Wilson, Journal of the American Statistical Association 22 (1927), 209-212",
    ),
    Definition(
        ("nps_low", "nps_high", "ces_low", "ces_high"),
        "95 % interval of a mean: mean ± t × s ÷ √n; for NPS the mean of 100, 0 and −100",
        "Student, Biometrika 6 (1908), 1-25",
    ),
)
_STORIES: Final = (
    Story(
        "Surveys",
        headed("surveys_sent", "surveys_answered", "response_rate"),
        shares=frozenset({"response_rate"}),
    ),
    Story(
        "Satisfaction",
        headed("csat_answers", "csat", "nps_answers", "nps", "ces_answers", "ces"),
        shares=frozenset({"csat"}),
    ),
)

# --- the export ----------------------------------------------------------------------------------

_SURVEYS: Final = Export(
    name="surveys",
    place=1,
    table=given_answers,
    time="at",
    columns=(
        Column("at", "at", as_moment),
        *plain("service", "queue", "agent", "agent_name", "call", "survey", "question"),
        *plain("answer", "value", "metric", "caller", "wait", "talk"),
    ),
    meanings={
        "at": "when the answer came",
        "service": "the key of the service",
        "queue": "the queue",
        **AGENT,
        "call": "the call that was asked about",
        "survey": "the survey's id",
        "question": "the question's id",
        "answer": "the words that the person wrote",
        "value": "what the answer counts as",
        "metric": "csat, nps, ces or none",
        "caller": "a keyed hash that distinguishes people",
        "wait": "seconds that the person had waited in the queue",
        "talk": "seconds of the conversation",
    },
)

LEDGER_PARTS = (
    LedgerPart(
        place=4,
        tables=(
            RecordTable(record=SurveyRecord, name="survey_records", found_by="survey", counts_at="at", kind="surveys"),
            RecordTable(record=Score, name="scores", counts_at="asked", kind="surveys"),
        ),
        line=SurveyLine,
        updates={
            "survey.asked": _asked,
            "survey.answered": _answered,
            "survey.invalid": _invalid,
            "survey.completed": _over,
            "survey.expired": _over,
        },
        figures=_figures,
        definitions=_DEFINITIONS,
        stories=_STORIES,
        exports=(_SURVEYS,),
        judges_agents=True,
    ),
)
