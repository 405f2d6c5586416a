"""Which agents were on duty in a queue, as far as its log shows.

Members added by hand or by a dialplan are logged: ADDMEMBER, REMOVEMEMBER, PAUSE, UNPAUSE. Members from the
configuration are not: the log shows them only by the calls that they take or that ring them. So a log is read twice,
first for these signs.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from callcentre.telephony.queue_view.model import Duty
from callcentre.what_if.queue_log import Entry, Meaning

PAUSE_BETWEEN: Final = 2 * 60 * 60.0
"""Seconds. A member with two signs at most this far from each other is taken to have been on duty in between."""

BEFORE_AND_AFTER: Final = 15 * 60.0
"""Seconds before the first sign and after the last for which a member is taken to have been on duty."""

_SIGNS: Final = frozenset(
    {
        "CONNECT", "RINGNOANSWER", "RINGCANCELED", "AGENTDUMP", "COMPLETEAGENT", "COMPLETECALLER", "BLINDTRANSFER",
        "ATTENDEDTRANSFER", "TRANSFER", "ABANDON", "SYSCOMPAT",
    }
)  # fmt: skip
"""The events of a call that show a member on duty. ABANDON names a member when that member had answered."""

_LOG_ON: Final = frozenset({"AGENTLOGIN", "AGENTCALLBACKLOGIN"})
_LOG_OFF: Final = frozenset({"AGENTLOGOFF", "AGENTCALLBACKLOGOFF"})
"""Agents of app_agent_pool and chan_agent log on once for all queues that they are members of."""

_PAUSES: Final = frozenset({"PAUSE", "UNPAUSE"})

_NOBODY: Final = frozenset({"", "NONE"})
_AGENT: Final = re.compile(r"Agent[/:]", re.IGNORECASE)

Seat = tuple[str, str]
"""A queue and a member of it."""


def agent_of(member: str) -> str:
    """The agent that a member is: `Agent:1001`, `Agent/1001` and `1001` are the same."""
    return _AGENT.sub("", member, count=1) if _AGENT.match(member) else member


@dataclass(slots=True)
class Signs:
    """What a first reading finds: which members are logged and since when, and when all others showed themselves.

    `forgotten` counts the added members that were gone after a restart of Asterisk, `kept` those that were still there.
    """

    logged_since: dict[Seat, float] = field(default_factory=dict)
    removed_first: set[Seat] = field(default_factory=set)
    paused_first: set[Seat] = field(default_factory=set)
    realtime: set[Seat] = field(default_factory=set)
    forgotten: int = 0
    kept: int = 0
    spans: dict[Seat, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    took_calls: set[Seat] = field(default_factory=set)
    sessions: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    _on_the_line: set[str] = field(default_factory=set)
    _added: set[Seat] = field(default_factory=set)
    _added_before: set[Seat] = field(default_factory=set)

    def take(self, entry: Entry) -> None:
        """Look at the next line."""
        if entry.event == "QUEUESTART":
            self._starts(entry.at)
        if entry.member in _NOBODY:
            return
        seat = (entry.queue, entry.member)
        if entry.event in _LOG_ON or entry.event in _LOG_OFF:
            self._logs(entry)
        elif entry.event in ("ADDMEMBER", "REMOVEMEMBER"):
            self._is_logged(seat, entry)
        elif entry.event in _SIGNS:
            self.took_calls.add(seat)
            self._show(seat, entry.at)
        elif entry.event in _PAUSES and entry.queue not in _NOBODY:
            if entry.event == "UNPAUSE" and seat not in self.spans and seat not in self.logged_since:
                self.paused_first.add(seat)
            self._show(seat, entry.at)

    def _starts(self, at: float) -> None:
        """Asterisk starts: agents on the line are not any more, and added members may be forgotten."""
        for agent in self._on_the_line:
            begin, _ = self.sessions[agent].pop()
            self.sessions[agent].append((begin, at))
        self._on_the_line.clear()
        self._added_before |= self._added
        self._added.clear()

    def _logs(self, entry: Entry) -> None:
        agent = agent_of(entry.member)
        sessions = self.sessions[agent]
        if sessions and sessions[-1][1] == float("inf"):
            begin, _ = sessions.pop()
            sessions.append((begin, entry.at))
        elif entry.event in _LOG_OFF and not sessions:
            # An agent that logs off first was logged on from the beginning.
            sessions.append((float("-inf"), entry.at))
        self._on_the_line.discard(agent)
        if entry.event in _LOG_ON:
            sessions.append((entry.at, float("inf")))
            # Agents that are called back stay logged on over a restart (`persistentagents` of chan_agent).
            if entry.event == "AGENTLOGIN":
                self._on_the_line.add(agent)

    def _is_logged(self, seat: Seat, entry: Entry) -> None:
        adds = entry.event == "ADDMEMBER"
        if not adds and seat not in self.logged_since:
            self.removed_first.add(seat)
        self.logged_since.setdefault(seat, entry.at)
        if entry.call == "REALTIME":
            self.realtime.add(seat)
            return
        # app_queue adds only agents that are not members, and removes only members.
        if seat in self._added_before:
            self._added_before.discard(seat)
            self.forgotten += adds
            self.kept += not adds
        if adds:
            self._added.add(seat)
        else:
            self._added.discard(seat)

    @property
    def forgets(self) -> bool:
        """Whether a restart of Asterisk removes added members (`persistentmembers=no`), without an entry."""
        return self.forgotten > self.kept

    def _show(self, seat: Seat, at: float) -> None:
        if seat in self.logged_since:
            return
        spans = self.spans[seat]
        if spans and spans[-1][0] <= at <= spans[-1][1] + PAUSE_BETWEEN:
            spans[-1] = (spans[-1][0], max(spans[-1][1], at))
        else:
            spans.append((at, at))

    def turns(self) -> list[tuple[float, bool, Seat]]:
        """When members without an entry of their own come (True) and go, in order, until their first entry."""
        found = [
            turn
            for seat, spans in self.spans.items()
            if seat not in self.removed_first
            for start, stop in self._there(seat, spans)
            if start < self.logged_since.get(seat, float("inf"))
            for turn in ((start, True, seat), (min(stop, self.logged_since.get(seat, float("inf"))), False, seat))
        ]
        return sorted(found)

    def log_ons(self) -> list[tuple[float, bool, str]]:
        """When agents log on (True) and off, in order."""
        return sorted(
            turn
            for agent, sessions in self.sessions.items()
            for start, stop in sessions
            for turn in ((start, True, agent), (stop, False, agent))
        )

    def _there(self, seat: Seat, spans: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
        """From when until when a member was there: between log-on and log-off, else around its signs."""
        sessions = self.sessions.get(agent_of(seat[1]))
        return sessions or [(start - BEFORE_AND_AFTER, stop + BEFORE_AND_AFTER) for start, stop in spans]

    def strangers(self, queues: Sequence[str]) -> tuple[int, int]:
        """How many members were added to these queues and took no call, and how many took calls without being added.

        Where there are both, they are probably the same people under two names.
        """
        added = {seat for seat in self.logged_since if seat[0] in queues}
        took = {seat for seat in self.took_calls if seat[0] in queues}
        return (len(added - took), len(took - added)) if added else (0, 0)


class Staffing:
    """The members of all queues at the moment that the second reading has reached."""

    def __init__(self, signs: Signs) -> None:
        self._signs = signs
        self._turns = signs.turns()
        self._next = 0
        self._log_ons = signs.log_ons()
        self._next_log_on = 0
        self._logged_off = set(signs.sessions)
        self._there: dict[str, dict[str, int]] = defaultdict(dict)
        self._paused = set(signs.paused_first)
        self._talking: dict[str, Seat] = {}
        for queue, member in signs.removed_first:
            self._there[queue][member] = 1

    def take(self, entry: Entry) -> None:
        """Advance to the moment of the next line, and apply it."""
        self._go_on(entry.at)
        if entry.member not in _NOBODY:
            self._take_member(entry)
        match entry.event:
            case "CONNECT":
                # An agent has one conversation: the one before is over, whether the log says so or not.
                self._talks_no_more(entry.member)
                self._talking[entry.call] = (entry.queue, entry.member)
            case "QUEUESTART":
                self._starts()
            case _ if entry.meaning is Meaning.HAS_TALKED and entry.call not in self._talking:
                # Another channel has replaced the caller's: its id is in this entry.
                self._talks_no_more(entry.member, entry.queue)
            case _ if entry.meaning in (Meaning.HAS_TALKED, Meaning.LEAVES, Meaning.JOINS):
                self._talking.pop(entry.call, None)
            case _:
                pass

    def _talks_no_more(self, member: str, queue: str | None = None) -> None:
        over = [call for call, (of, who) in self._talking.items() if who == member and queue in (None, of)]
        for call in over:
            del self._talking[call]

    def _starts(self) -> None:
        """Asterisk starts: nobody talks, and members from the configuration are not paused any more."""
        self._talking.clear()
        self._paused &= set(self._signs.logged_since)
        if self._signs.forgets:
            for seat in self._signs.logged_since.keys() - self._signs.realtime:
                self._there[seat[0]].pop(seat[1], None)
                self._paused.discard(seat)

    def _take_member(self, entry: Entry) -> None:
        """A member comes, goes or pauses: in one queue, or in all where the queue is NONE."""
        of_one = entry.queue not in _NOBODY and not entry.event.endswith("ALL")
        queues = {entry.queue} if of_one else {*self._there}
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
        while self._next_log_on < len(self._log_ons) and self._log_ons[self._next_log_on][0] <= at:
            _, comes, agent = self._log_ons[self._next_log_on]
            if comes:
                self._logged_off.discard(agent)
            else:
                self._logged_off.add(agent)
            self._next_log_on += 1

    def duty(self, queue: str) -> Duty:
        """How many members of a queue are on duty now, and how many of those are ready."""
        there: Mapping[str, int] = self._there.get(queue, {})
        on_duty = {
            member for member in there
            if (queue, member) not in self._paused and agent_of(member) not in self._logged_off
        }  # fmt: skip
        talking = {member for _, member in self._talking.values()}
        return Duty(queue=queue, on_duty=len(on_duty), ready=len(on_duty - talking))
