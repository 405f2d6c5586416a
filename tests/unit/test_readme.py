"""The documentation says what is: a reader who does what it says finds it so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest
from click.testing import CliRunner
from prometheus_client.core import Metric

from callcentre.app import components
from callcentre.cli.installing.unit import unit_text
from callcentre.cli.main import main
from callcentre.configuration import json_schema
from callcentre.kernel.daemon import measured
from callcentre.kernel.engine import Counters
from callcentre.kernel.fact import Fact
from callcentre.kernel.program import Measured
from callcentre.messaging.words import OPT_IN, OPT_OUT, OPT_OUT_UNLESS_CANCELS
from callcentre.values.languages import LANGUAGES
from callcentre.world import World
from tests.unit.rehearsal import settings

TOP = Path(__file__).parents[2]
README = (TOP / "README.md").read_text(encoding="utf-8")
SCHEMA = json_schema()

Node = dict[str, Any]


# --- configuration -------------------------------------------------------------------------------


def followed(node: Node) -> Node:
    """A part of the schema with its reference followed, also where it may be null instead."""
    while True:
        choices = [choice for choice in node.get("anyOf", []) if "$ref" in choice]
        reference = node.get("$ref") or (choices[0]["$ref"] if choices else None)
        if reference is None:
            return node
        beside = {key: value for key, value in node.items() if key not in {"$ref", "anyOf"}}
        node = {**SCHEMA["$defs"][reference.rpartition("/")[2]], **beside}


def entries(node: Node) -> Iterator[tuple[str, Node]]:
    """What stands below a part whose keys are of one's own choice (`.*`), and below each entry of a list (`[]`)."""
    more = [*node.get("patternProperties", {}).values(), node.get("additionalProperties")]
    yield from ((".*", each) for each in more if isinstance(each, dict))
    yield from (("[]", each["items"]) for each in (node, *node.get("anyOf", [])) if isinstance(each.get("items"), dict))


def keys(node: Node, above: str = "") -> Iterator[tuple[str, str | None]]:
    """Every key that the file may have, and its default as the file writes it; None where the schema has none.

    A section has a row of its own only when it may be left out and is then null.
    """
    for name, part in node.get("properties", {}).items():
        path, below = f"{above}.{name}" if above else name, followed(part)
        is_section = "properties" in below or (not above and name == "services")
        default = written(part["default"]) if "default" in part else None
        if name in node.get("required", []):
            default = "required"
        if not is_section or default == "`null`":
            yield path, default
        yield from keys(below, path)
        for step, each in entries(below):
            yield from keys(followed(each), path + step)


def written(value: object) -> str:
    match value:
        case None:
            return "`null`"
        case bool():
            return f"`{str(value).lower()}`"
        case list():
            return f"`[{', '.join(map(str, value))}]`"
        case _:
            return f"`{value}`"


def tagged(base: type[Fact]) -> Iterator[type[Fact]]:
    for each in base.__subclasses__():
        if each.__struct_config__.tag and each.__struct_fields__ and "." in str(each.__struct_config__.tag):
            yield each
        yield from tagged(each)


ALL_FACTS = sorted(set(tagged(Fact)), key=lambda fact: str(fact.__struct_config__.tag))
KEYS = dict(keys(SCHEMA))
CONFIGURATION = README.partition("\n## Configuration\n")[2].partition("\n## ")[0]
ROWS = re.findall(r"^\| `([^`]+)` \| (.+?) \| (.+) \|$", CONFIGURATION, re.MULTILINE)


def test_the_reference_has_every_key_of_the_configuration_once_and_no_other() -> None:
    assert len(KEYS) > 60
    assert sorted(path for path, _, _ in ROWS) == sorted(KEYS)


@pytest.mark.parametrize(("path", "default", "meaning"), ROWS)
def test_the_reference_names_the_default_of_a_key(path: str, default: str, meaning: str) -> None:
    expected = KEYS[path]
    assert default if expected is None else default == expected
    assert meaning.endswith(".")


# --- commands ------------------------------------------------------------------------------------


def commands(group: click.Group, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*above, name))
        else:
            yield (*above, name)


COMMANDS = sorted(commands(main))


def every_command(group: click.Group) -> Iterator[click.Command]:
    for command in group.commands.values():
        yield command
        if isinstance(command, click.Group):
            yield from every_command(command)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_the_readme_has_every_command_and_its_help_an_example(command: tuple[str, ...]) -> None:
    assert re.search(rf"^\| `callcentre {' '.join(command)}\b", README, re.MULTILINE)
    shown = CliRunner().invoke(main, [*command, "--help"])
    assert shown.exit_code == 0
    assert f"Example:\n  callcentre {' '.join(command)}" in shown.output


def named_commands() -> list[str]:
    """What the README calls as a command: in code, `callcentre` and the word behind it."""
    return sorted(set(re.findall(r"(?:^|`|/bin/|; )callcentre ([a-z][a-z-]*)", README, re.MULTILINE)))


@pytest.mark.parametrize("name", named_commands())
def test_a_command_in_the_readme_exists(name: str) -> None:
    assert name in main.commands


@pytest.mark.parametrize("option", sorted(set(re.findall(r"callcentre [a-z]+[^|`\n]* (--[a-z]+)", README))))
def test_an_option_of_a_command_in_the_readme_exists(option: str) -> None:
    known = {name for each in every_command(main) for parameter in each.params for name in parameter.opts}
    assert option in known


# --- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("file", "part"), [("callcentre.conf", "extensions"), ("queues.conf", "queues")])
def test_the_committed_dialplan_is_what_is_printed_for_the_shipped_configuration(file: str, part: str) -> None:
    arguments = ["dialplan", "-c", str(TOP / "config.yaml"), "--asterisk", "22", "--part", part]
    printed = CliRunner().invoke(main, arguments)
    assert printed.exit_code == 0
    assert (TOP / "dialplan" / file).read_text(encoding="utf-8") == printed.stdout


def test_the_systemd_unit_is_the_one_that_is_installed() -> None:
    text = unit_text(["/opt/callcentre/bin/callcentre"], "/etc/callcentre/config.yaml")
    assert f"```ini\n{text}```\n" in (TOP / "docs" / "operate" / "install.md").read_text(encoding="utf-8")


def named_paths() -> list[str]:
    links = re.findall(r"\]\((\w[^)#]*)\)", README)
    in_code = re.findall(r"`((?:scripts|tests|dialplan|sounds|callcentre)/[\w./-]+)", README)
    prompts = {"callcentre/please-wait"}
    return sorted({*links, *in_code} - prompts)


@pytest.mark.parametrize("path", named_paths())
def test_a_path_in_the_readme_exists(path: str) -> None:
    assert (TOP / path).exists()


def test_the_scripts_that_a_reader_is_told_to_run_can_be_run() -> None:
    for script in re.findall(r"^ +(scripts/\w+)", README, re.MULTILINE):
        assert (TOP / script).stat().st_mode & 0o111, script


# --- what programs hold on to --------------------------------------------------------------------


def table_below(heading: str) -> list[list[str]]:
    section = README.partition(f"\n{heading}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.*) \|$", section, re.MULTILINE)
    return [[cell.strip() for cell in row.split(" | ")] for row in rows]


def test_the_table_of_facts_has_exactly_those_that_exist() -> None:
    rows = {row[0].strip("`") for row in table_below("## Facts")}
    assert rows == {fact.__struct_config__.tag for fact in ALL_FACTS}


def test_a_fact_is_shown_with_the_fields_of_its_own() -> None:
    common = set(Fact.__struct_fields__)
    rows = {row[0].strip("`"): row[2] for row in table_below("## Facts")}
    for fact in ALL_FACTS:
        for name in set(fact.__struct_fields__) - common:
            assert name in rows[str(fact.__struct_config__.tag)], (fact, name)


def figures() -> Iterator[Metric]:
    engine: Any = SimpleNamespace(counters=Counters(), backlog=0)
    nothing: Any = ()
    yield from measured(engine, nothing, nothing)
    for each in components(World(settings=settings(), key=b"")).of(Measured):
        yield from each.collect()


def test_the_metrics_in_the_readme_exist() -> None:
    collected = {"callcentre_ready", *(figure.name for figure in figures())}
    written = {name.removesuffix("_total") for name in re.findall(r"`(callcentre_[a-z_]+)`", README)}
    assert written <= collected


def test_the_readme_has_every_word_that_ends_texts_or_allows_them_again() -> None:
    table = README.partition("**Who wants none.**")[2].partition("\n| words |")[2].partition("\n\n")[0]
    rows = [row.split("|")[1] for row in table.splitlines()[2:]]
    told = [{word.strip().casefold() for word in row.split(",")} for row in rows]
    assert told == [OPT_OUT, OPT_OUT_UNLESS_CANCELS, OPT_IN]


def test_every_language_of_the_prompts_is_told_of() -> None:
    names = {"en": "English", "fi": "Finnish", "sv": "Swedish"}
    assert all(names[language] in README for language in LANGUAGES)
