"""Commands that daemons of one database send each other: in order, once, and nothing for a daemon that is alone."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NoReturn

import pytest

from callcentre.kernel.command import Command
from callcentre.kernel.component import build
from callcentre.kernel.database import Database
from callcentre.kernel.decision import NOTHING, Delete
from callcentre.kernel.event import Event
from callcentre.kernel.nodes.component import COMPONENT
from callcentre.kernel.nodes.listening import Listening
from callcentre.kernel.nodes.model import FromNodes, MessageArrived, NodeMessage, Nodes
from callcentre.kernel.nodes.rules import Receiving
from callcentre.kernel.program import Listener, Program
from callcentre.kernel.records import Unreadable

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


def receiving(*messages: NodeMessage) -> Receiving:
    south = Nodes("south", shared=True)
    for message in messages:
        south.messages.put(message)
    return Receiving(south, [FromNodes(Greet)])


NORTH = Nodes("north", shared=True)
FIRST = sent(NORTH, "south", Greet(at=AT, name="Matti"))
BROKEN = NodeMessage(id="south 1", recipient="south", sender="north", at=AT, caller=CALLER, command="Greet", body="{}")
THIRD = sent(NORTH, "south", Greet(at=AT + timedelta(microseconds=2), name="Aino"))
SECOND = sent(NORTH, "south", Greet(at=AT + timedelta(microseconds=1), name="Liisa"))


def test_a_command_is_decided_now_and_deleted_with_that_decision() -> None:
    decision = receiving(FIRST).arrived(MessageArrived(at=LATER, message=FIRST.id), LATER)
    assert decision.commands == (Greet(at=LATER, name="Matti"),)
    assert decision.changes == (Delete(FIRST),)


@pytest.mark.parametrize("message", [sent(NORTH, "south", Unheard(at=AT)), BROKEN])
def test_a_command_of_a_newer_version_stays(message: NodeMessage) -> None:
    assert receiving(message).arrived(MessageArrived(at=LATER, message=message.id), LATER) is NOTHING


def test_a_command_that_is_gone_is_decided_no_second_time() -> None:
    assert receiving().arrived(MessageArrived(at=LATER, message=FIRST.id), LATER) is NOTHING


def test_a_command_that_is_sent_twice_at_one_moment_is_one_and_two_different_ones_are_two() -> None:
    assert sent(NORTH, "south", Greet(at=AT, name="Matti")) == FIRST
    assert len({FIRST.key, sent(NORTH, "south", Greet(at=AT, name="Aino")).key, SECOND.key}) == 3


# --- looking for them -------------------------------------------------------------------------------


@dataclass
class South:
    """A daemon that looks for commands; `heard` are their ids."""

    nodes: Nodes = field(default_factory=lambda: Nodes("south", shared=True))
    heard: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.listening = Listening(self.nodes, self._hear, lambda: LATER)

    def _hear(self, event: Event) -> None:
        assert isinstance(event, MessageArrived)
        self.heard.append(event.message)


def test_commands_are_submitted_once_each_and_in_their_order() -> None:
    south = South()
    for message in (SECOND, FIRST, sent(NORTH, "west", Greet(at=AT, name="Aino"))):
        south.nodes.messages.put(message)
    south.listening.look()
    south.listening.look()
    assert south.heard == [FIRST.id, SECOND.id]
    south.nodes.messages.delete(FIRST)
    south.nodes.messages.put(THIRD)
    south.listening.look()
    assert south.heard == [FIRST.id, SECOND.id, THIRD.id]


def test_what_cannot_be_read_now_is_submitted_later(monkeypatch: pytest.MonkeyPatch) -> None:
    south = South()
    south.nodes.messages.put(FIRST)

    def silent(*_: object) -> NoReturn:
        raise Unreadable("the server does not answer")

    with monkeypatch.context() as patch:
        patch.setattr(south.nodes.messages, "find", silent)
        south.listening.look()
    assert south.heard == []
    south.listening.look()
    assert south.heard == [FIRST.id]


@pytest.mark.parametrize(("url", "looks"), [("postgresql+psycopg://x/y", 1), ("sqlite:///x.db", 0)])
def test_a_daemon_that_is_alone_looks_for_none(url: str, looks: int) -> None:
    built = build([COMPONENT], Program(database=Database(url, "south")))
    assert len(built.of(Listener)) == looks


async def test_a_daemon_that_starts_looks_before_anything_else_can_happen() -> None:
    south = South()
    south.nodes.messages.put(FIRST)
    other: list[str] = []
    listening = asyncio.ensure_future(south.listening.listen())
    asyncio.get_running_loop().call_soon(lambda: other.extend(south.heard))
    await asyncio.sleep(0)
    assert other == [FIRST.id]
    listening.cancel()
    with suppress(asyncio.CancelledError):
        await listening
