"""The commands that report: figures and exports. They read the database beside a running daemon, or a log."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import click

from callcentre.app import ledger_shape
from callcentre.statistics.sheets import (
    PLAIN,
    SEPARATORS,
    SPREADSHEETS,
    CsvForm,
    write_csv,
    write_json,
    write_sheet,
    written,
)
from callcentre.statistics.workbooks import Value
from callcentre.terminal import CONFIG, DAY, FAILED, WRONG, Command, Names, Typed, configuration, fail, say, show
from callcentre.values.characters import as_json

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    import sqlalchemy as sa

    from callcentre.kernel.database import Database
    from callcentre.statistics.questions import By, Figure

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")

_PAGE = 1_000
"""Rows of one table."""

_STEP = 5_000
"""Rows after which a progress bar moves: often enough to be seen, seldom enough to cost nothing."""


def _length(text: str) -> timedelta:
    from callcentre.config.times import parse_duration

    return parse_duration(text)


def _zone(text: str) -> ZoneInfo:
    from callcentre.config.times import ZONE

    return ZONE.typed(text)


def _groups() -> Iterable[str]:
    from callcentre.statistics.questions import By

    return get_args(By)


_LENGTH = Typed("DURATION", _length)
_ZONE = Typed("NAME", _zone)
_GROUPS = Names(_groups)

_SERVICE = click.option("--service", help="Only this service.")
_FROM = click.option("--from", "first", type=DAY, help="The first day, such as 2026-03-01; left out: from the start.")
_TO = click.option("--to", "last", type=DAY, help="The last day, included; left out: up to now.")
_OUTPUT = click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="A file; left out: standard output."
)


def _separator(text: str) -> str:
    separator = {"tab": "\t", "\\t": "\t"}.get(text, text)
    if separator not in SEPARATORS:
        raise ValueError(f'is not a separator: "{text}"; write "," or ";" or "|" or tab')
    return separator


_SEPARATOR = Typed("CHARACTER", _separator)


_EXPORT_KINDS = Names(lambda: ledger_shape().exports)


def _csv_options(command: F) -> F:
    """How csv is written: the arguments `spreadsheet`, `separator` and `bom`."""
    options = (
        click.option(
            "--for-spreadsheet", "spreadsheet", type=click.Choice(sorted(SPREADSHEETS)),
            help="Write csv as spreadsheets in this language open it: fi and sv with ; and decimal comma; with --bom.",
        ),
        click.option(
            "--separator", type=_SEPARATOR, help='What separates the cells of csv: "," or ";" or "|" or tab.'
        ),
        click.option(
            "--bom", is_flag=True, help="Begin csv with a byte order mark, by which spreadsheets know UTF-8."
        ),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def _csv_form(form: str, spreadsheet: str | None, separator: str | None, bom: bool) -> CsvForm:
    if form != "csv" and (spreadsheet or separator or bom):
        raise click.UsageError(f"--for-spreadsheet, --separator and --bom are for --format csv, not {form}")
    preset = PLAIN if spreadsheet is None else SPREADSHEETS[spreadsheet]
    return replace(preset, separator=separator or preset.separator, bom=bom or preset.bom)


@dataclass(frozen=True, slots=True)
class _Source:
    """Where figures come from: the database of a configuration, or the files of a log. Services are None for a log."""

    zone: ZoneInfo
    database: Database | None = None
    log: Sequence[Path] = ()
    services: frozenset[str] | None = None


@click.command(
    cls=Command,
    epilog="Example:\n  callcentre stats --by agent --from 2026-03-01 --to 2026-03-31 --format csv\n"
    "  callcentre stats --by service --log /var/log/callcentre/facts.log*",
)
@CONFIG
@click.option("--by", type=_GROUPS, default="service", show_default=True, help="A row for each.")
@_SERVICE
@_FROM
@_TO
@click.option(
    "--service-level", "within", type=_LENGTH, default="20s", show_default=True,
    help="Answered within so long counts for the service level.",
)  # fmt: skip
@click.option(
    "--short-abandon", "short", type=_LENGTH, default="5s", show_default=True,
    help="Who hangs up before is counted as short-abandoned too.",
)  # fmt: skip
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "xlsx", "json"]), default="table", show_default=True,
    help="The form of what is shown or written.",
)  # fmt: skip
@_OUTPUT
@_csv_options
@click.option(
    "--log", "log", multiple=True, type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE…",
    help="Compute them from these files of the JSON log instead, also rotated and .gz.",
)  # fmt: skip
@click.option("--timezone", "zone", type=_ZONE, help="Where days and hours belong; left out: as configured.")
@click.argument("more", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="")
def stats(
    path: Path,
    by: By,
    service: str | None,
    first: date | None,
    last: date | None,
    within: timedelta,
    short: timedelta,
    form: str,
    output: Path | None,
    spreadsheet: str | None,
    separator: str | None,
    bom: bool,
    log: tuple[Path, ...],
    zone: ZoneInfo | None,
    more: tuple[Path, ...],
) -> None:
    """Figures by service, queue, agent, node, hour, day or week.

    From the database beside the daemon, or from the JSON log alone.
    """
    from callcentre.statistics.figures import figures
    from callcentre.statistics.periods import span
    from callcentre.statistics.questions import Question

    if more and not log:
        raise click.UsageError(f"what is {more[0]}? Files of a log come behind --log")
    _check_span(first, last)
    _check_output(form, output)
    csv_form = _csv_form(form, spreadsheet, separator, bom)
    source = _source(path, (*log, *more), zone)
    question = Question(
        by=by, zone=source.zone, span=span(first, last, source.zone), service=service,
        within=_milliseconds(within), short=_milliseconds(short),
    )  # fmt: skip
    with _opened(source) as ledger:
        rows = figures(ledger_shape(), ledger, question)
    _check_service(service, source, bool(rows))
    _put_out(rows, by, form, output, csv_form)


@click.command(
    cls=Command,
    epilog="Example:\n  callcentre export surveys --from 2026-03-01 --format xlsx --output surveys.xlsx\n"
    "  callcentre export calls --for-spreadsheet fi --output calls.csv",
)
@CONFIG
@click.argument("kind", type=_EXPORT_KINDS)
@_SERVICE
@_FROM
@_TO
@click.option(
    "--format", "form", type=click.Choice(["table", "json", "csv", "xlsx"]), default="csv", show_default=True,
    help="The form of what is shown or written.",
)  # fmt: skip
@_OUTPUT
@_csv_options
def export(
    path: Path,
    kind: str,
    service: str | None,
    first: date | None,
    last: date | None,
    form: Any,
    output: Path | None,
    spreadsheet: str | None,
    separator: str | None,
    bom: bool,
) -> None:
    """Every survey answer, call, callback or message, a row each."""
    from callcentre.statistics.export import exported
    from callcentre.statistics.periods import span

    _check_span(first, last)
    _check_output(form, output)
    csv_form = _csv_form(form, spreadsheet, separator, bom)
    source = _source(path, (), None)
    with _opened(source) as ledger:
        of_kind = ledger_shape().exports[kind]
        found = exported(ledger, of_kind, source.zone, span=span(first, last, source.zone), service=service)
        _check_service(service, source, found.known.rows > 0)
        rows = _followed(found.rows, found.known.rows, f"exporting {kind}")
        if output is not None:
            _written(partial(write_sheet, output, form, kind, found.columns, rows, csv_form, found.known), output)
        elif form == "table":
            for page in _pages(rows):
                show([dict(zip(found.columns, map(written, row), strict=True)) for row in page], found.columns, form)
        elif form == "csv":
            write_csv(sys.stdout, found.columns, rows, csv_form)
        else:
            write_json(sys.stdout, found.columns, rows)


def _pages(rows: Iterator[Sequence[Value]]) -> Iterator[list[Sequence[Value]]]:
    """Rows in tables of a thousand, so that they fit in memory: columns are as wide as the widest of them."""
    page = list(islice(rows, _PAGE))
    yield page
    while page := list(islice(rows, _PAGE)):
        yield page


# --- what was asked for ----------------------------------------------------------------------------


def _check_span(first: date | None, last: date | None) -> None:
    if first is not None and last is not None and last < first:
        raise click.UsageError(f"--to {last} is before --from {first}")


def _check_output(form: str, output: Path | None) -> None:
    if form == "xlsx" and output is None:
        raise click.UsageError("--format xlsx needs --output FILE: it cannot be shown on a terminal")
    if form == "table" and output is not None:
        raise click.UsageError("--format table goes to standard output; for --output choose csv, xlsx or json")


def _check_service(service: str | None, source: _Source, found: bool) -> None:
    """A service that is not configured may have been; but nothing was ever counted for it either."""
    if service is None or found or (source.services is not None and service in source.services):
        return
    known = "" if source.services is None else f"; the configuration has: {', '.join(sorted(source.services))}"
    raise fail(f"--service {service}: nothing is known of such a service{known}", WRONG)


def _milliseconds(length: timedelta) -> int:
    return round(length.total_seconds() * 1000)


def _source(path: Path, log: Sequence[Path], zone: ZoneInfo | None) -> _Source:
    if log and zone is not None:
        return _Source(zone, log=log)
    from callcentre.kernel.settings import database_of

    known = configuration(path)
    zone = zone or known.settings.timezone
    if log:
        return _Source(zone, log=log)
    return _Source(zone, database=database_of(known), services=frozenset(known.settings.services))


@contextmanager
def _opened(source: _Source) -> Iterator[sa.Connection]:
    from callcentre.statistics.files import CannotRead
    from callcentre.statistics.sources import ledger_of_database, ledger_of_log

    try:
        if source.database is not None:
            with ledger_of_database(ledger_shape(), source.database) as ledger:
                yield ledger
            return
        with ledger_of_log(ledger_shape(), source.log) as (ledger, reading):
            if reading.others:
                say(f"{reading.others} lines of the log are no facts and were left out", err=True)
            yield ledger
    except CannotRead as error:
        raise fail(str(error), FAILED) from error


# --- what is shown ---------------------------------------------------------------------------------


def _put_out(rows: Sequence[dict[str, Figure]], by: By, form: str, output: Path | None, csv_form: CsvForm) -> None:
    columns: list[str] = list(rows[0]) if rows else [by]
    values = [[row[name] for name in columns] for row in rows]
    if output is not None:
        _written(partial(_write, output, rows, columns, values, by, form, csv_form), output)
    elif form == "csv":
        write_csv(sys.stdout, columns, values, csv_form)
    elif form == "json":
        click.echo(as_json(rows))  # noqa: TID251 - for programs, unchanged
    elif rows:
        _show_tables(rows)
    else:
        say("nothing happened in this time", err=True)


def _write(
    output: Path,
    rows: Sequence[dict[str, Figure]],
    columns: list[str],
    values: list[list[Figure]],
    by: By,
    form: str,
    csv_form: CsvForm,
) -> None:
    from callcentre.statistics.sheets import in_place_of

    match form:
        case "xlsx":
            write_sheet(output, "xlsx", f"by {by}", columns, values)
        case "csv":
            write_sheet(output, "csv", f"by {by}", columns, values, csv_form)
        case _:
            with in_place_of(output) as file:
                file.write_text(as_json(rows), encoding="utf-8")


def _show_tables(rows: Sequence[dict[str, Figure]]) -> None:
    from callcentre.statistics.overview import tables

    for number, table in enumerate(tables(rows, ledger_shape().stories(rows))):
        say(("\n" if number else "") + table.title)
        show(table.rows, table.columns, "table")


def _written(write: Callable[[], None], output: Path) -> None:
    try:
        write()
    except OSError as error:
        raise fail(f"{output}: cannot be written: {error.strerror or error}") from error


def _followed(rows: Iterable[T], total: int, what: str) -> Iterator[T]:
    """The rows; on a terminal with a bar that says how far they are."""
    if not sys.stderr.isatty():
        yield from rows
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=total)
        for number, row in enumerate(rows, 1):
            yield row
            if number % _STEP == 0:
                progress.advance(task, _STEP)
