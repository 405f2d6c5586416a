"""Runs the benchmarks that are named, or all, and prints one table: `python -m scripts.benchmarks PYTHON [NAME…]`.

PYTHON is the interpreter of an environment with `requirements.txt` beside this file.
"""

from __future__ import annotations

import asyncio
import importlib
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from scripts.benchmarks.bench import Bench
from scripts.benchmarks.figures import Figure, table
from tests.testbed.ports import PortBlock
from tests.testbed.process import TESTBED

LONGEST = 2400
"""Seconds after which a benchmark has failed."""

NAMES = (
    "events", "entry", "live", "memory", "start", "callbacks", "crowd", "texts", "received", "idle", "year", "search",
    "scale",
    "pages", "organisations",
)  # fmt: skip


async def main(other_python: Path, names: Sequence[str]) -> None:
    """Run them one after the other."""
    figures: list[Figure] = []
    ports = PortBlock(100)
    try:
        with tempfile.TemporaryDirectory(prefix="bench.", dir=TESTBED) as folder:
            bench = Bench(Path(folder), ports, other_python)
            for name in names:
                async with asyncio.timeout(LONGEST):
                    figures += await importlib.import_module(f"scripts.benchmarks.{name}").run(bench)
    finally:
        ports.close()
        print(table(figures))


if __name__ == "__main__":
    unknown = [name for name in sys.argv[2:] if name not in NAMES]
    if unknown:
        sys.exit(f"scripts/bench: no benchmark is called {', '.join(unknown)}; there are {', '.join(NAMES)}")
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2:] or NAMES))
