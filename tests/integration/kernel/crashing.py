"""Erases a person and ends in the middle as by kill -9, with the arguments WHERE FILE NUMBER."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any, Final

from callcentre.cli.main import main
from callcentre.kernel.engine import Engine
from callcentre.kernel.erasure import performing
from callcentre.kernel.log_files import Beside
from callcentre.kernel.store import Store

CRASHES: Final[dict[str, tuple[Any, str, int]]] = {
    "after some rows": (Engine, "settle", 4),
    "between two files of the log": (os, "replace", 2),
    "before a file of the log takes its place": (Beside, "take_place", 1),
    "before the database is cleaned": (Store, "clean", 1),
}
"""What is called for the so manieth time when it ends."""


def ends(owner: Any, name: str, at_call: int) -> None:
    """Have the process end instead of this call."""
    works: Callable[..., Any] = getattr(owner, name)
    calls = 0

    def counted(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == at_call:
            os._exit(9)
        return works(*arguments, **named)

    setattr(owner, name, counted)


if __name__ == "__main__":
    where, file, number = sys.argv[1:]
    performing.AT_ONCE = 3  # type: ignore[misc]
    ends(*CRASHES[where])
    main(["person", "erase", number, "--yes", "-c", file])
