"""The agents of a queue: whether a call to each of them can ring anywhere."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, assert_never

from callcentre.cli.doctor.finding import Finding
from callcentre.cli.doctor.questions import Questions
from callcentre.cli.doctor.targets import Device, Extension, is_safe, target_of
from callcentre.values.endpoints import numbers_in

GUARDS: Final = frozenset({"from-queue"})
"""Contexts that hang up on callers who did not come by the PBX's own entry into a queue (FreePBX)."""

HINTS: Final = {"from-queue": "ext-local"}
"""The context of an agent's hint, where the member leads to such a context: FreePBX uses it as state interface."""

_INVALID: Final = "INVALID"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """The state of one member of a queue in Asterisk.

    `state` is the device state of its interface. `exists`: its device or extension exists. `lacks` is the missing hint
    that should have its state; None: it needs none, or has it, or it is unknown.
    """

    interface: str
    state: str = "NOT_INUSE"
    exists: bool = True
    lacks: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agents:
    """The members of a queue, and app_queue's own counts of them.

    `enters` is the entry into the queue in the printed dialplan (`ext-queues,400,1`), None for a `Queue()` of ours.
    `reachable` are the members whose state is neither INVALID nor UNAVAILABLE.
    """

    queue: str
    members: tuple[Member, ...]
    count: int
    reachable: int
    ready: int
    enters: str | None = None


async def agents(questions: Questions, queue: str, enters: str | None, hints: Mapping[str, str]) -> Agents:
    """Read the members of an existing queue.

    `enters` is as in `Agents`; `hints` has the hint (`1001@ext-local`) with an agent's state, by the interface, where
    it is known.
    """
    listed = await questions.ask(f"QUEUE_MEMBER_LIST({queue})")
    names = [name for part in listed.split(",") if (name := part.strip())]
    members = await asyncio.gather(*(_member(questions, name, hints.get(name)) for name in names))
    count, reachable, ready = [await questions.count(queue, what) for what in ("count", "logged", "ready")]
    return Agents(
        queue=queue, members=tuple(members), count=count, reachable=reachable, ready=ready, enters=enters
    )  # fmt: skip


async def _member(questions: Questions, interface: str, hint: str | None) -> Member:
    if not is_safe(interface):
        return Member(interface=interface)
    state = await questions.ask(f"DEVICE_STATE({interface})")
    match target_of(interface):
        case Extension(context, extension):
            exists = await questions.exists(context, extension)
            if hint is None and context in HINTS:
                hint = f"{extension}@{HINTS[context]}"
        case Device("PJSIP", endpoint):
            exists = await questions.endpoint_state("PJSIP", endpoint) is not None
        case Device():
            exists = state != _INVALID
        case other:
            assert_never(other)
    lacks = hint is not None and is_safe(hint) and await questions.hint_exists(hint) is False
    return Member(interface=interface, state=state, exists=exists, lacks=hint if lacks else None)


def judged(agents: Agents, own: Collection[str] = (), region: str = "ZZ") -> list[Finding]:
    """The findings about the agents of a queue: one for each fault, or one that nothing is wrong.

    `own` are our own numbers in E.164, `region` is that of numbers without a country code.
    """
    written = ((member, number) for member in agents.members for number in numbers_in(member.interface, region))
    findings = [
        *_guarded(agents),
        *(_ourselves(agents, member, number) for member, number in written if number in own),
        *(found for member in agents.members if (found := _alone(agents, member))),
    ]
    if findings:
        return findings
    what = f"agents of queue {agents.queue}"
    if not agents.count:
        return [Finding(what, note="none now: nobody answers until one logs on")]
    said = f"{agents.count} logged on, {agents.reachable} of them reachable, {agents.ready} ready"
    if not agents.reachable:
        said += f": nobody answers until a phone of theirs registers, see `queue show {agents.queue}`"
    return [Finding(what, note=said)]


def _ourselves(agents: Agents, member: Member, number: str) -> Finding:
    return Finding(
        f"agent {member.interface} of queue {agents.queue}",
        f"rings our own number {number}: each caller comes back to us as another caller. Take the agent out with "
        f"`queue remove member {member.interface} from {agents.queue}`, or out of queues.conf",
    )


def _guarded(agents: Agents) -> list[Finding]:
    """Members behind a guard are one fault, however many they are."""
    if agents.enters is not None:
        return []
    behind = [member.interface for member in agents.members if _is_guarded(member)]
    if not behind:
        return []
    others = "" if len(behind) == 1 else f" and {len(behind) - 1} more"
    return [
        Finding(
            f"agents of queue {agents.queue}",
            f"{behind[0]}{others} cannot ring: FreePBX hangs up on callers whom Queue() sends there, unless they came "
            f"through ext-queues. Print the dialplan anew with `callcentre dialplan --pbx freepbx` (or write "
            f"queue_entry: ext-queues,{agents.queue},1 into the services of this queue), then `dialplan reload`; or "
            "let `callcentre install freepbx` write it",
        )
    ]


def _is_guarded(member: Member) -> bool:
    target = target_of(member.interface)
    return isinstance(target, Extension) and target.context in GUARDS and member.exists


def _alone(agents: Agents, member: Member) -> Finding | None:
    what = f"agent {member.interface} of queue {agents.queue}"
    if not is_safe(member.interface):
        return Finding(what, note="was not looked at: its name holds characters that no expression may hold")
    remove = f"`queue remove member {member.interface} from {agents.queue}`"
    take_out = f"or take the agent out with {remove}, or out of queues.conf"
    target = target_of(member.interface)
    if not member.exists:
        match target:
            case Extension(context, extension):
                fix = (
                    f"leads nowhere: add extension {extension} to context {context} of the dialplan, then "
                    f"`dialplan reload`; {take_out}"
                )
            case Device("PJSIP", endpoint):
                fix = (
                    f"leads nowhere: there is no endpoint {endpoint}. Add it to pjsip.conf, then `pjsip reload`; "
                    f"{take_out}"
                )
            case Device(technology):
                fix = (
                    f"leads nowhere: Asterisk has no such device. Look whether {technology} is among "
                    f"`core show channeltypes`; {take_out}"
                )
            case other:
                assert_never(other)
        return Finding(what, fix)
    unreachable = agents.reachable < agents.count
    if member.lacks is not None and unreachable:
        extension, _, context = member.lacks.partition("@")
        return Finding(
            what,
            f"counts as unreachable: there is no hint {member.lacks} to tell its state. Apply the configuration in "
            f"FreePBX (`fwconsole reload`), or add `exten => {extension},hint,PJSIP/{extension}` to context {context} "
            "of the dialplan, then `dialplan reload`",
        )
    if member.state == _INVALID and isinstance(target, Device) and unreachable:
        return Finding(
            what,
            "counts as unreachable: Asterisk knows no state of it. Add it with a state of its own: "
            f"{remove}, then `queue add member {member.interface} to {agents.queue} state_interface Custom:NAME`",
        )
    if isinstance(target, Extension) and not target.stays:
        return Finding(what, note=f"write it with /n: Local/{target.extension}@{target.context}/n")
    return None
