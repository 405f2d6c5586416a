"""Shows a plan to the administrator before anything is written."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from callcentre.cli.installing.plan import Change, Plan, decoded

_SECRET = re.compile(r"^([ +-]?\s*(?:\w*password|secret)\s*=>?\s*)\S.*$", re.IGNORECASE)


def shown(plan: Plan) -> Iterator[str]:
    """The plan, line by line: new files, differences of changed files, and commands to run."""
    for note in plan.notes:
        yield f"note: {printable(note)}"
    for change in plan.changes:
        if not change.quiet:
            yield from _change(change)
    quiet = [change for change in plan.changes if change.quiet]
    if quiet:
        yield f"{_count(quiet)}: {quiet[0].why}, in {', '.join(_folders(quiet))}"
    for command in plan.commands:
        program, *arguments = command
        yield f'run: asterisk -rx "{arguments[0]}"' if program == "asterisk" else f"run: {' '.join(command)}"


def _count(changes: list[Change]) -> str:
    count = len({change.path for change in changes})
    return "1 file" if count == 1 else f"{count} files"


def _folders(changes: list[Change]) -> list[str]:
    """The folders of the files, without folders within another one of them."""
    folders: list[str] = []
    for folder in sorted({change.path.rpartition("/")[0] for change in changes}):
        if not folders or not folder.startswith(f"{folders[-1]}/"):
            folders.append(folder)
    return [printable(folder) for folder in folders]


def _change(change: Change) -> Iterator[str]:
    before, after = (decoded(content or b"") for content in (change.before, change.after))
    if change.before is None:
        lines = after.count("\n")
        yield f"new: {printable(change.path)} ({lines} lines): {change.why}"
        if change.kind == "file":
            return
    elif change.after is None:
        yield f"removed: {printable(change.path)}: {change.why}"
        return
    else:
        yield f"changed: {printable(change.path)}: {change.why}"
    difference = difflib.unified_diff(
        before.splitlines(), after.splitlines(), change.path, change.path, "now", "then", lineterm=""
    )
    for line in difference:
        masked = _SECRET.sub(r"\1(not shown)", line)
        yield f"    {printable(masked)}"


def printable(text: str) -> str:
    """A text of somebody else for a terminal: control characters are shown as their codes."""
    return "".join(letter if letter.isprintable() or letter == "\t" else f"\\x{ord(letter):02x}" for letter in text)
