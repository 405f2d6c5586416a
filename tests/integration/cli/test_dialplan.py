"""`callcentre dialplan` prints or writes a whole dialplan, or nothing that could be loaded in place of one."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable

import pytest
from click.testing import CliRunner

from callcentre.cli.dialplan import NOTHING_PRINTED
from callcentre.cli.main import main
from tests.integration.cli.machine import PLAIN, Machine


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
