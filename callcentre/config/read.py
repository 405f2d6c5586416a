"""Reads the file: returns typed settings, or all mistakes in it at once."""

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any, Final

import yaml
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from callcentre.config.checks import findings
from callcentre.config.findings import Finding, Path
from callcentre.config.parts import FileShape
from callcentre.config.private import kind_of
from callcentre.config.problems import Problem, Span
from callcentre.config.scalars import but_is, listed
from callcentre.config.settings import Settings
from callcentre.config.shape import field_at, fields_below
from callcentre.config.templates import suggestion
from callcentre.config.texts import text_findings
from callcentre.config.yaml_source import Source, read_yaml

LARGEST: Final = 1024 * 1024
"""Octets of a file."""
TOO_LARGE: Final = f"is larger than {LARGEST // 1024} KiB: that is not a configuration"
_MOST_PROBLEMS: Final = 200
"""The most problems of a file that are reported; nobody reads more at once."""
_MOST_SUGGESTIONS: Final = 1_000
"""The most mistakes that get an explanation, since each is compared with all known keys for it."""


class ConfigurationError(Exception):
    """The file cannot be used; `problems` are all its mistakes, in the order of the file."""

    def __init__(self, file: File, problems: Iterable[Problem]) -> None:
        self.file = file
        self.problems = tuple(problems)
        super().__init__(file, self.problems)

    def __str__(self) -> str:
        """Every problem in the form that people read."""
        return "\n".join(problem.render(str(self.file)) for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Configuration:
    """A usable file: its path as given, its settings, warnings for its author, and its text, which has its secrets."""

    path: File
    settings: Settings
    warnings: tuple[Problem, ...] = ()
    text: str = field(default="", repr=False)

    @property
    def folder(self) -> File:
        """The folder of the file. Paths in the file are relative to it."""
        return self.path.absolute().parent


def read(shape: FileShape, path: File, environ: Mapping[str, str] = os.environ) -> Configuration:
    """Read and check a whole file of this shape, without contacting anything. Raises ConfigurationError."""
    return parse(shape, text_of(path), environ, path)


def parse(shape: FileShape, text: str, environ: Mapping[str, str], path: File = File("config.yaml")) -> Configuration:
    """Check the text of a file of this shape; `path` is its name in messages. Raises ConfigurationError.

    First every value is checked by itself. Mistaken values are then replaced by valid ones, so that combinations can be
    checked too. Findings about replaced values are dropped.
    """
    source = read_yaml(text, environ)
    if not source.is_readable:
        raise ConfigurationError(path, in_order(source.problems))
    if not source.data and not source.problems:
        raise ConfigurationError(path, [Problem(0, 0, 0, (), "is empty; begin with the config.yaml of callcentre")])
    validation = _Validation(source, shape)
    settings = validation.run()
    found = [] if settings is None else [each for each in _findings(settings, shape) if validation.can_know(each)]
    problems = [*source.problems, *validation.problems, *_placed(source, found, "error")]
    if problems or settings is None:
        raise ConfigurationError(path, in_order(problems))
    return Configuration(path, settings, in_order(_placed(source, found, "warning")), text)


def _findings(settings: Settings, shape: FileShape) -> Iterator[Finding]:
    yield from findings(settings)
    yield from shape.findings(settings)
    yield from text_findings(settings, shape)


def text_of(path: File) -> str:
    """The text of a file, without a byte order mark. Raises ConfigurationError: no text, or too long."""
    try:
        content = _content(path)
    except FileNotFoundError as error:
        raise _unusable(path, "cannot be read: there is no such file; name yours with -c FILE") from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise _unusable(path, f"cannot be read: {reason}") from error
    except ValueError as error:
        raise _unusable(path, f"cannot be read: {error}") from error
    if len(content) > LARGEST:
        raise _unusable(path, TOO_LARGE)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        message = f"is not UTF-8: byte 0x{content[error.start]:02X}; save the file as UTF-8"
        raise ConfigurationError(path, [Problem(line, column, column + 1, (), message)]) from error


def _content(path: File) -> bytes:
    """The content, up to one byte more than allowed. Never waits for a pipe or a device. Raises `OSError`."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode):
        os.close(handle)
        raise _unusable(path, f"is {kind_of(found.st_mode)}; name an ordinary file with -c FILE")
    with open(handle, "rb") as file:
        content = file.read(LARGEST + 1)
        if content and found.st_size == 0:
            # A file of /proc is generated while it is read, and may have no end.
            what = "is not an ordinary file: it has no size, but contents"
            raise _unusable(path, f"{what}; name an ordinary file with -c FILE")
        return content


def _unusable(path: File, message: str) -> ConfigurationError:
    return ConfigurationError(path, [Problem(0, 0, 0, (), message)])


def _placed(source: Source, found: Iterable[Finding], severity: str) -> list[Problem]:
    return [
        source.lines.problem(source.value_at(each.path), each.path, each.message)
        for each in found
        if each.severity == severity
    ]


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each problem once, in the order of the file, up to as many as anybody reads."""
    reported = sorted(dict.fromkeys(problems), key=lambda each: (each.line, each.column))
    if len(reported) > _MOST_PROBLEMS:
        more = len(reported) - _MOST_PROBLEMS
        reported[_MOST_PROBLEMS:] = [Problem(0, 0, 0, (), f"and {more} more; correct these first")]
    return tuple(reported)


class _Validation:
    """Validates again and again until no mistake is left, and collects the mistakes."""

    _MOST_ROUNDS = 40

    def __init__(self, source: Source, shape: FileShape) -> None:
        self._model = shape.model
        self._source = source
        self._data = deepcopy(source.data)
        self._replaced: set[Path] = set()
        self._around_replaced: set[Path] = set()
        self.problems: list[Problem] = []

    def run(self) -> Settings | None:
        """The settings, with mistaken parts replaced; None when mistakes remain after every replacement."""
        for path in sorted(self._source.pruned, key=len, reverse=True):
            self._replace(path)
        for _ in range(self._MOST_ROUNDS):
            try:
                return self._model.model_validate(self._data)
            except ValidationError as error:
                mistakes = [_Mistake(each, self._model) for each in error.errors(include_url=False)]
            meant = {mistake.meant for mistake in mistakes[:_MOST_SUGGESTIONS]}
            new = [
                each
                for each in mistakes
                if not self._follows_from_another(each.path) and not (each.is_missing and each.path in meant)
            ]
            free = max(0, _MOST_SUGGESTIONS - len(self.problems))
            self.problems += [mistake.problem(self._source) for mistake in new[:free]]
            self.problems += [mistake.unexplained(self._source) for mistake in new[free:]]
            for mistake in mistakes:
                self._replace(mistake.path)
        return None

    def can_know(self, finding: Finding) -> bool:
        """Whether the finding depends on no value that was replaced."""
        return not (
            self._is_within_replaced(finding.path) or any(self._follows_from_another(path) for path in finding.rests_on)
        )

    def _follows_from_another(self, path: Path) -> bool:
        return path in self._around_replaced or self._is_within_replaced(path)

    def _is_within_replaced(self, path: Path) -> bool:
        return any(path[:length] in self._replaced for length in range(len(path) + 1))

    def _replace(self, path: Path) -> None:
        """Remove the value, or put its example where it is required. An entry of a list takes the list with it."""
        while path in self._replaced and path:
            path = path[:-1]
        self._replaced.add(path)
        self._around_replaced.update(path[:length] for length in range(len(path) + 1))
        if not path:
            return
        parent, key = self._at(path[:-1]), path[-1]
        if not isinstance(parent, dict) or not isinstance(key, str):
            self._replace(path[:-1])
            return
        field = field_at(self._model, path)
        if field is not None and field.is_required() and field.examples:
            parent[key] = deepcopy(field.examples[0])
        else:
            parent.pop(key, None)

    def _at(self, path: Path) -> Any:
        value: Any = self._data
        for step in path:
            match value:
                case dict():
                    value = value.get(step)
                case list() if isinstance(step, int) and step < len(value):
                    value = value[step]
                case _:
                    return None
        return value


class _Mistake:
    """One error of pydantic, in our words and at its position."""

    def __init__(self, details: ErrorDetails, model: type[Settings]) -> None:
        self._model = model
        location = details["loc"]
        self._is_of_key = bool(location) and location[-1] == "[key]"
        self._details = details
        self.path: Path = location[:-1] if self._is_of_key else location

    @property
    def is_missing(self) -> bool:
        """Whether a required key is missing."""
        return self._details["type"] == "missing"

    @property
    def meant(self) -> Path | None:
        """For an unknown key, the path of the known key that it resembles."""
        if self._details["type"] != "extra_forbidden":
            return None
        near = suggestion(str(self.path[-1]), list(fields_below(self._model, self.path[:-1])))
        return (*self.path[:-1], near.removeprefix("did you mean ").removesuffix("?")) if near else None

    def problem(self, source: Source) -> Problem:
        """The mistake with its position in the file."""
        return source.lines.problem(self._span(source), self.path, self._message())

    def unexplained(self, source: Source) -> Problem:
        """As `problem`, without a suggestion."""
        return source.lines.problem(self._span(source), self.path, "is wrong too")

    def _span(self, source: Source) -> Span:
        match self._details["type"]:
            case "missing":
                return source.key_at(self.path[:-1])
            case "extra_forbidden":
                return source.key_at(self.path)
            case _:
                return source.key_at(self.path) if self._is_of_key else source.value_at(self.path)

    def _message(self) -> str:
        match self._details["type"]:
            case "missing":
                return f"is missing; write {self._example()}"
            case "extra_forbidden":
                known = list(fields_below(self._model, self.path[:-1]))
                near = suggestion(str(self.path[-1]), known)
                return f"unknown key; {near or 'known here are ' + listed(known, 'and')}"
            case "value_error":
                return str(self._details["ctx"]["error"])
            case "model_type" | "model_attributes_type" | "dict_type":
                return f"needs keys below it{but_is(self._details['input'])}{self._keys()}"
            case "tuple_type":
                return f"needs a list, such as [a, b]{but_is(self._details['input'])}"
            case "too_short":
                return "needs at least one entry"
            case _:
                return self._details["msg"]

    def _example(self) -> str:
        return self._written(_example_of(field_at(self._model, self.path)))

    def _keys(self) -> str:
        """How a section is written: with its first required key, else with its first key."""
        fields = fields_below(self._model, self.path)
        key = next((name for name, field in fields.items() if field.is_required()), next(iter(fields), None))
        field = field_at(self._model, self.path)
        example = {key: _example_of(fields[key])} if key is not None else _example_of(field)
        return f"; write e.g. {self._written(example)}" if field and isinstance(example, dict) else ""

    def _written(self, value: Any) -> str:
        """The key with a value, as one line of YAML."""
        written = yaml.safe_dump(
            {self.path[-1]: value}, default_flow_style=True, allow_unicode=True, width=1_000_000, sort_keys=False
        )
        return written.strip()[1:-1]


def _example_of(field: FieldInfo | None) -> Any:
    return field.examples[0] if field and field.examples else "…"
