"""The queue view as a component: which callers wait at which place, and who talks with whom."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from callcentre.kernel.component import Building, Component, on, provides
from callcentre.kernel.erasure.performing import NotNow
from callcentre.kernel.event import Tick
from callcentre.kernel.known_numbers import KnowsNumber
from callcentre.kernel.people import People
from callcentre.kernel.retention.model import Retention
from callcentre.kernel.retention.person import Erased, Person
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.telephony.events import (
    AgentAnswered,
    AgentDialled,
    AsteriskLost,
    BridgeEntered,
    BridgeLeft,
    ChannelCreated,
    ChannelDestroyed,
    ChannelSeen,
    DialplanStep,
    EventsLate,
    HangupRequested,
    KeyPressed,
    QueueNotRead,
    QueueRead,
    QueuesRead,
    StasisEnded,
    StasisStarted,
    Synchronised,
    VariableSet,
)
from callcentre.telephony.queue_view.calls import Calls
from callcentre.telephony.queue_view.catching_up import CatchingUp
from callcentre.telephony.queue_view.ending import Ending
from callcentre.telephony.queue_view.interface import HeldPlaces, QueueView
from callcentre.telephony.queue_view.joining import Joining
from callcentre.telephony.queue_view.leaving import Leaving
from callcentre.telephony.queue_view.moving import Moving
from callcentre.telephony.queue_view.overload import ALARM, OverloadEnds, Overloads
from callcentre.telephony.queue_view.polling import Polling
from callcentre.telephony.queue_view.progress import Progress
from callcentre.telephony.queue_view.readings import Readings
from callcentre.telephony.queue_view.talking import Talking
from callcentre.telephony.stasis.interface import purpose

ON_THE_LINE: Final = "a call with this number is going on; wait for its end"


def _build(building: Building) -> Iterable[Any]:
    view = QueueView(building.need(SettingsInForce), Calls(), building.all(HeldPlaces))
    progress = Progress(view, building.need(People))
    moving = Moving(view, progress)
    joining = Joining(view, progress)
    readings = Readings(view, joining)
    leaving = Leaving(view, joining, progress)
    talking = Talking(view, joining, progress, moving)
    ending = Ending(view, joining, progress, moving)
    catching_up = CatchingUp(view, joining, readings, progress, moving)
    polling = Polling(view)
    overloads = Overloads(view.calls)
    yield provides(view)
    yield KnowsNumber(view.number_of)
    yield from view.calls.collections
    yield Retention(
        view.calls.calls,
        holds="Calls that joined a queue, with number and name",
        keeps="until the call ends",
        why="a restart greets and counts nobody twice",
        person=Person(
            erased=Erased.ENDED, number=("number",), ids=("call",), names=("caller_name", "channel", "name_prefix")
        ),
    )
    yield NotNow(lambda number: ON_THE_LINE if view.is_on_the_line(number) else None)
    yield Retention(
        view.calls.handling,
        holds="The latest talk times of each service",
        keeps="until later ones replace them",
        why="estimated waits",
    )
    yield on(ChannelCreated, joining.created)
    yield on(StasisStarted, joining.handed_to_us)
    yield purpose("enter", polling.enters)
    yield purpose("exit", polling.comes_out)
    yield on(StasisEnded, joining.let_go, polling.gone)
    yield on(DialplanStep, joining.began, joining.stepped)
    yield on(QueueRead, readings.presented, readings.read, polling.read)
    yield on(QueuesRead, readings.presented, readings.all_read, polling.all_read)
    yield on(QueueNotRead, polling.not_read)
    yield on(ChannelSeen, joining.seen)
    yield on(AgentDialled, joining.dialled)
    yield on(AgentAnswered, leaving.agent_answered)
    yield on(HangupRequested, leaving.hangup_requested)
    yield on(KeyPressed, leaving.key_pressed)
    yield on(VariableSet, leaving.variable_set)
    yield on(BridgeEntered, talking.placed, talking.bridge_entered)
    yield on(BridgeLeft, talking.taken_out, talking.bridge_left)
    yield on(ChannelDestroyed, ending.destroyed, polling.gone)
    yield on(AsteriskLost, catching_up.lost, polling.anew)
    yield on(Synchronised, catching_up.channels, catching_up.synchronised, catching_up.passed_on, polling.anew)
    yield on(Tick, polling.ticked)
    yield on(EventsLate, overloads.late)
    yield on(OverloadEnds, overloads.ended)
    yield ALARM


COMPONENT = Component(name="queue_view", build=_build)
