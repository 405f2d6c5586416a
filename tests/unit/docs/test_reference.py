"""The generated parts of docs/reference are what the code says, and nothing is missing in them."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from callcentre.app import ledger_shape
from callcentre.cli.main import main
from callcentre.features.callbacks.statistics import CLOSED_BY
from callcentre.kernel.alarm import Alarm
from callcentre.kernel.journal import stamp
from callcentre.kernel.retention.model import Retention
from callcentre.kernel.schema import metadata
from callcentre.messaging.statistics import TEXT_STATES
from callcentre.statistics.export import Export
from callcentre.statistics.figures import figures
from callcentre.statistics.questions import Question
from callcentre.statistics.sources import ledger_of_log
from scripts.reference.commands import all_commands
from scripts.reference.facts import all_facts, explained, name
from scripts.reference.http import all_routes
from scripts.reference.metrics import all_metrics, public_name
from scripts.reference.pages import BLOCKS, COMMAND, REFERENCE, changed, generated, names
from scripts.reference.program import declared, modules
from scripts.reference.settings import every_key
from tests.unit.counted import six_calls

PAGES = {page.name: page.read_text(encoding="utf-8") for page in REFERENCE.glob("*.md")}
ALL_COMMANDS = dict(all_commands())
SHAPE = ledger_shape()


def test_every_generated_part_is_what_the_code_says() -> None:
    stale = [page.name for page in changed()]
    assert not stale, f"{', '.join(stale)} differ from the code: run `{COMMAND}` and commit what it writes"


def test_a_part_that_differs_from_the_code_is_found() -> None:
    page = PAGES["facts.md"]
    assert generated(page.replace("`queue.joined`", "`queue.joint`")) == page


def test_every_part_is_on_one_page() -> None:
    assert sorted(part for text in PAGES.values() for part in names(text)) == sorted(BLOCKS)


def test_every_key_of_the_configuration_is_explained() -> None:
    assert len(every_key()) > 60
    assert [key.path for key in every_key() if not key.meaning.endswith(".")] == []
    assert len({key.path for key in every_key()}) == len(every_key())


@pytest.mark.parametrize("command", ALL_COMMANDS, ids=" ".join)
def test_the_help_of_a_command_has_an_example_of_it(command: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(main, [*command, "--help"])
    assert shown.exit_code == 0
    assert f"Example:\n  callcentre {' '.join(command)}" in shown.output


@pytest.mark.parametrize("command", ALL_COMMANDS, ids=" ".join)
def test_a_command_and_its_options_are_explained(command: tuple[str, ...]) -> None:
    known = ALL_COMMANDS[command]
    assert known.help
    assert [each.name for each in known.params if isinstance(each, click.Option) and not each.help] == []


def test_there_are_all_facts_and_each_says_what_became_true() -> None:
    assert len(all_facts()) >= 40
    assert all(inspect.getdoc(fact) and not fact.__doc__.startswith("Base") for fact in all_facts() if fact.__doc__)


@pytest.mark.parametrize("fact", all_facts(), ids=name)
def test_every_field_of_a_fact_is_explained(fact: type) -> None:
    assert set(getattr(fact, "__struct_fields__")) == set(explained(fact))  # noqa: B009 - of msgspec


def test_every_address_is_on_the_page_of_addresses() -> None:
    assert len(all_routes()) > 10
    # Pages and their actions are on the page of rights.
    pages = PAGES["http.md"] + PAGES["rights.md"]
    assert [each.path for each in all_routes() if f"{each.method} {each.path}" not in pages] == []


def test_every_metric_has_a_name_of_ours_and_a_meaning() -> None:
    metrics = list(all_metrics())
    assert len(metrics) > 15
    assert all(public_name(each).startswith("callcentre_") and each.documentation for each in metrics)


def test_every_alarm_is_declared_by_a_component() -> None:
    written = {each for module in modules() for each in vars(module).values() if isinstance(each, Alarm)}
    assert len(written) > 5
    assert written == set(declared(Alarm))


def test_each_table_says_once_how_long_its_rows_are_kept() -> None:
    said = Counter(each.table.name for each in declared(Retention))
    assert set(said) == set(metadata.tables)
    assert set(said.values()) == {1}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[sa.Connection]:
    """The records of six calls, which got welcome texts."""
    log = tmp_path / "facts.log"
    at = datetime(2026, 6, 3, 9, tzinfo=UTC)
    lines = [stamp(fact, number, at).line.decode() for number, fact in enumerate(six_calls().facts, 1)]
    log.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    with ledger_of_log(SHAPE, [log]) as (found, _):
        yield found


def expanded(figure: str, kinds: list[str]) -> Iterator[str]:
    """The figures that a name with `<who>`, `<state>` or `<kind>` stands for."""
    for word, values in (("<who>", CLOSED_BY), ("<state>", TEXT_STATES), ("<kind>", kinds)):
        if word in figure:
            for value in values:
                yield from expanded(figure.replace(word, value), kinds)
            return
    yield figure


def test_every_figure_is_explained_and_every_explained_one_is_computed(ledger: sa.Connection) -> None:
    kinds = list(ledger.execute(sa.select(metadata.tables["text_records"].c.kind).distinct()).scalars())
    (row,) = figures(SHAPE, ledger, Question(by="service", zone=ZoneInfo("UTC")))
    defined = [each for part in SHAPE.parts for each in part.definitions]
    said = [each for definition in defined for figure in definition.names for each in expanded(figure, kinds)]
    assert kinds
    assert len(said) == len(set(said))
    assert set(said) == set(row) - {"service"}


@pytest.mark.parametrize("export", SHAPE.exports.values(), ids=SHAPE.exports)
def test_every_column_of_an_export_is_explained(export: Export) -> None:
    assert {column.name for column in export.columns} == set(export.meanings)
