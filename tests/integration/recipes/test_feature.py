"""docs/contributing/add-a-feature.md: one folder and one line are a feature."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import yaml

from tests.integration.recipes.recipe import Copy, followed
from tests.testbed.configuration import merged, shipped

PAGE = "add-a-feature.md"
SCRIPT = Path(__file__).with_name("feature_script.py")
LEDGER = Path(__file__).with_name("ledger_script.py")


@pytest.fixture
def project(tmp_path: Path) -> Copy:
    return followed(PAGE, tmp_path)


@pytest.fixture
def counted(project: Copy) -> Copy:
    """A copy with a database and a log (facts.jsonl) in which two memos were left."""
    ran = project.run(str(LEDGER), configured(project, {"file": "memos.txt"}))
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "[]\n", "")
    return project


def configured(project: Copy, memo: object) -> str:
    """Write a configuration with these settings of memos, and give its name."""
    file = project.folder / "config.yaml"
    file.write_text(yaml.safe_dump(merged(shipped(), {"memo": memo}), allow_unicode=True), encoding="utf-8")
    return str(file)


def test_calls_and_texts_leave_memos_that_are_listed_and_written_in_time(project: Copy) -> None:
    ran = project.run(str(SCRIPT), configured(project, {"file": "memos.txt", "after": "1m"}))
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines() == [
        "memo.left",
        "ContinueCall",
        "sms.received",
        "memo.left",
        '200 [{"number":"+35840•••67","words":"called 200"},{"number":"+35840•••67","words":"call my wife"}]',
        "True",
        "memo.written",
        "memo.written",
    ]
    written = (project.folder / "memos.txt").read_text(encoding="utf-8").splitlines()
    assert sorted(written) == ["+35840•••67 call my wife", "+35840•••67 called 200"]


def test_check_the_schema_and_the_command_line_know_it(project: Copy) -> None:
    file = configured(project, {"file": "memos.txt", "after": "1m"})
    assert project.run("-m", "callcentre", "memos", "-c", file).stdout == "memos.txt\n"
    assert "memos" in project.run("-m", "callcentre", "--help").stdout
    assert '"memo"' in project.run("-m", "callcentre", "schema").stdout
    wrong = project.run("-m", "callcentre", "check", "-c", configured(project, {"after": "soon"}))
    assert "memo.file: is missing" in wrong.stdout + wrong.stderr
    assert "memo.after" in wrong.stdout + wrong.stderr


@pytest.mark.parametrize("source", [(), ("--log", "facts.jsonl")], ids=["database", "log"])
def test_the_figures_count_its_records(counted: Copy, source: tuple[str, ...]) -> None:
    [row] = csv.DictReader(counted.run("-m", "callcentre", "stats", "--format", "csv", *source).stdout.splitlines())
    assert (row["memos_left"], row["offered"]) == ("2", "0")
    shown = counted.run("-m", "callcentre", "stats", *source).stdout.split()
    assert shown == ["Memos", "service", "left", "(none)", "2"]


def test_its_records_are_exported(counted: Copy) -> None:
    assert counted.run("-m", "callcentre", "export", "memos").stdout.splitlines() == [
        "at,number,by,node",
        "2026-06-03T12:00:00.000+03:00,'+35840•••67,call,main",
        "2026-06-03T12:01:00.000+03:00,'+35840•••67,sms,main",
    ]
    of_a_service = counted.run("-m", "callcentre", "export", "memos", "--service", "support")
    assert (of_a_service.returncode, of_a_service.stdout) == (0, "at,number,by,node\n")
    assert "memos" in counted.run("-m", "callcentre", "export", "--help").stdout


def test_without_the_line_it_is_not_known(tmp_path: Path) -> None:
    project = followed(PAGE, tmp_path, but_for="callcentre/app.py")
    refused = project.run("-m", "callcentre", "check", "-c", configured(project, {"file": "memos.txt"}))
    assert refused.returncode != 0
    assert "memo: unknown key" in refused.stdout + refused.stderr


def test_what_it_shows_keeps_to_the_style_and_the_layers(project: Copy) -> None:
    assert project.checked() == ""
