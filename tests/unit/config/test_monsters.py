"""Files that are made to keep their reader busy: what is done grows as they do, and never as their square."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from callcentre.config.read import ConfigurationError
from callcentre.config.reading_process import read_in_process
from callcentre.configuration import FILE, parse, read
from tests.unit.config.files import SHIPPED, SMALLEST

MONSTERS: dict[str, Callable[[int], str]] = {
    "unknown keys": lambda n: SHIPPED + "".join(f"key{i}: 1\n" for i in range(n)),
    "unknown keys in services": lambda n: (
        SHIPPED + "".join(f"  s{i}: {{queue: q{i}, nam: {{en: x}}}}\n" for i in range(n))
    ),
    "a key again and again": lambda n: SHIPPED + "zz: 1\n" * n,
    "a key again and again on one line": lambda n: SHIPPED + "zz: {" + "a: 1, " * n + "}\n",
    "variables that are not set": lambda n: SHIPPED + "zz:\n" + "".join(f"  - ${{NONE{i}}}\n" for i in range(n)),
    "a staircase": lambda n: "".join(" " * min(i, 40) + f"k{i}:\n" for i in range(n)),
    "services of one queue": lambda n: SHIPPED + "".join(f"  s{i}: {{queue: q, name: {{fi: x}}}}\n" for i in range(n)),
    "blocked numbers": lambda n: SHIPPED.replace("  blocked: [", "  blocked: [" + "+3584*, " * n, 1),
    "words": lambda n: "a: " + "x\n" * n,
    "brackets": lambda n: "a: " + "[" * (n * 3),
}

LONG_LINES = {
    "a word": "a: " + "x" * 500_000,
    "a key": SHIPPED + "k" * 500_000 + ": 1\n",
    "a text": SHIPPED + "zz: '" + "x" * 500_000 + "'\n",
    "half a variable": SHIPPED + "zz: '" + "${N" * 200_000 + "'\n",
    "a forbidden character behind it": SHIPPED + "x" * 500_000 + "\x01",
    "an alias of it": SHIPPED + "zz: &a '" + "x" * 2_400 + "'\nyy: [" + "*a, " * 40_000 + "]\n",
    "schemes": SHIPPED + "zz: " + "a://" * 100_000 + "\n",
    "spaces": "a:" + " " * 300_000 + "b\n" + " " * 300_000 + "c",
}


def calls_of(text: str) -> int:
    """How many functions are called to read a text, of Python and of C."""
    count = 0

    def counted(_frame: FrameType, _event: str, _argument: Any) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        with suppress(ConfigurationError):
            parse(text, {})
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("name", MONSTERS)
def test_twice_the_file_is_at_most_twice_the_work(name: str) -> None:
    monster = MONSTERS[name]
    calls_of(monster(10))  # What is read once and remembered.
    assert calls_of(monster(600)) < 2.3 * calls_of(monster(300))


@pytest.mark.parametrize("name", LONG_LINES)
def test_a_long_line_is_read_to_its_end(name: str) -> None:
    # From every letter to the end, this would be 10^11 steps within one regular expression: hours.
    with pytest.raises(ConfigurationError) as raised:
        parse(LONG_LINES[name], {})
    assert len(str(raised.value)) < 20_000


def test_a_value_longer_than_any_that_is_meant_is_refused_at_its_place() -> None:
    with pytest.raises(ConfigurationError) as raised:
        parse(SHIPPED.replace("region: FI", "region: " + "F" * 3_000), {})
    [problem] = [one for one in raised.value.problems if one.path == ("region",)]
    assert problem.message == "is 3000 characters long; at most 2500 are read"


def test_only_the_first_mistakes_are_reported_and_how_many_more_there_are() -> None:
    with pytest.raises(ConfigurationError) as raised:
        parse(SHIPPED + "".join(f"key{i}: 1\n" for i in range(5_000)), {})
    assert len(raised.value.problems) == 201
    assert raised.value.problems[-1].message == "and 4800 more; correct these first"


# --- what is no file ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("pipe", "is a named pipe; name an ordinary file with -c FILE"),
        ("folder", "is a folder; name an ordinary file with -c FILE"),
        ("device", "is a device; name an ordinary file with -c FILE"),
        ("proc", "is not an ordinary file: it has no size, but contents"),
        ("socket", "cannot be read: No such device or address"),
        ("large", "is larger than 1024 KiB: that is not a configuration"),
        ("gone", "cannot be read: there is no such file"),
    ],
)
def test_what_is_no_ordinary_file_is_refused_without_waiting_for_it(tmp_path: Path, kind: str, words: str) -> None:
    path = tmp_path / "config.yaml"
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "device":
            path.symlink_to("/dev/zero")
        case "proc":
            path.symlink_to("/proc/self/status")
        case "socket":
            os.mknod(path, 0o140600)
        case "large":
            path.write_bytes(b"#" * (1024 * 1024 + 1))
    with pytest.raises(ConfigurationError) as raised:
        read(path)
    assert words in str(raised.value)


# --- in a process of its own ----------------------------------------------------------------------


async def test_a_file_that_is_read_in_process_says_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(SHIPPED.replace("region: FI", "region: ${REGION_OF_THIS_TEST}"), encoding="utf-8")
    monkeypatch.setenv("REGION_OF_THIS_TEST", "SE")
    interval, here = await read_in_process(FILE, file), read(file)
    assert (interval, interval.settings.region) == (here, "SE")

    file.write_text(SHIPPED + "unknown: 1\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="unknown: unknown key"):
        await read_in_process(FILE, file)


def test_what_was_worked_out_of_the_settings_does_not_travel_with_them() -> None:
    here = parse(SMALLEST, {})
    assert here.settings.number_policy
    assert here.settings.services["support"].opening_hours  # Always open: a mapping that cannot be pickled.
    assert pickle.loads(pickle.dumps(here)) == here


async def test_a_reading_that_does_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stuck = tmp_path / "python"
    stuck.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 1000\n")
    stuck.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(stuck))
    with pytest.raises(ConfigurationError, match=r"takes longer than 0\.5 s to read"):
        await read_in_process(FILE, tmp_path / "config.yaml", within=0.5)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


async def test_a_reading_that_takes_too_much_memory_fails_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hungry = tmp_path / "python"
    program = (
        "import callcentre.config.reading_process as process; "
        "process.read = lambda _shape, size: bytearray(size); process._main(None, 2**30)"
    )
    hungry.write_text(f"#!/bin/sh\nexec {sys.executable} -c '{program}'\n")
    hungry.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(hungry))
    with pytest.raises(ConfigurationError, match="that reads it ended with 1: MemoryError"):
        await read_in_process(FILE, tmp_path / "config.yaml")


@pytest.mark.parametrize(
    ("program", "words"),
    [("#!/bin/sh\necho MemoryError >&2\nexit 1\n", "that reads it ended with 1: MemoryError"), ("", "cannot be read")],
)
async def test_a_reading_that_fails_is_a_mistake_of_the_file_and_not_of_the_daemon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, words: str
) -> None:
    broken = tmp_path / "python"
    broken.write_text(program)
    broken.chmod(0o755 if program else 0o644)
    monkeypatch.setattr(sys, "executable", str(broken))
    with pytest.raises(ConfigurationError, match=words):
        await read_in_process(FILE, tmp_path / "config.yaml")
