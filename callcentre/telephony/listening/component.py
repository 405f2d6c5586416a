"""Supervisors in conversations as a component."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callcentre.kernel.component import Building, Component, on, performs, provides
from callcentre.kernel.event import Tick
from callcentre.kernel.people import People
from callcentre.kernel.program import Program
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.telephony.ari.link import AsteriskLink
from callcentre.telephony.ari.snooping import ListeningActions, Snooping
from callcentre.telephony.events import ChannelDestroyed, OriginateFailed, Synchronised
from callcentre.telephony.listening.effects import RingSupervisor, Snoop
from callcentre.telephony.listening.events import ListeningRequested
from callcentre.telephony.listening.interface import Conversations
from callcentre.telephony.listening.model import Listeners
from callcentre.telephony.listening.rules import ListeningRules
from callcentre.telephony.queue_view.interface import QueueView
from callcentre.telephony.queue_view.model import CallOver
from callcentre.telephony.settings import AriSettings
from callcentre.telephony.stasis.interface import purpose


def _build(building: Building) -> Iterable[Any]:
    listeners, program, link = Listeners(), building.need(Program), building.need(AsteriskLink)
    conversations = Conversations(building.need(QueueView), listeners)
    rules = ListeningRules(conversations, building.need(People))
    app = building.need(SettingsInForce).settings.section(AriSettings).app
    snooping = Snooping(link.client, app, program.clock)
    yield listeners
    yield provides(conversations)
    yield provides(ListeningActions(link.client, conversations))
    yield performs(RingSupervisor, snooping.ring)
    yield performs(Snoop, snooping.snoop)
    yield purpose("listen", rules.answered)
    yield purpose("snoop", rules.snoops)
    yield on(ListeningRequested, rules.requested)
    yield on(ChannelDestroyed, rules.destroyed)
    yield on(OriginateFailed, rules.not_begun)
    yield on(CallOver, rules.call_over)
    yield on(Synchronised, rules.synchronised)
    yield on(Tick, rules.tick)


COMPONENT = Component(name="listening", build=_build)
