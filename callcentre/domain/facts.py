"""What became true, in the past tense: the journal, the log and all statistics are made of these.

A fact carries no time and no id of its own: the engine stamps both when it is written, so that a line reads
`{"event": "queue.joined", "at": …, "id": …, …}`. Waits and talks are seconds, with decimals. A fact's
name and fields, once shipped, keep their meaning.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Fact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="event"):
    """Base of all facts: what they are about, where it applies.

    `call` is Asterisk's unique id of the caller's channel, `number` is masked, `caller` a keyed hash that tells
    callers apart, `agent` a device such as `PJSIP/agent1`.
    """

    service: str | None = None
    queue: str | None = None
    call: str | None = None
    callback: str | None = None
    message: str | None = None
    survey: str | None = None
    agent: str | None = None
    agent_name: str | None = None
    number: str | None = None
    caller: str | None = None
    reason: str | None = None
    by: str | None = None

    @property
    def name(self) -> str:
        """The fact's public name, such as `queue.joined`."""
        return str(self.__struct_config__.tag)

    def fields(self) -> dict[str, Any]:
        """What the fact says beyond its name, without what does not apply."""
        return {name: value for name in self.__struct_fields__ if (value := getattr(self, name)) is not None}


# --- the queue -----------------------------------------------------------------------------------


class QueueJoined(Fact, frozen=True, tag="queue.joined"):
    """A caller waits at `position` of `waiting` callers, the caller included.

    `estimated_wait` is what we would have told them then, in seconds; None when nobody could tell.
    """

    position: int
    waiting: int
    estimated_wait: float | None = None


class QueueLeft(Fact, frozen=True, tag="queue.left"):
    """A caller waits no more; `reason` is answered, abandoned, timeout, key, full, …"""

    wait: float
    position: int | None = None


class QueueAnswered(Fact, frozen=True, tag="queue.answered"):
    """An agent took the call after `wait` seconds."""

    wait: float
    position: int | None = None


class CallEnded(Fact, frozen=True, tag="call.ended"):
    """The caller's channel is gone: it waited and talked for so many seconds in all."""

    wait: float
    talk: float


# --- callbacks -----------------------------------------------------------------------------------


class CallbackFact(Fact, frozen=True):
    """Base of what is said of a callback; `attempt` counts the calls to the customer from 1."""

    position: int | None = None
    attempt: int | None = None


class CallbackOffered(CallbackFact, frozen=True, tag="callback.offered"):
    """A caller at `position` was offered a callback."""


class CallbackRefused(CallbackFact, frozen=True, tag="callback.refused"):
    """A caller was not offered one, or may not have it any more; `reason` says why."""


class CallbackDeclined(CallbackFact, frozen=True, tag="callback.declined"):
    """A caller did not take the offer."""


class CallbackAccepted(CallbackFact, frozen=True, tag="callback.accepted"):
    """A callback is promised: it is on disk. `by` says who took it: customer, api, staff."""


class CallbackDialled(CallbackFact, frozen=True, tag="callback.dialled"):
    """The customer is being called."""


class CallbackNotDialled(CallbackFact, frozen=True, tag="callback.not_dialled"):
    """That call found no way to a network: it does not count as an attempt, and the callback waits as before."""


class CallbackConfirmed(CallbackFact, frozen=True, tag="callback.confirmed"):
    """The customer pressed 1 and wants to be put through."""


class CallbackQueued(CallbackFact, frozen=True, tag="callback.queued"):
    """The customer waits on the line in the queue."""


class CallbackConnected(CallbackFact, frozen=True, tag="callback.connected"):
    """An agent talks with the customer, who waited so long on the line."""

    wait: float = 0.0


class CallbackPostponed(CallbackFact, frozen=True, tag="callback.postponed"):
    """The customer is called later.

    `reason` is busy, no_answer, failed, per_number, call_hours, customer or caller_returned.
    """


class CallbackCompleted(CallbackFact, frozen=True, tag="callback.completed"):
    """The conversation has ended after so many seconds: the promise is kept."""

    talk: float | None = None


class CallbackCancelled(CallbackFact, frozen=True, tag="callback.cancelled"):
    """It is not wanted any more; `by` says who ended it: customer, staff, api, caller_returned, sms or auto_agent.

    The last two are answers to a notice: by text, or by a key.
    """


class CallbackFailed(CallbackFact, frozen=True, tag="callback.failed"):
    """The customer could not be reached; no further attempt follows."""


class CallbackExpired(CallbackFact, frozen=True, tag="callback.expired"):
    """The service closed before its turn."""


# --- notices -------------------------------------------------------------------------------------


class NoticeFact(Fact, frozen=True):
    """Base of what is said of a notice; `by` is sms or voice, `attempt` counts the Auto Agent's calls from 1.

    `call` is the Auto Agent's channel.
    """

    position: int | None = None
    attempt: int | None = None


class NoticeSent(NoticeFact, frozen=True, tag="notice.sent"):
    """Somebody is being told that their callback is near, at `position`."""


class NoticeDelivered(NoticeFact, frozen=True, tag="notice.delivered"):
    """Their phone has the text, or they answered the Auto Agent."""


class NoticeFailed(NoticeFact, frozen=True, tag="notice.failed"):
    """The text or the call did not reach them; another way or attempt may follow."""


class NoticeAnswered(NoticeFact, frozen=True, tag="notice.answered"):
    """They answered; `reason` is cancel, keep, number, refused, exists, unclear or late."""


# --- texts ---------------------------------------------------------------------------------------


class WelcomeSkipped(Fact, frozen=True, tag="welcome.skipped"):
    """No welcome went to this caller; `reason` says why."""


class TextFact(Fact, frozen=True):
    """Base of what is said of a text of ours."""

    kind: str
    parts: int


class SmsQueued(TextFact, frozen=True, tag="sms.queued"):
    """A text of ours is to be sent."""


class SmsAccepted(TextFact, frozen=True, tag="sms.accepted"):
    """The gateway took it."""


class SmsDelivered(TextFact, frozen=True, tag="sms.delivered"):
    """The phone has it."""


class SmsFailed(TextFact, frozen=True, tag="sms.failed"):
    """It was handed over, or may have been, and did not arrive as far as anybody knows."""


class SmsRefused(TextFact, frozen=True, tag="sms.refused"):
    """It was surely not sent: a rule of ours, or the gateway, said no."""


class SmsReceived(Fact, frozen=True, tag="sms.received"):
    """A text came from a phone. Its words are not told."""


class NumberOptedOut(Fact, frozen=True, tag="number.opted_out"):
    """No text goes to this number any more; `by` is sms or gateway."""


class NumberOptedIn(Fact, frozen=True, tag="number.opted_in"):
    """Texts may go to this number again; `by` is sms or gateway."""


# --- surveys -------------------------------------------------------------------------------------


class SurveyFact(Fact, frozen=True):
    """Base of what is said of a survey: which conversation it is about, its `wait` and `talk` in seconds."""

    question: str | None = None
    value: int | None = None
    metric: str | None = None
    wait: float | None = None
    talk: float | None = None


class SurveyAsked(SurveyFact, frozen=True, tag="survey.asked"):
    """A question, or the link to a page, went out to the person."""


class SurveyAnswered(SurveyFact, frozen=True, tag="survey.answered"):
    """A question was answered; `value` is what the answer counts as. `by` is sms, page or api."""


class SurveyInvalid(SurveyFact, frozen=True, tag="survey.invalid"):
    """A text came that is no answer to the question."""


class SurveyCompleted(SurveyFact, frozen=True, tag="survey.completed"):
    """Everything that was asked is answered."""


class SurveyExpired(SurveyFact, frozen=True, tag="survey.expired"):
    """It was asked, and no answer counts any more; `reason` says why."""


class SurveySkipped(SurveyFact, frozen=True, tag="survey.skipped"):
    """This caller was not asked; `reason` says why."""


# --- ourselves -----------------------------------------------------------------------------------


class ClockSet(Fact, frozen=True, tag="clock.stepped"):
    """The wall clock was set forward by `seconds`, back when negative: facts before this are in the time before."""

    seconds: float


class AlarmRaised(Fact, frozen=True, tag="alarm.raised"):
    """Something needs an administrator; `reason` says what."""


class AlarmCleared(Fact, frozen=True, tag="alarm.cleared"):
    """What needed an administrator is over."""


AnyFact = (
    QueueJoined
    | QueueLeft
    | QueueAnswered
    | CallEnded
    | CallbackOffered
    | CallbackRefused
    | CallbackDeclined
    | CallbackAccepted
    | CallbackDialled
    | CallbackNotDialled
    | CallbackConfirmed
    | CallbackQueued
    | CallbackConnected
    | CallbackPostponed
    | CallbackCompleted
    | CallbackCancelled
    | CallbackFailed
    | CallbackExpired
    | NoticeSent
    | NoticeDelivered
    | NoticeFailed
    | NoticeAnswered
    | WelcomeSkipped
    | SmsQueued
    | SmsAccepted
    | SmsDelivered
    | SmsFailed
    | SmsRefused
    | SmsReceived
    | NumberOptedOut
    | NumberOptedIn
    | SurveyAsked
    | SurveyAnswered
    | SurveyInvalid
    | SurveyCompleted
    | SurveyExpired
    | SurveySkipped
    | ClockSet
    | AlarmRaised
    | AlarmCleared
)
