"""The daemon with a disk that stalls again and again: `python -m scripts.benchmarks.stalling run -c FILE`.

The writer's thread waits at the end of a transaction, when everything is written and nothing is synchronised.
"""

from __future__ import annotations

import threading
import time
from typing import Final

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from callcentre.cli.main import main

STALL_SECONDS: Final = 0.5
EVERY_SECONDS: Final = 2.0
"""From the beginning of one stall to that of the next."""


class Disk:
    """Stalls commits of the writer. A commit that comes too early for a stall is as fast as the real disk."""

    def __init__(self) -> None:
        self._stalled = time.monotonic()

    def commit(self, _connection: Connection) -> None:
        """Take as long as the disk does."""
        now = time.monotonic()
        if threading.current_thread().name.startswith("store") and now - self._stalled >= EVERY_SECONDS:
            self._stalled = now
            time.sleep(STALL_SECONDS)


if __name__ == "__main__":
    event.listen(Engine, "commit", Disk().commit)
    main()
