"""A mistake in the file, with its position, in the form that people read.

config.yaml:31:9: services.support.callback.offer.min_wiat: unknown key; did you mean min_wait?
   31 |         min_wiat: 5m
      |         ^^^^^^^^
"""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, NamedTuple

from callcentre.config.findings import Path

# What YAML counts as the end of a line.
_LINE_END: Final = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
# The expression tries each word once, as a whole. Trying it from each of its letters would take quadratic time.
_KEY: Final = re.compile(
    r"""(?<![\w.-])(?P<name>[\w.-]++)["']?\s*+:(?:\s++|$)|(?<!\w)(?P<scheme>\w++://)(?=[^/\s]*@)"""
)
_SECRET_NAMES: Final = ("password", "token", "secret", "auth_token")
_HIDDEN: Final = "…"
_WIDEST: Final = 120
_LONGEST_MISSPELT: Final = 40


class Span(NamedTuple):
    """A position on one line: both count from 1, `end` is the column after the last."""

    line: int
    column: int
    end: int


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake, or a warning. `line` is 0 when it concerns the file as a whole; `path` is the keys that lead to it."""

    line: int
    column: int
    end: int
    path: Path
    message: str
    source: str = ""

    def place(self, file: str) -> str:
        """Where it is, on one line: the file, line and column, and the keys."""
        parts = [f"{file}:{self.line}:{self.column}" if self.line else file, dotted(self.path)]
        return ": ".join(part for part in parts if part)

    def render(self, file: str, word: str = "") -> str:
        """One to three lines: where, what, and the line with a caret under it; `word` is e.g. "warning"."""
        parts = [f"{file}:{self.line}:{self.column}" if self.line else file, word, dotted(self.path), self.message]
        sentence = ": ".join(part for part in parts if part)
        if not self.line:
            return sentence
        line, column, width = _window(self.source, self.column, self.end - self.column)
        caret = "".join("\t" if character == "\t" else " " for character in line[: column - 1].ljust(column - 1))
        return f"{sentence}\n{self.line:5} | {line}\n      | {caret}{'^' * width}"


def dotted(path: Path) -> str:
    """A path in the form that people write: services.support.survey.questions[0].text."""
    written = ""
    for step in path:
        if isinstance(step, int):
            written += f"[{step}]"
        else:
            plain = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in step[:60])
            written += f".{plain}" if written else plain
    return written


def _window(line: str, column: int, width: int) -> tuple[str, int, int]:
    """The part of a long line around its mistake, and the position of the mistake in that part."""
    first = max(0, column - 1 - _WIDEST // 2) if len(line) > _WIDEST else 0
    part = line[first : first + _WIDEST].rstrip()
    column = min(column - first, max(len(part), 1))
    return part, column, max(1, min(width, len(part) - column + 1))


class SourceLines:
    """The lines of the file, with secrets hidden."""

    def __init__(self, text: str) -> None:
        self._lines = _LINE_END.split(text)
        # Many problems may be on the same line, so each line is examined once.
        self._shown: dict[int, str] = {}
        self._secrets: dict[int, int | None] = {}
        self._around: list[int] | None = None

    def __len__(self) -> int:
        return len(self._lines)

    def text(self, line: int) -> str:
        """A line of the file, counted from 1; "" past the end."""
        return self._lines[line - 1] if line <= len(self._lines) else ""

    def shown(self, line: int) -> str:
        """A line to show: without its first secret and all that follows, and without control characters."""
        if line not in self._shown:
            self._shown[line] = self._for_eyes(line)
        return self._shown[line]

    def _for_eyes(self, line: int) -> str:
        text = self.text(line)
        if self._continues_a_secret(line):
            return _HIDDEN
        secret = self._secret_in(line)
        text = text if secret is None else text[:secret] + _HIDDEN
        return "".join(each if each.isprintable() or each == "\t" else "\N{REPLACEMENT CHARACTER}" for each in text)

    def problem(self, span: Span, path: Path, message: str) -> Problem:
        """A problem at a place, with the line of that place."""
        return Problem(span.line, span.column, span.end, path, message, self.shown(span.line))

    def _continues_a_secret(self, line: int) -> bool:
        """Whether a less indented line above begins a secret that may continue over several lines."""
        if self._around is None:
            self._around = self._lines_around()
        around = self._around[line] if line < len(self._around) else 0
        while around:
            if self._secret_in(around) is not None:
                return True
            around = self._around[around]
        return False

    def _lines_around(self) -> list[int]:
        """For each line, from 1, the nearest less indented line above it; 0: none. One pass over the lines."""
        around = [0]
        open_yet: list[tuple[int, int]] = []
        for line, text in enumerate(self._lines, 1):
            indent = _indent(text)
            if not text.strip():
                around.append(0)  # An empty line has nothing to hide, and ends nothing.
                continue
            while open_yet and open_yet[-1][1] >= indent:
                open_yet.pop()
            around.append(open_yet[-1][0] if open_yet else 0)
            open_yet.append((line, indent))
        return around

    def _secret_in(self, line: int) -> int | None:
        if line not in self._secrets:
            self._secrets[line] = _first_secret(self.text(line))
        return self._secrets[line]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _first_secret(line: str) -> int | None:
    """Where the first password or token of a line begins, also after a misspelt key or inside a URL."""
    return next((found.end() for found in _KEY.finditer(line) if found["scheme"] or is_secret(found["name"])), None)


def is_secret(key: str) -> bool:
    """Whether a key is named like that of a password or token, also where it is misspelt."""
    name = key.casefold()
    if any(word in name for word in _SECRET_NAMES):
        return True
    return len(name) <= _LONGEST_MISSPELT and bool(get_close_matches(name, _SECRET_NAMES, 1, 0.75))
