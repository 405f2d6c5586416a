"""Mounts that only one program sees: a disk of its own that can be filled, and folders that are read-only for it.

Neither root nor an entry in fstab is needed, where the system lets anybody make a user namespace (unshare(1)).
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

_NAMESPACE = ("unshare", "--map-root-user", "--mount", "sh", "-c")


@cache
def possible() -> bool:
    """Whether the system permits such mounts."""
    if shutil.which("unshare") is None:
        return False
    tried = subprocess.run([*_NAMESPACE, "mount -t tmpfs -o size=64k tmpfs /mnt"], check=False, capture_output=True)
    return tried.returncode == 0


def read_only(folder: Path) -> Sequence[str]:
    """Before a command: for it `folder` is on a file system that is mounted read-only."""
    mount = f'mount --bind "{folder}" "{folder}" && mount -o remount,bind,ro "{folder}" && exec "$@"'
    return (*_NAMESPACE, mount, "sh")


def small(folder: Path, size: str) -> Sequence[str]:
    """Before a command: for it `folder` is an empty disk of this size, such as 2m. It is gone with the command."""
    return (*_NAMESPACE, f'mount -t tmpfs -o size={size} tmpfs "{folder}" && exec "$@"', "sh")


def seen_by(pid: int, path: Path) -> Path:
    """What a program sees at an absolute path, as a path of ours."""
    return Path(f"/proc/{pid}/root{path}")
