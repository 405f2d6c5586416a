"""The words of facts about texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from callcentre.features.search.words.reasons import BY, NUMBER, TEXT_FAILED, TEXT_REFUSED
from callcentre.web.fact_words import FactWords
from callcentre.web.words import message as _

TEXTS: Final[Sequence[FactWords]] = (
    FactWords(
        event="welcome.skipped",
        says=(_("The caller got no welcome text."),),
        reasons={
            **NUMBER,
            "few_waiting": _("Too few callers were waiting (welcome.min_waiting)."),
            "cooldown": _("The caller got one a short time ago (welcome.cooldown)."),
            "opted_out": _("The person wants no texts."),
            "broken_text": _("The text of the configuration could not be filled in."),
            "callback": _("It was our own call to a customer."),
        },
    ),
    FactWords(
        event="sms.queued",
        says=(_("A text is to be sent: %(kind)s."),),
        also=(_("Messages that it takes: %(parts)s."),),
    ),
    FactWords(event="sms.accepted", says=(_("The gateway took the text: %(kind)s."),)),
    FactWords(event="sms.delivered", says=(_("The phone has the text: %(kind)s."),), state="ok"),
    FactWords(
        event="sms.failed",
        says=(_("The text did not arrive: %(kind)s."),),
        reasons=TEXT_FAILED,
        state="critical",
    ),
    FactWords(
        event="sms.refused",
        says=(_("The text was not sent: %(kind)s."),),
        reasons={
            **TEXT_REFUSED,
            "closed": _("The service was closed."),
            "dialled": _("The customer was being called already."),
            "cancelled": _("The callback had been cancelled."),
            "over": _("The callback was over."),
            "voice": _("The Auto Agent tells it instead."),
        },
        state="warning",
    ),
    FactWords(event="sms.received", says=(_("A text came from the person's phone."),)),
    FactWords(
        event="number.opted_out",
        says=(_("The person wants no texts any more."),),
        by=BY,
        state="warning",
    ),
    FactWords(event="number.opted_in", says=(_("The person takes texts again."),), by=BY, state="ok"),
    FactWords(
        event="number.shown",
        says=(_("%(user)s looked at the full number."), _("The full number was looked at.")),
    ),
)

KINDS: Final[Mapping[str, str]] = {
    "welcome": _("welcome"),
    "callback_confirmation": _("confirmation of a callback"),
    "callback_given_up": _("customer not reached"),
    "callback_withdrawn": _("callback cancelled by staff"),
    "staff": _("written by staff"),
    "callback_notice": _("notice before a callback"),
    "callback_cancelled": _("answer to a notice: cancelled"),
    "callback_moved": _("answer to a notice: another number"),
    "notice_refused": _("answer to a notice: number refused"),
    "notice_help": _("answer to a notice: help"),
    "notice_late": _("answer to a notice: too late"),
    "survey": _("survey"),
}
"""Kinds of texts. One without a word is shown by its name."""

STATES: Final[Mapping[str, str]] = {
    "queued": _("waits to be sent"),
    "accepted": _("with the gateway"),
    "delivered": _("delivered"),
    "failed": _("did not arrive"),
    "refused": _("not sent"),
    "received": _("received"),
}
"""How far a text is."""
