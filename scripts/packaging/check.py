"""Does to the package what an administrator does, in a copy of this machine: `scripts/package --check`.

Run as `python -m scripts.packaging.check PACKAGE NEWER` in namespaces of its own, it prints a line for each thing that
was as it should be, and ends with the first that was not.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from callcentre.telephony.sounds import texts
from callcentre.values.languages import LANGUAGES
from scripts.packaging.build import About, build
from scripts.packaging.copy_of_machine import CopyOfMachine, inside, until
from tests.testbed.pbx import Pbx
from tests.testbed.ports import PortBlock
from tests.testbed.service_manager import ServiceManager

SOUNDS = "usr/share/asterisk/sounds"
SECRETS = "/etc/callcentre/secrets"
FILE = "/etc/callcentre/config.yaml"
OWN = "# Written by the administrator.\n"


class NotAsItShouldBeError(Exception):
    """The package does something else; the text says what."""


def check(package: Path, about: About) -> int:
    """Build the package again, and a newer one; compare and try them. The exit code."""
    if os.geteuid() != 0:
        print("scripts/package --check: needs root, for an overlay of this machine", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="callcentre-check-", dir="/var/tmp") as scratch:
        again = build(Path(scratch, "again"), about)
        if _sum(again) != _sum(package):
            print("scripts/package --check: built again, the package differs", file=sys.stderr)
            return 1
        print(f"ok: built again it is the same, sha256 {_sum(package)[:16]}…")
        newer = _newer(package, Path(scratch), replace(about, version=f"{about.version}+newer"))
        command = inside(sys.executable, "-m", "scripts.packaging.check", str(package), str(newer), scratch)
        return subprocess.run(command, check=False).returncode


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _newer(package: Path, scratch: Path, about: About) -> Path:
    """The same package with another version."""
    root = scratch / "newer"
    subprocess.run(["dpkg-deb", "--raw-extract", str(package), str(root)], check=True)
    control = root / "DEBIAN" / "control"
    text = re.sub(r"(?m)^Version: .*$", f"Version: {about.version}", control.read_text(encoding="utf-8"))
    control.write_text(text, encoding="utf-8")
    made = scratch / about.file
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", str(root), str(made)], check=True)
    shutil.rmtree(root)
    return made


def holds(what: str, held: object) -> None:
    """Print that something is as it should be, or raise NotAsItShouldBeError."""
    if not held:
        raise NotAsItShouldBeError(what)
    print(f"ok: {what}", flush=True)


# --- inside the namespaces --------------------------------------------------------------------------


async def try_out(package: Path, newer: Path, scratch: Path) -> None:
    """Install, configure, run, upgrade, go back, remove and purge. Raises NotAsItShouldBeError."""
    copy = CopyOfMachine(scratch)
    try:
        for file in (package, newer):
            shutil.copy(file, copy.root / "root" / file.name)
        one, other = f"/root/{package.name}", f"/root/{newer.name}"
        own = copy.root / SOUNDS / "fi/callcentre/call-intro.wav"
        own.parent.mkdir(parents=True)
        own.write_bytes(b"recorded by the administrator")

        copy.run("dpkg", "--install", one)
        _is_installed(copy, own)
        await _runs(copy, scratch)
        _is_run_by_systemd(copy)
        before = (copy.root / "var/lib/callcentre/callcentre.db").stat().st_ino

        copy.run("dpkg", "--install", other)
        holds("an upgrade keeps the configuration that the administrator wrote", _own_words(copy))
        copy.run("dpkg", "--install", one)
        holds("the package of before can be installed over it", _own_words(copy))
        holds("a recording of the administrator's stays", own.read_bytes() == b"recorded by the administrator")

        copy.run("dpkg", "--remove", "callcentre")
        holds("removed, the program and our prompts are gone", not _has_program(copy) and not _prompts(copy))
        holds("the recording, the configuration, the database and the log are there yet",
              own.exists() and _own_words(copy) and (copy.root / "var/lib/callcentre/callcentre.db").exists()
              and (copy.root / "var/log/callcentre/facts.log").exists())  # fmt: skip
        copy.run("dpkg", "--install", one)
        there = (copy.root / "var/lib/callcentre/callcentre.db").stat().st_ino
        holds("installed again it goes on with them", _own_words(copy) and there == before)

        own.unlink()
        copy.run("dpkg", "--purge", "callcentre")
        holds("purged, no user is left", not copy.succeeds("getent", "passwd", "callcentre"))
        left = sorted(copy.new())
        holds(f"purged, no file is left{f': {left[:10]}' if left else ''}", not left)
    finally:
        copy.close()


def _is_installed(copy: CopyOfMachine, own: Path) -> None:
    holds("there is a user callcentre without a shell", "nologin" in copy.run("getent", "passwd", "callcentre"))
    modes = copy.run("stat", "-c", "%n %U:%G %a", "/etc/callcentre", FILE, SECRETS, "/var/lib/callcentre",
                     "/var/log/callcentre").splitlines()  # fmt: skip
    holds("folders and files have their owners and modes", modes == [
        "/etc/callcentre root:callcentre 750", f"{FILE} root:callcentre 640", f"{SECRETS} root:root 600",
        "/var/lib/callcentre callcentre:callcentre 700", "/var/log/callcentre callcentre:callcentre 750",
    ])  # fmt: skip
    holds("every prompt is there but the one that the administrator recorded",
          _prompts(copy) == sum(len(texts(language)) for language in LANGUAGES) - 1
          and own.read_bytes() == b"recorded by the administrator")  # fmt: skip
    holds("dpkg finds every file as it was packed", not copy.run("dpkg", "--verify", "callcentre"))
    unit = "/usr/lib/systemd/system/callcentre.service"
    holds("systemd-analyze verify finds nothing wrong with the unit", not copy.run("systemd-analyze", "verify", unit))
    score = copy.run("systemd-analyze", "security", "--offline=true", unit).splitlines()[-1]
    found = re.search(r"(\d+\.\d+)", score)
    holds(f"systemd-analyze security: {found and found[1]}", found and float(found[1]) < 2)
    holds(
        "the service is not enabled before it is configured", not copy.succeeds("systemctl", "is-enabled", "callcentre")
    )
    if copy.succeeds("which", "logrotate"):
        copy.run("logrotate", "--debug", "/etc/logrotate.d/callcentre")
        holds("logrotate reads its configuration", held=True)
    holds("the configuration has no mistake", "Traceback" not in copy.run(
        "sh", "-c", f"set -a; . {SECRETS}; exec callcentre check -c {FILE}"))  # fmt: skip
    for module in ("psycopg", "rustpy_xlsxwriter"):
        copy.run("/usr/lib/callcentre/bin/python3", "-c", f"import {module}")
    holds("the modules of PostgreSQL and of workbooks load with Debian's Python", held=True)


def _prompts(copy: CopyOfMachine) -> int:
    sums = (line for file in (copy.root / SOUNDS).glob("*/callcentre/.installed") for line in file.open())
    return sum(1 for _ in sums)


def _has_program(copy: CopyOfMachine) -> bool:
    return any((copy.root / path).exists() for path in ("usr/lib/callcentre", "usr/bin/callcentre"))


def _own_words(copy: CopyOfMachine) -> bool:
    return (copy.root / FILE.removeprefix("/")).read_text(encoding="utf-8").endswith(OWN)


async def _runs(copy: CopyOfMachine, scratch: Path) -> None:
    """The daemon of the package, as its user, beside the Asterisk of the test bed."""
    ports = PortBlock()
    pbx = Pbx(scratch / "pbx", ports=ports, network_port=ports.port(), agents=1, rtp_ports=50)
    manager = ServiceManager(f"@callcentre-check-{os.getpid()}")
    try:
        await pbx.start()
        _configure(copy, pbx.ari.url, ports.port())
        env = _secrets(copy) | {"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "30000000"}
        command = copy.command("callcentre", "run", "-c", FILE, user="callcentre", env=env)
        with manager.listening(), (scratch / "daemon.txt").open("w") as words:
            daemon = await asyncio.create_subprocess_exec(
                *command, stdin=subprocess.DEVNULL, stdout=words, stderr=words
            )
            try:
                await manager.hears("READY=1", within=30)
                await manager.hears("STATUS=ready", within=30)
                holds("the daemon runs as this user, and is ready beside Asterisk", held=True)
                await manager.hears("WATCHDOG=1")
                holds("systemd's watchdog hears of it", held=True)
                (copy.root / "var/log/callcentre/facts.log").rename(copy.root / "var/log/callcentre/facts.log.1")
                daemon.send_signal(1)
                await manager.hears("READY=1", after=await manager.hears("RELOADING=1"), within=30)
                reopened = (copy.root / "var/log/callcentre/facts.log").exists()
                holds("SIGHUP, as logrotate has it sent, begins a new log", reopened)
            finally:
                daemon.terminate()
                code = await daemon.wait()
        holds("it ends with 0", code == 0)
    except AssertionError as error:
        said = (scratch / "daemon.txt").read_text(encoding="utf-8", errors="replace")
        raise NotAsItShouldBeError(f"{error}\n{said}") from error
    finally:
        await pbx.close()
        ports.close()


def _is_run_by_systemd(copy: CopyOfMachine) -> None:
    """A systemd of its own starts the service, sees that it hangs, and starts it again."""

    def shows(name: str) -> str:
        return copy.run("systemctl", "show", "--value", f"--property={name}", "callcentre").strip()

    with copy.booted():
        copy.run("systemctl", "enable", "--now", "callcentre")
        holds("systemd starts the hardened service", shows("ActiveState") == "active")
        until(lambda: "Asterisk" in shows("StatusText"), "a status")
        holds("systemctl status says why it is not ready", held=True)
        copy.run("systemctl", "reload", "callcentre")
        copy.run("kill", "-STOP", shows("MainPID"))
        until(lambda: shows("NRestarts") == "1" and shows("ActiveState") == "active", "a restart by the watchdog")
        holds("the watchdog restarts a daemon that hangs", held=True)
        copy.run("systemctl", "stop", "callcentre")
        holds("it stops in order", shows("Result") == "success")


def _configure(copy: CopyOfMachine, ari: str, port: int) -> None:
    """Change the configuration as an administrator does. The password of the test bed is a word of its own."""
    changes: tuple[tuple[str, str], ...] = (
        ("http://127.0.0.1:8088/ari", ari), ("listen: 127.0.0.1:8090", f"listen: 127.0.0.1:{port}"),
        ("gateway: kannel ", "gateway: console "),
    )  # fmt: skip
    file = copy.root / FILE.removeprefix("/")
    text = file.read_text(encoding="utf-8")
    for before, after in changes:
        text = text.replace(before, after)
    file.write_text(text + OWN, encoding="utf-8")
    secrets = copy.root / SECRETS.removeprefix("/")
    text = re.sub("(?m)(?<=ARI_PASSWORD=).*$", "callcentre", secrets.read_text(encoding="utf-8"))
    secrets.write_text(text, encoding="utf-8")


def _secrets(copy: CopyOfMachine) -> dict[str, str]:
    lines = (copy.root / SECRETS.removeprefix("/")).read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


if __name__ == "__main__":
    try:
        asyncio.run(try_out(*map(Path, sys.argv[1:4])))
    except (NotAsItShouldBeError, subprocess.CalledProcessError) as wrong:
        print(f"NOT: {wrong}\n{getattr(wrong, 'stderr', '') or ''}", file=sys.stderr)
        sys.exit(1)
