"""Why an open callback waits, what comes next, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callcentre.features.callbacks.interface import NextStep, Phase, Why
from callcentre.web.words import message as _

PHASES: Final[Mapping[str, str]] = {
    Phase.WAITING: _("waits"),
    Phase.RESERVING: _("an agent is rung"),
    Phase.DIALLING: _("rings at the customer"),
    Phase.ASKING: _("the customer has answered"),
    Phase.ACCEPTED: _("the customer waits on the line"),
    Phase.CONNECTED: _("talks with an agent"),
    Phase.RETURNED: _("the customer has called again"),
}

NEXT_STEPS: Final[Mapping[str, str]] = {
    NextStep.DIAL: _("We call the customer."),
    NextStep.ANSWER: _("The customer answers."),
    NextStep.ACCEPT: _("The customer presses 1."),
    NextStep.CONNECT: _("An agent takes the call."),
    NextStep.COMPLETE: _("The conversation ends."),
}

WHY: Final[Mapping[str, str]] = {
    Why.CONFIGURATION: _("The configuration has no callbacks for its service any more: cancel it, or restore them."),
    Why.CLOSED: _("The service is closed."),
    Why.ASTERISK: _("There is no connection to Asterisk."),
    Why.PER_DAY: _("The calls of the day are used up (dialling.per_day)."),
    Why.NO_ROUTE: _("Our calls find no way to the telephone network."),
    Why.NO_AGENT: _("No agent is on duty."),
    Why.CALL_HOURS: _("People are not called at this hour (numbers.call_hours)."),
    Why.PLACE: _("Others are before it in the queue."),
    Why.NOTICE: _("The Auto Agent is on the line with the customer."),
    Why.AGENT: _("It waits for a free agent."),
    Why.IN_FLIGHT: _("It waits for another call of ours to end."),
    Why.TURN: _("It is dialled now."),
    "busy": _("The line was busy."),
    "no_answer": _("Nobody answered, or nobody pressed a key."),
    "failed": _("The call could not be put through."),
    "customer": _("The customer asked for a later call."),
    "caller_returned": _("The customer called us at the same time."),
    "per_number": _("This number was called often enough today."),
    "staff": _("Staff postponed it."),
}
"""By `why` of a listed callback."""
