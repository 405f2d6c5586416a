"""Whose call it is that the dialplan hands to us: the first argument of `Stasis()` names its purpose.

A component declares the purposes that are its own. A call with a purpose that no component owns goes on in the
dialplan, as it would if we were not there.
"""

from __future__ import annotations

from datetime import datetime

from callcentre.kernel.component import Owns, Rule, owns
from callcentre.kernel.decision import NOTHING, Decision
from callcentre.telephony.effects import ContinueCall, ReportUnknownPurpose
from callcentre.telephony.events import StasisStarted

PROBE_PURPOSE = "probe"
"""The purpose of the channel that Asterisk is asked through. Nobody is on it."""


def purpose(name: str, rule: Rule[StasisStarted]) -> Owns[StasisStarted]:
    """Declare that calls of `Stasis(app,<name>,…)` are for this rule, and for no other."""
    return owns(StasisStarted, name, rule)


def let_go(event: StasisStarted, _at: datetime) -> Decision:
    """A call with a purpose that nobody owns goes on in the dialplan."""
    return Decision(effects=(ContinueCall(call=event.channel.id), ReportUnknownPurpose(purpose=event.address)))


def answer_probe(_event: StasisStarted, _at: datetime) -> Decision:
    return NOTHING
