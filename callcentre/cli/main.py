"""The commands. Each error says where, what and how to fix it.

Exit codes: 0 done, 1 failed or not found, 2 wrong use or configuration. A module of commands declares them and imports
what runs them where they are run: help should not wait for the configuration's model, nor a check for a database.
"""

from __future__ import annotations

import gc
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from callcentre.app import alone, parts
from callcentre.cli import database as cli_database
from callcentre.cli import dialplan as cli_dialplan
from callcentre.cli import install as cli_install
from callcentre.cli import person as cli_person
from callcentre.cli import statistics as cli_reports
from callcentre.cli import what_if as cli_what_if
from callcentre.terminal import CONFIG as _CONFIG
from callcentre.terminal import FAILED, Declared, show, show_facts
from callcentre.terminal import FORMAT as _FORMAT
from callcentre.terminal import Command as _Command
from callcentre.terminal import Group as _Group
from callcentre.terminal import configuration as _configuration
from callcentre.terminal import fail as _fail
from callcentre.terminal import say as _say
from callcentre.terminal import waits as _waits

if TYPE_CHECKING:
    from callcentre.config.parts import FileShape


def _file_shape() -> FileShape:
    from callcentre.configuration import FILE

    return FILE


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"], "obj": Declared(_file_shape, parts, alone)},
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
    # Imported modules and loaded records are not garbage. The daemon enables collection once it is ready.
    gc.disable()

    import asyncio

    from callcentre.app import serve
    from callcentre.kernel.program import CannotRun

    configuration = _configuration(path)
    for problem in configuration.warnings:
        _say(problem.render(str(path), "warning"), err=True)
    try:
        asyncio.run(serve(configuration, _file_shape()))
    except CannotRun as error:
        raise _fail(str(error)) from error
    except MemoryError as error:
        raise _fail(
            "no memory is left: the daemon ends, so that it can be started anew from what is on disk; see what uses "
            "the machine's memory, or give the daemon more (MemoryMax= of its unit, ulimit -d)"
        ) from error


@main.command(cls=_Command, epilog="Example:\n  callcentre check -c config.yaml")
@_CONFIG
def check(path: Path) -> None:
    """Every mistake of the file at once, and what each text costs. Contacts nothing."""
    configuration = _configuration(path)
    from callcentre.cli.report import describe

    _say(describe(configuration, _file_shape()))


@main.command(cls=_Command, epilog="Example:\n  callcentre doctor -c config.yaml")
@_CONFIG
@_FORMAT
@_waits
async def doctor(path: Path, form: str) -> None:
    """Check, and ask Asterisk, queues, dialplan, sounds and gateway; says of each fault what to type.

    Rings nobody and changes nothing. The exit code is 1 when there is an error; a warning leaves it at 0.
    """
    from callcentre.cli.doctor import COLUMNS, about, examine, warning
    from callcentre.cli.report import describe

    configuration = _configuration(path)
    if form == "table":
        _say(describe(configuration, _file_shape()))
    findings = await examine(configuration)
    if form == "table":
        for finding in findings:
            if finding.fix is not None:
                _say(f"{'WARN' if finding.minor else 'FIX '}  {finding.what}: {finding.fix}")
            else:
                _say(f"ok    {finding.what}" + (f": {finding.note}" if finding.note else ""))
    else:
        of_the_file = [warning(problem.place(str(path)), problem.message) for problem in configuration.warnings]
        show([finding.row() for finding in about("configuration", of_the_file) + findings], COLUMNS, form)
    if any(finding.state == "error" for finding in findings):
        raise click.exceptions.Exit(FAILED)


@main.command(cls=_Command, epilog="Example:\n  callcentre schema > config.schema.json")
@_CONFIG
def schema(path: Path) -> None:  # noqa: ARG001 - every command takes -c
    """The JSON Schema of config.yaml, for editors."""
    from callcentre.configuration import json_schema

    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))  # noqa: TID251 - for programs, unchanged


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
    from callcentre.telephony import sounds as recordings

    try:
        report = recordings.install(folder)
    except recordings.SoundsError as error:
        raise _fail(str(error)) from error
    for name in report.kept:
        _say(f"kept your own: {name}")
    _say(
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
    from callcentre.kernel.errors import StoreError
    from callcentre.kernel.settings import database_of
    from callcentre.statistics.timeline import timeline_of

    configuration = _configuration(path)
    try:
        facts = await timeline_of(call, database_of(configuration))
    except StoreError as error:
        raise _fail(str(error)) from error
    if not facts:
        raise _fail(f"no fact of a call {call}: a call's id is Asterisk's, such as 1795325295.0, as in the log")
    show_facts(facts, form)


main.add_command(cli_database.database)
main.add_command(cli_dialplan.dialplan)
main.add_command(cli_install.install)
main.add_command(cli_install.uninstall)
main.add_command(cli_reports.stats)
main.add_command(cli_reports.export)
main.add_command(cli_what_if.what_if)
main.add_command(cli_person.person)
for command in parts("cli", "COMMANDS"):
    main.add_command(command)
