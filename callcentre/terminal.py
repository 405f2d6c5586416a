"""What all commands share: groups, options, errors, and lists.

Modules that not every command needs are imported where they are needed, because importing them takes time.
"""

from __future__ import annotations

import csv
import errno
import gc
import os
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import click

from callcentre.values.characters import as_json, cleaned, harmless, one_line

if TYPE_CHECKING:
    from callcentre.config.parts import FileShape
    from callcentre.config.read import Configuration

FAILED, WRONG = 1, 2

LOW_PRIORITY = 10
"""Added to the niceness (-20 to 19) of a long-running command: calls come first."""

_ONE_LINE = 1_000_000
"""More columns than any row has."""

P = ParamSpec("P")
T = TypeVar("T")


_NOT_WRITTEN = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


@dataclass(frozen=True, slots=True)
class Declared:
    """What all components declare, for commands of components that do not know the others: the main group's object.

    `file` returns the shape of the configuration file. `parts` and `alone` are those of `callcentre.app`.
    """

    file: Callable[[], FileShape]
    parts: Callable[[str, str], Iterable[Any]]
    alone: Callable[..., Awaitable[Any]]


def declared() -> Declared:
    """What the components of the running program declare."""
    found: Declared = click.get_current_context().find_root().obj
    return found


class Group(click.Group):
    """Shows examples and exit codes unchanged, and fails when standard output cannot be written."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except OSError as error:
            if error.errno not in _NOT_WRITTEN:
                raise
            # Otherwise Python would report the rest of the buffer again at exit, with an exit code of its own.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise fail(f"cannot be written: {error.strerror}") from error
        return result

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        _write_epilog(self.epilog, formatter)


class Command(click.Command):
    """Shows its example unchanged."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        _write_epilog(self.epilog, formatter)


def _write_epilog(epilog: str | None, formatter: click.HelpFormatter) -> None:
    if epilog:
        formatter.write_paragraph()
        for line in epilog.splitlines():
            formatter.write(f"{line}\n")


class Typed(click.ParamType[Any]):
    """The type of an option that a function parses. The function raises ValueError with the sentence to show."""

    def __init__(self, name: str, read: Callable[[str], Any]) -> None:
        self.name = name
        self._read = read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return self._read(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Names(click.Choice[str]):
    """The type of an option that is one of some names, which are found when the command is run or explained."""

    def __init__(self, find: Callable[[], Iterable[str]]) -> None:
        self.case_sensitive = True
        self._find = find

    @property
    def choices(self) -> tuple[str, ...]:  # type: ignore[override]
        """The names, in their order."""
        return tuple(self._find())


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"is not a date: {text}; write it as 2026-12-24") from None


DAY = Typed("DATE", _day)
"""The type of an option that is a day, such as 2026-12-24."""

CONFIG = click.option(
    "-c",
    "--config",
    "path",
    type=click.Path(path_type=Path),
    default=Path("config.yaml"),
    show_default=True,
    help="The configuration file.",
)
FORMAT = click.option(
    "--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True,
    help="The form of what is shown.",
)  # fmt: skip


def say(message: str = "", *, err: bool = False) -> None:
    """Print a text for people, without control characters that quoted data may contain."""
    click.echo(cleaned(message), err=err)


def fail(message: str, code: int = FAILED) -> click.exceptions.Exit:
    say(message, err=True)
    return click.exceptions.Exit(code)


def configuration(path: Path) -> Configuration:
    """The configuration. With mistakes, prints all of them to standard error and exits with 2."""
    collects = gc.isenabled()
    gc.disable()  # Imported modules are not garbage: looking through them takes a sixth of the time of `check`.
    from callcentre.config.read import ConfigurationError, read

    try:
        return read(declared().file(), path)
    except ConfigurationError as error:
        raise fail(str(error), WRONG) from error
    finally:
        if collects:
            gc.freeze()
            gc.enable()


def waits(command: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        import asyncio

        return asyncio.run(command(*args, **kwargs))

    return run


def show(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], form: str) -> None:
    """Print a list: for people, for programs, or for a spreadsheet."""
    match form:
        case "json":
            click.echo(as_json(list(rows)))
        case "csv":
            writer = csv.DictWriter(sys.stdout, columns, extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows({name: harmless(row.get(name)) for name in columns} for row in rows)
        case _:
            from rich.console import Console
            from rich.table import Table

            table = Table(box=None, pad_edge=False)
            for name in columns:
                table.add_column(name, overflow="fold")
            for row in rows:
                table.add_row(*("" if row.get(name) is None else one_line(str(row[name])) for name in columns))
            # A terminal folds long rows; in a pipe or a file each row is one line.
            folded = sys.stdout.isatty() or "COLUMNS" in os.environ
            Console(width=None if folded else _ONE_LINE, markup=False, highlight=False).print(table)


def show_facts(facts: Sequence[Mapping[str, Any]], form: str) -> None:
    """Print facts, in their order."""
    columns = list(dict.fromkeys(name for fact in facts for name in fact))
    if form == "table":
        said = [{"at": f["at"], "event": f["event"], "what": _details(f)} for f in facts]
        show(said, ("at", "event", "what"), form)
    else:
        show(facts, columns, form)


def _details(fact: Mapping[str, Any]) -> str:
    """The fields of a fact that are not in a column of their own."""
    common = {"event", "at", "id", "call", "queue", "service", "number", "caller", "message"}
    return " ".join(f"{name}={value}" for name, value in fact.items() if name not in common)
