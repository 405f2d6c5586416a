"""`callcentre install` and `uninstall` write everything or nothing, with a backup of every file."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from callcentre.cli.installing.carrying_out import WriteError, carry_out, runs, undoing
from callcentre.cli.installing.plan import Change, digest
from tests.integration.cli.machine import PLAIN, Machine
from tests.testbed.process import python_environment

NOW = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("fails_at", [1, 2, 3, 5])
def test_a_failure_in_the_middle_puts_everything_back(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    (machine.etc / "callcentre.conf").write_text("[good]\n")
    before = machine.files()
    real, count = os.replace, 0

    def replace(source: Path, target: Path) -> None:
        nonlocal count
        if machine.backup not in Path(target).parents:
            count += 1
            if count == fails_at:
                raise OSError(28, "No space left on device", str(target))
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    said = machine.install("--yes")
    assert said.exit_code == 1
    assert count >= fails_at
    assert "no space left on device; everything is as it was before" in said.stderr
    assert machine.files() == before
    assert not machine.asked
    assert [run.state for run in runs(machine.backup)] == ["put back"]


CUT_OFF = """
import os, sys
from callcentre.cli.main import main
real, count = os.replace, 0
def replace(source, target):
    global count
    if "/etc/" in str(target):
        count += 1
        if count == 3:
            os.kill(os.getpid(), 9)
    real(source, target)
os.replace = replace
main(sys.argv[1:])
"""


def test_a_run_that_was_killed_is_put_back_by_the_next_one(machine: Machine) -> None:
    (machine.etc / "callcentre.conf").write_text("[good]\n")
    before = machine.files()
    ended = subprocess.run(
        [sys.executable, "-c", CUT_OFF, "install", "asterisk", "-c", machine.config, "--etc", machine.etc,
         "--no-unit", "--backup", machine.backup, "--no-doctor", "--asterisk", "22", "--yes"],
        env=python_environment(), capture_output=True, check=False,
    )  # fmt: skip
    assert ended.returncode == -9, ended.stderr
    assert machine.files() != before
    assert [run.state for run in runs(machine.backup)] == ["begun"]
    dry = machine.uninstall("--dry-run")
    assert "was cut off; what it had written is put back first" in dry.output
    assert machine.uninstall("--yes").exit_code == 0
    assert machine.files() == before
    assert [run.state for run in runs(machine.backup)] == ["put back"]


def test_a_folder_that_cannot_be_written_is_reported_and_nothing_is_changed(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = tempfile.mkstemp

    def mkstemp(**where: Any) -> tuple[int, str]:
        if where["dir"] == machine.etc:
            raise PermissionError(13, "Permission denied", str(where["dir"]))
        return real(**where)

    before = machine.files()
    # Who runs the tests as root may write into any folder.
    monkeypatch.setattr(tempfile, "mkstemp", mkstemp)
    said = machine.install("--yes")
    assert (said.exit_code, machine.files()) == (1, before)
    assert f"{machine.etc}: permission denied; run this as root; everything is as it was before" in said.stderr


@pytest.mark.parametrize("content", [b"", b"\n \n"])
def test_a_good_file_never_becomes_an_empty_one(machine: Machine, content: bytes) -> None:
    file = machine.etc / "queues.conf"
    before = file.read_bytes()
    with pytest.raises(WriteError, match="would be empty"):
        carry_out([Change(str(file), before, content, "")], machine.backup, "install", NOW)
    assert file.read_bytes() == before


def test_a_copy_that_is_damaged_is_not_put_in_place(machine: Machine) -> None:
    file = machine.etc / "callcentre.conf"
    file.write_text("[good]\n")
    run = carry_out([Change(str(file), b"[good]\n", b"[ours]\n", "")], machine.backup, "install", NOW)
    (entry,) = run.entries
    assert entry.copy is not None
    (run.folder / entry.copy).write_text("[dam")
    left = undoing(runs(machine.backup)).left
    assert [words for words in left if "is damaged" in words]
    assert not undoing(runs(machine.backup)).changes


def test_the_manifest_names_every_file_with_its_sums(machine: Machine) -> None:
    machine.install("--yes")
    (run,) = runs(machine.backup)
    reported = json.loads((run.folder / "manifest.json").read_text())
    by_path = {entry["path"]: entry for entry in reported["files"]}
    entry = by_path[str(machine.etc / "extensions.conf")]
    assert entry["before"] == digest(PLAIN["extensions.conf"].encode())
    assert (run.folder / entry["copy"]).read_text() == PLAIN["extensions.conf"]
    assert entry["after"] == [digest((machine.etc / "extensions.conf").read_bytes())]
    assert stat.S_IMODE(machine.backup.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in run.folder.iterdir()} == {0o600}


def test_asterisk_may_read_what_it_is_given_whatever_the_umask(machine: Machine) -> None:
    before = os.umask(0o077)
    try:
        machine.install("--yes", prompts=True)
    finally:
        os.umask(before)
    assert stat.S_IMODE((machine.etc / "extensions.conf").stat().st_mode) & 0o044 == 0o044
    prompts = sorted(machine.sounds.rglob("*.wav"))
    assert prompts
    assert {stat.S_IMODE(path.stat().st_mode) for path in prompts} == {0o644}
    assert {stat.S_IMODE(path.parent.stat().st_mode) for path in prompts} == {0o755}
