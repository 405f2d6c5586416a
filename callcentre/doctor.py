"""`callcentre doctor`: asks everything that the daemon depends on, and says what to mend."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from callcentre import dialplan, sounds
from callcentre.app import gateway_of
from callcentre.ari.client import Client
from callcentre.ari.model import AriError, Conflict, Forbidden, NotFound, Unreachable
from callcentre.config.read import Configuration
from callcentre.config.settings import Settings
from callcentre.domain.contexts import (
    AGENT_CONTEXT,
    CALLBACK_CONTEXT,
    DIALPLAN_VERSION,
    NOTICE_CONTEXT,
    VERSION_CONTEXT,
)
from callcentre.domain.languages import LANGUAGES

_PROBE = "callcentre-doctor"
_HEARTBEAT = 10.0
_SKEW_SECONDS = 1.0
"""The lease is a time on our clock, compared with Asterisk's: they may differ by less than this."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was asked: None in `mend` when it is well, else what to do. `note`: well, but worth knowing."""

    what: str
    mend: str | None = None
    note: str | None = None

    @property
    def well(self) -> bool:
        """Whether nothing is to be done."""
        return self.mend is None


async def examine(configuration: Configuration) -> list[Finding]:
    """Ask Asterisk, its queues, dialplan and sounds, the gateway and the database. Changes nothing that stays."""
    settings = configuration.settings
    findings = [_database(configuration.database)]
    async with Client(settings.ari.url, settings.ari.username, settings.ari.password) as client:
        findings += await _asterisk(client, configuration)
    gateway = gateway_of(settings)
    try:
        findings.append(Finding(f"SMS gateway {gateway.name}", await gateway.probe()))
    finally:
        await gateway.close()
    return findings


def _database(path: Path) -> Finding:
    folder = path.parent
    what = f"database {path}"
    if not folder.is_dir():
        return Finding(what, f"its folder does not exist: mkdir -p {folder}")
    target = path if path.exists() else folder
    if not os.access(target, os.W_OK):
        return Finding(what, f"cannot be written by this user: give {target} to the daemon's user")
    return Finding(what)


async def _asterisk(client: Client, configuration: Configuration) -> list[Finding]:
    what = f"Asterisk at {client.url}"
    try:
        info = await client.asterisk.get_info()
    except Forbidden:
        return [Finding(what, "refuses ari.username and ari.password: compare them with ari.conf, then `ari reload`")]
    except Unreachable as error:
        mend = f"cannot be reached ({error}): is it running, with enabled=yes in http.conf and ari.conf?"
        return [Finding(what, mend)]
    except AriError as error:
        return [Finding(what, f"answers {error}: is ari.url right, up to and with /ari?")]
    version = info.system.version if info.system is not None else ""
    major = dialplan.major_version(version)
    findings = [
        Finding(
            f"{what}, version {version}",
            None if major is None or major >= dialplan.OLDEST else f"is too old: {dialplan.OLDEST} or newer is needed",
        )
    ]
    try:
        async with _probe(client) as channel:
            findings += await _inside(client, channel, configuration)
    except AriError as error:
        findings.append(Finding("asking Asterisk's functions", f"failed: {error}"))
    return findings + await _sounds(client)


@asynccontextmanager
async def _probe(client: Client) -> AsyncIterator[str]:
    """A channel that rings nowhere: functions are evaluated only on a channel."""
    # Asterisk hangs up a channel made for an application that nobody listens to.
    listening = await client.connect_events(_PROBE, heartbeat=_HEARTBEAT)
    try:
        # One left behind by a doctor that was ended serves as well.
        with suppress(Conflict):
            await client.channels.create(
                endpoint="Local/s@callcentre-doctor", app=_PROBE, channel_id=_PROBE, other_channel_id=f"{_PROBE}-other"
            )
        try:
            yield _PROBE
        finally:
            with suppress(NotFound):
                await client.channels.hangup(_PROBE)
    finally:
        await listening.close()


async def _inside(client: Client, channel: str, configuration: Configuration) -> list[Finding]:
    async def ask(expression: str) -> str:
        return (await client.channels.get_channel_var(channel, variable=expression)).value

    settings = configuration.settings
    findings = []
    for queue in dict.fromkeys(service.queue for service in settings.services.values()):
        known = await ask(f"QUEUE_EXISTS({queue})") == "1"
        mend = f"is not known to Asterisk: add [{queue}] to queues.conf, then `queue reload all`"
        findings.append(Finding(f"queue {queue}", None if known else mend))
        members = await ask(f"QUEUE_MEMBER({queue},count)") if known else "0"
        if known and members == "0":
            findings.append(Finding(f"agents of queue {queue}", note="none now: nobody answers until one logs on"))
    for name in settings.services:
        there = await ask(f"DIALPLAN_EXISTS(callcentre-queue,{name},1)") == "1"
        mend = (
            "callcentre-queue does not know it: print it anew with `callcentre dialplan`, include it, `dialplan reload`"
        )
        findings.append(Finding(f"dialplan for service {name}", None if there else mend))
    there = await ask(f"DIALPLAN_EXISTS({VERSION_CONTEXT},{DIALPLAN_VERSION},1)") == "1"
    mend = "was printed by another version: print it anew with `callcentre dialplan`, then `dialplan reload`"
    findings.append(Finding("version of the dialplan", None if there else mend))
    for what, context in _contexts(settings):
        there = await ask(f"DIALPLAN_EXISTS({context},answered,1)") == "1"
        mend = f"there is no {context}: print it anew with `callcentre dialplan`, then `dialplan reload`"
        findings.append(Finding(f"dialplan for {what}", None if there else mend))
    skew = abs(float(await ask("EPOCH")) + 0.5 - datetime.now(UTC).timestamp())
    mend = f"differ by {skew:.0f} s: keep both machines on NTP, or callers pass by the daemon"
    findings.append(Finding("clocks of Asterisk and this machine", None if skew <= _SKEW_SECONDS + 0.5 else mend))
    return findings


def _contexts(settings: Settings) -> Iterator[tuple[str, str]]:
    """What is used of our dialplan beyond the way in: a dialplan printed by an older version lacks it."""
    callbacks = [service.callback for service in settings.services.values() if service.callback is not None]
    if callbacks:
        yield "callbacks", CALLBACK_CONTEXT
    if any(callback.dial.order == "agent_first" for callback in callbacks):
        yield "agents who are rung first", AGENT_CONTEXT
    if any(service.notify is not None for service in settings.services.values()):
        yield "the Auto Agent", NOTICE_CONTEXT


async def _sounds(client: Client) -> list[Finding]:
    try:
        known = {sound.id: {form.language for form in sound.formats} for sound in await client.sounds.list()}
    except NotFound:
        known = {}  # Asterisk's word for not having a single sound.
    except AriError as error:
        return [Finding("sounds", f"cannot be listed: {error}")]
    findings = []
    for language, prompts in {language: sounds.texts(language) for language in LANGUAGES}.items():
        missing = [name for name in prompts if language not in known.get(f"callcentre/{name}", ())]
        mend = (
            f"{len(missing)} of {len(prompts)} prompts are missing, such as callcentre/{missing[0]}: "
            "`callcentre sounds install <Asterisk's sounds folder>`, then `module reload sounds`"
            if missing
            else None
        )
        findings.append(Finding(f"sounds in {language}", mend))
    return findings
