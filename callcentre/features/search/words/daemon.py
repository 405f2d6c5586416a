"""The words of facts about the daemon itself, and of erasing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from callcentre.web.fact_words import FactWords
from callcentre.web.words import message as _

_ALARMS: Final = {
    "overload": _("Asterisk's events come late: more calls come than the machine carries."),
    "dialling_per_day": _("The calls of the day are used up (dialling.per_day)."),
    "dialling_no_route": _("Our calls find no way to the telephone network."),
    "sms_budget": _("The texts of the day are used up (sms.per_day)."),
    "sms_unclear": _("Nobody knows whether the last texts arrived."),
    "sms_gateway": _("The SMS gateway accepts no texts."),
    "clock_stepped": _("The clock of the machine was set."),
}

DAEMON: Final[Sequence[FactWords]] = (
    FactWords(event="alarm.raised", says=(_("An administrator is needed."),), reasons=_ALARMS, state="critical"),
    FactWords(event="alarm.cleared", says=(_("An alarm is over."),), reasons=_ALARMS, state="ok"),
    FactWords(event="clock.stepped", says=(_("The clock of the machine was set by %(seconds)s."),), state="warning"),
    FactWords(
        event="service.closed",
        says=(_("The service was closed for now, until %(until)s."), _("The service was closed for now.")),
        state="warning",
    ),
    FactWords(
        event="service.opened",
        says=(_("The service follows its opening hours again."),),
        by={"staff": _("Staff did it."), "timer": _("The time was over.")},
        state="ok",
    ),
    FactWords(
        event="report.requested",
        says=(_("The report %(report)s was asked for now."), _("A report was asked for now.")),
    ),
    FactWords(
        event="person.erased",
        says=(_("What was known about a person was erased."),),
        by={"staff": _("Staff did it."), "api": _("Another system did it.")},
    ),
)
