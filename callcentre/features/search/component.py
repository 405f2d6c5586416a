"""Search as a component."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from callcentre.features.callbacks.interface import SEE_CALLBACKS, CallbackList
from callcentre.features.search.events import NumberAsked
from callcentre.features.search.numbers import Numbers
from callcentre.features.search.outside.reading import Stored
from callcentre.features.search.rights import FIND, SEE_CALLS, SEE_MESSAGES, SEE_PEOPLE, SHOW_NUMBERS
from callcentre.features.search.rules import number_asked
from callcentre.features.search.web import Sources, routes
from callcentre.features.search.words import WORDS
from callcentre.kernel.component import Building, Component, on
from callcentre.kernel.known_numbers import KnowsNumber
from callcentre.kernel.page_reads.reads import Reads
from callcentre.kernel.people import People
from callcentre.kernel.program import Program
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.messaging.interface import Texts
from callcentre.messaging.staff import StaffTexts
from callcentre.telephony.queue_view.interface import QueueView
from callcentre.web.fact_words import FactWords
from callcentre.web.pages import NavigationEntry, Pages, Templates


def _build(building: Building) -> Iterable[Any]:
    people, declared = building.need(People), building.all(FactWords)

    @cache
    def words() -> Mapping[str, FactWords]:
        # Complete once every component is built.
        return {each.event: each for each in declared}

    sources = Sources(
        stored=Stored(building.need(Reads), building.need(Program).database.node),
        callbacks=building.need(CallbackList), texts=building.need(Texts),
        staff_texts=building.need(StaffTexts), queues=building.need(QueueView),
        numbers=Numbers(building.all(KnowsNumber), people), people=people, rules=building.need(SettingsInForce),
        words=words,
    )  # fmt: skip
    yield from WORDS
    yield from (FIND, SEE_CALLS, SEE_MESSAGES, SEE_PEOPLE, SHOW_NUMBERS)
    yield Templates("search", "callcentre.features.search")
    yield NavigationEntry("/callbacks", "Callbacks", SEE_CALLBACKS, 20)
    yield NavigationEntry("/messages", "Texts", SEE_MESSAGES, 30)
    yield NavigationEntry("/search", "Search", FIND, 40)
    yield on(NumberAsked, number_asked)
    yield from routes(building.need(Pages), sources)


COMPONENT = Component(name="search", build=_build)
