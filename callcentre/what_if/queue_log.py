"""Lines of Asterisk's queue_log: `epoch|call|queue|member|event|data…`.

The events and their data are those that Asterisk 20 to 22 write (`ast_queue_log` in app_queue.c and logger.c), older
ones of chan_agent, and those that FreePBX and callcentre write by `QueueLog()`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from callcentre.telephony.contexts import RESERVATION_MARK

_FEWEST_FIELDS: Final = 5
_FEWEST_OF_ENTERQUEUE: Final = 2
_MOMENT: Final = re.compile(r"[0-9]{1,10}(?:\.[0-9]{1,9})?", re.ASCII)
_SECONDS: Final = re.compile(r"[0-9]{1,8}", re.ASCII)
_PLACE: Final = re.compile(r"[0-9]{1,5}", re.ASCII)


class Meaning(StrEnum):
    """The meaning of an event for the caller whose call it names."""

    JOINS = "joins"
    WAITS = "waits"
    """Nothing has changed: a waiting caller continues to wait."""
    TALKS = "talks"
    HAS_TALKED = "has talked"
    LEAVES = "leaves"
    """Out of the queue without a conversation."""
    NONE = "none"
    """Not about a caller."""


MEANINGS: Final[Mapping[str, Meaning]] = {
    "ENTERQUEUE": Meaning.JOINS,
    "CONNECT": Meaning.TALKS,
    "COMPLETEAGENT": Meaning.HAS_TALKED,
    "COMPLETECALLER": Meaning.HAS_TALKED,
    "BLINDTRANSFER": Meaning.HAS_TALKED,
    "ATTENDEDTRANSFER": Meaning.HAS_TALKED,
    "TRANSFER": Meaning.HAS_TALKED,
    "ABANDON": Meaning.LEAVES,
    "EXITEMPTY": Meaning.LEAVES,
    "EXITWITHKEY": Meaning.LEAVES,
    "EXITWITHTIMEOUT": Meaning.LEAVES,
    "WITHDRAW": Meaning.LEAVES,
    # Caller and agent have no codec in common: app_queue ends the call, and writes ABANDON too.
    "SYSCOMPAT": Meaning.LEAVES,
    # An agent answered and hung up during the announcement: app_queue rings others.
    "AGENTDUMP": Meaning.WAITS,
    "RINGNOANSWER": Meaning.WAITS,
    # The caller hung up or pressed the exit key while an agent was rung: ABANDON or EXITWITHKEY follows.
    "RINGCANCELED": Meaning.WAITS,
    "DID": Meaning.WAITS,
    "INFO": Meaning.WAITS,
    RESERVATION_MARK: Meaning.WAITS,
    **dict.fromkeys(
        (
            "ADDMEMBER", "REMOVEMEMBER", "PAUSE", "UNPAUSE", "PAUSEALL", "UNPAUSEALL", "PENALTY", "RINGINUSE",
            "AGENTLOGIN", "AGENTLOGOFF", "AGENTCALLBACKLOGIN", "AGENTCALLBACKLOGOFF", "OUTCALL", "QUEUESTART",
            "CONFIGRELOAD",
        ),
        Meaning.NONE,
    ),
}  # fmt: skip
"""The meaning of every known event. An unknown event may mean anything."""

# The position of the length of the conversation in an event's data. In a transfer it is counted from the end: the
# channels or the dialled extension before it may have a `|`.
_TALK: Final = {
    "COMPLETEAGENT": 1,
    "COMPLETECALLER": 1,
    "BLINDTRANSFER": -2,
    "ATTENDEDTRANSFER": -2,
    "TRANSFER": -2,
}
_OLD_TRANSFER: Final = {2: None, 4: 3}
"""TRANSFER of Asterisk 1.2 has only extension and context, that of 1.4 no place at the end."""


def _place_of_talk(event: str, data: Sequence[str]) -> int | None:
    place = _TALK.get(event)
    return _OLD_TRANSFER.get(len(data), place) if event == "TRANSFER" else place


class NoEntry(ValueError):  # noqa: N818
    """A line that is not an entry of a queue_log."""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One line. `at` is seconds since 1970 UTC; `call` is a channel's unique id, or NONE, REALTIME, MANAGER, …"""

    at: float
    call: str
    queue: str
    member: str
    event: str
    data: tuple[str, ...]

    @property
    def meaning(self) -> Meaning | None:
        """The meaning of the event for the caller; None when it is unknown."""
        return MEANINGS.get(self.event)

    @property
    def talk(self) -> float | None:
        """Seconds of the conversation that ends here; None when none does, or when the entry has no length."""
        place = _place_of_talk(self.event, self.data)
        return None if place is None else float(self.data[place])

    @property
    def number(self) -> str:
        """The calling number of the caller who joins, as Asterisk had it.

        The data are `url|number|place`, and the caller's name with `log_caller_id_name`. A `|` in the url or in the
        number moves the place; a name has none.
        """
        if len(self.data) > _FEWEST_OF_ENTERQUEUE and not _PLACE.fullmatch(self.data[2]):
            places = (at for at in (len(self.data) - 1, len(self.data) - 2) if _PLACE.fullmatch(self.data[at]))
            return self.data[next(places, 2) - 1]
        return self.data[1]


def read(line: bytes) -> Entry:
    """The entry of a line; bytes that are not UTF-8 are replaced. Raises `NoEntry`."""
    fields = line.decode("utf-8", "replace").rstrip("\r\n").split("|")
    if len(fields) < _FEWEST_FIELDS:
        raise NoEntry(f"has {len(fields)} fields and not {_FEWEST_FIELDS} or more")
    at, call, queue, member, event, *data = fields
    if not _MOMENT.fullmatch(at):
        raise NoEntry("does not begin with seconds since 1970")
    if not event:
        raise NoEntry("names no event")
    place = _place_of_talk(event, data)
    if place is not None and (not -len(data) <= place < len(data) or not _SECONDS.fullmatch(data[place])):
        raise NoEntry(f"is a {event} without the length of the conversation")
    if event == "ENTERQUEUE" and len(data) < _FEWEST_OF_ENTERQUEUE:
        raise NoEntry("is an ENTERQUEUE without a number")
    return Entry(float(at), call, queue, member, event, tuple(data))
