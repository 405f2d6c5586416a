"""The live pages as a component."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callcentre.features.callbacks.interface import CallbackList
from callcentre.features.live.interface import RaisedAlarms
from callcentre.features.live.model import LiveRecords
from callcentre.features.live.rules import Counting
from callcentre.features.live.states import States
from callcentre.features.live.web import ENTER, SEE_ALARMS, SEE_BOARD, SEE_LIVE, panels, routes
from callcentre.kernel.component import Building, Component, on, provides
from callcentre.kernel.fact import AlarmCleared, AlarmRaised
from callcentre.kernel.program import Program
from callcentre.kernel.retention.model import Retention
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.messaging.facts import SmsFailed
from callcentre.messaging.interface import Texts
from callcentre.telephony.agents.interface import Agents
from callcentre.telephony.facts import QueueAnswered, QueueJoined, QueueLeft
from callcentre.telephony.queue_view.interface import QueueView
from callcentre.web.live.hub import Hub
from callcentre.web.pages import NavigationEntry, Pages, Templates


def _build(building: Building) -> Iterable[Any]:
    settings = building.need(SettingsInForce)
    records = LiveRecords()
    counting = Counting(settings, records)
    states = States(
        settings, building.need(QueueView), building.need(Agents), building.need(CallbackList), building.need(Texts),
        records, counting,
    )  # fmt: skip
    yield from (ENTER, SEE_LIVE, SEE_BOARD, SEE_ALARMS)
    yield from (records.days, records.alarms)
    yield provides(RaisedAlarms(records))
    yield Retention(
        records.days,
        holds="Figures of the day of each service",
        keeps="until those of the next day replace them",
        why="the live page goes on counting after a restart",
    )
    yield on(QueueJoined, counting.joined)
    yield on(QueueAnswered, counting.answered)
    yield on(QueueLeft, counting.left)
    yield on(SmsFailed, counting.text_failed)
    yield on(AlarmRaised, counting.raised)
    yield on(AlarmCleared, counting.cleared)
    yield Templates("live", "callcentre.features.live")
    yield NavigationEntry("/", "Live", SEE_LIVE, 10)
    yield from panels(states)
    yield from routes(building.need(Pages), building.need(Hub), states, building.need(Program).clock)


COMPONENT = Component(name="live", build=_build)
