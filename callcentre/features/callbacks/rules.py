"""The rules of callbacks: when one may be offered, when it is dialled, what follows an attempt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import TYPE_CHECKING

from callcentre.telephony.queue_view.estimate import ENOUGH_CALLS

if TYPE_CHECKING:
    from callcentre.features.callbacks.model import DialTime
    from callcentre.features.callbacks.settings import DialSettings, OfferSettings
    from callcentre.values.hours import OpeningHours

USUAL_DIAL_TIME = 20.0
"""Seconds from dialling to a pressed key, used until enough calls have been seen."""

POSTPONED = timedelta(minutes=15)
"""How much later a customer who presses 3 is called."""


class Refusal(StrEnum):
    """Why a callback is not offered, or may no longer be promised."""

    OVERLOAD = "overload"
    CLOSED = "closed"
    CLOSING_SOON = "closing_soon"
    SHORT_WAIT = "short_wait"
    FULL = "full"
    NEXT_IN_TURN = "next_in_turn"
    NOT_SERVABLE = "not_servable"
    NUMBER = "number"
    NO_DIALLING = "no_dialling"
    OFFERED_BEFORE = "offered_before"
    CALL_HOURS = "call_hours"
    PER_CALLER = "per_caller"
    PER_NUMBER = "per_number"
    WITHHELD_FULL = "withheld_full"


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """The state of a queue for a caller who would take `place` in it. Waits and times are seconds.

    `wait` is None with nobody on duty. `place` is behind those who are queued now. `ahead` counts everybody who joined
    earlier and is still to be served, so also callbacks in flight, postponed or awaiting a retry. `open_callbacks`
    leaves out customers who talk with an agent. `calls_left` is False once `dialling.per_day` is used up, or the cap of
    the organisation. `cap_reached`: the organisation has all the open callbacks that it may have.
    """

    place: int
    wait: float | None
    ahead: int
    on_duty: int
    handle_time: float
    open_callbacks: int
    calls_left: bool
    cap_reached: bool = False

    def is_full(self, offer: OfferSettings) -> bool:
        """Whether as many callbacks are open as may be."""
        return self.cap_reached or self.open_callbacks >= offer.max_open


def may_offer(
    offer: OfferSettings, dial: DialSettings, hours: OpeningHours, queue: Situation, at: datetime
) -> Refusal | None:
    """Why a callback may not be offered now; None when it may. `at` is aware."""
    if hours.is_open(at) and hours.closes_within(at, offer.until_closing):
        return Refusal.CLOSING_SOON
    if (refusal := may_promise(offer, hours, queue, at)) is not None:
        return refusal
    if queue.wait is not None and queue.wait <= offer.min_wait.total_seconds():
        return Refusal.SHORT_WAIT
    if queue.on_duty and queue.place <= dial.at_position:
        return Refusal.NEXT_IN_TURN
    return None


def may_promise(offer: OfferSettings, hours: OpeningHours, queue: Situation, at: datetime) -> Refusal | None:
    """Why a callback that was offered could not be kept if it were promised now; None when it could.

    `at` is aware. A caller who was offered one in time may accept it also when closing time has come nearer than
    `until_closing` meanwhile, or the wait has become short: neither breaks the promise.
    """
    if not hours.is_open(at):
        return Refusal.CLOSED
    if queue.is_full(offer):
        return Refusal.FULL
    if not queue.calls_left:
        return Refusal.NO_DIALLING
    closes = hours.closes_at(at)
    if closes is not None and queue.on_duty:
        needed = (queue.ahead + 1) * queue.handle_time / queue.on_duty
        if at + timedelta(seconds=needed) > closes:
            return Refusal.NOT_SERVABLE
    return None


def withheld_share(max_open: int) -> int:
    """The most open callbacks of a queue from callers with a withheld number: a fifth of all, at least one."""
    return max(1, max_open // 5)


def most_in_flight(*, ready: int, on_duty: int, dial_time: float, handle_time: float) -> int:
    """The most callbacks of a queue in flight at once: none with nobody on duty.

    Ready agents, plus those who will become free while a customer's phone rings: agents on duty × usual dialling time
    ÷ handle time, rounded, at least one. Handle times below a second count as one.
    """
    if on_duty == 0:
        return 0
    return ready + max(1, round(on_duty * dial_time / max(handle_time, 1.0)))


def dial_time(seen: DialTime | None) -> float:
    """Seconds from dialling to a pressed key: the mean of the latest ones, or the usual."""
    if seen is None or len(seen.seconds) < ENOUGH_CALLS:
        return USUAL_DIAL_TIME
    return sum(seen.seconds) / len(seen.seconds)


def minutes_prompt(wait: float) -> str:
    """The prompt for a wait in seconds: whole minutes, rounded up."""
    minutes = max(1, ceil(wait / 60))
    return f"minutes/{minutes}" if minutes <= 60 else "minutes/more-than-60"


def digit_prompts(number: str) -> tuple[str, ...]:
    """The prompts for a number, digit by digit."""
    return tuple(f"digits/{digit}" for digit in number if digit.isascii() and digit.isdecimal())
