"""Daemons that share a database, as a component."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

from callcentre.kernel.component import Building, Component, on, provides
from callcentre.kernel.event import Tick
from callcentre.kernel.nodes.model import FromNodes, Nodes
from callcentre.kernel.nodes.rules import Receiving
from callcentre.kernel.program import Program
from callcentre.kernel.retention.model import Retention
from callcentre.kernel.retention.person import Erased, Person

KEPT: Final = timedelta(days=3)
"""After that, what a daemon was to be sent has no meaning any more."""


def _build(building: Building) -> Iterable[Any]:
    database = building.need(Program).database
    nodes = Nodes(database.node, shared=database.path is None)
    yield provides(nodes)
    yield nodes.messages
    yield on(Tick, Receiving(nodes, building.all(FromNodes)).tick)
    yield Retention(
        nodes.messages,
        holds="Commands for another daemon of the same database, such as a text for it, with the number",
        keeps=KEPT,
        why="a caller or a text that reaches one daemon may concern a callback or survey of another",
        person=Person(erased=Erased.DELETED, caller=("caller",), names=("body",)),
    )


COMPONENT = Component(name="nodes", build=_build)
