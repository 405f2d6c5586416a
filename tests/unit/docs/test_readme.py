"""What README and pages name is there: a reader who does what they say finds it so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from callcentre.cli.installing.unit import unit_text
from callcentre.cli.main import main
from callcentre.kernel.migrations import row_security
from callcentre.values.languages import LANGUAGES
from scripts.reference.commands import all_commands
from scripts.reference.metrics import all_metrics, public_name

TOP = Path(__file__).parents[3]
README = (TOP / "README.md").read_text(encoding="utf-8")
PAGES = {
    page.relative_to(TOP).as_posix(): page.read_text(encoding="utf-8")
    for page in (TOP / "README.md", *sorted((TOP / "docs").rglob("*.md")))
    # These tell of the past as well.
    if page.name != "changelog.md" and "decisions" not in page.parts
}


def code(text: str) -> str:
    """What a page shows as code, each on lines of its own."""
    blocks = re.findall(r"^ *```[a-z]*\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    return "\n".join([*blocks, *re.findall(r"`([^`\n]+)`", text)])


CODE = {page: code(text) for page, text in PAGES.items()}


def found(pattern: str, pages: Mapping[str, str] = PAGES) -> list[tuple[str, str]]:
    """What a pattern finds on which page, once for each."""
    return sorted({(each, page) for page, text in pages.items() for each in re.findall(pattern, text, re.MULTILINE)})


def every_option() -> Iterator[str]:
    for _, command in all_commands():
        yield from (name for parameter in command.params for name in parameter.opts)
    yield "--help"


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 150


def test_the_readme_names_every_language_of_the_prompts() -> None:
    names = {"en": "English", "fi": "Finnish", "sv": "Swedish"}
    assert all(names[language] in README for language in LANGUAGES)


def test_the_scripts_that_a_reader_shall_run_can_be_run() -> None:
    scripts = found(r"^(?: {4})?(scripts/\w+)(?:$| )")
    assert ("scripts/test", "README.md") in scripts
    for script, _ in scripts:
        assert (TOP / script).stat().st_mode & 0o111, script


@pytest.mark.parametrize(
    ("name", "page"), found(r"(?:^|/bin/|; )callcentre ([a-z][a-z-]*)(?= |$)", CODE), ids=lambda each: each
)
def test_a_command_that_a_page_names_exists(name: str, page: str) -> None:
    assert name in main.commands, page


@pytest.mark.parametrize(("option", "page"), found(r"callcentre [a-z]+.* (--[a-z-]+)", CODE), ids=lambda each: each)
def test_an_option_of_a_command_that_a_page_names_exists(option: str, page: str) -> None:
    assert option in set(every_option()), page


@pytest.mark.parametrize(
    ("path", "page"), found(r"`((?:scripts|tests|dialplan|sounds|callcentre)/[\w./-]+)`"), ids=lambda each: each
)
def test_a_path_that_a_page_names_exists(path: str, page: str) -> None:
    # A recipe makes the files that it shows: a path, a colon and a block.
    made = f"\n`{path}`:\n" in (TOP / page).read_text(encoding="utf-8")
    assert made or path == "callcentre/please-wait" or (TOP / path).exists(), page


@pytest.mark.parametrize(("metric", "page"), found(r"\b(callcentre_[a-z_]+)\b"), ids=lambda each: each)
def test_a_metric_that_a_page_names_exists(metric: str, page: str) -> None:
    # The role of PostgreSQL under which pages are read has such a name too.
    assert metric == row_security.PAGES or metric in {public_name(each) for each in all_metrics()}, page


@pytest.mark.parametrize(("file", "part"), [("callcentre.conf", "extensions"), ("queues.conf", "queues")])
def test_the_committed_dialplan_is_what_is_printed_for_the_shipped_configuration(file: str, part: str) -> None:
    arguments = ["dialplan", "-c", str(TOP / "config.yaml"), "--asterisk", "22", "--part", part]
    printed = CliRunner().invoke(main, arguments)
    assert printed.exit_code == 0
    assert (TOP / "dialplan" / file).read_text(encoding="utf-8") == printed.stdout


def test_the_systemd_unit_of_the_page_is_the_one_that_is_installed() -> None:
    text = unit_text(["/opt/callcentre/bin/callcentre"], "/etc/callcentre/config.yaml")
    assert f"```ini\n{text}```\n" in PAGES["docs/operate/install.md"]
