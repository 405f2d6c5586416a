"""The commands. Each error says where, what and how to mend.

Exit codes: 0 done, 1 failed or not found, 2 wrong use or configuration. What only one command needs is imported there:
checking a file should not wait for a database to be imported.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from callcentre.cli import dialplan as cli_dialplan
from callcentre.cli import install as cli_install
from callcentre.cli import statistics as cli_reports
from callcentre.cli import what_if as cli_what_if
from callcentre.config.report import describe
from callcentre.configuration import FILE, json_schema
from callcentre.features.reports.cli import report
from callcentre.telephony import sounds as recordings
from callcentre.terminal import CONFIG as _CONFIG
from callcentre.terminal import FAILED, WRONG
from callcentre.terminal import FORMAT as _FORMAT
from callcentre.terminal import Command as _Command
from callcentre.terminal import Group as _Group
from callcentre.terminal import configuration as _configuration
from callcentre.terminal import fail as _fail
from callcentre.terminal import say as _say
from callcentre.terminal import show as _show
from callcentre.terminal import waits as _waits

if TYPE_CHECKING:
    from callcentre.features.callbacks.listing import ListedCallback


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
    import asyncio

    from callcentre.app import serve
    from callcentre.kernel.program import CannotRun

    configuration = _configuration(path)
    for problem in configuration.warnings:
        _say(problem.render(str(path), "warning"), err=True)
    try:
        asyncio.run(serve(configuration))
    except CannotRun as error:
        raise _fail(str(error)) from error


@main.command(cls=_Command, epilog="Example:\n  callcentre check -c config.yaml")
@_CONFIG
def check(path: Path) -> None:
    """Every mistake of the file at once, and what each text costs. Contacts nothing."""
    _say(describe(_configuration(path), FILE))


@main.command(cls=_Command, epilog="Example:\n  callcentre doctor -c config.yaml")
@_CONFIG
@_FORMAT
@_waits
async def doctor(path: Path, form: str) -> None:
    """Check, and ask Asterisk, queues, dialplan, sounds and gateway; says of each fault what to type.

    Rings nobody and changes nothing. The exit code is 1 when something is not well.
    """
    from callcentre.cli.doctor import examine

    configuration = _configuration(path)
    if form == "table":
        _say(describe(configuration, FILE))
    else:
        for problem in configuration.warnings:
            _say(problem.render(str(path), "warning"), err=True)
    findings = await examine(configuration)
    if form == "table":
        for finding in findings:
            if finding.fix is not None:
                _say(f"MEND  {finding.what}: {finding.fix}")
            else:
                _say(f"ok    {finding.what}" + (f": {finding.note}" if finding.note else ""))
    else:
        _show([finding.row() for finding in findings], ("what", "ok", "fix", "note"), form)
    if not all(finding.well for finding in findings):
        raise click.exceptions.Exit(FAILED)


@main.command(cls=_Command, epilog="Example:\n  callcentre schema > config.schema.json")
@_CONFIG
def schema(path: Path) -> None:  # noqa: ARG001 - every command takes -c
    """The JSON Schema of config.yaml, for editors."""
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
    from callcentre.kernel.store import StoreError
    from callcentre.statistics.timeline import timeline_of

    configuration = _configuration(path)
    try:
        facts = await timeline_of(call, configuration.database)
    except StoreError as error:
        raise _fail(str(error)) from error
    if not facts:
        raise _fail(f"no fact of a call {call}: a call's id is Asterisk's, such as 1795325295.0, as in the log")
    _show_facts(facts, form)


def _show_facts(facts: Sequence[Mapping[str, Any]], form: str) -> None:
    """Facts in their order."""
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


class _ListsByItself(_Group):
    """Means `list` when no command is named, and takes the options of a command before its name too."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            place = self._place_of_command(args)
            args = ["list", *args] if place is None else [args[place], *args[:place], *args[place + 1 :]]
        return super().parse_args(ctx, args)

    def _place_of_command(self, args: Sequence[str]) -> int | None:
        """Where a command is named among options: a file or a service may be called as one is."""
        take_a_value = {name for option in self.commands["list"].params for name in option.opts}
        named = (place for place, word in enumerate(args) if word in self.commands)
        return next((place for place in named if args[place - 1] not in take_a_value), None)


@main.group(cls=_ListsByItself, epilog="Example:\n  callcentre callbacks --format csv > open.csv")
def callbacks() -> None:
    """Open callbacks: lists them when no command is named."""


@callbacks.command("list", cls=_Command, epilog="Example:\n  callcentre callbacks list --service support")
@_CONFIG
@_FORMAT
@click.option("--service", help="Only those of this service.")
@_waits
async def list_callbacks(path: Path, form: str, service: str | None) -> None:
    """The open callbacks in the order of the queue: place, age in seconds, attempts, what comes next, why it waits.

    `told` says what its owner knows of that: texted, delivered, call_due, called, heard, kept, moved or failed.
    """
    from callcentre.features.callbacks.client import Daemon, DaemonError
    from callcentre.features.callbacks.listing import ListedCallback

    try:
        found = await Daemon(_configuration(path)).listed(service)
    except DaemonError as error:
        raise _fail(str(error)) from error
    rows = [_figures(callback) for callback in found]
    if form == "table":
        said = [
            row
            | {"age": f"{callback.age:.0f} s", "next step": callback.next_step, "why": callback.says}
            | {"told": f"{callback.told or ''}{' (wants no texts)' if callback.opted_out else ''}".strip()}
            for row, callback in zip(rows, found, strict=True)
        ]
        _show(said, ("place", "id", "number", "service", "age", "attempts", "told", "next step", "why"), form)
    else:
        _show(rows, [name for name in ListedCallback.__struct_fields__ if name != "says"], form)


def _figures(callback: ListedCallback) -> dict[str, Any]:
    """What is told of a callback without the sentence."""
    import msgspec

    row: dict[str, Any] = msgspec.to_builtins(callback)
    del row["says"]
    return row


@callbacks.command("show", cls=_Command, epilog="Example:\n  callcentre callbacks show cb-1795325295.0")
@_CONFIG
@_FORMAT
@click.argument("callback", metavar="ID")
@_waits
async def show_callback(path: Path, form: str, callback: str) -> None:
    """The whole story of one callback, open or over. Works without the daemon too."""
    from callcentre.features.callbacks.client import Daemon, DaemonAwayError, DaemonError, NotFoundError

    configuration = _configuration(path)
    now: ListedCallback | None = None
    try:
        story = await Daemon(configuration).told(callback)
        facts, now = story.facts, story.open
    except DaemonAwayError:
        facts = await _story(callback, configuration.database)
        _say("From the database alone: where it stands now only a running daemon knows.", err=True)
    except NotFoundError:
        facts = ()
    except DaemonError as error:
        raise _fail(str(error)) from error
    if not facts and now is None:
        raise _fail(f"no fact of a callback {callback}: its id is as in `callcentre callbacks`, or in the log")
    if form == "table" and now is not None:
        place = "" if now.place is None else f"place {now.place}, "
        _say(f"{now.service}, {now.number}: {place}{now.says}")
    _show_facts(facts, form)


async def _story(callback: str, database: Path) -> Sequence[Mapping[str, Any]]:
    from callcentre.features.callbacks.story import story_of
    from callcentre.kernel.store import StoreError

    try:
        return await story_of(callback, database)
    except StoreError as error:
        raise _fail(str(error)) from error


@callbacks.command("cancel", cls=_Command, epilog="Example:\n  callcentre callbacks cancel cb-1795325295.0")
@_CONFIG
@click.argument("callback", metavar="ID")
@_waits
async def cancel_callback(path: Path, callback: str) -> None:
    """Take an open callback back; a call of ours that is under way ends, but no conversation with an agent."""
    from callcentre.features.callbacks.client import Daemon, DaemonError

    try:
        await Daemon(_configuration(path)).withdraw(callback)
    except DaemonError as error:
        raise _fail(str(error)) from error
    _say(f"{callback}: cancelled")


@callbacks.command(
    "add",
    cls=_Command,
    epilog='Example:\n  callcentre callbacks add 0401234567 --service support --name "Aino Virtanen"',
)
@_CONFIG
@click.argument("number")
@click.option("--service", required=True, help="A service of the configuration.")
@click.option("--name", default="", help="Who is called; the agent's phone shows it.")
@_waits
async def add_callback(path: Path, number: str, service: str, name: str) -> None:
    """Have NUMBER called back, as the last of the queue."""
    from callcentre.features.callbacks.bodies import Wish
    from callcentre.features.callbacks.client import Daemon, DaemonError

    configuration = _configuration(path)
    if service not in configuration.settings.services:
        known = ", ".join(configuration.settings.services)
        raise _fail(f"--service {service}: {path} has no such service; it has: {known}", WRONG)
    try:
        taken, is_new = await Daemon(configuration).wish(Wish(number=number, service=service, name=name, by="staff"))
    except DaemonError as error:
        raise _fail(str(error)) from error
    place = "" if taken.place is None else f", place {taken.place}"
    _say(f"{taken.id}: {'taken' if is_new else 'open already'}{place}")


main.add_command(cli_dialplan.dialplan)
main.add_command(cli_install.install)
main.add_command(cli_install.uninstall)
main.add_command(cli_reports.stats)
main.add_command(cli_reports.export)
main.add_command(report)
main.add_command(cli_what_if.what_if)
