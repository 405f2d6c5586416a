"""`callcentre install` and `uninstall` on files: what they write, take back and leave."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callcentre.cli.installing import survey
from callcentre.cli.installing.carrying_out import WriteError, carry_out, runs
from callcentre.cli.installing.plan import Change
from tests.integration.cli.machine import PLAIN, Machine
from tests.testbed.freepbx import FILES

FREEPBX = {
    **FILES,
    "asterisk.conf": "[directories]\nastdatadir => {data}\n",
    "extensions_additional.conf": "[ext-queues]\nexten => support,1,Queue(support)\n",
    "queues_additional.conf": "[support]\ncontext=ivr-1\n",
}


NOW = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)


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


def test_a_configuration_with_mistakes_is_not_installed_and_all_are_reported(machine: Machine) -> None:
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
    assert f"{machine.etc}: is not a configuration of Asterisk" in said.stderr
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
def test_files_keep_their_owners_and_new_ones_belong_to_the_owner_of_the_folder(machine: Machine) -> None:
    os.chown(machine.etc, 1234, 1235)
    os.chown(machine.etc / "extensions.conf", 1236, 1237)
    assert machine.install("--yes").exit_code == 0
    owners = {path.name: (path.stat().st_uid, path.stat().st_gid) for path in machine.etc.iterdir()}
    assert owners["extensions.conf"] == (1236, 1237)
    assert owners["callcentre.conf"] == (1234, 1235)
    # Others than Asterisk's group need not read it.
    assert stat.S_IMODE((machine.etc / "callcentre.conf").stat().st_mode) == 0o640
    assert stat.S_IMODE((machine.units / "callcentre.service").stat().st_mode) == 0o644


def test_the_unit_of_a_package_is_left_to_the_package(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey, "UNITS_OF_PACKAGES", tmp_path)
    monkeypatch.setattr(survey, "USUAL_UNITS", machine.units)
    monkeypatch.setattr(survey, "has_systemd", lambda: True)
    (tmp_path / "callcentre.service").write_text("[Unit]\n")
    shown = machine.install("--dry-run", units=False).output
    assert f"{tmp_path}/callcentre.service is the unit of the package, so none is written" in shown
    assert str(machine.units) not in shown
    (tmp_path / "callcentre.service").unlink()
    assert f"new: {machine.units}/callcentre.service" in machine.install("--dry-run", units=False).output


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
