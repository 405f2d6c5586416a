"""When a text goes out, whether again, and what became of it; and who wants none.

A text is `queued` until its turn, `sending` from the commit that hands it to the gateway, and gone once it came to an
end: the journal keeps what was.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING, Any, assert_never
from zoneinfo import ZoneInfo

from callcentre.features.notices.interface import may_cancel, why_not_announced
from callcentre.kernel.decision import NOTHING, CancelTimer, Decision, Delete, Put, SetTimer
from callcentre.kernel.effect import Crash
from callcentre.kernel.event import EffectInterrupted, TimerDue
from callcentre.kernel.fact import AlarmCleared, AlarmRaised
from callcentre.kernel.limits.model import Bounded, person
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import (
    Accepted,
    Delivery,
    DeliveryReported,
    Refused,
    TextHandedOver,
    TextReceived,
    Unclear,
)
from callcentre.messaging.facts import (
    NumberOptedIn,
    NumberOptedOut,
    SmsAccepted,
    SmsDelivered,
    SmsFailed,
    SmsQueued,
    SmsReceived,
    SmsRefused,
    TextFact,
)
from callcentre.messaging.model import (
    DELIVERY_POLICIES,
    MOST_UNCLEAR,
    AnswerReceived,
    Budget,
    Doubt,
    Pace,
    Received,
    State,
    Suppression,
    Text,
    TextWanted,
)
from callcentre.messaging.words import OPT_IN, OPT_OUT, OPT_OUT_UNLESS_CANCELS, as_request
from callcentre.telephony.facts import QueueLeft
from callcentre.values.days import day_of
from callcentre.values.hours import DailyWindow
from callcentre.values.numbers import NumberRefusal, caller_hash, number_from_gateway, own_number
from callcentre.values.sms_text import measure
from callcentre.world import World

if TYPE_CHECKING:
    from callcentre.config.settings import Sms

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=1), timedelta(minutes=5)
"""Between tries to hand over a text that surely did not arrive: doubled each time, up to five minutes."""

UNCLEAR_PAUSE = timedelta(seconds=5)
"""After a try that may have arrived, doubled each time: a delivery report that comes meanwhile saves the next try."""

UNCLEAR_ALARM = "sms_unclear"
ALARMING = 2
"""So many texts in a row that were given up with an unclear outcome raise the alarm: one alone may be an accident."""

LIFTED_BY_TEXT = frozenset({"sms", "gateway"})
"""A text may lift only what came by text: gateways refuse texts to a person since that person wrote STOP to them."""

REPORT_WITHIN = timedelta(hours=48)
"""A report that has not come by then does not come: operators keep trying a phone for a day or two."""

REMEMBER_RECEIVED = timedelta(days=3)
"""For so long a text told twice is known to be the same."""

_TIMER = "text "


# --- pure pieces ---------------------------------------------------------------------------------


def quiet_until(quiet: DailyWindow | None, at: datetime, zone: ZoneInfo) -> datetime:
    """When a text that is ready at `at` may go out: at once, or at the end of the quiet hours."""
    return quiet.next_end(at, zone) if quiet is not None and quiet.contains(at, zone) else at


def pause_before(attempt: int) -> timedelta:
    """How long to wait before hand-over number `attempt` + 1, when none before it can have arrived."""
    doubled: int = 2 ** min(attempt - 1, 10)
    return min(FIRST_PAUSE * doubled, LONGEST_PAUSE)


def pause_after_unclear(unclear: int) -> timedelta:
    """How long to wait for a delivery report after the try that, as number `unclear`, may have arrived."""
    doubled: int = 2 ** (unclear - 1)
    return UNCLEAR_PAUSE * doubled


def spend(budget: Budget | None, day: str, limit: int) -> tuple[Budget, bool]:
    """Take one text from the day's budget; False when there is none left."""
    today = budget if budget is not None and budget.day == day else Budget(day=day, used=0)
    if today.used >= limit:
        return replace(today, exhausted=True), False
    return replace(today, used=today.used + 1), True


def no_longer_wanted(world: World, text: Text, at: datetime) -> str | None:
    """Why a text that is about to go out must not; None when it may."""
    if text.number in world.numbers.own:
        return NumberRefusal.OWN_NUMBER.value
    if caller_hash(world.key, text.number) in world.suppressions:
        return "opted_out"
    if at >= text.stale_at:
        return "stale"
    if DELIVERY_POLICIES[text.kind].while_waiting and (text.call is None or not world.calls.is_waiting(text.call)):
        return "left"
    if DELIVERY_POLICIES[text.kind].announces:
        return why_not_announced(world, text.callback, at)
    return None


def about(world: World, text: Text) -> dict[str, Any]:
    """What every fact of a text says."""
    return {
        "service": text.service,
        "queue": text.queue,
        "call": text.call,
        "callback": text.callback,
        "message": text.message,
        "kind": text.kind.value,
        "parts": text.parts,
        **world.who(text.number),
    }


def _fact(fact: type[TextFact], world: World, text: Text, reason: str | None = None) -> TextFact:
    return fact(**about(world, text), reason=reason)


# --- the rules -----------------------------------------------------------------------------------


class Messages:
    """The rules for texts, over the world they look at."""

    def __init__(self, world: World) -> None:
        self._world = world

    # --- out -------------------------------------------------------------------------------------

    def wanted(self, ask: TextWanted, at: datetime) -> Decision:
        """A feature wishes to send a text: queue it, or say why not."""
        world, texts = self._world, self._world.texts
        if ask.message in texts.open:
            return NOTHING
        sms = world.settings.sms
        size = measure(ask.body)
        text = Text(
            message=ask.message, kind=ask.kind, number=ask.number, sender=ask.sender, body=ask.body,
            parts=size.parts, state=State.QUEUED, wanted_at=at, answers=ask.answers, service=ask.service,
            queue=ask.queue, call=ask.call, callback=ask.callback,
        )  # fmt: skip
        if reason := no_longer_wanted(world, text, at):
            return Decision(facts=(_fact(SmsRefused, world, text, reason),))
        counted, reason = self._counted(text, at)
        if reason is not None:
            return counted + Decision(facts=(_fact(SmsRefused, world, text, reason),))
        return counted + Decision(facts=(_fact(SmsQueued, world, text),)) + self._when_free(text, at, sms)

    def _counted(self, text: Text, at: datetime) -> tuple[Decision, str | None]:
        """Count one try that may arrive, for the number and for the day; or why there must be none."""
        world, sms = self._world, self._world.settings.sms
        day = day_of(at, world.settings.timezone)
        who, most = person(world.key, text.number), sms.per_number_per_day
        counts = [world.bounds.take(Bounded.TEXTS, who, day, most)]
        if text.answers:
            counts.append(world.bounds.take(Bounded.ANSWERS, who, day, most // 2))
        if None in counts:
            return NOTHING, "per_number"
        before = world.texts.budget
        budget, affordable = spend(before, day, sms.per_day)
        spent = Decision(changes=(Put(budget),))
        if before is not None and before.exhausted and before.day != day:
            spent += Decision(facts=(AlarmCleared(reason="sms_budget"),))
        if not affordable:
            if before is None or not before.exhausted or before.day != day:
                spent += Decision(facts=(AlarmRaised(reason="sms_budget"),))
            return spent, "budget"
        return spent + Decision(changes=tuple(count for count in counts if count is not None)), None

    def _when_free(self, text: Text, at: datetime, sms: Sms) -> Decision:
        """Hand the text over now, or when quiet hours end and the gateway's pace allows."""
        ready = quiet_until(sms.quiet_hours, at, self._world.settings.timezone)
        if ready > at:
            return self._later(text, ready, wall=True)
        pace = self._world.texts.pace
        turn = at if pace is None else max(at, pace.free_at)
        paced = Decision(changes=(Put(Pace(free_at=turn + timedelta(seconds=1 / sms.per_second))),))
        return paced + (self._hand_over(text) if turn <= at else self._later(text, turn, in_turn=True))

    def _later(self, text: Text, due: datetime, *, in_turn: bool = False, wall: bool = False) -> Decision:
        if due >= text.stale_at:
            return self._given_up(text, "stale")
        key = f"{_TIMER}{'turn ' if in_turn else ''}{text.message}"
        return Decision(changes=(Put(replace(text, state=State.QUEUED)),), timers=(SetTimer(key, due, wall=wall),))

    def _hand_over(self, text: Text) -> Decision:
        sending = replace(text, state=State.SENDING, attempts=text.attempts + 1)
        effect = SendText(
            message=text.message, number=text.number, sender=text.sender, body=text.body
        )  # fmt: skip
        return Decision(changes=(Put(sending),), effects=(effect,))

    def _end(self, fact: type[TextFact], text: Text, reason: str | None = None) -> Decision:
        """The text came to its end: it leaves us, the fact stays."""
        timers = (CancelTimer(f"{_TIMER}{text.message}"), CancelTimer(f"{_TIMER}turn {text.message}"))
        return Decision(changes=(Delete(text),), facts=(_fact(fact, self._world, text, reason),), timers=timers)

    def _given_up(self, text: Text, reason: str) -> Decision:
        """No try is left. Only a text none of whose tries can have arrived was surely not sent."""
        if text.unclear:
            return self._end(SmsFailed, text, "unclear") + self._count_unclear()
        return self._end(SmsRefused, text, reason)

    def due(self, event: TimerDue, at: datetime) -> Decision:
        """A text's turn has come, or its report did not."""
        if not event.key.startswith(_TIMER):
            return NOTHING
        name = event.key.removeprefix(_TIMER)
        in_turn = name.startswith("turn ")
        text = self._world.texts.open.get(name.removeprefix("turn "))
        if text is None:
            return NOTHING
        match text.state:
            case State.QUEUED:
                if reason := no_longer_wanted(self._world, text, at):
                    return self._end(SmsRefused, text, reason)
                return self._hand_over(text) if in_turn else self._when_free(text, at, self._world.settings.sms)
            case State.SENDING:
                return NOTHING
            case State.UNKNOWN:
                return self._end(SmsFailed, text, "unclear")
            case State.ACCEPTED:
                return self._end(SmsFailed, text, "no_report")
            case _:
                assert_never(text.state)

    def handed_over(self, event: TextHandedOver, at: datetime) -> Decision:
        """The gateway answered, or did not."""
        text = self._world.texts.open.get(event.message)
        accepts = self._gateway_accepts() if isinstance(event.outcome, Accepted) else NOTHING
        if text is None or text.state is not State.SENDING:
            return accepts
        match event.outcome:
            case Accepted():
                return accepts + self._accepted(text, at)
            case Refused(opted_out=True):
                return self._opted_out(text.number, at, "gateway") + self._end(SmsRefused, text, "opted_out")
            case Refused(reason, permanent):
                if not permanent:
                    return self._later(text, at + pause_before(text.attempts))
                ours = reason == no_longer_wanted(self._world, text, at)
                return self._end(SmsRefused, text, reason) if ours else self._given_up(text, reason)
            case Unclear():
                return self._unclear(text, at)
            case _:
                assert_never(event.outcome)

    def _accepted(self, text: Text, at: datetime) -> Decision:
        """The gateway has the text; whether the phone gets it, a report is to tell."""
        accepted = replace(text, state=State.ACCEPTED)
        return Decision(
            changes=(Put(accepted),),
            facts=(_fact(SmsAccepted, self._world, accepted),),
            timers=(
                CancelTimer(f"{_TIMER}turn {text.message}"),
                SetTimer(f"{_TIMER}{text.message}", at + REPORT_WITHIN),
            ),
        )

    def interrupted(self, event: EffectInterrupted, at: datetime) -> Decision:
        """We stopped while a text was being handed over: nobody knows whether it went out."""
        match event.effect:
            case SendText(message=message):
                text = self._world.texts.open.get(message)
                sending = text is not None and text.state is State.SENDING
                return self._unclear(text, at) if text is not None and sending else NOTHING
            case _:
                return NOTHING

    def _unclear(self, text: Text, at: datetime) -> Decision:
        """Nobody knows whether the gateway has it: what must arrive is sent again, what must not come twice is not.

        A report may still say that it arrived, so neither the next try nor the end comes at once.
        """
        text = replace(text, unclear=text.unclear + 1)
        retries = DELIVERY_POLICIES[text.kind].crash is Crash.AT_LEAST_ONCE
        due = at + (pause_after_unclear(text.unclear) if retries else REPORT_WITHIN)
        counted = NOTHING
        if retries and text.unclear < MOST_UNCLEAR and due < text.stale_at:
            counted, reason = self._counted(text, at)
            if reason is None:
                return counted + self._later(text, due)
        unknown = replace(text, state=State.UNKNOWN)
        timer = SetTimer(f"{_TIMER}{text.message}", due)
        return counted + Decision(changes=(Put(unknown),), timers=(timer,)) + self._count_unclear()

    def _count_unclear(self) -> Decision:
        """Count one more text that is given up with an unclear outcome; `ALARMING` in a row raise the alarm."""
        before = self._world.texts.doubt or Doubt(texts=0)
        after = replace(before, texts=before.texts + 1, raised=before.texts + 1 >= ALARMING)
        raised = (AlarmRaised(reason=UNCLEAR_ALARM),) if after.raised and not before.raised else ()
        return Decision(changes=(Put(after),), facts=raised)

    def _gateway_accepts(self) -> Decision:
        """The gateway accepts texts again: texts whose outcome is unclear are counted anew, and their alarm is over."""
        before = self._world.texts.doubt
        if before is None:
            return NOTHING
        return Decision(changes=(Delete(before),), facts=(AlarmCleared(reason=UNCLEAR_ALARM),) if before.raised else ())

    def reported(self, event: DeliveryReported, at: datetime) -> Decision:
        """A delivery report: for a text that came to its end, or is nobody's, it says nothing new."""
        text = self._world.texts.open.get(event.message)
        if text is None:
            return NOTHING
        if event.opted_out:
            return self._opted_out(text.number, at, "gateway") + self._end(SmsFailed, text, event.delivery.value)
        match event.delivery:
            case Delivery.DELIVERED:
                return self._end(SmsDelivered, text)
            case Delivery.FAILED | Delivery.REJECTED | Delivery.EXPIRED:
                return self._end(SmsFailed, text, event.delivery.value)
            case Delivery.BUFFERED | Delivery.ACCEPTED:
                # The gateway has it, whatever came of the answer to its hand-over: another try would come twice.
                known = text.state is State.ACCEPTED or not text.attempts
                return NOTHING if known else self._accepted(text, at)
            case _:
                assert_never(event.delivery)

    def left(self, fact: QueueLeft, _at: datetime) -> Decision:
        """A caller waits no more: what was only for somebody waiting is not sent any more."""
        decision = NOTHING
        for name in sorted(self._world.texts.by_call.get(fact.call or "", ())):
            text = self._world.texts.open[name]
            if text.state is State.QUEUED and DELIVERY_POLICIES[text.kind].while_waiting:
                decision += self._end(SmsRefused, text, "left")
        return decision

    # --- in --------------------------------------------------------------------------------------

    def received(self, event: TextReceived, at: datetime) -> Decision:
        """A text from a phone: told once, and obeyed at once when it says stop."""
        source = f"{event.gateway} {event.gateway_id}"
        known = self._world.texts.received
        if source in known:
            return NOTHING
        # The oldest stand first: a flood of texts must not look at all of them each time.
        old = takewhile(lambda told: at - told.at > REMEMBER_RECEIVED, known.values())
        forgotten = tuple(Delete(told) for told in old)
        number = number_from_gateway(event.sender, self._world.settings.region)
        decision = Decision(
            changes=(*forgotten, Put(Received(source=source, at=at))),
            facts=(SmsReceived(**self._world.who(number or event.sender)),),
        )
        return decision if number is None else decision + self._opt(event, number, at)

    def _opt(self, event: TextReceived, number: str, at: datetime) -> Decision:
        """Obey what a text says of texts themselves, and what the gateway took it for; the rest is for the features."""
        request = as_request(event.body)
        recipient = own_number(event.recipient, self._world.settings.region)
        answer = Decision(commands=(AnswerReceived(at=at, number=number, recipient=recipient, body=event.body),))
        cancels = request in OPT_OUT_UNLESS_CANCELS and may_cancel(self._world, number, recipient, event.body)
        if event.taken_as == "stop":
            # The gateway sends this person nothing more, whatever the word means here: it may cancel a callback too.
            return self._opted_out(number, at, "gateway") + (answer if cancels else NOTHING)
        if cancels:
            return answer
        if request in OPT_OUT or request in OPT_OUT_UNLESS_CANCELS:
            return self._opted_out(number, at, "sms")
        if event.taken_as == "start" or request in OPT_IN:
            return self._opted_in(number, by="gateway" if event.taken_as else "sms")
        return answer

    def _opted_out(self, number: str, at: datetime, by: str) -> Decision:
        """No text goes to this number any more."""
        caller = caller_hash(self._world.key, number)
        if caller in self._world.suppressions:
            return NOTHING
        wish = Suppression(caller=caller, at=at, by=by)
        return Decision(changes=(Put(wish),), facts=(NumberOptedOut(by=by, **self._world.who(number)),))

    def _opted_in(self, number: str, by: str) -> Decision:
        """Texts may go to this number again, unless somebody else than the person ended them."""
        wish = self._world.suppressions.get(caller_hash(self._world.key, number))
        if wish is None or wish.by not in LIFTED_BY_TEXT:
            return NOTHING
        return Decision(changes=(Delete(wish),), facts=(NumberOptedIn(by=by, **self._world.who(number)),))
