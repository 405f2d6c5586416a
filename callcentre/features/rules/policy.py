"""When the administrator's rules change."""

from __future__ import annotations

from datetime import datetime

from callcentre.domain.decisions import Decision, Put
from callcentre.domain.events import SettingsChanged
from callcentre.domain.world import RulesInForce


def changed(event: SettingsChanged, _at: datetime) -> Decision:
    """The next event is decided by these rules; what was decided stays decided."""
    return Decision(changes=(Put(RulesInForce(settings=event.settings)),))
