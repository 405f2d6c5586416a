"""A survey from the end of a call until its question is out: which callers, when, and what becomes of the text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, assert_never
from urllib.parse import quote

from msgspec.structs import replace

from callcentre.features.surveys.facts import SurveyAsked, SurveyExpired, SurveyFact, SurveySkipped
from callcentre.features.surveys.kinds import SURVEY
from callcentre.features.surveys.model import (
    Answered,
    Asked,
    Due,
    LastAsked,
    Ordered,
    Survey,
    Surveys,
    name_of,
    sampled,
    token_of,
)
from callcentre.features.surveys.policy import quarantined, send_at, skip, stale_at
from callcentre.features.surveys.settings import SurveySettings
from callcentre.features.surveys.timers import SurveyDue, SurveyExpires
from callcentre.kernel.decision import NOTHING, CancelTimer, Decision, Delete, Put, SetTimer, Take
from callcentre.kernel.erasure.events import ErasureBegun
from callcentre.kernel.erasure.rules import nameless
from callcentre.kernel.settings import NodeSettings
from callcentre.kernel.settings_in_force.interface import FromSettings
from callcentre.messaging.events import TextNotCounted
from callcentre.messaging.facts import NumberOptedOut, SmsAccepted, SmsDelivered, SmsFailed, SmsRefused
from callcentre.messaging.interface import NotTexted, Texts
from callcentre.messaging.model import State as TextState
from callcentre.messaging.settings import SmsSettings
from callcentre.telephony.queue_view.callers import spoken_name
from callcentre.telephony.queue_view.model import CallOver, Conversation, Stage
from callcentre.values.days import day_of
from callcentre.values.names import name_in_text
from callcentre.values.numbers import Refused

if TYPE_CHECKING:
    from callcentre.config.settings import Service, Settings
    from callcentre.config.templates import TextTemplate
    from callcentre.features.surveys.settings import QuestionSettings
    from callcentre.kernel.clock_steps.model import ClockSteps
    from callcentre.kernel.limits.model import Bounds
    from callcentre.kernel.people import People
    from callcentre.kernel.records import Records
    from callcentre.kernel.settings_in_force.interface import SettingsInForce
    from callcentre.messaging.model import TextWanted
    from callcentre.telephony.queue_view.calls import Calls

_NOT_THERE = frozenset({"failed", "rejected", "expired"})
"""The states of a delivery report that say that a text certainly did not reach the phone."""


def went_out(survey: Survey, at: datetime) -> Survey:
    """The survey once the text with its question is out; itself where that is known already."""
    return replace(survey, state=survey.state.went_out(at)) if isinstance(survey.state, Ordered) else survey


QUARANTINE: Final = "quarantine"
"""The reason of a survey whose person was asked not long ago, or is being asked by another daemon."""


def _longest_quarantine(settings: Settings) -> timedelta | None:
    surveys = (service.section(SurveySettings) for service in settings.services.values())
    return max((rules.quarantine for rules in surveys if rules), default=None)


@dataclass(slots=True)
class Asking:
    """The rules for asking."""

    surveys: Surveys
    last_asked: Records[LastAsked]
    in_force: SettingsInForce
    people: People
    calls: Calls
    texts: Texts
    waits_for_callback: Callable[[str], bool]
    """Whether the person with a number (E.164) waits for a callback."""
    steps: ClockSteps
    bounds: Bounds
    _longest: FromSettings[timedelta | None] = field(init=False)
    """The longest quarantine."""

    def __post_init__(self) -> None:
        self._longest = FromSettings(self.in_force, _longest_quarantine)

    # --- which callers, and when -----------------------------------------------------------------

    def over(self, command: CallOver, at: datetime) -> Decision:
        """An answered call has ended: ask the caller later, or say why not."""
        call, asked = command.call, self._asked_about(command)
        rules = None if asked is None else self._rules(asked.service)
        if asked is None or rules is None:
            return NOTHING
        token = self._token(call.call)
        if name_of(token) in self.surveys:
            return NOTHING
        verdict = self.in_force.numbers.may_text(call.number)
        number = call.number if isinstance(verdict, Refused) else verdict.e164
        survey = Survey(
            survey=name_of(token), service=asked.service, queue=asked.queue, call=call.call, agent=asked.agent,
            agent_name=asked.agent_name, number=number, caller=self.people.caller(number),
            caller_name=spoken_name(call), wait=asked.wait, talk=asked.talk, ended_at=min(command.at, at),
        )  # fmt: skip
        due = self._send_at(survey, rules, survey.ended_at + rules.after)
        reason = self._skip(survey, rules, due or at, at)
        if isinstance(verdict, Refused):
            reason = verdict.reason.value
        if reason is None and due is None:
            reason = "stale"
        if reason is not None or due is None:
            return Decision(facts=(self.fact(SurveySkipped, survey, reason=reason),))
        due_before = (s for s in self.surveys.of_caller(survey.caller) if isinstance(s.state, Due))
        decision = sum((self.ended(earlier, "called_again") for earlier in due_before), NOTHING)
        # A time later than the pause after the call is a time of day: the next one at which the text may go out.
        timer = SetTimer(SurveyDue(survey=survey.survey), due, wall=due != survey.ended_at + rules.after)
        return decision + Decision(changes=(Put(survey),), timers=(timer,))

    def _token(self, call: str) -> str:
        return token_of(self.people.key, call, self.in_force.settings.section(NodeSettings).node)

    def _asked_about(self, command: CallOver) -> Conversation | None:
        """The conversation that the caller is asked about: the last one long enough for its service's survey.

        When none was long enough, the last one of a service with a survey, which is then skipped. None when no service
        of the call has a survey.
        """
        call = command.call
        conversations = command.conversations
        if not conversations and call.stage is Stage.TALKING:
            alone = Conversation(
                service=call.service, queue=call.queue, agent=call.agent, agent_name=call.agent_name, wait=command.wait,
                talk=command.talk,
            )  # fmt: skip
            conversations = (alone,)
        surveyed = [(one, rules) for one in conversations if (rules := self._rules(one.service)) is not None]
        long_enough = [one for one, rules in surveyed if one.talk >= rules.min_talk.total_seconds()]
        return long_enough[-1] if long_enough else surveyed[-1][0] if surveyed else None

    def _skip(self, survey: Survey, rules: SurveySettings, due: datetime, at: datetime) -> str | None:
        last = self.last_asked.get(survey.caller)
        reason = skip(
            rules,
            talk=survey.talk,
            opted_out=self.texts.is_opted_out(survey.caller),
            last_asked=None if last is None else last.at,
            open_already=self._open_already(survey),
            sampled=sampled(self.people.key, survey.call, rules.sample),
            due=due,
        )
        ahead = at - self.steps.confirmed(at)
        return QUARANTINE if reason is None and self._quarantined(survey, rules, due - ahead) else reason

    def _quarantined(self, survey: Survey, rules: SurveySettings, at: datetime) -> bool:
        last = self.last_asked.get(survey.caller)
        last_asked, open_already = None if last is None else last.at, self._open_already(survey)
        return quarantined(rules.quarantine, last_asked=last_asked, open_already=open_already, at=at)

    def _open_already(self, survey: Survey) -> bool:
        others = self.surveys.of_caller(survey.caller)
        return any(other.is_open for other in others if other.survey != survey.survey)

    def _send_at(self, survey: Survey, rules: SurveySettings, at: datetime) -> datetime | None:
        settings = self.in_force.settings
        quiet_hours = settings.section(SmsSettings).quiet_hours
        return send_at(
            rules.between, quiet_hours, at, zone=settings.services[survey.service].timezone,
            quiet_zone=settings.timezone, before=stale_at(rules, survey.ended_at),
        )  # fmt: skip

    def due(self, timer: SurveyDue, at: datetime) -> Decision:
        """It is time to ask."""
        survey = self.surveys.get(timer.survey)
        return NOTHING if survey is None or not isinstance(survey.state, Due) else self._first(survey, at)

    def _first(self, survey: Survey, at: datetime) -> Decision:
        """Send the first question, if everything that held at the end of the call still holds."""
        rules = self._rules(survey.service)
        if rules is None:
            return self.ended(survey, "configuration")
        moment = self._send_at(survey, rules, at)
        if moment is None:
            return self.ended(survey, "stale")
        if moment > at:
            return Decision(timers=(SetTimer(SurveyDue(survey=survey.survey), moment, wall=True),))
        reason = self._why_not_now(survey, rules, at)
        if reason is not None:
            return self.ended(survey, reason)
        if rules.questions:
            return self.question(survey, rules.questions[0], at)
        return self._link(survey, rules, at)

    def _why_not_now(self, survey: Survey, rules: SurveySettings, at: datetime) -> str | None:
        verdict = self.in_force.numbers.may_text(survey.number)
        if isinstance(verdict, Refused):
            return verdict.reason.value
        # A clock that was set forward by mistake ends nobody's quarantine.
        if any(self._quarantined(survey, rules, moment) for moment in (at, self.steps.confirmed(at))):
            return QUARANTINE
        if self._on_the_line(survey.number):
            return "called_again"
        if self.waits_for_callback(survey.number):
            return "callback_open"
        return None

    def _on_the_line(self, number: str) -> bool:
        """Whether this person waits or talks right now. The matter is not over, and that call is asked about."""
        region = self.in_force.settings.region
        present = any(call.stage is not Stage.LEFT for call in self.calls.of_number(number, region))
        return present or any(self.calls.entering_of_number(number, region))

    # --- the text --------------------------------------------------------------------------------

    def question(self, survey: Survey, question: QuestionSettings, at: datetime) -> Decision:
        """Order the text with this question."""
        sender = self.in_force.settings.section(SmsSettings).reply_number
        rules, service = self._rules(survey.service), self._service(survey.service)
        if rules is None or service is None or sender is None:
            return self.ended(survey, "configuration")
        heard = None if isinstance(survey.state, Due) else survey.state.heard
        ordered = Ordered(question=question.id, sender=sender, heard=heard, asked_at=at)
        asking = replace(survey, state=ordered, place=survey.place + 1)
        return self._order(survey, asking, rules, question.text, self.words(survey, service), sender, at)

    def words(self, survey: Survey, service: Service) -> Mapping[str, str]:
        """The variables of a survey's text."""
        # A survey that an older version stored has the name as the PBX had it.
        name = name_in_text(survey.caller_name)
        return {"service": service.title, "agent": survey.agent_name or "", "name": name}

    def _link(self, survey: Survey, rules: SurveySettings, at: datetime) -> Decision:
        """Order the text with the link. Its values come from outside and are part of a URL, so they are encoded."""
        sender = self.in_force.settings.section(SmsSettings).sender
        asking = replace(survey, state=Ordered(sender=sender, asked_at=at), place=survey.place + 1)
        values = {
            "token": self._token(survey.call),
            "agent": survey.agent_name or survey.agent or "",
            "service": survey.service,
            "call": survey.call,
        }
        if rules.link is None:
            return self.ended(survey, "configuration")
        encoded = {name: quote(value, safe="") for name, value in values.items()}
        return self._order(survey, asking, rules, rules.link, encoded, sender, at)

    def _order(
        self, survey: Survey, asking: Survey, rules: SurveySettings, template: TextTemplate, words: Mapping[str, str],
        sender: str | None, at: datetime,
    ) -> Decision:  # fmt: skip
        text = self.text(asking, template, words, asking.message, sender, at)
        if isinstance(text, NotTexted):
            return self.ended(survey, text.reason)
        guarded = asking.place == 1 and bool(rules.quarantine)
        turn = self._turn(asking, at) if guarded else None
        if guarded and turn is None:
            return self.ended(survey, QUARANTINE)
        return Decision(
            changes=(Put(asking),) if turn is None else (Put(asking), turn),
            timers=(SetTimer(SurveyExpires(survey=asking.survey), at + rules.expires),),
            commands=(text,),
        )

    def _turn(self, asking: Survey, at: datetime) -> Take | None:
        """Be the one survey to this person since the last; None when another daemon has one on its way today.

        Another daemon may see at the same moment that nobody asks this person.
        """
        kind, day = self._counted(self.last_asked.get(asking.caller), at), day_of(at, self.in_force.settings.timezone)
        lost = TextNotCounted(at=at, message=asking.message, reason=QUARANTINE)
        return self.bounds.take(kind, asking.caller, day, 1, lost)

    def _counted(self, last: LastAsked | None, at: datetime) -> str:
        """What is counted: the surveys to a person since the last one that the person got.

        That one is forgotten once the longest quarantine is over. Then one survey is counted for each such length of
        time: a later one comes in another.
        """
        if last is not None:
            return f"survey since {last.at.isoformat()}"
        longest = self._longest.value or timedelta(days=1)
        return f"survey in {at.timestamp() // longest.total_seconds():.0f}"

    def text(
        self, survey: Survey, template: TextTemplate, words: Mapping[str, str], message: str, sender: str | None,
        at: datetime,
    ) -> TextWanted | NotTexted:  # fmt: skip
        """A text to the person. All texts but the first question answer a text from the person."""
        return self.texts.prepare(
            SURVEY, template, words, message=message, number=survey.number, at=at, sender=sender,
            answers=survey.place > 1 or message != survey.message, service=survey.service, queue=survey.queue,
            call=survey.call,
        )  # fmt: skip

    # --- what becomes of the text ----------------------------------------------------------------

    def sent(self, fact: SmsAccepted | SmsDelivered, at: datetime) -> Decision:
        """The gateway or the phone has the text."""
        survey = self.surveys.of_message(fact.message)
        return NOTHING if survey is None or not isinstance(survey.state, Ordered) else self.out(survey, at)

    def out(self, survey: Survey, at: datetime) -> Decision:
        """The question went out: the person counts as asked, and the time to answer begins."""
        rules = self._rules(survey.service)
        asked = went_out(survey, at)
        question = self.question_of(survey)
        fact = self.fact(
            SurveyAsked, asked, question=survey.question, metric=question.metric if question else None,
            message=survey.message,
        )  # fmt: skip
        expires = rules.expires if rules is not None else timedelta(0)
        return Decision(
            changes=(Put(asked), Put(LastAsked(caller=survey.caller, at=at, survey=survey.survey))),
            facts=(fact,),
            timers=(SetTimer(SurveyExpires(survey=survey.survey), at + expires),),
        )

    def quarantines_began(self, at: datetime) -> datetime | None:
        """The time before which a person was asked longer ago than every quarantine. None when nobody is asked now."""
        longest = self._longest.value
        return None if longest is None else at - longest

    def not_sent(self, fact: SmsRefused | SmsFailed, at: datetime) -> Decision:
        """The text certainly did not reach the phone: nobody was asked. If nobody knows, an answer may come."""
        survey = self.surveys.of_message(fact.message)
        if survey is None or (isinstance(fact, SmsFailed) and fact.reason not in _NOT_THERE):
            return NOTHING
        last = self.last_asked.get(survey.caller)
        forgotten = NOTHING
        if survey.place == 1 and fact.reason != QUARANTINE:
            if last is not None and last.survey == survey.survey:
                forgotten, last = Decision(changes=(Delete(last),)), None
            day = day_of(at, self.in_force.settings.timezone)
            back = self.bounds.give_back(self._counted(last, at), survey.caller, day)
            forgotten += NOTHING if back is None else Decision(changes=(back,))
        return forgotten + self.ended(survey, "undelivered" if isinstance(fact, SmsFailed) else fact.reason)

    def opted_out(self, fact: NumberOptedOut, _at: datetime) -> Decision:
        """A person wants no texts: end the surveys of this person."""
        surveys = self.surveys.of_caller(fact.caller or "")
        return sum((self.ended(one, "opted_out") for one in surveys if not isinstance(one.state, Answered)), NOTHING)

    def erased(self, event: ErasureBegun, _at: datetime) -> Decision:
        """The person is to be erased: the surveys end. That the person was asked stays, so that nobody asks again."""
        decision = NOTHING
        for survey in self.surveys.of_caller(event.erasure.caller):
            if isinstance(survey.state, Answered):
                expires = CancelTimer(SurveyExpires(survey=survey.survey))
                decision += Decision(changes=(Delete(survey),), timers=(expires,))
            else:
                decision += nameless(self.ended(survey, "erased"))
        last = self.last_asked.get(event.erasure.caller)
        return decision if last is None else decision + Decision(changes=(Put(replace(last, survey=None)),))

    # --- the end ---------------------------------------------------------------------------------

    def expires(self, timer: SurveyExpires, at: datetime) -> Decision:
        """The time to answer is over."""
        survey = self.surveys.get(timer.survey)
        if survey is None:
            return NOTHING
        match survey.state:
            case Due():
                return NOTHING
            case Ordered(asked_at=asked_at):
                text, rules = self.texts.get(survey.message), self._rules(survey.service)
                if text is not None and text.state in (TextState.QUEUED, TextState.SENDING) and rules is not None:
                    # The text may still go out, and the time to answer begins then. A fact will say how it ended.
                    return Decision(timers=(SetTimer(SurveyExpires(survey=survey.survey), at + rules.expires),))
                asked = LastAsked(caller=survey.caller, at=asked_at, survey=survey.survey)
                return Decision(changes=(Put(asked),)) + self.ended(survey, "unclear")
            case Asked():
                return self.ended(survey, "no_answer")
            case Answered():
                return Decision(changes=(Delete(survey),))
            case _:
                assert_never(survey.state)

    def ended(self, survey: Survey, reason: str | None) -> Decision:
        """An answer does not count any more: delete the survey and write the fact."""
        nobody_asked = survey.place == 0 or (survey.place == 1 and isinstance(survey.state, Ordered))
        kind = SurveySkipped if nobody_asked and reason != "unclear" else SurveyExpired
        timers = (CancelTimer(SurveyDue(survey=survey.survey)), CancelTimer(SurveyExpires(survey=survey.survey)))
        fact = self.fact(kind, survey, question=survey.question, reason=reason)
        return Decision(changes=(Delete(survey),), facts=(fact,), timers=timers)

    # --- facts -----------------------------------------------------------------------------------

    def fact(self, kind: type[SurveyFact], survey: Survey, **more: Any) -> SurveyFact:
        """A fact about a survey, with the conversation that it is about."""
        about: dict[str, Any] = {**self.people.who(survey.number), **more}
        return kind(
            service=survey.service, queue=survey.queue, call=survey.call, survey=survey.survey, agent=survey.agent,
            agent_name=survey.agent_name, wait=survey.wait, talk=survey.talk, **about,
        )  # fmt: skip

    # --- settings --------------------------------------------------------------------------------

    def question_of(self, survey: Survey) -> QuestionSettings | None:
        """The present question; None for a link, and for a question that is not configured any more."""
        rules = self._rules(survey.service)
        questions = rules.questions or () if rules is not None else ()
        return next((question for question in questions if question.id == survey.question), None)

    def _service(self, name: str) -> Service | None:
        return self.in_force.settings.services.get(name)

    def _rules(self, name: str) -> SurveySettings | None:
        service = self._service(name)
        return None if service is None else service.section(SurveySettings)
