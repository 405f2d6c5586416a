"""Tries one target with atheris until its time is over: `python -m scripts.fuzzing.one NAME SECONDS FOLDER`.

An input that breaks the target is written to FOLDER/found, once for each place that it breaks at, and the search goes
on. What was reached is kept in FOLDER/corpus, from which the next run begins. An input that takes longer than ten
seconds, or a gigabyte of memory, ends the run: libFuzzer then writes it to FOLDER/found itself.
"""

from __future__ import annotations

import hashlib
import sys
import traceback
from pathlib import Path

import atheris

_SLOWEST = 10
"""Seconds. A target that is watched is some ten times slower than the program."""
_MOST_MEMORY = 1_024
"""MiB."""
_LONGEST = 4_096
"""Bytes of an input, unless a seed is longer."""


def main() -> None:
    """Read the arguments, and fuzz."""
    name, seconds, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    with atheris.instrument_imports(include=["callcentre"]):
        from scripts.fuzzing.targets import TARGETS
    target = TARGETS[name]
    corpus, found = folder / "corpus", folder / "found"
    for each in (corpus, found):
        each.mkdir(parents=True, exist_ok=True)
    for seed in target.seeds:
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    places: set[str] = set()

    def check(data: bytes) -> None:
        try:
            target.check(data)
        except Exception as error:
            frame = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"
            if place not in places:
                places.add(place)
                print(f"FOUND {place}: {error!s:.200}", file=sys.stderr, flush=True)
                (found / hashlib.sha256(place.encode()).hexdigest()[:12]).write_bytes(data)

    longest = max([_LONGEST, *map(len, target.seeds)])
    atheris.Setup(
        [
            sys.argv[0], f"-max_total_time={seconds}", f"-timeout={_SLOWEST}", f"-rss_limit_mb={_MOST_MEMORY}",
            f"-max_len={longest}", "-print_final_stats=1", f"-artifact_prefix={found}/", str(corpus),
        ],
        check,
    )  # fmt: skip
    atheris.Fuzz()


if __name__ == "__main__":
    main()
