"""Findings of a check of the settings, before they get a position in the file."""

from dataclasses import dataclass
from typing import Literal

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence about the value at `path`; an error stops the daemon from starting, a warning does not.

    `rests_on` names every other value that the sentence depends on. When one of them is itself mistaken, the finding
    may be wrong, and is dropped.
    """

    path: Path
    message: str
    severity: Literal["error", "warning"]
    rests_on: tuple[Path, ...] = ()


def error(path: Path, message: str, *rests_on: Path) -> Finding:
    """A combination that cannot work."""
    return Finding(path, message, "error", rests_on)


def warning(path: Path, message: str, *rests_on: Path) -> Finding:
    """A combination that works, but probably not as meant."""
    return Finding(path, message, "warning", rests_on)
