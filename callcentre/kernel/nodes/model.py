"""Commands for other daemons: rows of the database that all share.

A rule sends a command with `Nodes.send`, as a change of its decision. So the row is in the transaction of that
decision. The other daemon deletes it in the transaction of what it decides about it. Each command is therefore decided
once, whatever ends in between, and one for a daemon that is off waits for its start.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import ClassVar, Final

import msgspec

from callcentre.kernel.command import Command
from callcentre.kernel.decision import Put, Record
from callcentre.kernel.event import Event
from callcentre.kernel.records import Records

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class NodeMessage(Record, frozen=True, kw_only=True):
    """A command for another daemon that has not decided on it yet.

    `id` sorts the commands for a daemon by time. `recipient` and `sender` are names of daemons (`node`), `caller`
    is the keyed hash of the person it is about. `command` is the name of the command's class, `body` the command as
    JSON.
    """

    of_program: ClassVar[bool] = True
    wall_times: ClassVar[frozenset[str]] = frozenset({"at"})

    id: str
    recipient: str
    sender: str
    at: datetime
    caller: str
    command: str
    body: str

    @property
    def key(self) -> str:
        return self.id


class MessageArrived(Event, frozen=True, kw_only=True):
    """A command of another daemon was found in the database, under this id."""

    message: str


@dataclass(frozen=True, slots=True)
class FromNodes:
    """A command that other daemons may send to this one. The component that handles it declares it."""

    command: type[Command]


class Nodes:
    """The daemons of a database, as components see them. `name` is this one's.

    `shared`: other daemons may use the database.
    """

    def __init__(self, name: str, *, shared: bool) -> None:
        self.name = name
        self.shared = shared
        self.messages = Records(NodeMessage, table="node_messages", key="id", indexes=("recipient", "at"))

    def send(self, to: str, command: Command, *, caller: str) -> Put:
        """The change that sends a command to the daemon of this name. The same command twice is one.

        `caller` is the keyed hash of the person it is about.
        """
        body = msgspec.json.encode(command)
        moment = (command.at - _EPOCH) // timedelta(microseconds=1)
        kind = type(command).__name__
        sent = NodeMessage(
            id=f"{to} {moment:017d} {self.name} {kind} {sha256(body).hexdigest()[:16]}",
            recipient=to,
            sender=self.name,
            at=command.at,
            caller=caller,
            command=kind,
            body=body.decode(),
        )
        return Put(sent)
