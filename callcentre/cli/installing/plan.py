"""Plans what to write on a PBX, and why. Pure: existing files are read through a `Sources`.

A file of ours is replaced as a whole. In a file of the administrator only our marked block is added or replaced.
Files that FreePBX generates are never in a plan.
"""

from __future__ import annotations

import fnmatch
import hashlib
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from callcentre.cli.installing import blocks
from callcentre.cli.installing.blocks import BlockError
from callcentre.cli.installing.syntax import Configuration, Option, Sources, read
from callcentre.config.settings import Settings
from callcentre.telephony import dialplan
from callcentre.telephony.contexts import ENTRY_CONTEXT, OUR_CONTEXTS
from callcentre.telephony.dialplan import Pbx
from callcentre.telephony.queue_entry.settings import QueueEntrySettings
from callcentre.telephony.settings import AriSettings

EXTENSIONS_FILE = "callcentre.conf"
QUEUES_FILE = "callcentre-queues.conf"

Kind = Literal["file", "block"]


@dataclass(frozen=True, slots=True)
class Host:
    """The administrator's files with a block of ours."""

    extensions: str
    queues: str
    ari: str


HOSTS: Mapping[Pbx, Host] = {
    "plain": Host("extensions.conf", "queues.conf", "ari.conf"),
    "freepbx": Host("extensions_custom.conf", "queues_post_custom.conf", "ari_additional_custom.conf"),
}

GENERATED = "extensions_additional.conf"
"""FreePBX generates it; no other Asterisk has it."""


@dataclass(frozen=True, slots=True)
class Change:
    """A file to write, or with `after` None to remove; `before` is its content when the change was planned.

    `kind` block: a file of somebody else in which only our block changes; `joined`: its last line had no line break.
    `mode` is for a new file; None: that of the folder. `quiet`: one of many files, of which only the number is shown.
    """

    path: str
    before: bytes | None
    after: bytes | None
    why: str
    kind: Kind = "file"
    joined: bool = False
    mode: int | None = None
    quiet: bool = False


@dataclass(slots=True)
class Plan:
    """What to do. With `problems` nothing is done; `notes` are worth knowing."""

    changes: list[Change] = field(default_factory=list)
    commands: list[tuple[str, ...]] = field(default_factory=list)
    """A program, `asterisk` or `systemctl`, with its arguments; those of asterisk are commands of its console."""
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def digest(content: bytes | None) -> str | None:
    """The SHA-256 of a file's content; None for no file."""
    return None if content is None else hashlib.sha256(content).hexdigest()


def decoded(content: bytes) -> str:
    """A configuration file as text, whatever its bytes: `encoded` restores them."""
    return content.decode("utf-8", "surrogateescape")


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


class Overlay:
    """Sources with new texts for some files, as if they were already written."""

    def __init__(self, etc: str, below: Sources, texts: Mapping[str, str]) -> None:
        self._etc = etc
        self._below = below
        self._texts = texts

    def matching(self, pattern: str) -> Sequence[tuple[str, str]]:
        found = dict(self._below.matching(pattern))
        whole = posixpath.join(self._etc, pattern)
        for path, text in self._texts.items():
            if path in found or path == whole or fnmatch.fnmatchcase(path, whole):
                found[path] = text
        return sorted(found.items())


def plan_configuration(
    settings: Settings,
    asterisk: int,
    pbx: Pbx,
    etc: str,
    sources: Sources,
    *,
    ours: Mapping[str, str | None],
    ari_user: bool = False,
) -> Plan:
    """The configuration files of Asterisk in the folder `etc`.

    `asterisk` is its major version; `ours` has the SHA-256 of each file that the last install wrote; `ari_user`: also
    write ARI's user where there is none.
    """
    planning = _Planning(settings, asterisk, pbx, etc, sources, ours)
    problem = is_refused(pbx, etc, sources)
    if problem is not None:
        planning.plan.problems.append(problem)
        return planning.plan
    try:
        planning.begin()
    except BlockError:
        return planning.plan
    planning.extensions()
    planning.queues()
    planning.ari(wanted=ari_user)
    planning.verify()
    return planning.plan


def is_refused(pbx: Pbx, etc: str, sources: Sources) -> str | None:
    """Why nothing can be installed into this folder, and what to do; None when it can."""
    for name in ("extensions.conf", "queues.conf"):
        if not sources.matching(name):
            return (
                f"{etc}: is not a configuration of Asterisk: there is no {name}; name its folder with --etc "
                "(astetcdir in asterisk.conf)"
            )
    generated = bool(sources.matching(GENERATED))
    if pbx == "plain" and generated:
        return (
            f"{etc}: is generated by FreePBX, which would write over what is added to extensions.conf: "
            "use `callcentre install freepbx`"
        )
    if pbx == "freepbx" and not generated:
        return f"{etc}: is not FreePBX's: there is no {GENERATED}; use `callcentre install asterisk`"
    return None


class _Planning:
    def __init__(
        self,
        settings: Settings,
        asterisk: int,
        pbx: Pbx,
        etc: str,
        sources: Sources,
        ours: Mapping[str, str | None],
    ) -> None:
        self._settings = settings
        self._asterisk = asterisk
        self._pbx: Pbx = pbx
        self._etc = etc
        self._sources = sources
        self._ours = ours
        self._host = HOSTS[pbx]
        self._own = [EXTENSIONS_FILE] if pbx == "freepbx" else [EXTENSIONS_FILE, QUEUES_FILE]
        self._queues = list(dict.fromkeys(service.queue for service in settings.services.values()))
        self._texts: dict[str, str] = {}
        self._there: list[str] = []
        self.plan = Plan()

    def begin(self) -> None:
        """Read Asterisk's configuration without our files."""
        texts = dict.fromkeys((self._path(name) for name in self._own), "")
        for name in (self._host.extensions, self._host.queues, self._host.ari):
            text = self._text(name)
            if text is None:
                continue
            try:
                texts[self._path(name)] = blocks.without(text)
            except BlockError as error:
                self.plan.problems.append(f"{self._path(name)}: {error}")
        if self.plan.problems:
            raise BlockError
        without = Overlay(self._etc, self._sources, texts)
        self._dialplan = read("extensions.conf", without)
        self._queues_conf = read("queues.conf", without)
        self._ari_conf = read("ari.conf", without)

    def _path(self, name: str) -> str:
        return posixpath.join(self._etc, name)

    def _text(self, name: str) -> str | None:
        return next((text for path, text in self._sources.matching(name) if path == self._path(name)), None)

    # --- dialplan --------------------------------------------------------------------------------

    def extensions(self) -> None:
        """Our dialplan, and the line that includes it."""
        exits = self._exits()
        text = dialplan.extensions(self._settings, self._asterisk, self._pbx, exits)
        for section in self._dialplan.sections:
            if section.name.lower().startswith(OUR_CONTEXTS) and f"\n[{section.name}]\n" in f"\n{text}":
                self.plan.problems.append(
                    f"{section.place}: has [{section.name}] already, which {EXTENSIONS_FILE} brings; delete it there"
                )
        self._write_own(EXTENSIONS_FILE, text, "the dialplan: ways in, exit keys, callbacks")
        self._include(self._host.extensions, EXTENSIONS_FILE, self._dialplan)
        if self._changed(EXTENSIONS_FILE, self._host.extensions):
            self.plan.commands.append(("asterisk", "dialplan reload"))

    def _exits(self) -> dict[str, str]:
        """The exit context that each queue has without us, unless the settings name one."""
        exits: dict[str, str] = {}
        for queue in self._queues:
            found = self._exit_of(queue)
            services = {name: one for name, one in self._settings.services.items() if one.queue == queue}
            contexts = {name: one.section(QueueEntrySettings).exit_context for name, one in services.items()}
            named = [(name, context) for name, context in contexts.items() if context is not None]
            for service, context in named[:1]:
                if found is not None and found.value != context:
                    self.plan.notes.append(
                        f"queue {queue}: services.{service}.exit_context says {context}, and {found.place} says "
                        f"{found.value}; the setting holds, and the keys of {found.value} are lost"
                    )
            if found is None or named:
                continue
            if not re.fullmatch(r"[A-Za-z0-9_.-]+", found.value):
                self.plan.problems.append(
                    f"{found.place}: queue {queue} has the exit context {found.value!r}, which no dialplan can "
                    "include; give it a name of A-Z a-z 0-9 _ . and -, there and in the dialplan"
                )
                continue
            exits[queue] = found.value
            context_there = self._dialplan.section(found.value)
            lost = context_there is not None and any(
                option.name.lower() == "exten" and option.value.split(",")[0].strip() == "*"
                for option in context_there.options
            )
            kept = "its keys stay" + (", but for *, which is ours now" if lost else "")
            self.plan.notes.append(
                f"queue {queue}: its exit context {found.value} ({found.place}) is included in "
                f"{dialplan.exit_context(queue)}, and {kept}"
            )
        return exits

    def _exit_of(self, queue: str) -> Option | None:
        section = self._queues_conf.section(queue)
        if section is None:
            return None
        # When our lines were copied by hand, our own context is last, and the earlier one is further up.
        others = [
            option
            for option in section.options
            if option.name.lower() == "context" and not option.value.startswith(OUR_CONTEXTS)
        ]
        return others[-1] if others and others[-1].value else None

    # --- queues ----------------------------------------------------------------------------------

    def queues(self) -> None:
        """The options of our queues."""
        self._there = [queue for queue in self._queues if self._queues_conf.section(queue) is not None]
        for queue in self._queues:
            if queue not in self._there:
                self.plan.notes.append(self._no_queue(queue))
        own = QUEUES_FILE if self._pbx == "plain" else None
        before = self._text(own or self._host.queues)
        if not self._there and (before is None or (own is None and blocks.find(before) is None)):
            return
        lines = dialplan.queues(self._settings, added=True, among=self._there)
        if own is None:
            self._write_block(self._host.queues, lines, "the options of the queues")
        else:
            self._write_own(own, lines, "the options of the queues")
            self._include(self._host.queues, own, self._queues_conf)
        if self._changed(QUEUES_FILE, self._host.queues):
            self.plan.commands.append(("asterisk", "queue reload all"))

    def _no_queue(self, queue: str) -> str:
        problem = (
            f"queue {queue}: has no section in queues.conf and what it includes, so its options are left out: "
            "make the queue and run this again"
        )
        if self._queues_conf.unread:
            problem += f"; {self._queues_conf.unread[0]} runs a program (#exec), whose queues are not seen"
        return f"{problem}; if it is in a database, set there what `callcentre dialplan --part queues` prints"

    # --- ARI -------------------------------------------------------------------------------------

    def ari(self, *, wanted: bool) -> None:
        """ARI's user, where there is none and one is wanted."""
        ari, name = self._settings.section(AriSettings), self._host.ari
        user = ari.username
        found, text = self._ari_conf.section(user), self._text(name)
        ours = text is not None and blocks.find(text) is not None
        if found is not None:
            if wanted:
                self.plan.notes.append(f"{found.place}: ARI's user {user} is there already, and stays as it is")
            return
        if not wanted:
            if not ours:
                self.plan.notes.append(f"ari.conf has no user {user}: with --ari-user it is written too")
            return
        password = ari.password.replace(";", "\\;")
        lines = f"[{user}]\ntype=user\npassword={password}\npassword_format=plain\nread_only=no\n"
        self._write_block(name, lines, "the user of ARI")
        if self._changed(name):
            self.plan.commands.append(("asterisk", "module reload res_ari.so"))
        there = read("ari.conf", self._after()).section(user)
        option = there.last("password") if there is not None else None
        if option is None:
            self.plan.problems.append(f"{self._path('ari.conf')}: does not include {name}; add `#include {name}` to it")
        elif option.value != ari.password:
            self.plan.problems.append("ari.password: cannot be in ari.conf; choose one without blanks at its ends")

    # --- files -----------------------------------------------------------------------------------

    def _changed(self, *names: str) -> bool:
        return any(change.path in map(self._path, names) for change in self.plan.changes)

    def _write_own(self, name: str, text: str, why: str) -> None:
        if not text.strip():
            self.plan.problems.append(f"{self._path(name)}: there is nothing to write into it; this is a fault of ours")
            return
        path, before = self._path(name), self._text(name)
        self._texts[path] = text
        if before == text:
            return
        content = None if before is None else encoded(before)
        if content is not None and digest(content) != self._ours.get(path):
            why += "; what is there was not written by `callcentre install`, or changed since: look at the difference"
        self.plan.changes.append(Change(path, content, encoded(text), why))

    def _write_block(self, name: str, lines: str, why: str) -> None:
        path, before = self._path(name), self._text(name)
        text = blocks.put(before or "", lines)
        self._texts[path] = text
        if text == before:
            return
        joined = before is not None and blocks.find(before) is None and blocks.joins(before)
        content = None if before is None else encoded(before)
        self.plan.changes.append(Change(path, content, encoded(text), why, "block", joined))

    def _include(self, host: str, name: str, without: Configuration) -> None:
        """Add a line that includes a file of ours, unless there is one."""
        if self._path(name) in {posixpath.normpath(file) for file in without.files()}:
            return
        self._write_block(host, f"#include {name}\n", f"includes {name}")

    def _after(self) -> Overlay:
        return Overlay(self._etc, self._sources, self._texts)

    # --- would it work? --------------------------------------------------------------------------

    def verify(self) -> None:
        """Read everything as it would be: the new files must break nothing and must take effect."""
        dialplan_conf, queues_conf = (read(name, self._after()) for name in ("extensions.conf", "queues.conf"))
        for before, after in ((self._dialplan, dialplan_conf), (self._queues_conf, queues_conf)):
            for trouble in after.troubles:
                if trouble in before.troubles:
                    self.plan.notes.append(str(trouble))
                else:
                    self.plan.problems.append(f"would then break: {trouble}")
        if dialplan_conf.section(ENTRY_CONTEXT) is None:
            host = self._host.extensions
            self.plan.problems.append(
                f"{self._path('extensions.conf')}: does not include {host}, or within a comment; "
                f"add `#include {host}` to it"
                if host != "extensions.conf"
                else f"{self._path(host)}: {EXTENSIONS_FILE} would be inside a comment there; close it"
            )
        lines = self._host.queues if self._pbx == "freepbx" else QUEUES_FILE
        included = self._path(lines) in {posixpath.normpath(file) for file in queues_conf.files()}
        for queue in self._there:
            section = queues_conf.section(queue)
            option = section.last("context") if section is not None else None
            if option is not None and option.value == dialplan.exit_context(queue):
                continue
            at = "" if option is None else f"; {option.place} sets context={option.value}"
            self.plan.problems.append(
                f"queue {queue}: its options would not hold: {lines} is included before the section of the queue{at}; "
                f"put `#include {lines}` behind it in queues.conf"
                if included
                else f"queue {queue}: queues.conf does not include {lines}, or within a comment; "
                f"add `#include {lines}` behind the section of the queue"
            )


# --- prompts and unit ------------------------------------------------------------------------------


def plan_unit(path: str, before: bytes | None, text: str, ours: Mapping[str, str | None]) -> Plan:
    """The systemd unit. A unit that somebody else wrote or changed is kept."""
    after = text.encode()
    if before == after:
        return Plan()
    if before is not None and digest(before) != ours.get(path):
        return Plan(notes=[f"{path}: differs from ours and stays as it is; remove it to have ours"])
    change = Change(path, before, after, "the systemd unit", mode=0o644)
    return Plan([change], [("systemctl", "daemon-reload")])


def plan_prompts(placings: Sequence[tuple[str, bytes | None, bytes | None]], kept: int) -> Plan:
    """The prompts: path, present and planned content. `kept`: the number of the administrator's own recordings."""
    changes = [Change(path, before, after, "the prompts", mode=0o644, quiet=True) for path, before, after in placings]
    return Plan(
        changes,
        [("asterisk", "module reload sounds")] if changes else [],
        [f"{kept} recordings of your own stay"] if kept else [],
    )


# --- taking it back --------------------------------------------------------------------------------


def references(sources: Sources, etc: str) -> Iterator[str]:
    """The lines outside our own files that send calls to our dialplan, and lead nowhere without it."""
    own = posixpath.join(etc, EXTENSIONS_FILE)
    for section in read("extensions.conf", sources).sections:
        for option in section.options:
            if option.place.file != own and re.search(rf"\b{re.escape(ENTRY_CONTEXT)}\b", option.value):
                yield f"{option.place}: {option.name}={option.value}"


def together(plans: Iterable[Plan]) -> Plan:
    """Several plans as one."""
    whole = Plan()
    for plan in plans:
        whole.changes += plan.changes
        whole.commands += plan.commands
        whole.notes += plan.notes
        whole.problems += plan.problems
    return whole
