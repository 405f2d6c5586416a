"""Reads the file as text, lists and mappings, with the position of every key and value in it.

PyYAML reads the structure only (BaseLoader): scalars stay as written. After that, `${NAME}` is replaced in values, so
the value of an environment variable is data and never YAML.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from callcentre.config.findings import Path
from callcentre.config.problems import Problem, SourceLines, Span

_NULL: Final = frozenset({"", "~", "null", "Null", "NULL"})
_LONGEST_WALK: Final = 50_000
_LONGEST_SCALAR: Final = 2_500
"""Characters.

A text message may have 2,000. With this limit, code that reads a value need not be fast for long ones.
"""

_DEEPEST: Final = 50
_VARIABLE: Final = re.compile(r"\$\{(?!\{)(?:(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<default>:-(?P<text>[^{}]*))?\})?")


@dataclass(slots=True)
class Source:
    """A file that was read: `data` of None, str, list and dict, the positions of its parts, and its mistakes.

    A mistaken part is in `pruned`, and is None in `data`.
    """

    lines: SourceLines
    data: dict[str, Any] = field(default_factory=dict)
    keys: dict[Path, Span] = field(default_factory=dict)
    values: dict[Path, Span] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    pruned: set[Path] = field(default_factory=set)
    is_readable: bool = True

    def key_at(self, path: Path) -> Span:
        """The position of the key of `path`, or of the nearest key around it."""
        return self._nearest(self.keys, path)

    def value_at(self, path: Path) -> Span:
        """The position of the value of `path`, or of the nearest key around it."""
        return self.values.get(path) or self.key_at(path)

    def _nearest(self, spans: Mapping[Path, Span], path: Path) -> Span:
        for length in range(len(path), 0, -1):
            found = spans.get(path[:length]) or self.values.get(path[:length])
            if found:
                return found
        return Span(1, 1, 2)


def read_yaml(text: str, environ: Mapping[str, str]) -> Source:
    """Read a file's text. Nothing is raised: mistakes are in `problems`."""
    source = Source(SourceLines(text))
    try:
        node = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.reader.ReaderError as error:
        line, column = _place(text, error.position)
        _give_up(
            source, Span(line, column, column + 1), f"holds a character that YAML forbids: U+{error.character:04X}"
        )
        return source
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        span = Span(mark.line + 1, mark.column + 1, mark.column + 2) if mark else Span(1, 1, 2)
        _give_up(source, span, f"is not YAML: {_sentence(error)}")
        return source
    except RecursionError:
        _give_up(source, Span(1, 1, 2), "is nested too deeply")
        return source
    match node:
        case None:
            source.data = {}
        case yaml.MappingNode():
            walk = _Walk(source, environ)
            source.data = walk.value(node, ())
            source.is_readable = not walk.is_lost
        case _:
            _give_up(source, _span(node), "must begin with keys, such as ari: and services:")
    return source


def _give_up(source: Source, span: Span, message: str) -> None:
    source.problems.append(source.lines.problem(span, (), message))
    source.is_readable = False


_NAMED: Final = {
    "found undefined alias": "put a value that begins with * in quotes",
    "found duplicate anchor": "put a value that begins with & in quotes",
    "found undefined tag handle": "put a value that begins with ! in quotes",
}
"""Mistakes that PyYAML reports with a name from the file, and how to fix each."""


def _sentence(error: yaml.MarkedYAMLError) -> str:
    if error.problem == "found character '\\t' that cannot start any token":
        return "a tab is where YAML wants spaces; indent with spaces"
    said = ", ".join(part for part in (error.context, error.problem) if part)
    # The name may be an unquoted password, and this message goes into the log.
    for what, fix in _NAMED.items():
        if what in said:
            return f"{what}; {fix}"
    return said


def _place(text: str, position: int) -> tuple[int, int]:
    before = SourceLines(text[:position])
    return len(before), len(before.text(len(before))) + 1


def _span(node: yaml.Node) -> Span:
    start, end = node.start_mark, node.end_mark
    width = end.column - start.column if end.line == start.line else 1
    return Span(start.line + 1, start.column + 1, start.column + 1 + max(width, 1))


class _Walk:
    """One pass over the nodes, top down, in the order of the file."""

    def __init__(self, source: Source, environ: Mapping[str, str]) -> None:
        self._source = source
        self._environ = environ
        self._above: list[yaml.Node] = []
        self._seen = 0
        self.is_lost = False

    def value(self, node: yaml.Node, path: Path) -> Any:
        self._seen += 1
        if self.is_lost:
            return None
        if self._seen > _LONGEST_WALK:
            self.is_lost = True
            return self._refuse(path, "the file holds too much: aliases that hold aliases grow without end")
        if any(node is above for above in self._above):
            return self._refuse(path, "an alias holds itself; write the value out")
        if len(self._above) >= _DEEPEST:
            return self._refuse(path, "is nested too deeply")
        self._above.append(node)
        try:
            match node:
                case yaml.MappingNode():
                    return self._mapping(node, path)
                case yaml.SequenceNode():
                    return self._sequence(node, path)
                case yaml.ScalarNode():
                    return self._scalar(node, path)
                case _:
                    raise TypeError(f"PyYAML knows no other node: {node!r}")
        finally:
            self._above.pop()

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for key, value in node.value:
            span = _span(key)
            if not isinstance(key, yaml.ScalarNode):
                self._refuse_at(span, path, "a key must be a word; write it as key: value")
                continue
            name = key.value
            if len(name) > _LONGEST_SCALAR:
                self._refuse_at(span, path, f"a key is {len(name)} characters long; at most {_LONGEST_SCALAR} are read")
                continue
            here = (*path, name)
            if name in mapping:
                first = self._source.keys[here].line
                self._refuse_at(span, here, f"is here twice, first in line {first}; keep one of the two")
                continue
            if name == "<<" and key.style is None:
                self._refuse_at(span, here, "merging is not supported; an alias can stand for a whole value only")
                continue
            self._source.keys[here] = span
            self._source.values[here] = span if _is_block(value) else _span(value)
            mapping[name] = self.value(value, here)
        return mapping

    def _sequence(self, node: yaml.SequenceNode, path: Path) -> list[Any]:
        items = []
        for place, item in enumerate(node.value):
            here = (*path, place)
            self._source.keys[here] = self._source.values[here] = _span(item)
            items.append(self.value(item, here))
        return items

    def _scalar(self, node: yaml.ScalarNode, path: Path) -> str | None:
        if node.style is None and node.value in _NULL:
            return None
        if len(node.value) > _LONGEST_SCALAR:
            self._refuse(path, f"is {len(node.value)} characters long; at most {_LONGEST_SCALAR} are read")
            return None
        problems: list[str] = []

        def expanded(found: re.Match[str]) -> str:
            name, default = found["name"], found["text"]
            if name is None:
                problems.append("${ begins the name of an environment variable; write ${NAME} or ${NAME:-default}")
                return ""
            value = self._environ.get(name)
            if value is None and default is None:
                problems.append(f"{name} is not set in the environment; set it, or write ${{{name}:-default}}")
            elif value is not None and not _is_text(value):
                problems.append(f"{name} in the environment is not UTF-8")
            return value or default or ""

        text = _VARIABLE.sub(expanded, node.value)
        for problem in dict.fromkeys(problems):
            self._refuse(path, problem)
        return None if problems else text

    def _refuse(self, path: Path, message: str) -> None:
        self._source.pruned.add(path)
        self._refuse_at(self._source.value_at(path), path, message)

    def _refuse_at(self, span: Span, path: Path, message: str) -> None:
        self._source.problems.append(self._source.lines.problem(span, path, message))


def _is_block(node: yaml.Node) -> bool:
    return isinstance(node, yaml.CollectionNode) and not node.flow_style


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
