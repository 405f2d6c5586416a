"""A change of the administrator's rules."""

from __future__ import annotations

from datetime import datetime

from callcentre.kernel.decision import Decision, Put
from callcentre.kernel.event import SettingsChanged
from callcentre.kernel.settings_in_force.model import RulesInForce


def changed(event: SettingsChanged, _at: datetime) -> Decision:
    """The next event is decided by these rules; earlier decisions stay."""
    return Decision(changes=(Put(RulesInForce(settings=event.settings)),))
