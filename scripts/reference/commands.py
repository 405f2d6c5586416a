"""Every command, from click: what `--help` says."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Final

import click

from callcentre.cli.main import main
from scripts.reference.markdown import code, plain, table

PROGRAM: Final = "callcentre"
_EVERYWHERE: Final = {"path"}
"""Options of every command, which the page explains once: -c."""
_EXAMPLE: Final = re.compile(r"Examples?:\n(.*)", re.DOTALL)


def all_commands(
    group: click.Group = main, above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """The words of each command below a group, and the command."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from all_commands(command, (*above, name))
        elif not command.hidden:
            yield (*above, name), command


def every_command() -> str:
    """An overview, and a heading for each command with its options and an example."""
    known = dict(all_commands())
    rows = [(f"[`{PROGRAM} {' '.join(words)}`](#{'-'.join(words)})", _summary(each)) for words, each in known.items()]
    return "\n\n".join([table(("command", "does"), rows), *(_described(words, each) for words, each in known.items())])


def _described(words: tuple[str, ...], command: click.Command) -> str:
    context = click.Context(command, info_name=f"{PROGRAM} {' '.join(words)}")
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    parts = [f"## {' '.join(words)}", _paragraphs(command), f"```\n{usage}\n```"]
    options = [each for each in command.params if isinstance(each, click.Option) and each.name not in _EVERYWHERE]
    rows = [(_spelled(each, context), _default(each, context), plain(each.help or "")) for each in options]
    if rows:
        parts.append(table(("option", "default", "meaning"), rows))
    if example := _EXAMPLE.search(command.epilog or ""):
        parts.append(f"```sh\n{inspect.cleandoc(example[1])}\n```")
    return "\n\n".join(parts)


def _paragraphs(command: click.Command) -> str:
    """The help text."""
    text = inspect.cleandoc(command.help or "").replace("\f", "")
    return "\n\n".join(plain(part.strip()) for part in text.split("\n\n"))


def _summary(command: click.Command) -> str:
    return _paragraphs(command).partition("\n\n")[0]


def _spelled(option: click.Option, context: click.Context) -> str:
    names = ", ".join(code(name) for name in (*option.opts, *option.secondary_opts))
    if option.is_flag:
        return names
    kind = option.type
    if isinstance(kind, click.Choice):
        return f"{names} {', '.join(code(str(choice)) for choice in kind.choices)}"
    return f"{names} {code(option.make_metavar(context))}"


def _default(option: click.Option, context: click.Context) -> str:
    if option.required:
        return "required"
    shown = option.get_help_extra(context).get("default")
    return code(str(shown)) if shown else ""
