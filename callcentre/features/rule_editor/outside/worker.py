"""The process that checks texts of the configuration file: `python -m …worker MODULE`.

A thread would share the interpreter with the event loop: a text that keeps its checker busy would keep callers waiting.
The process reads a question from each line and writes its answer on a line, at low priority, and within limits of
memory and time. The daemon kills it when it takes too long.
"""

from __future__ import annotations

import gc
import importlib
import os
import pickle
import resource
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, assert_never

import msgspec

from callcentre.config.checked import Checked, check
from callcentre.config.hidden import Hidden, NotHideable, Secret, hide
from callcentre.config.parts import FileShape
from callcentre.config.problems import Problem, SourceLines, dotted
from callcentre.config.read import ConfigurationError, parse
from callcentre.features.rule_editor.differences import difference
from callcentre.features.rule_editor.outside.messages import (
    Check,
    Compare,
    Differences,
    Failed,
    Files,
    Look,
    Mistake,
    Question,
    Ready,
    Sight,
    Tried,
    Verdict,
    WhatIf,
)
from callcentre.kernel.log import where
from callcentre.what_if.past import MakePastRule

_MEMORY: Final = 1024**3
_NICER: Final = 10
LONGEST: Final = 60
"""Seconds of computing for one question. Nothing else ends a process whose daemon was killed."""
_ENOUGH: Final = 300 * 1024
"""KiB. A worker that has more gives its memory back by ending; the next question starts another."""


@dataclass(frozen=True, slots=True)
class Worker:
    """Answers questions. `past_rules` gives the rules that are tried on calls of the past."""

    shape: FileShape
    past_rules: Callable[[], Sequence[MakePastRule]]
    environ: Mapping[str, str]

    def answer(self, question: Question) -> Sight | Verdict | Differences | Tried:
        """The answer to a question."""
        match question:
            case Look():
                return self._look(question.files)
            case Check():
                return self._verdict(question)
            case Compare():
                after = self._without_secrets(question.after, question.files) if question.typed else question.after
                return Differences(lines=difference(question.before, after))
            case WhatIf():
                return self._tried(question)
            case _:
                assert_never(question)

    def _look(self, files: Files) -> Sight:
        disk, in_force = _hidden(files.disk), _hidden(files.in_force)
        shown = disk or in_force
        text = "" if shown is None else shown.text
        found = Checked(())
        if disk is not None:
            found = check(self.shape, disk.text, disk.secrets, self.environ, Path(files.path))
        elif files.disk is not None:
            # Where the secrets of such a text are is not known, so that its lines are left out.
            found = check(self.shape, files.disk, {}, self.environ, Path(files.path))
            found = Checked(tuple(replace(each, source="") for each in found.problems))
        return Sight(
            text=None if shown is None else text,
            sha256=digest(text),
            is_of_disk=disk is not None,
            problems=mistakes(found.problems),
            warnings=mistakes(found.warnings),
            waiting=[] if disk is None or in_force is None else difference(in_force.text, disk.text),
        )

    def _check(self, text: str, files: Files) -> Checked:
        """Check a text. A placeholder stands for the secret that the file has, or else the text that applies."""
        known: dict[str, Secret] = {}
        for each in (_hidden(files.in_force), _hidden(files.disk)):
            known |= {} if each is None else each.secrets
        return check(self.shape, text, known, self.environ, Path(files.path))

    def _verdict(self, question: Check) -> Verdict:
        found = self._check(question.text, question.files)
        # A secret that was typed is hidden in the difference.
        before, after = _hidden(question.files.in_force), _hidden(found.text)
        verdict = Verdict(problems=mistakes(found.problems), warnings=mistakes(found.warnings))
        if before is not None and after is not None:
            secrets = [name for name, each in after.secrets.items() if _differs(before.secrets.get(name), each)]
            changes = difference(before.text, after.text)
            verdict = msgspec.structs.replace(verdict, changes=changes, secrets=secrets)
        if found.configuration is not None and after is not None:
            ready = Ready(
                text=_with_ends_of(question.files.disk, found.configuration.text),
                shown=after.text,
                sha256=digest(after.text),
                settings=pickle.dumps(found.configuration.settings),
            )
            verdict = msgspec.structs.replace(verdict, ready=ready)
        return verdict

    def _without_secrets(self, text: str, files: Files) -> str:
        """A text that was typed, without the secrets in it. Of a text that is no YAML, lines with secrets are cut."""
        hidden = _hidden(self._check(text, files).text)
        if hidden is not None:
            return hidden.text
        lines = SourceLines(text)
        return "\n".join(lines.shown(number) for number in range(1, len(lines) + 1))

    def _tried(self, question: WhatIf) -> Tried:
        from callcentre.features.rule_editor.outside.past_calls import compared

        new = self._check(question.text, question.files).configuration
        if new is None:
            return Tried(problem="mistakes")
        try:
            old = parse(self.shape, question.files.in_force, self.environ, Path(question.files.path))
        except ConfigurationError:
            # A variable of the environment cannot have gone: the process has that of the daemon.
            return Tried(problem="in_force")
        return compared(question, old.settings, new.settings, self.past_rules())


def _hidden(text: str | None) -> Hidden | None:
    """A text without its secrets. Its lines end as a browser has them."""
    try:
        return None if text is None else hide(text.replace("\r\n", "\n"))
    except NotHideable:
        return None


def _differs(before: Secret | None, after: Secret) -> bool:
    return before is not None and before.raw != after.raw


def _with_ends_of(file: str | None, text: str) -> str:
    """The text with lines that end as in the file."""
    return text.replace("\n", "\r\n") if file is not None and "\r\n" in file else text


def digest(text: str) -> str:
    """The SHA-256 of a text in hexadecimal digits."""
    return sha256(text.encode()).hexdigest()


def mistakes(problems: Iterable[Problem]) -> list[Mistake]:
    """Problems for the browser."""
    return [
        Mistake(
            line=each.line, column=each.column, end=each.end, where=dotted(each.path), message=each.message,
            shown="\n".join(each.render("").split("\n")[1:]) if each.source else "",
        )
        for each in problems
    ]  # fmt: skip


def _main(module: Any) -> None:
    os.nice(_NICER)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    worker = Worker(module.FILE, module.past_rules, os.environ)
    decode = msgspec.json.Decoder(Question).decode
    for line in sys.stdin.buffer:
        used = resource.getrusage(resource.RUSAGE_SELF)
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + LONGEST, resource.RLIM_INFINITY))
        try:
            answer: Any = worker.answer(decode(line))
        except Exception as error:
            answer = Failed(error=f"{type(error).__name__} at {where(error)}")
        sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
        sys.stdout.buffer.flush()
        if _resident() > _ENOUGH:
            return


def _resident() -> int:
    """KiB of memory in use (proc(5), statm). The most that getrusage says may be that of the process before exec."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() // 1024


if __name__ == "__main__":
    # All that is imported stays: a collection of garbage would look through it.
    _module = importlib.import_module(sys.argv[1])
    gc.freeze()
    _main(_module)
