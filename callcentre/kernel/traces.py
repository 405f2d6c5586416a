"""Looks for bytes in the files of a SQLite database, in a process of its own.

A process that closes a file releases all locks that it has on it, also those that SQLite took
(https://sqlite.org/howtocorrupt.html). So the daemon itself must not read the file. It runs
`python -m callcentre.kernel.traces FILE`. The bytes come on standard input, in hexadecimal digits, one a line:
arguments of a process can be read by others. The exit code is 3 when one is found.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

FOUND: Final = 3
_PIECE: Final = 1024 * 1024


async def remain(database: Path, traces: Sequence[bytes]) -> bool:
    """Whether any of these bytes is anywhere in the files of a database. Raises `OSError`."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, str(database),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, errors = await process.communicate("\n".join(trace.hex() for trace in traces).encode())
    if process.returncode not in (0, FOUND):
        raise OSError(f"{database}: not looked through: {errors.decode(errors='replace').strip()[-200:]}")
    return process.returncode == FOUND


def has(file: Path, traces: Sequence[bytes]) -> bool:
    """Whether any of these bytes is in a file; False for a missing one."""
    longest = max(map(len, traces), default=1)
    try:
        with file.open("rb") as opened:
            before = b""
            while piece := opened.read(_PIECE):
                if any(trace in before + piece for trace in traces):
                    return True
                before = piece[-longest:]
    except FileNotFoundError:
        pass
    return False


def main() -> int:
    """The exit code."""
    traces = [bytes.fromhex(line) for line in sys.stdin.read().split()]
    files = (Path(sys.argv[1]), Path(f"{sys.argv[1]}-wal"))
    return FOUND if any(has(file, traces) for file in files) else 0


if __name__ == "__main__":
    raise SystemExit(main())
