"""A copy of this machine for a package to be installed in: what is written there goes into a folder of its own.

It is an overlay of the root folder in namespaces of its own (mounts and processes); the network is that of the machine.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")

_BESIDE = ("nsenter", "--mount", "--pid", "--cgroup", "--uts", "--ipc", "--root", "--wd")
_NOT_NEEDED = (
    "systemd-tmpfiles-setup.service", "systemd-tmpfiles-clean.timer", "systemd-update-utmp.service",
    "systemd-udevd.service", "systemd-journal-flush.service", "systemd-networkd.service", "systemd-resolved.service",
    "systemd-timesyncd.service", "console-getty.service", "getty@tty1.service",
)  # fmt: skip
"""Units that a copy of a machine does not need, or must not have because its network is that of the machine."""

_BOOT = """
root=$1
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/run"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mkdir -p "$root/dev/pts" "$root/dev/shm"
mount -t devpts devpts "$root/dev/pts" -o newinstance,ptmxmode=0666
mount -t tmpfs tmpfs "$root/dev/shm"
ln -sfn pts/ptmx "$root/dev/ptmx"
exec chroot "$root" env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin \\
    /lib/systemd/systemd --unit=basic.target systemd.unified_cgroup_hierarchy=1
"""

OF_THE_MACHINE = (
    "var/lib/dpkg/",
    "var/log/",
    "var/cache/",
    "var/lib/systemd/",
    "etc/",
    "root/",
    "tmp/",
    "run/",
    "dev/",
)
"""Where something new may be that is not of the package: files of dpkg and adduser, and our own."""


class CopyOfMachine:
    """The copy below a folder, which must be on a disk. Make it in a mount namespace of its own: see `inside`."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self._first: int | None = None
        self._written = folder / "written"
        for path in (self.root, self._written, folder / "work"):
            path.mkdir()
        _run("mount", "-t", "overlay", "overlay", "-o",
             f"lowerdir=/,upperdir={self._written},workdir={folder / 'work'}", str(self.root))  # fmt: skip
        for kind, place in (("proc", "proc"), ("tmpfs", "run"), ("tmpfs", "tmp"), ("tmpfs", "dev")):
            _run("mount", "-t", kind, kind, str(self.root / place))
        (self.root / "tmp").chmod(0o1777)
        for device in _DEVICES:
            (self.root / "dev" / device).touch()
            _run("mount", "--bind", f"/dev/{device}", str(self.root / "dev" / device))

    def command(self, *command: str, user: str | None = None, env: Mapping[str, str] | None = None) -> list[str]:
        """The command that runs another one there, with nothing in its environment but this."""
        variables = {"PATH": _PATH, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive", **(env or {})}
        as_user = [] if user is None else ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--"]
        settings = (f"{name}={value}" for name, value in variables.items())
        into = ["chroot", str(self.root)] if self._first is None else [*_BESIDE, f"--target={self._first}", "--"]
        return [*into, *as_user, "env", "-i", *settings, *command]

    def run(self, *command: str, user: str | None = None, env: Mapping[str, str] | None = None) -> str:
        """What a command prints there. Raises `subprocess.CalledProcessError` with its words."""
        done = subprocess.run(
            self.command(*command, user=user, env=env), stdin=subprocess.DEVNULL, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        if done.returncode:
            raise subprocess.CalledProcessError(done.returncode, command, done.stdout, done.stdout + done.stderr)
        return done.stdout

    def succeeds(self, *command: str) -> bool:
        """Whether a command ends with 0 there."""
        try:
            self.run(*command)
        except subprocess.CalledProcessError:
            return False
        return True

    def new(self) -> Iterator[str]:
        """Everything that is there and not on this machine, but for what dpkg, adduser and we ourselves write."""
        for folder, folders, files in os.walk(self._written):
            for name in (*folders, *files):
                path = Path(folder, name).relative_to(self._written)
                if not os.path.lexists(Path("/", path)) and not f"{path}/".startswith(OF_THE_MACHINE):
                    yield f"/{path}"
        yield from (f"/{path.relative_to(self.root)}" for path in (self.root / "etc").rglob("*callcentre*"))

    @contextmanager
    def booted(self) -> Iterator[CopyOfMachine]:
        """The copy with systemd as its first process, within this context; `run` runs commands beside it.

        No service of the machine is started: the copy shares its network.
        """
        namespaces = ("--mount", "--pid", "--cgroup", "--uts", "--ipc", "--fork", "--kill-child")
        command = ["unshare", *namespaces, "--", "sh", "-ec", _BOOT, "sh", str(self.root)]
        for unit in _NOT_NEEDED:
            self.run("systemctl", "mask", unit)
        starter = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            until(lambda: _child(starter.pid) is not None, "the first process")
            self._first = _child(starter.pid)
            until(lambda: self.succeeds("systemctl", "is-active", "basic.target"), "basic.target of systemd")
            yield self
        finally:
            self._first = None
            starter.kill()
            starter.wait()

    def close(self) -> None:
        """Unmount it. The folder can be deleted then."""
        _run("umount", "--recursive", "--lazy", str(self.root))


def until(look: Callable[[], object], awaited: str, within: float = 90) -> None:
    """Wait until something is so. Raises TimeoutError after so many seconds."""
    ends = time.monotonic() + within
    while not look():
        if time.monotonic() > ends:
            raise TimeoutError(f"not seen within {within:g} s: {awaited}")
        time.sleep(0.2)


def _child(process: int) -> int | None:
    """The child of a process with one child."""
    found = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()
    return int(found[0]) if found else None


def inside(*command: str) -> list[str]:
    """The command that runs another one in namespaces of its own, and ends all that it started with it."""
    return ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--", *command]


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
