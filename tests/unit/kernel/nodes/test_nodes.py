"""Commands that daemons of one database send each other: in order, once, and nothing for a daemon that is alone."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from callcentre.kernel.command import Command
from callcentre.kernel.component import On, build
from callcentre.kernel.database import Database
from callcentre.kernel.decision import NOTHING, Delete
from callcentre.kernel.event import Event, Tick
from callcentre.kernel.nodes.component import COMPONENT
from callcentre.kernel.nodes.model import FromNodes, NodeMessage, Nodes, NodeStarted
from callcentre.kernel.nodes.rules import AT_ONCE, Receiving
from callcentre.kernel.program import Listener, Program

AT = datetime(2026, 6, 3, 12, tzinfo=UTC)
LATER = AT + timedelta(seconds=5)
CALLER = "188c864e829491c7"


class Greet(Command, frozen=True, kw_only=True):
    """A command that a component handles."""

    name: str


class Unheard(Command, frozen=True, kw_only=True):
    """A command of a newer version."""


def sent(nodes: Nodes, to: str, command: Command) -> NodeMessage:
    record = nodes.send(to, command, caller=CALLER).record
    assert isinstance(record, NodeMessage)
    return record


def receiving(*messages: NodeMessage, shared: bool = True) -> Receiving:
    south = Nodes("south", shared=shared)
    for message in messages:
        south.messages.put(message)
    return Receiving(south, [FromNodes(Greet)])


NORTH = Nodes("north", shared=True)
FIRST = sent(NORTH, "south", Greet(at=AT, name="Matti"))
SECOND = sent(NORTH, "south", Greet(at=AT + timedelta(microseconds=1), name="Liisa"))


def test_commands_are_decided_in_their_order_and_deleted_with_that_decision() -> None:
    decision = receiving(SECOND, FIRST).look(Tick(at=LATER), LATER)
    assert decision.commands == (Greet(at=LATER, name="Matti"), Greet(at=LATER, name="Liisa"))
    assert decision.changes == (Delete(FIRST), Delete(SECOND))


def test_commands_for_another_daemon_and_those_of_a_newer_version_stay() -> None:
    other = sent(NORTH, "west", Greet(at=AT, name="Aino"))
    unheard = sent(NORTH, "south", Unheard(at=AT))
    broken = NodeMessage(
        id="south 1", recipient="south", sender="north", at=AT, caller=CALLER, command="Greet", body="{}"
    )
    assert receiving(other, unheard, broken).look(Tick(at=LATER), LATER) is NOTHING


def test_a_daemon_that_is_alone_reads_no_commands() -> None:
    assert receiving(FIRST, shared=False).look(Tick(at=LATER), LATER) is NOTHING


def test_a_command_that_is_sent_twice_at_one_moment_is_one_and_two_different_ones_are_two() -> None:
    assert sent(NORTH, "south", Greet(at=AT, name="Matti")) == FIRST
    assert len({FIRST.key, sent(NORTH, "south", Greet(at=AT, name="Aino")).key, SECOND.key}) == 3


def test_many_commands_are_decided_a_part_at_a_time() -> None:
    many = [sent(NORTH, "south", Greet(at=AT, name=str(number))) for number in range(AT_ONCE + 1)]
    assert len(receiving(*many).look(Tick(at=LATER), LATER).commands) == AT_ONCE


def test_commands_of_a_newer_version_hold_up_no_other_one() -> None:
    newer = [sent(NORTH, "south", Unheard(at=AT - timedelta(seconds=number + 1))) for number in range(AT_ONCE)]
    assert receiving(*newer, FIRST).look(Tick(at=LATER), LATER).commands == (Greet(at=LATER, name="Matti"),)


def test_a_daemon_that_starts_decides_on_all_of_them_before_it_dials_anybody() -> None:
    many = [sent(NORTH, "south", Greet(at=AT, name=str(number))) for number in range(AT_ONCE + 1)]
    assert len(receiving(*many).look(NodeStarted(at=LATER), LATER).commands) == AT_ONCE + 1


async def test_a_daemon_that_starts_looks_for_commands_before_anything_else() -> None:
    seen: list[Event] = []
    program = Program(submit=seen.append, clock=lambda: LATER, database=Database("postgresql+psycopg://x/y", "south"))
    built = build([COMPONENT], program)
    (listener,) = built.of(Listener)
    listening = asyncio.ensure_future(listener.listen())
    await asyncio.sleep(0)
    assert seen == [NodeStarted(at=LATER)]
    assert [each.heard for each in built.of(On)] == [Tick, NodeStarted]
    listening.cancel()
    with suppress(asyncio.CancelledError):
        await listening
