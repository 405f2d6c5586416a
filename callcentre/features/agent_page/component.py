"""The agents' page as a component."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callcentre.features.agent_page.events import NoteAdded, NoteEdited, NoteRemoved
from callcentre.features.agent_page.model import NoteRecords
from callcentre.features.agent_page.outside.reading import Reading
from callcentre.features.agent_page.rules import Notes
from callcentre.features.agent_page.states import OwnStates
from callcentre.features.agent_page.web import NAVIGATION, RIGHTS, AgentPages
from callcentre.features.agent_page.words import WORDS
from callcentre.features.callbacks.interface import CallbackList, OpenCallbacks
from callcentre.kernel.component import Building, Component, on
from callcentre.kernel.erasure.events import ErasureBegun
from callcentre.kernel.page_reads.reads import Reads
from callcentre.kernel.people import People
from callcentre.kernel.retention.model import Retention
from callcentre.kernel.retention.person import Erased, Person
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.telephony.agents.interface import Agents
from callcentre.telephony.ari.agent_control import AgentActions
from callcentre.telephony.queue_view.interface import QueueView
from callcentre.telephony.queue_view.model import CallOver
from callcentre.web.pages import Pages, Templates


def _build(building: Building) -> Iterable[Any]:
    settings, people, agents = building.need(SettingsInForce), building.need(People), building.need(Agents)
    records = NoteRecords()
    rules = Notes(records, settings, people)
    states = OwnStates(
        settings=settings, queues=building.need(QueueView), agents=agents, callbacks=building.need(OpenCallbacks),
        people=people, records=records,
    )  # fmt: skip
    pages = AgentPages(
        pages=building.need(Pages), states=states, reading=Reading(building.need(Reads), records),
        callbacks=building.need(CallbackList), agents=agents, actions=building.need(AgentActions),
    )  # fmt: skip
    yield from RIGHTS
    yield from (records.notes, records.last)
    yield Retention(
        records.notes,
        holds="Notes of agents about people, by keyed hash",
        kind="notes",
        purged=Erased.DELETED,
        why="the next agent knows what was said",
        person=Person(erased=Erased.DELETED, caller=("caller",), ids=("call",), names=("text",)),
    )
    yield on(NoteAdded, rules.added)
    yield on(NoteEdited, rules.edited)
    yield on(NoteRemoved, rules.removed)
    yield on(CallOver, rules.over)
    yield on(ErasureBegun, rules.erased)
    yield from WORDS
    yield Templates("agent_page", "callcentre.features.agent_page")
    yield NAVIGATION
    yield from pages.panels()
    yield from pages.routes()


COMPONENT = Component(name="agent_page", build=_build)
