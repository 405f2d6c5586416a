"""The printed dialplan: whether Asterisk has it, and whether it matches this configuration."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from callcentre.cli.doctor.finding import Finding
from callcentre.cli.doctor.questions import Questions
from callcentre.config.settings import Service, Settings
from callcentre.features.callbacks.settings import CallbackSettings
from callcentre.features.notices.settings import NotifySettings
from callcentre.telephony import dialplan
from callcentre.telephony.contexts import (
    AGENT_CONTEXT,
    CALLBACK_CONTEXT,
    DIALPLAN_VERSION,
    ENTRY_CONTEXT,
    NOTICE_CONTEXT,
    RESERVE_CONTEXT,
    VERSION_CONTEXT,
)
from callcentre.telephony.dialplan import Pbx
from callcentre.telephony.queue_entry.settings import QueueEntrySettings

_PBXES: Final[tuple[Pbx, ...]] = ("plain", "freepbx")

_ANEW: Final = "print it anew with `callcentre dialplan`"
_AGAIN: Final = f"{_ANEW}, then `dialplan reload`; or let `callcentre install` write it"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of our dialplan: its purpose, its context, and whether Asterisk has it."""

    what: str
    context: str
    there: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """Our dialplan as Asterisk has it.

    `version`: it is of this version. `pbx`: it is the text for this configuration, as printed for that PBX; None: it is
    another text. `nowhere` has the settings that name a missing place of the PBX's own dialplan.
    """

    parts: tuple[Part, ...] = ()
    version: bool = True
    pbx: Pbx | None = "plain"
    nowhere: Mapping[str, str] = field(default_factory=dict)

    def entry_of(self, service: Service) -> str | None:
        """The entry into the queue that callers of a service take in Asterisk's dialplan, as far as it is known."""
        return dialplan.entry_of(service, self.pbx or "plain")


def needed(settings: Settings) -> Iterator[tuple[str, str, str]]:
    """The parts of the dialplan that the daemon and callers use: purpose, context and extension."""
    services = settings.services.items()
    yield from ((f"service {name}", ENTRY_CONTEXT, name) for name, _ in services)
    queues = dict.fromkeys(service.queue for _, service in services)
    yield from ((f"the exit key of queue {queue}", dialplan.exit_context(queue), "*") for queue in queues)
    calling = {name: rules for name, service in services if (rules := service.section(CallbackSettings)) is not None}
    if calling:
        yield "callbacks", CALLBACK_CONTEXT, "answered"
    first = [name for name, rules in calling.items() if rules.dial.order == "agent_first"]
    if first:
        yield "agents who are rung first", AGENT_CONTEXT, "answered"
    yield from ((f"agents of service {name} who are rung first", RESERVE_CONTEXT, name) for name in first)
    if any(service.section(NotifySettings) is not None for _, service in services):
        yield "the Auto Agent", NOTICE_CONTEXT, "answered"


async def printed(questions: Questions, settings: Settings, asterisk: int | None) -> Printed:
    """Read the dialplan. `asterisk` is the running Asterisk's major version, None when it is unknown."""

    async def has(extension: str) -> bool:
        return await questions.exists(VERSION_CONTEXT, extension)

    wanted = list(needed(settings))
    there = await asyncio.gather(*(questions.exists(context, extension) for _, context, extension in wanted))
    major = asterisk or dialplan.OLDEST + 1
    known = [pbx for pbx in _PBXES if await has(dialplan.fingerprint(settings, major, pbx))]
    pbx = known[0] if known else None
    return Printed(
        parts=tuple(Part(what, context, known) for (what, context, _), known in zip(wanted, there, strict=True)),
        version=await has(DIALPLAN_VERSION),
        pbx=pbx,
        nowhere=await _nowhere(questions, settings, pbx or "plain"),
    )


async def _nowhere(questions: Questions, settings: Settings, pbx: Pbx) -> dict[str, str]:
    """The places of the PBX's own dialplan that the configuration names and that do not exist."""
    places = {}
    for name, service in settings.services.items():
        entry = dialplan.entry_of(service, pbx)
        if entry is not None and not await questions.exists(*entry.split(",")):
            places[f"services.{name}.queue_entry"] = entry
        kept = service.section(QueueEntrySettings).exit_context
        if kept is not None and not await questions.exists(kept):
            places[f"services.{name}.exit_context"] = kept
    return places


def judged(printed: Printed) -> list[Finding]:
    """The findings about the dialplan."""
    findings = [Finding(f"dialplan for {part.what}", None if part.there else _lacks(part)) for part in printed.parts]
    findings += [
        Finding(setting, f"leads nowhere: the dialplan has no {place}. Write one that it has, then {_AGAIN}")
        for setting, place in printed.nowhere.items()
    ]
    if not printed.version:
        fix = f"was printed by another version, and callers pass the daemon by: {_AGAIN}"
        return [*findings, Finding("version of the dialplan", fix)]
    if not all(part.there for part in printed.parts):
        return findings
    what = "dialplan for this configuration"
    if printed.pbx is None:
        return [*findings, Finding(what, f"was printed for another configuration: {_AGAIN}")]
    return [*findings, Finding(what, note=None if printed.pbx == "plain" else f"printed with --pbx {printed.pbx}")]


def _lacks(part: Part) -> str:
    lack = f"{part.context} does not know it" if part.context == ENTRY_CONTEXT else f"there is no {part.context} for it"
    return f"{lack}: {_ANEW}, include it, then `dialplan reload`; or let `callcentre install` write it"
