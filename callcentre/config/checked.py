"""Checks a text of the file that is written in a browser: the same mistakes at the same places, in the same words.

The text has placeholders for secrets (`hidden.py`), and no message shows a secret or a value of the environment. The
one exception to the same words follows from that: a mistake in such a value says only where it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path as File
from typing import Final

from callcentre.config.findings import Path
from callcentre.config.hidden import NotHideable, Places, Restored, Secret, foreign_values, restore, variables
from callcentre.config.parts import FileShape
from callcentre.config.problems import Problem, SourceLines
from callcentre.config.read import LARGEST, TOO_LARGE, Configuration, ConfigurationError, in_order, parse

NOT_SHOWN: Final = (
    "is wrong, and is not shown here because it is a secret or comes from the environment; callcentre check on the "
    "daemon's machine says what is wrong"
)
_SHORTEST: Final = 4
"""Characters of a value that is looked for in messages. A shorter one is part of many words."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What is wrong with a text, at the places of the text with placeholders.

    `text` is the text with its secrets; None where that cannot be known, since the text is no YAML. `configuration` has
    the settings; None where there are problems.
    """

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...] = ()
    text: str | None = None
    configuration: Configuration | None = None


def check(
    shape: FileShape,
    shown: str,
    secrets: Mapping[str, Secret],
    environ: Mapping[str, str],
    path: File = File("config.yaml"),
) -> Checked:
    """Check a text with placeholders for these secrets. Nothing is raised."""
    if len(shown.encode(errors="surrogateescape")) > LARGEST:
        return Checked((Problem(0, 0, 0, (), TOO_LARGE),))
    try:
        restored = restore(shown, secrets)
        foreign = frozenset(foreign_values(restored.text, environ))
    except NotHideable:
        return _of_no_yaml(shape, shown, environ, path)
    view = _View(shown, restored, foreign, frozenset(_values(shown, secrets, environ)))
    try:
        configuration = parse(shape, restored.text, environ, path)
    except ConfigurationError as error:
        return Checked(view.of(error.problems), text=restored.text)
    if restored.problems:
        return Checked(view.of(()), text=restored.text)
    return Checked((), view.of(configuration.warnings), restored.text, configuration)


def _of_no_yaml(shape: FileShape, shown: str, environ: Mapping[str, str], path: File) -> Checked:
    """Why a text cannot be read: no value of it was."""
    try:
        parse(shape, shown, environ, path)
    except ConfigurationError as error:
        return Checked(error.problems)
    return Checked((Problem(0, 0, 0, (), "holds too much to be shown in a browser"),))


def _values(shown: str, secrets: Mapping[str, Secret], environ: Mapping[str, str]) -> Iterator[str]:
    """What no message may show: secrets, and the values of the variables that the text names.

    What the text shows anyway is no secret: a password that is the user's name, or the word callcentre.
    """
    found = [(each.value or each.raw).strip() for each in secrets.values()]
    found += [environ.get(name, "") for name in variables(shown)]
    yield from (value for value in found if len(value) >= _SHORTEST and value not in shown)


@dataclass(frozen=True, slots=True)
class _View:
    """How problems of the text with its secrets look in the text with placeholders."""

    shown: str
    restored: Restored
    foreign: frozenset[Path]
    values: frozenset[str]

    def of(self, problems: Iterable[Problem]) -> tuple[Problem, ...]:
        """Them, with those of the placeholders. What follows from a placeholder that means nothing is left out."""
        own = self.restored.problems
        known = {each.path for each in own}
        lines, places = SourceLines(self.shown), Places(self.shown, self.restored)
        others = (self._placed(each, lines, places) for each in problems if each.path not in known)
        return in_order([*own, *others])

    def _placed(self, problem: Problem, lines: SourceLines, places: Places) -> Problem:
        message = NOT_SHOWN if self._must_not_be_shown(problem) else problem.message
        if not problem.line:
            return replace(problem, message=message)
        line, column = places.shown(problem.line, problem.column)
        _, end = places.shown(problem.line, problem.end)
        return replace(
            problem, line=line, column=column, end=max(end, column + 1), message=message, source=lines.shown(line)
        )

    def _must_not_be_shown(self, problem: Problem) -> bool:
        return any(problem.path[: len(path)] == path for path in self.foreign) or any(
            value in problem.message for value in self.values
        )
