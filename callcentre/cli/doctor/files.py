"""Examines Asterisk's configuration files for what ARI does not show, if doctor may read them on this machine."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from callcentre.cli.doctor import access
from callcentre.cli.doctor.finding import Finding
from callcentre.cli.doctor.questions import Questions
from callcentre.cli.installing.survey import Disk, SurveyError
from callcentre.cli.installing.syntax import Configuration, Section, read
from callcentre.config.addresses import is_loopback
from callcentre.config.settings import Settings
from callcentre.telephony import dialplan
from callcentre.telephony.queue_entry.settings import QueueEntrySettings
from callcentre.telephony.settings import AriSettings

_TRUE: Final = frozenset({"yes", "true", "y", "t", "1", "on"})
_HINT: Final = "hint:"


@dataclass(frozen=True, slots=True)
class Files:
    """The contents of the files; `unread` says why they were not read."""

    queues: Configuration = field(default_factory=Configuration)
    ari: Configuration = field(default_factory=Configuration)
    unread: str | None = None

    def has_user(self, username: str) -> bool:
        """Whether the files have a section for an ARI user."""
        return self.ari.section(username) is not None

    def hints(self, queue: str) -> Mapping[str, str]:
        """The hints (`1001@ext-local`) with the state of a queue's agents, by the interfaces of the agents."""
        section = self.queues.section(queue)
        members = [] if section is None else [option for option in section.options if option.name == "member"]
        fields_of_members = (option.value.split(",") for option in members)
        return {
            fields[0].strip(): fields[3].strip()[len(_HINT) :]
            for fields in fields_of_members
            if len(fields) > 3 and fields[3].strip().startswith(_HINT)
        }


async def files(questions: Questions, url: str) -> Files:
    """Read the files. `url` is that of ARI."""
    if not await _is_here(urlsplit(url).hostname or ""):
        return Files(unread="Asterisk runs on another machine")
    folder = Path(await questions.ask("ASTETCDIR"))
    if not folder.is_absolute() or not folder.is_dir():  # noqa: ASYNC240 - nothing else runs
        return Files(unread=f"there is no folder {folder} on this machine")
    disk = Disk(folder)
    try:
        return Files(queues=read("queues.conf", disk), ari=read("ari.conf", disk))
    except SurveyError as error:
        return Files(unread=str(error))


async def _is_here(host: str) -> bool:
    """Whether an address belongs to this machine."""
    if is_loopback(host):
        return True
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, 0, type=socket.SOCK_DGRAM)
    except OSError:
        return False
    return any(_is_ours(family, address) for family, _, _, _, address in found)


def _is_ours(family: int, address: tuple[object, ...]) -> bool:
    with closing(socket.socket(family, socket.SOCK_DGRAM)) as one:
        try:
            one.bind(address)
        except OSError:
            return False
    return True


def judged(found: Files, settings: Settings) -> list[Finding]:
    """The findings about the files."""
    if found.unread is not None:
        return [Finding("Asterisk's configuration files", note=f"not looked at: {found.unread}")]
    findings = [*_troubles(found.queues), *_ari(found.ari, settings.section(AriSettings).username)]
    if found.queues.troubles:
        return findings
    for queue, services in _services(settings).items():
        section = found.queues.section(queue)
        if section is not None:
            kept = [settings.services[name].section(QueueEntrySettings).exit_context for name in services]
            findings.append(_options(section, queue, kept=next(filter(None, kept), None)))
    if found.queues.unread:
        what = f"queues.conf: {found.queues.unread[0]}"
        findings.append(Finding(what, note="#exec: what its program prints was not looked at"))
    return findings


def _services(settings: Settings) -> dict[str, list[str]]:
    queues: dict[str, list[str]] = {}
    for name, service in settings.services.items():
        queues.setdefault(service.queue, []).append(name)
    return queues


def _troubles(configuration: Configuration) -> Iterator[Finding]:
    for trouble in configuration.troubles:
        fix = f"{trouble.what}. Asterisk uses nothing of the whole file: correct it, then `queue reload all`"
        yield Finding(str(trouble.place), fix)


def _ari(configuration: Configuration, username: str) -> Iterator[Finding]:
    section = configuration.section(username)
    if section is not None and is_crypted(section):
        yield access.crypted(username)


def is_crypted(section: Section) -> bool:
    """Whether a user of ari.conf has a crypted password."""
    password = section.last("password_format")
    return password is not None and password.value.casefold() == "crypt"


def _options(section: Section, queue: str, *, kept: str | None) -> Finding:
    """The options that the daemon needs in a queue, as `callcentre dialplan --part queues` prints them."""
    wrong = []
    for name, wanted, default in (
        ("setinterfacevar", True, False), ("setqueueentryvar", True, False), ("ringinuse", False, True),
    ):  # fmt: skip
        option = section.last(name)
        if (default if option is None else option.value.casefold() in _TRUE) is not wanted:
            wrong.append(f"{name}={'yes' if wanted else 'no'}")
    ours = dialplan.exit_context(queue)
    context = section.last("context")
    now = "" if context is None else context.value
    if now != ours:
        wrong.append(f"context={ours}")
    what = f"options of queue {queue}"
    if not wrong:
        return Finding(what)
    fix = (
        f"{section.place}: write {', '.join(wrong)} (`callcentre dialplan --part queues` prints all of it), then "
        "`queue reload all`; or let `callcentre install` write it"
    )
    if now and now not in (ours, kept):
        fix += f"; exit_context: {now} in the service, and the dialplan printed anew, keeps the keys that it has now"
    return Finding(what, fix)
