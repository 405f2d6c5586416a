"""What a check of the settings found, before it has a place in the file."""

from dataclasses import dataclass
from typing import Literal

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence about the value at `path`; an error stops the daemon from starting, a warning does not.

    `rests_on` names every other value the sentence was drawn from: when one of them is itself mistaken, nobody can
    know, and the finding is dropped.
    """

    path: Path
    message: str
    severity: Literal["error", "warning"]
    rests_on: tuple[Path, ...] = ()


def error(path: Path, message: str, *rests_on: Path) -> Finding:
    """A combination that cannot work."""
    return Finding(path, message, "error", rests_on)


def warning(path: Path, message: str, *rests_on: Path) -> Finding:
    """A combination that works, and probably not as meant."""
    return Finding(path, message, "warning", rests_on)
