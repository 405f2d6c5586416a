"""`callcentre install` and `uninstall` on files: all or nothing, with a backup, and back again."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from callcentre.cli.dialplan import NOTHING_PRINTED
from callcentre.cli.installing.carrying_out import WriteError, carry_out, runs, undoing
from callcentre.cli.installing.plan import Change, digest
from callcentre.cli.installing.survey import SurveyError, folders
from callcentre.cli.main import main
from tests.testbed.configuration import write_configuration
from tests.testbed.freepbx import FILES
from tests.testbed.process import python_environment

PLAIN = {
    "asterisk.conf": "[directories]\nastdatadir => {data}\n",
    "extensions.conf": "[general]\nstatic=yes\n[from-trunk]\nexten => 1,1,NoOp()",
    "queues.conf": "[general]\n[support]\ncontext=ivr-1\r\n; \xff\n",
}
FREEPBX = {
    **FILES,
    "asterisk.conf": "[directories]\nastdatadir => {data}\n",
    "extensions_additional.conf": "[ext-queues]\nexten => support,1,Queue(support)\n",
    "queues_additional.conf": "[support]\ncontext=ivr-1\n",
}
NOW = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)


class Machine:
    """A machine with Asterisk's folders, on which the command is run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.etc = folder / "etc"
        self.sounds = folder / "data" / "sounds"
        self.units = folder / "units"
        self.backup = folder / "backup"
        for path in (self.etc, self.sounds, self.units):
            path.mkdir(parents=True)
        self.config = write_configuration(folder / "config.yaml", ari_url="http://127.0.0.1:9/ari", http_port=1)
        self.program = folder / "asterisk"
        self.program.write_text(f'#!/bin/sh\n[ "$1" = -V ] && echo Asterisk 22.1 || echo "$@" >> {folder}/asked\n')
        self.program.chmod(0o755)

    def has(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            (self.etc / name).write_bytes(text.replace("{data}", str(self.folder / "data")).encode("latin-1"))

    def install(self, *arguments: str, pbx: str = "asterisk", prompts: bool = False) -> Result:
        """Without the 500 prompts, each of which is brought to the disk, unless a test is about them."""
        return CliRunner().invoke(main, [
            "install", pbx, "-c", str(self.config), "--etc", str(self.etc), "--unit-folder", str(self.units),
            "--backup", str(self.backup), "--asterisk-program", str(self.program), "--no-doctor",
            "--secrets", str(self.folder / "secrets"), *([] if prompts else ["--no-sounds"]), *arguments,
        ])  # fmt: skip

    def uninstall(self, *arguments: str) -> Result:
        return CliRunner().invoke(
            main, ["uninstall", "--backup", str(self.backup), "--asterisk-program", str(self.program), *arguments]
        )

    @property
    def asked(self) -> list[str]:
        """What Asterisk's command line was asked."""
        file = self.folder / "asked"
        return [line.partition("-rx ")[2] for line in file.read_text().splitlines()] if file.exists() else []

    def files(self) -> dict[str, tuple[bytes, int]]:
        """Everything that the command may write, with its rights; folders too."""
        found = {}
        for top in (self.etc, self.sounds, self.units):
            for path in sorted(top.rglob("*")):
                content = path.read_bytes() if path.is_file() else b""
                found[str(path)] = (content, stat.S_IMODE(path.stat().st_mode))
        return found


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path)
    made.has(PLAIN)
    return made


# --- there and back again ------------------------------------------------------------------------


@pytest.mark.parametrize(("pbx", "files", "prompts"), [("asterisk", PLAIN, True), ("freepbx", FREEPBX, False)])
def test_everything_is_written_once_and_taken_back_byte_for_byte(
    tmp_path: Path, pbx: str, files: dict[str, str], prompts: bool
) -> None:
    machine = Machine(tmp_path)
    machine.has(files)
    (machine.etc / "extensions.conf").chmod(0o600)
    before = machine.files()
    generated = {name: text for name, text in before.items() if "_additional" in name}

    said = machine.install("--yes", pbx=pbx, prompts=prompts)
    assert said.exit_code == 0, said.output
    assert "include => ivr-1\n" in (machine.etc / "callcentre.conf").read_text()
    assert "exit context ivr-1" in said.output
    assert (machine.sounds / "fi/callcentre/please-wait.wav").exists() == prompts
    assert str(machine.config) in (machine.units / "callcentre.service").read_text()
    assert machine.asked == [*(["module reload sounds"] if prompts else []), "dialplan reload", "queue reload all"]
    after = machine.files()
    assert generated.items() <= after.items()
    assert after[str(machine.etc / "extensions.conf")][1] == 0o600

    again = machine.install("--yes", pbx=pbx, prompts=prompts)
    assert (again.exit_code, machine.files()) == (0, after)
    assert "nothing to write" in again.output
    assert len(machine.asked) == (3 if prompts else 2)
    assert len(runs(machine.backup)) == 1

    back = machine.uninstall("--yes")
    assert back.exit_code == 0, back.output
    assert machine.files() == before
    assert "nothing to take back" in machine.uninstall("--yes").output
    assert machine.install("--yes", pbx=pbx, prompts=prompts).exit_code == 0
    assert machine.files() == after


@pytest.mark.parametrize(("arguments", "code", "words"), [
    (["--dry-run"], 0, "this was --dry-run"), ([], 2, "run it with --yes"),
])  # fmt: skip
def test_nothing_is_written_without_being_asked_for(
    machine: Machine, arguments: list[str], code: int, words: str
) -> None:
    before = machine.files()
    said = machine.install(*arguments)
    assert (said.exit_code, machine.files()) == (code, before)
    assert words in said.output
    assert f"new: {machine.etc}/callcentre.conf" in said.output
    assert "+#include callcentre.conf" in said.output
    assert not machine.backup.exists()
    assert not machine.asked
    machine.install("--yes")
    after = machine.files()
    assert machine.uninstall(*arguments).exit_code == code
    assert machine.files() == after


def test_a_configuration_with_mistakes_is_not_installed_and_all_are_told(machine: Machine) -> None:
    machine.install("--yes")
    before = machine.files()
    text = machine.config.read_text(encoding="utf-8")
    machine.config.write_text(text.replace("region: FI", "region: FX").replace("language: fi", "language: xx", 1))
    said = machine.install("--yes")
    assert (said.exit_code, machine.files()) == (2, before)
    assert " region: " in said.stderr
    assert " language: " in said.stderr


def test_a_folder_that_is_no_configuration_of_asterisk_is_refused(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    said = machine.install("--yes")
    assert said.exit_code == 1
    assert f"{machine.etc}: is no configuration of Asterisk" in said.stderr
    said = machine.install("--yes", "--etc", str(tmp_path / "none"))
    assert said.exit_code == 1
    assert "none: no such folder; name that of Asterisk's configuration with --etc" in said.stderr
    assert machine.files() == {}


def test_secrets_of_the_daemon_are_there_for_its_configuration_too(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "environ", os.environ)
    text = machine.config.read_text(encoding="utf-8")
    assert "password: callcentre" in text
    machine.config.write_text(text.replace("password: callcentre", "password: ${OF_INSTALL_TEST}"))
    assert machine.install("--dry-run").exit_code == 2
    (machine.folder / "secrets").write_text('# ours\nOF_INSTALL_TEST="a word"\n')
    try:
        assert machine.install("--yes", "--ari-user").exit_code == 0
    finally:
        os.environ.pop("OF_INSTALL_TEST", None)
    assert "password=a word\n" in (machine.etc / "ari.conf").read_text()


# --- what others did -----------------------------------------------------------------------------


def test_what_was_changed_by_hand_since_is_left_and_named(machine: Machine) -> None:
    machine.install("--yes", prompts=True)
    for name in ("callcentre.conf", "extensions.conf"):
        file = machine.etc / name
        file.write_text(file.read_text() + "; mine\n")
    queues = machine.etc / "queues.conf"
    queues.write_bytes(queues.read_bytes().replace(b"#include", b"; #include"))
    prompt = machine.sounds / "fi/callcentre/please-wait.wav"
    prompt.write_bytes(b"mine")
    said = machine.uninstall("--yes")
    assert said.exit_code == 0, said.output
    for name, words in (
        (f"{machine.etc}/callcentre.conf", "was changed since, and stays"),
        (f"{machine.etc}/queues.conf", "the lines between our marks were changed since"),
        (str(prompt), "was changed since, and stays"),
        (f"{machine.sounds}/fi/callcentre", "there is something else in it"),
    ):
        assert f"left: {name}: {words}" in said.output
    assert prompt.read_bytes() == b"mine"
    assert (machine.etc / "callcentre.conf").exists()
    assert (machine.etc / "extensions.conf").read_text() == f"{PLAIN['extensions.conf']}\n; mine\n"
    assert not (machine.etc / "callcentre-queues.conf").exists()


def test_a_dialplan_that_was_printed_by_hand_before_comes_back(machine: Machine) -> None:
    (machine.etc / "callcentre.conf").write_text("[by-hand]\n")
    said = machine.install("--yes")
    assert "changed since: look at the difference" in said.output
    assert "-[by-hand]" in said.output
    # Another service, and so another text over our own.
    text = machine.config.read_text(encoding="utf-8")
    machine.config.write_text(text.replace("queue: support", "queue: support\n    max_wait: 5m", 1))
    assert machine.install("--yes").exit_code == 0
    assert machine.uninstall("--yes").exit_code == 0
    assert (machine.etc / "callcentre.conf").read_text() == "[by-hand]\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_files_belong_to_whom_they_did_and_new_ones_to_the_owner_of_the_folder(machine: Machine) -> None:
    os.chown(machine.etc, 1234, 1235)
    os.chown(machine.etc / "extensions.conf", 1236, 1237)
    assert machine.install("--yes").exit_code == 0
    owners = {path.name: (path.stat().st_uid, path.stat().st_gid) for path in machine.etc.iterdir()}
    assert owners["extensions.conf"] == (1236, 1237)
    assert owners["callcentre.conf"] == (1234, 1235)
    # Others than Asterisk's group need not read it.
    assert stat.S_IMODE((machine.etc / "callcentre.conf").stat().st_mode) == 0o640
    assert stat.S_IMODE((machine.units / "callcentre.service").stat().st_mode) == 0o644


def test_a_link_stays_a_link_and_one_to_a_file_of_another_user_is_not_followed(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "git.conf"
    (machine.etc / "extensions.conf").rename(elsewhere)
    (machine.etc / "extensions.conf").symlink_to(elsewhere)
    assert machine.install("--yes").exit_code == 0
    assert (machine.etc / "extensions.conf").is_symlink()
    assert "#include callcentre.conf" in elsewhere.read_text()
    machine.uninstall("--yes")
    real = Path.stat

    def of_another(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        found = real(path, follow_symlinks=follow_symlinks)
        return os.stat_result([*found[:4], found.st_uid + 1, *found[5:]]) if path.name == "extensions.conf" else found

    monkeypatch.setattr(Path, "stat", of_another)
    before = machine.files()
    said = machine.install("--yes")
    assert (said.exit_code, machine.files()) == (1, before)
    assert "is a link to a file of another user" in said.stderr


def test_a_file_that_changes_while_the_question_is_open_is_not_written_over(machine: Machine) -> None:
    file = machine.etc / "extensions.conf"
    change = Change(str(file), b"what it was", b"ours", "")
    with pytest.raises(WriteError, match="was changed by somebody meanwhile; nothing was written"):
        carry_out([change], machine.backup, "install", NOW)
    assert file.read_text() == PLAIN["extensions.conf"]


def test_a_backup_where_others_can_write_is_not_trusted(machine: Machine) -> None:
    machine.install("--yes")
    (run,) = runs(machine.backup)
    (run.folder / "manifest.json").chmod(0o666)
    before = machine.files()
    for said in (machine.uninstall("--yes"), machine.install("--yes")):
        assert (said.exit_code, machine.files()) == (1, before)
        assert "others than you can write there, so it is not trusted" in said.stderr


# --- all or nothing ------------------------------------------------------------------------------


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


def test_a_folder_that_cannot_be_written_is_told_and_nothing_is_changed(
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


# --- the machine ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("directories", "expected"),
    [
        ("[directories]\nastdatadir => {data}\n", "data/sounds"),
        ("[directories]\nastvarlibdir => {data}\n", "data/sounds"),
        ("[directories]\nastdatadir => {other}\nastvarlibdir => {data}\n", None),
    ],
)
def test_the_folders_are_those_of_asterisk_conf(tmp_path: Path, directories: str, expected: str | None) -> None:
    (tmp_path / "data" / "sounds").mkdir(parents=True)
    text = directories.replace("{data}", str(tmp_path / "data")).replace("{other}", str(tmp_path / "other"))
    (tmp_path / "asterisk.conf").write_text(text)
    found = folders(tmp_path, None)
    assert (found.etc, found.sounds) == (tmp_path, tmp_path / expected if expected else None)
    with pytest.raises(SurveyError):
        folders(tmp_path / "none", None)


def test_when_asterisk_does_not_answer_it_is_told_what_to_do_by_hand(machine: Machine) -> None:
    machine.program.write_text("#!/bin/sh\n[ $1 = -V ] && echo Asterisk 22.1 && exit\necho not running >&2; exit 1\n")
    said = machine.install("--yes")
    assert said.exit_code == 1
    assert 'asterisk -rx "dialplan reload": not running' in said.output
    assert "The files are written, but this must be done by hand: " in said.stderr
    assert (machine.etc / "callcentre.conf").exists()


def test_the_version_is_asked_of_asterisk_s_program(machine: Machine) -> None:
    machine.program.write_text("#!/bin/sh\necho Asterisk 20.5.0\n")
    machine.install("--yes")
    assert "; callcentre for Asterisk 20.\n" in (machine.etc / "callcentre.conf").read_text()


# --- callcentre dialplan -------------------------------------------------------------------------


def broken(machine: Machine) -> list[str]:
    text = machine.config.read_text(encoding="utf-8")
    machine.config.write_text(text.replace("region: FI", "region: FX"))
    return ["-c", str(machine.config), "--asterisk", "22"]


WRONG: dict[str, tuple[int, Callable[[Machine], list[str]]]] = {
    "mistake": (2, broken),
    "no configuration": (2, lambda machine: ["-c", str(machine.folder / "none.yaml"), "--asterisk", "22"]),
    "old version": (2, lambda machine: ["-c", str(machine.config), "--asterisk", "18"]),
    "unknown option": (2, lambda machine: ["-c", str(machine.config), "--asteriks", "22"]),
    "unknown part": (2, lambda machine: ["-c", str(machine.config), "--part", "queue"]),
    "no Asterisk": (1, lambda machine: ["-c", str(machine.config)]),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_pipe_gets_a_line_that_asterisk_warns_of_instead_of_an_empty_text(machine: Machine, wrong: str) -> None:
    code, arguments = WRONG[wrong]
    said = CliRunner().invoke(main, ["dialplan", *arguments(machine)])
    assert (said.exit_code, said.stdout) == (code, NOTHING_PRINTED)
    assert said.stderr


@pytest.mark.parametrize("wrong", WRONG)
def test_a_file_is_written_only_when_there_is_something_to_write(machine: Machine, wrong: str) -> None:
    code, arguments = WRONG[wrong]
    file = machine.etc / "callcentre.conf"
    file.write_text("[good]\n")
    said = CliRunner().invoke(main, ["dialplan", *arguments(machine), "--output", str(file)])
    assert (said.exit_code, said.stdout, file.read_text()) == (code, "", "[good]\n")
    assert len(os.listdir(machine.etc)) == len(PLAIN) + 1


def test_a_good_text_is_written_whole_with_the_rights_of_the_file(machine: Machine) -> None:
    file = machine.etc / "callcentre.conf"
    file.write_text("[old]\n")
    file.chmod(0o604)
    arguments = ["dialplan", "-c", str(machine.config), "--asterisk", "22"]
    printed = CliRunner().invoke(main, arguments).stdout
    assert CliRunner().invoke(main, [*arguments, "--output", str(file)]).stdout == f"{file}: written\n"
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == (printed, 0o604)
    assert "is so already" in CliRunner().invoke(main, [*arguments, "--output", str(file)]).stdout
    said = CliRunner().invoke(main, [*arguments, "--output", str(machine.etc / "no" / "such")])
    assert (said.exit_code, said.stdout) == (1, "")
    assert "cannot be written: no such file or directory" in said.stderr


def test_the_help_and_a_terminal_get_no_such_text(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    said = CliRunner().invoke(main, ["dialplan", "--help"])
    assert (said.exit_code, NOTHING_PRINTED in said.stdout) == (0, False)
    monkeypatch.setattr("callcentre.cli.dialplan._is_a_terminal", lambda: True)
    said = CliRunner().invoke(main, ["dialplan", *broken(machine)])
    assert (said.exit_code, said.stdout) == (2, "")
