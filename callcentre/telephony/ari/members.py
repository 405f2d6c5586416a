"""Reads which agents are on duty: the counts of app_queue, and the members where the counts are not conclusive."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from callcentre.telephony.ari.questions import Line, Questions, whole_number
from callcentre.telephony.events import Agents, Member
from callcentre.telephony.queue_view.estimate import on_duty_bounds

COUNTS = 3
"""The number of answers that `counts_of` asks for."""

_STRUCTURE = re.compile(r'[][(){}$",\\\x00-\x1f\x7f]')
"""The characters with a meaning in Asterisk's expressions. A member with one in its interface is not asked about."""

_LONGEST_LIST = 4000
"""app_queue truncates a list of members at about 4096 bytes. The last name of such a list may be incomplete."""

_HINTED = re.compile(r"Local/([^@/]+)@([^@/]+)(?:/.*)?")
"""A Local channel to an extension. The hint of the extension may say more than the device state of the channel."""

_HINT_CONTEXT = "ext-local"
"""The context in which FreePBX keeps the hints of its extensions."""


def counts_of(queue: str) -> list[str]:
    """The functions that count the members of a queue."""
    return [f"QUEUE_MEMBER({queue},{what})" for what in ("ready", "logged", "count")]


def agents_of(answers: Sequence[str]) -> Agents:
    """The agents as counted by the first answers to `counts_of`."""
    ready, logged, count = map(whole_number, answers[:COUNTS])
    return Agents(ready=ready, logged=logged, count=count)


class MemberReader:
    """Reads members, pause flags and device states."""

    def __init__(self, questions: Questions) -> None:
        self._ask = questions.ask
        self._knows_hints: bool | None = None

    async def complete(self, agents: dict[str, Agents], line: Line) -> None:
        """Add the members of queues whose counts leave open how many are on duty. Other queues are not read."""
        open_yet = [queue for queue, counts in agents.items() if counts.logged != counts.ready]
        for queue, members in (await self._listed(open_yet, line)).items():
            agents[queue] = replace(agents[queue], members=members)
        await self._add_states(agents, [queue for queue in open_yet if _is_open(agents[queue])], line)

    async def everybody(self, queues: Sequence[str], line: Line) -> dict[str, tuple[Member, ...]]:
        """All members of these queues with their pause flags, and the states of those that can be asked about."""
        listed = await self._listed(queues, line)
        named = [one.interface for members in listed.values() for one in members if one.paused is not None]
        states = await self._states(named, line)
        return {
            queue: tuple(replace(one, state=states.get(one.interface, one.state)) for one in members)
            for queue, members in listed.items()
        }

    async def _listed(self, queues: Sequence[str], line: Line) -> dict[str, tuple[Member, ...]]:
        """All members of these queues, with their pause flags."""
        lists = await self._ask([f"QUEUE_MEMBER_LIST({queue})" for queue in queues], line)
        members = {queue: _members(listed) for queue, listed in zip(queues, lists, strict=True)}
        named = [(queue, name) for queue in queues for name in members[queue] if not _STRUCTURE.search(name)]
        flags = await self._ask([f"QUEUE_MEMBER({queue},paused,{name})" for queue, name in named], line)
        paused = {key: flag == "1" for key, flag in zip(named, flags, strict=True)}
        return {
            queue: tuple(Member(interface=name, paused=paused.get((queue, name))) for name in members[queue])
            for queue in queues
        }

    async def _add_states(self, agents: dict[str, Agents], queues: Sequence[str], line: Line) -> None:
        """Ask for the states of members that are not paused, where the pause flags leave it open as well."""
        states = await self._states(
            (member.interface for queue in queues for member in agents[queue].members or () if member.paused is False),
            line,
        )
        for queue in queues:
            members = agents[queue].members or ()
            known = tuple(replace(one, state=states.get(one.interface, one.state)) for one in members)
            agents[queue] = replace(agents[queue], members=known)

    async def _states(self, interfaces: Iterable[str], line: Line) -> dict[str, str]:
        """The states of members by interface: the device state, or that of the hint."""
        names = list(dict.fromkeys(interfaces))
        states = dict(zip(names, await self._ask([f"DEVICE_STATE({name})" for name in names], line), strict=True))
        return states | await self._hinted(names, line)

    async def _hinted(self, names: Iterable[str], line: Line) -> dict[str, str]:
        """The hints of members behind Local channels. A Local channel itself is never unavailable."""
        found = [(name, match[1], match[2]) for name in names if (match := _HINTED.fullmatch(name))]
        hints = [
            (name, f"EXTENSION_STATE({extension}@{context})")
            for name, extension, own in found
            for context in dict.fromkeys((_HINT_CONTEXT, own))
        ]
        if not hints or self._knows_hints is False:
            return {}
        if self._knows_hints is None:
            # Asterisk logs an error for each question when func_extstate is not loaded, so only one is asked at first.
            (answer,) = await self._ask([hints[0][1]], line)
            self._knows_hints = answer != ""
            return await self._hinted(names, line)
        states: dict[str, str] = {}
        for (name, _), state in zip(hints, await self._ask([hint for _, hint in hints], line), strict=True):
            if state not in ("", "UNKNOWN"):
                states.setdefault(name, state)
        return states


def _members(listed: str) -> list[str]:
    names = listed.split(",")
    if len(listed.encode()) > _LONGEST_LIST:
        names.pop()
    return [name for name in names if name]


def _is_open(agents: Agents) -> bool:
    """Whether counts and pause flags leave open how many are on duty."""
    flags = [member.paused for member in agents.members or ()]
    least, most = on_duty_bounds(agents, paused=flags.count(True), unknown=flags.count(None))
    return least < most
