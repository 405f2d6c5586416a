"""What an examination by `callcentre doctor` found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal

import msgspec

State = Literal["ok", "warning", "error"]

_WORST_FIRST: Final[Mapping[State, int]] = MappingProxyType({"error": 0, "warning": 1, "ok": 2})


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `callcentre doctor --format json`.

    `fix` says what to do, None when nothing is wrong; `note` is worth knowing without a fault.
    """

    what: str
    state: State
    area: str = ""
    fix: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """An examination. `problem`: why nothing was found out; None: `findings` are what was found, the worst first."""

    at: datetime
    findings: Sequence[Finding] = ()
    problem: str | None = None

    def count(self, state: State) -> int:
        """How many findings have this state."""
        return sum(finding.state == state for finding in self.findings)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings with the worst first; those of one state in the order in which they were examined."""
    return tuple(sorted(findings, key=lambda finding: _WORST_FIRST[finding.state]))
