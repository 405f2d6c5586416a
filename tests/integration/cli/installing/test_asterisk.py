"""What `callcentre install` finds out from Asterisk and asks of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from callcentre.cli.installing.survey import SurveyError, folders
from tests.integration.cli.machine import Machine


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


def test_when_asterisk_does_not_answer_install_says_what_to_do_by_hand(machine: Machine) -> None:
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
