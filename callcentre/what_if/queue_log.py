"""Lines of Asterisk's queue_log: `epoch|call|queue|member|event|data…`.

The events and their data are those of the Asterisk documentation, "Queue Logs".
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

_FEWEST_FIELDS: Final = 5
_FEWEST_OF_ENTERQUEUE: Final = 2
_MOMENT: Final = re.compile(r"[0-9]{1,10}(?:\.[0-9]{1,9})?", re.ASCII)
_SECONDS: Final = re.compile(r"[0-9]{1,8}", re.ASCII)

# Which of an event's data is the length of the conversation, counted from 0.
_TALK: Final = {
    "COMPLETEAGENT": 1,
    "COMPLETECALLER": 1,
    "BLINDTRANSFER": 3,
    "ATTENDEDTRANSFER": 3,
    "TRANSFER": 3,
}
_LEFT: Final = frozenset({"ABANDON", "EXITEMPTY", "EXITWITHKEY", "EXITWITHTIMEOUT", "SYSCOMPAT", "AGENTDUMP"})


class NoEntry(ValueError):  # noqa: N818
    """A line that is no entry of a queue_log."""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One line. `at` is seconds since 1970 UTC; `call` is a channel's unique id, or NONE, REALTIME, MANAGER, …"""

    at: float
    call: str
    queue: str
    member: str
    event: str
    data: tuple[str, ...]

    @property
    def is_departure(self) -> bool:
        """Whether a caller leaves the queue without having talked."""
        return self.event in _LEFT

    @property
    def talk(self) -> float | None:
        """Seconds of the conversation that ends here; None when none does."""
        place = _TALK.get(self.event)
        return None if place is None else float(self.data[place])

    @property
    def number(self) -> str:
        """The calling number of who comes in, as Asterisk had it."""
        return self.data[1]


def read(line: bytes) -> Entry:
    """The entry that a line tells; bytes that are no UTF-8 are replaced. Raises `NoEntry`."""
    fields = line.decode("utf-8", "replace").rstrip("\r\n").split("|")
    if len(fields) < _FEWEST_FIELDS:
        raise NoEntry(f"has {len(fields)} fields and not {_FEWEST_FIELDS} or more")
    at, call, queue, member, event, *data = fields
    if not _MOMENT.fullmatch(at):
        raise NoEntry("does not begin with seconds since 1970")
    if not event:
        raise NoEntry("names no event")
    place = _TALK.get(event)
    if place is not None and (place >= len(data) or not _SECONDS.fullmatch(data[place])):
        raise NoEntry(f"is a {event} that does not tell how long they talked")
    if event == "ENTERQUEUE" and len(data) < _FEWEST_OF_ENTERQUEUE:
        raise NoEntry("is an ENTERQUEUE without a number")
    return Entry(float(at), call, queue, member, event, tuple(data))
