"""`callcentre person`: everything that is held about one person, to hand out or to erase."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from callcentre.app import components, erase_alone
from callcentre.terminal import CONFIG, FAILED, WRONG, Command, Group, fail, say, waits
from callcentre.terminal import configuration as read_configuration
from callcentre.values.characters import as_json

if TYPE_CHECKING:
    from callcentre.config.read import Configuration
    from callcentre.features.privacy.bodies import ErasedPerson


@click.group(cls=Group, epilog="Example:\n  callcentre person export 0401234567 --output person.json")
def person() -> None:
    """What is held about one person: hand it out, or erase it."""


@person.command("export", cls=Command, epilog="Example:\n  callcentre person export 0401234567 --output person.json")
@CONFIG
@click.argument("number")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="The file; without it standard output.")
def export(path: Path, number: str, output: Path | None) -> None:
    """Everything that is held about the person with NUMBER, as JSON. Works beside the daemon and without it."""
    from callcentre.config import private
    from callcentre.kernel.clock import wall
    from callcentre.kernel.errors import StoreError
    from callcentre.kernel.retention.exporting import everything_about, key_of
    from callcentre.kernel.retention.model import Retention
    from callcentre.kernel.settings import database_of, log_file_of

    configuration = read_configuration(path)
    e164, database = _number(number, configuration), database_of(configuration)
    settings = configuration.settings
    try:
        declared = components(settings, key_of(database)).of(Retention)
        held = everything_about(e164, settings.region, database, declared, log_file_of(configuration), wall())
    except (StoreError, OSError) as error:
        raise fail(str(error)) from error
    text = as_json(_plain(held))
    if output is None:
        click.echo(text)  # noqa: TID251 - for programs, unchanged
        return
    try:
        with open(output, "w", encoding="utf-8", opener=private.opener) as file:
            file.write(f"{text}\n")
    except OSError as error:
        raise fail(f"{output}: cannot be written: {error.strerror or error}") from error
    say(f"{output}: {sum(len(each['rows']) for each in held['tables'])} rows, {len(held['log'])} more lines of the log")


def _plain(held: dict[str, Any]) -> Any:
    """The same as texts, numbers and lists."""
    import msgspec

    return msgspec.to_builtins(held)


@person.command("erase", cls=Command, epilog="Example:\n  callcentre person erase 0401234567 --yes")
@CONFIG
@click.argument("number")
@click.option("--yes", is_flag=True, help="Needed: nothing brings it back.")
@waits
async def erase(path: Path, number: str, yes: bool) -> None:
    """Forget the person with NUMBER: in the database, its unused bytes, its write-ahead log, and the log.

    What is open for the person ends: no callback comes, and no text goes out. An opt-out and the quarantine of surveys
    stay, as keyed hashes. Figures stay the same. Backups and copies of the log elsewhere are not reached.
    """
    from callcentre.features.privacy.bodies import ErasedPerson, PersonToErase
    from callcentre.features.privacy.web import ANSWER_WITHIN
    from callcentre.web.client import Client, DaemonAwayError, DaemonError, read

    configuration = read_configuration(path)
    e164 = _number(number, configuration)
    if not yes:
        raise fail(f"{e164}: nothing is erased; add --yes, since nothing brings it back", WRONG)
    import msgspec

    wanted = msgspec.json.encode(PersonToErase(number=e164, by="staff"))
    try:
        answer = await Client(configuration).call("POST", "/api/person/erase", body=wanted, seconds=ANSWER_WITHIN + 10)
        report = read(answer, ErasedPerson)
    except DaemonAwayError as error:
        report = await _without_the_daemon(configuration, e164, error)
    except DaemonError as error:
        raise fail(str(error)) from error
    _show(e164, report)


async def _without_the_daemon(configuration: Configuration, number: str, away: Exception) -> ErasedPerson:
    from callcentre.configuration import FILE
    from callcentre.features.privacy.web import answer_of
    from callcentre.kernel import log
    from callcentre.kernel.program import CannotRun
    from callcentre.kernel.settings import database_of

    database = database_of(configuration)
    if database.path is not None and not database.path.exists():
        raise fail(f"{away}; and {database}: there is no database yet")
    if (why := database.why_not_by_us()) is not None:
        raise fail(f"{away}; and {why}")
    log.configure("error", "console")
    try:
        return answer_of(await erase_alone(configuration, FILE, number, "staff"))
    except CannotRun as error:
        raise fail(f"{error} ({away})") from error
    except ValueError as error:
        raise fail(f"{number}: {error}") from error


def _show(number: str, report: ErasedPerson) -> None:
    rows = ", ".join(f"{table} {count}" for table, count in report.rows.items()) or "none"
    lines = ", ".join(f"{file} {count}" for file, count in report.lines.items()) or "none"
    say(f"{number}: rows erased: {rows}")
    say(f"lines of the log changed: {lines}")
    say("What was open for the person has ended: no callback comes, and no text goes out.")
    if report.kept:
        say(f"kept as a keyed hash: {', '.join(report.kept)}")
    for note in report.notes:
        say(f"not ours to erase: {note}")
    say("Backups, copies of the log elsewhere, and the PBX's own records still have the person until they expire.")
    for what in report.failed:
        say(f"NOT DONE: {what}", err=True)
    for table, count in report.left.items():
        say(f"NOT DONE: {table}: {count} rows are left; run the same command again", err=True)
    if not report.complete:
        raise click.exceptions.Exit(FAILED)


def _number(number: str, configuration: Configuration) -> str:
    from callcentre.values.numbers import normalise

    e164 = normalise(number, configuration.settings.region)
    if e164 is None:
        raise fail(f"{number}: is not a telephone number; write it as +358401234567", WRONG)
    return e164
