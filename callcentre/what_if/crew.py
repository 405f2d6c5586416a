"""Who was on duty in a queue, as far as its log tells.

Members who were added by hand or by a dialplan are told of: ADDMEMBER, REMOVEMEMBER, PAUSE, UNPAUSE. Members by
configuration are not: they show themselves by the calls that they take or are rung for. So a log is read twice, first
for these signs.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from callcentre.domain.calls import Duty
from callcentre.what_if.queue_log import Entry, Meaning

PAUSE_BETWEEN: Final = 2 * 60 * 60.0
"""Seconds between two signs of a member, up to which they are taken to have been there all the time."""

BEFORE_AND_AFTER: Final = 15 * 60.0
"""Seconds that they are taken to have been there before their first sign and after their last."""

_SIGNS: Final = frozenset(
    {
        "CONNECT", "RINGNOANSWER", "RINGCANCELED", "AGENTDUMP", "COMPLETEAGENT", "COMPLETECALLER", "BLINDTRANSFER",
        "ATTENDEDTRANSFER", "TRANSFER",
    }
)  # fmt: skip
"""The events by which a member shows that they are there."""

_LOG_ON: Final = frozenset({"AGENTLOGIN", "AGENTCALLBACKLOGIN"})
_LOG_OFF: Final = frozenset({"AGENTLOGOFF", "AGENTCALLBACKLOGOFF"})
"""Agents of app_agent_pool and chan_agent log on once for all queues whose member they are."""

_NOBODY: Final = frozenset({"", "NONE"})
_AGENT: Final = re.compile(r"Agent[/:@]?", re.IGNORECASE)


def agent_of(member: str) -> str:
    """The agent that a member is: `Agent:1001`, `Agent/1001` and `1001` are the same."""
    return _AGENT.sub("", member, count=1) if _AGENT.match(member) else member

Seat = tuple[str, str]
"""A queue and a member of it."""


@dataclass(slots=True)
class Signs:
    """What a first reading finds: who is told of, and when all others showed themselves."""

    told_of: set[Seat] = field(default_factory=set)
    removed_first: set[Seat] = field(default_factory=set)
    spans: dict[Seat, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    took_calls: set[Seat] = field(default_factory=set)
    sessions: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))

    def take(self, entry: Entry) -> None:
        """Look at the next line."""
        seat = (entry.queue, entry.member)
        if entry.member in _NOBODY:
            return
        if entry.event in _LOG_ON:
            self.sessions[agent_of(entry.member)].append((entry.at, float("inf")))
        elif entry.event in _LOG_OFF:
            sessions = self.sessions[agent_of(entry.member)]
            # Whoever logs off first was there from the beginning.
            begin = sessions.pop()[0] if sessions and sessions[-1][1] == float("inf") else float("-inf")
            sessions.append((begin, entry.at))
        elif entry.event in ("ADDMEMBER", "REMOVEMEMBER"):
            if seat not in self.told_of and entry.event == "REMOVEMEMBER":
                self.removed_first.add(seat)
            self.told_of.add(seat)
        elif entry.event in _SIGNS:
            self.took_calls.add(seat)
            self._show(seat, entry.at)

    def _show(self, seat: Seat, at: float) -> None:
        spans = self.spans[seat]
        if spans and spans[-1][0] <= at <= spans[-1][1] + PAUSE_BETWEEN:
            spans[-1] = (spans[-1][0], max(spans[-1][1], at))
        else:
            spans.append((at, at))

    def turns(self) -> list[tuple[float, bool, Seat]]:
        """When those who are not told of come (True) and go, in order."""
        found = [
            turn
            for seat, spans in self.spans.items()
            if seat not in self.told_of
            for start, stop in self._there(seat, spans)
            for turn in ((start, True, seat), (stop, False, seat))
        ]
        return sorted(found)

    def _there(self, seat: Seat, spans: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
        """From when until when somebody was there: between log-on and log-off, else around what they show."""
        sessions = self.sessions.get(agent_of(seat[1]))
        return sessions or [(start - BEFORE_AND_AFTER, stop + BEFORE_AND_AFTER) for start, stop in spans]

    def strangers(self, queues: Sequence[str]) -> tuple[int, int]:
        """How many were added to these queues and took no call, and how many took calls and were never added.

        Where there are both, they are probably the same people by two names.
        """
        added = {seat for seat in self.told_of if seat[0] in queues}
        took = {seat for seat in self.took_calls if seat[0] in queues}
        return (len(added - took), len(took - added)) if added else (0, 0)


class Crew:
    """The members of all queues at the moment that a second reading has come to."""

    def __init__(self, signs: Signs) -> None:
        self._turns = signs.turns()
        self._next = 0
        self._there: dict[str, dict[str, int]] = defaultdict(dict)
        self._paused: set[Seat] = set()
        self._talking: dict[str, str] = {}
        for queue, member in signs.removed_first:
            self._there[queue][member] = 1

    def take(self, entry: Entry) -> None:
        """Go on to the moment of the next line, and take in what it says."""
        self._go_on(entry.at)
        if entry.member not in _NOBODY:
            self._take_member(entry)
        match entry.event:
            case "CONNECT":
                self._talking[entry.call] = entry.member
                self._there[entry.queue].setdefault(entry.member, 1)
            case "QUEUESTART":
                self._talking.clear()
            case _ if entry.meaning in (Meaning.HAS_TALKED, Meaning.LEAVES):
                self._talking.pop(entry.call, None)
            case _:
                pass

    def _take_member(self, entry: Entry) -> None:
        """A member comes, goes or pauses: in one queue, or in all where the queue is NONE."""
        queues = [entry.queue] if entry.queue not in _NOBODY and not entry.event.endswith("ALL") else [*self._there]
        match entry.event:
            case "ADDMEMBER":
                self._there[entry.queue][entry.member] = 1
                self._paused.discard((entry.queue, entry.member))
                if "PAUSED" in entry.data:
                    self._paused.add((entry.queue, entry.member))
            case "REMOVEMEMBER":
                self._there[entry.queue].pop(entry.member, None)
            case "PAUSE" | "PAUSEALL":
                self._paused |= {(queue, entry.member) for queue in queues}
            case "UNPAUSE" | "UNPAUSEALL":
                self._paused -= {(queue, entry.member) for queue in queues}
            case _:
                pass

    def _go_on(self, at: float) -> None:
        while self._next < len(self._turns) and self._turns[self._next][0] <= at:
            _, comes, (queue, member) = self._turns[self._next]
            there = self._there[queue]
            # Two spans of one member may overlap at their ends.
            there[member] = there.get(member, 0) + (1 if comes else -1)
            if there[member] <= 0:
                del there[member]
            self._next += 1

    def duty(self, queue: str) -> Duty:
        """Who could take calls of a queue now: on duty, and of those ready."""
        there: Mapping[str, int] = self._there.get(queue, {})
        on_duty = {member for member in there if (queue, member) not in self._paused}
        return Duty(queue=queue, on_duty=len(on_duty), ready=len(on_duty.difference(self._talking.values())))
