"""The words of facts about callbacks and their notices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from callcentre.features.search.words.reasons import BY, CALL_FAILED, NUMBER, TEXT_FAILED, TEXT_REFUSED
from callcentre.web.fact_words import FactWords
from callcentre.web.words import message as _

CALLBACKS: Final[Sequence[FactWords]] = (
    FactWords(
        event="callback.offered",
        says=(_("A callback was offered, at place %(position)s."), _("A callback was offered.")),
    ),
    FactWords(
        event="callback.refused",
        says=(_("No callback was offered."),),
        reasons={
            "overload": _("Asterisk's events came late: callers went straight into the queue."),
            "closed": _("The service was closed."),
            "closing_soon": _("The service closes soon (offer.until_closing)."),
            "short_wait": _("The estimated wait was short (offer.min_wait)."),
            "full": _("As many callbacks were open as may be (offer.max_open)."),
            "next_in_turn": _("The caller was about to be served anyway."),
            "not_servable": _("Not everybody before this caller could be served before closing."),
            "number": _("The number may not be called, and no other one could be keyed in."),
            "no_dialling": _("No call was left for today (dialling.per_day)."),
            "offered_before": _("This call had been offered a callback already."),
            "call_hours": _("The number may not be called at this hour (numbers.call_hours)."),
            "per_caller": _("The caller had taken the callbacks of the day."),
            "per_number": _("The number had been given the callbacks of the day."),
            "withheld_full": _("Callers with withheld numbers held as many callbacks as they may."),
        },
    ),
    FactWords(
        event="callback.declined",
        says=(_("The caller did not take the callback."),),
        reasons={
            "no_key": _("No key was pressed."),
            "key": _("Another key was pressed."),
            "number": _("The number that was keyed in could not be used."),
            "hung_up": _("The caller hung up."),
            "configuration": _("The configuration has changed meanwhile."),
        },
    ),
    FactWords(
        event="callback.accepted",
        says=(_("A callback was promised, at place %(position)s."), _("A callback was promised.")),
        by=BY,
        state="ok",
    ),
    FactWords(
        event="callback.dialled",
        says=(_("The customer was called: attempt %(attempt)s."), _("The customer was called.")),
    ),
    FactWords(
        event="callback.not_dialled",
        says=(_("The call to the customer found no way. It does not count as an attempt."),),
        reasons=CALL_FAILED,
        state="warning",
    ),
    FactWords(event="callback.confirmed", says=(_("The customer pressed 1 and was put through."),)),
    FactWords(
        event="callback.queued",
        says=(_("The customer waited on the line, at place %(position)s."), _("The customer waited on the line.")),
    ),
    FactWords(
        event="callback.connected",
        says=(_("%(agent)s talked with the customer."), _("An agent talked with the customer.")),
        also=(_("The customer had waited on the line for %(wait)s."),),
        state="ok",
    ),
    FactWords(
        event="callback.postponed",
        says=(_("The customer is to be called later."),),
        reasons={
            **CALL_FAILED,
            "customer": _("The customer asked for a later call."),
            "caller_returned": _("The customer called us at the same time."),
        },
        by=BY,
        state="warning",
    ),
    FactWords(
        event="callback.completed",
        says=(
            _("The conversation was over after %(talk)s. The promise is kept."),
            _("The conversation was over. The promise is kept."),
        ),
        state="ok",
    ),
    FactWords(event="callback.cancelled", says=(_("The callback was cancelled."),), by=BY, state="warning"),
    FactWords(
        event="callback.failed",
        says=(_("The customer was not reached, and is not called again."),),
        reasons={**NUMBER, **CALL_FAILED},
        state="critical",
    ),
    FactWords(
        event="callback.expired",
        says=(_("The callback ended before its turn."),),
        reasons={"closed": _("The service closed, and its callbacks do not outlast closing (at_closing: expire).")},
        state="critical",
    ),
    FactWords(
        event="callback.moved",
        says=(
            _("The callback was moved to place %(position)s."),
            _("The callback was moved to another place."),
        ),
        by=BY,
    ),
    FactWords(event="callback.reassigned", says=(_("The callback was given to another service."),), by=BY),
    FactWords(
        event="notice.sent",
        says=(
            _("The customer learns that the call is near, at place %(position)s."),
            _("The customer learns that the call is near."),
        ),
        by={"sms": _("A text tells it."), "voice": _("The Auto Agent calls to tell it.")},
    ),
    FactWords(
        event="notice.delivered",
        says=(_("The notice reached the customer."),),
        by={"sms": _("The phone has the text."), "voice": _("The customer answered the Auto Agent.")},
        state="ok",
    ),
    FactWords(
        event="notice.failed",
        says=(_("The notice did not reach the customer."),),
        by={"sms": _("It was a text."), "voice": _("It was a call of the Auto Agent.")},
        reasons={**NUMBER, **TEXT_REFUSED, **TEXT_FAILED, **CALL_FAILED},
        state="warning",
    ),
    FactWords(
        event="notice.answered",
        says=(_("The customer answered the notice."),),
        by={"sms": _("The answer came by text."), "voice": _("The answer was a key in the call of the Auto Agent.")},
        reasons={
            "cancel": _("The customer does not want to be called any more."),
            "keep": _("The customer wants to be called."),
            "number": _("The customer wants to be called at another number."),
            "refused": _("The customer named a number that may not be called."),
            "unclear": _("The answer was not understood."),
            "late": _("The answer came too late to change anything."),
        },
    ),
)
