"""Surveys under random sequences of events: each has one end, and nobody is asked too often."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from callcentre.features.surveys.events import SurveyFilledIn
from callcentre.features.surveys.facts import SurveyAsked, SurveyCompleted, SurveyExpired, SurveyFact, SurveySkipped
from callcentre.features.surveys.model import Answered, Due, GivenAnswer
from callcentre.features.surveys.timers import SurveyDue, SurveyExpires
from callcentre.kernel.event import EffectInterrupted
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import Accepted, Delivery, Refused, Unclear
from tests.cast import AINO, MATTI
from tests.testbed.configuration import merged
from tests.unit.features.surveys.people import AGAIN, SATISFACTION, WHY, People, asks, links

PEOPLE = st.sampled_from([MATTI, AINO])
QUEUES = st.sampled_from(["support", "sales"])
QUARANTINE = timedelta(days=3)
RULES = merged(
    merged(
        asks(questions=[SATISFACTION, AGAIN, WHY], quarantine="3d", expires="1d", between="09:00-20:00"),
        {"services": {"sales": {"queue": "sales", "name": {"fi": "Myynti"}}}},
    ),
    links() | {"services": {"sales": {"survey": {"link": "https://x.example/{{ token }}", "quarantine": "3d"}}}},
)
ENDS = (SurveySkipped, SurveyCompleted, SurveyExpired)


class LivesOfSurveys(RuleBasedStateMachine):
    """People call, talk, get texts or not, answer, opt out, and fill in pages; the daemon crashes."""

    def __init__(self) -> None:
        super().__init__()
        self.people = People(RULES)
        self.times: list[tuple[datetime, SurveyFact]] = []
        self._seen = 0

    def _note(self) -> None:
        facts: Sequence[object] = self.people.rehearsal.facts
        new = [fact for fact in facts[self._seen :] if isinstance(fact, SurveyFact)]
        self.times.extend((self.people.rehearsal.at, fact) for fact in new)
        self._seen = len(facts)

    @rule(number=PEOPLE, queue=QUEUES, seconds=st.sampled_from([3, 60]))
    def talk(self, number: str, queue: str, seconds: int) -> None:
        self.people.talks(number, seconds, queue=queue)

    @rule(seconds=st.sampled_from([1, 60, 3600, 12 * 3600, 30 * 3600]))
    def time_passes(self, seconds: int) -> None:
        self.people.rehearsal.later(seconds)

    @rule(seconds=st.sampled_from([-3600.0, 3600.0, -86400.0, 86400.0]))
    def the_clock_is_set(self, seconds: float) -> None:
        # The quarantine goes by the wall clock: when people were asked is in rows, which are not moved with it.
        self.people.rehearsal.step(seconds)

    @rule(outcome=st.sampled_from([Accepted(), Refused("away"), Refused("no", permanent=True), Unclear("?")]))
    def texts_are_handed_over(self, outcome: Accepted | Refused | Unclear) -> None:
        for text in self.people.rehearsal.take(SendText):
            self.people.handed(text, outcome)

    @rule(delivery=st.sampled_from([Delivery.DELIVERED, Delivery.FAILED]))
    @precondition(lambda self: self.people.rehearsal.world.texts.open)
    def a_report_comes(self, delivery: Delivery) -> None:
        message = next(iter(self.people.rehearsal.world.texts.open))
        self.people.reported(SendText(message=message, number=MATTI, sender="x", body="x"), delivery)

    @rule(number=PEOPLE, body=st.sampled_from(["5", "5!", "10", "x", "", "STOP", "START", "Kiitos kaikesta"]))
    def answer(self, number: str, body: str) -> None:
        self.people.says(body, number)

    @rule(value=st.integers(1, 5))
    @precondition(lambda self: self.people.rehearsal.world.surveys)
    def fill_in(self, value: int) -> None:
        name = next(iter(self.people.rehearsal.world.surveys))
        given = (GivenAnswer(question="satisfaction", value=value, metric="csat"),)
        self.people.rehearsal.tell(SurveyFilledIn(at=self.people.rehearsal.at, survey=name, answers=given, by="page"))

    @rule()
    def crash(self) -> None:
        lost = self.people.rehearsal.take(SendText)
        self.people.restart()
        for text in lost:
            self.people.rehearsal.tell(EffectInterrupted(at=self.people.rehearsal.at, effect=text))

    @invariant()
    def each_survey_ends_once(self) -> None:
        self._note()
        ends = Counter(fact.survey for _, fact in self.times if isinstance(fact, ENDS))
        assert set(ends.values()) <= {1}
        over: set[str | None] = set()
        for _, fact in self.times:
            assert fact.survey not in over, fact
            if isinstance(fact, ENDS):
                over.add(fact.survey)
        known = self.people.rehearsal.world.surveys
        assert {one.survey for one in known.values() if not isinstance(one.state, Answered)}.isdisjoint(over)

    @invariant()
    def nobody_is_asked_again_within_the_quarantine(self) -> None:
        asked: dict[str | None, dict[str | None, datetime]] = defaultdict(dict)
        # A gateway that refuses a text for ever ("no") may do so after a text from the phone was taken for an answer.
        undelivered = {fact.survey for _, fact in self.times if fact.reason in ("undelivered", "no")}
        for at, fact in self.times:
            if isinstance(fact, SurveyAsked) and fact.survey not in undelivered:
                asked[fact.caller].setdefault(fact.survey, at)
        for surveys in asked.values():
            moments = sorted(surveys.values())
            assert all(later - earlier >= QUARANTINE for earlier, later in pairwise(moments))
        still = Counter(one.number for one in self.people.rehearsal.world.surveys.values() if one.is_open)
        assert set(still.values()) <= {1}

    @invariant()
    def every_open_survey_has_a_timer(self) -> None:
        for one in self.people.rehearsal.world.surveys.values():
            timer = SurveyDue(survey=one.survey) if isinstance(one.state, Due) else SurveyExpires(survey=one.survey)
            assert timer.key in self.people.rehearsal.timers

    def teardown(self) -> None:
        for _ in range(200):
            for text in self.people.rehearsal.take(SendText):
                self.people.handed(text, Accepted())
            self.people.rehearsal.later(3600)
        self._note()
        assert not self.people.rehearsal.world.surveys
        ended = {fact.survey for _, fact in self.times if isinstance(fact, ENDS)}
        assert {fact.survey for _, fact in self.times} == ended


TestLivesOfSurveys = LivesOfSurveys.TestCase
TestLivesOfSurveys.settings = hypothesis_settings(max_examples=40, stateful_step_count=40, deadline=None)
