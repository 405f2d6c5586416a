"""What an exchange consists of: channels, callers in a queue, agents, and the people at the telephones."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


class Left(Exception):  # noqa: N818 - no error
    """The time limit of a channel has run out: it goes on at the extension `T`."""


@dataclass(eq=False)
class Channel:
    """One channel. `held` is set while it is in `Stasis()`, `rings` says what the far end does about being rung."""

    key: str
    name: str
    number: str = ""
    caller_name: str = ""
    app: str = ""
    app_data: str = ""
    variables: dict[str, str] = field(default_factory=dict)
    held: asyncio.Future[None] | None = None
    task: asyncio.Task[None] | None = None
    limit: asyncio.TimerHandle | None = None
    playback: str | None = None
    bridge: str | None = None
    waits: Waiting | None = None
    other: str | None = None
    """The other half of a Local channel."""
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    def as_json(self) -> Json:
        return {
            "id": self.key, "name": self.name, "state": "Up", "language": "fi", "accountcode": "",
            "caller": {"number": self.number, "name": self.caller_name}, "connected": {"number": "", "name": ""},
            "dialplan": {
                "context": "callcentre-queue", "exten": "s", "priority": 1, "app_name": self.app,
                "app_data": self.app_data,
            },
            "creationtime": "2026-06-03T00:00:00.000+0000",
        }  # fmt: skip


@dataclass(eq=False)
class Waiting:
    """A channel in a queue. `left` says how it left: answered, key, timeout."""

    channel: Channel
    queue: str
    since: float
    left: asyncio.Future[str]
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """The agent whom it was put through to has gone."""
    rung: bool = False


@dataclass(eq=False)
class Agent:
    """A member of a queue."""

    interface: str
    queue: str
    paused: bool = True
    channel: Channel | None = None

    @property
    def state(self) -> str:
        return "NOT_INUSE" if self.channel is None else "INUSE"


class People:
    """What the telephones do. A day's cast does more."""

    def rung(self, number: str) -> str:
        """The phone with this number rings: answer, busy or silent."""
        raise NotImplementedError

    def hears(self, channel: Channel, prompts: tuple[str, ...]) -> None:
        """A person on the line hears prompts."""

    def talks(self, channel: Channel) -> float:
        """The person has an agent: how many seconds they talk."""
        raise NotImplementedError
