"""The part of scripts/requirements.txt that the program needs when it runs, without what only its tests need."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

EXTRAS = frozenset({"postgresql"})
"""The extras of callcentre that the package brings."""


def needed(project: Path, extras: Iterable[str] = EXTRAS) -> set[str]:
    """The names of everything that a project needs: as its pyproject.toml says, and what is installed here declares."""
    about = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
    found: set[str] = set()
    lines: list[str] = about["dependencies"] + [
        line for extra in extras for line in about["optional-dependencies"][extra]
    ]
    waiting = [dependency for line in lines if (dependency := _dependency(line)) is not None]
    seen = set(waiting)
    while waiting:
        name, wanted = waiting.pop()
        found.add(name)
        for line in requires(name) or ():
            dependency = _dependency(line, wanted)
            if dependency is not None and dependency not in seen:
                seen.add(dependency)
                waiting.append(dependency)
    return found


def _dependency(line: str, extras: Iterable[str] = ()) -> tuple[str, frozenset[str]] | None:
    """The name and extras of a requirement; None: it does not apply here, with these extras of what has it."""
    requirement = Requirement(line)
    marker = requirement.marker
    if marker is not None and not any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
        return None
    return canonicalize_name(requirement.name), frozenset(requirement.extras)


def pinned(lock: Path, names: Iterable[str]) -> str:
    """The lines of a lock file about these distributions. Raises LookupError for one that it lacks."""
    blocks: dict[str, str] = {}
    for block in re.split(r"\n(?=\S)", lock.read_text(encoding="utf-8")):
        if match := re.match(r"([A-Za-z0-9._-]+)(\[.*?\])?==", block):
            blocks[canonicalize_name(match[1])] = block.rstrip() + "\n"
    missing = sorted(set(names) - blocks.keys())
    if missing:
        raise LookupError(f"{lock}: lacks {', '.join(missing)}")
    return "".join(blocks[name] for name in sorted(names))
