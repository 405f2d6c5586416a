"""The command that prints what an administrator includes in Asterisk."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from callcentre.terminal import CONFIG, WRONG, Command, configuration, fail, say, waits

if TYPE_CHECKING:
    from callcentre.config.settings import Settings
    from callcentre.telephony.dialplan import Pbx

NOTHING_PRINTED = """\
; callcentre had nothing to print here; it said on standard error why.
; Asterisk warns of the next line in its log each time it reads this file, and does nothing else with it.
; With `callcentre dialplan --output FILE` a good file stays when there is nothing to print.
#callcentre-dialplan-printed-nothing-print-it-again-with-the-option-output
"""
"""Printed instead of an empty text: a pipe hides the exit code, and an empty file would go unnoticed.

Asterisk cannot be made to keep its present dialplan: it skips the unreadable part of an included file and continues. A
mistake that it refuses would help only in its first file, where it would disable the whole PBX at the next start.
"""


class ForAsterisk(Command):
    """A command whose output may go into one of Asterisk's files, which must not become empty when it fails."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        given = list(args)
        try:
            return super().make_context(info_name, args, parent, **extra)
        except click.UsageError:
            _print_nothing(given)
            raise

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.exceptions.Exit as error:
            if error.exit_code:
                _print_nothing(["--output"] if ctx.params.get("output") else [])
            raise
        except Exception:
            _print_nothing(["--output"] if ctx.params.get("output") else [])
            raise


def _print_nothing(arguments: list[str]) -> None:
    to_a_file = any(argument.partition("=")[0] == "--output" for argument in arguments)
    if not to_a_file and not _is_a_terminal():
        click.echo(NOTHING_PRINTED, nl=False)  # noqa: TID251 - for programs, unchanged


def _is_a_terminal() -> bool:
    return sys.stdout.isatty()


@click.command(
    cls=ForAsterisk,
    epilog="Example:\n  callcentre dialplan --asterisk 22 --output /etc/asterisk/callcentre.conf",
)
@CONFIG
@click.option("--asterisk", "version", help="Asterisk's version, such as 22; left out: asks ARI.")
@click.option(
    "--part", type=click.Choice(["extensions", "queues"]), default="extensions", show_default=True,
    help="For which file the text is: extensions.conf, or queues.conf.",
)  # fmt: skip
@click.option(
    "--pbx",
    type=click.Choice(["plain", "freepbx"]),
    default="plain",
    show_default=True,
    help="Whose dialplan is around it: freepbx has a way of its own into every queue.",
)
@click.option("--add", is_flag=True, help="With --part queues: add to the sections that the queues have already.")
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write, whole and only when there is something to write. Left out: standard output.",
)  # fmt: skip
@waits
async def dialplan(path: Path, version: str | None, part: str, pbx: Pbx, add: bool, output: Path | None) -> None:
    """The text for extensions.conf, or with --part queues for queues.conf."""
    from callcentre.telephony import dialplan as text

    if add and part != "queues":
        raise click.UsageError("--add is for --part queues")
    settings = configuration(path).settings
    major = major_of(await version_of_asterisk(settings) if version is None else version)
    printed = text.queues(settings, added=add) if part == "queues" else text.extensions(settings, major, pbx)
    if output is None:
        click.echo(printed, nl=False)  # noqa: TID251 - for programs, unchanged
    else:
        say(f"{output}: {_written(output, printed)}")


def _written(file: Path, printed: str) -> str:
    from callcentre.cli.installing.carrying_out import write_atomically

    content = printed.encode()
    try:
        if file.is_file() and file.read_bytes() == content:
            return "is so already"
        write_atomically(file, content)
    except OSError as error:
        raise fail(f"{file}: cannot be written: {(error.strerror or str(error)).lower()}; it is as it was") from error
    return "written"


def major_of(version: str) -> int:
    """The major version of an Asterisk that is supported; ends the command for any other version."""
    from callcentre.telephony import dialplan as text

    major = text.major_version(version)
    if major is None or major < text.OLDEST:
        raise fail(f"--asterisk {version}: give a version from {text.OLDEST} on, such as 22", WRONG)
    return major


async def version_of_asterisk(settings: Settings) -> str:
    """Asterisk's version, read over ARI; ends the command when ARI does not answer."""
    from callcentre.telephony.ari import AriError, Client
    from callcentre.telephony.settings import AriSettings

    try:
        ari = settings.section(AriSettings)
        async with Client(ari.url, ari.username, ari.password) as client:
            system = (await client.asterisk.get_info()).system
    except AriError as error:
        raise fail(f"Asterisk's version is not known ({error}); give it with --asterisk 22") from error
    return system.version if system is not None else ""
