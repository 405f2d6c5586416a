"""How many callbacks one caller may have: per day, for other numbers, and open at once.

The calling number is only a claim, so a limit per caller stops a careless caller and a simple attack. Against many
forged numbers there is a limit per called number as well. Staff and systems that use `/api` have a token and are not
limited here; `offer.max_open` and the caps of `dialling` and `sms` limit them.
"""

from __future__ import annotations

from datetime import datetime

from callcentre.features.callbacks.model import Counted
from callcentre.features.callbacks.rules import Refusal, withheld_share
from callcentre.features.callbacks.settings import LimitSettings, OfferSettings
from callcentre.features.callbacks.views import Views
from callcentre.kernel.decision import Decision
from callcentre.kernel.limits.model import WITHHELD, person
from callcentre.values.days import day_of
from callcentre.values.numbers import is_withheld, normalise


def caller(views: Views, number: str) -> str:
    """The person who calls from a number as the PBX shows it. Anything but a telephone number counts as withheld."""
    return person(views.people.key, None if is_withheld(number) else normalise(number, views.settings.region))


def why_not(views: Views, who: str, queue: str, offer: OfferSettings, at: datetime) -> Refusal | None:
    """Why this caller may not have a callback in a queue now; None when the caller may."""
    limits = views.settings.section(LimitSettings)
    if views.bounds.used(Counted.OFFERS_TAKEN, who, _day(views, at)) >= limits.callbacks_per_caller_per_day:
        return Refusal.PER_CALLER
    if who == WITHHELD and views.callbacks.withheld_in(queue) >= withheld_share(offer.max_open):
        return Refusal.WITHHELD_FULL
    return None


def may_key_in(views: Views, who: str, at: datetime) -> bool:
    """Whether this caller may still request a callback to another number today."""
    limits = views.settings.section(LimitSettings)
    return views.bounds.used(Counted.OTHER_NUMBERS, who, _day(views, at)) < limits.other_numbers_per_caller_per_day


def may_be_keyed_in(views: Views, number: str, at: datetime) -> bool:
    """Whether others may still request calls to this number (E.164) today."""
    target = person(views.people.key, number)
    limits = views.settings.section(LimitSettings)
    return views.bounds.used(Counted.BY_OTHERS, target, _day(views, at)) < limits.by_others_per_number_per_day


def taken(views: Views, who: str, other: str | None, at: datetime) -> Decision:
    """Count a callback that this caller accepts; `other` is the number (E.164) where it is not the caller's own."""
    limits, day = views.settings.section(LimitSettings), _day(views, at)
    counts = [(Counted.OFFERS_TAKEN, who, limits.callbacks_per_caller_per_day)]
    if other is not None:
        counts.append((Counted.OTHER_NUMBERS, who, limits.other_numbers_per_caller_per_day))
        counts.append((Counted.BY_OTHERS, person(views.people.key, other), limits.by_others_per_number_per_day))
    changes = (views.bounds.take(kind, whose, day, limit) for kind, whose, limit in counts)
    return Decision(changes=tuple(change for change in changes if change is not None))


def _day(views: Views, at: datetime) -> str:
    return day_of(at, views.settings.timezone)
