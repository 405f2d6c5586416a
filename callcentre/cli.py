"""The commands. Each error says where, what and how to mend.

Exit codes: 0 done, 1 failed or not found, 2 wrong use or configuration. What only one command needs is imported there:
checking a file should not wait for a database to be imported.
"""

from __future__ import annotations

import asyncio
import csv
import json
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click
from rich.console import Console
from rich.table import Table

from callcentre import dialplan as dialplan_text
from callcentre import sounds as recordings
from callcentre.config.read import Configuration, ConfigurationError, read
from callcentre.config.report import describe
from callcentre.config.schema import json_schema
from callcentre.config.settings import Settings

FAILED, WRONG = 1, 2

P = ParamSpec("P")
T = TypeVar("T")


class _Group(click.Group):
    """Shows examples and exit codes as they are written."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        _write_epilog(self.epilog, formatter)


class _Command(click.Command):
    """Shows its example as it is written."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        _write_epilog(self.epilog, formatter)


def _write_epilog(epilog: str | None, formatter: click.HelpFormatter) -> None:
    if epilog:
        formatter.write_paragraph()
        for line in epilog.splitlines():
            formatter.write(f"{line}\n")


_CONFIG = click.option(
    "-c",
    "--config",
    "path",
    type=click.Path(path_type=Path),
    default=Path("config.yaml"),
    show_default=True,
    help="The configuration file.",
)
_FORMAT = click.option(
    "--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True
)


def _fail(message: str, code: int = FAILED) -> click.exceptions.Exit:
    click.echo(message, err=True)
    return click.exceptions.Exit(code)


def _configuration(path: Path) -> Configuration:
    """The configuration, or every mistake of it on standard error and exit 2."""
    try:
        return read(path)
    except ConfigurationError as error:
        raise _fail(str(error), WRONG) from error


def _waits(command: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        return asyncio.run(command(*args, **kwargs))

    return run


def _show(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], form: str) -> None:
    """A list on standard output: for people, for programs, or for a spreadsheet."""
    match form:
        case "json":
            click.echo(json.dumps(list(rows), ensure_ascii=False))
        case "csv":
            writer = csv.DictWriter(sys.stdout, columns, extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows({name: _cell(row.get(name)) for name in columns} for row in rows)
        case _:
            table = Table(box=None, pad_edge=False)
            for name in columns:
                table.add_column(name, overflow="fold")
            for row in rows:
                table.add_row(*(str(row.get(name, "")) for name in columns))
            Console(soft_wrap=False, markup=False, highlight=False).print(table)


def _cell(value: Any) -> Any:
    """A spreadsheet takes a text that begins like a formula for one: an apostrophe keeps it a text."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done · 1 failed or not found · 2 wrong use or configuration",
)
@click.version_option(package_name="callcentre")
def main() -> None:
    """Welcome texts, callbacks and surveys for the queues of an Asterisk PBX."""


@main.command(cls=_Command, epilog="Example:\n  callcentre run -c /etc/callcentre/config.yaml")
@_CONFIG
def run(path: Path) -> None:
    """The daemon: facts to standard output (or log.file), diagnostics to standard error.

    SIGTERM stops it in order, SIGHUP reads the configuration again.
    """
    from callcentre.app import CannotRun, serve

    configuration = _configuration(path)
    for problem in configuration.warnings:
        click.echo(problem.render(str(path), "warning"), err=True)
    try:
        asyncio.run(serve(configuration))
    except CannotRun as error:
        raise _fail(str(error)) from error


@main.command(cls=_Command, epilog="Example:\n  callcentre check -c config.yaml")
@_CONFIG
def check(path: Path) -> None:
    """Every mistake of the file at once; contacts nothing."""
    click.echo(describe(_configuration(path)))


@main.command(cls=_Command, epilog="Example:\n  callcentre doctor -c config.yaml")
@_CONFIG
@_waits
async def doctor(path: Path) -> None:
    """Check, and ask Asterisk, queues, sounds and gateway; says what to mend."""
    from callcentre.doctor import examine

    configuration = _configuration(path)
    click.echo(describe(configuration))
    findings = await examine(configuration)
    for finding in findings:
        if finding.mend is not None:
            click.echo(f"MEND  {finding.what}: {finding.mend}")
        else:
            click.echo(f"ok    {finding.what}" + (f": {finding.note}" if finding.note else ""))
    if not all(finding.well for finding in findings):
        raise click.exceptions.Exit(FAILED)


@main.command(cls=_Command, epilog="Example:\n  callcentre schema > config.schema.json")
@_CONFIG
def schema(path: Path) -> None:  # noqa: ARG001 - every command takes -c
    """The JSON Schema of config.yaml, for editors."""
    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@main.command(
    cls=_Command,
    epilog="Example:\n  callcentre dialplan --asterisk 22 > /etc/asterisk/callcentre.conf",
)
@_CONFIG
@click.option("--asterisk", "version", help="Asterisk's version, such as 22; left out: asks ARI.")
@click.option("--part", type=click.Choice(["extensions", "queues"]), default="extensions", show_default=True)
@_waits
async def dialplan(path: Path, version: str | None, part: str) -> None:
    """The text for extensions.conf, or with --part queues for queues.conf."""
    configuration = _configuration(path)
    settings = configuration.settings
    if version is None:
        version = await _version_of_asterisk(settings)
    major = dialplan_text.major_version(version)
    if major is None or major < dialplan_text.OLDEST:
        raise _fail(f"--asterisk {version}: give a version from {dialplan_text.OLDEST} on, such as 22", WRONG)
    text = dialplan_text.extensions(settings, major) if part == "extensions" else dialplan_text.queues(settings)
    click.echo(text, nl=False)


async def _version_of_asterisk(settings: Settings) -> str:
    from callcentre.ari import AriError, Client

    try:
        async with Client(settings.ari.url, settings.ari.username, settings.ari.password) as client:
            system = (await client.asterisk.get_info()).system
    except AriError as error:
        raise _fail(f"Asterisk's version is not known ({error}); give it with --asterisk 22") from error
    return system.version if system is not None else ""


@main.group(cls=_Group, epilog="Example:\n  callcentre sounds install /var/lib/asterisk/sounds")
def sounds() -> None:
    """The prompts that callers hear."""


@sounds.command("install", cls=_Command, epilog="Example:\n  callcentre sounds install /var/lib/asterisk/sounds")
@_CONFIG
@click.argument("folder", type=click.Path(path_type=Path))
def install(path: Path, folder: Path) -> None:  # noqa: ARG001 - every command takes -c
    """Put the prompts into an Asterisk sounds FOLDER, as <language>/callcentre/<prompt>.

    Recordings of your own by the same name are kept.
    """
    try:
        report = recordings.install(folder)
    except recordings.SoundsError as error:
        raise _fail(str(error)) from error
    for name in report.kept:
        click.echo(f"kept your own: {name}")
    click.echo(
        f"{folder}: {len(report.installed)} prompts new, {len(report.updated)} brought up to date, "
        f"{len(report.unchanged)} as they were, {len(report.kept)} of your own kept"
    )


@main.command(cls=_Command, epilog="Example:\n  callcentre timeline 1795325295.0 --format json")
@_CONFIG
@_FORMAT
@click.argument("call")
@_waits
async def timeline(path: Path, form: str, call: str) -> None:
    """All facts of one CALL, by Asterisk's unique id of the caller's channel."""
    from callcentre.engine.store import StoreError
    from callcentre.reports.timeline import timeline_of

    configuration = _configuration(path)
    try:
        facts = await timeline_of(call, configuration.database)
    except StoreError as error:
        raise _fail(str(error)) from error
    if not facts:
        raise _fail(f"no fact of a call {call}: a call's id is Asterisk's, such as 1795325295.0, as in the log")
    columns = list(dict.fromkeys(name for fact in facts for name in fact))
    if form == "table":
        said = [{"at": f["at"], "event": f["event"], "what": _told(f)} for f in facts]
        _show(said, ("at", "event", "what"), form)
    else:
        _show(facts, columns, form)


def _told(fact: Mapping[str, Any]) -> str:
    """What a fact says beyond what its neighbours say as well."""
    common = {"event", "at", "id", "call", "queue", "service", "number", "caller", "message"}
    return " ".join(f"{name}={value}" for name, value in fact.items() if name not in common)
