"""Reasons that several kinds of facts have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callcentre.web.words import message as _

NUMBER: Final[Mapping[str, str]] = {
    "withheld": _("The number is withheld."),
    "invalid": _("It is not a valid telephone number."),
    "extension": _("The number has an extension, which cannot be called."),
    "emergency": _("It is an emergency number."),
    "short": _("It is a short number."),
    "own_number": _("It is one of our own numbers."),
    "blocked": _("The number is blocked in the configuration."),
    "foreign": _("Numbers of this country are not allowed in the configuration."),
    "mobile": _("Mobile numbers are not allowed in the configuration."),
    "landline": _("Landlines are not allowed in the configuration, or get no texts."),
    "premium_rate": _("It is a premium rate number."),
    "toll_free": _("It is a toll-free number."),
    "shared_cost": _("It is a shared cost number."),
    "voip": _("It is an internet telephone number."),
    "personal_number": _("It is a personal number."),
    "pager": _("It is the number of a pager."),
    "uan": _("It is the number of a company."),
    "voicemail": _("It is the number of a voicemail service."),
    "unknown_type": _("It is not known what kind of number it is."),
}
"""Why a number is neither dialled nor texted."""

TEXT_FAILED: Final[Mapping[str, str]] = {
    "failed": _("The network could not deliver it."),
    "rejected": _("The network rejected it."),
    "expired": _("The phone could not be reached until the text expired."),
    "no_report": _("No delivery report came within 48 hours."),
    "unclear": _("Nobody knows whether it arrived: the gateway gave no clear answer."),
    "erased": _("The person was erased."),
}
"""Why a text did not arrive."""

TEXT_REFUSED: Final[Mapping[str, str]] = {
    **NUMBER,
    "left": _("The caller had left the queue by then."),
    "stale": _("It was too late to send it."),
    "opted_out": _("The person wants no texts."),
    "budget": _("The texts of the day are used up (sms.per_day)."),
    "per_number": _("This number got enough texts today (sms.per_number_per_day)."),
    "erased": _("The person was erased."),
    "broken_text": _("The text of the configuration could not be filled in."),
    "configuration": _("The configuration has changed meanwhile."),
}
"""Why a text was not sent."""

CALL_FAILED: Final[Mapping[str, str]] = {
    "busy": _("The line was busy."),
    "no_answer": _("Nobody answered, or nobody pressed a key."),
    "failed": _("The call could not be put through."),
    "impossible": _("The network says that this number cannot be reached."),
    "no_route": _("No way to the telephone network was found."),
    "limit": _("Another node had used up the calls meanwhile."),
    "per_day": _("The calls of the day are used up (dialling.per_day)."),
    "per_number": _("This number was called often enough today."),
    "call_hours": _("People are not called at this hour (numbers.call_hours)."),
}
"""Why a call of ours reached nobody."""

BY: Final[Mapping[str, str]] = {
    "customer": _("The customer did it."),
    "staff": _("Staff did it."),
    "api": _("Another system did it."),
    "sms": _("It was done by text."),
    "auto_agent": _("It was done by a key in the call of the Auto Agent."),
    "caller_returned": _("The customer called again, and an agent answered."),
    "page": _("It was done on the survey's page."),
    "gateway": _("The gateway reported it."),
    "voice": _("It was done by a call."),
}
"""Who did something, or by which way."""
