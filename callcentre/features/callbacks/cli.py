"""`callcentre callbacks`: the open callbacks, read from the running daemon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from callcentre.terminal import CONFIG, FORMAT, WRONG, Command, Group, fail, say, show, show_facts, waits
from callcentre.terminal import configuration as read_configuration

if TYPE_CHECKING:
    from callcentre.features.callbacks.listing import ListedCallback
    from callcentre.kernel.database import Database


class _ListsByItself(Group):
    """Runs `list` when no command is named, and accepts the options of a command before its name too."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            place = self._place_of_command(args)
            args = ["list", *args] if place is None else [args[place], *args[:place], *args[place + 1 :]]
        return super().parse_args(ctx, args)

    def _place_of_command(self, args: Sequence[str]) -> int | None:
        """The position of the command among the options: a file or a service may have the name of a command."""
        take_a_value = {name for option in self.commands["list"].params for name in option.opts}
        named = (place for place, word in enumerate(args) if word in self.commands)
        return next((place for place in named if args[place - 1] not in take_a_value), None)


@click.group(cls=_ListsByItself, epilog="Example:\n  callcentre callbacks --format csv > open.csv")
def callbacks() -> None:
    """Open callbacks: lists them when no command is named."""


@callbacks.command("list", cls=Command, epilog="Example:\n  callcentre callbacks list --service support")
@CONFIG
@FORMAT
@click.option("--service", help="Only those of this service.")
@waits
async def list_callbacks(path: Path, form: str, service: str | None) -> None:
    """The open callbacks in the order of the queue: place, age in seconds, attempts, what comes next, why it waits.

    `told` says what the customer has been told and has answered: texted, delivered, call_due, called, heard, kept,
    moved or failed.
    """
    from callcentre.features.callbacks.listing import ListedCallback
    from callcentre.features.callbacks.outside.client import Daemon, DaemonError

    try:
        found = await Daemon(read_configuration(path)).listed(service)
    except DaemonError as error:
        raise fail(str(error)) from error
    rows = [_figures(callback) for callback in found]
    if form == "table":
        said = [
            row
            | {"age": f"{callback.age:.0f} s", "next step": callback.next_step, "why": callback.says}
            | {"told": f"{callback.told or ''}{' (wants no texts)' if callback.opted_out else ''}".strip()}
            for row, callback in zip(rows, found, strict=True)
        ]
        show(said, ("place", "id", "number", "service", "age", "attempts", "told", "next step", "why"), form)
    else:
        show(rows, [name for name in ListedCallback.__struct_fields__ if name != "says"], form)


def _figures(callback: ListedCallback) -> dict[str, Any]:
    """The fields of a callback without the sentence."""
    import msgspec

    row: dict[str, Any] = msgspec.to_builtins(callback)
    del row["says"]
    return row


@callbacks.command("show", cls=Command, epilog="Example:\n  callcentre callbacks show cb-1795325295.0")
@CONFIG
@FORMAT
@click.argument("callback", metavar="ID")
@waits
async def show_callback(path: Path, form: str, callback: str) -> None:
    """The whole story of one callback, open or over. Works without the daemon too."""
    from callcentre.features.callbacks.outside.client import Daemon, DaemonAwayError, DaemonError, NotFoundError
    from callcentre.kernel.settings import database_of

    configuration = read_configuration(path)
    now: ListedCallback | None = None
    try:
        story = await Daemon(configuration).story(callback)
        facts, now = story.facts, story.open
    except DaemonAwayError:
        facts = await _story(callback, database_of(configuration))
        say("From the database alone: only a running daemon knows its place and its next step.", err=True)
    except NotFoundError:
        facts = ()
    except DaemonError as error:
        raise fail(str(error)) from error
    if not facts and now is None:
        raise fail(f"no fact of a callback {callback}: its id is as in `callcentre callbacks`, or in the log")
    if form == "table" and now is not None:
        place = "" if now.place is None else f"place {now.place}, "
        say(f"{now.service}, {now.number}: {place}{now.says}")
    show_facts(facts, form)


async def _story(callback: str, database: Database) -> Sequence[Mapping[str, Any]]:
    from callcentre.features.callbacks.outside.story import story_of
    from callcentre.kernel.errors import StoreError

    try:
        return await story_of(callback, database)
    except StoreError as error:
        raise fail(str(error)) from error


@callbacks.command("cancel", cls=Command, epilog="Example:\n  callcentre callbacks cancel cb-1795325295.0")
@CONFIG
@click.argument("callback", metavar="ID")
@waits
async def cancel_callback(path: Path, callback: str) -> None:
    """Take an open callback back; a call of ours that is under way ends, but no conversation with an agent."""
    from callcentre.features.callbacks.outside.client import Daemon, DaemonError

    try:
        await Daemon(read_configuration(path)).withdraw(callback)
    except DaemonError as error:
        raise fail(str(error)) from error
    say(f"{callback}: cancelled")


@callbacks.command(
    "add",
    cls=Command,
    epilog='Example:\n  callcentre callbacks add 0401234567 --service support --name "Aino Virtanen"',
)
@CONFIG
@click.argument("number")
@click.option("--service", required=True, help="A service of the configuration.")
@click.option("--name", default="", help="Who is called; the agent's phone shows it.")
@waits
async def add_callback(path: Path, number: str, service: str, name: str) -> None:
    """Have NUMBER called back, as the last of the queue."""
    from callcentre.features.callbacks.bodies import NewCallback
    from callcentre.features.callbacks.outside.client import Daemon, DaemonError

    configuration = read_configuration(path)
    if service not in configuration.settings.services:
        known = ", ".join(configuration.settings.services)
        raise fail(f"--service {service}: {path} has no such service; it has: {known}", WRONG)
    try:
        wanted = NewCallback(number=number, service=service, name=name, by="staff")
        taken, is_new = await Daemon(configuration).request(wanted)
    except DaemonError as error:
        raise fail(str(error)) from error
    place = "" if taken.place is None else f", place {taken.place}"
    say(f"{taken.id}: {'taken' if is_new else 'open already'}{place}")


COMMANDS = (callbacks,)
