"""Finds replaced words: `python -m scripts.wording [--count | --all] [FILE…]`; `words.toml` beside this lists them.

`--all` and `--count` look also at the files in which a word has not been replaced yet.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tokenize
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path

LIST = Path(__file__).with_name("words.toml")
SUFFIXES = {".py", ".md", ".toml", ".yaml", ".yml", ".html", ".conf", ".css", ".js", ""}

NAMES, PROSE = "names", "prose"

_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
"""The parts of a name in snake_case or CamelCase; a word of prose is one part."""


@dataclass(frozen=True, slots=True)
class Replaced:
    """An entry of the list. `where` is `NAMES`, `PROSE` or "" for both; `files` are those in which it is allowed."""

    words: frozenset[str]
    phrases: tuple[re.Pattern[str], ...]
    write: str
    where: str = ""
    allow: tuple[re.Pattern[str], ...] = ()
    files: tuple[str, ...] = ()

    def is_allowed(self, line: str, start: int, end: int) -> bool:
        """Whether the line around a match is one of those that stay allowed."""
        return any(found.start() < end and start < found.end() for one in self.allow for found in one.finditer(line))


@dataclass(frozen=True, slots=True)
class Found:
    """A replaced word in a file."""

    file: str
    line: int
    word: str
    write: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.word} -> {self.write}"


@dataclass(frozen=True, slots=True)
class WordList:
    """The replaced words, and the files that are not looked at."""

    replaced: tuple[Replaced, ...]
    exempt: tuple[str, ...]

    def is_exempt(self, file: str) -> bool:
        """Whether the file is not looked at."""
        return any(fnmatch(file, pattern) for pattern in self.exempt)


def read(path: Path = LIST) -> WordList:
    """The list of a file."""
    listed = tomllib.loads(path.read_text(encoding="utf-8"))
    replaced = tuple(
        Replaced(
            words=frozenset(each.get("words", ())),
            phrases=tuple(re.compile(phrase) for phrase in each.get("phrases", ())),
            write=each["write"],
            where=each.get("where", ""),
            allow=tuple(re.compile(pattern) for pattern in each.get("allow", ())),
            files=tuple(each.get("files", ())),
        )
        for each in listed["replaced"]
    )
    return WordList(replaced, tuple(pattern for each in listed["exempt"] for pattern in each["files"]))


def pieces(file: str, text: str) -> Iterator[tuple[int, str, str]]:
    """Line number, kind (`NAMES` or `PROSE`) and text of each piece of a file."""
    if not file.endswith(".py") and not text.startswith("#!/usr/bin/env python"):
        for number, line in enumerate(text.splitlines(), 1):
            yield number, PROSE, line
        return
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NAME:
            yield token.start[0], NAMES, token.string
        elif token.type == tokenize.STRING or token.type == tokenize.COMMENT:
            for number, line in enumerate(token.string.splitlines(), token.start[0]):
                yield number, PROSE, line


def find(words: WordList, file: str, text: str) -> Iterator[Found]:
    """All replaced words of a file, in order."""
    lines = text.splitlines()
    those = [each for each in words.replaced if not any(fnmatch(file, pattern) for pattern in each.files)]
    by_word: dict[str, list[Replaced]] = {}
    for each in those:
        for word in each.words:
            by_word.setdefault(word, []).append(each)
    for number, kind, piece in pieces(file, text):
        for part in _PART.finditer(piece):
            for each in by_word.get(part[0].lower(), ()):
                if each.where in ("", kind) and not _allowed(each, lines[number - 1], piece, part):
                    yield Found(file, number, part[0], each.write)
    for number, line in enumerate(lines, 1):
        for each in those:
            for phrase in each.phrases:
                for match in phrase.finditer(line):
                    if not each.is_allowed(line, *match.span()):
                        yield Found(file, number, match[0].strip(), each.write)


def _allowed(each: Replaced, line: str, piece: str, part: re.Match[str]) -> bool:
    if not each.allow:
        return False
    shift = max(0, line.find(piece))
    return each.is_allowed(line, part.start() + shift, part.end() + shift)


def files_of_git() -> list[str]:
    """All files that git knows or would add."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    return [file for file in listed if Path(file).suffix in SUFFIXES and Path(file).is_file()]


def found_in(words: WordList, files: Iterable[str]) -> Iterator[Found]:
    """All replaced words of these files."""
    for file in files:
        if not words.is_exempt(file):
            try:
                text = Path(file).read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
            yield from find(words, file, text)


def counts(found: Iterable[Found]) -> str:
    """A table: how often each word is there, by the first two folders of the file."""
    counted = Counter((one.word.lower(), "/".join(one.file.split("/")[:-1][:3]) or one.file) for one in found)
    return "\n".join(f"{word:14} {number:5}  {folder}" for (word, folder), number in sorted(counted.items()))


def main(arguments: Sequence[str]) -> int:
    """Print what is found; 1 when something is."""
    counting = "--count" in arguments
    files = [argument for argument in arguments if argument not in ("--count", "--all")] or files_of_git()
    words = read()
    if counting or "--all" in arguments:
        words = WordList(tuple(replace(each, files=()) for each in words.replaced), words.exempt)
    found = list(found_in(words, files))
    print(counts(found) if counting else "\n".join(map(str, found)) or "no replaced word")
    return 1 if found and not counting else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
