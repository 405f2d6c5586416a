"""When a text is sent, whether it is sent again, and its outcome.

A text is `queued` until its turn, `sending` from the commit that hands it to the gateway on, and deleted at its end:
the journal keeps its facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, assert_never
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from callcentre.kernel.alarm import Alarm
from callcentre.kernel.decision import NOTHING, CancelTimer, Decision, Delete, Put, SetTimer, Take
from callcentre.kernel.effect import Crash
from callcentre.kernel.erasure.events import ErasureBegun
from callcentre.kernel.erasure.rules import nameless
from callcentre.kernel.event import EffectInterrupted
from callcentre.kernel.limits.caps import Caps, caps_of
from callcentre.kernel.limits.model import Bounds, person
from callcentre.kernel.people import People
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.messaging.effects import MOST_AT_ONCE, SendText
from callcentre.messaging.events import (
    Accepted,
    Delivery,
    DeliveryReported,
    Refused,
    TextHandedOver,
    TextNotCounted,
    Unclear,
)
from callcentre.messaging.facts import SmsAccepted, SmsDelivered, SmsFailed, SmsQueued, SmsRefused, TextFact
from callcentre.messaging.model import (
    MOST_UNCLEAR,
    Budget,
    Doubt,
    Exhausted,
    FailedText,
    Kinds,
    Lane,
    NextText,
    OpenTexts,
    Pace,
    State,
    Text,
    TextDue,
    TextTurn,
    TextWanted,
    WithdrawText,
)
from callcentre.messaging.opt_out import OptOutRules
from callcentre.messaging.settings import SmsSettings, TextCaps
from callcentre.values.days import day_of
from callcentre.values.hours import DailyWindow
from callcentre.values.numbers import NumberRefusal
from callcentre.values.sms_text import measure


class Counted(StrEnum):
    """What is counted for each person and day."""

    TEXTS = "texts"
    """Texts to a number."""
    ANSWERS = "answers"
    """Texts among them that answer a text from that number."""
    OF_ORGANISATION = "texts of organisation"
    """Texts of all services of an organisation."""


FIRST_PAUSE: Final = timedelta(seconds=1)
LONGEST_PAUSE: Final = timedelta(minutes=5)
"""The longest pause between tries to hand over a text that certainly did not arrive. Pauses double up to it."""

UNCLEAR_PAUSE: Final = timedelta(seconds=5)
"""The pause after a try that may have arrived, doubled each time.

A delivery report in it makes the next try needless.
"""

BUDGET_ALARM: Final = Alarm(
    reason="sms_budget",
    when="`sms.per_day` is used up, or for welcomes and surveys nine tenths of it: texts are refused until midnight",
    until="with the first text of another day",
    remedy="look to whom so many texts go; raise the cap",
)
UNCLEAR_ALARM: Final = Alarm(
    reason="sms_unclear",
    when="two or more texts in a row were given up because nobody knows whether they arrived, and the gateway accepted "
    "none between them",
    until="the gateway accepts a text",
    remedy="the diagnostics (`sms.not_accepted`) say what the gateway answered; look at it, and at a proxy before it: "
    "people may get a text three times, or none",
)
ALARMING: Final = 2
"""This many texts in a row given up with an unclear outcome raise the alarm: a single one may be an accident."""

CATCH_UP: Final = timedelta(milliseconds=100)
"""A turn that came late moves the next ones this much at most: the rate holds, and no burst follows a long halt."""

OVERTAKING: Final = 9
"""After so many texts in a row that went before an older one of a later lane, the oldest of all goes."""

KEPT_BACK: Final = 10
"""One of so many texts of a day is for promised texts: welcomes and surveys do not use up what those need."""

LEFT_FREE: Final = 10
"""Of `MOST_AT_ONCE` hand-overs, these are for promised texts: others leave connections of a slow gateway free."""

_LOOK_AGAIN: Final = timedelta(seconds=1)
"""When the line is looked at again although no hand-over has ended."""

REPORT_WITHIN: Final = timedelta(hours=48)
"""After this time no report is expected: operators keep trying to reach a phone for a day or two."""

# --- functions without state ---------------------------------------------------------------------


def quiet_until(quiet: DailyWindow | None, at: datetime, zone: ZoneInfo) -> datetime:
    """When a text that is ready at `at` may be sent: at once, or at the end of the quiet hours."""
    return quiet.next_end(at, zone) if quiet is not None and quiet.contains(at, zone) else at


def pause_before(attempt: int) -> timedelta:
    """How long to wait before hand-over number `attempt` + 1, when none before it can have arrived."""
    doubled: int = 2 ** min(attempt - 1, 10)
    return min(FIRST_PAUSE * doubled, LONGEST_PAUSE)


def pause_after_unclear(unclear: int) -> timedelta:
    """How long to wait for a delivery report after try number `unclear` that may have arrived."""
    doubled: int = 2 ** (unclear - 1)
    return UNCLEAR_PAUSE * doubled


def texts_of_day(lane: Lane, per_day: int) -> int:
    """How many texts may have been requested on a day for another one of this lane: the rest is for promised texts."""
    return per_day if lane is Lane.PROMISED else per_day - per_day // KEPT_BACK


def next_in_line(
    first: Iterable[tuple[Lane, Text]], overtaken: int, promised: int, others: int
) -> tuple[Text | None, int]:
    """The text to be handed over next, and what `overtaken` is after it. None: no text may be handed over.

    `first` are the first texts in line, each with its lane; `promised` and `others` count the hand-overs that have not
    ended.
    """
    if promised + others >= MOST_AT_ONCE:
        return None, overtaken
    full = others >= MOST_AT_ONCE - LEFT_FREE
    waiting = [(lane, text.wanted_at, text.message, text) for lane, text in first if lane is Lane.PROMISED or not full]
    if not waiting:
        return None, overtaken
    oldest = min(waiting, key=lambda each: each[1:3])[3]
    text = oldest if overtaken >= OVERTAKING else min(waiting, key=lambda each: each[:3])[3]
    return text, 0 if text is oldest else overtaken + 1


def _may_be_sent_again(text: Text) -> Decision:
    """Staff may send the text again for some time."""
    kept = FailedText(
        message=text.message, number=text.number, sender=text.sender, body=text.body, at=text.wanted_at,
        service=text.service, queue=text.queue, call=text.call, callback=text.callback,
    )  # fmt: skip
    return Decision(changes=(Put(kept),))


# --- the rules -----------------------------------------------------------------------------------


class Outbound:
    """The rules for texts to phones."""

    def __init__(
        self,
        rules: SettingsInForce,
        people: People,
        texts: OpenTexts,
        kinds: Kinds,
        opt_out: OptOutRules,
        bounds: Bounds,
    ) -> None:
        self._rules = rules
        self._people = people
        self._texts = texts
        self._kinds = kinds
        self._opt_out = opt_out
        self._bounds = bounds
        self._caps = Caps(rules, bounds)

    # --- requests --------------------------------------------------------------------------------

    def wanted(self, request: TextWanted, at: datetime) -> Decision:
        """A feature requests a text: queue it, or say why not."""
        if request.message in self._texts.open:
            return NOTHING
        size = measure(request.body)
        text = Text(
            message=request.message, kind=str(request.kind), number=request.number, sender=request.sender,
            body=request.body, parts=size.parts, state=State.QUEUED, wanted_at=at, answers=request.answers,
            service=request.service, queue=request.queue, call=request.call, callback=request.callback,
        )  # fmt: skip
        if reason := self.no_longer_wanted(text, at):
            return Decision(facts=(self._fact(SmsRefused, text, reason),))
        counted, reason = self._counted(text, at)
        if reason is not None:
            return counted + Decision(facts=(self._fact(SmsRefused, text, reason),))
        queued = Decision(facts=(self._fact(SmsQueued, text),))
        return counted + queued + self._when_free(text, at)

    def withdrawn(self, request: WithdrawText, _at: datetime) -> Decision:
        """The component that requested a text no longer wants it."""
        text = self._texts.open.get(request.message)
        if text is None or text.state is not State.QUEUED:
            return NOTHING
        return self._end(SmsRefused, text, request.reason)

    def no_longer_wanted(self, text: Text, at: datetime) -> str | None:
        """Why a text that is about to be sent must not be; None when it may."""
        if text.number in self._rules.numbers.own:
            return NumberRefusal.OWN_NUMBER.value
        if self._opt_out.opt_outs.is_opted_out(self._people.caller(text.number)):
            return "opted_out"
        if at >= self._kinds.stale_at(text):
            return "stale"
        still_wanted = self._kinds.of(text).still_wanted
        return None if still_wanted is None else still_wanted(text, at)

    def unwanted(self, message: str, at: datetime) -> str | None:
        """Why the text with this `message` must not be sent, None while it may; called just before the hand-over."""
        text = self._texts.open.get(message)
        return "ended" if text is None else self.no_longer_wanted(text, at)

    def erased(self, event: ErasureBegun, _at: datetime) -> Decision:
        """The person is to be erased: no text to the number goes out, and no report is awaited any more."""
        decision = NOTHING
        for text in [text for text in self._texts.open.values() if text.number == event.erasure.number]:
            fact = SmsFailed if text.attempts else SmsRefused
            decision += nameless(self._end(fact, text, "erased"))
        kept = tuple(Delete(text) for text in self._texts.failed_to.all(event.erasure.number))
        return decision + Decision(changes=kept)

    # --- limits ----------------------------------------------------------------------------------

    def _counted(self, text: Text, at: datetime) -> tuple[Decision, str | None]:
        """Count one try that may arrive, for the number and for the day; or return why there must be none."""
        sms = self._rules.settings.section(SmsSettings)
        day = day_of(at, self._rules.settings.timezone)
        who, most = person(self._people.key, text.number), sms.per_number_per_day
        lost = TextNotCounted(at=at, message=text.message, reason="per_number")
        counts = [self._bounds.take(Counted.TEXTS, who, day, most, lost)]
        if text.answers:
            counts.append(self._bounds.take(Counted.ANSWERS, who, day, most // 2, lost))
        if None in counts:
            return NOTHING, "per_number"
        budget, limit = self._texts.budget.get(day), texts_of_day(self._kinds.lane_of(text), sms.per_day)
        used = 0 if budget is None else budget.used
        if used >= limit:
            return self._exhausted(day), "budget"
        caps = caps_of(self._rules.settings, text.service, TextCaps)
        most_of_ours = None if caps is None else caps.texts_per_day
        if self._caps.reached(Counted.OF_ORGANISATION, text.service, most_of_ours, at):
            return NOTHING, "cap"
        ours = self._caps.take(Counted.OF_ORGANISATION, text.service, most_of_ours, at, replace(lost, reason="cap"))
        one_more = Take(Budget(day=day, used=used + 1), "used", most=limit, lost=replace(lost, reason="budget"))
        changes = (one_more, *ours, *(count for count in counts if count is not None))
        return Decision(changes=changes) + self._affordable(day), None

    def _exhausted(self, day: str) -> Decision:
        """The texts of a day are used up: raise the alarm, unless it is raised for this day."""
        before = self._texts.exhausted.only
        if before is not None and before.day == day:
            return NOTHING
        over = () if before is None else (BUDGET_ALARM.cleared(),)
        return Decision(changes=(Put(Exhausted(day=day)),), facts=(*over, BUDGET_ALARM.raised()))

    def _affordable(self, day: str) -> Decision:
        """A text of a day may go out: the alarm of an earlier day is over."""
        before = self._texts.exhausted.only
        if before is None or before.day == day:
            return NOTHING
        return Decision(changes=(Delete(before),), facts=(BUDGET_ALARM.cleared(),))

    def not_counted(self, event: TextNotCounted, at: datetime) -> Decision:
        """Another daemon has used up what this text was counted for: it is not sent, nor tried again."""
        text = self._texts.open.get(event.message)
        over = self._exhausted(day_of(at, self._rules.settings.timezone)) if event.reason == "budget" else NOTHING
        return over if text is None else over + self._given_up(text, event.reason)

    # --- hand-over -------------------------------------------------------------------------------

    def _when_free(self, text: Text, at: datetime) -> Decision:
        """The text is ready: it waits in line for its turn, or for the end of quiet hours."""
        ready = self._quiet_until(at)
        if ready > at:
            return self._later(text, ready, wall=True)
        waits = Put(replace(text, state=State.QUEUED, in_line=True))
        joins = Decision(changes=(waits,), commands=(NextText(at=at),))
        pace = self._pace(at)
        if pace.free_at >= at or self._texts.line.groups():
            return joins
        # The gateway was free while nothing waited: that is no reason to hand over more now.
        return Decision(changes=(Put(replace(pace, free_at=at)),)) + joins

    def _later(self, text: Text, due: datetime, *, wall: bool = False) -> Decision:
        if due >= self._kinds.stale_at(text):
            return self._given_up(text, "stale")
        held = replace(text, state=State.QUEUED, in_line=False)
        return Decision(changes=(Put(held),), timers=(SetTimer(TextDue(text.message), due, wall=wall),))

    def _quiet_until(self, at: datetime) -> datetime:
        return quiet_until(self._rules.settings.section(SmsSettings).quiet_hours, at, self._rules.settings.timezone)

    def _pace(self, at: datetime) -> Pace:
        return self._texts.pace.only or Pace(free_at=at)

    def turn(self, _timer: TextTurn, at: datetime) -> Decision:
        """The timer of the turn is used up: no text may count on it, not even one of an event that began before."""
        pace = self._texts.pace.only
        used = NOTHING if pace is None else Decision(changes=(Put(replace(pace, turn_at=None)),))
        return used + Decision(commands=(NextText(at=at),))

    def next(self, _request: NextText, at: datetime) -> Decision:
        """Hand over the next text in line, if the gateway may get one now; else set the timer for it."""
        pace = self._pace(at)
        text, overtaken = next_in_line(self._first_in_line(), pace.overtaken, *self._under_way())
        if text is None:
            # The end of a hand-over is the next turn. It is not relied on: without a turn no text would ever go out.
            return self._turn(at + _LOOK_AGAIN, at) if self._texts.line.groups() else NOTHING
        if pace.free_at > at:
            return self._turn(pace.free_at, at)
        if reason := self.no_longer_wanted(text, at):
            return self._end(SmsRefused, text, reason) + self._turn(at, at)
        ready = self._quiet_until(at)
        if ready > at:
            return self._later(text, ready, wall=True) + self._turn(at, at)
        between = timedelta(seconds=1 / self._rules.settings.section(SmsSettings).per_second)
        paced = replace(pace, free_at=max(pace.free_at, at - CATCH_UP) + between, overtaken=overtaken)
        return Decision(changes=(Put(paced),), commands=(NextText(at=at),)) + self._hand_over(text)

    def _first_in_line(self) -> Iterator[tuple[Lane, Text]]:
        for group in self._texts.line.groups():
            text = self._texts.line.first(group)
            if text is not None:
                yield self._kinds.lane_of(text), text

    def _under_way(self) -> tuple[int, int]:
        """How many texts are being handed over that were promised, and how many others."""
        sending = self._texts.sending
        promised = sum(
            sending.count(group)
            for group in sending.values()
            if (text := sending.get(group)) is not None and self._kinds.lane_of(text) is Lane.PROMISED
        )
        return promised, self._texts.by_state.count(State.SENDING) - promised

    def _turn(self, due: datetime, at: datetime) -> Decision:
        """Look at the line at `due`, unless a turn before that is set."""
        pace = self._pace(at)
        if pace.turn_at is not None and at < pace.turn_at <= due:
            return NOTHING
        return Decision(changes=(Put(replace(pace, turn_at=due)),), timers=(SetTimer(TextTurn(), due),))

    def _next(self, at: datetime) -> Decision:
        """A hand-over has ended: another may begin."""
        return Decision(commands=(NextText(at=at),)) if self._texts.line.groups() else NOTHING

    def _hand_over(self, text: Text) -> Decision:
        sending = replace(text, state=State.SENDING, in_line=False, attempts=text.attempts + 1)
        effect = SendText(
            message=text.message, number=text.number, sender=text.sender, body=text.body
        )  # fmt: skip
        return Decision(changes=(Put(sending),), effects=(effect,))

    def _end(self, fact: type[TextFact], text: Text, reason: str | None = None) -> Decision:
        """The text has ended: it is deleted, the fact stays."""
        facts, timers = (self._fact(fact, text, reason),), (CancelTimer(TextDue(text.message)),)
        return Decision(changes=(Delete(text),), facts=facts, timers=timers)

    def _given_up(self, text: Text, reason: str) -> Decision:
        """No try is left. The text was certainly not sent only when none of its tries can have arrived."""
        if text.unclear:
            return self._failed(text, "unclear") + self._count_unclear()
        return self._end(SmsRefused, text, reason) + _may_be_sent_again(text)

    def _failed(self, text: Text, reason: str) -> Decision:
        return self._end(SmsFailed, text, reason) + _may_be_sent_again(text)

    def due(self, timer: TextDue, at: datetime) -> Decision:
        """Quiet hours or a pause have ended, or a report did not come."""
        text = self._texts.open.get(timer.message)
        if text is None:
            return NOTHING
        match text.state:
            case State.QUEUED:
                if reason := self.no_longer_wanted(text, at):
                    return self._end(SmsRefused, text, reason)
                return self._when_free(text, at)
            case State.SENDING:
                return NOTHING
            case State.UNKNOWN:
                return self._failed(text, "unclear")
            case State.ACCEPTED:
                return self._failed(text, "no_report")
            case _:
                assert_never(text.state)

    def handed_over(self, event: TextHandedOver, at: datetime) -> Decision:
        """The gateway answered, or did not. The next text may follow."""
        return self._outcome(event, at) + self._next(at)

    def _outcome(self, event: TextHandedOver, at: datetime) -> Decision:
        text = self._texts.open.get(event.message)
        accepts = self._gateway_accepts() if isinstance(event.outcome, Accepted) else NOTHING
        if text is None or text.state is not State.SENDING:
            return accepts
        match event.outcome:
            case Accepted():
                return accepts + self._accepted(text, at)
            case Refused(opted_out=True):
                return self._opt_out.opted_out(text.number, at, "gateway") + self._end(SmsRefused, text, "opted_out")
            case Refused(reason, permanent):
                if not permanent:
                    return self._later(text, at + pause_before(text.attempts))
                ours = reason == self.no_longer_wanted(text, at)
                return self._end(SmsRefused, text, reason) if ours else self._given_up(text, reason)
            case Unclear():
                return self._unclear(text, at)
            case _:
                assert_never(event.outcome)

    def _accepted(self, text: Text, at: datetime) -> Decision:
        """The gateway has the text. A report says whether the phone gets it."""
        accepted = replace(text, state=State.ACCEPTED, in_line=False)
        return Decision(
            changes=(Put(accepted),),
            facts=(self._fact(SmsAccepted, accepted),),
            timers=(SetTimer(TextDue(text.message), at + REPORT_WITHIN),),
        )

    def interrupted(self, event: EffectInterrupted, at: datetime) -> Decision:
        """The daemon stopped during the hand-over of a text: it is unknown whether it was sent."""
        match event.effect:
            case SendText(message=message):
                text = self._texts.open.get(message)
                sending = text is not None and text.state is State.SENDING
                return self._next(at) + (self._unclear(text, at) if text is not None and sending else NOTHING)
            case _:
                return NOTHING

    def _unclear(self, text: Text, at: datetime) -> Decision:
        """It is unknown whether the gateway has the text.

        Kinds that must arrive are sent again, and kinds that must not come twice are not. A report may still say that
        the text arrived, so neither the next try nor the end comes at once.
        """
        text = replace(text, unclear=text.unclear + 1)
        retries = self._kinds.of(text).policy.crash is Crash.AT_LEAST_ONCE
        due = at + (pause_after_unclear(text.unclear) if retries else REPORT_WITHIN)
        counted = NOTHING
        if retries and text.unclear < MOST_UNCLEAR and due < self._kinds.stale_at(text):
            counted, reason = self._counted(text, at)
            if reason is None:
                return counted + self._later(text, due)
        unknown = replace(text, state=State.UNKNOWN)
        timer = SetTimer(TextDue(text.message), due)
        return counted + Decision(changes=(Put(unknown),), timers=(timer,)) + self._count_unclear()

    def _count_unclear(self) -> Decision:
        """Count one more text that is given up with an unclear outcome; `ALARMING` in a row raise the alarm."""
        before = self._texts.doubt.only or Doubt(texts=0)
        after = replace(before, texts=before.texts + 1, raised=before.texts + 1 >= ALARMING)
        raised = (UNCLEAR_ALARM.raised(),) if after.raised and not before.raised else ()
        return Decision(changes=(Put(after),), facts=raised)

    def _gateway_accepts(self) -> Decision:
        """The gateway accepts texts again: unclear outcomes are counted from zero, and their alarm is cleared."""
        before = self._texts.doubt.only
        if before is None:
            return NOTHING
        return Decision(changes=(Delete(before),), facts=(UNCLEAR_ALARM.cleared(),) if before.raised else ())

    def reported(self, event: DeliveryReported, at: datetime) -> Decision:
        """A delivery report. It changes nothing for a text that has ended, or that is unknown."""
        text = self._texts.open.get(event.message)
        if text is None:
            return NOTHING
        if event.opted_out:
            return self._opt_out.opted_out(text.number, at, "gateway") + self._end(
                SmsFailed, text, event.delivery.value
            )
        match event.delivery:
            case Delivery.DELIVERED:
                return self._end(SmsDelivered, text)
            case Delivery.FAILED | Delivery.REJECTED | Delivery.EXPIRED:
                return self._failed(text, event.delivery.value)
            case Delivery.BUFFERED | Delivery.ACCEPTED:
                # The gateway has it, whatever the answer to its hand-over was: another try would arrive as a second
                # text.
                known = text.state is State.ACCEPTED or not text.attempts
                return NOTHING if known else self._accepted(text, at)
            case _:
                assert_never(event.delivery)

    # --- facts -----------------------------------------------------------------------------------

    def _fact(self, fact: type[TextFact], text: Text, reason: str | None = None) -> TextFact:
        about: dict[str, Any] = {
            "service": text.service,
            "queue": text.queue,
            "call": text.call,
            "callback": text.callback,
            "message": text.message,
            "kind": text.kind,
            "parts": text.parts,
            **self._people.who(text.number),
        }
        return fact(**about, reason=reason)
