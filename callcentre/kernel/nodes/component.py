"""Daemons that share a database, as a component."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

from callcentre.kernel.component import Building, Component, on, provides
from callcentre.kernel.nodes.listening import Listening
from callcentre.kernel.nodes.model import FromNodes, MessageArrived, Nodes
from callcentre.kernel.nodes.rules import Receiving
from callcentre.kernel.program import Listener, Program
from callcentre.kernel.retention.model import Retention
from callcentre.kernel.retention.person import Erased, Person

KEPT: Final = timedelta(days=30)
"""A daemon that is off for longer does not learn what came of its callbacks."""


def _build(building: Building) -> Iterable[Any]:
    program = building.need(Program)
    database = program.database
    nodes = Nodes(database.node, shared=database.path is None)
    yield provides(nodes)
    yield nodes.messages
    yield on(MessageArrived, Receiving(nodes, building.all(FromNodes)).arrived)
    if nodes.shared:
        yield Listener(Listening(nodes, program.submit, program.clock).listen)
    yield Retention(
        nodes.messages,
        holds="Commands for another daemon of the same database, such as a text for it, with the number",
        keeps=KEPT,
        why="a caller or a text that reaches one daemon may concern a callback or survey of another",
        person=Person(erased=Erased.DELETED, caller=("caller",), names=("body",)),
    )


COMPONENT = Component(name="nodes", build=_build)
