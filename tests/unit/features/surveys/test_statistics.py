"""What the facts of surveys add up to."""

from __future__ import annotations

from callcentre.features.surveys.statistics import Score, SurveyRecord
from tests.unit.statistics.lines import ABOUT, added_up, lines, only

SURVEY = {**ABOUT, "survey": "s1", "call": "1.1", "agent": "PJSIP/agent1", "agent_name": "Anna"}


def test_a_survey_counts_its_answers_and_each_says_whom_it_is_about() -> None:
    asked = {"event": "survey.asked", "question": "satisfaction", "metric": "csat", **SURVEY}
    invalid = {"event": "survey.invalid", **SURVEY}
    five = {**asked, "event": "survey.answered", "value": 5, "wait": 4, "talk": 60.5}
    ten = {"event": "survey.answered", "question": "recommend", "metric": "nps", "value": 10}
    done = {"event": "survey.completed", **SURVEY}
    rows = added_up(lines(asked, invalid, five, asked, {**ten, **SURVEY}, done))
    survey = only(SurveyRecord, rows)
    assert (survey.answers, survey.invalid, survey.state, survey.open) == (2, 1, "completed", False)
    first, second = (row for row in rows if isinstance(row, Score))
    who = (first.agent, first.agent_name)
    assert (first.value, first.metric, *who, first.talk) == (5, "csat", "PJSIP/agent1", "Anna", 60_500)
    assert (second.value, second.metric, second.asked) == (10, "nps", survey.at)
