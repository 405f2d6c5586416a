"""The text of the file without its secrets, for a browser, and with them again.

Each secret is replaced by a placeholder that names its key, such as `<secret ari.password>`. When the text comes back,
each placeholder becomes the secret of that key again. A placeholder at another place would carry the secret to where it
can be read, so it is a mistake at its position.

What is a secret: a value below a key that is named like one, also by a misspelt name; the password in a URL; and both
in comments. A value that is only the name of an environment variable has no secret in it; its default is one. A text
that already has something like a placeholder gets it back unchanged: `<secret x>` is shown as `<secret =x>`.

Every step is linear in the length of the text, up to the length that the file may have.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import yaml

from callcentre.config.findings import Path
from callcentre.config.problems import Problem, SourceLines, Span, is_secret

_MOST_VISITS: Final = 50_000
"""The most places of a file that are looked at, as when it is read: aliases within aliases have no end."""
_LONGEST: Final = 2_500
"""Characters of a value or comment that is looked into. A longer value is not valid, so it is hidden as a whole."""
_NULL: Final = frozenset({"", "~", "null", "Null", "NULL"})

_PLAIN_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*|[0-9]+")
_TOKEN: Final = re.compile(r"<secret (?P<escapes>=*)(?P<name>[A-Za-z0-9_.-]{1,200})>")
_VARIABLE: Final = re.compile(r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^{}]*))?\}")
_PROPERTIES: Final = re.compile(r"(?:[&!]\S*(?:\s+|\Z))+")
_USER: Final = re.compile(r"://(?P<user>[^:/\s@]*)(?::(?P<password>\S*))?@")
_WEB: Final = ("http", "https")
_PARAMETER: Final = re.compile(r"[?&;](?P<name>[\w.-]{1,60})=(?P<value>(?!\{\{|\$\{)[^&#\s]+)")
_COMMENT: Final = re.compile(r"(?:^|(?<=\s))#[^\r\n]*", re.MULTILINE)
_NAMED: Final = re.compile(r"""(?<![\w.-])(?P<name>[\w.-]++)["']?\s*+[:=]\s*+""")
_BREAK: Final = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


class NotHideable(Exception):  # noqa: N818
    """The secrets of a text cannot be found, because it is not YAML that can be read to its end."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret of a file: its name in placeholders, and what the file has in place of the placeholder.

    `value` is what YAML makes of `raw`; None for a value with parts. `paths` are the keys that it is the value of,
    which are several with aliases. A secret in a comment has none. `indented`: the placeholder has a space before it
    that the secret has not, as a list may begin in the column of its key.
    """

    name: str
    start: int
    end: int
    raw: str = field(repr=False)
    value: str | None = field(repr=False)
    paths: frozenset[Path]
    indented: bool = False


@dataclass(frozen=True, slots=True)
class Hidden:
    """A text with placeholders, and the secrets they stand for, by name."""

    text: str
    secrets: Mapping[str, Secret]


@dataclass(frozen=True, slots=True)
class Edit:
    """A piece of a text and what replaces it."""

    start: int
    end: int
    new: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Restored:
    """A text with its secrets. Each problem is a placeholder that means nothing where it is; it is left as it is."""

    text: str = field(repr=False)
    edits: tuple[Edit, ...]
    problems: tuple[Problem, ...]


class Places:
    """Where the places of a text with its secrets are in the text with placeholders, which is `shown`."""

    def __init__(self, shown: str, restored: Restored) -> None:
        self._edits = restored.edits
        self._shown = _Lines(shown)
        self._restored = _Lines(restored.text)

    def shown(self, line: int, column: int) -> tuple[int, int]:
        """The line and column, from 1, of those in the text with its secrets; within a secret, of its placeholder."""
        offset = self._restored.offset(line, column)
        moved = 0
        for edit in self._edits:
            start = edit.start + moved
            if offset < start + len(edit.new):
                offset = min(offset, start)
                break
            moved += len(edit.new) - (edit.end - edit.start)
        return self._shown.place(max(0, offset - moved))


# --- finding -------------------------------------------------------------------------------------


def hide(text: str) -> Hidden:
    """The text with a placeholder in place of each secret. Raises `NotHideable`."""
    secrets = _Finder(text).secrets()
    edits = [Edit(each.start, each.end, f"{' ' * each.indented}<secret {each.name}>") for each in secrets]
    edits += [
        Edit(found.start("escapes"), found.start("escapes"), "=") for found in _outside(_TOKEN.finditer(text), secrets)
    ]
    return Hidden(_edited(text, edits), {each.name: each for each in secrets})


def _outside(found: Iterator[re.Match[str]], secrets: Iterable[Secret]) -> Iterator[re.Match[str]]:
    """Those that begin and end outside the secrets, which are in the order of the text."""
    waiting = iter(secrets)
    secret = next(waiting, None)
    for each in found:
        while secret is not None and secret.end <= each.start():
            secret = next(waiting, None)
        if secret is None or each.end() <= secret.start:
            yield each


@dataclass(slots=True)
class _Value:
    """A node with all the paths that lead to it."""

    node: yaml.Node
    paths: list[Path] = field(default_factory=list)
    secret: bool = False


class _Finder:
    """Finds the secrets of a text, in its order."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.values = _values(text)

    def secrets(self) -> list[Secret]:
        """Every secret, each once and none within another."""
        found: list[Secret] = []
        spans: list[tuple[int, int]] = []
        names: dict[str, int] = {}
        hidden = 0
        # Of two that begin at the same place, a mapping and its first key, the outer one was found first.
        for value in sorted(self.values, key=lambda each: _start(each.node)):
            begin, end = self._span(value.node)
            if _start(value.node) < hidden:
                continue  # Within a value that is hidden as a whole.
            pieces = list(self._pieces(value, begin, end))
            if isinstance(value.node, yaml.ScalarNode):
                spans.append((begin, end))
            elif pieces:
                spans.append((begin, end))
                hidden = end
            for start, stop, content in pieces:
                name = _numbered(_name(value.paths[0]), names)
                indented = isinstance(value.node, yaml.SequenceNode) and not value.node.flow_style
                raw = self._text[start:stop]
                found.append(Secret(name, start, stop, raw, content, frozenset(value.paths), indented))
        found += self._in_comments(spans)
        return sorted(found, key=lambda each: each.start)

    def _span(self, node: yaml.Node) -> tuple[int, int]:
        """Where a value begins and ends, without its anchor and tag, and without blank lines after it."""
        start, end = _start(node), node.end_mark.index
        end = start + len(self._text[start:end].rstrip())
        properties = _PROPERTIES.match(self._text, start, max(end, start))
        return (properties.end() if properties else start), end

    def _pieces(self, value: _Value, start: int, end: int) -> Iterator[tuple[int, int, str | None]]:
        """Where the secrets in a value are, and what YAML makes of each."""
        node = value.node
        if not isinstance(node, yaml.ScalarNode):
            if value.secret and start < end and node.value:
                yield start, end, None
            return
        inner = (start + 1, end - 1) if node.style in ('"', "'") else (start, end)
        as_written = self._text[slice(*inner)] == node.value
        whole = (*inner, node.value)
        if value.secret:
            variable = _VARIABLE.fullmatch(node.value)
            if not node.value.strip() or (node.style is None and node.value in _NULL):
                if node.style is None and _start(node) < start:
                    # A secret that begins with & or ! and has no quotes: YAML takes it for an anchor or a tag.
                    yield _start(node), end, None
                return
            if variable is None or not as_written:
                yield whole
            elif variable["default"]:
                yield inner[0] + variable.start("default"), inner[0] + variable.end("default"), variable["default"]
        elif len(node.value) > _LONGEST:
            if "://" in node.value:
                yield whole
        elif spans := list(_credentials(node.value)):
            if as_written:
                yield from ((inner[0] + begin, inner[0] + stop, node.value[begin:stop]) for begin, stop in spans)
            else:
                yield whole

    def _in_comments(self, spans: list[tuple[int, int]]) -> Iterator[Secret]:
        count = 0
        for start, end in _gaps(spans, len(self._text)):
            for comment in _COMMENT.finditer(self._text, start, end):
                if (found := _secret_in_comment(comment[0])) is not None:
                    begin, stop = (comment.start() + place for place in found)
                    count += 1
                    raw = self._text[begin:stop]
                    yield Secret(str(count), begin, stop, raw, raw, frozenset())


def _values(text: str) -> list[_Value]:
    """Every value and key of a text, with the paths that lead to it. Raises `NotHideable`."""
    try:
        top = yaml.compose(text, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError) as error:
        raise NotHideable from error
    found: dict[int, _Value] = {}
    waiting: list[tuple[yaml.Node, Path, bool, int]] = [] if top is None else [(top, (), False, 0)]
    visits = 0
    while waiting:
        node, path, secret, depth = waiting.pop()
        visits += 1
        if visits > _MOST_VISITS or depth > 1_000:
            raise NotHideable
        value = found.setdefault(id(node), _Value(node))
        value.paths.append(path)
        value.secret |= secret
        if isinstance(node, yaml.SequenceNode):
            waiting += [(each, (*path, place), secret, depth + 1) for place, each in enumerate(node.value)][::-1]
        elif isinstance(node, yaml.MappingNode):
            for key, below in reversed(node.value):
                name = key.value if isinstance(key, yaml.ScalarNode) else "?"
                waiting.append((below, (*path, name), secret or is_secret(name), depth + 1))
                if isinstance(key, yaml.ScalarNode):
                    found.setdefault(id(key), _Value(key, [(*path, name)]))
                else:
                    waiting.append((key, (*path, name), secret, depth + 1))
    return list(found.values())


def _start(node: yaml.Node) -> int:
    index: int = node.start_mark.index
    return index


def _credentials(text: str) -> Iterator[tuple[int, int]]:
    """Where the passwords in the URLs of a text are."""
    end = 0
    spans = []
    for each in _USER.finditer(text):
        if each["password"]:
            spans.append(each.span("password"))
        elif each["user"] and text[: each.start()].endswith(_WEB):
            # Alone, it is a token. In the URL of a database it is the user.
            spans.append(each.span("user"))
    spans += [each.span("value") for each in _PARAMETER.finditer(text) if is_secret(each["name"])]
    for start, stop in sorted(spans):
        if start >= end:
            yield start, stop
            end = stop


def _secret_in_comment(comment: str) -> tuple[int, int] | None:
    """Where the first secret of a comment begins, and where the comment ends; None: it has no secret."""
    end = len(comment.rstrip())
    if end > _LONGEST:
        return 1, end
    for found in _NAMED.finditer(comment, 0, end):
        if is_secret(found["name"]) and found.end() < end:
            variable = _VARIABLE.fullmatch(comment, found.end(), end)
            if variable is None or variable["default"]:
                return found.end(), end
    for start, _ in _credentials(comment[:end]):
        return start, end
    return None


def _gaps(spans: Iterable[tuple[int, int]], length: int) -> Iterator[tuple[int, int]]:
    """The pieces of a text between these."""
    end = 0
    for start, stop in sorted(spans):
        if start > end:
            yield end, start
        end = max(end, stop)
    yield end, length


def _name(path: Path) -> str:
    """The name of a path in a placeholder: `ari.password`; a hash, where a key has other characters than names have."""
    steps = [str(step) for step in path]
    name = ".".join(steps)
    if len(name) <= 100 and all(map(_PLAIN_NAME.fullmatch, steps)) and not name.isdecimal():
        return name
    return f"at-{hashlib.sha256(repr(path).encode()).hexdigest()[:12]}"


def _unescaped(path: Path) -> Path:
    """The path in the file, where a key may have something like a placeholder, which is shown otherwise."""
    return tuple(step if isinstance(step, int) else _TOKEN.sub(_one_less, step) for step in path)


def _one_less(found: re.Match[str]) -> str:
    return found[0].replace("=", "", 1)


def _numbered(name: str, known: dict[str, int]) -> str:
    """The name, with a number behind it where it is there already."""
    known[name] = known.get(name, 0) + 1
    return name if known[name] == 1 else f"{name}..{known[name]}"


def _edited(text: str, edits: Iterable[Edit]) -> str:
    parts: list[str] = []
    end = 0
    for edit in _in_order(edits):
        parts += (text[end : edit.start], edit.new)
        end = edit.end
    return "".join((*parts, text[end:]))


def variables(text: str) -> Iterator[str]:
    """The names of the environment variables in a text."""
    return (found["name"] for found in _VARIABLE.finditer(text))


def foreign_values(text: str, environ: Mapping[str, str]) -> Iterator[Path]:
    """The values that messages about them would show although the text as it is shown does not have them.

    They come from the environment, or are an alias of a secret. Raises `NotHideable`.
    """
    for value in _values(text):
        if isinstance(value.node, yaml.ScalarNode):
            expanded = any(environ.get(name) for name in variables(value.node.value))
            if value.secret or expanded:
                yield from (path for path in value.paths if not any(isinstance(s, str) and is_secret(s) for s in path))


# --- putting back --------------------------------------------------------------------------------

_MOVED: Final = "is the placeholder of a secret that belongs elsewhere; write the secret of this key itself"
_UNKNOWN: Final = "is the placeholder of a secret that is not known; write the secret itself"
_MOST_ROUNDS: Final = 5
"""How often placeholders are looked at again. After that none of them is put back."""
_OTHERWISE: Final = (
    "is a placeholder whose secret means something else here; leave the quotes and the indentation around it as they "
    "were, or write the secret itself"
)


def restore(shown: str, secrets: Mapping[str, Secret]) -> Restored:
    """The text with these secrets in place of their placeholders. Raises `NotHideable` for a text that is not YAML."""
    if _TOKEN.search(shown) is None:
        return Restored(shown, (), ())
    return _Restoring(shown, secrets).restored()


class _Restoring:
    """One text that is given its secrets back."""

    def __init__(self, shown: str, secrets: Mapping[str, Secret]) -> None:
        self._shown = shown
        self._secrets = secrets
        self._lines = _Lines(shown)
        self._source = SourceLines(shown)
        self._problems: list[Problem] = []

    def restored(self) -> Restored:
        """The text, once the place of each placeholder was looked at."""
        escapes: list[Edit] = []
        wanted: list[_Wanted] = []
        for found, value in self._placed():
            if found["escapes"]:
                escapes.append(Edit(found.start("escapes"), found.start("escapes") + 1, ""))
            elif (secret := self._secret(found, value)) is not None:
                wanted.append(_Wanted(found, value, secret))
        edits = self._edits(wanted, escapes)
        self._problems.sort(key=lambda each: (each.line, each.column))
        return Restored(_edited(self._shown, edits), tuple(edits), tuple(self._problems))

    def _placed(self) -> Iterator[tuple[re.Match[str], _Value | None]]:
        """Each placeholder with the value or key that it is in; None: it is in a comment, or in nothing of the two."""
        values = [each for each in _values(self._shown) if isinstance(each.node, yaml.ScalarNode)]
        for each in values:
            each.paths[:] = map(_unescaped, each.paths)
        values.sort(key=lambda each: _start(each.node))
        place = 0
        for found in _TOKEN.finditer(self._shown):
            while place < len(values) and values[place].node.end_mark.index <= found.start():
                place += 1
            inside = place < len(values) and _start(values[place].node) <= found.start()
            yield found, values[place] if inside else None

    def _secret(self, found: re.Match[str], value: _Value | None) -> Secret | None:
        """The secret of a placeholder; None where it has none, which is then a problem."""
        secret = self._secrets.get(found["name"])
        if secret is None:
            self._refuse(found, value, _UNKNOWN)
            return None
        if value is not None and secret.paths and not secret.paths.issuperset(value.paths):
            self._refuse(found, value, _MOVED, next(path for path in value.paths if path not in secret.paths))
            return None
        if value is None and ("\n" in secret.raw or "\r" in secret.raw):
            self._refuse(found, value, _MOVED)
            return None
        return secret

    def _refuse(self, found: re.Match[str], value: _Value | None, why: str, path: Path | None = None) -> None:
        line, column = self._lines.place(found.start())
        span = Span(line, column, column + len(found[0]))
        where = path or (value.paths[0] if value is not None else ())
        self._problems.append(self._source.problem(span, where, why))

    def _edits(self, wanted: Sequence[_Wanted], escapes: Sequence[Edit]) -> list[Edit]:
        """The changes, in order. A placeholder stays where its secret would mean something else or could be seen."""
        for _ in range(_MOST_ROUNDS):
            edits = _in_order([*(each.edit for each in wanted), *escapes])
            wrong = {each.edit.start: _OTHERWISE for each in self._otherwise(wanted, edits)}
            if not wrong:
                wrong = {each.edit.start: _MOVED for each in self._seen(wanted, edits)}
            if not wrong:
                return edits
            # What is around a placeholder that stays may be read differently: the others are looked at again.
            wanted = self._without(wanted, wrong)
        self._without(wanted, {each.edit.start: _MOVED for each in wanted})
        return _in_order(escapes)

    def _without(self, wanted: Sequence[_Wanted], wrong: Mapping[int, str]) -> list[_Wanted]:
        """Those that are not wrong; the others become problems."""
        for each in wanted:
            if each.edit.start in wrong:
                self._refuse(each.found, each.value, wrong[each.edit.start])
        return [each for each in wanted if each.edit.start not in wrong]

    def _otherwise(self, wanted: Sequence[_Wanted], edits: Iterable[Edit]) -> Sequence[_Wanted]:
        """Those whose secret YAML would read as something else than before; all, where it could read nothing."""
        after: dict[Path, list[yaml.Node]] = {}
        try:
            for value in _values(_edited(self._shown, edits)):
                for path in value.paths:
                    after.setdefault(path, []).append(value.node)
        except NotHideable:
            return wanted
        return [each for each in wanted if not each.is_read(after)]

    def _seen(self, wanted: Iterable[_Wanted], edits: Iterable[Edit]) -> list[_Wanted]:
        """Those whose secret would not be hidden in the changed text."""
        hidden = _Finder(_edited(self._shown, edits)).secrets()
        begins = [each.start for each in hidden]
        places: dict[int, tuple[int, int]] = {}
        moved = 0
        for edit in edits:
            places[edit.start] = (edit.start + moved, edit.start + moved + len(edit.new))
            moved += len(edit.new) - (edit.end - edit.start)
        seen = []
        for each in wanted:
            start, end = places[each.edit.start]
            near = bisect_right(begins, start) - 1
            if near < 0 or hidden[near].end < end:
                seen.append(each)
        return seen


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A placeholder with the value or key that it is in, and its secret."""

    found: re.Match[str]
    value: _Value | None
    secret: Secret

    @property
    def edit(self) -> Edit:
        """The change that puts the secret back."""
        start = self.found.start()
        space = self.secret.indented and self.found.string[start - 1 : start] == " "
        return Edit(start - space, self.found.end(), self.secret.raw)

    def is_read(self, after: Mapping[Path, Sequence[yaml.Node]]) -> bool:
        """Whether YAML reads the secret as before. `after` are the values of the changed text."""
        if self.value is None:
            return True
        return all(any(map(self._is, after.get(path, ()))) for path in self.value.paths)

    def _is(self, node: yaml.Node) -> bool:
        if self.secret.value is None or self.value is None:
            return True
        written: str = self.value.node.value
        means = written.replace(self.found[0], self.secret.value)
        # Another placeholder in the same value is put back too.
        return isinstance(node, yaml.ScalarNode) and (node.value == means or _TOKEN.search(means) is not None)


def _in_order(edits: Iterable[Edit]) -> list[Edit]:
    return sorted(edits, key=lambda each: each.start)


class _Lines:
    """Converts between offsets in a text and lines and columns, which both count from 1."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(found.end() for found in _BREAK.finditer(text))]

    def place(self, offset: int) -> tuple[int, int]:
        """The line and column of an offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and column. A line past the end is the last one."""
        return self._starts[min(line, len(self._starts)) - 1] + column - 1
