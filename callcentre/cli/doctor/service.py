"""Examines how the daemon is run: its systemd unit, the watchdog, and the rotation of its log."""

from __future__ import annotations

import fnmatch
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from callcentre.cli.doctor.finding import Finding, warning
from callcentre.cli.installing import survey
from callcentre.cli.installing.unit import NAME, unit_text
from callcentre.config.read import Configuration
from callcentre.kernel.settings import log_file_of

OF_THIS_MACHINE: Final = frozenset({"User", "EnvironmentFile", "ExecStart", "Description"})
"""Directives of the unit that differ from machine to machine."""

LOGROTATE: Final = (Path("/etc/logrotate.conf"), Path("/etc/logrotate.d"))
_PROPERTIES: Final = ("LoadState", "UnitFileState", "ActiveState", "NeedDaemonReload", "WatchdogUSec")
_PATTERN: Final = re.compile(r'"([^"]+)"|(/\S+)')
_WHAT: Final = f"systemd unit {NAME}"


def service(configuration: Configuration) -> list[Finding]:
    """Examine unit and log; of the unit only where systemd runs."""
    found = []
    if survey.has_systemd():
        shown = survey.output(("systemctl", "show", NAME, *(f"--property={name}" for name in _PROPERTIES)))
        text = survey.output(("systemctl", "cat", NAME)) or ""
        ours = unit_text(survey.own_program(), str(configuration.path.absolute()))
        found += unit(dict(line.split("=", 1) for line in (shown or "").splitlines() if "=" in line), text, ours)
    log = log_file_of(configuration)
    if log is not None:
        program = shutil.which("logrotate", path="/usr/sbin:/usr/bin:/sbin:/bin")
        found.append(rotation(log.absolute(), _patterns(), has_program=program is not None))
    return found


def unit(properties: Mapping[str, str], text: str, ours: str) -> list[Finding]:
    """The findings about the unit. `text` is what systemd has read with all drop-ins, `ours` the unit of this version.

    Properties are those of systemctl-show(1).
    """
    if properties.get("LoadState") in (None, "not-found"):
        return [
            warning(_WHAT, "there is none: `callcentre install asterisk` writes it, and the Debian package brings it")
        ]
    found = []
    if properties.get("ActiveState") == "failed":
        found.append(Finding(_WHAT, f"has failed: `journalctl -u {NAME}` says why; then `systemctl restart {NAME}`"))
    if properties.get("NeedDaemonReload") == "yes":
        found.append(
            Finding(_WHAT, f"was changed and not read since: `systemctl daemon-reload`, `systemctl restart {NAME}`")
        )
    if properties.get("UnitFileState") in ("disabled", "masked"):
        found.append(warning(_WHAT, f"does not start with the machine: `systemctl enable {NAME}`"))
    if lacking := _lacking(text, ours):
        fix = f"lacks {', '.join(lacking)}, as of another version: let `callcentre install asterisk` write it"
        found.append(warning(_WHAT, fix))
    if properties.get("WatchdogUSec") in ("0", "infinity"):
        fix = "is off, so a daemon that hangs is not noticed: remove WatchdogSec= from the drop-ins (`systemctl edit`)"
        found.append(warning("systemd watchdog", fix))
    return found or [Finding(_WHAT)]


def _lacking(text: str, ours: str) -> list[str]:
    """The directives of our unit that the one of the machine does not set at all, other than those of its own."""
    there = {name for name, _ in _directives(text)}
    return [f"{name}={value}" for name, value in _directives(ours) if name not in there | OF_THIS_MACHINE]


def _directives(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        name, equals, value = line.strip().partition("=")
        if equals and not name.startswith(("#", ";")):
            yield name, value


def _patterns() -> Iterator[str]:
    """The files that logrotate rotates, as its configuration names them."""
    files = [LOGROTATE[0], *(sorted(LOGROTATE[1].iterdir()) if LOGROTATE[1].is_dir() else ())]
    for file in files:
        try:
            lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
        for line in lines:
            if line.strip().startswith(("/", '"/')):
                yield from (quoted or plain for quoted, plain in _PATTERN.findall(line.partition("{")[0]))


def rotation(log: Path, patterns: Iterable[str], *, has_program: bool) -> Finding:
    """The finding about the rotation of the log of facts."""
    what = f"rotation of {log}"
    if not any(fnmatch.fnmatch(str(log), pattern) for pattern in patterns):
        fix = "grows without an end: write /etc/logrotate.d/callcentre as docs/operate/watch.md says"
        return warning(what, fix)
    if not has_program:
        return warning(what, "is set up, but there is no logrotate: `apt install logrotate`")
    return Finding(what)
