"""Assigns calls that enter Stasis to components: the first argument of `Stasis()` names the purpose.

A component declares the purposes that it owns. A call with a purpose that no component owns continues in the dialplan,
as it would without the daemon.
"""

from __future__ import annotations

from datetime import datetime

from callcentre.kernel.component import Owns, Rule, owns
from callcentre.kernel.decision import NOTHING, Decision
from callcentre.telephony.effects import ContinueCall, ReportUnknownPurpose
from callcentre.telephony.events import StasisStarted

PROBE_PURPOSE = "probe"
"""The purpose of the channel that Asterisk is asked through. There is no person on it."""


def purpose(name: str, rule: Rule[StasisStarted]) -> Owns[StasisStarted]:
    """Declare that this rule, and no other, gets the calls of `Stasis(app,<name>,…)`."""
    return owns(StasisStarted, name, rule)


def let_go(event: StasisStarted, _at: datetime) -> Decision:
    """A call with a purpose that no component owns continues in the dialplan."""
    onwards = ContinueCall(call=event.channel.id, at_once=True)
    return Decision(effects=(onwards, ReportUnknownPurpose(purpose=event.address)))


def answer_probe(_event: StasisStarted, _at: datetime) -> Decision:
    return NOTHING
