"""Reads the configuration files of Asterisk as Asterisk itself does, and keeps the position of each statement.

Source of the rules: main/config.c of Asterisk 20 to 22. Asterisk stops at a `Trouble`: it ignores the rest of an
included file, or the whole configuration when the trouble is in the first file. This reader continues there, since that
is what the administrator meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

_DEEPEST = 11
"""Asterisk follows `#include` only to this depth; the first file counts as 1."""


class Sources(Protocol):
    """The files of a configuration."""

    def matching(self, pattern: str) -> Sequence[tuple[str, str]]:
        """The path and text of each file that a name matches: absolute or in Asterisk's folder, `*` allowed."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Option:
    """`name=value`."""

    name: str
    value: str
    place: Place


@dataclass(slots=True)
class Section:
    """`[name]` with its inherited options, its own options, and those that `[name](+)` added, in this order."""

    name: str
    place: Place
    template: bool = False
    options: list[Option] = field(default_factory=list)

    def last(self, name: str) -> Option | None:
        """The option that applies: the last one of several."""
        return next((option for option in reversed(self.options) if option.name.lower() == name.lower()), None)


@dataclass(frozen=True, slots=True)
class Include:
    """An `#include` or `#tryinclude`, and the files that it found."""

    target: str
    place: Place
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trouble:
    """A mistake at which Asterisk stops reading. `whole`: it is in the first file, which is then ignored as a whole."""

    place: Place
    what: str
    whole: bool

    def __str__(self) -> str:
        rest = "the whole of it, with all that it includes" if self.whole else "the rest of this file"
        return f"{self.place}: {self.what}; Asterisk leaves out {rest}"


@dataclass(slots=True)
class Configuration:
    """The statements of a file and of all files that it includes."""

    sections: list[Section] = field(default_factory=list)
    includes: list[Include] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    unread: list[Place] = field(default_factory=list)
    """`#exec` lines: the output of the program is unknown."""

    def section(self, name: str, *, templates: bool = False) -> Section | None:
        """The section that Asterisk finds by a name: the first one, whatever its case."""
        found = (each for each in self.sections if each.name.lower() == name.lower())
        return next((each for each in found if templates or not each.template), None)

    def files(self) -> set[str]:
        """Every file that is included."""
        return {file for include in self.includes for file in include.files}


def read(name: str, sources: Sources) -> Configuration:
    """Read a file such as `queues.conf`, and all files that it includes. A missing file counts as empty."""
    reading = _Reading(sources)
    for file, text in sources.matching(name):
        reading.take(file, text, None)
    return reading.configuration


def statements(text: str) -> Iterator[tuple[int, str]]:
    """The lines with statements, with their numbers from 1, without comments and without blanks around them."""
    depth = 0
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        said, depth = _uncommented(line, depth)
        if said := said.strip():
            yield number, said


def _uncommented(line: str, depth: int) -> tuple[str, int]:
    r"""A line without its comments: `;` to the end of the line, `;-- … --;` over several lines; `\;` is a semicolon."""
    kept: list[str] = []
    begin = at = 0
    while (found := line.find(";", at)) >= 0:
        if found > at and line[found - 1] == "\\":
            line = line[: found - 1] + line[found:]
            at = found
        elif line.startswith(";--", found) and not line.startswith("-", found + 3):
            if depth == 0:
                kept.append(line[begin:found])
            depth += 1
            at = found + 3
        elif depth and found - at >= 2 and line[found - 2 : found] == "--":
            depth -= 1
            at = found + 1
            if depth == 0:
                begin = at
        elif depth == 0:
            return "".join([*kept, line[begin:found]]), depth
        else:
            at = found + 1
    if depth == 0:
        kept.append(line[begin:])
    return "".join(kept), depth


class _StopsError(Exception):
    """The rest of an included file is not read."""


class _Reading:
    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._depth = 0
        self.configuration = Configuration()
        self._current: Section | None = None

    def take(self, file: str, text: str, section: Section | None) -> None:
        """Read the text of a file whose first lines belong to `section`.

        That is the section that was begun last in any file. The including file then continues with its own.
        """
        self._depth += 1
        try:
            self._lines(file, text, section)
        finally:
            self._depth -= 1

    def _lines(self, file: str, text: str, section: Section | None) -> None:
        for number, line in statements(text):
            place = Place(file, number)
            if line.startswith("["):
                section = self._current = self._section(line, place) or section
            elif line.startswith("#"):
                self._directive(line, place)
            elif section is None:
                self._trouble(place, f"is before the first [section]: {line}")
            else:
                self._option(line, place, section)

    def _trouble(self, place: Place, what: str) -> None:
        whole = self._depth == 1
        self.configuration.troubles.append(Trouble(place, what, whole))
        if not whole:
            raise _StopsError

    # --- sections --------------------------------------------------------------------------------

    def _section(self, line: str, place: Place) -> Section | None:
        name, closed, rest = line[1:].partition("]")
        if not closed:
            self._trouble(place, f"has no closing ]: {line}")
            return None
        section = Section(name, place)
        if not rest.startswith("("):
            self.configuration.sections.append(section)
            return section
        words, closed, _ = rest[1:].partition(")")
        if not closed:
            self._trouble(place, f"has no closing ): {line}")
            return None
        target: Section | None = section
        for word in words.split(","):
            if word == "!":
                section.template = True
            elif word.startswith("+"):
                target = self._added_to(section, place, templates=word == "+TEMPLATES=include")
            else:
                self._inherit(target or section, word, place)
        if target is section:
            self.configuration.sections.append(section)
        return target

    def _added_to(self, section: Section, place: Place, *, templates: bool) -> Section | None:
        found = self.configuration.section(section.name, templates=templates)
        if found is None:
            self._trouble(place, f"adds to a section that is not there before it: [{section.name}](+)")
            return None
        found.options += section.options
        found.template |= section.template
        return found

    def _inherit(self, section: Section, name: str, place: Place) -> None:
        base = self.configuration.section(name, templates=True)
        if base is None:
            self._trouble(place, f"inherits from a section that is not there before it: {name}")
        else:
            section.options += base.options

    # --- what is in them -------------------------------------------------------------------------

    def _option(self, line: str, place: Place, section: Section) -> None:
        if line.startswith("\\"):
            line = line[1:]
        name, equals, value = line.partition("=")
        if not equals:
            return  # Asterisk warns and continues.
        if name.endswith("+"):
            name = name[:-1].strip()
            before = next((option for option in reversed(section.options) if option.name == name), None)
            value = f"{before.value if before else ''}{value}"
        value = value.removeprefix(">")
        if name.strip():
            section.options.append(Option(name.strip(), value.strip(), place))

    def _directive(self, line: str, place: Place) -> None:
        word, _, target = line[1:].replace("\t", " ").partition(" ")
        target = target.strip()
        if word.lower() == "exec" and target:
            self.configuration.unread.append(place)
        if word.lower() not in ("include", "tryinclude") or not target:
            return  # Asterisk warns and continues.
        for opening, closing in ('""', "<>"):
            if len(target) > 1 and target[0] == opening and target[-1] == closing:
                target = target[1:-1]
                break
        found = self._sources.matching(target) if self._depth < _DEEPEST else ()
        self.configuration.includes.append(Include(target, place, tuple(file for file, _ in found)))
        if self._depth >= _DEEPEST:
            self._trouble(place, f"includes files too deep within each other: {target}")
        elif not found and word.lower() == "include":
            self._trouble(place, f"includes a file that is not there: {target}")
        with suppress(_StopsError):
            for file, text in found:
                self.take(file, text, self._current)
