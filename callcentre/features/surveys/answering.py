"""Answers to a survey: by text, one question after the other, or all at once on a page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from callcentre.features.surveys.asking import Asking, went_out
from callcentre.features.surveys.events import SurveyFilledIn
from callcentre.features.surveys.facts import SurveyAnswered, SurveyCompleted, SurveyInvalid
from callcentre.features.surveys.meaning import Understood, digest, understood
from callcentre.features.surveys.model import Answered, Asked, GivenAnswer, Ordered, Survey, SurveyAnswer
from callcentre.features.surveys.policy import DOUBLE_WITHIN
from callcentre.features.surveys.settings import SurveySettings
from callcentre.kernel.decision import NOTHING, Decision, Put
from callcentre.messaging.inbound import ReceivedText
from callcentre.messaging.interface import NotTexted, Texts
from callcentre.messaging.model import State as TextState

if TYPE_CHECKING:
    from callcentre.config.templates import TextTemplate
    from callcentre.features.surveys.model import Surveys
    from callcentre.features.surveys.settings import QuestionSettings
    from callcentre.kernel.settings_in_force.interface import SettingsInForce


def results_digest(answers: tuple[GivenAnswer, ...]) -> str:
    """A digest that tells one filled-in page from another."""
    return sha256(msgspec.json.encode(sorted(answers, key=lambda given: given.question))).hexdigest()


def is_taken(surveys: Surveys, event: SurveyFilledIn) -> bool:
    """Whether a survey is completed with exactly these answers."""
    survey = surveys.get(event.survey)
    digest_of = survey.state.heard if survey is not None and isinstance(survey.state, Answered) else None
    return digest_of == results_digest(event.answers)


def _heard(survey: Survey, answer: str) -> Survey:
    """The survey with the digest of the latest answer."""
    if not isinstance(survey.state, Ordered | Asked):
        return survey
    return replace(survey, state=msgspec.structs.replace(survey.state, heard=answer))


@dataclass(slots=True)
class Answering:
    """The rules for answers. `asking` sends the next question."""

    surveys: Surveys
    in_force: SettingsInForce
    texts: Texts
    asking: Asking

    # --- by text ---------------------------------------------------------------------------------

    def received(self, text: ReceivedText, at: datetime) -> Decision | None:
        """Claim an answer to the newest open question that was sent from the number that the text goes to."""
        survey = self.surveys.open_for(text.number, text.recipient)
        if survey is None:
            return None
        if self._belongs_before(survey, text.body, at):
            return NOTHING
        out = self.asking.out(survey, at) if isinstance(survey.state, Ordered) else NOTHING
        asked = went_out(survey, at)
        service = self.in_force.settings.services.get(survey.service)
        question = self.asking.question_of(survey)
        rules = None if service is None else service.section(SurveySettings)
        if rules is None or question is None:
            return out + self.asking.ended(asked, "configuration")
        said = understood(question, text.body)
        if said is None:
            return out + self._invalid(asked, rules, at)
        return out + self._answered(_heard(asked, digest(text.body)), rules, question, said, at)

    def _belongs_before(self, survey: Survey, body: str, at: datetime) -> bool:
        """Whether a text answers an earlier question, because it came before anybody could have read this one.

        A person who gets no reaction sends the same words again. They were counted the first time.
        """
        text, said, state = self.texts.get(survey.message), digest(body), survey.state
        if text is not None and text.state is TextState.QUEUED:
            return True
        if not isinstance(state, Ordered | Asked):
            return False
        if state.heard == said and text is not None:
            return text.state is not TextState.ACCEPTED or at - state.asked_at < DOUBLE_WITHIN
        others = (other.state for other in self.surveys.of_caller(survey.caller))
        return any(
            isinstance(other, Answered) and other.heard == said and state.asked_at < other.asked_at for other in others
        )

    def _invalid(self, survey: Survey, rules: SurveySettings, at: datetime) -> Decision:
        """The text is not an answer to the question. The person gets a text that says so, once for each question."""
        fact = self.asking.fact(SurveyInvalid, survey, question=survey.question)
        state = survey.state
        if not isinstance(state, Asked) or state.invalid_told or rules.invalid_text is None:
            return Decision(facts=(fact,))
        noted = replace(survey, state=msgspec.structs.replace(state, invalid_told=True))
        reply = self._reply(survey, rules.invalid_text, f"{survey.message}-invalid", state.sender, at)
        return Decision(changes=(Put(noted),), facts=(fact,)) + reply

    def _answered(
        self, survey: Survey, rules: SurveySettings, question: QuestionSettings, said: Understood, at: datetime
    ) -> Decision:
        given = GivenAnswer(question=question.id, answer=said.answer, value=said.value, metric=question.metric)
        decision = self._kept(survey, (given,), "sms", at)
        questions = rules.questions or ()
        place = next(index for index, one in enumerate(questions) if one.id == question.id)
        if place + 1 < len(questions):
            return decision + self.asking.question(survey, questions[place + 1], at)
        decision += self._completed(survey, "sms", at)
        if rules.thanks is None:
            return decision
        return decision + self._reply(survey, rules.thanks, f"survey-{survey.survey}-thanks", None, at)

    def _reply(
        self, survey: Survey, template: TextTemplate, message: str, sender: str | None, at: datetime
    ) -> Decision:
        service = self.in_force.settings.services[survey.service]
        text = self.asking.text(survey, template, self.asking.words(survey, service), message, sender, at)
        return NOTHING if isinstance(text, NotTexted) else Decision(commands=(text,))

    # --- on a page, or in an outside survey ------------------------------------------------------

    def filled_in(self, event: SurveyFilledIn, at: datetime) -> Decision:
        """All answers came at once. A second time changes nothing, whatever it says."""
        survey = self.surveys.get(event.survey)
        if survey is None or survey.question is not None or not survey.is_open:
            return NOTHING
        out = self.asking.out(survey, at) if isinstance(survey.state, Ordered) else NOTHING
        survey = _heard(survey, results_digest(event.answers))
        return out + self._kept(survey, event.answers, event.by, at) + self._completed(survey, event.by, at)

    # --- both ------------------------------------------------------------------------------------

    def _kept(self, survey: Survey, answers: tuple[GivenAnswer, ...], by: str, at: datetime) -> Decision:
        decision = NOTHING
        for given in answers:
            kept = SurveyAnswer(
                survey=survey.survey, question=given.question, at=at, service=survey.service, queue=survey.queue,
                call=survey.call, agent=survey.agent, agent_name=survey.agent_name, caller=survey.caller,
                wait=survey.wait, talk=survey.talk, answer=given.answer, value=given.value, metric=given.metric, by=by,
            )  # fmt: skip
            fact = self.asking.fact(
                SurveyAnswered, survey, question=given.question, value=given.value, metric=given.metric, by=by
            )
            decision += Decision(changes=(Put(kept),), facts=(fact,))
        return decision

    def _completed(self, survey: Survey, by: str, at: datetime) -> Decision:
        """Keep the survey, without the number, until the time to answer is over: an answer may come twice."""
        latest = survey.state.heard if isinstance(survey.state, Ordered | Asked) else None
        state = Answered(question=survey.question, heard=latest, asked_at=at)
        answered = replace(survey, state=state, number="", caller_name="")
        return Decision(changes=(Put(answered),), facts=(self.asking.fact(SurveyCompleted, survey, by=by),))
