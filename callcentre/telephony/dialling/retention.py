"""How long the calls that we made are counted."""

from __future__ import annotations

from collections.abc import Iterator

from callcentre.kernel.retention.model import Retention
from callcentre.kernel.retention.person import Erased, Person
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.telephony.dialling.outgoing import Outgoing
from callcentre.values.days import day_of


def retentions(outgoing: Outgoing, rules: SettingsInForce) -> Iterator[Retention]:
    """What the component declares."""
    yield Retention(
        outgoing.days,
        holds="How many calls were made on a day",
        keeps="until the midnight after the day",
        why="the cap `dialling.per_day`",
        since="day",
        below=lambda at: day_of(at, rules.settings.timezone),
    )
    yield Retention(
        outgoing.cap,
        holds="Whether the alarm of the cap `dialling.per_day` is raised",
        keeps="until the alarm is cleared",
        why="the alarm is raised once",
    )
    yield Retention(
        outgoing.numbers,
        holds="How often each number was dialled on a day, by keyed hash",
        keeps="until the midnight after the day",
        why="the cap `dialling.per_number_per_day`",
        since="day",
        below=lambda at: day_of(at, rules.settings.timezone),
        person=Person(erased=Erased.DELETED, caller=("caller",), inside=("key",)),
    )
    yield Retention(
        outgoing.routes,
        holds="Whether calls reach a network, with the keyed hashes of at most 50 numbers that met no route",
        keeps="until a call to the number gets through, or later numbers replace it",
        why="dialling pauses while no call reaches a network",
        person=Person(erased=Erased.ENDED, inside=("quick", "unrouted", "suspects")),
    )
