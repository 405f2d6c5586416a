"""The finding about one examined thing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

State = Literal["ok", "warning", "error"]

Area = Literal[
    "", "configuration", "database", "files", "machine", "service", "certificates", "asterisk", "queues", "dialplan",
    "dialling", "sounds", "gateway",
]  # fmt: skip
"""What a finding is about, for programs. Empty: not assigned yet."""

COLUMNS = ("what", "ok", "fix", "note", "area", "state")


@dataclass(frozen=True, slots=True)
class Finding:
    """One examined thing.

    `fix` says what to do, None when nothing is wrong; `note` is worth knowing without a fault. A fault that is `minor`
    keeps nothing from working today.
    """

    what: str
    fix: str | None = None
    note: str | None = None
    minor: bool = False
    area: Area = ""

    @property
    def well(self) -> bool:
        """Whether nothing is wrong."""
        return self.fix is None

    @property
    def state(self) -> State:
        """ok, warning for a minor fault, error for any other."""
        if self.fix is None:
            return "ok"
        return "warning" if self.minor else "error"

    def row(self) -> dict[str, Any]:
        """The finding for programs, with these `COLUMNS`."""
        return {"what": self.what, "ok": self.well, "fix": self.fix, "note": self.note, "area": self.area,
                "state": self.state}  # fmt: skip


def warning(what: str, fix: str) -> Finding:
    """A minor fault."""
    return Finding(what, fix, minor=True)


def about(area: Area, findings: Iterable[Finding]) -> list[Finding]:
    """These findings as findings about an area, except those that have one already."""
    return [finding if finding.area else replace(finding, area=area) for finding in findings]
